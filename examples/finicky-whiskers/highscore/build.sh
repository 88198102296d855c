#!/usr/bin/env bash
# Makes highscore.wasm where it is older than what it is made of. Packages: requirements.txt.
set -euo pipefail
newer=$(find app.py build.sh requirements.txt -newer highscore.wasm 2>/dev/null || echo all)
[ -z "$newer" ] && exit
# An environment knows where it was made.
grep -qsF "$PWD/.venv" .venv/bin/activate || rm -rf .venv
[ -d .venv ] || python3 -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
# componentize-py finds the packages of the activated environment.
source .venv/bin/activate
componentize-py -w spin-http componentize app -o highscore.wasm >&2
