#!/usr/bin/env python3
"""The commands of the developer's loop through the real program: `build`, `up --build`, `new`, `add`,
`templates`, `watch`. Standard library only.

    develop.py --spindle PROGRAM --guests DIR [TEST...]
"""

import argparse
import http.client
import json
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
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
            self.drainer = threading.Thread(target=self.read_output)
            self.drainer.start()
        else:
            self.stop()
            raise AssertionError(f"does not serve: {self.output}{self.errors}")

    def read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line)

    def read_output(self):
        for line in self.process.stdout:
            self.output += line

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


def template(root, template_id="mine", manifest="", files=None):
    """Lays down a template of its own below `root`/templates."""
    base = Path(root) / "templates" / template_id
    (base / "metadata/snippets").mkdir(parents=True)
    (base / "metadata/spin-template.toml").write_text(
        f'manifest_version = "1"\nid = "{template_id}"\ndescription = "about {template_id}"\n' + manifest)
    for name, text in (files or {}).items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return base


class Templates(Case):
    def listed(self):
        shown = json.loads(self.run_spindle("templates", "list", "--format", "json").stdout)
        return {entry["id"]: entry for entry in shown}

    def test_come_with_the_program(self):
        listed = self.listed()
        self.assertIn("http-c", listed)
        self.assertIn("c", listed["http-c"]["tags"])
        self.assertIn("http-empty", self.run_spindle("templates", "list").stdout)
        self.assertNotIn("http-c", self.run_spindle("templates", "list", "--tag", "redis").stdout)
        self.assertIn("comes with the program",
                      self.run_spindle("templates", "uninstall", "http-c", code=1).stderr)

    def test_are_installed_from_a_directory_upgraded_and_uninstalled(self):
        source = self.folder / "source"
        base = template(source, files={"content/a.txt": "one"})
        self.assertIn("Installed template mine", self.run_spindle("templates", "install", "--dir", "source").stdout)
        self.assertEqual(self.listed()["mine"]["source"], str(source))
        (base / "content/a.txt").write_text("two")
        self.assertIn("installed already", self.run_spindle("templates", "install", "--dir", "source").stdout)
        self.run_spindle("new", "x", "-t", "mine")
        self.assertEqual((self.folder / "x/a.txt").read_text(), "one")
        self.run_spindle("templates", "upgrade")
        self.run_spindle("new", "y", "-t", "mine")
        self.assertEqual((self.folder / "y/a.txt").read_text(), "two")
        self.run_spindle("templates", "uninstall", "mine")
        self.assertNotIn("mine", self.listed())
        self.run_spindle("templates", "uninstall", "mine", code=1)

    def test_are_installed_from_git_and_archives(self):
        repository = self.folder / "repository"
        template(repository, files={"content/a.txt": "of git"})
        git = ["git", "-c", "user.name=n", "-c", "user.email=e"]
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"],
                        ["tag", "spin/templates/v4.1"]):
            subprocess.run([*git, *command], cwd=repository, check=True)
        # What comes after the tag for this version is not taken, unless it is asked for.
        (repository / "templates/mine/content/a.txt").write_text("of a later commit")
        subprocess.run([*git, "commit", "-qam", "two"], cwd=repository, check=True)
        subprocess.run([*git, "branch", "later"], cwd=repository, check=True)
        self.run_spindle("templates", "install", "--git", f"file://{repository}")
        self.run_spindle("new", "a", "-t", "mine")
        self.assertEqual((self.folder / "a/a.txt").read_text(), "of git")
        self.run_spindle("templates", "install", "--git", f"file://{repository}", "--branch", "later", "--upgrade")
        self.run_spindle("new", "b", "-t", "mine")
        self.assertEqual((self.folder / "b/a.txt").read_text(), "of a later commit")
        subprocess.run(["tar", "czf", "t.tgz", "repository"], cwd=self.folder, check=True)
        self.run_spindle("templates", "uninstall", "mine")
        self.run_spindle("templates", "install", "--tar", "t.tgz")
        self.assertIn("mine", self.listed())
        self.run_spindle("templates", "install", "--git", "--upload-pack=touch x", code=1)
        self.run_spindle("templates", "install", "--git", f"file://{self.folder}/none", code=1)

    def test_that_cannot_be_read_are_named(self):
        template(self.folder / "s", manifest='colour = "red"\n')
        self.assertIn("colour", self.run_spindle("templates", "install", "--dir", "s", code=1).stderr)
        self.run_spindle("templates", "install", code=2)
        self.assertIn("no templates", self.run_spindle("templates", "install", "--dir", ".", code=1).stderr)


