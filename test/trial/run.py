#!/usr/bin/env python3
"""`spindle test` on the application of this folder, and on tests that are to fail. Standard library only.

    run.py --spindle PROGRAM --guests DIR [TEST...]
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
GUESTS = ["keyvalue", "data", "relay", "redis", "async", "listener"]
SPINDLE = ""
GUEST_FOLDER = Path()

FAILING = """
variables = { redis_host = "cache.example.com" }

[[test]]
name = "a wrong body"
[[test.step]]
request = "GET /count"
expect.body = "1"
[[test.step]]
request = "GET /count"
expect = { status = 201, body = "3", key-value.default = { number = false } }
[[test.step]]
request = "GET /nowhere"

[[test]]
name = "an unexpected request"
[[test.step]]
request = "GET /via/pears"
headers = { host = "api.example.com" }
expect.status = 502
[[test.step.outbound]]
request = "GET http://api.example.com/apples"
answer = {}

[[test]]
name = "a trap"
[[test.step]]
publish = "news"
body = "trap"

[[test]]
name = "holds"
[[test.step]]
request = "GET /count"
expect.body = "1"
"""


class Case(unittest.TestCase):
    # Code is compiled once for all.
    cache = tempfile.TemporaryDirectory(prefix="spindle-trial-cache-")

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="spindle-trial-")
        self.folder = Path(self.temporary.name) / "app"
        shutil.copytree(HERE, self.folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        for guest in GUESTS:
            shutil.copy(GUEST_FOLDER / f"{guest}.wasm", self.folder)

    def tearDown(self):
        self.temporary.cleanup()

    def run_tests(self, *arguments, status=0):
        done = subprocess.run(
            [SPINDLE, "test", *arguments], cwd=self.folder, text=True, capture_output=True,
            timeout=300, env={**os.environ, "XDG_CACHE_HOME": self.cache.name})
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status == 0 else done.stdout + done.stderr

    def failing(self, *arguments):
        (self.folder / "failing.toml").write_text(FAILING)
        return self.run_tests("failing.toml", *arguments, status=1)


class Test(Case):
    def test_all_tests_of_the_folder_hold(self):
        output = self.run_tests()
        self.assertIn("tests/elsewhere.toml\n", output)
        self.assertIn("ok      no time passes while a component waits (", output)
        self.assertIn("\n11 passed, 0 failed\n", output)
        self.assertFalse((self.folder / ".spin").exists())

    def test_a_failure_shows_what_differs(self):
        output = self.failing()
        self.assertIn("FAILED  a wrong body\n          step 2, failing.toml:9, GET /count\n", output)
        self.assertIn('            status: expected 201, got 200\n', output)
        self.assertIn('            body:\n              expected "3"\n              got      "2"\n', output)
        self.assertIn('key-value default, number: expected no such key, got "2"', output)
        self.assertNotIn("/nowhere", output)
        self.assertIn("unexpected outbound request GET http://api.example.com/pears", output)
        self.assertIn("the transcript has GET http://api.example.com/apples", output)
        self.assertIn("a component failed, or refused the message", output)
        self.assertIn("component `listener`, channel news: ", output)
        self.assertIn("ok      holds", output)
        self.assertTrue(output.endswith("1 passed, 3 failed\n"), output)

    def test_scripts_get_json(self):
        document = json.loads(self.failing("--format", "json"))
        self.assertEqual((document["passed"], document["failed"]), (1, 3))
        first = document["tests"][0]
        self.assertEqual((first["name"], first["step"], first["line"]), ("a wrong body", 2, 9))
        self.assertEqual(first["problems"][0], "status: expected 201, got 200")

    def test_build_servers_get_the_xml_of_junit(self):
        suite = xml.etree.ElementTree.fromstring(self.failing("--format", "junit"))[0]
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("4", "3"))
        self.assertIn("step 2, failing.toml:9, GET /count\n", suite[0][0].text)
        self.assertEqual(len(suite[3]), 0)

    def test_a_filter_and_a_list(self):
        self.assertIn("1 passed, 0 failed", self.run_tests("--filter", "empty stores"))
        listed = self.run_tests("--list", "tests/state.toml")
        self.assertIn("tests/state.toml:4: each test begins with empty stores\n", listed)

    def test_mistakes_are_pointed_at(self):
        (self.folder / "bad.toml").write_text('[[test]]\nname = "t"\n[[test.step]]\nrequst = "GET /"\n')
        output = self.run_tests("bad.toml", status=1)
        self.assertIn("--> bad.toml:4:1", output)
        self.assertIn("did you mean `request`?", output)
        shutil.rmtree(self.folder / "tests")
        self.assertIn("no tests: `tests` does not exist", self.run_tests(status=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--spindle", required=True)
    parser.add_argument("--guests", required=True)
    options, rest = parser.parse_known_args()
    SPINDLE = str(Path(options.spindle).resolve())
    GUEST_FOLDER = Path(options.guests).resolve()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=1)
