"""What was written to journals is in the store, once, whatever happened to the bytes and the processes."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import math
import multiprocessing
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from maestro_jupyter import events as e
from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import NotFound, Unavailable
from maestro_jupyter.journal_format import frame, lock_for_writing, scan, segment_name
from maestro_jupyter.recording.guard import Problems
from maestro_jupyter.recording.journal import Journal
from maestro_jupyter.store import collector as collecting
from maestro_jupyter.store import details, histories, metrics, runs
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.collector import Collector
from maestro_jupyter.store.engine import Store, open_store
from maestro_jupyter.store.schema import journals, metric_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN, OTHER = "a" * 32, "b" * 32
encode = msgspec.json.encode


def opened(journal: str, segment: int = 1, parent: str | None = None) -> e.JournalOpened:
    return e.JournalOpened(journal, segment, 100.0, "host", 7, "ada", "kernel", "n.ipynb", parent)


def journal_in(config: Maestro, name: str = "j1", parent: str | None = None, **options: int) -> Journal:
    return Journal(
        config.journals, name, lambda segment: opened(name, segment, parent), Problems(), **options
    )


def started(run: str = RUN, **changes: object) -> e.RunStarted:
    return e.RunStarted(
        **{"run": run, "name": "n", "time": 101.0, "project": "p", "user": "ada", "source": "api"} | changes
    )


def write_raw(config: Maestro, name: str, data: bytes, segment: int = 1) -> Path:
    config.journals.mkdir(parents=True, exist_ok=True)
    path = config.journals / segment_name(name, segment)
    path.write_bytes(data)
    return path


def lines(*events: e.Event) -> bytes:
    return b"".join(frame(encode(event)) for event in events)


def dump(store: Store) -> list[bytes]:
    """Give all that can be asked for, without the rows' numbers, which depend on who came first."""
    said = []
    for run in sorted(runs.search(store, max_results=None), key=lambda run: run.run_id):
        said.append(msgspec.msgpack.encode(details.detail(store, run), order="sorted"))
        said += [
            column.tobytes() for key in sorted(run.metrics) for column in histories.history(store, run, key)
        ]
    return said


@pytest.fixture
def collector(store: Store, config: Maestro) -> Collector:
    return Collector(store, config)


def test_everything_that_is_recorded_can_be_asked_for(
    store: Store, config: Maestro, collector: Collector
) -> None:
    journal = journal_in(config)
    data = b"picture"
    sha256 = hashlib.sha256(data).hexdigest()
    config.spool.mkdir(parents=True)
    (config.spool / sha256).write_bytes(data)
    for event in (
        e.CellStarted("x1", "cell-1", 1, 3, 100.5, "fit()"),
        e.EnvironmentSeen("env", "3.11", "Linux", {"cpus": 2}, {"numpy": "2"}),
        e.CodeSeen("git", "abc", "main", None, dirty=True, diff="+x"),
        started(execution="x1"),
        e.RunContext([RUN], "env", "git"),
        e.ParamsLogged(RUN, {"lr": 0.1, "model": "rf", "none": None, "huge": 2**70, "nul": "a\0b"}),
        e.MetricsLogged(RUN, 0, 102.0, {"loss": 1.0, "odd": "nan"}),
        e.MetricsLogged(RUN, 1, 103.0, {"loss": 0.5, "odd": "-inf"}),
        e.TagsSet(RUN, {"stage": "α"}),
        e.NoteAdded(RUN, 104.0, "look"),
        e.DatasetSeen(RUN, "X", "X_train", "DataFrame", "f" * 16, False, [3, 2], [e.Column("a", "int64")]),
        e.ArtifactLogged(RUN, "x1", "p.png", "figure", sha256, len(data), "image/png", 105.0),
        e.UnattachedMetric("x1", 105.5, "acc", "nan", "two runs"),
        e.RunEnded(RUN, 106.0, "FINISHED"),
        e.CellNames("x1", ["X"], ["model"]),
        e.CellOutput("x1", "done"),
        e.CellEnded("x1", 107.0, success=True),
    ):
        journal.append(event)
    assert collector.collect() == collecting.Collected(journals=1, runs=1, points=4)
    detail = details.detail(store, runs.get(store, RUN))
    run = detail.run
    assert (run.name, run.project, run.status, run.notebook) == ("n", "p", "FINISHED", "n.ipynb")
    assert run.params == {"lr": 0.1, "model": "rf", "none": None, "huge": str(2**70), "nul": "a\0b"}
    assert run.metrics == {"loss": 0.5, "odd": -math.inf}
    assert run.tags == {"stage": "α"}
    assert run.duration == 5.0
    loss = next(metric for metric in detail.metrics if metric.key == "loss")
    assert (loss.count, loss.first, loss.last, loss.min, loss.max, loss.last_step) == (
        2,
        1.0,
        0.5,
        0.5,
        1.0,
        1,
    )
    assert detail.environment is not None
    assert detail.environment.packages == {"numpy": "2"}
    assert detail.code is not None
    assert detail.code.diff == "+x"
    assert detail.cell is not None
    assert (detail.cell.source, detail.cell.reads, detail.cell.output) == ("fit()", ["X"], "done")
    assert [note.text for note in detail.notes] == ["look"]
    assert [dataset.name for dataset in detail.datasets] == ["X_train"]
    assert [unattached.key for unattached in detail.unattached] == ["acc"]
    assert [artifact.name for artifact in detail.artifacts] == ["p.png"]
    assert Blobs(config.artifact_url).open(sha256).read() == data
    assert list(config.spool.iterdir()) == []
    assert collector.collect() == collecting.Collected()
    journal.close(e.JournalClosed(108.0))
    collector.collect()
    assert list(config.journals.iterdir()) == []


