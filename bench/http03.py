#!/usr/bin/env python3
"""A component of wasi:http 0.3 behind HTTP: Spindle with reused and with fresh instances, beside
`wasmtime serve` with the same reuse on the same component file; a body of 1 GiB echoed; a stream of
events to many clients at once.

    ./dev bench http03 [--json] [--seconds N] [--rounds N] [--component FILE [--path PATH]] [--clients N]

Each server is pinned to one core and the load to another; rounds take turns, figures are medians
over the rounds. Without --component it is the guest `async` of the tests.
"""

import asyncio
import socket
import threading
import time

from common import (Path, Server, hello_application, json, load, medians, parser, print_figures, take_turns, tempfile,
                    wasmtime_program)

ECHO_BYTES = 1 << 30
PIECE = bytes(1 << 20)


def servers(options, folder):
    guest = str(options.component.resolve())
    spindle = str((options.build / "bin" / "spindle").resolve())
    manifest = str(hello_application(options.build, folder, guest))
    cache = {"XDG_CACHE_HOME": f"{folder}/cache"}
    up = [spindle, "up", "-f", manifest, "--listen", "127.0.0.1:{port}", "--threads", "1", "--quiet"]
    serve = [wasmtime_program(), "serve", "-S", "cli,p3", "-W", "component-model-async=y", "--addr",
             "127.0.0.1:{port}"]
    return [
        Server("spindle", up, path=options.path, environment=cache, cwd=folder),
        Server("spindle fresh", [*up, "--instances", "fresh"], path=options.path, environment=cache, cwd=folder),
        Server("wasmtime serve", [*serve, guest], path=options.path, environment=cache),
        Server("wasmtime serve fresh", [*serve, "--max-instance-reuse-count", "1", guest], path=options.path,
               environment=cache),
    ]


def measure(server, seconds):
    with server:
        load(server, 32, 1)  # warms up
        busy = load(server, 32, seconds)
        alone = load(server, 1, seconds)
        return {**busy, "p50_one_connection_us": round(alone["p50_ms"] * 1000),
                "rss_mib": round(server.status("VmRSS") / 1024, 1), "errors": busy["errors"] + alone["errors"]}


def send(connection):
    for _ in range(ECHO_BYTES // len(PIECE)):
        connection.sendall(PIECE)


def echo(server, path):
    """Seconds, CPU and memory of a POST of ECHO_BYTES that comes back."""
    with server:
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {ECHO_BYTES}\r\n"
                               "Connection: close\r\n\r\n".encode())
            cpu, began = server.cpu_seconds(), time.monotonic()
            peak = 0
            sender = threading.Thread(target=send, args=(connection,))
            sender.start()
            received = 0
            buffer = bytearray(1 << 20)
            while count := connection.recv_into(buffer):
                received += count
                if received % (64 << 20) < count:
                    peak = max(peak, server.status("VmRSS"))
            sender.join()
            seconds = time.monotonic() - began
            return {"gb_per_second": round(ECHO_BYTES / seconds / 1e9, 2),
                    "cpu_seconds": round(server.cpu_seconds() - cpu, 2), "complete": received >= ECHO_BYTES,
                    "rss_mib": round(max(peak, server.status("VmRSS")) / 1024, 1)}


async def listen(port, path, count, ticks):
    """How many of `count` clients, all at once, hear all the ticks."""
    async def one():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        heard = await asyncio.wait_for(reader.read(), 60)
        while piece := await asyncio.wait_for(reader.read(), 60):
            heard += piece
        writer.close()
        return heard.count(b"tick") == ticks
    return sum(await asyncio.gather(*(one() for _ in range(count))))


def events(server, clients):
    with server:
        before, cpu, began = server.status("VmRSS"), server.cpu_seconds(), time.monotonic()
        complete = asyncio.run(listen(server.port, "/slow-ticks", clients, 5))
        return {"clients": clients, "complete": complete, "seconds": round(time.monotonic() - began, 2),
                "cpu_seconds": round(server.cpu_seconds() - cpu, 2),
                "rss_growth_mib": round((server.status("VmRSS") - before) / 1024, 1)}


def main():
    arguments = parser(__doc__, seconds=3, rounds=3, clients=5000)
    arguments.add_argument("--component", type=Path)
    arguments.add_argument("--path", default="/hello")
    options = arguments.parse_args()
    is_ours = options.component is None
    if is_ours:
        options.component = options.build / "test" / "guests" / "async.wasm"
    with tempfile.TemporaryDirectory(prefix="spindle-bench-") as folder:
        contenders = servers(options, folder)
        rounds = take_turns(contenders, options.rounds, lambda server: measure(server, options.seconds))
        figures = {name: medians(seen) for name, seen in rounds.items()}
        document = {"benchmark": "http03", "component": options.component.name, "servers": figures}
        if is_ours:
            first = contenders[0]
            document["echo_through_the_guest"] = echo(first, "/copy")
            document["echo_passed_on"] = echo(first, "/forward")
            document["events"] = events(first, options.clients)
    if options.json:
        print(json.dumps(document, indent=2))
        return
    print_figures(figures)
    print_figures({key: value for key, value in document.items() if isinstance(value, dict) and key != "servers"})
    ratio = figures["spindle"]["cpu_us_per_request"] / figures["wasmtime serve"]["cpu_us_per_request"]
    print(f"CPU per request, spindle : wasmtime serve, both with reuse = {ratio:.2f} : 1")


if __name__ == "__main__":
    main()
