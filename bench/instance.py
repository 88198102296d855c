#!/usr/bin/env python3
"""What an instance of a component costs by itself: create and destroy, imports stubbed, no HTTP.

    ./dev bench instance [--json] [FILE.wasm...]

Each component in both forms, module by module and fused into one, in one run. Without files: the
tests' guests. Figures are medians in microseconds; `cold` is decoding, validation, planning, fusing
and compiling, `warm` the same with compiled code in the cache.
"""

import re
import subprocess
import tempfile

from common import Path, json, parser


def main():
    arguments = parser(__doc__)
    arguments.add_argument("files", nargs="*", type=Path)
    options = arguments.parse_args()
    guests = options.build / "test" / "guests"
    files = options.files or [guests / "hello.wasm", guests / "behave.wasm"]
    with tempfile.TemporaryDirectory() as cache:
        Path(cache).chmod(0o700)
        printed = subprocess.run([options.build / "bin" / "component_guests", "--cache", cache, *files],
                                 capture_output=True, text=True, check=True).stdout
    figures = {}
    pattern = (r"^(.+?): (unfused|fused): (\d+) core instances, .*cold ([\d.]+) ms, warm ([\d.]+) ms, "
               r"median ([\d.]+) us, best ([\d.]+) us$")
    for path, form, modules, cold, warm, median, best in re.findall(pattern, printed, re.M):
        figures.setdefault(Path(path).name, {})[form] = {
            "core_instances": int(modules), "cold_ms": float(cold), "warm_ms": float(warm),
            "create_and_destroy_us": float(median), "best_us": float(best)}
    if options.json:
        print(json.dumps({"benchmark": "instance", "guests": figures}, indent=2))
        return
    for name, forms in figures.items():
        for form, figure in forms.items():
            print(f"{name}: {form}: {figure['create_and_destroy_us']} us, warm load {figure['warm_ms']} ms, "
                  f"{figure['core_instances']} core instances")


if __name__ == "__main__":
    main()