def test_the_last_value_is_that_of_the_highest_step(
    store: Store, config: Maestro, collector: Collector
) -> None:
    journal = journal_in(config)
    journal.append(started())
    for step, value in ((5, 1.0), (2, 9.0), (5, 2.0), (3, -4.0)):
        journal.append(e.MetricsLogged(RUN, step, 100.0 + step, {"loss": value}))
        collector.collect()
    assert runs.get(store, RUN).metrics == {"loss": 2.0}
    summary = details.detail(store, runs.get(store, RUN)).metrics[0]
    assert (summary.first, summary.last, summary.min, summary.max) == (1.0, 2.0, -4.0, 9.0)
    journal.append(e.RunEnded(RUN, 110.0, "FINISHED"))
    collector.collect()
    with store.read.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(metric_chunks)) == 1
    steps, _, values = histories.history(store, runs.get(store, RUN), "loss")
    assert (steps.tolist(), values.tolist()) == ([2, 3, 5, 5], [9.0, -4.0, 1.0, 2.0])


def test_merging_cuts_long_histories(
    store: Store, config: Maestro, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "CHUNK_POINTS", 40)
    monkeypatch.setattr(collecting, "BATCH_BYTES", 1000)
    journal = journal_in(config)
    journal.append(started())
    for step in range(100):
        journal.append(e.MetricsLogged(RUN, step, 100.0 + step, {"loss": step / 7}))
    journal.append(e.RunEnded(RUN, 300.0, "FAILED", "ValueError"))
    collector.collect()
    with store.read.connect() as connection:
        counts = connection.scalars(select(metric_chunks.c.count).order_by(metric_chunks.c.id)).all()
    assert counts == [40, 40, 20]
    values = histories.history(store, runs.get(store, RUN), "loss")[2]
    np.testing.assert_array_equal(values, np.arange(100) / 7)


def test_unknown_and_senseless_lines_are_counted(store: Store, config: Maestro, collector: Collector) -> None:
    data = lines(opened("j1"), started())
    data += frame(b'["hologram", 1]') + frame(b"{}") + frame(b'["m", "x"]') + frame(b"\xff")
    data += frame(encode(["m", RUN, 2**70, 1.0, {"a": 1}])) + lines(e.MetricsLogged(RUN, 0, 1.0, {"a": 1.0}))
    write_raw(config, "j1", data)
    counts = collector.collect()
    assert (counts.unknown, counts.damaged, counts.points, counts.runs) == (1, 4, 1, 1)
    assert [path.name for path in config.journals.iterdir()] == ["j1.000001.journal.damaged"]
    with store.read.connect() as connection:
        row = connection.execute(select(journals)).one()
    assert (row.unknown, row.damaged, row.host) == (1, 4, "host")


