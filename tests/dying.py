"""Children that are killed at a chosen statement or line, to see what is left."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from types import FrameType

FINISHED = 0


def run_and_die_at(number: int, work: Callable[[], object]) -> bool:
    """Run work in a child that is killed before its statement or commit of that number.

    Returns
    -------
    bool
        Whether it was killed; false if it had finished before.
    """
    return _run_and_die(lambda: _die_at(number), work)


def run_and_die_at_line(number: int, files: Collection[str], work: Callable[[], object]) -> bool:
    """Run work in a child that is killed before the line of that number that it runs in some files.

    Returns
    -------
    bool
        Whether it was killed; false if it had finished before.
    """
    return _run_and_die(lambda: _die_at_line(number, files), work)


def _run_and_die(prepare: Callable[[], object], work: Callable[[], object]) -> bool:
    child = os.fork()
    if child == 0:
        try:
            prepare()
            work()
        except BaseException:  # noqa: BLE001 - a child must not go on with the parent's tests
            traceback.print_exc()
            os._exit(1)
        os._exit(FINISHED)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == FINISHED
    return False


def _die_at(number: int) -> None:
    left = [number]

    def count(*_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "after_cursor_execute", count)
    event.listen(Engine, "commit", count)


def _die_at_line(number: int, files: Collection[str]) -> None:
    left = [number]

    def trace(frame: FrameType, event: str, _: object) -> object:
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
