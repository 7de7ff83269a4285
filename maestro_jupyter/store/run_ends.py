"""How a run ends that does not say so itself: its process died, or somebody says that it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from maestro_jupyter.errors import Conflict
from maestro_jupyter.models import Status
from maestro_jupyter.store import schema
from maestro_jupyter.store.metrics import merge_chunks
from maestro_jupyter.store.rows import pieces, update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection, Row, Select

_ENDED_BY = "ended by "


class End(NamedTuple):
    """How somebody ends runs that cannot say so themselves, as their host is gone.

    Attributes
    ----------
    status : Status
        Any but ``RUNNING``.
    is_written_here : callable
        Tells of a journal's id whether a process on this host still writes it: its runs are not ended so.
    """

    status: Status
    is_written_here: Callable[[str], bool]


class Silent(NamedTuple):
    """A run that is open, and of whose process nothing has been heard for long.

    Attributes
    ----------
    run_id, journal : str
    host : str
        Where it was recorded; empty if that is not known.
    """

    run_id: str
    journal: str
    host: str


def ended_by(name: str) -> str:
    """Give the reason of a run's end that somebody said in its place.

    Examples
    --------
    >>> ended_by("ada"), is_ended_by_somebody(ended_by("ada")), is_ended_by_somebody("interrupted")
    ('ended by ada', True, False)
    """
    return f"{_ENDED_BY}{name}"


def is_ended_by_somebody(reason: str) -> bool:
    """Tell whether somebody has said a run's end in its place, and the run nothing of it."""
    return reason.startswith(_ENDED_BY)


def end_by_hand(connection: Connection, run_ids: Sequence[str], actor: str, end: End) -> list[str]:
    """End those of some runs that are open, at the time when they were last heard of.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In the transaction that makes the change.
    run_ids : sequence of str
        Whole ids.
    actor : str
        Who says so.
    end : End

    Returns
    -------
    list of str
        The ids of the runs that were open.

    Raises
    ------
    Conflict
        If one of them is alive here.
    """
    runs = schema.runs.c
    journals: dict[str, list[Row[Any]]] = {}
    columns: Select[Any] = select(runs.id, runs.run_id, runs.journal, runs.start_time)
    open_ones = columns.where(runs.status == Status.RUNNING.value).with_for_update()
    for some in pieces(run_ids):
        for row in connection.execute(open_ones.where(runs.run_id.in_(some))):
            journals.setdefault(row.journal, []).append(row)
    for journal, rows in journals.items():
        if end.is_written_here(journal):
            msg = f"Run {rows[0].run_id[:8]} is still recorded: its process is alive on this host."
            raise Conflict(msg, hint="Interrupt its cell, or end it there with `maestro.end_run()`.")
        end_open(connection, rows, end.status, ended_by(actor), last_heard(connection, journal))
    return [row.run_id for rows in journals.values() for row in rows]


def end_open(
    connection: Connection, rows: Iterable[Row[Any]], status: Status, reason: str, otherwise: int
) -> None:
    """End open runs at the time of the last that they have logged.

    Remarks do not count: they may come from anywhere, at any time.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    rows : iterable of sqlalchemy.Row
        With each run's `id` and `start_time`.
    status : Status
    reason : str
    otherwise : int
        When those end that have logged nothing, in microseconds since the epoch.
    """
    metrics, artifacts, changes = schema.run_metrics.c, schema.artifacts.c, []
    for row in rows:
        logged = (
            connection.scalar(select(func.max(metrics.last_time)).where(metrics.run == row.id)),
            connection.scalar(select(func.max(artifacts.time)).where(artifacts.run == row.id)),
        )
        end = max((time for time in logged if time is not None), default=otherwise)
        changes.append(
            {
                "id": row.id,
                "status": status.value,
                "status_reason": reason,
                "end_time": max(end, row.start_time),
            }
        )
        merge_chunks(connection, row.id)
    update(connection, schema.runs, "id", changes)


def last_heard(connection: Connection, journal: str) -> int:
    """Give the time of the newest that a journal has told of, in microseconds since the epoch."""
    runs, cells, metrics, artifacts = (
        table.c for table in (schema.runs, schema.cells, schema.run_metrics, schema.artifacts)
    )
    own = select(runs.id).where(runs.journal == journal).scalar_subquery()
    times = (
        select(func.max(runs.start_time)).where(runs.journal == journal),
        select(func.max(cells.start_time)).where(cells.journal == journal),
        select(func.max(cells.end_time)).where(cells.journal == journal),
        select(func.max(metrics.last_time)).where(metrics.run.in_(own)),
        select(func.max(artifacts.time)).where(artifacts.run.in_(own)),
    )
    return max(connection.scalar(time) or 0 for time in times)


def silent_runs(connection: Connection, since: int) -> list[Silent]:
    """Give the runs that are open though their journals have told of nothing since a time, oldest first."""
    runs, journals = schema.runs.c, schema.journals.c
    found = connection.execute(
        select(runs.run_id, runs.journal, journals.host)
        .join_from(schema.runs, schema.journals)
        .where(runs.status == Status.RUNNING.value, runs.start_time < since)
        .order_by(runs.start_time, runs.id)
    ).all()
    silent = {
        journal for journal in {row.journal for row in found} if last_heard(connection, journal) < since
    }
    return [Silent(*row) for row in found if row.journal in silent]
