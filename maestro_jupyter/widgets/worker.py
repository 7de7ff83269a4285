"""A thread that does one thing after another, and ends when there is nothing to do."""

from __future__ import annotations

import contextvars
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Worker:
    """Does what is put, in turn; what waits in a lane gives way to what is put there later."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, Callable[[], object]] = OrderedDict()
        self._works = False
        self._closed = False

    def put(self, lane: str, task: Callable[[], object]) -> None:
        """Have something done.

        Parameters
        ----------
        lane : str
            Something else in it that has not begun is not done any more.
        task : callable
            Catches what it raises.
        """
        # The context carries which message a reply belongs to.
        within = contextvars.copy_context()
        with self._lock:
            if self._closed:
                return
            self._waiting.pop(lane, None)
            self._waiting[lane] = lambda: within.run(task)
            if self._works:
                return
            self._works = True
        threading.Thread(target=self._work, name="maestro-widget", daemon=True).start()

    def close(self) -> None:
        """Do nothing more; what has begun goes on."""
        with self._lock:
            self._closed = True
            self._waiting.clear()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._works = False
                    return
                _, task = self._waiting.popitem(last=False)
            task()
