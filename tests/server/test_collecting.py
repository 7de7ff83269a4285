"""The server's collector: it collects by itself, alone, to the end, and whatever kills it."""

from __future__ import annotations

import logging
import multiprocessing
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from journals import journal_of, started
from sqlalchemy import func, select

from maestro_jupyter import events as e
from maestro_jupyter.app import App
from maestro_jupyter.config import Maestro
from maestro_jupyter.server.collecting import Collecting
from maestro_jupyter.store import collector as store_collector
from maestro_jupyter.store import histories, runs
from maestro_jupyter.store.engine import Store, open_store
from maestro_jupyter.store.home_lock import holder_of
from maestro_jupyter.store.kernel_ends import KernelEnd
from maestro_jupyter.store.schema import notes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from maestro_jupyter.recording.journal import Journal

RUN = "a" * 32


def wait_until(true: Callable[[], object]) -> None:
    """Wait for as long as the test's time-out lets us."""
    while not true():
        time.sleep(0.01)


def steps(store: Store, run: str = RUN) -> list[int]:
    found = [one for one in runs.search(store, max_results=None) if one.run_id == run]
    if not found or "x" not in found[0].metrics:
        return []
    return histories.history(store, found[0], "x")[0].tolist()


@pytest.fixture
def config(home) -> Maestro:
    return Maestro(environ={"MAESTRO_HOME": str(home)})


@pytest.fixture
def store(config) -> Iterator[Store]:
    opened = open_store(config.database_url)
    yield opened
    opened.close()


@pytest.fixture
def service(config) -> Iterator[Callable[..., Collecting]]:
    """Give a function that makes a server's collector, with an app of its own."""
    made = []

    def make() -> Collecting:
        app = App(config, "server")
        made.append((Collecting(app, logging.getLogger("maestro-test")), app))
        return made[-1][0]

    yield make
    for collecting, app in made:
        collecting.stop()
        app.shutdown()


def test_what_is_recorded_is_collected_as_it_comes(config, store, service) -> None:
    collecting = service()
    collecting.start()
    journal = journal_of(config, "j1")
    journal.append(started(RUN))
    for step in range(3):
        journal.append(e.MetricsLogged(RUN, step, 102.0, {"x": 1.0}))
        wait_until(lambda step=step: steps(store) == list(range(step + 1)))
    assert collecting.state() == "ok"
    assert runs.get(store, RUN).status == "RUNNING"
    journal.abandon()  # as its process's death does
    wait_until(lambda: runs.get(store, RUN).status == "KILLED")
    wait_until(lambda: not list(config.journals.iterdir()))  # what the store has for certain is deleted after


def test_stopping_collects_what_is_there(config, store, service) -> None:
    collecting = service()
    collecting.start()
    wait_until(lambda: holder_of(config.home_path / "server.lock"))
    journal = journal_of(config, "j1")
    journal.append(started(RUN))
    for step in range(2000):
        journal.append(e.MetricsLogged(RUN, step, 102.0, {"x": 1.0}))
    collecting.stop()
    assert steps(store) == list(range(2000))
    assert holder_of(config.home_path / "server.lock") is None
    journal.abandon()


def test_stopping_takes_no_more_time_than_it_may(config, store, service, monkeypatch) -> None:
    monkeypatch.setattr(store_collector, "BATCH_BYTES", 200)
    for name in ("j1", "j2"):
        journal = journal_of(config, name)
        journal.append(started(name * 16))
        for step in range(500):
            journal.append(e.MetricsLogged(name * 16, step, 102.0, {"x": 1.0}))
        journal.abandon()
    collecting = service()
    collecting.start()
    wait_until(lambda: steps(store, "j1" * 16))
    collecting.stop(0)
    first = steps(store, "j1" * 16)
    assert first == list(range(len(first)))
    assert not steps(store, "j2" * 16)
    again = service()
    again.start()
    wait_until(lambda: len(steps(store, "j2" * 16)) == 500)
    assert steps(store, "j1" * 16) == list(range(500))


def test_the_second_server_says_that_it_waits_and_takes_over(config, store, service, caplog) -> None:
    context = multiprocessing.get_context("spawn")
    first = context.Process(target=_serve, args=(config.home,))
    first.start()
    lock = config.home_path / "server.lock"
    wait_until(lambda: holder_of(lock) == first.pid)
    second = service()
    with caplog.at_level(logging.INFO, "maestro-test"):
        second.start()
        wait_until(lambda: "another" in second.state())
        assert second.state() == f"ok: another server (pid {first.pid}) collects this store"
        time.sleep(2.5)  # it looks several times, and says so once
        first.kill()
        first.join()
        journal = journal_of(config, "j1")
        journal.append(started(RUN))
        journal.append(e.MetricsLogged(RUN, 0, 102.0, {"x": 1.0}))
        wait_until(lambda: steps(store) == [0])
        journal.abandon()
    assert second.state() == "ok"
    said = [record.message for record in caplog.records if str(first.pid) in record.message]
    assert [("another server" in line, "is gone" in line) for line in said] == [(True, False), (False, True)]


