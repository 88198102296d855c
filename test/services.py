#!/usr/bin/env python3
"""Real servers for tests, each in a temporary directory and on a port that the kernel chose.

    services.py NAME...

starts the named ones, prints one line of JSON (name -> port, folder and what else a client must
know), and ends them, leaving nothing, when its standard input ends. Tests in C++ use it that way;
test/apps/run.py imports it. A server is a class below: how to prepare its folder, how to start it,
and how to see that it answers. A missing program is an error.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

START_SECONDS = 60
STARTS_MAX = 5


class ServiceError(Exception):
    """A server did not start."""


def find_program(name, *folders):
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", *folders]))
    if found is None:
        raise ServiceError(f"the program `{name}` is not installed (tools/setup.sh installs it)")
    return found


def free_port():
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


class Service:
    """One server. `facts` is what a client must know."""

    name = ""
    # Servers that refuse to be root's run as this user then.
    user = None

    def __init__(self, folder):
        self.folder = Path(folder)
        self.port = free_port()
        self.process = None
        self.prefix = []
        if self.user and os.geteuid() == 0:
            shutil.chown(self.folder, self.user)
            self.prefix = [find_program("setpriv"), f"--reuid={self.user}", f"--regid={self.user}",
                           "--clear-groups"]

    @property
    def facts(self):
        return {"port": self.port, "folder": str(self.folder)}

    def prepare(self):
        """Once, before the first start."""

    def command(self):
        raise NotImplementedError

    def answers(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True

    def run(self, *command, **options):
        done = subprocess.run([*self.prefix, *map(str, command)], cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL if "input" not in options else None,
                              capture_output=True, check=False, **options)
        if done.returncode != 0:
            raise ServiceError(f"{self.name}: {command[0]} failed: {done.stdout}{done.stderr}")
        return done.stdout

    def make_certificates(self):
        """server.pem for `localhost`, which the authority in ca.pem signed."""
        openssl = find_program("openssl")
        new = ["req", "-newkey", "rsa:2048", "-nodes"]
        self.run(openssl, *new, "-x509", "-days", "30", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem")
        self.run(openssl, *new, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
        (self.folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        self.run(openssl, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                 "-CAcreateserial", "-days", "30", "-extfile", "names", "-out", "server.pem")
        (self.folder / "server.key").chmod(0o600)

    def start(self):
        """On the port of the last start; on another one if somebody took it before the first."""
        for attempt in range(STARTS_MAX):
            with open(self.folder / "log", "ab") as log:
                self.process = subprocess.Popen([*self.prefix, *map(str, self.command())], cwd=self.folder,
                                                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            if self.wait_until_it_answers():
                return
            self.kill()
            if attempt + 1 < STARTS_MAX:
                self.port = free_port()
        raise ServiceError(f"{self.name} does not start: {self.log_tail()}")

    def wait_until_it_answers(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.answers():
                    return self.process.poll() is None
            except OSError:
                pass
            time.sleep(0.02)
        return False

    def log_tail(self):
        return (self.folder / "log").read_text(errors="replace")[-2000:]

    def end(self, how):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def stop(self):
        self.end(signal.SIGTERM)

    def kill(self):
        self.end(signal.SIGKILL)


class TlsService(Service):
    """Listens with TLS, too: on 127.0.0.1, which its certificate names, and on 127.0.0.2, which it does not."""

    def __init__(self, folder):
        super().__init__(folder)
        self.tls_port = free_port()

    @property
    def facts(self):
        return {**super().facts, "tls_port": self.tls_port}

    def prepare(self):
        self.make_certificates()


class Redis(TlsService):
    name = "redis"

    def command(self):
        return [find_program("redis-server"), "--bind", "127.0.0.1", "127.0.0.2", "--port", self.port, "--save", "",
                "--dir", self.folder, "--tls-port", self.tls_port, "--tls-auth-clients", "no",
                "--tls-cert-file", "server.pem", "--tls-key-file", "server.key", "--tls-ca-cert-file", "ca.pem"]

    def answers(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")


class Mosquitto(TlsService):
    name = "mosquitto"

    def command(self):
        lines = ["allow_anonymous true", f"listener {self.port} 127.0.0.1"]
        for address in ("127.0.0.1", "127.0.0.2"):
            lines += [f"listener {self.tls_port} {address}", f"certfile {self.folder}/server.pem",
                      f"keyfile {self.folder}/server.key"]
        if os.geteuid() == 0:
            lines.append("user root")
        (self.folder / "conf").write_text("\n".join(lines) + "\n")
        return [find_program("mosquitto"), "-c", self.folder / "conf"]


# Says back what it hears, by TCP and by UDP.
ECHO_PROGRAM = """
import asyncio, sys

