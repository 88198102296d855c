#!/usr/bin/env python3
"""The commands of the developer's loop through the real program: `build`, `up --build`. Standard
library only.

    develop.py --spindle PROGRAM --guests DIR [TEST...]
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request
from pathlib import Path

SPINDLE = ""
GUESTS = Path()

HEAD = 'spin_manifest_version = 2\n[application]\nname = "case"\n'


def component(name, command, more=""):
    return (f'[[trigger.http]]\nroute = "/{name}"\ncomponent = "{name}"\n'
            f'[component.{name}]\nsource = "{name}.wasm"\n{more}'
            f'[component.{name}.build]\ncommand = {command}\n')


class Server:
    """`spindle` with arguments that serve; knows its address once it serves."""

    def __init__(self, folder, *arguments):
        self.errors = []
        self.process = subprocess.Popen(
            [SPINDLE, *arguments], cwd=folder, env=environment(folder), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.reader = threading.Thread(target=self.read_errors)
        self.reader.start()
        self.address = ""
        self.output = ""
        for line in self.process.stdout:
            self.output += line
            if found := re.match(r"Serving (http://\S+)", line):
                self.address = found[1]
                break
        if self.address:
            self.drainer = threading.Thread(target=self.process.stdout.read)
            self.drainer.start()
        else:
            self.stop()
            raise AssertionError(f"does not serve: {self.output}{self.errors}")

    def read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line)

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=20) as reply:
            return reply.read().decode()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        self.reader.join()
        if self.address:
            self.drainer.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()


def environment(folder):
    values = {k: v for k, v in os.environ.items() if not k.startswith(("SPIN_", "SPINDLE_"))}
    values["XDG_CACHE_HOME"] = str(Path(folder) / ".cache")
    values["SPIN_DATA_DIR"] = str(Path(folder) / ".data")
    return values


class Case(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="spindle-develop-")
        self.addCleanup(self.temporary.cleanup)
        self.folder = Path(self.temporary.name)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_spindle(self, *arguments, code=0, text="", **more):
        done = subprocess.run(
            [SPINDLE, *arguments], cwd=more.pop("cwd", self.folder), capture_output=True, text=True,
            timeout=120, input=text, env={**environment(self.folder), **more})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done


class Build(Case):
    def test_runs_commands_in_order_in_the_workdir(self):
        (self.folder / "sub").mkdir()
        self.write("spin.toml", HEAD + component("a", '["echo one > log", "pwd >> log"]') + 'workdir = "sub"\n')
        done = self.run_spindle("build")
        self.assertEqual((self.folder / "sub/log").read_text(), f"one\n{self.folder}/sub\n")
        self.assertEqual(done.stdout, "Building component a with `echo one > log`\n"
                                      "Building component a with `pwd >> log`\n"
                                      "Finished building all Spin components\n")

    def test_passes_output_of_a_single_command_through(self):
        self.write("spin.toml", HEAD + component("a", '"echo out; echo err >&2"'))
        done = self.run_spindle("build")
        self.assertIn("\nout\n", done.stdout)
        self.assertEqual(done.stderr, "err\n")

    def test_builds_side_by_side_and_marks_lines(self):
        # Each waits for the other: one after the other would never end.
        meet = "touch {0}.here; until [ -e {1}.here ]; do :; done; echo {0} says; printf {0} tail"
        self.write("spin.toml", HEAD + component("a", f'"{meet.format("a", "bee")}"')
                   + component("bee", f'"{meet.format("bee", "a")}"'))
        if os.cpu_count() < 2:
            self.skipTest("one core builds one at a time")
        done = self.run_spindle("build")
        self.assertIn("a   | a says\n", done.stdout)
        self.assertIn("bee | bee says\n", done.stdout)
        self.assertIn("bee | bee\n", done.stdout)
        self.assertIn("Built component bee\n", done.stdout)

    def test_builds_dependencies_first(self):
        wants = 'dependencies = { "a:b/c" = { path = "last.wasm" } }\n'
        self.write("spin.toml", HEAD + component("first", '"cat last.wasm"', wants)
                   + component("last", '"echo made > last.wasm"'))
        done = self.run_spindle("build")
        self.assertIn("first | made\n", done.stdout)
        self.assertIn("spin-dependencies.wit", done.stderr)
        self.assertEqual(self.run_spindle("build", "--skip-generate-wits").stderr, "")

    def test_stops_after_a_failure(self):
        self.write("spin.toml", HEAD + component("a", '["exit 3", "touch never"]'))
        done = self.run_spindle("build", code=1)
        self.assertIn("Error: building component `a`\n\nCaused by:\n"
                      "    the command `exit 3` ended with exit code 3\n", done.stderr)
        self.assertNotIn("Finished", done.stdout)
        self.assertFalse((self.folder / "never").exists())

    def test_names_the_signal_that_ended_a_command(self):
        self.write("spin.toml", HEAD + component("a", '"kill -9 $$"'))
        self.assertIn("exit code 137", self.run_spindle("build", code=1).stderr)

    def test_selects_components(self):
        self.write("spin.toml", HEAD + component("a", '"touch a"') + component("b", '"touch b"'))
        self.run_spindle("build", "-c", "b")
        self.assertFalse((self.folder / "a").exists())
        self.assertTrue((self.folder / "b").exists())
        self.assertIn("no component `c`", self.run_spindle("build", "-c", "c", code=1).stderr)

    def test_refuses_a_workdir_that_is_not_relative_or_not_there(self):
        for workdir, text in (("/tmp", "must be relative"), ("none", "does not exist")):
            self.write("spin.toml", HEAD + component("a", '"true"') + f'workdir = "{workdir}"\n')
            self.assertIn(text, self.run_spindle("build", code=1).stderr)

    def test_needs_no_build_commands(self):
        self.write("spin.toml", HEAD + '[[trigger.http]]\nroute = "/"\nstatic_response = { body = "x" }\n')
        self.assertIn("None of the components have a build command", self.run_spindle("build").stdout)

    def test_builds_what_would_not_run(self):
        self.write("spin.toml", HEAD + "sauce = 1\n" + component("a", '"touch made"'))
        done = self.run_spindle("build")
        self.assertTrue((self.folder / "made").exists())
        self.assertIn("Warning: the manifest has errors", done.stderr)
        self.assertIn("sauce", done.stderr)

    def test_builds_profiles_and_remembers_the_last(self):
        self.write("spin.toml", HEAD + component("a", '"echo release > kind"')
                   + '[component.a.profile.debug]\nbuild.command = "echo debug > kind"\n')
        self.run_spindle("build")
        self.assertFalse((self.folder / ".spin").exists())
        self.run_spindle("build", "--profile", "debug")
        self.assertEqual((self.folder / "kind").read_text(), "debug\n")
        self.assertEqual((self.folder / ".spin/last-build.txt").read_text(), "debug")
        self.assertIn("the last build had the profile `debug`, this runs with no profile",
                      self.run_spindle("up", code=1).stderr)
        self.run_spindle("build")
        self.assertEqual((self.folder / ".spin/last-build.txt").read_text(), "<anonymous>")
        self.assertIn('defines profile "fast"', self.run_spindle("build", "--profile", "fast", code=1).stderr)

    def test_ends_though_something_stays_in_the_background(self):
        self.write("spin.toml", HEAD + component("a", '"sleep 60 & echo $! > pid"') + component("b", '"true"'))
        self.run_spindle("build")
        os.kill(int((self.folder / "pid").read_text()), signal.SIGKILL)

    def test_finds_the_manifest_of_a_parent(self):
        self.write("spin.toml", HEAD + component("a", '"touch made"'))
        (self.folder / "deep/er").mkdir(parents=True)
        done = self.run_spindle("build", cwd=self.folder / "deep/er")
        self.assertTrue((self.folder / "made").exists())
        self.assertIn("Using ", done.stderr)

    def test_serves_what_it_built(self):
        guest = GUESTS / "hello.wasm"
        self.write("spin.toml", HEAD + component("a", f'"cp {guest} a.wasm"'))
        for arguments in (["build", "--up", "--listen", "127.0.0.1:0"],
                          ["up", "--build", "--listen", "127.0.0.1:0"]):
            (self.folder / "a.wasm").unlink(missing_ok=True)
            with Server(self.folder, *arguments) as server:
                self.assertIn("Building component a", server.output)
                self.assertIn("ello", server.get("/a"))
                self.assertEqual(server.stop(), 0)

    def test_does_not_serve_what_failed(self):
        self.write("spin.toml", HEAD + component("a", '"false"'))
        self.run_spindle("up", "--build", code=1)
        self.run_spindle("up", code=1, SPIN_ALWAYS_BUILD="1")

    def test_refuses_arguments_that_lead_nowhere(self):
        self.assertIn("follow --up", self.run_spindle("build", "--listen", "x", code=2).stderr)
        self.run_spindle("build", "--up", "--nonsense", code=2)


def main():
    global SPINDLE, GUESTS
    parser = argparse.ArgumentParser()
    parser.add_argument("--spindle", required=True)
    parser.add_argument("--guests", type=Path, required=True)
    parser.add_argument("tests", nargs="*")
    options = parser.parse_args()
    SPINDLE = str(Path(options.spindle).resolve())
    GUESTS = options.guests.resolve()
    unittest.main(argv=[sys.argv[0], *options.tests])


if __name__ == "__main__":
    main()
