"""Kills processes while they log, and counts what they had acknowledged and what is found afterwards."""

from __future__ import annotations

import mmap
import os
import random
import signal
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from benchmarks.peers import measure

if TYPE_CHECKING:
    from benchmarks.peers.protocol import Answer

Log = Callable[[float, int], object]
LONGEST_START = 60.0
LONGEST_LIFE = 0.03
EARLY = 5  # every fifth victim is killed at a random moment of its start, not of its logging


def kill_many(kills: int, begin: Callable[[int], Log], found: Callable[[int], Iterable[int]]) -> Answer:
    """Kill `kills` processes and compare.

    Parameters
    ----------
    kills
        How many processes to kill.
    begin
        Opens run number `index` in the process to be killed and returns its `log(value, step)`.
    found
        Returns the steps that can be read of run number `index`, afterwards, in this process.
    """
    random.seed(0)
    acknowledged = [_victim(index, begin) for index in range(kills)]
    lost = duplicated = 0
    for index, count in enumerate(acknowledged):
        steps = Counter(found(index))
        lost += sum(1 for step in range(count) if step not in steps)
        duplicated += sum(times - 1 for times in steps.values())
    return {
        "lost": lost,
        "duplicated": duplicated,
        "acknowledged": sum(acknowledged),
        "note": f"{kills:,} kills, {sum(acknowledged):,} points",
    }


def _victim(index: int, begin: Callable[[int], Log]) -> int:
    """Start a process that logs, kill it, and return how many points it had acknowledged."""
    shared = mmap.mmap(-1, 8)
    pid = os.fork()
    if not pid:
        _log_for_ever(begin(index), shared)
    if index % EARLY:
        limit = time.monotonic() + LONGEST_START
        while not _count(shared) and time.monotonic() < limit:
            time.sleep(0.0002)
    time.sleep(random.uniform(0, LONGEST_LIFE))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return _count(shared)


def _log_for_ever(log: Log, shared: mmap.mmap) -> None:
    step = 0
    while True:
        log(measure.value_at(step), step)
        step += 1
        struct.pack_into("q", shared, 0, step)


def _count(shared: mmap.mmap) -> int:
    count: int = struct.unpack_from("q", shared, 0)[0]
    return count
