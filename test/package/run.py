#!/usr/bin/env python3
"""Installs the library, moves it, builds examples/embed against it with find_package(), runs it.
Does the same with the program, and makes, builds and tests an application in C++ with it.

The folder of the build is always the same, so that a compiler cache answers what has not changed.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

EXPECTED = """calculator: the sum is 42
42 / 4 = 10.5
[warning] divided by zero
42 / 0 = division by zero
"""


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def check_relocatable(prefix, places):
    """No installed text names the tree it came from."""
    for path in prefix.rglob("*"):
        if path.suffix not in (".cmake", ".h"):
            continue
        text = path.read_text()
        for place in places:
            if str(place) + "/" in text:
                sys.exit(f"{path} names {place}")


def check_refused(prefix, build, compiler):
    """Another compiler is refused with the reason."""
    project = build / "refused"
    project.mkdir()
    (project / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(p LANGUAGES NONE)\n"
        f"set(CMAKE_CXX_COMPILER_ID {compiler})\nset(CMAKE_CXX_COMPILER_VERSION 12)\n"
        "find_package(Spindle REQUIRED)\n"
    )
    done = subprocess.run(
        ["cmake", "-S", project, "-B", project / "build", f"-DCMAKE_PREFIX_PATH={prefix}"],
        capture_output=True, text=True,
    )
    if done.returncode == 0 or "Clang 19 or newer" not in " ".join(done.stderr.split()):
        sys.exit(f"{compiler} 12 was not refused:\n{done.stdout}{done.stderr}")


def check_program(build, work, places):
    """The program with its SDK and its templates, wherever they are put; `spindle` is on PATH."""
    first, prefix = work / "first_program", work / "program"
    run("cmake", "--install", build, "--prefix", first, "--component", "program")
    first.rename(prefix)
    check_relocatable(prefix, places)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPINDLE")}
    environment.update(PATH=f"{prefix / 'bin'}:{os.environ['PATH']}", SPIN_DATA_DIR=os.devnull)
    run("spindle", "new", "hello", "-t", "http-cpp", "-a", cwd=work, env=environment)
    hello = work / "hello"
    run("spindle", "build", cwd=hello, env=environment)
    if not (hello / "build" / "hello.wasm").exists():
        sys.exit("`spindle build` made no component")
    run("cmake", "-S", "test", "-B", "build/test", cwd=hello, env=environment)
    run("cmake", "--build", "build/test", cwd=hello, env=environment)
    run("ctest", "--test-dir", "build/test", "--no-tests=error", cwd=hello, env=environment)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--launcher", default="")
    options = parser.parse_args()

    work = options.build / "package-test"
    shutil.rmtree(work, ignore_errors=True)
    first, prefix = work / "first", work / "prefix"
    run("cmake", "--install", options.build, "--prefix", first, "--component", "library")
    first.rename(prefix)
    check_relocatable(prefix, [options.build.resolve(), options.source.resolve() / "src"])

    example = options.source / "examples" / "embed"
    build = work / "build"
    environment = dict(os.environ, CCACHE_BASEDIR=str(work), CCACHE_NOHASHDIR="1")
    configure = ["-G", "Ninja", f"-DCMAKE_CXX_COMPILER={options.compiler}", "-DCMAKE_BUILD_TYPE=Release",
                 f"-DCMAKE_PREFIX_PATH={prefix}"]
    if options.launcher:
        configure.append(f"-DCMAKE_CXX_COMPILER_LAUNCHER={options.launcher}")
    run("cmake", "-S", example, "-B", build, *configure)
    run("cmake", "--build", build, env=environment)

    printed = run(build / "calculator", example / "calculator.wat")
    if printed != EXPECTED:
        sys.exit(f"printed:\n{printed}\nexpected:\n{EXPECTED}")
    failed = subprocess.run([build / "calculator", example / "none.wat"], capture_output=True, text=True)
    if failed.returncode != 1 or "none.wat" not in failed.stderr:
        sys.exit(f"a missing file: {failed.returncode}\n{failed.stderr}")
    check_refused(prefix, work, "GNU")
    check_program(options.build, work, [options.build.resolve(), options.source.resolve() / "src"])
    print("the installed package works")


if __name__ == "__main__":
    main()
