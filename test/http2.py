"""Requests of real HTTP/2 and TLS clients for the application tests: curl, and nghttp for what
curl cannot do. Replies are what run.py's own client gives: (status, headers, body, trailers, was cut).
"""

import re
import subprocess
import tempfile
from pathlib import Path

SECONDS_MAX = 40
# What curl says of a body that ended too early: HTTP/1, HTTP/2, a connection that broke.
CUT_CODES = {18, 56, 92}


class ClientError(Exception):
    """A client could not even ask."""


def make_certificate(folder, name):
    """NAME-cert.pem and NAME-key.pem: trusted by whoever trusts the certificate itself."""
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", folder / f"{name}-key.pem", "-out", folder / f"{name}-cert.pem"],
        capture_output=True, text=True,
    )
    if made.returncode != 0:
        raise ClientError(f"openssl: {made.stderr}")


def fields_of(block):
    pairs = [line.split(":", 1) for line in block.decode("latin-1").split("\r\n")[1:] if ":" in line]
    return {name.strip().lower(): value.strip() for name, value in pairs}


def curl(application, wanted):
    """`http` is the version that must be spoken, `trust` whose certificate is trusted."""
    version = wanted.get("http", "1.1")
    is_tls = application.scheme == "https"
    flags = {"1.1": "--http1.1", "2": "--http2" if is_tls else "--http2-prior-knowledge"}[version]
    with tempfile.TemporaryDirectory(prefix="spindle-curl-") as scratch:
        head, body = Path(scratch) / "head", Path(scratch) / "body"
        command = ["curl", "-sS", "--max-time", str(SECONDS_MAX), flags, "-D", head, "-o", body,
                   "-w", "%{http_version}"]
        if is_tls:
            command += ["--cacert", application.folder / f"{wanted.get('trust', 'first')}-cert.pem"]
        if "tls" in wanted:
            command += [f"--tlsv{wanted['tls']}", "--tls-max", wanted["tls"]]
        method = wanted.get("method", "GET")
        command += ["--head"] if method == "HEAD" else ["-X", method]
        if "body" in wanted:
            command += ["--data-binary", wanted["body"], "-H", "content-type:"]
        for name, value in wanted.get("headers", {}).items():
            command += ["-H", f"{name}: {value}"]
        command.append(f"{application.scheme}://localhost:{application.port}{wanted.get('path', '/')}")
        command += ["--resolve", f"localhost:{application.port}:127.0.0.1"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0 and done.returncode not in CUT_CODES:
            raise ClientError(f"curl ended with {done.returncode}: {done.stderr.strip()}")
        if done.stdout != version:
            raise ClientError(f"HTTP/{done.stdout} was spoken, not HTTP/{version}")
        blocks = [block for block in re.split(rb"\r\n\r\n", head.read_bytes()) if block]
        blocks = [block for block in blocks if not re.match(rb"HTTP/\S+ 1\d\d", block)]
        trailers = fields_of(b"\r\n" + blocks[1]) if len(blocks) > 1 else {}
        content = body.read_bytes() if body.exists() and method != "HEAD" else b""
        return int(blocks[0].split()[1]), fields_of(blocks[0]), content, trailers, done.returncode != 0


def nghttp(application, wanted):
    """A request with trailers, or one whose reply is cut: curl forgets what came before a reset. The body of
    the reply is not looked at."""
    with tempfile.NamedTemporaryFile() as body:
        body.write(wanted.get("body", "").encode())
        body.flush()
        command = ["nghttp", "-nv", "-t", str(SECONDS_MAX), "-H", f":method: {wanted.get('method', 'GET')}"]
        command += ["-d", body.name] if "body" in wanted else []
        for name, value in wanted.get("headers", {}).items():
            command += ["-H", f"{name}: {value}"]
        for name, value in wanted.get("trailers", {}).items():
            command += ["--trailer", f"{name}: {value}"]
        url = f"{application.scheme}://127.0.0.1:{application.port}{wanted['path']}"
        done = subprocess.run([*command, url], capture_output=True)
    if done.returncode != 0:
        raise ClientError(f"nghttp ended with {done.returncode}: {done.stderr.decode()}")
    text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout.decode("latin-1"))
    before, _, after = text.partition("recv DATA frame")
    received = [dict(re.findall(r"recv \(stream_id=\d+\) (:?[^:\s]+): (.*)", part)) for part in (before, after)]
    is_cut = "recv RST_STREAM frame" in after
    return int(received[0].pop(":status", "0")), received[0], b"", received[1], is_cut


def ask(application, wanted):
    return {"curl": curl, "nghttp": nghttp}[wanted.get("client", "curl")](application, wanted)
