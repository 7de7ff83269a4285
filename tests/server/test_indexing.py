"""The server gives what the library holds its vectors, beside whoever asks, and no search has to."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import pytest
from registering import Shelf

from maestro_jupyter.api import Actor
from maestro_jupyter.app import App
from maestro_jupyter.config import Maestro
from maestro_jupyter.server import indexing
from maestro_jupyter.server.collecting import Collecting
from maestro_jupyter.server.indexing import Indexing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from maestro_jupyter.store.found import Found

pytestmark = pytest.mark.frameworks


class Server:
    """What of a server collects and indexes, with an app of its own."""

    def __init__(self, settings: dict[str, str]) -> None:
        self.config = Maestro(environ=settings)
        self.app = App(self.config, "server")
        self.collecting = Collecting(self.app)
        self.indexing = Indexing(self.app, self.collecting)

    def start(self) -> None:
        self.collecting.start()
        self.indexing.start()

    def search(self, query: str) -> Found:
        return self.app.api_for(Actor("ada", owner=True)).library.search(query)

    def until_indexed(self, query: str) -> Found:
        """Search until everything has its vector; the test's time-out ends it."""
        while (found := self.search(query)).note or not found.total:
            time.sleep(0.05)
        return found

    def stop(self) -> None:
        self.indexing.stop()
        self.collecting.stop()
        self.app.shutdown()


@pytest.fixture
def serve(home, monkeypatch) -> Iterator[Callable[..., Server]]:
    monkeypatch.setattr(indexing, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr("maestro_jupyter.library.encoder_process.PATIENCE", 200.0)
    made: list[Server] = []

    def begin(**settings: str) -> Server:
        made.append(Server({"MAESTRO_HOME": str(home), **settings}))
        made[-1].start()
        return made[-1]

    yield begin
    for server in made:
        server.stop()


def shelf_of(server: Server) -> Shelf:
    return Shelf(server.config, server.app.store())


def test_what_is_registered_is_found_by_meaning_though_no_search_encodes_it(serve) -> None:
    server = serve()
    shelf = shelf_of(server)
    shelf.register("night_sky", description="Photographs of galaxies.")
    assert server.until_indexed("astronomy").hits[0].artifact.name == "night_sky"
    for number in range(indexing.vector_index.BATCH + 2):  # more than one batch
        shelf.register(f"part{number}", description="Wines and grapes.")
    while server.search("wines").total < indexing.vector_index.BATCH + 2:
        time.sleep(0.05)
    assert server.until_indexed("vineyards").total >= indexing.vector_index.BATCH + 2
    shelf.journal.abandon()


def test_what_is_described_anew_is_followed(serve) -> None:
    server = serve()
    shelf = shelf_of(server)
    shelf.register("telco", description="Subscribers who cancelled.")
    server.until_indexed("churn")
    server.app.api_for(Actor("ada", owner=True)).library.describe("telco", description="Wines and grapes.")
    assert server.until_indexed("vineyards").hits[0].artifact.name == "telco"
    shelf.journal.abandon()


def test_one_server_encodes_a_home(serve) -> None:
    first = serve()
    shelf = shelf_of(first)
    shelf.register("night_sky", description="Photographs of galaxies.")
    first.until_indexed("astronomy")
    second = serve()
    assert not second.collecting.collects
    assert second.search("astronomy").hits[0].artifact.name == "night_sky"
    first.stop()
    shelf.register("cheese", description="Dairy products.")  # the second takes over
    while not second.search("cheese").total:
        time.sleep(0.05)
    assert second.until_indexed("milk and butter").hits[0].artifact.name == "cheese"
    shelf.journal.abandon()


def test_no_model_is_asked_for_while_there_is_nothing_to_encode(serve, monkeypatch, tmp_path, caplog) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(indexing, "FIRST_PAUSE", 0.05)
    (tmp_path / "model").mkdir()
    with caplog.at_level(logging.WARNING):
        server = serve(MAESTRO_EMBEDDING_MODEL=str(tmp_path / "model"))
        while not server.collecting.collects:
            time.sleep(0.01)
        time.sleep(0.3)  # several looks
        assert "cannot" not in caplog.text
        shelf = shelf_of(server)
        shelf.register("night_sky", description="Photographs of galaxies.")
        while "cannot index by meaning" not in caplog.text:
            time.sleep(0.01)
        time.sleep(0.3)
        assert caplog.text.count("cannot index by meaning") == 1, "it is said once"
        found = server.search("galaxies")
    assert [hit.artifact.name for hit in found.hits] == ["night_sky"]
    assert found.note.startswith("Searched by words alone")
    shelf.journal.abandon()
