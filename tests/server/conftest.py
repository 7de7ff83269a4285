"""A real Jupyter server with the extension on, and users who are told apart by their tokens."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jupyter_server.auth import IdentityProvider, User
from live_server import LiveServer
from shelf import put_on_the_shelf
from sqlalchemy import insert, select
from store_of_runs import a_run, fill_with
from tornado.httpclient import HTTPClientError

from maestro_jupyter.config import Maestro
from maestro_jupyter.models import Status
from maestro_jupyter.store import schema
from maestro_jupyter.store.engine import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from maestro_jupyter.store.engine import Store

OWNER, MEMBER, STRANGER = "ada", "bob", "mallory"


class Tokens(IdentityProvider):
    """Takes a token for the name of a user; knows two."""

    def get_user(self, handler):
        token = self.get_token(handler)
        if token not in {OWNER, MEMBER}:
            return None
        handler._token_authenticated = True
        return User(username=token)


@pytest.fixture
def jp_server_config():
    return {
        "ServerApp": {
            "jpserver_extensions": {"maestro_jupyter": True, "jupyter_server_terminals": False},
            "reraise_server_extension_failures": True,
            "identity_provider_class": Tokens,
            "allow_unauthenticated_access": False,
        },
        "Maestro": {"owners": [OWNER]},
    }


@pytest.fixture
def store(home) -> Iterator[Store]:
    """Give the server's store: three runs of the owner's and one of the member's."""
    opened = open_store(Maestro().database_url)
    fill_with(
        opened.write,
        [
            a_run(1, metrics={"loss": 0.5}, params={"lr": 0.1}),
            a_run(2, metrics={"loss": float("nan")}, params={"lr": "auto"}, tags={"k": "v"}),
            a_run(3, project="q", status=Status.FAILED, status_reason="ValueError: no"),
            a_run(4, user=MEMBER, project="q", metrics={"gain": 1.0}),
        ],
    )
    yield opened
    opened.close()


FILES = {OWNER: b"<svg onload=alert(1)>", MEMBER: b"<script>alert(1)</script>"}
"""What is kept with a run of each."""


def keep_file(opened: Store, blobs: str, run: int, content: bytes, **about: object) -> str:
    """Keep a file with a run; give its sha256."""
    digest = hashlib.sha256(content).hexdigest()
    folder = Path(blobs) / digest[:2]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / digest).write_bytes(content)
    known = {
        "journal": select(schema.runs.c.journal).where(schema.runs.c.id == run).scalar_subquery(),
        "run": run,
        "execution": None,
        "name": "file.svg",
        "type": "file",
        "sha256": digest,
        "size": len(content),
        "media_type": "image/svg+xml",
        "time": 0,
    }
    with opened.write.begin() as connection:
        connection.execute(insert(schema.artifacts).values(**(known | about)))
    return digest


def fill(home: Path) -> None:
    """Make a store with four runs, the last of them the member's, and a file with two of them."""
    config = Maestro(environ={"MAESTRO_HOME": str(home)})
    opened = open_store(config.database_url)
    fill_with(
        opened.write,
        [
            a_run(1, metrics={"loss": 0.5}, params={"lr": 0.1}),
            a_run(2, metrics={"loss": float("nan")}, params={"lr": "auto"}, tags={"k": "v"}),
            a_run(3, project="secret", status=Status.FAILED, status_reason="ValueError: no"),
            a_run(4, user=MEMBER, project="q", metrics={"gain": 1.0}),
        ],
    )
    for run, owner in ((1, OWNER), (4, MEMBER)):
        keep_file(opened, config.artifact_url, run, FILES[owner])
    put_on_the_shelf(opened, config)
    opened.close()


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., LiveServer]]:
    """Give a function that starts a server in a process of its own, on such a store, with these settings."""
    started = []

    def begin(**options: object) -> LiveServer:
        home = tmp_path_factory.mktemp("live") / "maestro"
        fill(home)
        started.append(LiveServer(home, **options))
        return started[-1]

    yield begin
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def live(serve: Callable[..., LiveServer]) -> LiveServer:
    """Give a server in a process of its own, shared by a module's tests."""
    return serve()


@pytest.fixture
def keep(store: Store) -> Callable[..., str]:
    """Give a function that keeps a file with a run of the server in this process."""
    return partial(keep_file, store, Maestro().artifact_url)


@pytest.fixture
def live_keep(live: LiveServer) -> Iterator[Callable[..., str]]:
    """Give a function that keeps a file with a run of the server in its own process."""
    config = Maestro(environ={"MAESTRO_HOME": str(live.home)})
    opened = open_store(config.database_url)
    yield partial(keep_file, opened, config.artifact_url)
    opened.close()


@pytest.fixture
def planted(serve: Callable[..., LiveServer]) -> LiveServer:
    """Give a server with a traversal beside our routes."""
    return serve(planted=True)


@pytest.fixture
def ask(store, jp_fetch) -> Callable[..., object]:
    """Give a function that asks the server as somebody: status, headers, and the body as JSON gives it."""

    async def asked(path, *, user=OWNER, method="GET", body=None, headers=None, **query):
        named = {"Authorization": f"token {user}"} if user else {"Authorization": ""}
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(body)
        if content is not None:
            kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
            named["Content-Type"] = kind
        try:
            response = await jp_fetch(
                "maestro/api/v1",
                *path.split("/"),
                method=method,
                headers=named | (headers or {}),
                params=query,
                body=content,
                allow_nonstandard_methods=True,
            )
        except HTTPClientError as error:
            response = error.response
        content = response.body
        if response.headers.get("Content-Type", "").startswith("application/json") and content:
            content = json.loads(content)
        return response.code, response.headers, content

    return asked
