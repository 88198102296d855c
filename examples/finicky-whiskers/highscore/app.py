"""highscore: GET /highscore lists the best ten, POST /highscore {"id", "name"} enters a session.

How much a session scored is asked of the service `score`. A session has one entry: whoever enters it
again changes the name. Entries are in SQLite, or in Redis where the variable `redis` has an address.
"""

import json
import re

from spin_sdk import http, variables
from spin_sdk.http import Request, Response
from spin_sdk.wit.imports import redis
from spin_sdk.wit.imports.redis import RedisParameter_Binary, RedisParameter_Int64
# The SDK's own module for this, spin_sdk.sqlite, looks for it under another name.
from spin_sdk.wit.imports.spin_sqlite_sqlite import Connection, Value_Integer, Value_Text

NAME_LENGTH_MAX = 20
LISTED = 10
SESSION_ID = re.compile(r"[0-9A-Z]{26}")


class InSqlite:
    def __init__(self):
        self.database = Connection.open("default")
        self.run("CREATE TABLE IF NOT EXISTS best (session TEXT PRIMARY KEY, name TEXT NOT NULL, "
                 "score INTEGER NOT NULL) WITHOUT ROWID")

    def run(self, statement, *parameters):
        values = [Value_Integer(p) if isinstance(p, int) else Value_Text(p) for p in parameters]
        return [[value.value for value in row.values] for row in self.database.execute(statement, values).rows]

    def enter(self, session, name, score):
        self.run("INSERT INTO best VALUES (?, ?, ?) ON CONFLICT (session) "
                 "DO UPDATE SET name = excluded.name, score = excluded.score", session, name, score)

    def better_than(self, score):
        return self.run("SELECT count(*) FROM best WHERE score > ?", score)[0][0]

    def best(self):
        return self.run("SELECT session, name, score FROM best ORDER BY score DESC, session LIMIT ?", LISTED)


class InRedis:
    SCORES, NAMES = "finicky:best", "finicky:names"

    def __init__(self, address):
        self.connection = redis.Connection.open(address)

    def run(self, command, *arguments):
        parameters = [RedisParameter_Int64(a) if isinstance(a, int) else RedisParameter_Binary(a.encode())
                      for a in arguments]
        found = [getattr(result, "value", None) for result in self.connection.execute(command, parameters)]
        return [value.decode() if isinstance(value, bytes) else value for value in found]

    def enter(self, session, name, score):
        self.run("HSET", self.NAMES, session, name)
        self.run("ZADD", self.SCORES, score, session)

    def better_than(self, score):
        return self.run("ZCOUNT", self.SCORES, f"({score}", "+inf")[0]

    def best(self):
        found = self.run("ZREVRANGE", self.SCORES, 0, LISTED - 1, "WITHSCORES")
        sessions, scores = found[::2], found[1::2]
        names = self.run("HMGET", self.NAMES, *sessions) if sessions else []
        return zip(sessions, names, map(int, scores))


class IncomingHandler(http.IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        address = variables.get("redis")
        table = InRedis(address) if address else InSqlite()
        if request.method == "GET":
            return reply({"best": listed(table)})
        if request.method != "POST":
            return Response(405, {"allow": "GET, POST"}, b"")
        return enter(table, request.body or b"")


def enter(table, body):
    try:
        wanted = json.loads(body)
        session, name = wanted["id"], clean(wanted["name"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return reply({"error": "expected an id and a name"}, 400)
    if not isinstance(session, str) or not SESSION_ID.fullmatch(session) or not name:
        return reply({"error": "expected an id and a name"}, 400)
    asked = http.send(Request("GET", f"http://score.spin.internal/score?id={session}", {}, None))
    if asked.status != 200:
        return reply({"error": "the score is not known"}, 502)
    score = json.loads(asked.body)["total"]
    if score == 0:
        return reply({"error": "that cat went hungry"}, 422)
    table.enter(session, name, score)
    return reply({"rank": table.better_than(score) + 1, "score": score, "best": listed(table, session)})


def clean(name):
    return " ".join("".join(sign for sign in name if sign.isprintable()).split())[:NAME_LENGTH_MAX]


def listed(table, entered=None):
    return [{"name": name, "score": score, "mine": session == entered} for session, name, score in table.best()]


def reply(content, status=200):
    return Response(status, {"content-type": "application/json", "cache-control": "no-store"},
                    json.dumps(content).encode())
