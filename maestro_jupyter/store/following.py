"""What live views are told: the changes since a number, put together by run, with how each run is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from maestro_jupyter.models import Changes, EventsPage, LiveEvent
from maestro_jupyter.store.changes import KINDS, bounds, changes_since
from maestro_jupyter.store.runs import to_time
from maestro_jupyter.store.schema import projects, runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from maestro_jupyter.models import RunEvent
    from maestro_jupyter.store.engine import Store

METRICS = 100
"""How many metrics of a run are told."""

_decode = msgspec.msgpack.Decoder(dict[str, float]).decode


def page(store: Store, after: int, limit: int, *, user: str | None = None) -> EventsPage:
    """Give what has happened since a number, one by one.

    Parameters
    ----------
    store : Store
    after : int
        The last number that was seen.
    limit : int
        How many at most.
    user : str, optional
        Only what happened to this user's runs.

    Returns
    -------
    EventsPage
    """
    oldest, newest = bounds(store)
    if after > newest or after < oldest - 1:
        return EventsPage(items=[], last=newest, reset=True)
    found = changes_since(store, after, limit, user=user)
    last = found[-1].number if len(found) == limit else max([newest, *(event.number for event in found)])
    return EventsPage(items=found, last=last)


def follow(store: Store, after: int, limit: int = 200, *, user: str | None = None) -> Changes:
    """Give what has happened since a number, put together by run.

    Parameters
    ----------
    store : Store
    after : int
        The last number that was seen.
    limit : int
        How many changes to put together at most; `Changes.last` says where to go on.
    user : str, optional
        Only what happened to this user's runs.

    Returns
    -------
    Changes
    """
    found = page(store, after, limit, user=user)
    items = merged(found.items)
    _add_states(store, items)
    return Changes(items=items, last=found.last, reset=found.reset)


def merged(events: Iterable[RunEvent]) -> list[LiveEvent]:
    """Put events of one run together.

    Examples
    --------
    >>> from datetime import datetime
    >>> from maestro_jupyter.models import RunEvent
    >>> def event(number, run, *kinds):
    ...     return RunEvent(number=number, time=datetime(2026, 1, 1), kinds=list(kinds), run_id=run)
    >>> told = merged([event(1, "a", "started"), event(2, "b", "ended"), event(3, "a", "metrics", "started")])
    >>> [(one.number, one.run_id, one.kinds) for one in told]
    [(2, 'b', ['ended']), (3, 'a', ['started', 'metrics'])]
    """
    items: list[LiveEvent] = []
    by_run: dict[str, LiveEvent] = {}
    for event in events:
        kinds = set(event.kinds)
        if event.run_id is not None and (before := by_run.get(event.run_id)) is not None:
            kinds |= set(before.kinds)
        item = LiveEvent(
            number=event.number,
            time=event.time,
            kinds=[kind for kind in KINDS if kind in kinds],
            run_id=event.run_id,
            text=event.text,
        )
        if event.run_id is None:
            items.append(item)
        else:
            by_run[event.run_id] = item
    return sorted([*items, *by_run.values()], key=lambda item: item.number)


def _add_states(store: Store, items: list[LiveEvent]) -> None:
    by_run = {item.run_id: item for item in items if item.run_id is not None}
    if not by_run:
        return
    statement = (
        select(
            runs.c.run_id,
            runs.c.name,
            projects.c.name.label("project"),
            runs.c.status,
            runs.c.status_reason,
            runs.c.metrics,
            runs.c.archived,
        )
        .join(projects, projects.c.id == runs.c.project)
        .where(runs.c.run_id.in_(by_run))
    )
    with store.read.connect() as connection:
        for row in connection.execute(statement):
            item = by_run[row.run_id]
            item.name, item.project = row.name, row.project
            item.status, item.status_reason = row.status, row.status_reason
            item.metrics = dict(list(_decode(row.metrics).items())[:METRICS])
            item.archived = to_time(row.archived)
