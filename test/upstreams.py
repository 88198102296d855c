#!/usr/bin/env python3
"""HTTP servers that fail in every way, for the application tests: upstreams.py FOLDER

Each behaviour listens on a port of its own, `MODE_BEHAVIOUR`, whose numbers are written to
FOLDER/ports.json. Modes: `plain` (HTTP/1.1), `tls1` and `tls2` (HTTP/1.1 and HTTP/2 over TLS with the
certificate good.pem). `count` answers with how many connections of all others are open, without
those that a client may keep: of `ok`, `refusing_once`, and of HTTP/2 where only a request fails. HTTP/2 is written as bytes: what is sent here
need not be right.
"""

import json
import os
import socket
import ssl
import struct
import sys
import threading
import time
from pathlib import Path

PREFACE = 24
SETTINGS, HEADERS, DATA, RESET, GOAWAY = 4, 1, 0, 3, 7
CANCEL, INTERNAL = 8, 2
END_STREAM, END_HEADERS = 1, 4
OK_HEAD = b"\x88"  # :status 200
TRAILERS = b"\x00\x05x-sum\x0242"

open_now = 0
lock = threading.Lock()


class Gone(Exception):
    """The client has left."""


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload


class Http1:
    """Requests and answers as bytes of HTTP/1.1."""

    def __init__(self, connection):
        self.connection = connection

    def request(self):
        text = b""
        while b"\r\n\r\n" not in text:
            piece = self.connection.recv(65536)
            if not piece:
                raise Gone
            text += piece

    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    part = b"5\r\nhello\r\n"

    def whole(self):
        return self.head + self.part + b"0\r\nx-sum: 42\r\n\r\n"


class Startled(Http1):
    """Answers whatever it hears first."""

    def request(self):
        if not self.connection.recv(65536):
            raise Gone


class Http2:
    """The same of HTTP/2."""

    def __init__(self, connection):
        self.connection = connection
        self.buffer = b""
        self.stream = 0
        connection.sendall(frame(SETTINGS, 0, 0))
        self.take(PREFACE)

    def take(self, count):
        while len(self.buffer) < count:
            piece = self.connection.recv(65536)
            if not piece:
                raise Gone
            self.buffer += piece
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def request(self):
        while True:
            head = self.take(9)
            self.take(int.from_bytes(head[:3], "big"))
            if head[3] == HEADERS:
                self.stream = int.from_bytes(head[5:9], "big")
                return

    @property
    def head(self):
        return frame(HEADERS, END_HEADERS, self.stream, OK_HEAD)

    @property
    def part(self):
        return frame(DATA, 0, self.stream, b"hello")

    def whole(self):
        return self.head + self.part + frame(HEADERS, END_HEADERS | END_STREAM, self.stream, TRAILERS)


def break_off(connection):
    """The other side sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise Gone


def wait_for_end(connection):
    while connection.recv(65536):
        pass


def say(http, what, then=None):
    http.connection.sendall(what)
    if then == "reset":
        time.sleep(0.05)  # what was said must not be overtaken
        break_off(http.connection)
    if then == "close":
        raise Gone
    if then == "half-close":
        # One direction of the socket below TLS.
        socket.socket.shutdown(http.connection, socket.SHUT_WR)
    wait_for_end(http.connection)


def end_stream(http, begin, code):
    say(http, begin + frame(RESET, 0, http.stream, struct.pack(">I", code)))


COMMON = {
    "before": lambda http: break_off(http.connection),
    "closed": lambda http: say(http, b"", "close"),
    "head": lambda http: say(http, http.head[:8], "reset"),
    "body": lambda http: say(http, http.head + http.part, "reset"),
    "cut": lambda http: say(http, http.head + http.part, "close"),
    "half": lambda http: say(http, http.head + http.part, "half-close"),
    "silent": lambda http: wait_for_end(http.connection),
    "stalled": lambda http: say(http, http.head + http.part),
    "nonsense": lambda http: say(http, b"\x00\x00\x00\xff nonsense\r\n\r\n" * 2000),
}
OF_HTTP2 = {
    "stream_before": lambda http: end_stream(http, b"", INTERNAL),
    "stream_body": lambda http: end_stream(http, http.head + http.part, CANCEL),
    "refusing": lambda http: say(http, frame(GOAWAY, 0, 0, struct.pack(">II", 0, 0)), "close"),
}
KEPT = {(Http2, "silent"), (Http2, "stalled"), (Http2, "stream_before"), (Http2, "stream_body")}
seen_once = threading.Event()


def refuse_once(http):
    if not seen_once.is_set():
        seen_once.set()
        say(http, frame(GOAWAY, 0, 0, struct.pack(">II", 0, 0)))
    answer(http)


def answer(http):
    http.connection.sendall(http.whole())
    while True:
        http.request()
        http.connection.sendall(http.whole())


def count(http):
    text = str(open_now).encode()
    http.connection.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(text), text))


def serve(listener, behave, protocol, context, is_counted):
    global open_now
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=talk, args=(connection, behave, protocol, context, is_counted), daemon=True).start()


def talk(connection, behave, protocol, context, is_counted):
    global open_now
    with lock:
        open_now += is_counted
    try:
        connection.settimeout(30)
        if context:
            connection = context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=True)
        http = protocol(connection)
        http.request()
        behave(http)
    except (Gone, OSError):
        pass
    finally:
        connection.close()
        with lock:
            open_now -= is_counted


def context_of(folder, name, protocols):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    context.set_alpn_protocols(protocols)
    return context


def full_listener():
    """A port that takes no more connections, and those that fill it."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(listener.getsockname())
        waiting.append(client)
    return listener, waiting


def main():
    folder = Path(sys.argv[1])
    ports = {}

    def listen(name, behave, protocol, context=None, is_counted=True):
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        ports[name] = listener.getsockname()[1]
        threading.Thread(target=serve, args=(listener, behave, protocol, context, is_counted), daemon=True).start()

    modes = {"plain": (Http1, None), "tls1": (Http1, context_of(folder, "good", ["http/1.1"])),
             "tls2": (Http2, context_of(folder, "good", ["h2", "http/1.1"])), "h2c": (Http2, None)}
    for mode, (protocol, context) in modes.items():
        listen(f"{mode}_ok", answer, protocol, context, is_counted=False)
        if mode == "h2c":
            continue
        for name, behave in {**COMMON, **(OF_HTTP2 if protocol is Http2 else {})}.items():
            listen(f"{mode}_{name}", behave, protocol, context, is_counted=(protocol, name) not in KEPT)
    listen("tls2_refusing_once", refuse_once, Http2, modes["tls2"][1], is_counted=False)
    for name in ("expired", "other", "self"):
        listen(f"tls_{name}", answer, Http2, context_of(folder, name, ["h2", "http/1.1"]))
    listen("tls_plain", answer, Startled)
    listen("count", count, Http1, is_counted=False)
    full, waiting = full_listener()
    ports["full"] = full.getsockname()[1]
    (folder / "ports.new").write_text(json.dumps(ports))
    os.replace(folder / "ports.new", folder / "ports.json")
    threading.Event().wait()
    del full, waiting


if __name__ == "__main__":
    main()
