"""What is shipped is in the store once, whatever order its pieces come in, and is its shipper's alone."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import shipped
from hypothesis import given, settings
from hypothesis import strategies as st
from shipped import (
    CELL,
    FILE,
    JOURNAL,
    OTHER,
    RUN,
    SHA256,
    a_journal,
    artifact,
    lines,
    metric,
    opened,
    started,
)
from sqlalchemy import func, select

from maestro_jupyter import events as e
from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import (
    Conflict,
    Garbled,
    Invalid,
    Misplaced,
    NotFound,
    TooLarge,
    TooMany,
    Unavailable,
)
from maestro_jupyter.journal_format import segment_name
from maestro_jupyter.models import FilePlace, JournalPlace
from maestro_jupyter.operations.backup import back_up
from maestro_jupyter.operations.restore import restore
from maestro_jupyter.recording.code_state import code_state
from maestro_jupyter.recording.redaction import Redactor
from maestro_jupyter.store import artifacts, audit, details, library, receiving, runs, schema
from maestro_jupyter.store.audit import Anchor
from maestro_jupyter.store.binding import is_genuine
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.collector import Collected, Collector
from maestro_jupyter.store.engine import Store, open_store
from maestro_jupyter.store.receiving import Receiver, Shipper
from maestro_jupyter.store.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

ADA, BOB, EVE = Shipper("ada", owner=True), Shipper("bob", owner=False), Shipper("eve", owner=False)


@pytest.fixture
def receiver(store: Store, config: Maestro) -> Receiver:
    return Receiver(store, Anchor(config.home_path), config)


@pytest.fixture
def collector(store: Store, config: Maestro) -> Collector:
    return Collector(store, config)


def ship(receiver: Receiver, data: bytes, shipper: Shipper = BOB, journal: str = JOURNAL) -> JournalPlace:
    """Ship a whole journal of one segment."""
    return receiver.append(journal, shipper, 1, 0, data, final=True)


@contextlib.contextmanager
def a_home() -> Iterator[tuple[Store, Maestro]]:
    with tempfile.TemporaryDirectory() as folder:
        config = Maestro(environ={"MAESTRO_HOME": folder})
        store = open_store(config.database_url)
        yield store, config
        store.close()


def collected_locally() -> list[bytes]:
    with a_home() as (store, config):
        for folder in (config.journals, config.spool):
            folder.mkdir()
        for number, data in enumerate(a_journal(), 1):
            (config.journals / segment_name(JOURNAL, number)).write_bytes(data)
        (config.spool / SHA256).write_bytes(FILE)
        Collector(store, config).collect()
        return shipped.rows_of(store, ["user"])


SEGMENTS = a_journal()
LOCALLY = collected_locally()
PIECES = st.tuples(st.integers(1, 3), st.integers(0, 8000), st.integers(0, 3000), st.booleans())


@settings(max_examples=40)
@given(st.lists(st.one_of(PIECES, st.just("collect"), st.just("next")), max_size=40), st.integers(300, 3000))
def test_any_pieces_in_any_order_give_what_collecting_there_gives(steps: list, size: int) -> None:
    with a_home() as (store, config):
        receiver, collector = Receiver(store, Anchor(config.home_path), config), Collector(store, config)
        receiver.add_file(JOURNAL, BOB, SHA256, 0, len(FILE), FILE)
        for step in steps:
            if step == "collect":
                collector.collect()
            elif step == "next":
                _ship_next(receiver, size)
            else:
                segment, start, length, final = step
                data = SEGMENTS[segment - 1][start : start + length]
                at_end = segment == 3 and start + length >= len(SEGMENTS[2]) >= start
                with contextlib.suppress(Misplaced):
                    receiver.append(
                        JOURNAL, BOB, segment, start, data, before=_before(segment), final=final and at_end
                    )
        while not _ship_next(receiver, size).final:
            pass
        collector.collect()
        assert receiver.place(JOURNAL, BOB) == JournalPlace(3, len(SEGMENTS[2]), final=True)
        assert shipped.rows_of(store, ["user"]) == LOCALLY
        assert {run.user for run in runs.search(store)} == {"bob"}
        assert runs.get(store, OTHER).status == "KILLED"
        assert collector.collect() == Collected()
        assert list(config.received.iterdir()) == []


def _ship_next(receiver: Receiver, size: int) -> JournalPlace:
    place = receiver.place(JOURNAL, BOB)
    if place.final:
        return place
    segment, offset = place.segment, place.offset
    if offset == len(SEGMENTS[segment - 1]) and segment < 3:
        segment, offset = segment + 1, 0
    data = SEGMENTS[segment - 1][offset : offset + size]
    final = segment == 3 and offset + len(data) == len(SEGMENTS[2])
    return receiver.append(JOURNAL, BOB, segment, offset, data, before=_before(segment), final=final)


def _before(segment: int) -> int:
    return len(SEGMENTS[segment - 2]) if segment > 1 else 0


def test_a_journal_lives_until_its_end_is_said(store, config, receiver, collector) -> None:
    assert receiver.append(JOURNAL, BOB, 1, 0, lines(opened(), started())).final is False
    assert collector.collect() == Collected(journals=1, runs=1)
    assert Collector(store, config).collect() == Collected()  # as a server that was started again
    assert runs.get(store, RUN).status == "RUNNING"
    place = receiver.place(JOURNAL, BOB)
    assert receiver.append(JOURNAL, BOB, place.segment, place.offset, b"", final=True).final
    assert collector.collect() == Collected(journals=1, killed=1)
    assert runs.get(store, RUN).status == "KILLED"
    assert receiver.place(JOURNAL, BOB) == JournalPlace(place.segment, place.offset, final=True)


@pytest.mark.parametrize(("room", "look"), [(receiving, "find_segments"), (Segment, "size")])
def test_a_journal_that_is_collected_while_it_is_asked_for_is_final(
    receiver, collector, monkeypatch, room, look
) -> None:
    data = lines(opened(), started())
    ship(receiver, data)
    real = getattr(room, look)

    def looked(*given):
        monkeypatch.setattr(room, look, real)
        found = real(*given)
        assert collector.collect().runs == 1
        return found

    monkeypatch.setattr(room, look, looked)
    assert receiver.place(JOURNAL, BOB) == JournalPlace(1, len(data), final=True)


def test_a_line_that_is_cut_waits_for_its_rest(store, receiver, collector) -> None:
    data = lines(opened(), started(), metric(RUN, 0))
    receiver.append(JOURNAL, BOB, 1, 0, data[:-5])
    assert collector.collect().points == 0
    receiver.append(JOURNAL, BOB, 1, len(data) - 5, data[-5:])
    assert collector.collect() == Collected(journals=1, points=1)


def test_a_torn_line_is_lost_alone(store, config, receiver, collector) -> None:
    torn = lines(metric(RUN, 1))[:-7]
    ship(receiver, lines(opened(), started(), metric(RUN, 0)) + torn + lines(metric(RUN, 2)) + torn)
    assert collector.collect() == Collected(journals=1, runs=1, points=2, damaged=2, killed=1)
    assert [path.name for path in config.journals.iterdir()] == [f"{segment_name(JOURNAL, 1)}.damaged"]


def test_bytes_that_differ_are_refused(receiver, collector) -> None:
    data = lines(opened(), started())
    receiver.append(JOURNAL, BOB, 1, 0, data)
    assert receiver.append(JOURNAL, BOB, 1, 4, data[4:20]) == JournalPlace(1, len(data), final=False)
    changed = data[:10] + b"?" + data[11:]
    for given_ in (changed, data[:10] + b"?" * 3):
        with pytest.raises(Conflict, match="other bytes") as told:
            receiver.append(JOURNAL, BOB, 1, 0, given_)
        assert told.type is Conflict
    assert receiver.place(JOURNAL, BOB).offset == len(data)
    receiver.append(JOURNAL, BOB, 2, 0, lines(opened(segment=2)), before=len(data))
    with pytest.raises(Conflict, match="has ended"):
        receiver.append(JOURNAL, BOB, 1, len(data), b"more")


def test_what_does_not_follow_says_where_to_go_on_from(receiver) -> None:
    with pytest.raises(Misplaced, match="segment=1 offset=0"):
        receiver.append(JOURNAL, BOB, 1, 5, b"x")
    with pytest.raises(NotFound):
        receiver.place(JOURNAL, BOB)
    receiver.append(JOURNAL, BOB, 1, 0, b"12345")
    for segment, offset, before in ((1, 6, None), (2, 1, 5), (3, 0, 5), (2, 0, None), (2, 0, 6)):
        with pytest.raises(Misplaced, match="segment=1 offset=5"):
            receiver.append(JOURNAL, BOB, segment, offset, b"x", before=before)
    with pytest.raises(Misplaced):
        receiver.append(JOURNAL, BOB, 1, 0, b"123", final=True)
    receiver.append(JOURNAL, BOB, 1, 3, b"45", final=True)
    with pytest.raises(Conflict):
        receiver.append(JOURNAL, BOB, 1, 5, b"6")
    with pytest.raises(Misplaced):
        receiver.append(JOURNAL, BOB, 2, 0, b"")


def test_a_journal_is_whoevers_ships_it_first(store, receiver) -> None:
    ship(receiver, lines(opened()))
    for ask in (
        lambda: receiver.place(JOURNAL, EVE),
        lambda: receiver.append(JOURNAL, EVE, 1, 0, b""),
        lambda: receiver.add_file(JOURNAL, EVE, SHA256, 0, 1, b"x"),
    ):
        with pytest.raises(NotFound):
            ask()
    assert receiver.place(JOURNAL, ADA).final
    ship(receiver, lines(opened()))
    said = [(line.actor, line.action, line.resource) for line in audit.lines(store)]
    assert said == [("bob", "ship journal", f"journals/{JOURNAL}")]


def test_a_journal_of_this_host_is_not_shipped_to_it(config, receiver) -> None:
    config.journals.mkdir(parents=True)
    (config.journals / segment_name(JOURNAL, 1)).write_bytes(lines(opened()))
    with pytest.raises(Conflict, match="own host"):
        ship(receiver, lines(opened()), ADA)
    with pytest.raises(NotFound):
        ship(receiver, lines(opened()), BOB)


@pytest.mark.parametrize("name", ["", "j1", "../" + "a" * 29, "A" * 32, "a" * 33, "a" * 31 + "\n"])
def test_ids_are_hexadecimal(receiver, name) -> None:
    with pytest.raises(Invalid):
        receiver.append(name, ADA, 1, 0, b"")
    with pytest.raises(Invalid):
        receiver.add_file(JOURNAL, ADA, name, 0, 0, b"")


def test_runs_are_their_shippers(store, receiver, collector) -> None:
    ship(receiver, lines(opened(), started(user="ada"), metric(OTHER, 0)))
    collector.collect()
    assert {run.user for run in runs.search(store)} == {"bob"}
    with store.read.connect() as connection:
        assert connection.scalars(select(schema.journals.c.user)).all() == ["bob"]


HOSTILE = [
    started(RUN, name="mine"),
    e.RunEnded(RUN, 300.0, "FAILED", "no"),
    metric(RUN, 7, -1.0),
    e.ParamsLogged(RUN, {"lr": 9}),
    e.TagsSet(RUN, {"k": "mine"}),
    e.NoteAdded(RUN, 300.0, "mine"),
    e.RunContext([RUN, OTHER], None, None),
    e.DatasetSeen(RUN, "X", None, "list", "f", False, [1]),
    e.ArtifactLogged(RUN, None, "x", "figure", SHA256, 1, "a/b", 300.0),
    e.ArtifactLogged(None, CELL, "x", "figure", SHA256, 1, "a/b", 300.0),
    e.UnattachedMetric(CELL, 300.0, "k", 1.0, "mine"),
    e.CellStarted(CELL, None, 1, 1, 300.0, "mine"),
    e.CellOutput(CELL, "mine"),
    e.CellEnded(CELL, 300.0, success=False),
    e.CellNames(CELL, ["mine"], []),
]


@pytest.mark.parametrize("event", HOSTILE, ids=lambda event: type(event).__name__)
def test_nothing_is_said_of_others(store, config, receiver, collector, event) -> None:
    receiver.add_file(JOURNAL, BOB, SHA256, 0, len(FILE), FILE)
    for number, data in enumerate(a_journal(), 1):
        receiver.append(JOURNAL, BOB, number, 0, data, before=_before(number), final=number == 3)
    collector.collect()
    before = shipped.rows_of(store)
    evil = "e" * 32
    receiver.add_file(evil, EVE, SHA256, 0, len(FILE), FILE)
    ship(receiver, lines(opened(), event), EVE, evil)
    assert collector.collect().refused >= 1
    assert shipped.rows_of(store) == before
    assert [run for run in runs.search(store) if run.user == "eve"] == []


def test_a_run_hangs_on_nothing_of_others(store, receiver, collector) -> None:
    ship(receiver, lines(opened(), e.CellStarted(CELL, None, 1, 1, 1.0, "secret"), started(execution=CELL)))
    collector.collect()
    ship(receiver, lines(opened(), started(OTHER, parent=RUN, execution=CELL)), EVE, "e" * 32)
    collector.collect()
    run = runs.get(store, OTHER)
    assert (run.user, run.parent_id, run.execution_id) == ("eve", None, None)
    assert details.detail(store, run).cell is None


def test_a_forked_process_goes_on_with_its_parents_run(store, receiver, collector) -> None:
    ship(receiver, lines(opened("f" * 32, parent=JOURNAL), metric(RUN, 1)), BOB, "f" * 32)
    ship(receiver, lines(opened(), started(), metric(RUN, 0), e.RunEnded(RUN, 200.0, "FINISHED")))
    assert collector.collect().refused == 0
    assert runs.get(store, RUN).status == "FINISHED"
    assert details.detail(store, runs.get(store, RUN)).metrics[0].count == 2


def test_the_bytes_of_others_are_not_had_for_their_name(store, config, receiver, collector) -> None:
    receiver.add_file(JOURNAL, BOB, SHA256, 0, len(FILE), FILE)
    ship(receiver, lines(opened(), started(), artifact(size=3)))
    collector.collect()
    assert artifacts.find(store, SHA256, user="bob").size == len(FILE)
    assert Blobs(config.artifact_url).open(SHA256).read() == FILE
    again = lines(opened(), artifact())  # as after its file was taken away for what was said before
    ship(receiver, again, BOB, "b" * 32)
    assert collector.collect().refused == 0
    assert len(details.detail(store, runs.get(store, RUN)).artifacts) == 2
    ship(receiver, lines(opened(), started(OTHER), artifact(OTHER)), EVE, "e" * 32)
    assert collector.collect().refused == 1
    with pytest.raises(NotFound):
        artifacts.find(store, SHA256, user="eve")


def registered(registration: str, name: str, **fields: object) -> e.ArtifactRegistered:
    known = {
        "type": "model", "format": "file", "sha256": SHA256, "size": 1, "media_type": "text/plain",
        "project": "p", "user": "ada", "time": 100.0,
    }  # fmt: skip
    return e.ArtifactRegistered(registration=registration, name=name, **(known | fields))


def test_what_is_registered_is_its_shippers_and_has_its_bytes(store, receiver, collector) -> None:
    receiver.add_file(OTHER, ADA, SHA256, 0, len(FILE), FILE)
    hers = registered("1" * 32, "scaler", aliases=["champion"], tags=["hers"], description="Ada's.")
    secret = registered("2" * 32, "secret", private=True)
    ship(receiver, lines(opened(OTHER), hers, secret), ADA, OTHER)
    collector.collect()
    receiver.add_file(JOURNAL, BOB, SHA256, 0, len(FILE), FILE)
    his = registered("3" * 32, "scaler", aliases=["champion"], tags=["his"], description="Bob's.", run=RUN)
    bad = [
        registered("4" * 32, "../scaler"),
        registered("x", "unnamed"),
        registered("5" * 32, "borrowed", sha256="ab" * 32),
        registered("6" * 32, "tagged", tags=["a\nb"]),
        registered("7" * 32, "aliased", aliases=["../x"]),
    ]
    used = [e.ArtifactUsed(f"{number}" * 32, "p", "ada", 101.0) for number in range(1, 4)]
    ship(receiver, lines(opened(JOURNAL), started(RUN), his, *bad, *used))
    counts = collector.collect()
    newest, first = library.versions(store, "scaler")
    assert (newest.creator, newest.run_id, newest.size) == ("bob", RUN, len(FILE))
    assert (newest.owner, newest.tags, newest.aliases, newest.description) == ("ada", ["hers"], [], "Ada's.")
    assert first.aliases == ["champion"]
    with store.read.connect() as connection:
        assert list(connection.scalars(select(schema.library_artifacts.c.name))) == ["scaler", "secret"]
    assert [use.user for use in library.uses(store, "scaler")] == ["bob", "bob"]
    assert library.uses(store, "secret") == []
    assert counts.refused == len(bad) + 1


def test_what_a_digest_stands_for_is_not_made_up(store, receiver, collector) -> None:
    seen = shipped.environment()
    false = e.EnvironmentSeen(seen.digest, "Python 1", "evil", {}, {})
    ship(
        receiver, lines(opened(), false, e.CodeSeen("ab" * 32, None, None, None, True, "evil")), EVE, "e" * 32
    )
    assert collector.collect().refused == 2
    ship(receiver, lines(opened(), started(), seen, e.RunContext([RUN], seen.digest, None)))
    assert collector.collect().refused == 0
    assert details.detail(store, runs.get(store, RUN)).environment.python == seen.python


def test_what_recorders_say_is_genuine(tmp_path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "a").write_text("ä")
    seen = code_state(str(tmp_path), Redactor())
    assert seen is not None
    for one in (seen, shipped.environment()):
        assert is_genuine(e.msgspec.convert(e.msgspec.json.decode(e.msgspec.json.encode(one)), type(one)))


BAD = [
    started("x"),
    started("é" * 32),
    started("f" * 5000),
    metric("A" * 32, 0),
    e.CellStarted("c" * 33, None, 2**80, 2**80, 1e300, "x"),
    e.DatasetSeen(RUN, "X", None, "list", "f", False, [2**80]),
    e.DatasetSeen(RUN, "r" * 300, None, "list", "f" * 90, False, []),
    e.EnvironmentSeen("d", "p", "p", {"n": 2**80}, {}),
    e.ArtifactLogged(RUN, None, "x", "t" * 99, "../../etc/passwd", 2**80, "m" * 999, 1.0),
    e.ArtifactLogged(RUN, None, "x", "t" * 99, SHA256, -(2**80), "m" * 999, 1.0),
    e.RunContext([RUN, "\0"], "e" * 200, "\0"),
    opened("z" * 300, -5, kernel="k" * 900, parent="\0" * 99),
    started(RUN, project="p" * 900, source="s" * 99, parent="\0", execution="\0"),
]


@pytest.mark.parametrize("event", BAD, ids=lambda event: type(event).__name__)
def test_what_no_recorder_says_holds_up_nobody_else(store, receiver, collector, event) -> None:
    receiver.add_file("e" * 32, EVE, SHA256, 0, len(FILE), FILE)
    ship(receiver, lines(opened("e" * 32), started(RUN), event), EVE, "e" * 32)
    ship(receiver, lines(opened(), started(OTHER), metric(OTHER, 0)))
    collector.collect()
    assert runs.get(store, OTHER).metrics == {"x": 1.0}
    assert collector.collect() == Collected()


def test_files_are_kept_once_they_are_what_they_must_be(config, receiver) -> None:
    assert receiver.add_file(JOURNAL, BOB, SHA256, 0, len(FILE), FILE[:5]) == FilePlace(5, kept=False)
    with pytest.raises(Misplaced, match="offset=0"):
        receiver.add_file(JOURNAL, BOB, SHA256, 6, len(FILE), FILE[6:])
    with pytest.raises(Garbled):
        receiver.add_file(JOURNAL, BOB, SHA256, 5, len(FILE), FILE[5:-1] + b"?")
    assert not (config.received / JOURNAL / SHA256).exists()
    assert not receiver.add_file(JOURNAL, BOB, SHA256, 0, len(FILE), FILE[:5]).kept
    assert receiver.add_file(JOURNAL, BOB, SHA256, 0, len(FILE), FILE).kept
    assert receiver.add_file(JOURNAL, BOB, SHA256, 0, len(FILE), b"").kept
    assert (config.received / JOURNAL / SHA256).read_bytes() == FILE
    config.artifact_limit = 4
    for size, data in ((5, b""), (0, b"12345")):
        with pytest.raises(TooLarge):
            receiver.add_file(JOURNAL, BOB, "ab" * 32, 0, size, data)


def test_more_than_is_collected_has_to_wait(receiver, collector, monkeypatch) -> None:
    monkeypatch.setattr(receiving, "BACKLOG", 100)
    data = lines(opened(), started())
    receiver.append(JOURNAL, BOB, 1, 0, data)
    with pytest.raises(TooMany) as told:
        receiver.append(JOURNAL, BOB, 1, len(data), lines(metric(RUN, 0)))
    assert told.value.seconds > 0
    collector.collect()
    receiver.append(JOURNAL, BOB, 1, len(data), lines(metric(RUN, 0)))


@pytest.mark.parametrize("call", ["write", "fsync", "open"])
def test_a_full_disk_loses_nothing_that_was_acknowledged(
    store, receiver, collector, monkeypatch, call
) -> None:
    real, data = getattr(os, call), lines(opened(), started(), *(metric(RUN, step) for step in range(50)))
    first, rest = data[:1000], data[1000:]
    receiver.append(JOURNAL, BOB, 1, 0, first)

    def full(*given: object, **named: object) -> object:
        if call == "write":
            real(given[0], bytes(given[1])[:7])  # type: ignore[index]
        elif call == "open" and ".journal" not in str(given[0]):
            return real(*given, **named)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(Unavailable, match="No space left"):
        receiver.append(JOURNAL, BOB, 1, 1000, rest, final=True)
    monkeypatch.setattr(os, call, real)
    assert receiver.place(JOURNAL, BOB) == JournalPlace(1, 1000, final=False)
    collector.collect()
    receiver.append(JOURNAL, BOB, 1, 1000, rest, final=True)
    assert collector.collect().killed == 1
    assert details.detail(store, runs.get(store, RUN)).metrics[0].count == 50


def test_files_that_are_lost_are_shipped_again(store, config, receiver, collector) -> None:
    data = lines(opened(), started(), metric(RUN, 0))
    receiver.append(JOURNAL, BOB, 1, 0, data)
    collector.collect()
    for path in (config.received / JOURNAL).iterdir():
        path.unlink()
    assert receiver.place(JOURNAL, BOB) == JournalPlace(1, 0, final=False)
    ship(receiver, data + lines(metric(RUN, 1)))
    collector.collect()
    assert details.detail(store, runs.get(store, RUN)).metrics[0].count == 2


def test_what_is_left_after_a_kill_is_taken_away(store, config, receiver, collector) -> None:
    ship(receiver, lines(opened(), started()))
    folder = config.received / JOURNAL
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    collector.collect()
    for left in ({"final": b""}, kept):  # killed while it took the folder away, and before
        folder.mkdir()
        for name, data in left.items():
            (folder / name).write_bytes(data)
        collector.collect()
        assert not folder.exists()
    assert receiver.place(JOURNAL, BOB).final
    with store.read.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(schema.runs)) == 1


def test_nobodys_journal_waits(store, config, receiver, collector) -> None:
    """Another database than the one that knows whose it is."""
    folder = Path(config.received / JOURNAL)
    folder.mkdir(parents=True)
    (folder / segment_name(JOURNAL, 1)).write_bytes(lines(opened(), started()))
    assert collector.collect() == Collected()
    ship(receiver, lines(opened(), started()))
    assert collector.collect().runs == 1


def test_what_was_shipped_after_a_backup_is_shipped_again(
    store, config, receiver, collector, tmp_path
) -> None:
    data = lines(opened(), started(), *(metric(RUN, step) for step in range(9)))
    receiver.append(JOURNAL, BOB, 1, 0, data[:700])
    collector.collect()
    back_up(store, config, tmp_path / "backup")
    ship(receiver, data)
    receiver.append(OTHER, BOB, 1, 0, lines(opened(OTHER)), final=True)
    collector.collect()
    restore(store, config, tmp_path / "backup", "ada", force=True)
    assert receiver.place(JOURNAL, BOB) == JournalPlace(1, 0, final=False)
    with pytest.raises(NotFound):
        receiver.place(OTHER, BOB)
    ship(receiver, data)
    collector.collect()
    assert details.detail(store, runs.get(store, RUN)).metrics[0].count == 9
    assert audit.verify(store, Anchor(config.home_path).read()).fault is None


def test_a_member_stores_no_more_than_they_may(receiver, config):
    config.member_limit = 2 * len(FILE) - 1
    me, other, owner = Shipper("bob", False), Shipper("eve", False), Shipper("ada", True)
    receiver.append(JOURNAL, me, 1, 0, b"")
    receiver.add_file(JOURNAL, me, SHA256, 0, len(FILE), FILE)
    with pytest.raises(TooLarge, match=f"You store {len(FILE)} of {config.member_limit} bytes") as refused:
        receiver.add_file(JOURNAL, me, "0" * 64, 0, len(FILE), FILE[:1])
    assert "ask the owner to raise member_limit" in refused.value.hint
    assert receiver.add_file(JOURNAL, me, SHA256, 0, len(FILE), FILE).kept, "what is there is no more"
    for number, shipper in enumerate((other, owner)):
        journal = f"{number}" * 32
        assert not receiver.add_file(journal, shipper, SHA256, 0, len(FILE), FILE[:1]).kept
