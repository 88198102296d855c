"""Serves the files of /public, the start page with the owner's name in it, and notes that visitors leave.

POST /notes keeps its body in the embedded SQLite database, GET /notes lists all.
"""

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

from spin_sdk import http, variables
from spin_sdk.http import Request, Response
# The SDK's own module for this, spin_sdk.sqlite, looks for it under another name.
from spin_sdk.wit.imports.spin_sqlite_sqlite import Connection, Value_Text

PUBLIC = Path("/public")
NOTE_LENGTH_MAX = 1000
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".svg": "image/svg+xml"}


class IncomingHandler(http.IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        name = unquote(urlsplit(request.uri).path).strip("/") or "index.html"
        if name == "notes":
            return answer_notes(request)
        file = PUBLIC / name
        if ".." in file.parts or not file.is_file():
            return Response(404, {"content-type": "text/plain"}, b"no such page\n")
        content = file.read_bytes()
        if name == "index.html":
            content = content.replace(b"{{ owner }}", variables.get("owner").encode())
        kind = TYPES.get(file.suffix, "application/octet-stream")
        return Response(200, {"content-type": kind}, content)


def answer_notes(request: Request) -> Response:
    database = Connection.open("default")
    database.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)", [])
    if request.method == "POST":
        text = (request.body or b"").decode(errors="replace").strip()[:NOTE_LENGTH_MAX]
        database.execute("INSERT INTO notes (text) VALUES (?)", [Value_Text(text)])
    elif request.method != "GET":
        return Response(405, {"allow": "GET, POST"}, b"")
    found = database.execute("SELECT id, text FROM notes ORDER BY id DESC LIMIT 100", [])
    notes = [dict(zip(found.columns, (value.value for value in row.values))) for row in found.rows]
    return Response(200, {"content-type": "application/json"}, json.dumps(notes).encode())
