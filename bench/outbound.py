#!/usr/bin/env python3
"""Outbound HTTP: many requests at once that each wait 100 ms for an upstream server.

    ./dev bench outbound [--json] [--requests N] [--rounds N]

The server is pinned to one core, the upstream (`http_hello`) and the load to the other. The guests are
those of the tests: `relay` of WASI 0.3, with its instances reused, and `relay2` of WASI 0.2, with an
instance for each request.
"""

import selectors
import socket
import subprocess
import time

from common import Server, free_port, hello_application, json, parser, sys, tempfile

GUESTS = {"relay": "0.3", "relay2": "0.2"}


class Upstream:
    def __init__(self, build):
        self.program = str((build / "bin" / "http_hello").resolve())

    def __enter__(self):
        self.port = free_port()
        self.process = subprocess.Popen(["taskset", "-c", "1", self.program, f"127.0.0.1:{self.port}"],
                                        stdout=subprocess.PIPE)
        self.process.stdout.readline()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)


def burst(server, upstream, count):
    """Milliseconds from the first of `count` requests, all sent at once, to the last answer."""
    request = f"GET /via/delay HTTP/1.1\r\nHost: 127.0.0.1:{upstream.port}\r\n\r\n".encode()
    waiting = selectors.DefaultSelector()
    connections = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(count)]
    for connection in connections:
        waiting.register(connection, selectors.EVENT_READ)
    began = time.monotonic()
    for connection in connections:
        connection.sendall(request)
    good = 0
    left = count
    while left:
        ready = waiting.select(10)
        if not ready:
            break
        for key, _ in ready:
            good += key.fileobj.recv(4096).startswith(b"HTTP/1.1 200")
            waiting.unregister(key.fileobj)
            left -= 1
    milliseconds = (time.monotonic() - began) * 1000
    for connection in connections:
        connection.close()
    return round(milliseconds), good


def measure(options, guest):
    with tempfile.TemporaryDirectory() as folder, Upstream(options.build) as upstream:
        manifest = hello_application(options.build, folder, f"{guest}.wasm")
        text = manifest.read_text() + 'allowed_outbound_hosts = ["http://127.0.0.1:*"]\n'
        manifest.write_text(text)
        spindle = str((options.build / "bin" / "spindle").resolve())
        up = [spindle, "up", "-f", str(manifest), "--listen", "127.0.0.1:{port}", "--threads", "1", "--quiet",
              "--max-concurrent-requests", str(max(1000, options.requests))]
        server = Server("spindle", up, path="/.well-known/spin/health", cwd=folder,
                        environment={"XDG_CACHE_HOME": f"{folder}/cache"})
        with server:
            burst(server, upstream, options.requests)
            bursts, answers, cpu = [], [], server.cpu_seconds()
            for _ in range(options.rounds):
                milliseconds, good = burst(server, upstream, options.requests)
                bursts.append(milliseconds)
                answers.append(good)
            cpu = (server.cpu_seconds() - cpu) / options.rounds / options.requests
            return {"guest": guest, "requests": options.requests, "milliseconds": bursts, "best_ms": min(bursts),
                    "median_ms": sorted(bursts)[len(bursts) // 2], "answered_200": answers,
                    "cpu_us_per_request": round(cpu * 1e6, 1),
                    "rss_mib": round(server.status("VmRSS") / 1024, 1)}


def main():
    options = parser(__doc__, requests=1000, rounds=5).parse_args()
    results = [measure(options, guest) for guest in GUESTS]
    if options.json:
        print(json.dumps(results, indent=2))
        return
    for result in results:
        print(f"{GUESTS[result['guest']]}: {result['requests']} requests of 100 ms each: {result['median_ms']} ms "
              f"(best {result['best_ms']}), {result['cpu_us_per_request']} us of CPU each, {result['rss_mib']} MiB, "
              f"answered {min(result['answered_200'])} at least")


if __name__ == "__main__":
    sys.exit(main())
