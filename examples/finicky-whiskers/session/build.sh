#!/usr/bin/env bash
# Makes session.wasm where it is older than what it is made of. Packages: package-lock.json.
set -euo pipefail
newer=$(find index.js build.mjs build.sh package-lock.json wit/world.wit -newer session.wasm 2>/dev/null || echo all)
[ -z "$newer" ] && exit
# Not `npm ci`: it asks for the optional packages of all other platforms too.
npm install --no-audit --no-fund --no-save --silent
npm run --silent build
