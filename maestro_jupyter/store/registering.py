"""What journals say of the library, written: versions that were registered, and uses of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
from sqlalchemy import bindparam, func, select

from maestro_jupyter.store import audit, word_index
from maestro_jupyter.store.batch import microseconds
from maestro_jupyter.store.blobs import blob_lock
from maestro_jupyter.store.changes import record_library_change
from maestro_jupyter.store.dataflow import Flow, contributing
from maestro_jupyter.store.library_edits import add_tags, point_aliases
from maestro_jupyter.store.rows import clean, ids, insert_new, numbers_of, pieces, text_of
from maestro_jupyter.store.schema import (
    cells,
    library_artifacts,
    library_uses,
    library_versions,
    projects,
    runs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Row, Select

    from maestro_jupyter.events import ArtifactRegistered, ArtifactUsed
    from maestro_jupyter.store.audit import Anchor
    from maestro_jupyter.store.blobs import Blobs
    from maestro_jupyter.store.engine import Store

# Made once: to make a statement takes SQLAlchemy longer than to execute it.
_LAST_NUMBER = select(func.max(library_versions.c.version)).where(
    library_versions.c.artifact == bindparam("artifact")
)
_ARTIFACT: Select[Any] = (
    select(library_artifacts.c.id, library_artifacts.c.owner, library_artifacts.c.description)
    .where(library_artifacts.c.space == bindparam("space"), library_artifacts.c.name == bindparam("name"))
    .with_for_update()
)
_INSERT_VERSION = library_versions.insert()
_USES_IN: Select[Any] = (
    select(library_uses.c.version, library_uses.c.execution, library_uses.c.time)
    .join(cells, cells.c.execution == library_uses.c.execution)
    .where(cells.c.journal == bindparam("journal"))
)


def add_registered(connection: Connection, registered: Sequence[ArtifactRegistered]) -> list[int]:
    """Write versions, in the order in which they were registered.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction of the writing engine.
    registered : sequence of ArtifactRegistered

    Returns
    -------
    list of int
        The artifacts' numbers, for `record_library_change`.
    """
    if not registered:
        return []
    of_project = numbers_of(connection, projects, {event.project for event in registered})
    return [_add_version(connection, event, of_project[event.project]) for event in registered]


def register_file(store: Store, anchor: Anchor, blobs: Blobs, event: ArtifactRegistered, path: Path) -> None:
    """Keep a file, and register it at once, as somebody asks who writes no journal; nothing if it is there.

    Raises
    ------
    Garbled
        If the file's bytes are not those that are registered.
    Unavailable, OSError
        If they cannot be kept.
    """
    blobs.put_file(path, event.sha256)  # before, so that others do not wait for it
    with audit.audited(store, anchor) as connection:
        if _version_ids(connection, {event.registration}):
            return
        blob_lock(connection)
        blobs.put_file(path, event.sha256)
        artifacts = add_registered(connection, [event])
        record_library_change(connection, artifacts)
        resource = f"artifacts/{event.name}"
        audit.record(connection, event.user, "register artifact", resource, None, event.sha256)


def add_used(connection: Connection, used: Sequence[ArtifactUsed]) -> None:
    """Write uses of versions that are there: the first of each version, project and run, or else cell."""
    versions = _version_ids(connection, {event.registration for event in used})
    known = [event for event in used if event.registration in versions]
    if not known:
        return
    of_project = numbers_of(connection, projects, {event.project for event in known})
    rows = [
        {
            "version": versions[event.registration],
            "project": of_project[event.project],
            "run": event.run or "",
            "execution": event.execution or "",
            "user": event.user,
            "time": microseconds(event.time),
        }
        for event in known
    ]
    insert_new(connection, library_uses, rows)


def link_uses(connection: Connection, journal: str, executions: Iterable[str]) -> None:
    """Add uses for the runs of cells that build on what earlier cells used.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction of the writing engine.
    journal : str
        Whose cells they are.
    executions : iterable of str
        Cells whose names have become known.
    """
    used = _uses_in(connection, journal)
    if not used:
        return
    flows, places = _flows(connection, journal)
    begun = _runs_of(connection, executions)
    rows = []
    for execution, started in begun.items():
        if execution not in places:
            continue
        base = {flows[place].execution for place in contributing(flows, places[execution])}
        rows += [
            {
                "version": use.version,
                "project": run.project,
                "run": run.run_id,
                "execution": None,
                "user": run.user,
                "time": run.start_time,
            }
            for run in started
            for use in used
            if use.execution in base and use.time <= run.start_time
        ]
    insert_new(connection, library_uses, rows)


# Versions


def _add_version(connection: Connection, event: ArtifactRegistered, project: int) -> int:
    """Write a version, if it is not there; give the artifact's number."""
    artifact = _artifact_of(connection, event, project)
    if _version_ids(connection, {event.registration}):
        return int(artifact.id)
    version = _insert_version(connection, event, artifact.id)
    # A version is welcome; what the artifact is called and said to be is its owner's.
    if artifact.owner == text_of(event.user, 255):
        _say(connection, event, artifact, version)
    word_index.index_text(connection, artifact.id, event.text)
    return int(artifact.id)


