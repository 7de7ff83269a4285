"""The background thread: in order, one at a time, whatever fails, and again after it was closed."""

from __future__ import annotations

import threading

from maestro_jupyter.recording.background import Background
from maestro_jupyter.recording.guard import Problems


def test_jobs_run_in_order_and_failures_are_counted() -> None:
    problems, done = Problems(), []
    background = Background(problems)
    for number in range(20):
        background.submit(
            f"job{number % 2}", lambda number=number: done.append(number) if number % 3 else 1 / 0
        )
    assert background.drain(20)
    assert done == [number for number in range(20) if number % 3]
    assert sum(problems.counts().values()) == 7
    assert {problem.error for problem in problems.latest()} == {"ZeroDivisionError: division by zero"}
    background.close(20)


def test_waiting_ends_when_the_time_is_up() -> None:
    background, release = Background(Problems()), threading.Event()
    background.submit("slow", release.wait)
    assert not background.drain(0.01)
    release.set()
    assert background.drain(20)
    background.close(20)


def test_a_job_may_wait_for_nothing_behind_itself() -> None:
    background, found = Background(Problems()), []
    background.submit("job", lambda: found.append(background.drain(20)))
    assert background.drain(20)
    assert found == [True]
    background.close(20)


def test_closing_does_what_is_queued_and_another_job_begins_another_thread() -> None:
    background, threads = Background(Problems()), []
    for _ in range(2):
        background.submit("job", lambda: threads.append(threading.current_thread()))
        background.close(20)
    assert len(threads) == 2
    assert threads[0] is not threads[1]
    assert not any(thread.is_alive() for thread in threads)


def test_no_thread_without_a_job() -> None:
    before = threading.active_count()
    background = Background(Problems())
    assert background.drain(0)
    background.close()
    assert threading.active_count() == before
