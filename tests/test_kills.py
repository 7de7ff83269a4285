"""Processes killed while logging: what was acknowledged is there, once, and the run is not left running."""

from __future__ import annotations

import os
import random
import signal
import struct
import time
from typing import TYPE_CHECKING

import pytest

import maestro_jupyter as maestro
from maestro_jupyter import app
from maestro_jupyter.store.collector import Collector

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 1000


def log_until_killed(number: int, acknowledge: int) -> None:
    run = maestro.start_run(f"kill {number}")
    os.write(acknowledge, run.run_id.encode())
    step = 0
    while True:
        maestro.log({"x": float(step)})
        os.write(acknowledge, struct.pack("<i", step))
        step += 1


def log_and_kill(number: int, chance: random.Random) -> tuple[str, int]:
    """Let a child log until it is killed; give its run and the last step that it acknowledged."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        log_until_killed(number, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        run_id = pipe.read(32).decode()
        time.sleep(chance.random() * 0.006)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        said = pipe.read()
    return run_id, len(said) // 4 - 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_or_doubled_by_kills(home: Path) -> None:
    chance = random.Random(0)
    acknowledged = dict(log_and_kill(number, chance) for number in range(KILLS))
    assert len(acknowledged) == KILLS
    assert sum(acknowledged.values()) > KILLS
    maestro.flush()
    api = app.current().api()
    for run_id, last in acknowledged.items():
        run = api.get(run_id)
        assert (run.status, run.status_reason != "") == ("KILLED", True)
        if last >= 0:
            steps, _, values = api.history(run_id, "x")
            assert list(steps) == list(range(len(steps)))
            assert list(values) == list(steps)
            assert len(steps) in {last + 1, last + 2}  # one more if it was killed before it could say so


def test_a_killed_process_leaves_no_run_running(home: Path) -> None:
    run_id, last = log_and_kill(0, random.Random(1))
    found = maestro.get_run(run_id)
    assert found.status == "KILLED"
    assert "killed" in found.status_reason
    assert found.end_time is not None
    assert last >= -1


def test_a_live_process_stays_running(home: Path) -> None:
    run = maestro.start_run("alive")
    maestro.log({"a": 1.0})
    assert maestro.get_run(run.run_id[:8]).status == "RUNNING"
    other = Collector(app.current().store(), app.current().config)
    assert other.collect(5).killed == 0
    assert maestro.get_run(run.run_id).status == "RUNNING"
