#!/usr/bin/env python3
"""The house rules that a compiler does not check.

Doors between rooms (the table in src/CMakeLists.txt), file and function sizes, a comment at the top
of every header, self-contained names of third-party headers, banned calls with their replacement,
room READMEs, links in Markdown. Prints `FILE:LINE: what is wrong` and exits 1 if there is anything.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"

FILE_LINES_MAX = 700
FUNCTION_LINES_MAX = 70
LINE_COLUMNS_MAX = 100
README_LINES_MAX = 40

# A third-party header and the rooms that may name it.
OWNED_HEADERS = {
    r"wasmtime\.h|wasmtime/|wasm\.h": {"wasm"},
    r"boost/asio": {"io"},
    r"llhttp\.h": {"http"},
    r"sqlite3\.h": {"host"},
    r"libpq-fe\.h|boost/mysql": {"host"},
    r"toml\+\+": {"app"},
    r"CLI/|CLI11": {"cli"},
}

BANNED = [
    (re.compile(r"\bstd::(stoi|stol|stoul|stoull|stoll)\b"), "std::from_chars"),
    (re.compile(r"\b(sprintf|vsprintf|strcpy|strcat|gets)\s*\("), "fmt::format"),
    (re.compile(r"\bstd::regex\b"), "a hand-written matcher or RE2"),
    (re.compile(r"\busing namespace std;"), "qualified names"),
    (re.compile(r"\b(FIXME|XXX|HACK)\b"), "TODO(perf|security|cleanup|someday): …"),
    (re.compile(r"\bTODO(?!\((perf|security|cleanup|someday)\): )"), "TODO(perf|security|cleanup|someday): …"),
    (re.compile(r"\bassert\s*\("), "VERIFY"),
    (re.compile(r"#include <iostream>"), "fmt/core.h"),
]

problems = []


def report(path, line, text):
    problems.append(f"{path.relative_to(ROOT)}:{line}: {text}")


def room_table():
    """{room: rooms it may include}, transitively closed."""
    table = {}
    for match in re.finditer(r"^spindle_room\((\w+)([^)]*)\)", (SRC / "CMakeLists.txt").read_text(), re.M):
        words = match.group(2).split()
        deps, reading = [], False
        for word in words:
            if word in ("LIBS", "PRIVATE_LIBS", "PCH"):
                reading = False
            elif word == "DEPS":
                reading = True
            elif reading:
                deps.append(word)
        table[match.group(1)] = deps
    closed = {}

    def close(room):
        if room not in closed:
            closed[room] = {room}
            for dep in table.get(room, []):
                closed[room] |= close(dep)
        return closed[room]

    for room in table:
        close(room)
    return closed


def check_includes(path, room, lines, doors):
    for number, line in enumerate(lines, 1):
        match = re.match(r'\s*#include\s+([<"])([^>"]+)[>"]', line)
        if not match:
            continue
        target = match.group(2)
        if match.group(1) == '"':
            other = target.split("/")[0]
            if other in doors and other not in doors[room]:
                report(path, number, f'room {room} may not include "{target}" (see src/CMakeLists.txt)')
            if "/" not in target:
                report(path, number, f'includes are rooted: "{room}/…/{target}"')
        for pattern, rooms in OWNED_HEADERS.items():
            if re.match(pattern, target) and room not in rooms:
                report(path, number, f"{target} belongs to room {', '.join(sorted(rooms))}")


def check_sizes(path, lines):
    table = any("tidy: table" in line for line in lines[:30])
    if len(lines) > FILE_LINES_MAX and not table:
        report(path, 1, f"{len(lines)} lines, at most {FILE_LINES_MAX}")
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_COLUMNS_MAX and "http" not in line:
            report(path, number, f"{len(line)} columns, at most {LINE_COLUMNS_MAX}")
    # A function body is a block that opens at the end of an unindented or class-level line and
    # closes with the same indentation.
    opened = None
    for number, line in enumerate(lines, 1):
        if opened is None and re.match(r"^( {0,2})\S.*\)( const| noexcept| override| final|&|\s|->.*)*\{$", line) and not re.match(
            r"^\s*(namespace|class|struct|enum|union|extern|if|for|while|switch|TEST|INSTANTIATE|template|requires|//)", line
        ):
            opened = (number, len(line) - len(line.lstrip()))
        elif opened is not None and line.strip() in ("}", "};") and len(line) - len(line.lstrip()) <= opened[1]:
            length = number - opened[0] + 1
            if length > FUNCTION_LINES_MAX and not table:
                report(path, opened[0], f"function of {length} lines, at most {FUNCTION_LINES_MAX}")
            opened = None


def check_text(path, lines):
    test = path.name.endswith(("_test.cpp", "_fuzz.cpp", "_bench.cpp"))
    for number, line in enumerate(lines, 1):
        for pattern, replacement in BANNED:
            if pattern.search(line) and not line.lstrip().startswith("static_assert"):
                report(path, number, f"`{pattern.search(line).group(0)}`: use {replacement}")
        if test and re.search(r"\b(sleep_for|usleep|sleep)\s*\(", line) and "io::sleep_for" not in line and "loop" not in line:
            report(path, number, "no sleeping in tests: wait for the event itself")
    if path.suffix == ".h":
        if not lines or lines[0].strip() != "#pragma once":
            report(path, 1, "a header starts with #pragma once")
        if not any(line.startswith("//") for line in lines[1:6]):
            report(path, 1, "a header opens with what it is, in 3 to 20 lines of comment")


def check_markdown(path, lines):
    headings = 0
    fenced = False
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            fenced = not fenced
        if fenced:
            continue
        if line.startswith("# "):
            headings += 1
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line):
            if "://" in target or target.startswith("mailto:"):
                continue
            if not (path.parent / target).exists():
                report(path, number, f"dead link: {target}")
    if headings != 1:
        report(path, 1, f"{headings} top-level headings, expected one")
    if path.name == "README.md" and path.is_relative_to(SRC) and len(lines) > README_LINES_MAX:
        report(path, 1, f"a room's README has at most {README_LINES_MAX} lines, this one {len(lines)}")


def main():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    doors = room_table()
    for name in filter(None, listed):
        path = ROOT / name
        if not path.is_file():
            continue
        # Guests are C without a library, templates are for others; the precompiled header is a list.
        if path.is_relative_to(ROOT / "templates"):
            continue
        if path.is_relative_to(ROOT / "test" / "guests") or path.parent == ROOT / "cmake":
            continue
        if path.suffix in (".h", ".cpp"):
            lines = path.read_text(errors="replace").split("\n")
            if path.is_relative_to(SRC):
                room = path.relative_to(SRC).parts[0]
                if room in doors:
                    check_includes(path, room, lines, doors)
            check_sizes(path, lines)
            check_text(path, lines)
        elif path.suffix == ".md":
            check_markdown(path, path.read_text().split("\n"))
    for room in doors:
        if (SRC / room).is_dir() and not (SRC / room / "README.md").exists():
            problems.append(f"src/{room}: a room has a README.md")
    for problem in problems:
        print(problem)
    print(f"tidy: {len(problems)} problem{'' if len(problems) == 1 else 's'}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
