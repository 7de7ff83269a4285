"""A limit on how long one query may take: what takes longer is stopped inside the database."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import TooSlow

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import ExceptionContext

_AGAIN = 0.05
_QUERY_CANCELED = "57014"


def limit_queries(engine: Engine, seconds: float) -> None:
    """Stop what an engine reads for too long, with `TooSlow`.

    PostgreSQL limits each statement itself. SQLite is interrupted from another thread, which limits each
    transaction: its progress handler would wait for Python's lock time and again, and is not called at all
    while one pattern is matched.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        For queries only.
    seconds : float
    """
    from sqlalchemy import event

    if engine.dialect.name == "sqlite":
        watch = _Watch(seconds)
        event.listen(engine, "begin", watch.begun)
        event.listen(engine, "reset", watch.ended)
        event.listen(engine, "engine_disposed", watch.close)
    else:
        event.listen(engine, "connect", lambda connection, _: _set_timeout(connection, seconds))
    event.listen(engine, "handle_error", lambda context: _say(context, seconds))


class _Watch:
    """Interrupts the SQLite connections whose transaction takes too long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: dict[sqlite3.Connection, float] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._waits = False

    def begun(self, connection: Connection) -> None:
        with self._changed:
            # All have the same time, so that whoever begins later is never the next to be stopped.
            self._until[_driver(connection)] = time.monotonic() + self._seconds
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="maestro-time-limit", daemon=True)
                self._thread.start()
            elif self._waits:
                self._changed.notify()

    def ended(self, connection: sqlite3.Connection, *_: object) -> None:
        with self._changed:
            self._until.pop(connection, None)

    def close(self, _engine: Engine) -> None:
        with self._changed:
            self._thread = None
            self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while self._thread is threading.current_thread():
                now = time.monotonic()
                for connection, until in self._until.items():
                    if until <= now:
                        with contextlib.suppress(sqlite3.ProgrammingError):  # it is closed
                            connection.interrupt()
                self._waits = not self._until
                # One that was between two statements has not noticed: it is interrupted again.
                soonest = min(self._until.values(), default=0.0) - now
                self._changed.wait(None if self._waits else max(_AGAIN, soonest))


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _set_timeout(connection: Any, seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {max(1, round(seconds * 1000))}")
    connection.commit()


def _say(context: ExceptionContext, seconds: float) -> None:
    error = context.original_exception
    interrupted = getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT"
    if interrupted or getattr(error, "sqlstate", "") == _QUERY_CANCELED:
        msg = f"The question took longer than {seconds:g} seconds, and was stopped."
        raise TooSlow(msg, hint="Narrow the filter, or ask for less.") from error
