#!/usr/bin/env python3
"""A hello component behind HTTP, a fresh instance for every request: Spindle beside `wasmtime serve`
on the same component file, and beside Spindle's own HTTP server without WebAssembly.

    ./dev bench http [--json] [--seconds N] [--rounds N]

Each server is pinned to one core and the load (wrk, 32 connections, then 1) to another; rounds take
turns, figures are medians over the rounds. The comparison that counts is the ratio of CPU time per
request in one run: absolute times depend on the machine and its neighbors.
"""

from common import (Server, hello_application, json, load, medians, parser, print_figures, take_turns, tempfile,
                    wasmtime_program)


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
    options = parser(__doc__, seconds=3, rounds=3).parse_args()
    with tempfile.TemporaryDirectory(prefix="spindle-bench-") as folder:
        contenders = servers(options.build, folder)
        rounds = take_turns(contenders, options.rounds, lambda server: measure(server, options.seconds))
    figures = {name: medians(seen) for name, seen in rounds.items()}
    figures["spindle"]["cold_start_ms"] = rounds["spindle"][0]["start_to_first_answer_ms"]
    ratio = figures["spindle"]["cpu_us_per_request"] / figures["wasmtime serve"]["cpu_us_per_request"]
    document = {"benchmark": "http", "rounds": options.rounds, "seconds": options.seconds, "servers": figures,
                "cpu_ratio_to_wasmtime_serve": round(ratio, 3)}
    if options.json:
        print(json.dumps(document, indent=2))
        return
    print_figures(figures)
    print(f"CPU per request, spindle : wasmtime serve = {ratio:.2f} : 1")


if __name__ == "__main__":
    main()
