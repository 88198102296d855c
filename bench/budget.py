#!/usr/bin/env python3
"""User instructions and system calls per request, held against a budget. Unlike times, they hardly
depend on the machine and what else it does, so CI checks them.

    ./dev bench budget [--json] [--check]

Callgrind counts a server's instructions for two numbers of requests over one kept-alive connection;
the difference belongs to the requests. strace counts system calls the same way. The allowed figures
are in bench/budget.json; --check fails when one is exceeded. Guest code is counted too.
"""

import os
import re
import signal
import socket
import subprocess
import threading

from common import ROOT, Path, free_port, hello_application, json, parser, sys, tempfile

FEW, MANY = 200, 1200


def is_complete(received):
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return False
    length = re.search(rb"content-length: (\d+)", head, re.I)
    return len(body) == int(length.group(1)) if length else body.endswith(b"0\r\n\r\n")


def ask(port, count):
    """`count` requests over one connection."""
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        for _ in range(count):
            connection.sendall(request)
            received = b""
            while not is_complete(received):
                piece = connection.recv(65536)
                if not piece:
                    raise RuntimeError("the server closed the connection")
                received += piece
            if not received.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"unexpected answer {received[:80]!r}")


def run_once(command, count, environment):
    """Starts the command, asks, stops it; returns what it printed to standard error."""
    port = free_port()
    process = subprocess.Popen(
        [part.replace("{port}", str(port)) for part in command],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment,
    )
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(process.stderr), daemon=True)
    reader.start()
    for _ in range(1200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            threading.Event().wait(0.05)
    ask(port, count)
    # strace itself ignores the signal; the server is its child.
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(children[0]) if children else process.pid, signal.SIGTERM)
    process.wait(60)
    reader.join(10)
    return "".join(lines)


def instructions(server, folder, environment):
    def count(requests):
        printed = run_once(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind.out", *server],
                           requests, environment)
        return int(re.search(r"Collected : (\d+)", printed).group(1))

    return (count(MANY) - count(FEW)) / (MANY - FEW)


def system_calls(server, folder, environment):
    def count(requests):
        run_once(["strace", "-f", "-qq", "-c", "-o", f"{folder}/strace.out", *server], requests, environment)
        total = Path(f"{folder}/strace.out").read_text().strip().splitlines()[-1].split()
        return int(total[3])

    return (count(MANY) - count(FEW)) / (MANY - FEW)


def stripped(program, folder):
    """valgrind does not read the compiler's debug information."""
    copy = f"{folder}/{program.name}"
    subprocess.run(["strip", "-g", "-o", copy, program], check=True)
    return copy


def measure(build, folder):
    manifest = str(hello_application(build, folder))
    environment = {**os.environ, "XDG_CACHE_HOME": f"{folder}/cache"}
    spindle = stripped(build / "bin" / "spindle", folder)
    hello = stripped(build / "bin" / "http_hello", folder)
    servers = {
        "spindle_hello": [spindle, "up", "-f", manifest, "--listen", "127.0.0.1:{port}", "--threads", "1",
                          "--quiet"],
        "http_hello": [hello, "127.0.0.1:{port}"],
    }
    figures = {}
    for name, server in servers.items():
        print(f"counting {name}", file=sys.stderr)
        # valgrind cannot reserve the address space of the pool.
        flags = ["--disable-pooling"] if name == "spindle_hello" else []
        figures[name] = {
            "user_instructions": round(instructions(server + flags, folder, environment)),
            "system_calls": round(system_calls(server, folder, environment), 2),
        }
    return figures


def main():
    arguments = parser(__doc__)
    arguments.add_argument("--check", action="store_true")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="spindle-budget-") as folder:
        figures = measure(options.build, folder)
    budget = json.loads((ROOT / "bench" / "budget.json").read_text())
    if options.json:
        print(json.dumps({"benchmark": "budget", "figures": figures, "budget": budget}, indent=2))
    exceeded = 0
    for name, allowed in budget.items():
        for what, limit in allowed.items():
            seen = figures[name][what]
            over = seen > limit
            exceeded += over
            if not options.json:
                print(f"{'OVER ' if over else 'ok   '}{name} {what}: {seen} of {limit}")
    return 1 if options.check and exceeded else 0


if __name__ == "__main__":
    sys.exit(main())