async def echo(reader, writer):
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()

class Datagrams(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport
    def datagram_received(self, data, address):
        self.transport.sendto(data, address)

async def main():
    address = ("127.0.0.1", int(sys.argv[1]))
    await asyncio.get_running_loop().create_datagram_endpoint(Datagrams, local_addr=address)
    server = await asyncio.start_server(echo, *address)
    await server.serve_forever()

asyncio.run(main())
"""


class Echo(Service):
    name = "echo"

    def command(self):
        return [sys.executable, "-c", ECHO_PROGRAM, str(self.port)]


# A language model that repeats the question, as `[llm_compute]` asks for one. `tokens` are those of
# the question that it was allowed, and two for the answer.
MODELS_PROGRAM = """
import http.server, json, sys

class Model(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.headers["authorization"].lower() != "bearer secret":
            return self.send_error(401)
        if self.path == "/infer":
            allowed = asked["options"]["maxTokens"]
            answer = {"text": asked["model"] + ": " + asked["prompt"],
                      "usage": {"promptTokenCount": allowed, "generatedTokenCount": 2}}
        else:
            answer = {"embeddings": [[0.5, 1] for _ in asked["input"]], "usage": {"promptTokenCount": 2}}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Model).serve_forever()
"""


class Models(Service):
    name = "models"

    def command(self):
        return [sys.executable, "-c", MODELS_PROGRAM, str(self.port)]


class Upstreams(Service):
    """HTTP servers that fail, each behaviour on a port of its own (test/upstreams.py); ca.pem is
    whom to trust."""

    name = "upstreams"

    def prepare(self):
        openssl = find_program("openssl")
        new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        self.run(openssl, *new, "-x509", "-days", "30", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem")
        self.run(openssl, *new, "-x509", "-days", "30", "-subj", "/CN=localhost", "-addext",
                 "subjectAltName=IP:127.0.0.1", "-keyout", "self.key", "-out", "self.pem")
        (self.folder / "index.txt").write_text("")
        (self.folder / "conf").write_text(
            "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\nrand_serial = yes\nnew_certs_dir = .\n"
            "policy = any\ndefault_md = sha256\ncertificate = ca.pem\nprivate_key = ca.key\nunique_subject = no\n"
            "[any]\ncommonName = supplied\n")
        for name, who, begins, ends in (("good", "IP:127.0.0.1", "20200101000000Z", "20491231000000Z"),
                                        ("expired", "IP:127.0.0.1", "20200101000000Z", "20200102000000Z"),
                                        ("other", "DNS:other.example", "20200101000000Z", "20491231000000Z")):
            (self.folder / "names").write_text(f"subjectAltName={who}\n")
            self.run(openssl, *new, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
            self.run(openssl, "ca", "-batch", "-notext", "-config", "conf", "-in", f"{name}.csr", "-out", f"{name}.pem",
                     "-startdate", begins, "-enddate", ends, "-extfile", "names")

    def command(self):
        return [sys.executable, Path(__file__).resolve().parent / "upstreams.py", self.folder]

    def answers(self):
        return (self.folder / "ports.json").exists()

    @property
    def facts(self):
        return {**super().facts, "refused": self.port, **json.loads((self.folder / "ports.json").read_text())}


class Postgres(Service):
    """User and password `spin`, database `spin_dev`; TLS with a certificate for `localhost` that the
    authority in ca.pem signed."""

    name = "postgres"
    user = "postgres"

    def __init__(self, folder):
        super().__init__(folder)
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.bin = [str(path) for path in reversed(versions)]

    def prepare(self):
        (self.folder / "password").write_text("spin\n")
        (self.folder / "password").chmod(0o644)
        self.run(find_program("initdb", *self.bin), "-D", self.folder / "data", "-U", "spin", "-A", "scram-sha-256",
                 "--pwfile", self.folder / "password", "-E", "UTF8", "--no-locale", "--no-sync")
        self.make_certificates()
        self.run(find_program("postgres", *self.bin), "--single", "-D", self.folder / "data", "postgres",
                 input="CREATE DATABASE spin_dev\n")

    def command(self):
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.folder,
                    "fsync": "off", "shared_buffers": "16MB", "max_connections": 100, "ssl": "on",
                    "ssl_cert_file": self.folder / "server.pem", "ssl_key_file": self.folder / "server.key"}
        command = [find_program("postgres", *self.bin), "-D", self.folder / "data"]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return command

    def answers(self):
        self.run(find_program("pg_isready", *self.bin), "-q", "-h", "127.0.0.1", "-p", self.port, "-d", "spin_dev")
        return True

    def wait_until_it_answers(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                return self.answers()
            except ServiceError:
                time.sleep(0.02)
        return False

    def stop(self):
        # Fast: sessions are ended.
        self.end(signal.SIGINT)


class Mariadb(Service):
    """User and password `spin` with all rights, database `spin_dev`."""

    name = "mariadb"
    user = "mysql"

    def common(self):
        return ["--no-defaults", f"--datadir={self.folder}/data", f"--socket={self.folder}/socket"]

    def prepare(self):
        self.run(find_program("mariadb-install-db"), "--no-defaults", f"--datadir={self.folder}/data",
                 "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-log-bin")
        (self.folder / "init.sql").write_text(
            "CREATE DATABASE IF NOT EXISTS spin_dev;\n"
            "CREATE USER IF NOT EXISTS 'spin'@'%' IDENTIFIED BY 'spin';\n"
            "GRANT ALL ON *.* TO 'spin'@'%' WITH GRANT OPTION;\n")
        (self.folder / "init.sql").chmod(0o644)
        self.make_certificates()

    def command(self):
        return [find_program("mariadbd"), *self.common(), "--bind-address=127.0.0.1", f"--port={self.port}",
                f"--pid-file={self.folder}/pid", f"--init-file={self.folder}/init.sql", "--skip-name-resolve",
                "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--skip-log-bin",
                f"--ssl-ca={self.folder}/ca.pem", f"--ssl-cert={self.folder}/server.pem",
                f"--ssl-key={self.folder}/server.key"]

    def answers(self):
        # The greeting comes after the init file was executed.
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            return len(connection.recv(5)) == 5


SERVICES = {kind.name: kind for kind in (Redis, Mosquitto, Echo, Models, Upstreams, Postgres, Mariadb)}


class Services:
    """The servers that one test needs; a context manager. `services["redis"].kill()` and the like."""

    def __init__(self, names):
        self.names = names
        self.running = {}
        self.temporary = None

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="spindle-services-")
        os.chmod(self.temporary.name, 0o755)
        try:
            for name in self.names:
                folder = Path(self.temporary.name) / name
                folder.mkdir(mode=0o755)
                service = SERVICES[name](folder)
                self.running[name] = service
                service.prepare()
                service.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for service in self.running.values():
            service.stop()
        self.temporary.cleanup()

    def __getitem__(self, name):
        return self.running[name]

    def facts(self):
        return {name: service.facts for name, service in self.running.items()}

    def fill_in(self, text):
        """`%{redis.port}` in a file of a test becomes the port, and so on."""
        for name, facts in self.facts().items():
            for key, value in facts.items():
                text = text.replace("%{" + f"{name}.{key}" + "}", str(value))
        return text


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with Services(sys.argv[1:]) as services:
            print(json.dumps(services.facts()), flush=True)
            sys.stdin.buffer.read()
    except (ServiceError, KeyError) as error:
        print(f"services: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
