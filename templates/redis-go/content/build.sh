#!/bin/sh
# Go makes a core module with exports; spindle makes a component of it, as wit/world.wit says.
set -e
GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -ldflags='-s -w' -o core.wasm .
"${SPINDLE:-spindle}" component new core.wasm --wit wit -o app.wasm
