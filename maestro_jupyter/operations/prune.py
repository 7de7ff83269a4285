"""Taking away what is not needed any more; a dry run does the same, and takes it back."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, func, select

from maestro_jupyter.models import Status
from maestro_jupyter.operations import leftovers
from maestro_jupyter.operations.locks import collecting_lock, maintenance_lock
from maestro_jupyter.store import audit, schema
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.changes import record_other_change
from maestro_jupyter.store.engine import said_plainly
from maestro_jupyter.store.filter_sql import compile_filter
from maestro_jupyter.store.filters import parse
from maestro_jupyter.store.rows import pieces

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Table

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store

GRACE_SECONDS = 7 * 86_400.0
"""How old a leftover is before it goes."""

_ENDED = [status.value for status in Status if status is not Status.RUNNING]


@dataclass(frozen=True)
class Request:
    """What is to go.

    Attributes
    ----------
    older_than : float or None
        Runs that ended longer ago than so many seconds go, with cells that belong to no run that stays.
    filter_string : str
        Only runs that match go. With neither, no run goes.
    grace : float
        Leftovers older than so many seconds go: bytes that no run refers to, what was begun and never
        finished, what shippers left behind, damaged journals, and what was noted for live views.
    damaged : bool
        Whether damaged journals go however old they are.
    """

    older_than: float | None = None
    filter_string: str = ""
    grace: float = GRACE_SECONDS
    damaged: bool = False


@dataclass
class Pruned:
    """What went, or would go."""

    runs: int = 0
    chunks: int = 0
    cells: int = 0
    artifacts: int = 0
    blobs: int = 0
    spooled: int = 0
    damaged: int = 0
    unfinished: int = 0
    received: int = 0
    uploads: int = 0
    changes: int = 0
    bytes: int = 0
    run_ids: list[str] = field(default_factory=list)


class _TakeBack(Exception):  # noqa: N818 - says what happens
    """Ends a dry run's transaction."""


def prune(store: Store, config: Maestro, actor: str, request: Request, *, dry_run: bool = True) -> Pruned:
    """Take away old runs and leftovers.

    Parameters
    ----------
    store : Store
        What is recorded should be collected before, so that nothing is taken for a leftover that is not.
    config : Maestro
    actor : str
        Who does it, for the audit.
    request : Request
    dry_run : bool
        Whether everything stays as it is. The transaction is made and taken back, so that the numbers are
        those that there would be.

    Returns
    -------
    Pruned

    Raises
    ------
    Invalid
        If the filter cannot be understood.
    Unavailable
        If the database or the data folder refuses.
    """
    done, now = Pruned(), time.time()
    condition = _condition(request, now)
    blobs = Blobs(config.artifact_url)
    with maintenance_lock(config), collecting_lock(config), said_plainly(store):
        since = now - request.grace
        with contextlib.suppress(_TakeBack):
            with store.write.begin() as connection:
                _prune_rows(connection, request, condition, done, now)
                left = leftovers.find(connection, config, blobs, since, damaged=request.damaged, now=now)
                _count_leftovers(done, left)
                if dry_run:
                    raise _TakeBack
                _record(connection, actor, request, done)
            # The rows are gone for good before the bytes go: what is left if this is killed is an orphan.
            leftovers.remove(store, blobs, left, since)
            audit.Anchor(config.home_path).advance(store)
    return done


def _condition(request: Request, now: float) -> ColumnElement[bool] | None:
    runs = schema.runs.c
    if request.older_than is None and not request.filter_string.strip():
        return None
    where = and_(runs.status.in_(_ENDED), compile_filter(parse(request.filter_string)))
    if request.older_than is None:
        return where
    cutoff = _microseconds(now - request.older_than)
    return and_(where, func.coalesce(runs.end_time, runs.start_time) < cutoff)


def _prune_rows(
    connection: Connection,
    request: Request,
    condition: ColumnElement[bool] | None,
    done: Pruned,
    now: float,
) -> None:
    before = {table: _count(connection, table) for table in (schema.metric_chunks, schema.artifacts)}
    if condition is not None:
        chosen = dict(
            connection.execute(select(schema.runs.c.id, schema.runs.c.run_id).where(condition)).all()
        )
        _add_descendants(connection, chosen)
        for some in pieces(sorted(chosen)):
            connection.execute(delete(schema.runs).where(schema.runs.c.id.in_(some)))
        done.run_ids = sorted(chosen.values())
        done.runs = len(chosen)
    if request.older_than is not None and not request.filter_string.strip():
        done.cells = _prune_cells(connection, _microseconds(now - request.older_than))
    _prune_shared(connection)
    newest = select(func.max(schema.changes.c.id)).scalar_subquery()
    old = and_(schema.changes.c.time < _microseconds(now - request.grace), schema.changes.c.id < newest)
    done.changes = connection.execute(delete(schema.changes).where(old)).rowcount
    done.chunks = before[schema.metric_chunks] - _count(connection, schema.metric_chunks)
    done.artifacts = before[schema.artifacts] - _count(connection, schema.artifacts)


def _add_descendants(connection: Connection, chosen: dict[int, str]) -> None:
    """Add the candidates of searches that go, and theirs; what is still going on stays."""
    runs, parents = schema.runs.c, list(chosen.values())
    while parents:
        found: list[str] = []
        for some in pieces(parents):
            statement = select(runs.id, runs.run_id).where(runs.parent.in_(some), runs.status.in_(_ENDED))
            for number, run in connection.execute(statement):
                if number not in chosen:
                    chosen[number] = run
                    found.append(run)
        parents = found


def _prune_cells(connection: Connection, cutoff: int) -> int:
    """Take away the old cells of sessions none of whose runs stay, with what came out of them."""
    cells = schema.cells
    used = exists().where(schema.runs.c.journal == cells.c.journal).correlate(cells)
    old = and_(cells.c.start_time < cutoff, ~used)
    executions = list(connection.scalars(select(cells.c.execution).where(old)))
    for some in pieces(executions):
        for table in (schema.artifacts, schema.unattached_metrics, cells):
            connection.execute(delete(table).where(table.c.execution.in_(some)))
    return len(executions)


def _prune_shared(connection: Connection) -> None:
    """Take away environments and states of code that no run refers to any more."""
    for table, column in (
        (schema.environments, schema.runs.c.environment),
        (schema.code_states, schema.runs.c.code),
    ):
        used = exists().where(column == table.c.digest).correlate(table)
        connection.execute(delete(table).where(~used))


def _count_leftovers(done: Pruned, left: leftovers.Leftovers) -> None:
    done.blobs, done.unfinished, done.uploads = len(left.orphans), len(left.unfinished), len(left.uploads)
    done.spooled, done.damaged, done.received = len(left.spooled), len(left.damaged), len(left.shipped)
    done.bytes = left.size


def _record(connection: Connection, actor: str, request: Request, done: Pruned) -> None:
    files = done.blobs + done.spooled + done.received + done.damaged
    if not (done.runs or done.cells or done.artifacts or files):
        return
    said = [f"{done.runs} runs"]
    if request.older_than is not None:
        said.append(f"older than {request.older_than:.0f} s")
    if request.filter_string:
        said.append(f"where {request.filter_string}")
    audit.record(connection, actor, "prune", ", ".join(said), audit.digest_of(done.run_ids), None)
    record_other_change(connection)


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _microseconds(seconds: float) -> int:
    return int(seconds * 1e6)
