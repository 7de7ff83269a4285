"""Pruning takes what was asked for and nothing else; a dry run takes nothing."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shipped import FILE, RUN, SHA256, artifact, lines, metric, opened, started
from sqlalchemy import func, select
from stores import fill, hashes, record_run

from maestro_jupyter.errors import Invalid
from maestro_jupyter.models import JournalPlace
from maestro_jupyter.operations import leftovers
from maestro_jupyter.operations.prune import Request, prune
from maestro_jupyter.recording.artifacts import spool_bytes
from maestro_jupyter.store import audit, histories, runs, schema
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.collector import Collector
from maestro_jupyter.store.receiving import Receiver, Shipper

if TYPE_CHECKING:
    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store

DAY = 86_400.0
OLD = 0.0
"""Old enough to go; the tests' runs are of 1970."""


def files(config: Maestro) -> dict[str, bytes]:
    paths = [path for path in config.home_path.rglob("*") if path.is_file()]
    return {
        str(path): path.read_bytes() for path in paths if path.suffix != ".lock" and ".db" not in path.name
    }


@pytest.fixture
def filled(config: Maestro, store: Store) -> Store:
    """Give a store with old runs, a recent one, one that goes on, and leftovers of each kind."""
    now = time.time()
    record_run(config, "old")
    record_run(config, "parent")
    record_run(config, "recent", started=now - 60, ended=now - 30)
    parent = runs_id("parent")
    record_run(config, "child", parent=parent, started=now - 60, ended=now - 30)
    Collector(store, config).collect()
    spool_bytes(config.spool, b"orphan")
    config.journals.joinpath("j.000001.journal.damaged").write_bytes(b"\x1e")
    return store


def runs_id(name: str) -> str:
    return hashlib.md5(name.encode()).hexdigest()


def names(store: Store) -> set[str]:
    return {run.name for run in runs.search(store)}


def test_a_dry_run_changes_nothing_and_says_what_there_would_be(config: Maestro, filled: Store) -> None:
    before, kept = hashes(filled, leaving_out=()), files(config)
    request = Request(older_than=DAY, grace=-1.0, damaged=True)
    would = prune(filled, config, "ada", request)
    assert hashes(filled, leaving_out=()) == before
    assert files(config) == kept
    did = prune(filled, config, "ada", request, dry_run=False)
    assert did == would
    assert (did.runs, did.cells, did.artifacts, did.blobs, did.spooled, did.damaged) == (3, 2, 3, 3, 1, 1)
    assert did.chunks == 3
    again = prune(filled, config, "ada", request, dry_run=False)
    assert (again.runs, again.blobs, again.spooled, again.damaged, again.bytes) == (0, 0, 0, 0, 0)


def test_what_was_asked_for_goes_and_nothing_else(config: Maestro, filled: Store) -> None:
    prune(filled, config, "ada", Request(older_than=DAY, grace=-1.0), dry_run=False)
    assert names(filled) == {"recent"}
    with filled.read.connect() as connection:
        for table in (schema.run_metrics, schema.metric_chunks, schema.artifacts):
            assert connection.scalar(select(func.count()).select_from(table)) == 1, table.name
        cells = set(connection.scalars(select(schema.cells.c.journal)))
        assert cells == {"j-recent", "j-child"}  # what ran lately stays, whatever became of its run
        (sha256,) = connection.scalars(select(schema.artifacts.c.sha256))
    assert [one.sha256 for one in Blobs(config.artifact_url).kept()] == [sha256]
    (line,) = audit.lines(filled)
    assert (line.actor, line.action, line.before) == (
        "ada",
        "prune",
        audit.digest_of(sorted(map(runs_id, ("old", "parent", "child")))),
    )
    assert audit.verify(filled, audit.Anchor(config.home_path)).fault is None


def test_only_runs_that_match_a_filter_go(config: Maestro, filled: Store) -> None:
    prune(filled, config, "ada", Request(older_than=DAY, filter_string="name = 'old'"), dry_run=False)
    assert names(filled) == {"recent", "parent", "child"}
    prune(filled, config, "ada", Request(filter_string="name = 'parent'"), dry_run=False)
    assert names(filled) == {"recent"}
    with pytest.raises(Invalid, match="ends too early"):
        prune(filled, config, "ada", Request(filter_string="name ="))


def test_without_an_age_or_a_filter_runs_stay(config: Maestro, filled: Store) -> None:
    done = prune(filled, config, "ada", Request(grace=-1.0, damaged=True), dry_run=False)
    assert (done.runs, done.cells, done.artifacts, done.blobs) == (0, 0, 0, 0)
    assert (done.spooled, done.damaged) == (1, 1)
    assert names(filled) == {"old", "parent", "child", "recent"}


def test_what_is_going_on_stays(config: Maestro, store: Store) -> None:
    record_run(config, "going on", ended=None)
    Collector(store, config).collect()
    with store.write.begin() as connection:
        connection.execute(schema.runs.update().values(status="RUNNING"))
    assert prune(store, config, "ada", Request(older_than=OLD), dry_run=False).runs == 0


def test_leftovers_stay_for_a_while(config: Maestro, filled: Store) -> None:
    done = prune(filled, config, "ada", Request(older_than=DAY), dry_run=False)
    assert (done.runs, done.blobs, done.spooled, done.damaged) == (3, 0, 0, 0)
    later = time.time() - 8 * DAY
    for path in (
        *config.spool.iterdir(),
        *config.journals.iterdir(),
        *Path(config.artifact_url).rglob("?" * 64),
    ):
        os.utime(path, (later, later))
    done = prune(filled, config, "ada", Request(), dry_run=False)
    assert (done.blobs, done.spooled, done.damaged) == (3, 1, 1)


