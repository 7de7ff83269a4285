"""One line of JSON for each request: which route was asked for what, by whom, and how it went."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import threading
import traceback
from datetime import UTC, datetime
from queue import Full, Queue
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

LOGGER = "maestro_jupyter.server.requests"
"""The logger that gets the lines; those of failures as errors, all others as information."""

_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_WAITING = 10_000
_LONGEST_TRACEBACK = 64 << 10


class Answered(NamedTuple):
    """A request that was answered.

    Attributes
    ----------
    time : float
        When, in seconds since 1970.
    request_id, method : str
    route : str
        The route's own path, with its parameters in braces; never what was asked for.
    status : int
    seconds : float
        From the request's head to the end of its answer.
    size : int
        Of the answer's body, in bytes.
    user : str
        Empty if nobody is known.
    failure : BaseException or None
        The bug or the failing part behind a status from 500.
    """

    time: float
    request_id: str
    method: str
    route: str
    status: int
    seconds: float
    size: int
    user: str
    failure: BaseException | None = None


class Line(msgspec.Struct, omit_defaults=True):
    """What a line says."""

    time: datetime
    request_id: str
    method: str
    route: str
    status: int
    duration_ms: float
    bytes: int
    user: str
    traceback: str = ""
    lost: int = 0
    """How many lines before this one could not be written: whoever takes them is too slow."""


def request_id(given: str, redact: Callable[[str], str]) -> str:
    """Give the id that a request brings, if it is well formed and holds no secret, and else a new one.

    Parameters
    ----------
    given : str
        The request's ``X-Request-Id``.
    redact : callable
        Takes secrets out of a text.

    Examples
    --------
    >>> request_id("proxy-7", str), len(request_id("two words", str))
    ('proxy-7', 32)
    """
    if _WELL_FORMED.fullmatch(given) and redact(given) == given:
        return given
    return secrets.token_hex(16)


class RequestLog:
    """Writes the lines in a thread of its own, so that no request waits for whoever takes them.

    Parameters
    ----------
    redact : callable
        Takes secrets out of a text.
    everything : bool
        Whether to write of all requests; if not, of those that failed only.
    """

    def __init__(self, redact: Callable[[str], str], *, everything: bool) -> None:
        self._redact = redact
        self._everything = everything
        self._log = logging.getLogger(LOGGER)
        self._queue: Queue[Answered | None] = Queue(_WAITING)
        self._lost = 0
        self._thread: threading.Thread | None = None
        self._own: logging.Handler | None = None

    def start(self) -> None:
        """Begin to write: to standard error, unless logging is set up to take the lines elsewhere."""
        if not self._log.hasHandlers():
            self._own = logging.StreamHandler(sys.stderr)
            self._own.setFormatter(logging.Formatter("%(message)s"))
            self._log.addHandler(self._own)
        if self._everything and self._log.level == logging.NOTSET:
            self._log.setLevel(logging.INFO)
        self._thread = threading.Thread(target=self._run, name="maestro-requests", daemon=True)
        self._thread.start()

    def add(self, answered: Answered) -> None:
        """Write of a request soon; where too many wait to be written, count it only."""
        if not (self._everything or answered.status >= 500):
            return
        try:
            self._queue.put_nowait(answered)
        except Full:
            self._lost += 1

    def close(self) -> None:
        """Write what waits, and end."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()
        if self._own is not None:
            self._log.removeHandler(self._own)
            self._own = None

    def _run(self) -> None:
        while (answered := self._queue.get()) is not None:
            level = logging.ERROR if answered.status >= 500 else logging.INFO
            if self._log.isEnabledFor(level):
                self._log.log(level, "%s", msgspec.json.encode(self._line(answered)).decode())

    def _line(self, answered: Answered) -> Line:
        lost, self._lost = self._lost, 0
        return Line(
            time=datetime.fromtimestamp(answered.time, UTC),
            request_id=answered.request_id,
            method=answered.method,
            route=answered.route,
            status=answered.status,
            duration_ms=round(answered.seconds * 1000, 3),
            bytes=answered.size,
            user=self._redact(answered.user),
            traceback=self._traceback(answered.failure),
            lost=lost,
        )

    def _traceback(self, failure: BaseException | None) -> str:
        if failure is None:
            return ""
        return self._redact("".join(traceback.format_exception(failure)))[-_LONGEST_TRACEBACK:]
