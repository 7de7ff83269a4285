"""A run whose host is gone is ended by hand, and whatever comes of it after all is kept."""

from __future__ import annotations

import functools
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journals import journal_of
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

from maestro_jupyter import events as e
from maestro_jupyter.api import Actor, LocalApi
from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import Conflict, Invalid, NotFound
from maestro_jupyter.operations.backup import back_up
from maestro_jupyter.operations.restore import restore
from maestro_jupyter.store import histories, runs
from maestro_jupyter.store.audit import Anchor
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.collector import Collected, Collector
from maestro_jupyter.store.engine import open_store
from maestro_jupyter.store.receiving import Receiver, Shipper
from maestro_jupyter.store.run_ends import silent_runs

BOB = Shipper("bob", owner=False)


def api_of(store, config, name="bob", *, owner=False) -> LocalApi:
    anchor = Anchor(config.home_path)
    blobs = functools.partial(Blobs, config.artifact_url)
    return LocalApi(store, Actor(name, owner), blobs, str, anchor, Receiver(store, anchor, config))


@pytest.fixture
def receiver(store, config) -> Receiver:
    """Give what has a file of a journal, and none of its bytes yet."""
    made = Receiver(store, Anchor(config.home_path), config)
    made.add_file(JOURNAL, BOB, SHA256, 0, len(FILE), FILE)
    return made


@pytest.fixture
def collector(store, config) -> Collector:
    return Collector(store, config)


@pytest.fixture
def ship(receiver, collector):
    """Give a function that ships further events, and collects them."""

    def send(*events, final=False):
        place = receiver.place(JOURNAL, BOB)
        receiver.append(JOURNAL, BOB, place.segment, place.offset, lines(*events), final=final)
        return collector.collect()

    return send


@pytest.fixture
def api(store, config) -> LocalApi:
    return api_of(store, config)


def how_it_stands(store, run=RUN):
    found = runs.get(store, run)
    end = None if found.end_time is None else found.end_time.timestamp()
    return str(found.status), found.status_reason, end


def steps(store, run=RUN):
    return histories.history(store, runs.get(store, run), "x")[0].tolist()


@pytest.mark.parametrize("status", ["KILLED", "FAILED", "FINISHED"])
def test_it_ends_when_it_was_last_heard_of(store, config, api, ship, status) -> None:
    ship(opened(), started(), metric(RUN, 0), metric(RUN, 5))
    api.edit(RUN, note="the machine was given back")  # a remark is not the run's word
    assert api.edit(RUN, status=status).status == status
    assert how_it_stands(store) == (status, "ended by bob", 107.0)
    owner = api_of(store, config, "ada", owner=True)
    assert [line.action for line in owner.audit()] == ["ship journal", "note on run", "end run"]
    assert [event.kinds for event in owner.events(0)][-1] == ["ended"]
    assert owner.count("status = 'RUNNING'") == 0


def test_a_run_that_has_logged_nothing_ends_with_the_last_of_its_journal(store, api, ship) -> None:
    ship(
        opened(),
        started(),
        e.CellStarted(CELL, "c", 1, 1, 103.0, "x"),
        e.CellEnded(CELL, 109.0, success=True),
    )
    api.edit(RUN, status="KILLED")
    assert how_it_stands(store)[2] == 109.0


def test_what_comes_after_all_is_kept_and_the_runs_own_end_counts(store, config, api, ship) -> None:
    ship(opened(), started(), metric(RUN, 0))
    api.edit(RUN, status="KILLED")
    ship(metric(RUN, 1), artifact(), e.ParamsLogged(RUN, {"late": 1}))
    assert how_it_stands(store) == ("KILLED", "ended by bob", 105.0)
    assert (steps(store), runs.get(store, RUN).params) == ([0, 1], {"late": 1})
    ship(metric(RUN, 2), e.RunEnded(RUN, 110.0, "FINISHED"))
    assert how_it_stands(store) == ("FINISHED", "", 110.0)
    assert ship(final=True) == Collected(journals=1)
    assert how_it_stands(store) == ("FINISHED", "", 110.0)
    assert steps(store) == [0, 1, 2]


def test_an_end_stays_where_the_writer_turns_out_to_be_gone(store, config, api, ship) -> None:
    ship(opened(), started(), metric(RUN, 0), started(OTHER))
    api.edit(RUN, status="FINISHED")
    assert ship(metric(RUN, 4), final=True).killed == 1
    assert how_it_stands(store) == ("FINISHED", "ended by bob", 106.0)
    assert how_it_stands(store, OTHER)[0] == "KILLED"
    assert Collector(store, config).collect() == Collected()


def test_an_end_is_kept_where_the_start_comes_late(store, receiver, api, ship) -> None:
    ship(opened(), metric(RUN, 3))
    api.edit(RUN, status="KILLED")
    ship(started())
    assert how_it_stands(store) == ("KILLED", "ended by bob", 105.0)
    assert runs.get(store, RUN).name == "n"


