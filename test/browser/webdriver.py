"""A browser without a screen, driven over the WebDriver protocol: Debian's Chromium and its driver.

    with webdriver.Browser() as browser:
        browser.open("http://127.0.0.1:3000/")
        browser.click("#start")
        browser.wait_for("the score", lambda: browser.text("#score") == "1")

Standard library only; every wait is bounded. Everything that the browser writes is in a temporary
folder.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

START_SECONDS = 60
WAIT_SECONDS = 30
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class BrowserError(Exception):
    """The browser or its driver did not do what was asked."""


def find_program(name):
    found = shutil.which(name)
    if found is None:
        raise BrowserError(f"the program `{name}` is not installed (tools/setup.sh installs it)")
    return found


class Browser:
    def __init__(self, width=1180, height=800):
        self.size = (width, height)

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="spindle-browser-", ignore_cleanup_errors=True)
        environment = {**os.environ, "HOME": self.folder.name, "TMPDIR": self.folder.name}
        self.driver = subprocess.Popen([find_program("chromedriver"), "--port=0"], env=environment, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            self.base = f"http://127.0.0.1:{self.read_port()}"
            self.session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": self.capabilities()}})["sessionId"]
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *failure):
        try:
            self.call("DELETE", f"/session/{self.session}")
        finally:
            self.end()

    def end(self):
        self.driver.terminate()
        self.driver.wait(10)
        self.driver.stdout.close()
        self.folder.cleanup()

    def read_port(self):
        for line in self.driver.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                return int(found[1])
        raise BrowserError("chromedriver does not start")

    def capabilities(self):
        arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     "--disable-dev-shm-usage", f"--user-data-dir={self.folder.name}/profile",
                     f"--window-size={self.size[0]},{self.size[1]}"]
        return {"browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"},
                "goog:chromeOptions": {"binary": find_program("chromium"), "args": arguments}}

    def call(self, method, path, content=None):
        body = None if method != "POST" else json.dumps(content or {}).encode()
        request = urllib.request.Request(self.base + path, data=body, method=method)
        try:
            with urllib.request.urlopen(request, timeout=START_SECONDS) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            said = json.load(error)["value"]
            raise BrowserError(f"{path}: {said.get('error')}: {said.get('message')}") from None

    def command(self, path, content=None, method="POST"):
        return self.call(method, f"/session/{self.session}{path}", content)

    def open(self, url):
        self.command("/url", {"url": url})

    def run(self, script, *arguments):
        """What the function body `script` returns."""
        return self.command("/execute/sync", {"script": script, "args": arguments})

    def find(self, selector):
        return self.command("/element", {"using": "css selector", "value": selector})[ELEMENT]

    def text(self, selector):
        return self.command(f"/element/{self.find(selector)}/text", method="GET")

    def click(self, selector):
        self.command(f"/element/{self.find(selector)}/click")

    def type(self, selector, text):
        self.command(f"/element/{self.find(selector)}/value", {"text": text})

    def press(self, key):
        """A key for whatever has the focus."""
        self.command("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": [
            {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}]})

    def touch(self, selector):
        target = {ELEMENT: self.find(selector)}
        self.command("/actions", {"actions": [{"type": "pointer", "id": "finger", "parameters": {"pointerType": "touch"}, "actions": [
            {"type": "pointerMove", "duration": 0, "origin": target, "x": 0, "y": 0},
            {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]}]})

    def resize(self, width, height):
        self.command("/window/rect", {"width": width, "height": height})

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.command("/screenshot", method="GET")))

    def complaints(self):
        """What the console and the network said that is an error."""
        return [entry["message"] for entry in self.command("/se/log", {"type": "browser"}) if entry["level"] == "SEVERE"]

    def wait_for(self, what, holds, seconds=WAIT_SECONDS):
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise BrowserError(f"{what} did not come true within {seconds} s: {self.complaints()}")
            time.sleep(0.05)
