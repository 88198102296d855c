#!/bin/sh
# componentize-py finds the packages of the activated environment.
set -e
[ -d .venv ] || python3 -m venv .venv
. .venv/bin/activate
python -m pip install --quiet --disable-pip-version-check -r requirements.txt
componentize-py -w spin:up/http-trigger@4.1.0 componentize app -o app.wasm
