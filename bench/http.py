#!/usr/bin/env python3
"""A hello component behind HTTP, a fresh instance for every request: Spindle beside `wasmtime serve`
on the same component file, and beside Spindle's own HTTP server without WebAssembly.

    ./dev bench http [--json] [--seconds N] [--rounds N]

Each server is pinned to one core and the load (wrk, 32 connections, then 1) to another; rounds take
turns, figures are medians over the rounds. The comparison that counts is the ratio of CPU time per
request in one run: absolute times depend on the machine and its neighbors.
"""

import argparse

from common import Path, Server, hello_application, json, load, median, sys, tempfile, wasmtime_program


def servers(build, folder):
    guest = str((build / "test" / "guests" / "hello.wasm").resolve())
    spindle = str((build / "bin" / "spindle").resolve())
    manifest = str(hello_application(build, folder))
    cache = {"XDG_CACHE_HOME": f"{folder}/cache"}
    up = [spindle, "up", "-f", manifest, "--listen", "127.0.0.1:{port}", "--threads", "1", "--quiet"]
    return [
        Server("spindle", up, environment=cache, cwd=folder),
        Server("wasmtime serve", [wasmtime_program(), "serve", "-S", "cli", "--addr", "127.0.0.1:{port}",
                                  "--max-instance-reuse-count", "1", guest], environment=cache),
        Server("spindle without wasm", [str((build / "bin" / "http_hello").resolve()), "127.0.0.1:{port}"]),
    ]


def measure(server, seconds):
    with server:
        load(server, 32, 1)  # warms up
        idle = server.status("VmRSS")
        busy = load(server, 32, seconds)
        alone = load(server, 1, seconds)
        again = load(server, 64, 1)
        return {
            **busy,
            "p50_one_connection_us": round(alone["p50_ms"] * 1000),
            "start_to_first_answer_ms": round(server.start_ms, 1),
            "rss_mib": round(server.status("VmRSS") / 1024, 1),
            "rss_growth_mib": round((server.status("VmRSS") - idle) / 1024, 1),
            "errors": busy["errors"] + alone["errors"] + again["errors"],
        }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spindle-bench-") as folder:
        contenders = servers(options.build, folder)
        rounds = {server.name: [] for server in contenders}
        for number in range(options.rounds):
            for server in contenders:
                print(f"round {number + 1} of {options.rounds}: {server.name}", file=sys.stderr)
                rounds[server.name].append(measure(server, options.seconds))
    figures = {name: {key: median([one[key] for one in seen]) for key in seen[0]} for name, seen in rounds.items()}
    figures["spindle"]["cold_start_ms"] = rounds["spindle"][0]["start_to_first_answer_ms"]
    ratio = figures["spindle"]["cpu_us_per_request"] / figures["wasmtime serve"]["cpu_us_per_request"]
    document = {"benchmark": "http", "rounds": options.rounds, "seconds": options.seconds, "servers": figures,
                "cpu_ratio_to_wasmtime_serve": round(ratio, 3)}
    if options.json:
        print(json.dumps(document, indent=2))
        return
    for name, figure in figures.items():
        print(f"{name}\n  " + "\n  ".join(f"{key}: {value}" for key, value in figure.items()))
    print(f"CPU per request, spindle : wasmtime serve = {ratio:.2f} : 1")


if __name__ == "__main__":
    main()
