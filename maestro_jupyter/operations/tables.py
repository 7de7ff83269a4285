"""Whole tables, out of a database and into one, whichever it is."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from sqlalchemy import column, func, insert, select, table, text
from sqlalchemy.schema import DropTable
from sqlalchemy.types import NullType

from maestro_jupyter.operations.archive import row_bytes
from maestro_jupyter.store import vector_index, word_index
from maestro_jupyter.store.engine import migrate
from maestro_jupyter.store.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, TableClause

    from maestro_jupyter.operations.archive import Archive

_ROWS = 500


def table_bytes(connection: Connection, name: str, counts: dict[str, int]) -> Iterator[bytes]:
    """Give a table as it stands in a backup, and count its rows."""
    source = metadata.tables[name]
    yield row_bytes([str(one.name) for one in source.columns])
    counts[name] = 0
    statement = select(source).order_by(*source.primary_key.columns)
    for rows in connection.execute(statement, execution_options={"yield_per": _ROWS}).partitions():
        counts[name] += len(rows)
        yield b"".join(row_bytes(list(row)) for row in rows)


def replace_tables(connection: Connection, archive: Archive) -> None:
    """Make a backup's rows the only ones, in the connection's transaction, and bring them up to date.

    Raises
    ------
    Unavailable
        If the backup's revision is not known.
    """
    word_index.drop(connection)  # made anew when it is first asked for, of the backup's rows
    vector_index.drop(connection)
    for ours in reversed(metadata.sorted_tables):
        connection.execute(DropTable(ours, if_exists=True))
    connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    migrate(connection, archive.manifest.revision)
    there = set(archive.names("tables"))
    for name in [one.name for one in metadata.sorted_tables if one.name in there]:
        _fill(connection, archive, name)
    migrate(connection)
    if connection.dialect.name == "postgresql":
        _set_sequences(connection)


def is_empty(connection: Connection) -> bool:
    """Tell whether a database holds nothing that anybody has recorded or done."""
    kinds = ("journals", "runs", "projects", "audit")
    return not any(connection.scalar(select(func.count()).select_from(metadata.tables[one])) for one in kinds)


def _fill(connection: Connection, archive: Archive, name: str) -> None:
    rows = archive.rows(name)
    names = next(rows)
    into = _columns(name, names)
    while some := list(itertools.islice(rows, _ROWS)):
        connection.execute(insert(into), [dict(zip(names, row, strict=True)) for row in some])


def _columns(name: str, names: list[str]) -> TableClause:
    """Give a table with the columns that a backup has, which may be of an older revision."""
    known = metadata.tables[name].c
    types: dict[str, Any] = {one: known[one].type if one in known else NullType() for one in names}
    return table(name, *(column(one, types[one]) for one in names))


def _set_sequences(connection: Connection) -> None:
    for ours in metadata.sorted_tables:
        if ours.autoincrement_column is None:
            continue
        name = ours.autoincrement_column.name
        largest = select(func.max(ours.c[name])).scalar_subquery()
        sequence = func.pg_get_serial_sequence(ours.name, name)
        connection.execute(select(func.setval(sequence, func.coalesce(largest, 1), largest.is_not(None))))
