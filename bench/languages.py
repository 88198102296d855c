#!/usr/bin/env python3
"""The hello component of each language, made by `spindle new` and built by `spindle build` as a user does it,
behind HTTP with a fresh instance for every request.

    ./dev bench languages [--json] [--seconds N] [--rounds N] [LANGUAGE...]

Needs each language's toolchain and package registry. The applications stay in build/bench/languages; delete
that folder to build them again. `instance_us` is what creating and destroying one instance costs by itself
(see bench/instance.py); the other figures are those of bench/http.py, medians over rounds that take turns.
"""

import re
import subprocess

from common import ROOT, Server, json, load, medians, parser, print_figures, sys, take_turns, tempfile

LANGUAGES = {"C++": "http-cpp", "C": "http-c", "Rust": "http-rust", "JavaScript": "http-js", "Python": "http-py"}


def step(command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")


def component(spindle, language):
    """The component's file; its application is made and built where it is not there."""
    home = ROOT / "build" / "bench" / "languages"
    home.mkdir(parents=True, exist_ok=True)
    template = LANGUAGES[language]
    if not (home / template / "built").exists():
        print(f"building {template}", file=sys.stderr)
        step([spindle, "new", "hello", "-t", template, "-a", "-o", template, "--allow-overwrite"], home)
        step([spindle, "build"], home / template)
        (home / template / "built").touch()
    source = re.search(r'^source = "(.+)"', (home / template / "spin.toml").read_text(), re.M)[1]
    return home / template / source


def instance_us(build, files):
    with tempfile.TemporaryDirectory() as cache:
        printed = subprocess.run([build / "bin" / "component_guests", "--cache", cache, *files],
                                 capture_output=True, text=True, check=True).stdout
    return {path: float(median) for path, median in re.findall(r"^(.+?): fused: .*median ([\d.]+) us", printed, re.M)}


def measure(server, seconds):
    with server:
        load(server, 32, 1)  # warms up
        busy = load(server, 32, seconds)
        return {key: busy[key] for key in ("requests_per_second", "cpu_us_per_request", "p99_ms", "errors")}


def main():
    arguments = parser(__doc__, seconds=3, rounds=3)
    arguments.add_argument("languages", nargs="*", metavar="LANGUAGE")
    options = arguments.parse_args()
    spindle = (options.build / "bin" / "spindle").resolve()
    files = {language: component(spindle, language) for language in options.languages or LANGUAGES}
    with tempfile.TemporaryDirectory(prefix="spindle-bench-") as cache:
        servers = [Server(language, [str(spindle), "up", "--listen", "127.0.0.1:{port}", "--threads", "1", "--quiet",
                                     "--instances", "fresh", str(file)], environment={"XDG_CACHE_HOME": cache}, cwd=cache)
                   for language, file in files.items()]
        rounds = take_turns(servers, options.rounds, lambda server: measure(server, options.seconds))
    instances = instance_us(options.build, files.values())
    figures = {language: {"size_kib": round(file.stat().st_size / 1024), "instance_us": instances[str(file)],
                          **medians(rounds[language])}
               for language, file in files.items()}
    if options.json:
        print(json.dumps({"benchmark": "languages", "languages": figures}, indent=2))
    else:
        print_figures(figures)


if __name__ == "__main__":
    main()
