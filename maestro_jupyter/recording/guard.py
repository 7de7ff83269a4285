"""The guard around every hook: it catches everything, counts it, and never raises or prints."""

from __future__ import annotations

import threading
import time
import traceback
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from maestro_jupyter.models import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEPT = 20


class Problems:
    """Failures of hooks: counted by place, the latest kept with their tracebacks.

    Examples
    --------
    >>> problems = Problems()
    >>> with problems.caught("demo"):
    ...     raise ValueError("bad")
    >>> problems.counts()
    {'demo': 1}
    >>> problems.latest()[0].error
    'ValueError: bad'
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._counts: Counter[str] = Counter()
        self._latest: list[Problem] = []

    def add(self, where: str, error: BaseException | str) -> None:
        """Count one failure.

        Parameters
        ----------
        where : str
            The hook's name.
        error : BaseException or str
            What happened.
        """
        text = error if isinstance(error, str) else f"{type(error).__name__}: {_message(error)}"
        trace = "" if isinstance(error, str) else "".join(traceback.format_tb(error.__traceback__))
        with self._lock:
            self._counts[where] += 1
            self._latest = [*self._latest[-_KEPT + 1 :], Problem(where, time.time(), text, trace)]

    @contextmanager
    def caught(self, where: str) -> Iterator[None]:
        """Run a block whose failures are counted instead of raised; interrupts pass through."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the user's cell never fails because of Maestro
            self.add(where, error)

    def counts(self) -> dict[str, int]:
        """Give the number of failures by hook."""
        with self._lock:
            return dict(self._counts)

    def latest(self) -> list[Problem]:
        """Give the latest failures, oldest first."""
        with self._lock:
            return list(self._latest)

    def reset_lock(self) -> None:
        """Make the lock usable in a forked child, where another thread may have held it."""
        self._lock = threading.RLock()


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as unprintable:  # noqa: BLE001 - an error's own __str__ may fail
        return f"<unprintable: {type(unprintable).__name__}>"