def test_a_line_without_an_end_waits_for_its_writer(
    store: Store, config: Maestro, collector: Collector
) -> None:
    journal = journal_in(config)
    journal.append(started())
    path = config.journals / segment_name("j1", 1)
    line = lines(e.MetricsLogged(RUN, 0, 101.0, {"a": 1.0}))
    with path.open("ab") as file:
        file.write(line[:20])
    assert collector.collect().points == 0
    with path.open("ab") as file:
        file.write(line[20:])
    assert collector.collect().points == 1
    with path.open("ab") as file:
        file.write(line[:20])
    journal.abandon()
    assert collector.collect().damaged == 1
    assert runs.get(store, RUN).status == "KILLED"


def test_segments_are_read_in_order_and_removed(store: Store, config: Maestro, collector: Collector) -> None:
    journal = journal_in(config, segment_bytes=4096)
    journal.append(started())
    for step in range(300):
        journal.append(e.MetricsLogged(RUN, step, 100.0, {"loss": float(step)}))
        if step == 150:
            assert len(list(config.journals.iterdir())) > 2
            assert collector.collect().points == 151
    assert collector.collect().points == 149
    assert len(list(config.journals.iterdir())) == 1
    assert histories.history(store, runs.get(store, RUN), "loss")[2].tolist() == [
        float(n) for n in range(300)
    ]


def test_files_that_come_back_change_nothing(store: Store, config: Maestro, collector: Collector) -> None:
    first = lines(opened("j1"), started(), e.MetricsLogged(RUN, 0, 101.0, {"a": 1.0}))
    second = lines(opened("j1", 2), e.MetricsLogged(RUN, 1, 102.0, {"a": 2.0}), e.JournalClosed(103.0))
    for _ in range(3):
        write_raw(config, "j1", first, 1)
        write_raw(config, "j1", second, 2)
        collector.collect()
        before = dump(store)
    write_raw(config, "j1", second, 2)
    collector.collect()
    assert dump(store) == before
    assert runs.get(store, RUN).metrics == {"a": 2.0}
    assert histories.history(store, runs.get(store, RUN), "a")[2].tolist() == [1.0, 2.0]
    assert list(config.journals.iterdir()) == []


def test_a_child_may_log_to_its_parents_run(store: Store, config: Maestro, collector: Collector) -> None:
    child = journal_in(config, "a-child", parent="z-parent")
    parent = journal_in(config, "z-parent")
    child.append(e.MetricsLogged(RUN, 0, 102.0, {"a": 1.0}))
    parent.append(started(name="of the parent"))
    collector.collect()
    child.append(e.ParamsLogged(OTHER, {"x": 1}))
    child.append(e.MetricsLogged(OTHER, 0, 103.0, {"b": 1.0}))
    collector.collect()
    early = runs.get(store, OTHER)
    assert (early.name, early.project, early.status) == (OTHER[:8], "default", "RUNNING")
    child.abandon()
    collector.collect()
    assert runs.get(store, RUN).status == "RUNNING"
    parent.append(started(OTHER, name="late"))
    parent.append(started(OTHER, name="repeated"))
    collector.collect()
    late = runs.get(store, OTHER)
    assert (late.name, late.project, late.status, late.status_reason) == ("late", "p", "RUNNING", "")
    assert (late.params, late.metrics, late.end_time) == ({"x": 1}, {"b": 1.0}, None)
    parent.close(e.JournalClosed(104.0))
    assert collector.collect().killed == 2


@pytest.mark.parametrize("closed", [False, True])
def test_a_run_that_a_dead_process_left_open_was_killed(
    store: Store, config: Maestro, collector: Collector, closed: bool
) -> None:
    journal = journal_in(config)
    journal.append(started())
    journal.append(e.MetricsLogged(RUN, 0, 150.0, {"a": 1.0}))
    journal.append(started(OTHER))
    assert collector.collect().killed == 0
    if closed:
        journal.close(e.JournalClosed(160.0, "exit"))
    else:
        journal.abandon()
    assert collector.collect().killed == 2
    run = runs.get(store, RUN)
    assert run.status == "KILLED"
    assert run.status_reason == (
        "the process ended while the run was open"
        if closed
        else "the kernel died or was killed before the run ended"
    )
    assert run.duration == 49.0
    other = runs.get(store, OTHER)
    assert other.end_time is not None
    assert abs(other.end_time.timestamp() - time.time()) < 600


