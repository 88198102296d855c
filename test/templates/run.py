#!/usr/bin/env python3
"""Each template of the program as a user meets it: `new`, `build`, `up`, one request.

    run.py --spindle PROGRAM [TEMPLATE...]

Needs the toolchain of each language and its package registry, so it is not part of `./dev test`:
`./dev templates` runs it. Standard library only.
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
import urllib.request
from pathlib import Path

# template: (arguments of `new`, path, text of the answer)
HTTP = {
    "static-fileserver": ([], "/", Path(__file__).resolve().parents[2].joinpath(
        "templates/static-fileserver/content/assets/index.html").read_text()),
    "http-c": ([], "/", "Hello from C\n"),
    "http-cpp": ([], "/", "Hello from C++\n"),
    "http-js": ([], "/", "Hello from JavaScript\n"),
    "http-ts": ([], "/", "Hello from TypeScript\n"),
    "http-py": ([], "/", "Hello from Python\n"),
    "http-rust": ([], "/", "Hello from Rust\n"),
}
# template: what a message leaves behind. It comes from `spindle test`, which needs no Redis server.
REDIS = {
    "redis-cpp": 'key-value.default = { last = "Hello from a test" }',
    "redis-rust": 'output-contains = "Hello from a test"',
}
MESSAGE = """[[test]]
name = "hears what is published"
[[test.step]]
publish = "news"
body = "Hello from a test"
expect."""


def step(*arguments, cwd):
    done = subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, timeout=1200)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments[1:3])}: exit code {done.returncode}\n{done.stdout}{done.stderr}")


def native_tests(folder):
    """Of templates that have some: a CMake project in the folder `test`."""
    if not Path(folder, "test/CMakeLists.txt").exists():
        return
    step("cmake", "-S", "test", "-B", "build/test", cwd=folder)
    step("cmake", "--build", "build/test", cwd=folder)
    step("ctest", "--test-dir", "build/test", "--no-tests=error", cwd=folder)


def ask(spindle, folder, path):
    server = subprocess.Popen(
        [spindle, "up", "--quiet", "--listen", "127.0.0.1:0"], cwd=folder, text=True, stdout=subprocess.PIPE)
    # A start that hangs ends the server, and so the reading.
    watchdog = threading.Timer(300, server.kill)
    watchdog.start()
    try:
        for line in server.stdout:
            if found := re.match(r"Serving (http://\S+)", line):
                with urllib.request.urlopen(found[1] + path, timeout=60) as reply:
                    return reply.read().decode()
        raise RuntimeError("up: serves nothing")
    finally:
        watchdog.cancel()
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        server.stdout.close()


def run(spindle, name):
    arguments, path, expected = HTTP.get(name, (["-v", "redis-channel=news"], None, None))
    with tempfile.TemporaryDirectory(prefix="spindle-template-") as folder:
        began = time.monotonic()
        step(spindle, "new", "hello", "-t", name, "-a", *arguments, cwd=folder)
        step(spindle, "build", cwd=f"{folder}/hello")
        built = time.monotonic()
        if path:
            answer = ask(spindle, f"{folder}/hello", path)
            if answer != expected:
                raise RuntimeError(f"answers {answer!r}, expected {expected!r}")
        else:
            Path(folder, "hello.toml").write_text(MESSAGE + REDIS[name] + "\n")
            step(spindle, "test", "../hello.toml", cwd=f"{folder}/hello")
        ended = time.monotonic()
        native_tests(f"{folder}/hello")
        print(f"{name}: built after {built - began:.1f} s, answered after {ended - began:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--spindle", required=True)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    os.environ["SPIN_DATA_DIR"] = os.devnull
    spindle = str(Path(options.spindle).resolve())
    # An installed SDK is found through PATH, that of a build tree is named.
    os.environ["PATH"] = f"{Path(spindle).parent}:{os.environ['PATH']}"
    if (sdk := Path(spindle).parent.parent / "sdk/cpp").exists():
        os.environ["SPINDLE_SDK_CPP"] = str(sdk)
    failed = 0
    for name in options.names or [*HTTP, *REDIS]:
        try:
            run(spindle, name)
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as problem:
            failed += 1
            print(f"{name}: FAILED {problem}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
