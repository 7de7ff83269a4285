"""The TypeScript client: made from this server's description, and asked of a real server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from live_server import BASE, MEMBER, OWNER, LiveServer

from maestro_jupyter.config import Maestro
from maestro_jupyter.server.openapi import document
from maestro_jupyter.store.changes import record_changes
from maestro_jupyter.store.engine import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[2] / "labextension"
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
NODE = shutil.which("node", path=PATH)

pytestmark = pytest.mark.skipif(
    NODE is None or not (FOLDER / "node_modules").exists(), reason="`make lint` installs what it needs"
)


def node(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [str(NODE), *arguments]
    return subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False, **options)


def test_its_types_are_made_from_the_description() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "maestro_jupyter.server.openapi"], capture_output=True, text=True, check=True
    ).stdout
    assert json.loads(printed) == document()
    made = node("scripts/generate.mjs", input=printed)
    assert made.returncode == 0, made.stderr
    kept = (FOLDER / "src" / "api" / "schema.ts").read_text(encoding="utf-8")
    assert made.stdout == kept, "`make schema` makes it anew"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    """Give a server on what a session has recorded, in which a bit of everything happens."""
    home = tmp_path / "maestro"
    folder = tmp_path / "session"
    folder.mkdir()
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    for command in (
        (*git, "init", "--quiet"),
        (*git, "commit", "--quiet", "--allow-empty", "--message=first"),
        (sys.executable, str(Path(__file__).with_name("session.py"))),
    ):
        own = {"MAESTRO_HOME": str(home), "IPYTHONDIR": str(tmp_path / "ipython")}
        subprocess.run(command, cwd=folder, env=os.environ | own, check=True, capture_output=True)
    started = LiveServer(home)
    yield started
    started.stop()


@pytest.fixture
def control(server: LiveServer) -> Iterator[str]:
    """Give the URL at which the tests over there let something happen to the server."""

    def happen(texts: list[str]) -> None:
        store = open_store(Maestro(environ={"MAESTRO_HOME": str(server.home)}).database_url)
        for text in texts:
            with store.write.begin() as connection:
                record_changes(connection, {}, [text])
        store.close()

    class Control(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            {"/stop": server.stop, "/start": server.start, "/happen": lambda: happen(given)}[self.path]()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Control)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_it_asks_everything_that_the_server_answers(server: LiveServer, control: str) -> None:
    given = {
        "NO_COLOR": "1",
        "PATH": PATH,
        "MAESTRO_TEST_URL": f"http://{server.host}{BASE}",
        "MAESTRO_TEST_OWNER": OWNER,
        "MAESTRO_TEST_MEMBER": MEMBER,
        "MAESTRO_TEST_CONTROL": control,
    }
    said = node("node_modules/vitest/vitest.mjs", "run", "--project=integration", env=os.environ | given)
    assert said.returncode == 0, said.stdout + said.stderr
