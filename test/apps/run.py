#!/usr/bin/env python3
"""Runs the application tests: each folder here with a transcript.json is one.

    run.py --spindle PROGRAM [--guests DIR] [NAME...]

A folder is copied to a temporary one (with the built guests beside its manifest), served by
`PROGRAM up` on a port that the kernel chose, asked what the transcript says, and stopped with
SIGTERM, upon which it must end with status 0 within ten seconds. A transcript is a list of steps:

    {"request": {"method", "path", "headers", "body", "chunks", "leave_after": "text"},
     "status": 200, "body": "text", "json": value, "headers": {...}, "trailers": {...}, "cut": true,
     "seconds_max": 3, "at_once": 8}
    {"log": "file", "contains": "text"}        a file below the folder
    {"stderr_contains": "text"}
    {"restart": true}
    {"open": {"path", "headers"}, "as": "name"}     a request whose body is not sent yet
    {"say": "text", "to": "name", "hear": "text"}   a piece of its body, then a piece of the reply
    {"finish": "name", "status": 200}               the end of its body, then that of the reply
    {"leave": "name"}                               the connection is closed in the middle
    {"copy": ["from", "to"]}  {"write": ["file", "text"]}    files of the application, at once
    {"signal": "SIGHUP"}
    {"service": "name", "do": "stop"}     or "kill" or "start": one of the servers

A request with "http" ("1.1" or "2", which must be spoken) is made by curl, or by
"client": "nghttp", which sends "trailers". "certificates" names pairs NAME-cert.pem and NAME-key.pem that are made in the folder; the
first, which must be "first", is what "arguments" have it serve with and what "trust" is without one.

A step with "within" is repeated for so many seconds until it holds. Everything that a step names must
hold. Standard library only; every wait is bounded.

"needs" names servers (test/services.py) that run meanwhile: `%{redis.port}` and the like in the
transcript and in the folder's *.toml files are replaced by what they are. "environment" holds variables
of the process.
"""

import argparse
import concurrent.futures
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import http2  # noqa: E402
import services  # noqa: E402

START_SECONDS = 60
REPLY_SECONDS = 40


class Failure(Exception):
    """What a step expected did not happen."""


class Application:
    """One `spindle up` process."""

    def __init__(self, program, folder, arguments, environment):
        self.command = [program, "up", "--listen", "127.0.0.1:0", *arguments]
        self.environment = environment
        self.folder = folder
        self.stderr = []
        self.conversations = {}
        self.services = {}

    def start(self):
        self.process = subprocess.Popen(
            self.command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "XDG_CACHE_HOME": str(self.folder / ".cache"), **self.environment},
        )
        self.scheme = self.port = None
        ready = threading.Event()

        def read_output():
            for line in self.process.stdout:
                match = re.match(r"Serving (https?)://127\.0\.0\.1:(\d+)", line)
                if match:
                    self.scheme, self.port = match.group(1), int(match.group(2))
                    ready.set()
            ready.set()

        threading.Thread(target=read_output, daemon=True).start()
        threading.Thread(target=lambda: self.stderr.extend(self.process.stderr), daemon=True).start()
        if not ready.wait(START_SECONDS) or self.port is None:
            self.process.kill()
            self.process.wait()
            raise Failure("no `Serving` line: " + "".join(self.stderr))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failure("did not end within 10 s of SIGTERM") from None
        if status != 0:
            raise Failure(f"ended with status {status} after SIGTERM: " + "".join(self.stderr)[-2000:])


def raw_request(port, wanted):
    """The reply as (status, headers, body, trailers, was cut)."""
    head = f"{wanted.get('method', 'GET')} {wanted.get('path', '/')} HTTP/1.1\r\n"
    headers = {"Host": f"127.0.0.1:{port}", "Connection": "close", **wanted.get("headers", {})}
    body = wanted.get("body", "").encode()
    if "chunks" in wanted:
        headers["Transfer-Encoding"] = "chunked"
        body = b"".join(b"%x\r\n%s\r\n" % (len(c), c.encode()) for c in wanted["chunks"]) + b"0\r\n\r\n"
    elif body:
        headers["Content-Length"] = str(len(body))
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=REPLY_SECONDS) as connection:
        connection.sendall(head.encode() + body)
        connection.settimeout(REPLY_SECONDS)
        pieces = []
        leave_after = wanted.get("leave_after", "").encode()
        while piece := connection.recv(1 << 20):
            pieces.append(piece)
            if leave_after and leave_after in b"".join(pieces):
                break
    return parse_reply(b"".join(pieces), wanted.get("method") == "HEAD")