class New(Case):
    def test_makes_builds_and_serves_an_application(self):
        self.run_spindle("new", "hello", "-t", "http-c", "-a")
        folder = self.folder / "hello"
        self.assertTrue((folder / ".gitignore").exists())
        self.run_spindle("add", "other one", "-t", "http-c", "-v", "http-path=/other/...", cwd=folder)
        self.run_spindle("add", "away", "-t", "redirect", "-v", "redirect-from=/away",
                         "-v", "redirect-to=/other/place", cwd=folder)
        self.run_spindle("add", "files", "-t", "static-fileserver", "-a", "-v", "http-path=/files/...", cwd=folder)
        with Server(folder, "up", "--build", "--listen", "127.0.0.1:0") as server:
            self.assertEqual(server.get("/"), "Hello from C\n")
            self.assertEqual(server.get("/other/x"), "Hello from C\n")
            self.assertEqual(server.get("/away"), "Hello from C\n")
            self.assertIn("Hello from a file", server.get("/files/"))
            self.assertEqual(server.stop(), 0)

    def test_takes_values_from_flags_and_files(self):
        self.write("values.toml", 'http-path = "/file"\nproject-description = "from a file"\n')
        self.run_spindle("new", "a", "-t", "http-c", "--values-file", "values.toml", "-v", "http-path=/flag")
        manifest = (self.folder / "a/spin.toml").read_text()
        self.assertIn('route = "/flag"', manifest)
        self.assertIn('description = "from a file"', manifest)

    def test_refuses_what_does_not_fit(self):
        for arguments, text in (
                (["a", "-t", "http-c"], "`project-description` has no value"),
                (["a", "-t", "http-c", "-a", "-v", "http-path=none"], "expected text that matches"),
                (["a", "-t", "http-c", "-a", "-v", "colour=red"], "no parameter `colour`"),
                (["a", "-t", "http-c", "-a", "-v", "colour"], "expected NAME=VALUE"),
                (["1a", "-t", "http-c", "-a"], "invalid name"),
                (["a", "-t", "http-none", "-a"], "no template `http-none`"),
                (["a"], "no template is given"),
                (["-t", "http-c"], "no name is given")):
            self.assertIn(text, self.run_spindle("new", *arguments, code=1).stderr)
        self.assertFalse((self.folder / "a").exists())
        self.run_spindle("new", "a", "b", "c", code=2)

    def test_takes_the_older_order_and_places(self):
        self.run_spindle("new", "http-empty", "first", "-a")
        self.assertTrue((self.folder / "first/spin.toml").exists())
        self.run_spindle("new", "second", "-t", "http-c", "-a", "-o", "deep/er", "--no-vcs")
        self.assertFalse((self.folder / "deep/er/.gitignore").exists())
        self.assertTrue((self.folder / "deep/er/main.c").exists())
        self.assertIn("not empty", self.run_spindle("new", "x", "-t", "http-c", "-a", "--init", code=1).stderr)
        self.run_spindle("new", "x", "-t", "http-c", "-a", "--init", "--allow-overwrite")
        self.assertTrue((self.folder / "main.c").exists())

    def test_adds_only_where_it_can(self):
        self.assertIn("No such file", self.run_spindle("add", "a", "-t", "http-c", code=1).stderr)
        self.write("spin.toml", 'spin_version = "1"\nname = "a"\n')
        self.assertIn("version 1", self.run_spindle("add", "a", "-t", "http-c", "-a", code=1).stderr)
        self.write("spin.toml", HEAD)
        self.assertIn("cannot be added", self.run_spindle("add", "a", "-t", "http-empty", "-a", code=1).stderr)
        self.run_spindle("add", "a", "-t", "http-c", "-a")
        before = (self.folder / "spin.toml").read_text()
        done = self.run_spindle("add", "a", "-t", "http-c", "-a", "-o", "b", code=1)
        self.assertIn("left as it was", done.stderr)
        self.assertEqual((self.folder / "spin.toml").read_text(), before)
        self.assertFalse((self.folder / "b").exists())

    def test_adds_redis_triggers_with_one_address(self):
        self.write("spin.toml", HEAD)
        channel = ["-t", "redis-rust", "-v", "redis-channel=c"]
        self.run_spindle("add", "a", *channel, "-v", "redis-address=redis://one")
        self.run_spindle("add", "b", *channel)
        manifest = (self.folder / "spin.toml").read_text()
        self.assertEqual(manifest.count("[application.trigger.redis]"), 1)
        self.assertEqual(manifest.count("[[trigger.redis]]"), 2)

    def test_asks_in_a_terminal(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(SPINDLE, [SPINDLE, "new", "--tag", "redirect"], environment(self.folder))
        # A wrong answer is asked for again.
        for question, answer in (("Template", "redirect"), ("Name", "9"), ("expected words", "away"),
                                 ("Description", "goes away"), ("from path", "x"), ("expected text", "/a"),
                                 ("to path", "/b")):
            seen = b""
            while question.encode() not in seen:
                seen += os.read(terminal, 1024)
            os.write(terminal, answer.encode() + b"\n")
        try:
            while os.read(terminal, 1024):
                pass
        except OSError:
            pass
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        os.close(terminal)
        manifest = (self.folder / "away/spin.toml").read_text()
        self.assertIn('route = "/a"', manifest)
        self.assertIn('description = "goes away"', manifest)


class Doctor(Case):
    def findings(self, *arguments, code=0):
        done = self.run_spindle("doctor", "--listen", "127.0.0.1:0", "--format", "json", *arguments, code=code)
        document = json.loads(done.stdout)
        return document["problems"], [(f["kind"], f.get("component"), f["text"], f.get("help"))
                                      for f in document["findings"]]

    def test_finds_nothing_wrong_with_what_runs(self):
        self.write("spin.toml", HEAD + component("a", '"true"'))
        (self.folder / "a.wasm").write_bytes((GUESTS / "hello.wasm").read_bytes())
        problems, findings = self.findings("--strict")
        self.assertEqual(problems, 0)
        self.assertIn(("good", None, "all components can be run here", None), findings)
        self.assertFalse((self.folder / ".spin").exists())

    def test_says_what_helps(self):
        self.write("spin.toml", HEAD + component("a", '"./no-such-tool"'))
        problems, findings = self.findings("--strict", code=1)
        self.assertEqual(problems, 2)
        self.assertIn(("problem", "a", "its file `a.wasm` is not built", "spindle build -c a"), findings)
        done = self.run_spindle("doctor")
        self.assertIn("problem  component `a`: `./no-such-tool`, which its build command calls, is not installed\n"
                      "         help: ", done.stdout)
        self.assertIn("2 problems, ", done.stdout)

    def test_finds_what_up_would_refuse(self):
        self.write("spin.toml", HEAD + component("a", '"true"') + '[variables]\nname = { required = true }\n')
        self.write("a.wasm", '(component (import "acme:shop/cart@1.0.0" (instance (export "open" (func)))))')
        problems, findings = self.findings()
        self.assertEqual(problems, 1)
        self.assertIn("acme:shop/cart@1.0.0", next(text for kind, _, text, _ in findings if kind == "problem"))
        self.assertIn(("note", None, "the variable `name` is required", "spindle up --variable name=VALUE"), findings)
        self.write("spin.toml", HEAD + "[trigger]\n[sauce]\n")
        self.assertIn("unknown key `sauce`", self.run_spindle("doctor").stdout)
        self.assertEqual(self.run_spindle("doctor", "-f", "none", code=1).stdout, "")


class Completions(Case):
    def complete(self, *words):
        """What bash offers for the last word."""
        script = self.run_spindle("completions", "bash").stdout
        script += f"COMP_WORDS=({' '.join(words)}{' ' + repr('') if words[-1] == '' else ''})\n"
        script += f"COMP_CWORD={len(words) - 1}\n_spindle\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
        done = subprocess.run(["bash", "--norc"], input=script, text=True, capture_output=True, timeout=60,
                              cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_bash_offers_commands_flags_and_their_values(self):
        self.write("shop.toml", "")
        self.assertEqual(self.complete("spindle", "do"), ["doctor"])
        self.assertIn("--listen", self.complete("spindle", "up", "--li"))
        self.assertEqual(self.complete("spindle", "u", "--format", "j"), ["json"])
        self.assertEqual(self.complete("spindle", "templates", "unin"), ["uninstall"])
        self.assertEqual(self.complete("spindle", "template", "install", "--bra"), ["--branch"])
        self.assertEqual(self.complete("spindle", "up", "sho"), ["shop.toml"])
        self.assertEqual(self.complete("spindle", "completions", "z"), ["zsh"])
        self.assertEqual(self.complete("spindle", "up", "--from-reg"), [])

    def test_every_shell_has_every_flag(self):
        shown = set(re.findall(r"--[a-z][a-z-]+", self.run_spindle("up", "--help").stdout.split("Examples")[0]))
        for shell in ("bash", "zsh", "fish"):
            script = self.run_spindle("completions", shell).stdout
            for flag in shown - {"--help"}:
                self.assertIn(flag[2:] if shell == "fish" else flag, script)
        self.run_spindle("completions", "csh", code=2)
        zsh = self.run_spindle("completions", "zsh").stdout
        self.assertTrue(zsh.startswith("#compdef spindle\n"))


class Watch(Case):
    def application(self):
        """Two components of components in C whose answers are texts in files."""
        self.run_spindle("new", "one", "-t", "http-c", "-v", "project-description=", "-v", "http-path=/one", "-o", ".")
        self.run_spindle("add", "two", "-t", "http-c", "-v", "http-path=/two")

    def say(self, text, folder="."):
        source = self.folder / folder / "main.c"
        source.write_text(re.sub(r'TEXT\("[^"]*\\n"\)', f'TEXT("{text}\\\\n")', source.read_text()))

    def wait_for(self, server, path, text):
        """Until the answer is the text, asking all the time: every answer must be whole."""
        seen = set()
        began = time.monotonic()
        while True:
            answer = server.get(path)
            seen.add(answer)
            if answer == text:
                return seen, time.monotonic() - began
            if time.monotonic() - began > 60:
                raise AssertionError(f"still {answer!r}: {server.errors}")

    @staticmethod
    def ask(server, reuse, ending, counts, failures):
        """Every 5 ms, on one connection or on many."""
        host = server.address.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=20)
        count = 0
        while not ending.wait(0.005):
            try:
                connection.request("GET", "/two")
                reply = connection.getresponse()
                text = reply.read()
                if reply.status != 200 or reply.will_close:
                    failures.append((reply.status, text))
            except (OSError, http.client.HTTPException) as problem:
                failures.append(problem)
            count += 1
            if not reuse:
                connection.close()
                connection = http.client.HTTPConnection(host, timeout=20)
        connection.close()
        counts.append(count)

    def wait_for_error(self, server, text):
        began = time.monotonic()
        while text not in "".join(server.errors):
            if time.monotonic() - began > 60:
                raise AssertionError(f"no {text!r}: {server.errors}")
            server.get("/one")

    def test_builds_what_changed_and_drops_no_request(self):
        self.application()
        with Server(self.folder, "watch", "--listen", "127.0.0.1:0") as server:
            self.assertEqual(server.get("/one"), "Hello from C\n")
            built = server.output.count("Building component one")
            failures = []
            counts = []
            ending = threading.Event()
            clients = [threading.Thread(target=self.ask, args=(server, reuse, ending, counts, failures))
                       for reuse in (True, True, False)]
            for client in clients:
                client.start()
            try:
                self.say("changed")
                seen, seconds = self.wait_for(server, "/one", "changed\n")
                self.assertEqual(seen, {"Hello from C\n", "changed\n"} & seen)
                print(f"from saving to the new answer: {seconds:.2f} s", file=sys.stderr)
                self.say("two, too", "two")
                self.wait_for(server, "/two", "two, too\n")
            finally:
                ending.set()
                for client in clients:
                    client.join()
            self.assertEqual(failures, [])
            self.assertGreater(min(counts), 10)
            self.assertEqual(server.output.count("Building component one"), built + 1)
            self.assertEqual(server.stop(), 0)

    def test_keeps_what_serves_when_a_build_fails(self):
        self.application()
        with Server(self.folder, "watch", "--listen", "127.0.0.1:0") as server:
            good = (self.folder / "main.c").read_text()
            (self.folder / "main.c").write_text("oops")
            self.wait_for_error(server, "served as it was")
            self.assertIn("building component `one`", "".join(server.errors))
            self.assertEqual(server.get("/one"), "Hello from C\n")
            (self.folder / "main.c").write_text(good.replace("Hello", "Again"))
            self.wait_for(server, "/one", "Again from C\n")
            self.assertEqual(server.stop(), 0)

    def test_follows_the_manifest(self):
        self.application()
        with Server(self.folder, "watch", "--listen", "127.0.0.1:0") as server:
            manifest = (self.folder / "spin.toml").read_text()
            self.write("spin.toml", "nonsense")
            self.wait_for_error(server, "served as it was")
            self.write("spin.toml", manifest.replace('"/two"', '"/three"'))
            began = time.monotonic()
            while time.monotonic() - began < 60:
                try:
                    self.assertEqual(server.get("/three"), "Hello from C\n")
                    break
                except urllib.error.HTTPError:
                    pass
            self.assertEqual(server.stop(), 0)

    def test_without_building_follows_what_is_served(self):
        self.application()
        self.run_spindle("build")
        with Server(self.folder, "watch", "--skip-build", "--listen", "127.0.0.1:0") as server:
            self.say("changed")
            self.run_spindle("build")
            self.wait_for(server, "/one", "changed\n")
            self.assertEqual(server.stop(), 0)


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
