"""The recorder: what is logged stands in the journal, under the right run, whatever its form."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journals import read_events, read_kind
from locked_databases import locked

import maestro_jupyter as maestro
from maestro_jupyter import app
from maestro_jupyter.events import (
    JournalOpened,
    MetricsLogged,
    ParamsLogged,
    RunEnded,
    RunStarted,
    TagsSet,
    metric_to_float,
)

if TYPE_CHECKING:
    from pathlib import Path


def points(home: Path, run: Any = None) -> list[tuple[str, int, float]]:
    return [
        (key, event.step, metric_to_float(value))
        for event in read_kind(home / "journals", MetricsLogged)
        if run is None or event.run == run.run_id
        for key, value in event.values.items()
    ]


def test_a_run_from_beginning_to_end(home: Path) -> None:
    with maestro.start_run("first", project="p", params={"lr": 0.1}, tags={"team": "a"}) as run:
        assert maestro.active_run() is run
        maestro.log({"loss": 0.5, "acc": 0.7})
        maestro.log_metric("loss", 0.4)
        maestro.log_metrics({"loss": 0.3}, step=10)
        maestro.log_param("depth", 3)
        maestro.set_tag("k", 1)
    assert maestro.active_run() is None
    assert run.metrics == {"loss": 0.3, "acc": 0.7}
    assert run.params == {"lr": 0.1, "depth": 3}
    kinds = [type(event) for event in read_events(home / "journals")]
    assert kinds[:2] == [JournalOpened, RunStarted]
    assert kinds[-1] is RunEnded
    assert points(home) == [("loss", 0, 0.5), ("acc", 0, 0.7), ("loss", 1, 0.4), ("loss", 10, 0.3)]
    assert read_kind(home / "journals", TagsSet)[1].values == {"k": "1"}


def test_steps_go_on_from_the_highest(home: Path) -> None:
    with maestro.start_run():
        for step in (5, 5, 2, None):
            maestro.log({"a": 1.0}, step=step)
        maestro.log({"a": 1.0, "b": 2.0})
    assert [step for _, step, _ in points(home)] == [5, 5, 2, 6, 7, 7]


def test_logging_without_a_run_starts_one(home: Path) -> None:
    maestro.log({"a": 1})
    run = maestro.active_run()
    assert run is not None
    maestro.end_run()
    assert points(home, run) == [("a", 0, 1.0)]


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (True, 1.0),
        (2**53, 2.0**53),
        (10**300 // 10**300 * 2**70, 2.0**70),
        (np.float32(0.5), 0.5),
        (np.int64(-3), -3.0),
        (np.array([2.5]), 2.5),
        (np.array(2.5), 2.5),
        (Fraction(1, 4), 0.25),
        (Decimal("0.5"), 0.5),
        (math.inf, math.inf),
        (-math.inf, -math.inf),
        (math.nan, math.nan),
        (np.float64("nan"), math.nan),
        (-0.0, -0.0),
        (5e-324, 5e-324),
    ],
)
def test_numbers_are_stored_faithfully(home: Path, value: Any, stored: float) -> None:
    with maestro.start_run() as run:
        maestro.log({"x": value})
    assert points(home) == [("x", 0, pytest.approx(stored, rel=0, abs=0, nan_ok=True))]
    assert run.metrics["x"] == pytest.approx(stored, rel=0, abs=0, nan_ok=True)


@pytest.mark.parametrize(
    "value", [1j, np.complex128(1), "0.5", b"1", None, [1.0], {}, object(), 2**53 + 1, 10**400, np.ones(2)]
)
def test_what_is_no_number_is_refused_by_name_and_the_rest_is_kept(home: Path, value: Any) -> None:
    with maestro.start_run() as run:
        with pytest.warns(maestro.MaestroWarning, match="'bad'") as caught:
            maestro.log({"bad": value, "good": 1.0})
        maestro.log({"good": 2.0})
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert points(home) == [("good", 0, 1.0), ("good", 1, 2.0)]
    assert run.status == "FINISHED"


@pytest.mark.parametrize("key", [1, None, "", "  ", b"k", ("a",), "x" * 251, "nul\0", "lone\ud800"])
def test_keys_that_cannot_be_kept_are_refused(home: Path, key: Any) -> None:
    with maestro.start_run():
        with pytest.warns(maestro.MaestroWarning, match="metric key"):
            maestro.log({key: 1.0})
        with pytest.warns(maestro.MaestroWarning, match="param key"):
            maestro.log_params({key: 1.0})
        with pytest.warns(maestro.MaestroWarning, match="tag key"):
            maestro.set_tags({key: 1.0})
    assert points(home) == []


@pytest.mark.parametrize("step", ["3", 1.5, None.__class__, 2**63, math.nan])
def test_a_bad_step_is_refused(home: Path, step: Any) -> None:
    with maestro.start_run(), pytest.warns(maestro.MaestroWarning, match="step"):
        maestro.log({"a": 1.0}, step=step)
    assert points(home) == []


@given(
    st.dictionaries(
        st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40
        ).filter(str.strip),
        st.floats(),
        min_size=1,
        max_size=4,
    ),
    st.integers(-(2**63), 2**63 - 1),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_text_may_be_a_key(home: Path, metrics: dict[str, float], step: int) -> None:
    with warnings.catch_warnings(), maestro.start_run() as run:
        warnings.simplefilter("ignore", maestro.MaestroWarning)  # a key that looks like a secret
        maestro.log(metrics, step=step)
    stored = {key: value for key, _, value in points(home, run)}
    assert stored == pytest.approx({key: metrics[key] for key in stored}, rel=0, abs=0, nan_ok=True)
    assert set(stored) <= set(metrics)


def test_params_keep_simple_types_and_refuse_what_is_huge(home: Path) -> None:
    class Odd:
        def __str__(self) -> str:
            raise RuntimeError("no text")

    with maestro.start_run() as run:
        maestro.log_params(
            {"a": None, "b": True, "c": 2**70, "d": np.float64(0.5), "e": [1, 2], "f": math.inf}
        )
        with pytest.warns(maestro.MaestroWarning, match=r"'big' is 10,485,760 bytes"):
            maestro.log_params({"big": "x" * (10 << 20), "kept": 1})
        with pytest.warns(maestro.MaestroWarning, match="'odd'"):
            maestro.log_param("odd", Odd())
    expected = {"a": None, "b": True, "c": str(2**70), "d": 0.5, "e": "[1, 2]", "f": "inf", "kept": 1}
    assert run.params == expected
    logged: dict[str, object] = {}
    for event in read_kind(home / "journals", ParamsLogged):
        logged.update(event.values)
    assert logged == expected


def test_secrets_do_not_reach_the_journal(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "hunter" + "2hunter2"
    monkeypatch.setenv("SERVICE_PASSWORD", secret)
    with maestro.start_run(f"run {secret}", params={"password": "abc123xyz", "num_tokens": 512}) as run:
        maestro.log_param("config", {"api_key": "k-998877", "layers": 3})
        maestro.set_tag("where", f"postgresql://me:{secret}@host/db")
        run.note(f"the password is {secret}")
        run.end("FAILED", f"ValueError: {secret}")
    data = b"".join(path.read_bytes() for path in (home / "journals").iterdir())
    for leaked in (secret, "abc123xyz", "k-998877"):
        assert leaked.encode() not in data
    assert run.params["num_tokens"] == 512


def test_a_failing_block_fails_its_run_and_goes_on() -> None:
    with pytest.raises(ZeroDivisionError), maestro.start_run() as run:
        _ = 1 / 0
    assert (run.status, run.status_reason) == ("FAILED", "ZeroDivisionError: division by zero")
    with pytest.raises(KeyboardInterrupt), maestro.start_run() as run:
        raise KeyboardInterrupt
    assert run.status == "KILLED"


@pytest.mark.parametrize(
    ("last", "status"), [("raise_signal(SIGINT)", -signal.SIGINT), ("raise ValueError", 1), ("pass", 0)]
)
def test_a_script_ends_as_it_would_without_being_recorded(home: Path, last: str, status: int) -> None:
    script = f"import maestro_jupyter as maestro\nfrom signal import *\nmaestro.start_run()\n{last}"
    ended = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert ended.returncode == status, "a shell stops a loop of scripts by it"
    assert len(maestro.search_runs()) == 1


def test_a_bad_status_is_told_and_the_run_goes_on() -> None:
    run = maestro.start_run()
    with pytest.raises(maestro.MaestroError, match="FINISHED, FAILED, KILLED"):
        maestro.end_run("DONE")
    assert maestro.active_run() is run


def test_runs_nest(home: Path) -> None:
    with maestro.start_run("outer") as outer:
        with maestro.start_run("inner") as inner:
            maestro.log({"a": 1})
        maestro.log({"a": 2})
    assert inner.parent_id == outer.run_id
    assert points(home, inner) == [("a", 0, 1.0)]
    assert points(home, outer) == [("a", 0, 2.0)]


def test_a_thread_logs_to_the_run_it_was_started_in(home: Path) -> None:
    go_on = threading.Event()

    def work() -> None:
        go_on.wait(10)
        maestro.log({"t": 1.0})

    with maestro.start_run("first") as first:
        thread = threading.Thread(target=work)
        thread.start()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda n: maestro.log({"pool": n}), range(4)))
    with maestro.start_run("second") as second:
        go_on.set()
        thread.join()
    assert len(points(home, first)) == 5
    assert points(home, second) == []


def test_tasks_that_run_at_once_keep_their_runs_apart(home: Path) -> None:
    async def train(name: str) -> Any:
        with maestro.start_run(name) as run:
            for _ in range(3):
                maestro.log({name: 1.0})
                await asyncio.sleep(0)
        return run

    async def both() -> list[Any]:
        return await asyncio.gather(train("a"), train("b"))

    a, b = asyncio.run(both())
    assert {key for key, _, _ in points(home, a)} == {"a"}
    assert {key for key, _, _ in points(home, b)} == {"b"}
    assert maestro.active_run() is None


def test_many_threads_at_once_lose_nothing(home: Path) -> None:
    with maestro.start_run() as run:
        threads = [
            threading.Thread(target=lambda: [maestro.log({"x": 1.0}) for _ in range(500)]) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(step for _, step, _ in points(home, run)) == list(range(4000))


def test_a_forked_child_writes_into_a_journal_of_its_own(home: Path) -> None:
    with maestro.start_run() as run:
        maestro.log({"parent": 1.0})
        app.current().recorder.settle(20)
        path = next((home / "journals").iterdir())
        size = path.stat().st_size
        child = os.fork()
        if child == 0:
            maestro.log({"child": 2.0})
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert path.stat().st_size == size
    opened = read_kind(home / "journals", JournalOpened)
    assert {event.origin for event in opened} == {"script", "fork"}
    assert next(event for event in opened if event.origin == "fork").parent == path.name.split(".")[0]
    assert sorted(points(home, run)) == [("child", 0, 2.0), ("parent", 0, 1.0)]


SCRIPT = """
import maestro_jupyter as maestro
maestro.start_run("{name}")
maestro.log({{"a": 1.0}})
{end}
"""


@pytest.mark.parametrize(
    ("end", "status"),
    [("", "FINISHED"), ("raise RuntimeError('boom')", "FAILED"), ("import os; os._exit(1)", None)],
)
def test_a_script_that_ends_ends_its_run(home: Path, end: str, status: str | None) -> None:
    script = SCRIPT.format(name="script", end=end)
    environ = {**os.environ, "MAESTRO_MODE": "offline"}
    subprocess.run([sys.executable, "-c", script], env=environ, check=False, capture_output=True)
    ended = read_kind(home / "journals", RunEnded)
    assert [event.status for event in ended] == ([] if status is None else [status])


@pytest.mark.parametrize("first", ["SELECT 1", "PRAGMA locking_mode=EXCLUSIVE"])
def test_a_script_ends_at_once_though_the_database_is_locked(home: Path, first: str) -> None:
    maestro.flush()
    maestro.forget()
    script = SCRIPT.format(name="script", end="")
    with locked(home / "maestro.db", first):
        subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, timeout=20)
    assert list(maestro.search_runs()["status"]) == ["FINISHED"]


def test_disabled_records_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app.forget()
    monkeypatch.setenv("MAESTRO_MODE", "disabled")
    with maestro.start_run() as run:
        maestro.log({"a": 1.0})
    assert run.metrics == {"a": 1.0}
    assert not home.exists()


def test_threads_are_left_alone_after_the_app_is_gone() -> None:
    app.forget()
    before = threading.Thread.__dict__["start"]
    app.current()
    assert threading.Thread.__dict__["start"] is not before
    app.forget()
    assert threading.Thread.__dict__["start"] is before


def test_two_recorders_in_one_process_keep_their_threads_apart(home: Path) -> None:
    first = app.App(app.Maestro())
    second = app.App(app.Maestro())
    try:
        run = first.recorder.start_run("first")
        seen: list[Any] = []
        thread = threading.Thread(
            target=lambda: seen.extend([first.recorder.active_run(), second.recorder.active_run()])
        )
        thread.start()
        thread.join()
        assert seen == [run, None]
        second.recorder.background.submit("job", lambda: seen.append("done"))
        assert second.recorder.background.drain(10)
        assert seen[-1] == "done"
    finally:
        second.shutdown()
        first.shutdown()
    assert type(threading.Thread.__dict__["start"]).__name__ == "function"


def test_a_run_that_began_unrecorded_stays_unrecorded(home: Path) -> None:
    recorder = app.current().recorder
    recorder.enabled = False
    run = maestro.start_run("off")
    recorder.enabled = True
    maestro.log({"a": 1.0})
    maestro.log_param("b", 2)
    maestro.set_tag("c", 3)
    run.note("d")
    run.end()
    assert not (home / "journals").exists()


def test_a_run_that_began_recorded_ends_recorded(home: Path) -> None:
    run = maestro.start_run("on")
    app.current().recorder.enabled = False
    run.end()
    assert [event.status for event in read_kind(home / "journals", RunEnded)] == ["FINISHED"]