def test_ones_own_journal_is_alive_until_it_is_closed(store: Store, config: Maestro) -> None:
    collector = Collector(store, config, own="j1")
    write_raw(config, "j1", lines(opened("j1"), started()))
    assert collector.collect().killed == 0
    write_raw(config, "j1", lines(opened("j1"), started(), e.JournalClosed(1.0)))
    assert collector.collect().killed == 1
    assert list(config.journals.iterdir()) == []


def test_spooled_bytes_that_are_gone_or_wrong(store: Store, config: Maestro, collector: Collector) -> None:
    kept, wrong, gone = (hashlib.sha256(name).hexdigest() for name in (b"kept", b"wrong", b"gone"))
    config.spool.mkdir(parents=True)
    (config.spool / "source").write_bytes(b"kept")
    (config.spool / wrong).write_bytes(b"other")
    blobs = Blobs(config.artifact_url)
    blobs.put_file(config.spool / "source", kept)
    journal = journal_in(config)
    for sha256 in (kept, wrong, gone, "../../etc"):
        journal.append(e.ArtifactLogged(None, "x", "n", "file", sha256, 4, "text/plain", 1.0))
    assert collector.collect().damaged == 1
    assert blobs.open(kept).read() == b"kept"
    assert not blobs.exists(wrong)
    with pytest.raises(NotFound):
        blobs.open(gone)
    path = Path(config.artifact_url) / kept[:2] / kept
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"bent")
    with pytest.raises(Unavailable, match="changed"), blobs.open(kept) as file:
        file.read()


def _hold(home: str, url: str, ready: multiprocessing.synchronize.Event) -> None:
    from maestro_jupyter.store.home_lock import home_lock

    with home_lock(Path(home) / "collector.lock", None):
        ready.set()
        time.sleep(60)


def test_one_process_at_a_time_collects(config: Maestro, collector: Collector) -> None:
    fork = multiprocessing.get_context("spawn")
    ready = fork.Event()
    process = fork.Process(target=_hold, args=(config.home, config.database_url, ready))
    process.start()
    assert ready.wait(60)
    with pytest.raises(Unavailable, match=f"pid {process.pid}"):
        collector.collect(timeout=0.05)
    process.kill()
    process.join()
    assert collector.collect(timeout=5) == collecting.Collected()


def _log_forever(home: str, ready: multiprocessing.synchronize.Event) -> None:
    journal = journal_in(Maestro(environ={"MAESTRO_HOME": home}), f"p{os.getpid()}")
    journal.append(started(f"{os.getpid():032x}"))
    step = 0
    while True:
        journal.append(e.MetricsLogged(f"{os.getpid():032x}", step, time.time(), {"loss": float(step)}))
        step += 1
        if step == 50:
            ready.set()


@contextlib.contextmanager
def child(target: object, *arguments: object) -> Iterator[multiprocessing.Process]:
    process = multiprocessing.get_context("spawn").Process(target=target, args=arguments)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def test_a_killed_process_is_found_dead(store: Store, config: Maestro, collector: Collector) -> None:
    ready = multiprocessing.get_context("spawn").Event()
    with child(_log_forever, config.home, ready) as process:
        assert ready.wait(60)
        collector.collect()
        run = f"{process.pid:032x}"
        assert runs.get(store, run).status == "RUNNING"
    (path,) = config.journals.glob("*.journal")
    whole = [msgspec.json.decode(payload) for payload in scan(path.read_bytes()).payloads]
    assert collector.collect().killed == 1
    found = runs.get(store, run)
    assert found.status == "KILLED"
    steps = histories.history(store, found, "loss")[0].tolist()
    written = max(line[2] for line in whole if line[0] == "m")
    assert steps == list(range(written + 1))