def _say(connection: Connection, event: ArtifactRegistered, artifact: Row[Any], version: int) -> None:
    """Write what an owner says of the artifact with a version."""
    described = artifact.description if event.description is None else text_of(event.description)
    if described != artifact.description:
        here = library_artifacts.c.id == artifact.id
        connection.execute(library_artifacts.update().where(here).values(description=described))
    add_tags(connection, artifact.id, event.tags)
    point_aliases(connection, artifact.id, version, event.aliases)


def _insert_version(connection: Connection, event: ArtifactRegistered, artifact: int) -> int:
    """Write the next version of an artifact; give its row's number."""
    number = 1 + (connection.scalar(_LAST_NUMBER, {"artifact": artifact}) or 0)
    row = {
        "artifact": artifact,
        "version": number,
        "registration": event.registration,
        "type": event.type,
        "format": event.format,
        "sha256": event.sha256,
        "size": event.size,
        "media_type": event.media_type,
        "run": event.run,
        "execution": event.execution,
        "creator": event.user,
        "created": microseconds(event.time),
        "about": msgspec.msgpack.encode(event.about),
        "archived": False,
    }
    written = connection.execute(_INSERT_VERSION, clean(library_versions, [row])[0])
    return int(cast("tuple[int]", written.inserted_primary_key)[0])


def _artifact_of(connection: Connection, event: ArtifactRegistered, project: int) -> Row[Any]:
    """Give the artifact's row, and hold it, so that two versions never get one number."""
    space = event.user if event.private else ""
    row = {
        "space": space,
        "name": event.name,
        "owner": event.user,
        "project": project,
        "description": event.description or "",
        "archived": False,
        "created": microseconds(event.time),
    }
    insert_new(connection, library_artifacts, [row])
    mine = {"space": text_of(space, 255), "name": text_of(event.name, 128)}
    return connection.execute(_ARTIFACT, mine).one()


def _version_ids(connection: Connection, registrations: set[str]) -> dict[str, int]:
    return ids(connection, library_versions, "registration", registrations)


# Uses


def _uses_in(connection: Connection, journal: str) -> Sequence[Row[Any]]:
    return connection.execute(_USES_IN, {"journal": journal}).all()


def _flows(connection: Connection, journal: str) -> tuple[list[Flow], dict[str, int]]:
    """Give the names of a journal's cells in the order in which they ran, and each one's place."""
    statement = (
        select(cells.c.execution, cells.c.names).where(cells.c.journal == journal).order_by(cells.c.number)
    )
    flows = []
    for row in connection.execute(statement):
        reads, writes = ([], []) if row.names is None else msgspec.msgpack.decode(row.names)
        flows.append(Flow(row.execution, frozenset(reads), frozenset(writes)))
    return flows, {flow.execution: place for place, flow in enumerate(flows)}


def _runs_of(connection: Connection, executions: Iterable[str]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    columns = runs.c
    for some in pieces(sorted(executions)):
        statement: Select[Any] = select(
            columns.run_id, columns.project, columns.user, columns.start_time, columns.execution
        ).where(columns.execution.in_(some))
        for row in connection.execute(statement):
            found.setdefault(row.execution, []).append(row)
    return found
