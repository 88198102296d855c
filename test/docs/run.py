#!/usr/bin/env python3
"""Does what a document says, and compares.

    run.py --spindle PROGRAM --cache DIR DOCUMENT

A document is followed from its first line to its last, in a temporary folder:

- a code block right below a line that ends with `NAME`: is the file NAME;
- in a `console` block, a line that begins with `$ ` is a command, one that begins with `> ` goes on
  with it, and the lines below are its whole output. There, `...` alone is any lines, and within a line
  any text. A command must end with 0, unless its output is followed by the line `[exit code N]`.
- `spindle up` and `spindle watch` go on serving, until the block says `^C`, the next one begins or the
  document ends; what is printed below them must come. While `spindle watch` serves, a command is
  repeated until its output is right.
- `<!-- needs redis -->` starts a server (test/services.py).

A document says 127.0.0.1:3000, the usual ports of servers, and /home/you; the commands get other ones.
Blocks of other kinds are for readers. Standard library only; every wait is bounded.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import services  # noqa: E402

COMMAND_SECONDS = 240
WATCH_SECONDS = 120
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
FILE_NAME = re.compile(r"`([\w./-]+)`:\s*\Z")
NEEDS = re.compile(r"<!-- needs ([\w ]+) -->")
SERVES = re.compile(r"([A-Z_]+=\S+ )*spindle (up|watch|build --up)\b")
USUAL_PORTS = {"redis": 6379, "postgres": 5432, "mariadb": 3306, "mosquitto": 1883,
               "models": 8000}


class Failure(Exception):
    """The document is not true."""


def pattern_of(expected):
    """A regular expression for the output that a document shows."""
    made = ""
    for line in expected:
        if line == "...":
            made += r"(.*\n)*?"
        else:
            made += r"[^\n]*".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ \t]*\n"
    return made


def differs(expected, seen):
    return not re.fullmatch(pattern_of(expected), seen if seen.endswith("\n") or not seen else seen + "\n")


def commands_of(block):
    """(command, lines of output) for each command of a console block; `^C` is a command."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1] = (f"{found[-1][0]}\n{line[2:]}", [])
        elif line == "^C":
            found.append(("^C", []))
        elif found:
            found[-1][1].append(line)
    return [(command, strip_blank(output)) for command, output in found]


def strip_blank(lines):
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


class Server:
    """A command that serves; what it prints is collected."""

    def __init__(self, command, folder, environment):
        self.printed = ""
        self.watches = command.startswith("spindle watch")
        self.process = subprocess.Popen(["bash", "-c", re.sub(r"\bspindle", "exec spindle", command, count=1)], cwd=folder, env=environment, text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.printed += line

    def wait_for(self, expected):
        pattern = re.compile(pattern_of(expected))
        deadline = time.monotonic() + COMMAND_SECONDS
        while not pattern.search(self.printed):
            if time.monotonic() > deadline or (self.process.poll() is not None and not self.reader.is_alive()):
                raise Failure("it never printed that; it printed:\n" + self.printed)
            time.sleep(0.05)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure("the server does not end") from None
        self.reader.join()
        self.process.stdout.close()
        if status != 0:
            raise Failure(f"the server ended with status {status}:\n{self.printed}")


class Reader:
    """Somebody who follows one document."""

    def __init__(self, options, folder, running):
        self.home = self.folder = str(Path(folder).resolve())
        self.server = None
        self.ports = {3000: services.free_port()}
        for name, service in running.items():
            self.ports[USUAL_PORTS[name]] = service.port
        self.environment = {
            **os.environ, "HOME": self.home, "XDG_CACHE_HOME": str(options.cache.resolve()),
            "PATH": f"{options.spindle.resolve().parent}:{os.environ['PATH']}", "SPIN_DATA_DIR": f"{self.home}/.spin-data",
            "SPIN_HTTP_LISTEN_ADDR": f"127.0.0.1:{self.ports[3000]}",
            "SPINDLE_SDK_CPP": str(options.spindle.resolve().parent.parent / "sdk" / "cpp"),
            "GIT_CONFIG_GLOBAL": os.devnull, "CURL_HOME": self.home,
        }
        # As in a terminal of one's own, where answers come without figures of the transfer.
        (Path(self.home) / ".curlrc").write_text("silent\nshow-error\n")

    def fill_in(self, text):
        for usual, port in self.ports.items():
            text = re.sub(rf"(127\.0\.0\.1|localhost):{usual}\b", rf"\1:{port}", text)
        return text.replace("/home/you", self.home)

    def write(self, name, content):
        path = (Path(self.folder) / name).resolve()
        if not path.is_relative_to(self.home):
            raise Failure(f"the file {name} would be outside of the temporary folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.fill_in(content))

    def perform(self, command, expected):
        command = self.fill_in(command)
        expected = [self.fill_in(line) for line in expected]
        if command == "^C":
            self.stop()
        elif SERVES.match(command):
            self.stop()
            self.server = Server(command, self.folder, self.environment)
            self.server.wait_for(expected)
        else:
            self.run_until_right(command, expected)

    def run_until_right(self, command, expected):
        deadline = time.monotonic() + (WATCH_SECONDS if self.server and self.server.watches else 0)
        while True:
            try:
                return self.run(command, expected)
            except Failure:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)

    def run(self, command, expected):
        wanted = 0
        if expected and (found := re.fullmatch(r"\[exit code (\d+)\]", expected[-1])):
            wanted, expected = int(found[1]), expected[:-1]
        place = Path(self.home) / ".place"
        script = f'{command}\nstatus=$?\npwd >"{place}"\nexit $status'
        done = subprocess.run(["bash", "-c", script], cwd=self.folder, env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=COMMAND_SECONDS, check=False)
        self.folder = place.read_text().strip()
        if done.returncode != wanted:
            raise Failure(f"exit code {done.returncode}, expected {wanted}; it printed:\n{done.stdout}")
        if differs(expected, done.stdout):
            raise Failure(f"it printed:\n{done.stdout}")

    def stop(self):
        if self.server is not None:
            server, self.server = self.server, None
            server.stop()


def follow(document, reader):
    text = document.read_text()
    for block in BLOCK.finditer(text):
        kind, content = block.groups()
        before = text[:block.start()]
        if kind != "console":
            if found := FILE_NAME.search(before):
                reader.write(found[1], content)
            continue
        for command, expected in commands_of(content):
            try:
                reader.perform(command, expected)
            except (Failure, subprocess.TimeoutExpired) as failure:
                printed = reader.server.printed[-2000:] if reader.server else ""
                line = before.count("\n") + 1
                raise Failure(f"{document.name}, block at line {line}: $ {command}\n{failure}"
                              + (f"\nthe server printed:\n{printed}" if printed else "")) from None
    reader.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--spindle", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("document", type=Path)
    options = parser.parse_args()
    needed = [name for line in NEEDS.findall(options.document.read_text()) for name in line.split()]
    reader = None
    try:
        with (tempfile.TemporaryDirectory(prefix="spindle-docs-", ignore_cleanup_errors=True) as folder,
              services.Services(needed) as running):
            reader = Reader(options, folder, running.running)
            follow(options.document, reader)
    except (Failure, services.ServiceError) as failure:
        print(f"FAILED {failure}")
        return 1
    finally:
        if reader is not None and reader.server is not None:
            reader.server.process.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
