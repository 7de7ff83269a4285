"""Kills processes while they log, and counts what they had acknowledged and what is found afterwards."""

from __future__ import annotations

import mmap
import os
import random
import signal
import struct
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NoReturn

from benchmarks.peers import measure

if TYPE_CHECKING:
    from benchmarks.peers.protocol import Answer

Log = Callable[[float, int], object]
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
        _live_and_die(index, begin, shared)
    while index % EARLY and not _count(shared) and not os.waitpid(pid, os.WNOHANG)[0]:
        time.sleep(0.0002)
    time.sleep(random.uniform(0, LONGEST_LIFE))
    try:
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        status = 0
    if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
        msg = f"victim {index} ended by itself, before it was killed"
        raise RuntimeError(msg)
    return _count(shared)


def _live_and_die(index: int, begin: Callable[[int], Log], shared: mmap.mmap) -> NoReturn:
    """Log until the end of the process: it never returns into the parent's code, whatever happens."""
    try:
        log, step = begin(index), 0
        while True:
            log(measure.value_at(step), step)
            step += 1
            struct.pack_into("q", shared, 0, step)
    except BaseException:  # noqa: BLE001 — the process ends with it
        traceback.print_exc()
    finally:
        os._exit(1)


def _count(shared: mmap.mmap) -> int:
    count: int = struct.unpack_from("q", shared, 0)[0]
    return count