def test_bytes_that_are_kept_again_meanwhile_stay(config: Maestro, store: Store, tmp_path: Path) -> None:
    fill(store, config, "one")
    blobs = Blobs(config.artifact_url)
    (kept,) = blobs.kept()
    blobs.put(kept.sha256, [b"one"])
    assert not blobs.remove(kept.sha256, kept.modified - 1)
    assert blobs.is_intact(kept.sha256)
    assert blobs.remove(kept.sha256, time.time() + 1)
    assert not blobs.remove(kept.sha256, time.time() + 1)
    blobs.put(kept.sha256, [b"one"])
    assert blobs.is_intact(kept.sha256)
    assert [path.name for path in Path(config.artifact_url).rglob(".*")] == []


def test_old_changes_go_and_the_newest_stays(config: Maestro, filled: Store) -> None:
    with filled.write.begin() as connection:
        connection.execute(schema.changes.update().values(time=5))
        count = connection.scalar(select(func.count()).select_from(schema.changes))
        newest = connection.scalar(select(func.max(schema.changes.c.id)))
    assert prune(filled, config, "ada", Request(), dry_run=False).changes == count - 1
    with filled.read.connect() as connection:
        assert list(connection.scalars(select(schema.changes.c.id))) == [newest]


JOURNAL = "5f0c" * 8


@pytest.fixture
def shipped(config: Maestro, store: Store) -> Receiver:
    """Give what takes in journals, with one that is collected, and not ended by its shipper."""
    receiver = Receiver(store, audit.Anchor(config.home_path), config)
    me = Shipper("bob", owner=False)
    receiver.append(JOURNAL, me, 1, 0, lines(opened(), started(), metric(RUN, 1)))
    Collector(store, config).collect()
    return receiver


def grow_old(folder: Path) -> None:
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 8 * DAY,) * 2)


def test_what_shippers_left_behind_goes_after_a_while(
    config: Maestro, store: Store, shipped: Receiver
) -> None:
    folder, me = config.received / JOURNAL, Shipper("bob", owner=False)
    shipped.add_file(JOURNAL, me, SHA256, 0, len(FILE), FILE[:5])
    other = hashlib.sha256(b"nobody speaks of it").hexdigest()
    shipped.add_file(JOURNAL, me, other, 0, 19, b"nobody speaks of it")
    assert prune(store, config, "ada", Request(), dry_run=False).received == 0
    for name in (f".{SHA256}", other):
        os.utime(folder / name, (time.time() - 8 * DAY,) * 2)
    would = prune(store, config, "ada", Request())
    assert (would.received, would.bytes) == (2, 24)
    assert (folder / other).exists()
    assert prune(store, config, "ada", Request(), dry_run=False) == would
    (journal,) = folder.iterdir()  # what is new stays
    assert shipped.place(JOURNAL, me) == JournalPlace(1, journal.stat().st_size, final=False)


def test_a_journal_that_nothing_has_come_for_goes_and_can_be_gone_on_with(
    config: Maestro, store: Store, shipped: Receiver
) -> None:
    me, before = Shipper("bob", owner=False), hashes(store)
    grow_old(config.received)
    assert prune(store, config, "ada", Request(), dry_run=False).received == 1
    assert list(config.received.iterdir()) == []
    assert hashes(store) == before
    data = lines(opened(), started(), metric(RUN, 1), metric(RUN, 2))
    assert shipped.place(JOURNAL, me) == JournalPlace(1, 0, final=False)
    shipped.append(JOURNAL, me, 1, 0, data, final=True)
    Collector(store, config).collect()
    (run,) = runs.search(store)
    assert histories.history(store, run, "x")[0].tolist() == [1, 2]


def test_what_waits_to_be_collected_stays_however_old(
    config: Maestro, store: Store, shipped: Receiver
) -> None:
    me, place = Shipper("bob", owner=False), shipped.place(JOURNAL, Shipper("bob", owner=False))
    shipped.add_file(JOURNAL, me, SHA256, 0, len(FILE), FILE)
    shipped.append(JOURNAL, me, 1, place.offset, lines(artifact()))
    shipped.add_file(JOURNAL, me, "0" * 64, 0, 9, b"begun")
    grow_old(config.received)
    assert prune(store, config, "ada", Request(), dry_run=False).received == 1, "the part of a file alone"
    Collector(store, config).collect()
    assert Blobs(config.artifact_url).is_intact(SHA256)


def test_a_file_that_is_shipped_again_meanwhile_stays(
    config: Maestro, store: Store, shipped: Receiver
) -> None:
    me = Shipper("bob", owner=False)
    shipped.add_file(JOURNAL, me, SHA256, 0, len(FILE), FILE)
    grow_old(config.received)
    since = time.time() - 7 * DAY
    with store.read.connect() as connection:
        (left,) = leftovers.in_received(connection, config, since)
        assert shipped.add_file(JOURNAL, me, SHA256, 0, len(FILE), FILE[:5]).kept
        leftovers.remove_received(connection, left, since)
    assert (config.received / JOURNAL / SHA256).read_bytes() == FILE
