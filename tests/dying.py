"""Children that are killed at a chosen statement, to see what is left."""

from __future__ import annotations

import os
import signal
import traceback
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event

if TYPE_CHECKING:
    from collections.abc import Callable

FINISHED = 0


def run_and_die_at(number: int, work: Callable[[], object]) -> bool:
    """Run work in a child that is killed before its statement or commit of that number.

    Returns
    -------
    bool
        Whether it was killed; false if it had finished before.
    """
    child = os.fork()
    if child == 0:
        try:
            _die_at(number)
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
