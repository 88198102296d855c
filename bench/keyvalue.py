#!/usr/bin/env python3
"""A component that reads and writes a key-value store on each request, beside one that only says hello:
the store is SQLite's file, SQLite in memory, or Redis.

    ./dev bench keyvalue [--json] [--seconds N] [--rounds N]

The server is pinned to one core, the load and redis-server to another; rounds take turns, figures are
medians over the rounds. `requests_ratio` is hello's requests a second over those of the store, `cpu_ratio`
the store's processor time for a request over hello's, both in the same run.
"""

import socket

from common import (ROOT, Path, Server, hello_application, json, load, medians, parser, print_figures, sys, take_turns,
                    tempfile)

sys.path.insert(0, str(ROOT / "test"))
import services  # noqa: E402

STORES = {
    "sqlite file": 'type = "spin"\npath = "numbers.db"',
    "sqlite memory": 'type = "spin"',
    "redis": 'type = "redis"\nurl = "redis://127.0.0.1:%{redis.port}"',
}


def make_server(options, folder, name, store):
    folder.mkdir()
    guest = "keyvalue.wasm" if store else "hello.wasm"
    hello_application(options.build, folder, guest, 'key_value_stores = ["default"]')
    command = [str((options.build / "bin" / "spindle").resolve()), "up", "--listen", "127.0.0.1:{port}", "--threads",
               "1", "--quiet"]
    if store:
        (folder / "config.toml").write_text(f"[key_value_store.default]\n{store}\n")
        command += ["--runtime-config-file", "config.toml"]
    return Server(name, command, environment={"XDG_CACHE_HOME": str(folder / "cache")}, cwd=folder)


def ask(server):
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return connection.makefile("rb").read().split(b"\r\n\r\n", 1)[1].decode()


def measure(server, seconds):
    with server:
        load(server, 32, 1)  # warms up
        counts = server.name != "hello"
        before = int(ask(server)) if counts else 0
        busy = load(server, 32, seconds)
        if counts and int(ask(server)) <= before:
            raise RuntimeError(f"{server.name}: nothing was written")
        alone = load(server, 1, seconds)
        return {"requests_per_second": busy["requests_per_second"], "cpu_us_per_request": busy["cpu_us_per_request"],
                "p99_ms": busy["p99_ms"], "p50_one_connection_us": round(alone["p50_ms"] * 1000),
                "errors": busy["errors"] + alone["errors"]}


def main():
    options = parser(__doc__, seconds=3, rounds=3).parse_args()
    with tempfile.TemporaryDirectory(prefix="spindle-bench-") as folder, services.Services(["redis"]) as needed:
        contenders = [make_server(options, Path(folder) / "hello", "hello", None)]
        for name, store in STORES.items():
            contenders.append(make_server(options, Path(folder) / name.replace(" ", "-"), name, needed.fill_in(store)))
        rounds = take_turns(contenders, options.rounds, lambda server: measure(server, options.seconds))
    figures = {name: medians(seen) for name, seen in rounds.items()}
    hello = figures["hello"]
    for figure in figures.values():
        figure["requests_ratio"] = round(hello["requests_per_second"] / max(figure["requests_per_second"], 1), 2)
        figure["cpu_ratio"] = round(figure["cpu_us_per_request"] / hello["cpu_us_per_request"], 2)
    if options.json:
        print(json.dumps({"benchmark": "keyvalue", "servers": figures}, indent=2))
        return
    print_figures(figures)


if __name__ == "__main__":
    main()
