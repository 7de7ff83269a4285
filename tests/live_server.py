"""A Jupyter server in a process of its own, with the extension on: what the tests attack over plain sockets."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import io
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from free_ports import free_port

from maestro_jupyter.store.schema import metadata

OWNER, MEMBER, SHUT_OUT, READER = "ada", "bob", "eve", "rita"
"""Identities; their names are their tokens. The server's authorizer refuses `SHUT_OUT` everything and `READER`
every write, though both are owners to Maestro."""

BASE = "/a%40b/"
PREFIX = f"{BASE}maestro/api/v1/"


_PACKAGE = Path(str(find_spec("maestro_jupyter").origin)).parent
"""The server runs the same code as the tests."""

RATES = ("read_rate", "read_burst", "write_rate", "write_burst")
"""What limits how fast a user may ask; out of the way unless a test is about it."""

OTHERS = ("jupyter_lsp", "jupyter_server_terminals", "jupyterlab", "notebook_shim")
"""What else may be installed, and would open files of its own."""

Settings = dict[str, dict[str, object]]
"""By class, the values of its traits."""


class Said(NamedTuple):
    """An answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        return json.loads(self.body)


class LiveServer:
    """The server, and the ways to speak with it."""

    def __init__(
        self, home: Path, *, planted: bool = False, config: Settings | None = None, port: int = 0
    ) -> None:
        self.home = home
        self._planted = planted
        self._config = config or {}
        self.opened_log = home.parent / "opened.log"
        self.port = port or free_port()
        self.log = home.parent / "server.log"
        while not self._begins():
            assert not port, self.log.read_text()
            self.port = free_port()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it once more after it was stopped, at the same place."""
        assert self._begins(), self.log.read_text()

    def _begins(self) -> bool:
        """Start it; tell whether it has, which it has not where somebody else came to have the port meanwhile."""
        folders = {
            f"JUPYTER_{kind}_DIR": str(self.home.parent / kind.lower())
            for kind in ("CONFIG", "DATA", "RUNTIME")
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, __file__, str(self.port), str(self.opened_log)),
                    *("planted" * self._planted, json.dumps(self._config)),
                ],
                env=os.environ
                | folders
                | {"MAESTRO_HOME": str(self.home), "PYTHONPATH": str(_PACKAGE.parent)},
                cwd=self.home.parent,
                stdout=log,
                stderr=log,
            )
        self.pid = self._process.pid
        return self._waits()

    def _waits(self) -> bool:
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "health/live").status == 200:
                    return True
            time.sleep(0.1)
        self.stop()
        said = self.log.read_text()
        assert f"The port {self.port} is already in use." in said, said
        return False

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def ask(self, method, path, *, user="", headers=(), body=b"", raw_path=False) -> Said:
        """Ask as somebody; the path is sent as it is."""
        target = path if raw_path else PREFIX + path
        lines = [f"{method} {target} HTTP/1.1", "Connection: close"]
        given = dict(headers)
        given.setdefault("Host", self.host)
        if user:
            given.setdefault("Authorization", f"token {user}")
        if body and "Transfer-Encoding" not in given:
            given.setdefault("Content-Length", str(len(body)))
        lines += [f"{name}: {value}" for name, value in given.items() if value is not None]
        return self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body, method)

    def send(self, request: bytes, method: str = "GET") -> Said:
        """Send bytes, and read what comes until the server closes; status 0 if it says nothing."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(request)
            pieces = []
            with contextlib.suppress(ConnectionResetError):
                while piece := connection.recv(1 << 16):
                    pieces.append(piece)
        return read_answer(b"".join(pieces), method)

    def digest(self) -> dict[str, str]:
        """Give a digest of each table but indexes, and of each file in the data folder but the database and locks."""
        said = {}
        with contextlib.closing(sqlite3.connect(self.home / "maestro.db")) as connection:
            for table in sorted(metadata.tables):
                # The server indexes beside its answers, and numbers that as a change of the library.
                where = " WHERE kinds <> 'library'" if table == "changes" else ""
                rows = connection.execute(f'SELECT * FROM "{table}"{where} ORDER BY rowid').fetchall()
                said[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
        for path in self.home.rglob("*"):
            # A lock's file holds who has it, and a server takes its locks when it gets to it.
            if path.is_file() and path.suffix != ".lock" and not path.name.startswith("maestro.db"):
                said[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        return said

    def lines(self, *requests: str) -> dict[str, dict[str, object]]:
        """Give the lines of these requests in the log by their ids, once all are there."""
        while True:
            lines = [
                json.loads(line) for line in self.log.read_text().splitlines() if line.startswith('{"time"')
            ]
            found = {line["request_id"]: line for line in lines}
            if found.keys() >= set(requests):
                return {request: found[request] for request in requests}
            time.sleep(0.05)

    def opened(self) -> list[str]:
        """Give the paths that the server's process has opened."""
        return [os.fsdecode(line) for line in self.opened_log.read_bytes().split(b"\0")[:-1]]


class _Bytes(io.BytesIO):
    def makefile(self, *_args, **_kwargs):
        return self


def read_answer(content: bytes, method: str = "GET") -> Said:
    if not content:
        return Said(0, http.client.HTTPMessage(), b"")
    response = http.client.HTTPResponse(_Bytes(content), method=method)
    response.begin()
    try:
        body = response.read()
    except http.client.IncompleteRead as error:
        body = error.partial
    return Said(response.status, response.headers, body)


def serve(port: int, opened_log: str, config: Settings, *, planted: bool) -> None:
    """Run the server until it is told to end; `config` is laid over what it is set to otherwise."""
    from jupyter_server.auth import Authorizer, IdentityProvider, User
    from jupyter_server.serverapp import ServerApp
    from tornado import web
    from traitlets.config import Config

    class Tokens(IdentityProvider):
        """Takes a token for the name of a user, and remembers them in a cookie as the real one does."""

        def get_user_token(self, handler):
            token = self.get_token(handler)
            return User(token) if token in {OWNER, MEMBER, SHUT_OUT, READER} else None

    class Gates(Authorizer):
        """Refuses one everything of Maestro's, and another every write."""

        def is_authorized(self, handler, user, action, resource):
            return user.username != SHUT_OUT and not (user.username == READER and action != "read")

    class Planted(web.RequestHandler):
        """A traversal, so that it can be seen that the record would show one."""

        def get(self, name):
            self.finish((Path(os.environ["MAESTRO_HOME"]) / name).read_bytes())

    settings = Config(
        {
            "ServerApp": {
                "ip": "127.0.0.1",
                "port": port,
                "port_retries": 0,
                "open_browser": False,
                "allow_root": True,
                "base_url": BASE,
                "root_dir": str(Path.cwd()),
                "identity_provider_class": Tokens,
                "authorizer_class": Gates,
                "jpserver_extensions": {"maestro_jupyter": True, **dict.fromkeys(OTHERS, False)},
                "reraise_server_extension_failures": True,
            },
            "Maestro": {"owners": [OWNER, SHUT_OUT, READER]} | dict.fromkeys(RATES, 10**9),
        }
    )
    settings.merge(Config(config))
    server = ServerApp.instance(config=settings)
    server.initialize(argv=[])
    if planted:
        server.web_app.add_handlers(".*", [(f"{BASE}planted/(.*)", Planted)])
    # The record begins when everything is set up: what is opened from then on is opened for requests.
    record = os.open(opened_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def hook(event, arguments):
        if event in {"open", "os.listdir", "os.scandir", "shutil.copyfile"}:
            path = arguments[0]
            if isinstance(path, (str, bytes)):
                os.write(record, os.fsencode(path) + b"\0")

    sys.addaudithook(hook)
    server.start()


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[4]), planted=sys.argv[3] == "planted")