_numbers = itertools.count(1)
_same_store = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_same_store
@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 255)), min_size=1, max_size=6))
def test_damage_costs_the_lines_that_it_hits(
    store: Store, config: Maestro, collector: Collector, damage: list[tuple[int, int]]
) -> None:
    number = next(_numbers)
    run, name = f"{number:032x}", f"damaged{number}"
    frames = [lines(opened(name)), lines(started(run))]
    frames += [lines(e.MetricsLogged(run, step, 1.0, {"a": float(step)})) for step in range(12)]
    data = bytearray(b"".join(frames))
    ends = np.cumsum([len(line) for line in frames])
    for place, bits in damage:
        data[place % len(data)] ^= bits
    before = b"".join(frames)
    hit = {int(np.searchsorted(ends, at, "right")) for at in range(len(data)) if data[at] != before[at]}
    write_raw(config, name, bytes(data))
    collector.collect()
    whole = [index - 2 for index in range(2, len(frames)) if index not in hit]
    steps = histories.history(store, runs.get(store, run), "a")[0].tolist() if whole else whole
    assert steps == whole


_keys = st.sampled_from(["a", "b/c", "é 🎯"])
_numbers_logged = st.floats() | st.sampled_from([0.0, 1.0])
_events = st.lists(
    st.one_of(
        st.tuples(
            st.just("m"), st.integers(0, 1), st.integers(-5, 5), st.dictionaries(_keys, _numbers_logged)
        ),
        st.tuples(
            st.just("p"), st.integers(0, 1), st.dictionaries(_keys, st.integers() | st.text() | st.none())
        ),
        st.tuples(st.just("t"), st.integers(0, 1), st.dictionaries(_keys, st.text())),
        st.tuples(st.just("note"), st.integers(0, 1), st.text()),
        st.tuples(st.just("run"), st.integers(0, 1)),
        st.tuples(st.just("end"), st.integers(0, 1), st.sampled_from(["FINISHED", "FAILED", "KILLED"])),
    ),
    max_size=25,
)


class Model:
    """The store as plain dictionaries."""

    def __init__(self) -> None:
        self.runs: dict[int, dict[str, object]] = {}

    def apply(self, event: tuple[object, ...]) -> None:
        kind, run, *said = event
        known = self.runs.setdefault(
            run, {"name": None, "status": "RUNNING", "params": {}, "tags": {}, "notes": [], "points": {}}
        )
        if kind == "m":
            for key, value in said[1].items():
                known["points"].setdefault(key, []).append((said[0], value))
        elif kind in {"p", "t"}:
            known["params" if kind == "p" else "tags"].update(said[0])
        elif kind == "note":
            known["notes"].append(said[0])
        elif kind == "run":
            known["name"] = "n"
        else:
            known["status"] = said[0]


def _event(ids: list[str], event: tuple[object, ...]) -> e.Event:
    kind, run, *said = event
    name = ids[run]
    if kind == "m":
        values = {key: e.metric_from_float(value) for key, value in said[1].items()}
        return e.MetricsLogged(name, said[0], 5.0, values)
    if kind == "run":
        return started(name)
    if kind == "end":
        return e.RunEnded(name, 9.0, said[0])
    return (
        {"p": e.ParamsLogged, "t": e.TagsSet}[kind](name, *said)
        if kind != "note"
        else e.NoteAdded(name, 6.0, *said)
    )


def _param(value: object) -> object:
    return str(value) if isinstance(value, int) and not -(2**63) <= value < 2**64 else value