def parse_headers(block):
    pairs = [line.split(": ", 1) for line in block.decode("latin-1").split("\r\n") if line]
    return {name.lower(): value for name, value in pairs}


def parse_reply(received, bodyless):
    if not received:
        raise Failure("the connection was closed without a reply")
    head, _, rest = received.partition(b"\r\n\r\n")
    status_line, _, fields = head.partition(b"\r\n")
    headers = parse_headers(fields)
    status = int(status_line.split()[1])
    if bodyless:
        return status, headers, rest, {}, False
    if headers.get("transfer-encoding") != "chunked":
        length = int(headers.get("content-length", len(rest)))
        return status, headers, rest, {}, len(rest) < length
    body, at = bytearray(), 0
    while True:
        line_end = rest.find(b"\r\n", at)
        if line_end < 0:
            return status, headers, bytes(body) + rest[at:], {}, True
        size = int(rest[at:line_end], 16)
        at = line_end + 2
        if size == 0:
            return status, headers, bytes(body), parse_headers(rest[at:]), False
        body += rest[at : at + size]
        if len(rest) < at + size + 2:
            return status, headers, bytes(body), {}, True
        at += size + 2


def check_reply(step, reply, seconds):
    status, headers, body, trailers, cut = reply
    expected = [("status", step.get("status", 200), status), ("cut", step.get("cut", False), cut)]
    if "body" in step:
        expected.append(("body", step["body"], body.decode(errors="replace")))
    if "body_length" in step:
        expected.append(("body length", step["body_length"], len(body)))
    if "json" in step:
        expected.append(("json", step["json"], json.loads(body)))
    for kind, found in (("headers", headers), ("trailers", trailers)):
        for name, value in step.get(kind, {}).items():
            expected.append((f"{kind} {name}", value, found.get(name)))
    for what, wanted, seen in expected:
        if wanted != seen:
            raise Failure(f"{what}: expected {wanted!r}, got {seen!r} (status {status}, body {body[:200]!r})")
    if "body_contains" in step and step["body_contains"] not in body.decode(errors="replace"):
        raise Failure(f"the body lacks {step['body_contains']!r}: {body[:300]!r}")
    limit = step.get("seconds_max", REPLY_SECONDS)
    if seconds > limit:
        raise Failure(f"took {seconds:.1f} s, expected at most {limit} s")


def said_so_far(received):
    """The body of a chunked reply, as far as it is there: a text may come in several chunks."""
    _, _, rest = received.partition(b"\r\n\r\n")
    body = b""
    while b"\r\n" in rest:
        size, _, rest = rest.partition(b"\r\n")
        body += rest[:int(size, 16)]
        rest = rest[int(size, 16) + 2:]
    return body


class Conversation:
    """A request that says its body piece by piece and hears the reply meanwhile."""

    def __init__(self, port, wanted):
        head = f"POST {wanted['path']} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
        head += "Transfer-Encoding: chunked\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in wanted.get("headers", {}).items())
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=REPLY_SECONDS)
        self.connection.sendall(head.encode() + b"\r\n")
        self.received = b""
        self.heard = 0

    def say(self, text, expected):
        self.connection.sendall(b"%x\r\n%s\r\n" % (len(text), text.encode()))
        while (at := said_so_far(self.received).find(expected.encode(), self.heard)) < 0:
            piece = self.connection.recv(1 << 16)
            if not piece:
                raise Failure(f"the reply ended without {expected!r}: {self.received[-300:]!r}")
            self.received += piece
        self.heard = at + len(expected)

    def finish(self):
        self.connection.sendall(b"0\r\n\r\n")
        while piece := self.connection.recv(1 << 16):
            self.received += piece
        self.connection.close()
        return parse_reply(self.received, False)


def change_file(application, name, content):
    # Renamed into place: nobody sees half a file.
    fresh = application.folder / (name + ".fresh")
    fresh.write_bytes(content)
    fresh.replace(application.folder / name)


