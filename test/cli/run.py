#!/usr/bin/env python3
"""What a user sees when something is wrong: each case runs `spindle` on bad input and compares its
exit code and what it printed with snapshots/NAME.txt.

    run.py --spindle PROGRAM --guests DIR [NAME...]

SPINDLE_UPDATE_SNAPSHOTS=1 writes the snapshots instead; read them before committing. Temporary paths
are shown as $DIR. Standard library only.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent

HEAD = """spin_manifest_version = 2

[application]
name = "case"
"""
TRIGGER = """
[[trigger.http]]
route = "/..."
component = "c"
"""
COMPONENT = """
[component.c]
source = "c.wasm"
"""
APP = HEAD + TRIGGER + COMPONENT

GREETER = """(component $greeter
  (import "acme:shop/cart@1.0.0" (instance $cart
    (export "item" (type (sub resource)))
    (export "[method]item.price" (func (param "self" (borrow 0)) (result u64)))))
  (alias export $cart "item" (type $item))
  (import "item" (type $named (eq $item)))
  (import "add" (func $add (param "what" (own $named))))
  (core module $memory (memory (export "memory") 1))
  (core instance (instantiate $memory)))
"""

# Components to compose: one imports a function of a catalog, another exports it.
CATALOG = "acme:stock/catalog@1.2.0"
SHOP = f'(component (import "{CATALOG}" (instance (export "count" (func (result u32))))))'


def stock(result="u32", name=CATALOG):
    return f"""(component
  (core module $m (func (export "count") (result i32) (i32.const 3)))
  (core instance $i (instantiate $m))
  (func $count (result {result}) (canon lift (core func $i "count")))
  (instance $c (export "count" (func $count)))
  (export "{name}" (instance $c)))"""


def with_dependency(name, value, shop=SHOP, stock_text=None):
    """An application whose component has one dependency."""
    app = APP.replace("c.wasm", "c.wat") + f'dependencies = {{ "{name}" = {value} }}\n'
    return {"spin.toml": app, "c.wat": shop, "stock.wat": stock_text or stock()}


def with_middleware(primary, middleware):
    app = APP.replace("c.wasm", "c.wat").replace(
        'component = "c"', 'component = "c"\ndependencies.middleware = [{ path = "m.wat" }]')
    return {"spin.toml": app, "c.wat": primary, "m.wat": middleware}


HANDLER = "wasi:http/handler@0.3.0"
HANDLES = f'(component (instance $h) (export "{HANDLER}" (instance $h)))'
PASSES_ON = f'(component (import "{HANDLER}" (instance)) (instance $h) (export "{HANDLER}" (instance $h)))'

# name: (files, arguments[, standard input]). A file's content is text, bytes, or
# ("guest", NAME[, LENGTH]).
CASES = {
    "no_arguments": ({}, []),
    "unknown_command": ({}, ["serve"]),
    "unknown_flag": ({}, ["up", "--liste"]),
    "no_manifest": ({}, ["up"]),
    "missing_file": ({}, ["up", "-f", "nowhere/spin.toml"]),
    "registry_flag": ({"spin.toml": APP}, ["up", "--from-registry", "a:1"]),
    "watch_help": ({}, ["watch", "--help"]),
    "new_help": ({}, ["new", "--help"]),
    "add_help": ({}, ["add", "--help"]),
    "templates_install_help": ({}, ["templates", "install", "--help"]),
    "build_help": ({}, ["build", "--help"]),
    "test_help": ({}, ["test", "--help"]),
    "doctor_help": ({}, ["doctor", "--help"]),
    "completions_help": ({}, ["completions", "--help"]),
    "build_fails": (
        {"spin.toml": APP + 'build = { command = "echo trying; exit 3" }\n'}, ["build"]),
    "manifest_is_not_toml": ({"spin.toml": 'spin_manifest_version = 2\n[application\nname = "x"\n'}, ["up"]),
    "manifest_version": ({"spin.toml": APP.replace("= 2", "= 3", 1)}, ["up"]),
    "unknown_key": ({"spin.toml": APP + 'sauce = "x"\n'}, ["up"]),
    "missing_name": ({"spin.toml": APP.replace('name = "case"', "")}, ["up"]),
    "bad_component_id": ({"spin.toml": APP.replace("component.c]", 'component."my_c"]')}, ["up"]),
    "unknown_component": ({"spin.toml": HEAD + TRIGGER}, ["up"]),
    "component_not_built": ({"spin.toml": APP + 'build = { command = "make" }\n'}, ["up"]),
    "component_missing": ({"spin.toml": APP}, ["up"]),
    "component_truncated": ({"spin.toml": APP, "c.wasm": ("guest", "hello.wasm", 4000)}, ["up"]),
    "component_is_text": ({"spin.toml": APP, "c.wasm": "hello"}, ["up"]),
    "component_is_empty": ({"spin.toml": APP, "c.wasm": ""}, ["up"]),
    "component_without_handler": ({"spin.toml": APP.replace("c.wasm", "c.wat"), "c.wat": "(component)"}, ["up"]),
    "core_module": ({"spin.toml": APP.replace("c.wasm", "c.wat"), "c.wat": "(module)"}, ["up"]),
    "missing_import": (
        {"spin.toml": APP.replace("c.wasm", "c.wat"),
         "c.wat": '(component (import "acme:shop/cart@1.0.0" (instance (export "open" (func)))))'},
        ["up"],
    ),
    "dependency_of_nothing": (with_dependency("acme:stcok", '{ path = "stock.wat" }'), ["up"]),
    "dependency_without_export": (
        with_dependency("acme:stock", '{ path = "stock.wat" }', stock_text=stock(name="acme:stock/shelf@1.2.0")),
        ["up"],
    ),
    "dependency_of_other_type": (
        with_dependency("acme:stock", '{ path = "stock.wat" }', stock_text=stock(result="s32")), ["up"]),
    "dependency_twice": (
        {**with_dependency("acme:stock/catalog", '{ path = "stock.wat" }, "acme:stock@1.2.0" = { path = "stock.wat" }')},
        ["up"],
    ),
    "dependency_missing": (with_dependency("acme:stock", '{ path = "none.wasm" }'), ["up"]),
    "dependency_by_url": (
        with_dependency("acme:stock", '{ url = "https://example.com/s.wasm", digest = "sha256:00" }'), ["up"]),
    "dependency_from_registry": (with_dependency("acme:stock", '"^1.2"'), ["up"]),
    "dependency_without_host": (
        with_dependency("acme:stock", '{ path = "stock.wat" }',
                        stock_text='(component (import "spin:redis/redis@3.0.0" (instance $r (export "f" (func)))) '
                                   f'(import "count" (func $f (result u32))) '
                                   f'(instance $c (export "count" (func $f))) (export "{CATALOG}" (instance $c)))'),
        ["up"],
    ),
    "middleware_without_handler": (with_middleware(SHOP, PASSES_ON), ["up"]),
    "middleware_that_calls_nothing": (with_middleware(HANDLES, HANDLES), ["up"]),
    "handler_without_function": (with_middleware(HANDLES, PASSES_ON), ["up"]),
    "compose_of_nothing": (
        {"c.wat": SHOP, "stock.wat": stock(name="acme:stock/shelf@1.2.0")},
        ["component", "compose", "c.wat", "-d", "stock.wat", "-o", "out.wasm"],
    ),
    "bad_route": ({"spin.toml": APP.replace("/...", "/*name"), "c.wasm": ("guest", "hello.wasm")}, ["up"]),
    "trigger_without_route": ({"spin.toml": APP.replace('route = "/..."', ""), "c.wasm": ("guest", "hello.wasm")}, ["up"]),
    "redis_trigger": (
        {"spin.toml": APP.replace("trigger.http", "trigger.redis").replace('route = "/..."', 'channel = "c"'),
         "c.wasm": ("guest", "hello.wasm")},
        ["up"],
    ),
    "unknown_trigger": (
        {"spin.toml": APP.replace("trigger.http", "trigger.cron").replace('route = "/..."', 'channel = "c"'),
         "c.wasm": ("guest", "hello.wasm")},
        ["up"],
    ),
    "required_variable": (
        {"spin.toml": APP + '[variables]\ntoken = { required = true }\n', "c.wasm": ("guest", "hello.wasm")},
        ["up"],
    ),
    "undefined_store": (
        {"spin.toml": APP + 'key_value_stores = ["cache"]\n', "c.wasm": ("guest", "hello.wasm")}, ["up"]),
    "files_outside": ({"spin.toml": APP + 'files = ["../x"]\n', "c.wasm": ("guest", "hello.wasm")}, ["up"]),
    "files_missing": (
        {"spin.toml": APP + 'files = [{ source = "none", destination = "/" }]\n', "c.wasm": ("guest", "hello.wasm")},
        ["up"],
    ),
    "bad_listen_address": ({"spin.toml": APP, "c.wasm": ("guest", "hello.wasm")}, ["up", "--listen", "nonsense"]),
    "bad_port": ({"spin.toml": APP, "c.wasm": ("guest", "hello.wasm")}, ["up", "--listen", "127.0.0.1:99999"]),
    "busy_port": ({"spin.toml": APP, "c.wasm": ("guest", "hello.wasm")}, ["up", "--listen", "127.0.0.1:$BUSY"]),
    "unknown_follow": ({"spin.toml": APP, "c.wasm": ("guest", "hello.wasm")}, ["up", "--follow", "d"]),
    "bad_env": ({"spin.toml": APP, "c.wasm": ("guest", "hello.wasm")}, ["up", "--env", "NOVALUE"]),
    "bad_key_value": ({"spin.toml": APP, "c.wasm": ("guest", "hello.wasm")}, ["up", "--key-value", "novalue"]),
    "runtime_config_unknown_key": (
        {"spin.toml": APP, "c.wasm": ("guest", "hello.wasm"), "rc.toml": "colour = 1\n"},
        ["up", "--runtime-config-file", "rc.toml"],
    ),
    "component_no_command": ({}, ["component"]),
    "component_validate_help": ({}, ["component", "validate", "--help"]),
    "component_wit_help": ({}, ["component", "wit", "--help"]),
    "component_print_help": ({}, ["component", "print", "--help"]),
    "component_unknown_command": ({}, ["component", "check"]),
    "component_missing_input": ({}, ["component", "wit"]),
    "component_no_such_file": ({}, ["component", "print", "c.wat"]),
    "component_validate": (
        {"c.wat": GREETER, "m.wat": "(module)"}, ["component", "validate", "c.wat", "m.wat"]),
    "component_validate_json": (
        {"c.wat": GREETER, "m.wat": "(module (func (result i32)))"},
        ["component", "validate", "--json", "c.wat", "m.wat"],
    ),
    "component_validate_stdin": ({}, ["component", "validate", "-"], GREETER),
    "component_validate_type": (
        {"c.wat": '(component (import "f" (func (param "x" 7))))'}, ["component", "validate", "c.wat"]),
    "component_validate_core_module": (
        {"c.wat": "(component (component (core module (func (result i32)))))"}, ["component", "validate", "c.wat"]),
    "component_validate_feature_off": (
        {"c.wat": "(component (type (map string u8)))"}, ["component", "validate", "--features", "-map", "c.wat"]),
    "component_validate_unknown_feature": ({}, ["component", "validate", "--features", "maps", "c.wat"]),
    "component_validate_text": ({"c.wasm": "hello"}, ["component", "validate", "c.wasm"]),
    "component_wit": ({"c.wat": GREETER}, ["component", "wit", "c.wat"]),
    "component_wit_of_module": ({"c.wat": "(module)"}, ["component", "wit", "c.wat"]),
    "component_wit_not_expressible": (
        {"c.wat": '(component (import "m" (core module)))'}, ["component", "wit", "c.wat"]),
    "component_print": ({"c.wat": GREETER}, ["component", "print", "c.wat"]),
    "component_print_to_file": ({"c.wat": GREETER}, ["component", "print", "c.wat", "-o", "no/where.wat"]),
    "unreadable_log_dir": ({"spin.toml": APP, "c.wasm": ("guest", "hello.wasm"), "file": ""}, ["up", "-L", "file/logs"]),
}


def run_case(program, guests, name):
    """The text of the snapshot: exit code, standard output, standard error."""
    files, arguments, *stdin = CASES[name]
    with tempfile.TemporaryDirectory(prefix="spindle-cli-") as folder, socket.socket() as busy:
        # As a server that shares its port does it.
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        for path, content in files.items():
            target = Path(folder) / path
            if isinstance(content, tuple):
                data = (guests / content[1]).read_bytes()
                target.write_bytes(data[: content[2]] if len(content) > 2 else data)
            else:
                target.write_text(content)
        command = [program, *(argument.replace("$BUSY", port) for argument in arguments)]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("SPIN_", "SPINDLE_"))}
        environment["XDG_CACHE_HOME"] = str(Path(folder) / ".cache")
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=60, env=environment,
                input="".join(stdin))
        except subprocess.TimeoutExpired:
            return "still running after 60 s, expected an error\n"
        text = f"exit code {done.returncode}\n--- stdout\n{done.stdout}--- stderr\n{done.stderr}"
        text = text.replace(folder, "$DIR").replace(port, "$BUSY")
        return re.sub(r"[ \t]+\n", "\n", text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--spindle", required=True)
    parser.add_argument("--guests", type=Path, required=True)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.spindle = str(Path(options.spindle).resolve())
    update = os.environ.get("SPINDLE_UPDATE_SNAPSHOTS") == "1"
    failed = 0
    names = options.names or list(CASES)
    for name in names:
        seen = run_case(options.spindle, options.guests, name)
        snapshot = HERE / "snapshots" / f"{name}.txt"
        if update:
            snapshot.write_text(seen)
        expected = snapshot.read_text() if snapshot.exists() else ""
        if seen != expected:
            failed += 1
            print(f"FAILED {name}\n--- expected\n{expected}\n--- seen\n{seen}", flush=True)
    leftover = {path.stem for path in (HERE / "snapshots").glob("*.txt")} - set(CASES)
    for name in sorted(leftover):
        failed += 1
        print(f"FAILED {name}: a snapshot without a case")
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
