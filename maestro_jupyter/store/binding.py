"""What a shipped journal may say: runs under its shipper's name, and nothing about anybody else's."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select

from maestro_jupyter.artifact_names import checked_alias, checked_name, checked_tag
from maestro_jupyter.errors import Invalid
from maestro_jupyter.store import library, schema
from maestro_jupyter.store.rows import pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from maestro_jupyter.events import ArtifactRegistered, CodeSeen, EnvironmentSeen
    from maestro_jupyter.store.batch import Batch


def bind(connection: Connection, batch: Batch, user: str, size_of: Callable[[str], int | None]) -> int:
    """Take out of a batch what its shipper may not say, and put their name on the rest.

    A line may name any run, cell, environment or file. Left are lines about runs and cells that are new or
    the shipper's own; environments and code that are what their digest says, as whoever comes first says
    for all what a digest stands for; and files whose bytes came with the journal, or that the shipper has
    already, as a file's sha256 is no proof that one may read it.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In the transaction that writes the batch.
    batch : Batch
        It is changed.
    user : str
        Whose the journal is.
    size_of : callable
        Gives the size of the bytes that came with the journal under a sha256; None if none did.

    Returns
    -------
    int
        How many things were taken out.
    """
    runs = _not_theirs(connection, user, _runs_named(batch), _owners_of_runs)
    cells = _not_theirs(connection, user, _cells_named(batch), _owners_of_cells)
    false = {digest for digest, seen in _digested(batch).items() if not is_genuine(seen)}
    sizes = _sizes(connection, user, set(batch.digests), size_of)
    before = len(batch.artifacts) + len(batch.registered) + len(batch.used)
    by_run: tuple[dict[str, Any], ...] = (
        batch.started,
        batch.ended,
        batch.metrics,
        batch.params,
        batch.tags,
        batch.contexts,
    )
    for about in by_run:
        _drop(about, runs)
    _drop(batch.cells, cells)
    _drop(batch.environments, false)
    _drop(batch.code_states, false)
    batch.notes = [note for note in batch.notes if note.run not in runs]
    batch.datasets = {key: seen for key, seen in batch.datasets.items() if key[0] not in runs}
    batch.unattached = [metric for metric in batch.unattached if metric.execution not in cells]
    batch.artifacts = [
        msgspec.structs.replace(artifact, size=sizes[artifact.sha256])
        for artifact in batch.artifacts
        if artifact.run not in runs and artifact.execution not in cells and artifact.sha256 in sizes
    ]
    batch.registered = [
        msgspec.structs.replace(
            event,
            user=user,
            size=sizes[event.sha256],
            run=None if event.run in runs else event.run,
            execution=None if event.execution in cells else event.execution,
        )
        for event in batch.registered
        if event.sha256 in sizes and _is_well_named(event)
    ]
    seen = library.visible(connection, {event.registration for event in batch.used}, user)
    new = {event.registration for event in batch.registered}
    batch.used = [
        msgspec.structs.replace(event, user=user)
        for event in batch.used
        if event.registration in seen | new and event.run not in runs and event.execution not in cells
    ]
    batch.started = {
        run: msgspec.structs.replace(
            event,
            user=user,
            parent=None if event.parent in runs else event.parent,
            execution=None if event.execution in cells else event.execution,
        )
        for run, event in batch.started.items()
    }
    batch.points = sum(len(series[0]) for run in batch.metrics.values() for series in run.values())
    left = len(batch.artifacts) + len(batch.registered) + len(batch.used)
    return len(runs) + len(cells) + len(false) + before - left


def is_genuine(seen: EnvironmentSeen | CodeSeen) -> bool:
    """Tell whether an environment or a state of the code is what its digest says.

    Examples
    --------
    >>> from maestro_jupyter.events import CodeSeen
    >>> is_genuine(CodeSeen("ab" * 32, None, None, None, False))
    False
    """
    content = [getattr(seen, name) for name in seen.__struct_fields__ if name != "digest"]
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest() == seen.digest


def _digested(batch: Batch) -> dict[str, EnvironmentSeen | CodeSeen]:
    return {**batch.environments, **batch.code_states}


def _runs_named(batch: Batch) -> set[str]:
    named = {event.parent for event in batch.started.values()}
    named |= {event.run for event in batch.registered} | {event.run for event in batch.used}
    return set(batch.runs) | {run for run in named if run is not None}


def _cells_named(batch: Batch) -> set[str]:
    named = {event.execution for event in batch.started.values()}
    named |= {artifact.execution for artifact in batch.artifacts}
    named |= {metric.execution for metric in batch.unattached}
    named |= {event.execution for event in batch.registered} | {event.execution for event in batch.used}
    return set(batch.cells) | {execution for execution in named if execution is not None}


def _is_well_named(event: ArtifactRegistered) -> bool:
    try:
        checked_name(event.name)
        for alias in event.aliases:
            checked_alias(alias)
        for tag in (event.type, *event.tags):
            checked_tag(tag)
    except Invalid:
        return False
    return re.fullmatch(r"[0-9a-f]{32}", event.registration) is not None


def _sizes(
    connection: Connection, user: str, named: set[str], size_of: Callable[[str], int | None]
) -> dict[str, int]:
    """Give the sizes of those files that came with the journal, or that other journals of the user have."""
    found = {sha256: size for sha256 in named if (size := size_of(sha256)) is not None}
    artifacts, journals = schema.artifacts.c, schema.journals.c
    statement = select(artifacts.sha256, artifacts.size).join_from(schema.artifacts, schema.journals)
    for some in pieces(sorted(named - found.keys())):
        theirs = statement.where(journals.user == user, artifacts.sha256.in_(some))
        found.update((row.sha256, row.size) for row in connection.execute(theirs))
    return found


def _not_theirs(
    connection: Connection,
    user: str,
    named: set[str],
    owners: Callable[[Connection, Any], Iterable[tuple[str, str]]],
) -> set[str]:
    """Give those of the names that no recorder makes, or that stand for something of somebody else's."""
    strange = {name for name in named if not re.fullmatch(r"[0-9a-f]{32}", name)}
    for some in pieces(sorted(named - strange)):
        strange |= {name for name, owner in owners(connection, some) if owner != user}
    return strange


def _owners_of_runs(connection: Connection, some: Any) -> Iterable[tuple[str, str]]:
    runs = schema.runs.c
    rows = connection.execute(select(runs.run_id, runs.user).where(runs.run_id.in_(some)))
    return [(row.run_id, row.user) for row in rows]


def _owners_of_cells(connection: Connection, some: Any) -> Iterable[tuple[str, str]]:
    cells, journals = schema.cells.c, schema.journals.c
    statement = select(cells.execution, journals.user).join_from(schema.cells, schema.journals)
    return [
        (row.execution, row.user) for row in connection.execute(statement.where(cells.execution.in_(some)))
    ]


def _drop(about: dict[str, Any], names: set[str]) -> None:
    for name in about.keys() & names:
        del about[name]