def test_the_second_server_tells_of_its_own_kernels(config, store, service) -> None:
    first, second = service(), service()
    first.start()
    wait_until(lambda: holder_of(config.home_path / "server.lock"))
    second.start()
    wait_until(lambda: "another" in second.state())
    journal = journal_of(config, "j1", kernel="k1")
    journal.append(started(RUN))
    wait_until(lambda: runs.search(store))
    second.notebooks({"k1": "n.ipynb"})
    second.kernel_ended(KernelEnd("k1", "the kernel was restarted", time.time_ns() // 1000))
    journal.abandon()
    wait_until(lambda: runs.get(store, RUN).status_reason == "the kernel was restarted")
    wait_until(lambda: runs.get(store, RUN).notebook == "n.ipynb")


def test_a_reason_that_comes_before_the_journal_is_known_is_kept(config, store, service) -> None:
    journal = journal_of(config, "j1", kernel="k1")
    journal.append(started(RUN))
    journal.abandon()
    collecting = service()
    collecting.kernel_ended(KernelEnd("k1", "the kernel died", time.time_ns() // 1000))
    collecting.kernel_ended(KernelEnd("k1", "the kernel was restarted", time.time_ns() // 1000))
    collecting.kernel_ended(KernelEnd("k2", "the kernel was shut down", time.time_ns() // 1000))
    collecting.start()
    wait_until(lambda: [run.status_reason for run in runs.search(store)] == ["the kernel died"])


def test_a_failure_is_said_once_and_got_over(config, service, caplog, monkeypatch) -> None:
    monkeypatch.setattr("maestro_jupyter.server.collecting.FIRST_PAUSE", 0.01)
    monkeypatch.setattr("maestro_jupyter.server.collecting.LAST_PAUSE", 0.01)
    database = config.home_path / "maestro.db"
    database.mkdir(parents=True)
    collecting = service()
    tries = []
    is_mine = collecting._is_mine
    monkeypatch.setattr(collecting, "_is_mine", lambda: tries.append(1) or is_mine())
    with caplog.at_level(logging.INFO, "maestro-test"):
        collecting.start()
        wait_until(lambda: len(tries) > 5)
        assert collecting.state() == "Collecting fails (Unavailable); the server's log says why."
        database.rmdir()
        wait_until(lambda: collecting.state() == "ok")
    said = [record.message for record in caplog.records]
    assert len([line for line in said if "cannot collect" in line]) == 1
    assert said[-1] == "Maestro collects again."


@pytest.mark.parametrize("mode", ["offline", "disabled"])
def test_nothing_is_collected_where_the_settings_say_so(config, store, service, mode) -> None:
    config.mode = mode
    journal = journal_of(config, "j1")
    journal.append(started(RUN))
    collecting = service()
    collecting.start()
    collecting.kernel_ended(KernelEnd("k", "the kernel died", 1))
    collecting.stop()
    assert collecting.state() == f"ok: nothing is collected, as the mode is {mode}"
    assert runs.search(store) == []
    assert not (config.home_path / "server.lock").exists()
    journal.abandon()


def _serve(home: str) -> None:
    store_collector.BATCH_BYTES = 3000
    collecting = Collecting(App(Maestro(environ={"MAESTRO_HOME": home}), "server"))
    collecting.start()
    time.sleep(600)


@pytest.mark.slow
def test_two_hundred_kills_while_collecting_lose_and_double_nothing(config, store) -> None:
    random = np.random.default_rng(0)
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__])
    written: dict[str, int] = {}
    live: list[tuple[str, Journal]] = []
    lock = config.home_path / "server.lock"
    for kill in range(200):
        if kill % 4 == 0:
            run = f"{kill:032x}"
            live.append((run, journal_of(config, f"j{kill:03}", segment_bytes=20_000)))
            live[-1][1].append(started(run))
            written[run] = 0
        process = server.Process(target=_serve, args=(config.home,))
        process.start()
        kill_at = None
        while kill_at is None or time.monotonic() < kill_at:
            if kill_at is None and holder_of(lock) == process.pid:
                kill_at = time.monotonic() + float(random.uniform(0, 0.1))
            for run, journal in live[-3:]:
                for _ in range(5):
                    journal.append(e.MetricsLogged(run, written[run], 102.0, {"x": 1.0}))
                    written[run] += 1
                journal.append(e.NoteAdded(run, 103.0, "n"))
            time.sleep(0.005)
        if kill % 4 == 3:
            live[max(0, len(live) - 3)][1].abandon()
        process.kill()
        process.join()
    for _, journal in live:
        journal.abandon()
    last = Collecting(App(config, "server"))
    last.start()
    wait_until(lambda: not list(config.journals.iterdir()))
    last.stop()
    last._app.shutdown()
    assert len(written) == 50
    for run, count in written.items():
        assert steps(store, run) == list(range(count))
    with store.read.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(notes)) == sum(written.values()) // 5
    assert {run.status for run in runs.search(store, max_results=None)} == {"KILLED"}
