#!/bin/sh
# Needs a clang that knows wasm32, with its linker (Debian: clang lld). `spindle build` says in SPINDLE
# where itself is.
set -e
name={{project-name | kebab_case}}
for clang in "$CC" clang clang-19 clang-18 clang-17 clang-16; do
  [ -n "$clang" ] && command -v "$clang" >/dev/null && break
done
"$clang" --target=wasm32 -O2 -Wall -nostdlib -ffreestanding -mbulk-memory -Wl,--no-entry \
  -o "$name.core.wasm" main.c
"${SPINDLE:-spindle}" component new "$name.core.wasm" --wit wit -o "$name.wasm"
