"""Changes that people make to what was recorded: tags and remarks, each audited."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from maestro_jupyter.errors import NotFound
from maestro_jupyter.store import audit, schema
from maestro_jupyter.store.changes import record_changes
from maestro_jupyter.store.rows import clean, ids, insert_new, text_of, update, upsert
from maestro_jupyter.store.runs import read_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from maestro_jupyter.store.audit import Anchor
    from maestro_jupyter.store.engine import Store

KEY_LIMIT = 255
"""The longest key of a tag, in characters."""


def edit_run(
    store: Store,
    anchor: Anchor,
    run_id: str,
    actor: str,
    *,
    tags: Mapping[str, str | None],
    note: str,
) -> None:
    """Set or remove tags of a run, and add a remark.

    Parameters
    ----------
    store : Store
    anchor : Anchor
        Of the audit.
    run_id : str
        The whole id.
    actor : str
        Who does it.
    tags : mapping of str to str or None
        None removes the tag.
    note : str
        Empty adds none.

    Raises
    ------
    NotFound
        If the run is gone.
    """
    runs = schema.runs
    with audit.audited(store, anchor) as connection:
        statement = select(runs.c.id, runs.c.tags).where(runs.c.run_id == run_id).with_for_update()
        row = connection.execute(statement).one_or_none()
        if row is None:
            msg = f"There is no run {run_id[:8]}."
            raise NotFound(msg)
        before = read_tags(row.tags)
        after = {key: value for key, value in (before | dict(tags)).items() if value is not None}
        if after != before:
            _write_tags(connection, row.id, tags)
            update(connection, runs, "id", [{"id": row.id, "tags": msgspec.msgpack.encode(after)}])
            digests = audit.digest_of(before), audit.digest_of(after)
            audit.record(connection, actor, "tag run", f"runs/{run_id}", *digests)
        if note:
            said = [{"run": row.id, "time": time.time_ns() // 1000, "text": note}]
            connection.execute(schema.notes.insert(), clean(schema.notes, said))
            audit.record(connection, actor, "note on run", f"runs/{run_id}", None, audit.digest_of(note))
        if after != before or note:
            record_changes(connection, {run_id: ["changed"]})


def _write_tags(connection: Connection, run: int, tags: Mapping[str, str | None]) -> None:
    table, held = schema.run_tags, {name: text_of(name, KEY_LIMIT) for name in tags}
    insert_new(connection, schema.keys, [{"name": name} for name in sorted(held.values())])
    numbers = ids(connection, schema.keys, "name", held.values())
    for name, value in tags.items():
        if value is None:
            connection.execute(table.delete().where(table.c.run == run, table.c.key == numbers[held[name]]))
    rows = [
        {"run": run, "key": numbers[held[name]], "value": value}
        for name, value in tags.items()
        if value is not None
    ]
    upsert(connection, table, ("run", "key"), rows)
