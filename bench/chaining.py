#!/usr/bin/env python3
"""A component that calls another one: in the process, and over the socket, beside a direct request.

    ./dev bench chaining [--json] [--seconds N] [--gib N]

The caller is `relay` of the tests, the callee `async`, each with its instances reused; the server is
pinned to one core, the load to the other. With --gib a body of so many GiB goes through the caller to a
sink and back, and the memory of the server is watched.
"""

import socket
import threading

from common import Path, Server, json, load, parser, sys, tempfile, time

MANIFEST = """spin_manifest_version = 2
[application]
name = "bench"
[[trigger.http]]
route = "/..."
component = "relay"
[[trigger.http]]
route = "/hello"
component = "hello"
[[trigger.http]]
route = "/copy"
component = "hello"
[component.hello]
source = "{guests}/async.wasm"
[component.relay]
source = "{guests}/relay.wasm"
allowed_outbound_hosts = ["http://hello.spin.internal", "http://self"]
"""


def pass_through(server, path, size):
    """Sends a body of `size` bytes and reads it back with its head and framing; MB/s and the largest
    resident size meanwhile."""
    piece = bytes(1 << 20)
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=600)
    connection.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n"
                       "Connection: close\r\n\r\n".encode())

    def send():
        for _ in range(size // len(piece)):
            connection.sendall(piece)

    sender = threading.Thread(target=send)
    began = time.monotonic()
    sender.start()
    buffer = bytearray(1 << 18)
    got, largest = 0, 0
    while count := connection.recv_into(buffer):
        got += count
        if got % (1 << 26) < count:
            largest = max(largest, server.status("VmRSS"))
    sender.join()
    seconds = time.monotonic() - began
    return {"bytes": got, "mb_per_second": round(got / seconds / 1e6), "rss_mib": round(largest / 1024, 1)}


def main():
    options = parser(__doc__, seconds=5, connections=32, gib=0).parse_args()
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        guests = (options.build / "test" / "guests").resolve()
        manifest = Path(folder) / "spin.toml"
        manifest.write_text(MANIFEST.format(guests=guests))
        spindle = str((options.build / "bin" / "spindle").resolve())
        up = [spindle, "up", "-f", str(manifest), "--listen", "127.0.0.1:{port}", "--threads", "1", "--quiet"]
        server = Server("spindle", up, path="/hello", cwd=folder, environment={"XDG_CACHE_HOME": f"{folder}/cache"})
        with server:
            for name, path in (("direct", "/hello"), ("chained", "/to-hello/hello"), ("over the socket", "/self/hello")):
                server.path = path
                load(server, options.connections, 1)
                result[name] = load(server, options.connections, options.seconds)
            if options.gib:
                for name, path in (("chained body", "/to-hello/copy"), ("proxied body", "/self/copy")):
                    result[name] = pass_through(server, path, options.gib << 30)
    if options.json:
        print(json.dumps(result, indent=2))
        return
    for name, figures in result.items():
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in figures.items()))


if __name__ == "__main__":
    sys.exit(main())
