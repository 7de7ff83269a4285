"""Rows on their way into the tables: cut to what a column holds, and written many at a time."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, SmallInteger, String, bindparam, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Select, Table, Update

_UNHELD = re.compile("[\0\ud800-\udfff]")
"""PostgreSQL holds no NUL, and no database half a character, as names of files may have."""

_MANY = 5000
"""How many values one IN takes; databases limit them."""


def clean(table: Table, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Cut texts and integers to what their columns hold."""
    cut = _cutters(table)
    return [
        {
            name: cut[name](value) if name in cut and value is not None else value
            for name, value in row.items()
        }
        for row in rows
    ]


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows that are not there yet."""
    if rows:
        connection.execute(_insert_new(connection.dialect.name, table), clean(table, rows))


def upsert(
    connection: Connection, table: Table, unique: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, or replace what those have that are there already."""
    if not rows:
        return
    changed = tuple(name for name in rows[0] if name not in unique)
    statement = _upsert(connection.dialect.name, table, tuple(unique), changed)
    connection.execute(statement, clean(table, rows))


def update(connection: Connection, table: Table, unique: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Change rows, each in the columns that are given for it."""
    alike: dict[frozenset[str], list[dict[str, Any]]] = {}
    for row in clean(table, rows):
        row["at"] = row.pop(unique)
        alike.setdefault(frozenset(row), []).append(row)
    for group in alike.values():
        names = tuple(name for name in group[0] if name != "at")
        if names:
            connection.execute(_update(table, unique, names), group)


def ids(connection: Connection, table: Table, column: str, names: Iterable[str]) -> dict[str, int]:
    """Give the numbers of the rows that have these names."""
    found: dict[str, int] = {}
    for some in pieces(sorted(set(names))):
        rows = connection.execute(_ids(table, column), {"names": some})
        found.update((name, number) for name, number in rows)
    return found


def numbers_of(connection: Connection, table: Table, names: set[str]) -> dict[str, int]:
    """Give the numbers of names, which are added where they are new.

    They are added in order, so that two collectors of one database never wait for each other in a circle.
    """
    held = {name: text_of(name, _length(table)) for name in names}
    known = ids(connection, table, "name", held.values())
    new = sorted(set(held.values()) - known.keys())
    if new:
        insert_new(connection, table, [{"name": name} for name in new])
        known |= ids(connection, table, "name", new)
    return {name: known[short] for name, short in held.items()}


def _length(table: Table) -> int | None:
    kind = table.c["name"].type
    return kind.length if isinstance(kind, String) else None


def pieces(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Give values in pieces that one IN takes."""
    for begin in range(0, len(values), _MANY):
        yield values[begin : begin + _MANY]


def text_of(value: str, length: int | None = None) -> str:
    r"""Give a text that every database holds.

    Examples
    --------
    >>> text_of("a\0b", 2) == text_of("a\udcff", 2) == "a\ufffd"
    True
    """
    return _UNHELD.sub("\ufffd", value)[:length]


# A statement is made once: to make it takes SQLAlchemy longer than to execute it.


@functools.lru_cache(maxsize=64)
def _insert_new(dialect: str, table: Table) -> Any:
    return _insert(dialect)(table).on_conflict_do_nothing()


@functools.lru_cache(maxsize=64)
def _upsert(dialect: str, table: Table, unique: tuple[str, ...], changed: tuple[str, ...]) -> Any:
    statement = _insert(dialect)(table)
    new = {name: statement.excluded[name] for name in changed}
    return statement.on_conflict_do_update(index_elements=list(unique), set_=new)


@functools.lru_cache(maxsize=256)
def _update(table: Table, unique: str, names: tuple[str, ...]) -> Update:
    statement = table.update().where(table.c[unique] == bindparam("at"))
    return statement.values({name: bindparam(name) for name in names})


@functools.lru_cache(maxsize=64)
def _ids(table: Table, column: str) -> Select[Any]:
    named = table.c[column].in_(bindparam("names", expanding=True))
    return select(table.c[column], table.c.id).where(named)


def _insert(dialect: str) -> Any:
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert

        return insert
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert


@functools.lru_cache(maxsize=64)
def _cutters(table: Table) -> dict[str, Callable[[Any], Any]]:
    cut: dict[str, Callable[[Any], Any]] = {}
    for column in table.columns:
        if isinstance(column.type, String):
            cut[column.name] = functools.partial(text_of, length=column.type.length)
        elif isinstance(column.type, SmallInteger):
            cut[column.name] = functools.partial(_within, bits=16)
        elif isinstance(column.type, BigInteger):
            cut[column.name] = functools.partial(_within, bits=64)
        elif isinstance(column.type, Integer):
            cut[column.name] = functools.partial(_within, bits=32)
    return cut


def _within(value: int, bits: int) -> int:
    limit = 1 << (bits - 1)
    return min(max(value, -limit), limit - 1)
