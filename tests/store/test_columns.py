"""Columns in memory find what the database finds, however the runs have changed since they were read."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from filter_strategies import FILTERS, KEYS, some_runs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journals import journal_of

from maestro_jupyter import events
from maestro_jupyter.errors import TooSlow
from maestro_jupyter.operations.backup import back_up
from maestro_jupyter.operations.prune import Request, prune
from maestro_jupyter.operations.restore import restore
from maestro_jupyter.store import column_filter as filters
from maestro_jupyter.store import columns as rooms
from maestro_jupyter.store import runs as queries
from maestro_jupyter.store.audit import Anchor
from maestro_jupyter.store.collector import Collector
from maestro_jupyter.store.column_filter import find
from maestro_jupyter.store.columns import Columns
from maestro_jupyter.store.edits import edit_run
from maestro_jupyter.store.engine import Store, open_store
from maestro_jupyter.store.filters import And, Comparison, Field, Not, Or, matches, parse
from maestro_jupyter.store.kernel_ends import follow_notebooks
from maestro_jupyter.store.run_order import Order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.models import Run

HELD = {"status", "user", "source", "project", "start_time", "end_time", "archived", "duration"}
"""The attributes that columns hold."""

PATIENT = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def fields(tree: Any) -> Iterator[Field]:
    match tree:
        case And(items) | Or(items):
            for item in items:
                yield from fields(item)
        case Not(item):
            yield from fields(item)
        case Comparison(field):
            yield field


@PATIENT
@given(some_runs(), st.lists(FILTERS, min_size=1, max_size=5))
def test_they_find_what_python_finds(store_of, runs, filters):
    store = store_of(runs)
    with store.read.connect() as connection:
        columns = Columns(store.read)
        for tree in filters:
            found = find(columns, connection, tree)
            held = all(field.entity != "attribute" or field.key in HELD for field in fields(tree))
            assert (found is not None) == held
            if found is not None:
                expected = {number for number, run in enumerate(runs, 1) if matches(tree, run)}
                assert set(found) == expected


ORDERS = st.lists(
    st.builds(
        Order,
        st.sampled_from(
            [
                *(Field("metric", key) for key in KEYS),
                *(Field("attribute", name) for name in ("start_time", "end_time", "duration")),
            ]
        ),
        st.booleans(),
    ),
    min_size=1,
    max_size=3,
)


@PATIENT
@given(some_runs(), ORDERS, st.none() | st.integers(0, 7), st.integers(0, 7))
def test_they_order_as_the_database_does(store_of, runs, order, count, newest):
    store = store_of(runs)
    scope = queries._Scope(newest=newest)
    with store.read.connect() as connection:
        expected = queries._ids(connection, And(()), scope, order, count)
        assert find(Columns(store.read), connection, And(()), order, newest=newest, count=count) == expected


@pytest.mark.parametrize("order", ["params.lr", "tags.k", "name", "project", "metrics.m, run_id"])
def test_the_order_of_texts_is_the_databases(store_of, order):
    store = store_of([])
    with store.read.connect() as connection:
        assert find(Columns(store.read), connection, And(()), queries.parse_order(order)) is None


# Runs that change


QUESTIONS = [
    "",
    "metrics.loss > 0.3",
    "not metrics.loss <= 0.3",
    "params.depth = 3 or params.depth = 'auto'",
    "params.depth >= 2",
    "tags.kind like 'b%'",
    "tags.kind is null",
    "status = 'RUNNING'",
    "duration > 1 and project = 'p'",
    "archived is not null",
    "metrics.acc > 0.3 or archived > '2026-01-01'",
]
_ANY = "archived is null or archived is not null"
ORDER_BY = [None, "metrics.loss DESC", "metrics.acc, end_time", "duration"]


class Life:
    """A store whose runs come, grow, are edited and go, and one that keeps columns of it."""

    def __init__(self, config: Maestro, store: Store) -> None:
        self.config, self.plain = config, store
        self.remembering = open_store(config.database_url, columns=True)
        self.draw = random.Random(0)
        self.notebook = "a.ipynb"
        self.journal = journal_of(config, "a", kernel="k")
        self.collector = Collector(store, config)
        self.open: list[str] = []
        self.all: list[str] = []
        self.file = config.home_path.parent / "backup"

    def compare(self) -> None:
        for question in QUESTIONS:
            given = (question, None, self.draw.choice(ORDER_BY), self.draw.choice([None, 3]))
            assert self._find(self.remembering, given) == self._find(self.plain, given), given
            assert queries.count(self.remembering, question) == queries.count(self.plain, question)

    def _find(self, store: Store, given: tuple[Any, ...]) -> str:
        return repr(queries.search(store, *given))  # as text NaN equals itself

    def start(self) -> None:
        run = f"{len(self.all) + 1:032x}"
        project = self.draw.choice("pq")
        self.journal.append(
            events.RunStarted(run, "n", 100.0 + self.draw.randint(0, 3), project, "ada", "api")
        )
        self.journal.append(events.ParamsLogged(run, {"depth": self.draw.choice([1, 2, 3, "auto"])}))
        self.open.append(run)
        self.all.append(run)
        self.collector.collect()

    def grow(self) -> None:
        for run in self.draw.sample(self.open, min(2, len(self.open))):
            values = {self.draw.choice(["loss", "acc"]): self.draw.choice([0.1, 0.5, "nan", "inf"])}
            self.journal.append(events.MetricsLogged(run, self.draw.randint(0, 9), 101.0, values))
        self.collector.collect()

    def end(self) -> None:
        if self.open:
            run = self.open.pop(self.draw.randrange(len(self.open)))
            self.journal.append(events.RunEnded(run, 105.0, self.draw.choice(["FINISHED", "FAILED"])))
            self.collector.collect()

    def edit(self) -> None:
        known = [run.run_id for run in queries.search(self.plain)]
        if known:
            tags = {"kind": self.draw.choice(["big", "small", None])}
            anchor = Anchor(self.config.home_path)
            edit_run(self.plain, anchor, self.draw.choice(known), "ada", tags=tags, note="")

    def put_away(self) -> None:
        known = [run.run_id for run in queries.search(self.plain, _ANY)]
        if known:
            anchor, archived = Anchor(self.config.home_path), self.draw.random() < 0.6
            run = self.draw.choice(known)
            edit_run(self.plain, anchor, run, "ada", tags={}, note="", archived=archived)

    def prune(self) -> None:
        failed = Request(filter_string="status = 'FAILED'")
        prune(self.plain, self.config, "ada", failed, dry_run=False)

    def rename(self) -> None:
        before, self.notebook = self.notebook, f"{self.draw.randint(0, 9)}.ipynb"
        follow_notebooks(self.plain, {"k": self.notebook}, {"k": before})

    def print_something(self) -> None:
        execution = f"{self.draw.getrandbits(64):032x}"
        self.journal.append(events.CellStarted(execution, None, 1, 1, 100.0, "x = 1"))
        self.collector.collect()

    def save(self) -> None:
        back_up(self.plain, self.config, self.file, force=True)

    def restore(self) -> None:
        if self.file.exists():
            self._next_journal()
            restore(self.plain, self.config, self.file, "ada", force=True)

    def _next_journal(self) -> None:
        self.journal.close(events.JournalClosed(110.0))
        self.collector.collect()
        self.journal = journal_of(self.config, f"{self.draw.getrandbits(64):x}", kernel="k")
        self.open.clear()

    def close(self) -> None:
        self.journal.close(events.JournalClosed(110.0))
        self.remembering.close()


@pytest.fixture
def life(config, store):
    made = Life(config, store)
    yield made
    made.close()


STEPS = (
    "start",
    "start",
    "start",
    "grow",
    "grow",
    "end",
    "edit",
    "put_away",
    "put_away",
    "rename",
    "print_something",
    "prune",
    "save",
    "restore",
)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "limits",
    [{}, {"_MANY_CHANGES": 1}, {"BYTES": 0}, {"TEXTS": 2}, {"_COMPARED": 1}, {"RUNS": 1}, {"AT_ONCE": 0}],
    ids=str,
)
def test_they_follow_what_happens(life, monkeypatch, seed, limits):
    for name, value in limits.items():
        monkeypatch.setattr(filters if name == "_COMPARED" else rooms, name, value)
    life.draw.seed(seed)
    for _ in range(25):
        getattr(life, life.draw.choice(STEPS))()
        life.compare()
    assert len(life.all) > 3


def test_of_many_runs_the_database_is_asked_until_their_columns_are_read(life, monkeypatch):
    monkeypatch.setattr(rooms, "AT_ONCE", 2)
    columns, question = life.remembering.columns, parse("metrics.loss > 0.3")
    for _ in range(3):
        life.start()
    life.grow()
    life.compare()
    with life.remembering.read.connect() as connection:
        while (found := find(columns, connection, question)) is None:
            time.sleep(0.01)  # the test's time-out ends it
    assert len(found) == queries.count(life.plain, "metrics.loss > 0.3")
    life.grow()
    with life.remembering.read.connect() as connection:
        assert find(columns, connection, question) is not None, "what is read is kept, and follows"
    life.compare()


def test_what_the_database_refuses_to_read_is_read_the_next_time(life, monkeypatch):
    monkeypatch.setattr(rooms, "AT_ONCE", 0)
    columns, question = life.remembering.columns, parse("metrics.loss > 0.3")
    life.start()
    refused = threading.Event()

    def refuse(*_: object) -> None:
        refused.set()
        raise TooSlow("The database takes too long.")

    with monkeypatch.context() as broken, life.remembering.read.connect() as connection:
        broken.setattr(rooms, "_read", refuse)
        assert find(columns, connection, question) is None
        assert refused.wait(60)
    with life.remembering.read.connect() as connection:
        while find(columns, connection, question) is None:
            time.sleep(0.01)


def test_the_first_run_of_a_store_that_has_only_cells(life):
    life.journal.append(events.CellStarted("a" * 32, None, 1, 1, 100.0, "x = 1"))
    life.collector.collect()
    life.compare()
    life.start()
    life.compare()


def test_an_older_snapshot_is_left_to_the_database(life):
    life.start()
    everything = parse("")
    with life.remembering.read.connect() as connection:
        before = find(life.remembering.columns, connection, everything)
        life.start()
        life.compare()
        if life.plain.read.dialect.name == "sqlite":  # the other database shows each statement the newest
            assert find(life.remembering.columns, connection, everything) is None
    with life.remembering.read.connect() as connection:
        assert find(life.remembering.columns, connection, everything) == [*before, before[0] + 1][::-1]


def test_a_run_is_not_kept_as_it_was_before_what_happened_while_it_was_read(life):
    life.start()
    columns, (known,) = life.remembering.columns, queries.search(life.plain)
    with life.remembering.read.connect() as connection:
        (number,) = find(columns, connection, parse(""))

        def read(_some: object) -> dict[int, Run]:
            anchor = Anchor(life.config.home_path)
            edit_run(life.plain, anchor, known.run_id, "ada", tags={"kind": "new"}, note="")
            life.compare()  # somebody else asks, and sees that
            return {number: known}

        assert columns.runs(connection, [number], read) == [known]
    assert queries.search(life.remembering)[0].tags == {"kind": "new"}


def test_many_threads_ask_while_runs_come(life):
    life.start()
    over = threading.Event()
    wrong: list[object] = []

    def ask() -> None:
        seen = 0
        while not over.is_set():
            found = queries.search(life.remembering, "status = 'RUNNING'", order_by="start_time")
            if len(found) < seen:
                wrong.append((seen, len(found)))
            seen = len(found)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        life.start()
    over.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    life.compare()
