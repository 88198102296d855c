#!/usr/bin/env python3
"""Finicky Whiskers as its players meet it.

    finicky.py --spindle PROGRAM --cache DIR [--screenshot FILE] play | load | redis

`play` feeds the cat in a real browser, by keyboard, mouse and touch, until the name is in the table
of high scores. `load` and `redis` let simulated players count morsels, with embedded stores and with
a Redis server. The components must be built. Compiled code is kept in DIR.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
GAME = SOURCE / "examples" / "finicky-whiskers"
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "apps")]

import run as apps  # noqa: E402
import services  # noqa: E402
import webdriver  # noqa: E402

FOODS = ["Fish", "Chicken", "Beef", "Veg"]
# The first start compiles two language engines.
apps.START_SECONDS = 400


def expect(what, seen, wanted):
    if seen != wanted:
        raise apps.Failure(f"{what}: {seen!r}, expected {wanted!r}")


class Game:
    """The application, served with its state in a temporary folder."""

    def __init__(self, options, *variables):
        self.folder = tempfile.TemporaryDirectory(prefix="spindle-finicky-")
        arguments = ["-f", str(GAME), "--quiet", "--state-dir", self.folder.name]
        for variable in variables:
            arguments += ["--variable", variable]
        self.server = apps.Application(options.spindle, Path(self.folder.name), arguments,
                                       {"XDG_CACHE_HOME": str(options.cache.resolve())})

    def __enter__(self):
        self.server.start()
        self.url = f"http://127.0.0.1:{self.server.port}"
        return self

    def __exit__(self, kind, *failure):
        try:
            self.server.stop()
        finally:
            self.folder.cleanup()

    def ask(self, path):
        with urllib.request.urlopen(f"{self.url}/{path}", timeout=30) as reply:
            return json.load(reply)


def current_wish(browser):
    """The food's number, none when the round is over. Asked at once: the round may end at any time."""
    state, wish = browser.run("return [document.body.dataset.state, document.getElementById('wish').textContent]")
    return FOODS.index(wish.rstrip("!")) if state == "playing" else None


def play_round(browser, screenshot):
    """Gives the cat what it asks for, and once something else. How many were meant to be right."""
    right = 0
    while (wished := current_wish(browser)) is not None:
        if right == 3:
            browser.press(str((wished + 1) % 4 + 1))
        way = [lambda: browser.press(str(wished + 1)),
               lambda: browser.click(f"[data-food={FOODS[wished].lower()}]"),
               lambda: browser.touch(f"[data-food={FOODS[wished].lower()}]")][right % 3]
        way()
        right += 1
        if screenshot and right == 8:
            browser.screenshot(screenshot)
    return right


def play(options):
    with Game(options, "round_seconds=8") as game, webdriver.Browser() as browser:
        browser.open(game.url)
        browser.wait_for("an empty table", lambda: browser.text("#best") == "Nobody yet.")
        browser.click("#start")
        browser.wait_for("a wish", lambda: browser.text("#wish").rstrip("!") in FOODS)
        thrown = play_round(browser, options.screenshot)
        browser.wait_for("the score", lambda: browser.text("#total").isdigit())
        # On a busy machine the cat has often changed its mind until the morsel is there.
        total = int(browser.text("#total"))
        if not 1 <= total <= thrown:
            raise apps.Failure(f"{thrown} morsels were thrown, and the score is {total}")
        browser.type("#name", "  Ada  <b>")
        browser.click("#enter button")
        browser.wait_for("the entry", lambda: browser.run("return !!document.querySelector('#best .mine')"))
        expect("the table on the page", browser.text("#best .mine").split("\n"), ["Ada <b>", str(total)])
        expect("the table of the service", game.ask("highscore")["best"],
               [{"name": "Ada <b>", "score": total, "mine": False}])
        browser.resize(380, 720)
        expect("sideways scrolling", browser.run("return document.scrollingElement.scrollWidth > innerWidth"), False)
        expect("complaints of the browser", browser.complaints(), [])
        print(f"{thrown} morsels thrown, {total} points")


def load(options, *variables):
    with Game(options, "round_seconds=4", *variables) as game:
        done = subprocess.run([sys.executable, GAME / "load", game.url, "--players", "8", "--seconds", "5", "--json"],
                              capture_output=True, text=True, timeout=120)
        print(done.stdout)
        if done.returncode != 0:
            raise apps.Failure(f"load: exit code {done.returncode}\n{done.stdout}{done.stderr}")


def load_with_redis(options):
    with services.Services(["redis"]) as needed:
        load(options, f"redis=redis://127.0.0.1:{needed.running['redis'].port}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--spindle", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--screenshot")
    parser.add_argument("what", choices=["play", "load", "redis"])
    options = parser.parse_args()
    try:
        {"play": play, "load": load, "redis": load_with_redis}[options.what](options)
    except (apps.Failure, services.ServiceError, webdriver.BrowserError, OSError) as failure:
        print(f"FAILED {options.what}: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