@_same_store
@given(_events, st.lists(st.integers(0, 5000), max_size=5))
def test_the_store_agrees_with_a_dictionary(
    store: Store, config: Maestro, collector: Collector, sequence: list[tuple[object, ...]], cuts: list[int]
) -> None:
    number = next(_numbers)
    ids = [f"{number:031x}{run}" for run in range(2)]
    name = f"model{number}"
    data = lines(opened(name), *(_event(ids, event) for event in sequence))
    model = Model()
    for event in sequence:
        model.apply(event)
    path = write_raw(config, name, b"")
    with path.open("ab", buffering=0) as file:
        lock_for_writing(file.fileno())
        ends = [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
        for begin, end in itertools.pairwise([0, *ends]):
            file.write(data[begin:end])
            collector.collect()
        for run, known in model.runs.items():
            _check(store, ids[run], known)
    collector.collect()
    assert not path.exists()


def _check(store: Store, run_id: str, known: dict[str, object]) -> None:
    run = runs.get(store, run_id)
    detail = details.detail(store, run)
    assert run.name == (known["name"] or run_id[:8])
    assert run.status == known["status"]
    assert run.params == {key: _param(value) for key, value in known["params"].items()}
    assert run.tags == known["tags"]
    assert [note.text for note in detail.notes] == [text.replace("\0", "\ufffd") for text in known["notes"]]
    summaries = {summary.key: summary for summary in detail.metrics}
    assert run.metrics.keys() == summaries.keys() == known["points"].keys()
    for key, points in known["points"].items():
        top = max(step for step, _ in points)
        last = [value for step, value in points if step == top][-1]
        plain = [value for _, value in points if not math.isnan(value)]
        summary = summaries[key]
        found = (run.metrics[key], summary.last, summary.first, summary.min, summary.max)
        lowest, highest = (min(plain), max(plain)) if plain else (math.nan, math.nan)
        np.testing.assert_array_equal(found, (last, last, points[0][1], lowest, highest))
        assert (summary.count, summary.last_step) == (len(points), top)
        steps, _, values = histories.history(store, run, key)
        ordered = sorted(points, key=lambda point: point[0])
        np.testing.assert_array_equal(steps, [step for step, _ in ordered])
        np.testing.assert_array_equal(values, [value for _, value in ordered])


def _collect_forever(home: str, url: str) -> None:
    config = Maestro(environ={"MAESTRO_HOME": home, "MAESTRO_DATABASE_URL": url})
    collecting.BATCH_BYTES = 3000
    store = open_store(url)
    while True:
        Collector(store, config).collect()


def _many_journals(config: Maestro) -> None:
    config.spool.mkdir(parents=True)
    for number in range(12):
        name = f"j{number:02}"
        journal = journal_in(config, name, parent="j00" if number % 3 else None, segment_bytes=40_000)
        for which in range(3):
            run = f"{number:016x}{which:016x}"
            data = f"{number % 5} {which}".encode()
            sha256 = hashlib.sha256(data).hexdigest()
            (config.spool / sha256).write_bytes(data)
            journal.append(started(run, name=f"{number} {which}"))
            journal.append(e.ParamsLogged(run, {"number": number, "which": which}))
            journal.append(e.ArtifactLogged(run, None, "a", "file", sha256, len(data), "text/plain", 102.0))
            for step in range(400):
                journal.append(e.MetricsLogged(run, step, 103.0 + step, {"loss": step / 3, "acc": -step}))
                if step % 100 == 0:
                    journal.append(e.NoteAdded(run, 103.0 + step, f"at {step}"))
            if which:
                journal.append(e.RunEnded(run, 900.0, "FINISHED"))
        journal.abandon()


@pytest.mark.slow
def test_kills_and_rivals_change_nothing(
    store: Store, config: Maestro, collector: Collector, tmp_path: Path
) -> None:
    _many_journals(config)
    copy = Maestro(environ={"MAESTRO_HOME": str(tmp_path / "copy")})
    shutil.copytree(config.journals, copy.journals)
    shutil.copytree(config.spool, copy.spool)
    calm = open_store(copy.database_url)
    assert Collector(calm, copy).collect().points == 12 * 3 * 400 * 2
    kept = tmp_path / "kept"
    shutil.copytree(config.journals, kept)

    random = np.random.default_rng(0)
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__])  # so that a process collects at once, and not after its imports
    arguments = (config.home, config.database_url)
    rivals = [server.Process(target=_collect_forever, args=arguments) for _ in range(2)]
    for rival in rivals:
        rival.start()
    for _ in range(30):
        time.sleep(float(random.uniform(0.02, 0.3)))
        with contextlib.suppress(FileNotFoundError, ValueError):
            holder = int((config.home_path / "collector.lock").read_text())
            rivals.sort(key=lambda rival: rival.pid != holder)
        rivals[0].kill()
        rivals[0].join()
        rivals[0] = server.Process(target=_collect_forever, args=arguments)
        rivals[0].start()
    for rival in rivals:
        rival.kill()
        rival.join()
    for _ in range(10):
        collector.collect()
        shutil.copytree(kept, config.journals, dirs_exist_ok=True)
    collector.collect()
    assert list(config.journals.iterdir()) == []
    assert list(config.spool.iterdir()) == []
    assert dump(store) == dump(calm)
    calm.close()
