"""What has happened to runs, numbered: live views ask for what is new since a number they have seen."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import delete, func, insert, select, text

from maestro_jupyter.models import RunEvent
from maestro_jupyter.store.rows import clean
from maestro_jupyter.store.runs import to_time
from maestro_jupyter.store.schema import changes, runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from maestro_jupyter.store.engine import Store

KEPT = 100_000
"""How many of the newest are kept."""

KINDS = ("started", "changed", "metrics", "ended", "warning")

DATA = "data"
"""A change of the data that belongs to no run: it counts for `latest_change`, and is told to nobody."""

_LIBRARY = "library"
"""A change of some of the library's artifacts, whose numbers are its text; told to nobody either."""

_ADVISORY_LOCK = 0x6D6165737472_01
_SWEEP = 1000
_NEWEST = select(func.max(changes.c.id))  # made once: each answer that is kept asks for it
_VERSION = select(changes.c.id, changes.c.time).order_by(changes.c.id.desc()).limit(1)
_INSERT = insert(changes)


class Version(NamedTuple):
    """The newest change: its number, and its time, which differs after a restore."""

    number: int
    time: int


def record_changes(
    connection: Connection, runs: Mapping[str, Iterable[str]], warnings: Iterable[str] = ()
) -> None:
    """Note what a transaction changes; call it last, for on PostgreSQL it takes a lock.

    Numbers then become visible in their order, so that nobody who reads on from a number misses one.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In the transaction that makes the changes.
    runs : mapping of str to iterable of str
        By run id, what happened to it: some of `KINDS`.
    warnings : iterable of str
        What went wrong, one sentence each.
    """
    now = time.time_ns() // 1000
    rows: list[dict[str, Any]] = [
        {"time": now, "kinds": ",".join(kinds), "run": run, "text": None} for run, kinds in runs.items()
    ]
    rows += [{"time": now, "kinds": "warning", "run": None, "text": said} for said in warnings]
    _insert(connection, rows)


def record_other_change(connection: Connection) -> None:
    """Note that a transaction changes what can be read, though nothing happens to a run: cells, outputs.

    Every transaction that writes calls this or `record_changes`, for answers are kept by the newest number.
    """
    now = time.time_ns() // 1000
    _insert(connection, [{"time": now, "kinds": DATA, "run": None, "text": None}])


def record_library_change(connection: Connection, artifacts: Iterable[int]) -> None:
    """Note which of the library's artifacts a transaction changes; call it last, as `record_changes`."""
    numbers = sorted(set(artifacts))
    if not numbers:
        return
    now = time.time_ns() // 1000
    named = " ".join(map(str, numbers))
    _insert(connection, [{"time": now, "kinds": _LIBRARY, "run": None, "text": named}])


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
    connection.execute(_INSERT, clean(changes, rows))
    latest = _latest(connection)
    if latest % _SWEEP < len(rows):
        connection.execute(delete(changes).where(changes.c.id <= latest - KEPT))


def latest_change(store: Store) -> int:
    """Give the number of the newest change, which is the version of the data; 0 if there is none."""
    with store.read.connect() as connection:
        return _latest(connection)


class LatestChange:
    """Asks SQLite for the number of the newest change again and again, over a connection of its own.

    A tenth of what `latest_change` costs, for whoever answers thousands of questions a second. Not for
    several threads at once.

    Parameters
    ----------
    store : Store
        On SQLite.
    """

    def __init__(self, store: Store) -> None:
        self._connection = store.read.raw_connection()
        self._cursor = self._connection.cursor()

    def number(self) -> int:
        """Give what `latest_change` gives."""
        self._cursor.execute("SELECT max(id) FROM changes")
        ((found,),) = self._cursor.fetchall()
        return found or 0

    def close(self) -> None:
        """Let go of the connection."""
        self._cursor.close()
        self._connection.close()


def changes_since(store: Store, number: int, limit: int = 1000, *, user: str | None = None) -> list[RunEvent]:
    """Give the changes after a number, oldest first.

    Parameters
    ----------
    store : Store
    number : int
        The last one that was seen.
    limit : int
        How many at most.
    user : str, optional
        Only what happened to this user's runs.

    Returns
    -------
    list of RunEvent
    """
    statement = select(changes).where(changes.c.id > number, changes.c.kinds.not_in([DATA, _LIBRARY]))
    statement = statement.order_by(changes.c.id).limit(limit)
    if user is not None:
        statement = statement.join(runs, runs.c.run_id == changes.c.run).where(runs.c.user == user)
    with store.read.connect() as connection:
        return [
            RunEvent(
                number=row.id,
                time=cast("datetime", to_time(row.time)),
                kinds=row.kinds.split(","),
                run_id=row.run,
                text=row.text,
            )
            for row in connection.execute(statement)
        ]


def version_of(connection: Connection) -> Version:
    """Give the version of the data that a connection sees."""
    row = connection.execute(_VERSION).one_or_none()
    return Version(0, 0) if row is None else Version(row.id, row.time)


def is_kept(connection: Connection, version: Version) -> bool:
    """Tell whether a change is still there, so that none after it is missing."""
    return connection.scalar(select(changes.c.time).where(changes.c.id == version.number)) == version.time


def artifacts_changed(connection: Connection, since: Version) -> list[int]:
    """Give the numbers of the library's artifacts that have changed since a version."""
    named = select(changes.c.text).where(changes.c.id > since.number, changes.c.kinds == _LIBRARY)
    return sorted({int(number) for text in connection.scalars(named) for number in (text or "").split()})


def bounds(store: Store) -> tuple[int, int]:
    """Give the numbers of the oldest change that is kept and of the newest; zeros if there is none."""
    with store.read.connect() as connection:
        found = connection.execute(select(func.min(changes.c.id), func.max(changes.c.id))).one()
    return found[0] or 0, found[1] or 0


def runs_changed(connection: Connection, since: Version) -> list[str]:
    """Give the ids of the runs that have changed since a version."""
    named = select(changes.c.run).where(changes.c.id > since.number, changes.c.run.is_not(None)).distinct()
    return sorted(connection.scalars(named))


def _latest(connection: Connection) -> int:
    return connection.scalar(_NEWEST) or 0