def converse(application, step):
    conversations = application.conversations
    if "open" in step:
        conversations[step["as"]] = Conversation(application.port, step["open"])
    elif "leave" in step:
        conversations.pop(step["leave"]).connection.close()
    elif "say" in step:
        conversations[step["to"]].say(step["say"], step["hear"])
    else:
        check_reply(step, conversations.pop(step["finish"]).finish(), 0)


def ask(application, step):
    def once():
        began = time.monotonic()
        wanted = step["request"]
        reply = http2.ask(application, wanted) if "http" in wanted else raw_request(application.port, wanted)
        check_reply(step, reply, time.monotonic() - began)

    copies = step.get("at_once", 1)
    with concurrent.futures.ThreadPoolExecutor(copies) as pool:
        for done in [pool.submit(once) for _ in range(copies)]:
            done.result()


def wait_for(what, holds):
    deadline = time.monotonic() + 10
    while not holds():
        if time.monotonic() > deadline:
            raise Failure(f"{what} did not come true within 10 s")
        time.sleep(0.02)


def ask_until(application, step):
    deadline = time.monotonic() + step.get("within", 0)
    while True:
        try:
            return ask(application, step)
        except (Failure, http2.ClientError):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def perform(application, step):
    if "request" in step:
        ask_until(application, step)
    elif "log" in step:
        path = application.folder / step["log"]
        wait_for(f"{step['log']} with {step['contains']!r}",
                 lambda: path.exists() and step["contains"] in path.read_text())
    elif "stderr_contains" in step:
        wait_for(f"stderr with {step['stderr_contains']!r}",
                 lambda: step["stderr_contains"] in "".join(application.stderr))
    elif {"open", "say", "finish", "leave"} & step.keys():
        converse(application, step)
    elif "copy" in step:
        source, target = step["copy"]
        change_file(application, target, (application.folder / source).read_bytes())
    elif "write" in step:
        change_file(application, step["write"][0], step["write"][1].encode())
    elif "service" in step:
        getattr(application.services[step["service"]], step["do"])()
    elif "signal" in step:
        application.process.send_signal(getattr(signal, step["signal"]))
    elif "restart" in step:
        application.stop()
        application.start()
    if application.process.poll() is not None:
        raise Failure(f"the process ended with status {application.process.returncode}: "
                      + "".join(application.stderr)[-2000:])


def run_application(program, guests, name):
    text = (HERE / name / "transcript.json").read_text()
    transcript = json.loads(text)
    source = (HERE / name / transcript.get("application", ".")).resolve()
    with (tempfile.TemporaryDirectory(prefix="spindle-app-") as temporary,
          services.Services(transcript.get("needs", [])) as needed):
        folder = Path(temporary) / "app"
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules", ".venv", ".spin"))
        if needed.running:
            transcript = json.loads(needed.fill_in(text))
            for settings in folder.glob("*.toml"):
                settings.write_text(needed.fill_in(settings.read_text()))
        for guest in transcript.get("guests", []):
            shutil.copy(guests / guest, folder / guest)
        for certificate in transcript.get("certificates", []):
            http2.make_certificate(folder, certificate)
        application = Application(program, folder, transcript.get("arguments", []),
                                  transcript.get("environment", {}))
        application.services = needed
        run_steps(application, transcript["steps"])


def run_steps(application, steps):
    application.start()
    try:
        for number, step in enumerate(steps, 1):
            try:
                perform(application, step)
            except (Failure, OSError, http.client.HTTPException, ValueError,
                    services.ServiceError, http2.ClientError) as error:
                said = "".join(application.stderr)[-500:]
                raise Failure(f"step {number} {json.dumps(step)[:160]}: {str(error)[:2000]}\n"
                              f"standard error ends with:\n{said}") from None
        application.stop()
    finally:
        if application.process.poll() is None:
            application.process.kill()
            application.process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--spindle", required=True)
    parser.add_argument("--guests", type=Path, required=True)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.spindle = str(Path(options.spindle).resolve())
    names = options.names or sorted(path.parent.name for path in HERE.glob("*/transcript.json"))
    failed = 0
    for name in names:
        try:
            run_application(options.spindle, options.guests, name)
            print(f"ok {name}", flush=True)
        except (Failure, services.ServiceError, http2.ClientError) as failure:
            failed += 1
            print(f"FAILED {name}: {failure}", flush=True)
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
