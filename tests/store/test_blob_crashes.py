"""A process killed anywhere between a temporary file and its row: no row lacks bytes, no bytes are lost.

Nobody lists the places: every line that runs in the files below is one, and so is every statement. A child is
killed at each in turn, and what it has left is collected and pruned by the next process.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest
from dying import run_and_die_at, run_and_die_at_line
from journals import journal_of
from registering import Shelf
from sqlalchemy import select

from maestro_jupyter.events import ArtifactRegistered
from maestro_jupyter.operations import leftovers
from maestro_jupyter.operations.prune import Request, prune
from maestro_jupyter.recording import artifacts as spooling
from maestro_jupyter.recording.recorder import Recorder
from maestro_jupyter.recording.registering import register
from maestro_jupyter.store import artifacts, blob_places, blobs, library
from maestro_jupyter.store.artifacts import named_bytes
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.collector import Collector
from maestro_jupyter.store.engine import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store

pytestmark = pytest.mark.slow

DATA = b"picture"
SHA256 = hashlib.sha256(DATA).hexdigest()
GRACE = 3600.0

KEEPING = (blob_places, blobs)
REMOVING = (artifacts, blob_places, blobs, leftovers)
"""Where each line is a place to die at; what the collector and the pruning do around it is statements."""


def files_of(modules) -> set[str]:
    return {str(module.__file__) for module in modules}


def missing(store: Store, config: Maestro) -> list[str]:
    """Give what rows name and is not kept whole."""
    kept = Blobs(config.artifact_url)
    with store.read.connect() as connection:
        wanted = connection.scalars(select(named_bytes.c.sha256).distinct()).all()
    return [sha256 for sha256 in wanted if not kept.is_intact(sha256)]


def everything(config: Maestro) -> list[Path]:
    """Give all files that have bytes of artifacts, finished or not."""
    folders = (Path(config.artifact_url), config.spool)
    return [path for folder in folders if folder.is_dir() for path in folder.rglob("*") if path.is_file()]


def age(config: Maestro) -> None:
    for path in everything(config):
        os.utime(path, (time.time() - 2 * GRACE,) * 2)


def check_what_is_left(config: Maestro, store: Store) -> None:
    """See that leftovers stay for the grace period, and then go, and that what a row names stays."""
    assert missing(store, config) == []
    before = {path.name for path in everything(config)}
    prune(store, config, "ada", Request(grace=GRACE), dry_run=False)
    assert {path.name for path in everything(config)} == before
    age(config)
    prune(store, config, "ada", Request(grace=GRACE), dry_run=False)
    assert missing(store, config) == []
    with store.read.connect() as connection:
        named = set(connection.scalars(select(named_bytes.c.sha256)))
    assert {path.name for path in everything(config)} == named


def test_registering(config: Maestro, database_url: str) -> None:
    """From the bytes in memory to the line in the journal."""
    if "postgresql" in database_url:
        pytest.skip("no database takes part")
    store = open_store(database_url)
    lines = {*files_of([spooling]), register.__code__.co_filename}

    def work() -> None:
        recorder = Recorder(config, "script")
        about = {"type": "file", "format": "file", "media_type": "x/y", "about": {}}
        register(recorder, "small", DATA, **about)
        source = config.home_path / "source"
        source.write_bytes(DATA + b"file")
        register(recorder, "file", source, **about)
        recorder.close()

    number = 0
    while run_and_die_at_line(number, lines, work):
        Collector(store, config).collect()
        check_what_is_left(config, store)
        number += 1
    assert number > 30
    Collector(store, config).collect()
    assert set(library.names(store)) == {"small", "file"}
    store.close()


@pytest.mark.parametrize("by", ["line", "statement"])
def test_collecting(config: Maestro, store: Store, by: str) -> None:
    """From the spool to the row, with bytes that are new, that are kept already, and that have expired."""
    if by == "line" and store.write.dialect.name == "postgresql":
        pytest.skip("the lines are the same")
    store.close()
    number = 0
    while True:
        opened = open_store(config.database_url)
        shelf = Shelf(config, opened, f"{number:032x}")
        shelf.count = 10 * number
        for content in (b"new %d" % number, b"known"):
            shelf.register("part", content)
        shelf.journal.abandon()
        opened.close()

        def work() -> None:
            fresh = open_store(config.database_url)
            Collector(fresh, config).collect()
            fresh.close()

        died = (
            run_and_die_at_line(number, files_of(KEEPING), work)
            if by == "line"
            else run_and_die_at(number, work)
        )
        opened = open_store(config.database_url)
        assert missing(opened, config) == []
        Collector(opened, config).collect()
        assert len(library.versions(opened, "part")) == 2 * (number + 1), "nothing lost, nothing doubled"
        assert missing(opened, config) == []
        opened.close()
        if not died:
            break
        number += 1
    assert number > 20
    opened = open_store(config.database_url)
    check_what_is_left(config, opened)
    opened.close()


@pytest.mark.parametrize("by", ["line", "statement"])
def test_pruning(config: Maestro, store: Store, by: str) -> None:
    """While orphans are removed, from the blobs and from the spool."""
    if by == "line" and store.write.dialect.name == "postgresql":
        pytest.skip("the lines are the same")
    shelf = Shelf(config, store)
    shelf.register("kept", DATA)
    shelf.collect()
    store.close()
    kept = Blobs(config.artifact_url)

    def work() -> None:
        fresh = open_store(config.database_url)
        prune(fresh, config, "ada", Request(grace=GRACE), dry_run=False)
        fresh.close()

    number = 0
    while True:
        for path in everything(config):  # what the last has left would make this one longer
            if path.name != SHA256:
                path.unlink()
        for content in (b"orphan", b"other"):
            kept.put(hashlib.sha256(content).hexdigest(), [content])
        spooling.spool_bytes(config.spool, b"spooled")
        (config.spool / f".{number:032x}").write_bytes(b"begun")
        age(config)
        if by == "line":
            died = run_and_die_at_line(number, files_of(REMOVING), work)
        else:
            died = run_and_die_at(number, work)
        opened = open_store(config.database_url)
        assert missing(opened, config) == []
        opened.close()
        if not died:
            break
        number += 1
    assert number > 20
    opened = open_store(config.database_url)
    assert [path.name for path in everything(config)] == [SHA256]
    check_what_is_left(config, opened)
    opened.close()


class Meanwhile:
    """Registers bytes again at each line of another's pruning in turn, as another process would."""

    def __init__(self, number: int, files: set[str], do: Callable[[], None]) -> None:
        self.left = number
        self.files = files
        self.do = do

    def __enter__(self) -> Self:
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _trace(self, frame, event, _):
        if frame.f_code.co_filename not in self.files:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                self.do()
                sys.settrace(self._trace)
        return self._trace


