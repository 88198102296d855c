import json

from spin_sdk import http
from spin_sdk.http import Request, Response


class HttpHandler(http.Handler):
    async def handle_request(self, request: Request) -> Response:
        if request.uri.startswith("/json"):
            return Response(200, {"content-type": "application/json"}, json.dumps({"hello": "world"}).encode())
        return Response(200, {"content-type": "text/plain"}, b"Hello from Python\n")
