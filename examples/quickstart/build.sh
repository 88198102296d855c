#!/usr/bin/env bash
# Builds the example's components where their sources are newer than what is built.
# Packages come from npm and PyPI, pinned in counter/package-lock.json and site/requirements.txt.
set -euo pipefail
cd "$(dirname "$0")"
crates=${SPINDLE_DEPS:-$(cd ../.. && pwd)/.deps}/crates
wit=$crates/spin-sdk-5.2.0/wit/deps

stale() { # OUTPUT SOURCE...
  local output=$1 source
  shift
  [ -f "$output" ] || return 0
  for source in "$@"; do
    [ "$source" -nt "$output" ] && return 0
  done
  return 1
}

build_counter() (
  cd counter
  echo "counter: packages from npm" >&2
  # Not `npm ci`: it asks for the optional packages of all other platforms too.
  npm install --no-audit --no-fund --no-save --silent
  rm -rf wit/deps
  mkdir wit/deps
  for package in cli clocks filesystem http io random sockets; do
    cp -r "$wit/$package@0.2.3" "wit/deps/$package"
  done
  # The engine knows its fetch event under this version only.
  sed -i 's/@0\.2\.3/@0.2.10/' wit/deps/*/*.wit
  mkdir wit/deps/spin
  { echo "package fermyon:spin@2.0.0;"; cat "$wit/spin@2.0.0/key-value.wit"; } >wit/deps/spin/key-value.wit
  echo "counter: counter.wasm" >&2
  npm run --silent build
)

build_site() (
  cd site
  echo "site: packages from PyPI" >&2
  [ -d .venv ] || python3 -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
  echo "site: site.wasm" >&2
  # componentize-py finds the packages of the activated environment.
  source .venv/bin/activate
  componentize-py -w spin-http componentize app -o site.wasm >&2
)

stale counter/counter.wasm counter/index.js counter/wit/world.wit counter/package-lock.json && build_counter
stale site/site.wasm site/app.py site/requirements.txt && build_site
echo "quickstart: all components are built" >&2
