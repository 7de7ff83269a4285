"""What a Jupyter server knows of its kernels: why they ended, and which notebook each one runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import or_, select, update

from maestro_jupyter.models import Status
from maestro_jupyter.store import schema
from maestro_jupyter.store.apply import KILLED_REASONS
from maestro_jupyter.store.changes import record_changes
from maestro_jupyter.store.rows import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from maestro_jupyter.store.engine import Store

INTERRUPTED = "interrupted"
"""What a run says that an interrupt ended; a server interrupts a kernel before it shuts it down."""

ENDED_WITH_PROCESS = "ended with the process"
"""What a run says that was open when its process ended in good order."""

_LONGEST_SHUTDOWN = 30_000_000


class KernelEnd(NamedTuple):
    """That a kernel's process has ended.

    Attributes
    ----------
    kernel : str
        The kernel's id, which outlives its process.
    reason : str
        Such as "the kernel was restarted".
    time : int
        When it was seen, in microseconds since the epoch: processes that began later are others.
    interrupted : bool
        Whether somebody had interrupted the kernel before: then an interrupted run keeps that as its reason.
    """

    kernel: str
    reason: str
    time: int
    interrupted: bool = False


def end_kernel(store: Store, end: KernelEnd) -> int:
    """Say why a kernel's process ended: on its journals, and on its runs that had no better reason.

    Saying it again changes nothing; what was said first of a process stays.

    Parameters
    ----------
    store : Store
    end : KernelEnd

    Returns
    -------
    int
        How many runs have the reason now that had another.
    """
    end = end._replace(reason=text_of(end.reason))
    journals = schema.journals
    since = end.time - _LONGEST_SHUTDOWN
    with store.write.begin() as connection:
        ended = list(
            connection.scalars(
                select(journals.c.id).where(
                    journals.c.kernel == end.kernel,
                    or_(journals.c.end_reason.is_(None), journals.c.end_reason == end.reason),
                    or_(journals.c.opened.is_(None), journals.c.opened <= end.time),
                    or_(journals.c.closed.is_(None), journals.c.closed >= since),
                )
            )
        )
        if not ended:
            return 0
        connection.execute(update(journals).where(journals.c.id.in_(ended)).values(end_reason=end.reason))
        return _give_reason(connection, ended, end, since)


def follow_notebooks(store: Store, notebooks: Mapping[str, str], before: Mapping[str, str]) -> int:
    """Say which notebook each kernel runs, and follow it where it was renamed.

    Parameters
    ----------
    store : Store
    notebooks : mapping of str to str
        By kernel id, the path of its notebook.
    before : mapping of str to str
        What was said the last time.

    Returns
    -------
    int
        How many journals have another notebook now.
    """
    journals, changed = schema.journals, 0
    with store.write.begin() as connection:
        for kernel, path in notebooks.items():
            notebook, old = text_of(path), text_of(before.get(kernel, ""))
            known = journals.c.notebook
            moved = list(
                connection.scalars(
                    select(journals.c.id).where(
                        journals.c.kernel == kernel,
                        or_(known.is_(None), known != notebook),
                        or_(
                            known.is_(None),
                            known == old,
                            journals.c.closed.is_(None) & journals.c.end_reason.is_(None),
                        ),
                    )
                )
            )
            if not moved:
                continue
            changed += len(moved)
            connection.execute(update(journals).where(journals.c.id.in_(moved)).values(notebook=notebook))
            runs = schema.runs
            told = connection.scalars(select(runs.c.run_id).where(runs.c.journal.in_(moved)))
            record_changes(connection, {run: ["changed"] for run in told})
    return changed


def _give_reason(connection: Connection, journals: Iterable[str], end: KernelEnd, since: int) -> int:
    runs = schema.runs
    unexplained = (runs.c.status == Status.KILLED.value) & runs.c.status_reason.in_(KILLED_REASONS)
    at_exit = (runs.c.status == Status.FINISHED.value) & (runs.c.status_reason == ENDED_WITH_PROCESS)
    given = unexplained | at_exit
    if not end.interrupted:
        by_shutdown = (runs.c.status_reason == INTERRUPTED) & (runs.c.end_time >= since)
        given |= (runs.c.status == Status.KILLED.value) & by_shutdown
    found = connection.execute(
        select(runs.c.id, runs.c.run_id).where(runs.c.journal.in_(journals), given)
    ).all()
    if found:
        connection.execute(
            update(runs).where(runs.c.id.in_([row.id for row in found])).values(status_reason=end.reason)
        )
        record_changes(connection, {row.run_id: ["ended"] for row in found})
    return len(found)
