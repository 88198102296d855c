#!/usr/bin/env python3
"""Keeps code in documents the same as the files it comes from.

    <!-- include ../examples/embed/main.cpp -->
    ```cpp
    ...
    ```

`include_docs.py` says which blocks differ and exits 1; `include_docs.py --write` copies the files in.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- include (\S+) -->\n```\w*\n)(.*?)(```\n)", re.S)


def main():
    write = "--write" in sys.argv[1:]
    different = []
    for document in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]):
        text = document.read_text()

        def replace(match):
            source = (document.parent / match.group(2)).read_text()
            if source != match.group(3):
                different.append(f"{document.relative_to(ROOT)}: {match.group(2)}")
            return match.group(1) + source + match.group(4)

        made = BLOCK.sub(replace, text)
        if write and made != text:
            document.write_text(made)
    if different and not write:
        print("not as in the file (tools/include_docs.py --write):", *different, sep="\n  ")
        sys.exit(1)


if __name__ == "__main__":
    main()
