"""Serves the files of /public, and the start page with the owner's name in it."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from spin_sdk import http, variables
from spin_sdk.http import Request, Response

PUBLIC = Path("/public")
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".svg": "image/svg+xml"}


class IncomingHandler(http.IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        name = unquote(urlsplit(request.uri).path).strip("/") or "index.html"
        file = PUBLIC / name
        if ".." in file.parts or not file.is_file():
            return Response(404, {"content-type": "text/plain"}, b"no such page\n")
        content = file.read_bytes()
        if name == "index.html":
            content = content.replace(b"{{ owner }}", variables.get("owner").encode())
        kind = TYPES.get(file.suffix, "application/octet-stream")
        return Response(200, {"content-type": kind}, content)
