"""Who changed what: lines that are only ever added, each chained to the one before by its digest.

What the chain shows: a line that was edited, removed, put in or moved, for its digest covers the digest
before it. What it shows only with an anchor, the number and digest of the last line kept outside of the
database: lines that were cut off at the end. What it cannot show: the work of somebody who may write both
the database and the anchor, and who computes all digests anew. Whoever has to fear that notes the last
digest elsewhere, and compares.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from typing import TYPE_CHECKING, Any, cast

import msgspec
from sqlalchemy import func, insert, select, text

from maestro_jupyter.errors import Invalid, MaestroError
from maestro_jupyter.models import AuditLine
from maestro_jupyter.store.home_lock import home_lock
from maestro_jupyter.store.rows import clean
from maestro_jupyter.store.runs import to_time
from maestro_jupyter.store.schema import audit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection, Row

    from maestro_jupyter.store.engine import Store

START = "0" * 64
"""What the first line has for the digest of the line before it."""

HEAD_NAME = "audit.head"
"""The file of the anchor in the data folder."""

_ADVISORY_LOCK = 0x6D6165737472_02
_COVERED = ("number", "time", "actor", "action", "resource", "before", "after", "previous")
_PAGE = 1000
_LOCK_SECONDS = 5.0


class Head(msgspec.Struct, frozen=True):
    """The last line of the chain, as an anchor keeps it.

    Examples
    --------
    >>> Head.parse(str(Head(2, "ab" * 32))).number
    2
    """

    number: int
    digest: str

    @classmethod
    def parse(cls, said: str) -> Head:
        """Read what `str` gives: the number, a colon and the digest.

        Raises
        ------
        Invalid
            If it is something else.
        """
        number, _, digest = said.strip().partition(":")
        hexadecimal = len(digest) == len(START) and set(digest) <= set("0123456789abcdef")
        if not (hexadecimal and number.isascii() and number.isdigit()):
            msg = f"{said!r:.100} is not the end of an audit."
            raise Invalid(msg, hint="It is a number, a colon and 64 hexadecimal digits.")
        return cls(int(number), digest)

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


class Anchor:
    """The last line that is known, in a file outside of the database.

    Parameters
    ----------
    home : Path
        The data folder.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / HEAD_NAME

    def read(self) -> Head | None:
        """Give the last line that is known; None if none was kept.

        Raises
        ------
        Invalid
            If the file holds something else.
        """
        try:
            said = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None
        return Head.parse(said)

    def advance(self, store: Store) -> bool:
        """Keep the chain's last line, if the one that is kept is still in the chain.

        A chain that has lost the line that is kept is left for `verify` to find.

        Parameters
        ----------
        store : Store

        Returns
        -------
        bool
            Whether the last line is kept now. The change that was made stands in any case.
        """
        lock = self.path.with_name(f"{HEAD_NAME}.lock")
        try:
            with home_lock(lock, _LOCK_SECONDS):
                known, last = self.read(), last_line(store)
                if last is None or not self._is_after(store, known):
                    return False
                if last != known:
                    self._write(last)
                return True
        except (MaestroError, OSError):
            return False

    def _is_after(self, store: Store, known: Head | None) -> bool:
        if known is None:
            return True
        with store.read.connect() as connection:
            digest = connection.scalar(select(audit.c.digest).where(audit.c.number == known.number))
        return bool(digest == known.digest)

    def _write(self, head: Head) -> None:
        temporary = self.path.with_name(f".{HEAD_NAME}.{os.getpid()}")
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(f"{head}\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)


class Verified(msgspec.Struct, frozen=True):
    """What `verify` has found.

    Attributes
    ----------
    lines : int
        How many lines are in order.
    head : Head or None
        The last of them.
    anchored : bool
        Whether an anchor was there to tell of lines cut off at the end.
    fault : str or None
        One sentence that names the first line that is not in order.
    """

    lines: int
    head: Head | None
    anchored: bool
    fault: str | None = None


def digest_of(value: object) -> str:
    """Give the sha256 of a value's canonical encoding, the same whatever the order of its keys.

    Parameters
    ----------
    value : object
        A model, or anything else that msgspec encodes.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> digest_of({"a": 1, "b": float("nan")}) == digest_of({"b": float("nan"), "a": 1})
    True
    """
    return hashlib.sha256(msgspec.msgpack.encode(value, order="sorted")).hexdigest()


def record(
    connection: Connection,
    actor: str,
    action: str,
    resource: str,
    before: str | None = None,
    after: str | None = None,
) -> AuditLine:
    """Add a line, in the transaction that makes the change; on PostgreSQL this takes a lock until it ends.

    Call it after the change, and before `record_changes` where both are called, so that all take these
    locks in the same order.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction of the writing engine.
    actor : str
        Who makes the change.
    action : str
        What is done, such as ``tag run``.
    resource : str
        To what, such as ``runs/5f0c``.
    before, after : str or None
        `digest_of` what it was and what it becomes; None where there was or will be nothing.

    Returns
    -------
    AuditLine
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
    last = _last(connection)
    said = {
        "number": 1 if last is None else last.number + 1,
        "time": time.time_ns() // 1000,
        "actor": _plain(actor),
        "action": _plain(action),
        "resource": _plain(resource),
        "before": before,
        "after": after,
        "previous": START if last is None else last.digest,
    }
    row = clean(audit, [said])[0]
    row["digest"] = _digest(row)
    connection.execute(insert(audit), row)
    return _line(row)


@contextlib.contextmanager
def audited(store: Store, anchor: Anchor) -> Iterator[Connection]:
    """Give a transaction for a change and its lines; once it is committed, the anchor keeps the last line.

    Parameters
    ----------
    store : Store
    anchor : Anchor

    Yields
    ------
    sqlalchemy.Connection
    """
    with store.write.begin() as connection:
        yield connection
    anchor.advance(store)


def lines(store: Store, after: int = 0, limit: int = _PAGE) -> list[AuditLine]:
    """Give the lines after a number, oldest first.

    Parameters
    ----------
    store : Store
    after : int
        The last one that was seen.
    limit : int
        How many at most.

    Returns
    -------
    list of AuditLine
    """
    with store.read.connect() as connection:
        return [_line(row._asdict()) for row in _rows(connection, after, limit)]


def last_line(store: Store) -> Head | None:
    """Give the number and digest of the last line; None if there is none."""
    with store.read.connect() as connection:
        return _last(connection)


def verify(store: Store, anchor: Anchor | Head | None) -> Verified:
    """Check every line's digest, number and place, and that the line an anchor keeps is among them.

    Parameters
    ----------
    store : Store
    anchor : Anchor, Head or None
        The last line that is known from elsewhere.

    Returns
    -------
    Verified
    """
    try:
        known = anchor.read() if isinstance(anchor, Anchor) else anchor
    except Invalid as error:
        return Verified(0, None, anchored=True, fault=f"The anchor cannot be read: {error.message}")
    head: Head | None = None
    with store.read.connect() as connection:
        for row in _all_rows(connection):
            fault = _fault(row, head, known)
            if fault:
                return Verified(0 if head is None else head.number, head, known is not None, fault)
            head = Head(row.number, row.digest)
    count = 0 if head is None else head.number
    fault = None
    if known is not None and known.number > count:
        fault = f"Line {count + 1} of the audit is missing: the anchor knows lines up to {known.number}."
    return Verified(count, head, known is not None, fault)


def _fault(row: Row[Any], head: Head | None, known: Head | None) -> str | None:
    expected = 1 if head is None else head.number + 1
    if row.number != expected:
        missing = f"Line {expected} of the audit is missing"
        return f"{missing}: after it comes line {row.number}." if row.number > expected else f"{missing}."
    if row.previous != (START if head is None else head.digest):
        return f"Line {row.number} of the audit does not follow the line before it."
    if row.digest != _digest(row._mapping):
        return f"Line {row.number} of the audit was changed after it was written."
    if known is not None and known.number == row.number and known.digest != row.digest:
        return f"Line {row.number} of the audit is another than the anchor knows."
    return None


def _digest(row: Any) -> str:
    return hashlib.sha256(msgspec.json.encode([row[name] for name in _COVERED])).hexdigest()


def _plain(said: str) -> str:
    """Replace what UTF-8 cannot hold."""
    return said.encode("utf-8", "replace").decode()


def _rows(connection: Connection, after: int, limit: int) -> list[Row[Any]]:
    statement = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(limit)
    return list(connection.execute(statement))


def _all_rows(connection: Connection) -> Iterator[Row[Any]]:
    smallest = connection.scalar(select(func.min(audit.c.number)))
    after = 0 if smallest is None else smallest - 1
    while rows := _rows(connection, after, _PAGE):
        yield from rows
        after = rows[-1].number


def _last(connection: Connection) -> Head | None:
    statement = select(audit.c.number, audit.c.digest).order_by(audit.c.number.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return None if row is None else Head(row.number, row.digest)


def _line(row: dict[str, Any]) -> AuditLine:
    return AuditLine(**row | {"time": cast("datetime", to_time(row["time"]))})