def test_an_end_survives_a_restore_and_another_collecting(
    store, config, receiver, collector, api, ship, tmp_path
) -> None:
    ship(opened(), started(), metric(RUN, 0))
    api.edit(RUN, status="KILLED")
    ended = how_it_stands(store)
    back_up(store, config, tmp_path / "backup")
    restore(store, config, tmp_path / "backup", "ada", force=True)
    assert how_it_stands(store) == ended
    # The journal's files are no part of a backup: its last segment is shipped again from its beginning.
    data = lines(opened(), started(), metric(RUN, 0), metric(RUN, 1))
    receiver.append(JOURNAL, BOB, 1, 0, data)
    collector.collect()
    assert (how_it_stands(store)[:2], steps(store)) == (ended[:2], [0, 1])


def test_its_open_parts_end_with_it_and_the_others_stay(store, api, ship) -> None:
    done = "d4" * 16
    ship(opened(), started(), started(OTHER, parent=RUN), started(done, parent=RUN), metric(OTHER, 1))
    ship(e.RunEnded(done, 108.0, "FINISHED"))
    api.edit(RUN, status="FAILED")
    assert how_it_stands(store, OTHER) == ("FAILED", "ended by bob", 103.0)
    assert how_it_stands(store, done) == ("FINISHED", "", 108.0)


def test_what_is_alive_here_is_refused_until_its_process_is_gone(store, config, collector) -> None:
    journal = journal_of(config, "j1")
    journal.append(started(user="bob"))
    journal.append(metric(RUN, 0))
    collector.collect()
    api = api_of(store, config)
    with pytest.raises(Conflict, match="alive on this host"):
        api.edit(RUN, tags={"a": "b"}, status="KILLED")
    assert (runs.get(store, RUN).tags, how_it_stands(store)[0]) == ({}, "RUNNING"), "all or nothing"
    journal.abandon()
    api.edit(RUN, status="KILLED")
    assert how_it_stands(store)[1] == "ended by bob"
    assert collector.collect().killed == 0
    assert how_it_stands(store) == ("KILLED", "ended by bob", 102.0)


def test_what_cannot_be_is_refused(store, config, api, ship) -> None:
    ship(opened(), started())
    for status in ("RUNNING", "killed", ""):
        with pytest.raises(Invalid, match="cannot end with the status"):
            api.edit(RUN, status=status)
    with pytest.raises(NotFound):
        api_of(store, config, "eve").edit(RUN, status="KILLED")
    assert how_it_stands(store)[0] == "RUNNING"
    api_of(store, config, "ada", owner=True).edit(RUN, status="KILLED")
    with pytest.raises(Conflict, match="has ended already: it is KILLED"):
        api.edit(RUN, status="FINISHED")
    assert how_it_stands(store)[:2] == ("KILLED", "ended by ada")


def test_a_run_is_silent_once_its_whole_journal_is(store, ship) -> None:
    ship(opened(), started(), metric(RUN, 0), started(OTHER, time=200.0))

    def silent(since):
        with store.read.connect() as connection:
            return [(run.run_id, run.journal, run.host) for run in silent_runs(connection, int(since * 1e6))]

    assert silent(201) == [(RUN, JOURNAL, "far"), (OTHER, JOURNAL, "far")]
    assert silent(200) == []
    ship(e.CellStarted(CELL, "c", 1, 1, 205.0, "x"))
    assert silent(201) == []
    ship(e.RunEnded(RUN, 206.0, "FINISHED"))
    assert [run for run, _, _ in silent(300)] == [OTHER]


SEGMENTS = a_journal()
WHOLE = 60
STEPS = st.lists(st.integers(1, 4000) | st.sampled_from(["collect", "end"]), max_size=30)


@settings(max_examples=40)
@given(STEPS, st.sampled_from(["FINISHED", "FAILED", "KILLED"]))
def test_whenever_it_is_ended_nothing_is_lost_and_its_own_word_is_the_last(moves, status) -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = Maestro(environ={"MAESTRO_HOME": folder})
        store = open_store(config.database_url)
        receiver, collector = Receiver(store, Anchor(config.home_path), config), Collector(store, config)
        api, ended = api_of(store, config), set()
        receiver.add_file(JOURNAL, BOB, SHA256, 0, len(FILE), FILE)
        for move in [*moves, *[4000] * 8]:
            if move == "collect":
                collector.collect()
            elif move == "end":
                for run in api.search("status = 'RUNNING'"):
                    api.edit(run.run_id, status=status)
                    ended.add(run.run_id)
            else:
                _ship_next(receiver, move)
        collector.collect()
        assert steps(store) == list(range(WHOLE))
        assert how_it_stands(store) == ("FINISHED", "", 170.0)
        assert steps(store, OTHER) == [0]
        said = status if OTHER in ended else "KILLED"
        assert how_it_stands(store, OTHER)[0] == said
        assert (how_it_stands(store, OTHER)[1] == "ended by bob") == (OTHER in ended)
        assert collector.collect() == Collected()
        store.close()


def _ship_next(receiver, size) -> None:
    place = receiver.place(JOURNAL, BOB)
    if place.final:
        return
    segment, offset = place.segment, place.offset
    if offset == len(SEGMENTS[segment - 1]) and segment < len(SEGMENTS):
        segment, offset = segment + 1, 0
    data = SEGMENTS[segment - 1][offset : offset + size]
    final = segment == len(SEGMENTS) and offset + len(data) == len(SEGMENTS[-1])
    before = len(SEGMENTS[segment - 2]) if segment > 1 else 0
    receiver.append(JOURNAL, BOB, segment, offset, data, before=before, final=final)