def test_what_is_registered_again_while_pruning_is_not_taken_away(config: Maestro, store: Store) -> None:
    """At each line of the pruning, another process records the same bytes once more, into the spool."""
    number, again = 0, b"again"
    sha256 = hashlib.sha256(again).hexdigest()
    while True:
        number += 1
        Blobs(config.artifact_url).put(sha256, [again])
        spooling.spool_bytes(config.spool, again)
        age(config)
        name = f"{number:032x}"

        def recorded(name: str = name, number: int = number) -> None:
            child = os.fork()
            if child == 0:
                with contextlib.suppress(BaseException):
                    spooling.spool_bytes(config.spool, again)
                    journal_of(config, name).append(registered(number))
                    os._exit(0)
                os._exit(1)
            assert os.waitpid(child, 0)[1] == 0

        with Meanwhile(number, files_of(REMOVING), recorded) as during:
            prune(store, config, "ada", Request(grace=GRACE), dry_run=False)
        Collector(store, config).collect()
        assert missing(store, config) == []
        if during.left > 0:
            break
        assert len(library.versions(store, "again")) == 1
        with store.write.begin() as connection:
            connection.exec_driver_sql("DELETE FROM library_artifacts")
    assert number > 40


def registered(number: int) -> ArtifactRegistered:
    """Give the line that registers the bytes, which are in the spool already."""
    return ArtifactRegistered(
        f"{number:032x}", "again", "model", "file", hashlib.sha256(b"again").hexdigest(), 5, "x/y", "p",
        "ada", 1.0,
    )  # fmt: skip
