"""Changes that people make to what was recorded: tags, remarks, ends, what they put away; each audited."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select

from maestro_jupyter.errors import Conflict, NotFound
from maestro_jupyter.models import Status
from maestro_jupyter.store import audit, schema
from maestro_jupyter.store.changes import record_changes
from maestro_jupyter.store.rows import clean, ids, insert_new, pieces, text_of, update, upsert
from maestro_jupyter.store.run_ends import end_by_hand
from maestro_jupyter.store.runs import read_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row, Select

    from maestro_jupyter.store.audit import Anchor
    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.run_ends import End

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
    archived: bool | None = None,
    end: End | None = None,
) -> None:
    """Set or remove tags of a run, add a remark, put it away or take it back, end it.

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
    archived : bool, optional
        Whether it is put away, with the runs that it is the parent of, and theirs.
    end : End, optional
        How it ends that cannot say so itself, with those of these runs that are open.

    Raises
    ------
    NotFound
        If the run is gone.
    Conflict
        If it is to be ended, and has ended or is alive here.
    """
    runs = schema.runs
    with audit.audited(store, anchor) as connection:
        statement: Select[Any] = (
            select(runs.c.id, runs.c.run_id, runs.c.tags, runs.c.user, runs.c.status)
            .where(runs.c.run_id == run_id)
            .with_for_update()
        )
        row = connection.execute(statement).one_or_none()
        if row is None:
            msg = f"There is no run {run_id[:8]}."
            raise NotFound(msg)
        changed = _set_tags(connection, row, actor, tags) | _add_note(connection, row, actor, note)
        if archived is not None:
            changed |= _set_archived(connection, row, actor, archived=archived)
        ended = set() if end is None else _end(connection, row, actor, end)
        kinds = {"changed": changed, "ended": ended}
        record_changes(
            connection,
            {run: [kind for kind, about in kinds.items() if run in about] for run in changed | ended},
        )


def _set_tags(connection: Connection, row: Row[Any], actor: str, tags: Mapping[str, str | None]) -> set[str]:
    before = read_tags(row.tags)
    after = {key: value for key, value in (before | dict(tags)).items() if value is not None}
    if after == before:
        return set()
    _write_tags(connection, row.id, tags)
    update(connection, schema.runs, "id", [{"id": row.id, "tags": msgspec.msgpack.encode(after)}])
    digests = audit.digest_of(before), audit.digest_of(after)
    audit.record(connection, actor, "tag run", f"runs/{row.run_id}", *digests)
    return {row.run_id}


def _add_note(connection: Connection, row: Row[Any], actor: str, note: str) -> set[str]:
    if not note:
        return set()
    said = [{"run": row.id, "time": time.time_ns() // 1000, "text": note}]
    connection.execute(schema.notes.insert(), clean(schema.notes, said))
    audit.record(connection, actor, "note on run", f"runs/{row.run_id}", None, audit.digest_of(note))
    return {row.run_id}


def _end(connection: Connection, row: Row[Any], actor: str, end: End) -> set[str]:
    """End an open run and its open parts; give which these were."""
    if row.status != Status.RUNNING:
        msg = f"Run {row.run_id[:8]} has ended already: it is {row.status}."
        raise Conflict(msg)
    ended = end_by_hand(connection, _with_parts(connection, row.run_id, row.user), actor, end)
    digests = audit.digest_of(row.status), audit.digest_of(end.status)
    audit.record(connection, actor, "end run", f"runs/{row.run_id}", *digests)
    return set(ended)


def _set_archived(connection: Connection, row: Row[Any], actor: str, *, archived: bool) -> set[str]:
    """Put a run and its parts away, or take them back; give those that were not so already."""
    runs, now = schema.runs, time.time_ns() // 1000
    changed: set[str] = set()
    differs = runs.c.archived.is_(None) if archived else runs.c.archived.is_not(None)
    for some in pieces(_with_parts(connection, row.run_id, row.user)):
        where = (runs.c.run_id.in_(some), differs)
        changed.update(connection.scalars(select(runs.c.run_id).where(*where)))
        connection.execute(runs.update().where(*where).values(archived=now if archived else None))
    if changed:
        action = "archive run" if archived else "restore run"
        audit.record(connection, actor, action, f"runs/{row.run_id}")
    return changed


def _with_parts(connection: Connection, run_id: str, user: str) -> list[str]:
    """Give a run, the user's runs that it is the parent of, and what they are the parents of."""
    runs, parts, level = schema.runs.c, {run_id: None}, [run_id]
    while level:
        below = [
            run
            for some in pieces(level)
            for run in connection.scalars(select(runs.run_id).where(runs.parent.in_(some), runs.user == user))
        ]
        level = [run for run in below if run not in parts]  # what was shipped may name itself as its parent
        parts |= dict.fromkeys(level)
    return list(parts)


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
