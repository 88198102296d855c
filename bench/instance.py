#!/usr/bin/env python3
"""What an instance of a component costs by itself: create and destroy, imports stubbed, no HTTP.

    ./dev bench instance [--json] [FILE.wasm...]

Without files: the tests' guests. The figure is the best of several rounds, in microseconds; `prepare`
is decoding, validation, planning and compiling, without a cache.
"""

import argparse
import re
import subprocess

from common import Path, json


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    guests = options.build / "test" / "guests"
    files = options.files or [guests / "hello.wasm", guests / "behave.wasm"]
    printed = subprocess.run([options.build / "bin" / "component_guests", *files], capture_output=True, text=True,
                             check=True).stdout
    figures = {}
    pattern = r"^(.+?):\s+(\d+) core instances,.*prepare\s+([\d.]+) ms, create\s+([\d.]+) us"
    for path, modules, prepare, create in re.findall(pattern, printed, re.M):
        figures[Path(path).name] = {"core_instances": int(modules), "prepare_ms": float(prepare),
                                    "create_and_destroy_us": float(create)}
    if options.json:
        print(json.dumps({"benchmark": "instance", "guests": figures}, indent=2))
        return
    for name, figure in figures.items():
        print(f"{name}: {figure['create_and_destroy_us']} us, {figure['core_instances']} core instances")


if __name__ == "__main__":
    main()
