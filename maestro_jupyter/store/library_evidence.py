"""What runs and uses say of the library's artifacts: how well runs did with them, and how much they are used."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sqlalchemy import and_, func, or_, select, true

from maestro_jupyter.models import Dataset, Observation, Status, Trend, Usage
from maestro_jupyter.store.filters import microseconds
from maestro_jupyter.store.goodness import goodness
from maestro_jupyter.store.library import seen_by
from maestro_jupyter.store.rate_ratio import rate_ratio
from maestro_jupyter.store.runs import read_metrics, read_params, to_time
from maestro_jupyter.store.schema import (
    datasets,
    library_artifacts,
    library_uses,
    library_versions,
    projects,
    runs,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from maestro_jupyter.store.engine import Store

RECENT_DAYS = 7
BEFORE_DAYS = 28
_DAY = 86_400_000_000
_LEAST_USES = 5
_LEVEL = 0.8


class _Data(NamedTuple):
    task: str | None
    fingerprint: str | None


_UNKNOWN = _Data(None, None)


def observations(
    store: Store, *, user: str | None = None, project: str | None = None, by_version: bool = False
) -> list[Observation]:
    """Give what finished runs say of the artifacts that they used, and of doing without.

    Parameters
    ----------
    store : Store
    user : str, optional
        Who asks: only this user's runs count, and what is private to others does not exist.
    project : str, optional
        Only the runs of this project.
    by_version : bool
        Whether ``scaler:1`` and ``scaler:2`` are told apart.

    Returns
    -------
    list of Observation
        One for each run and metric whose task and direction are known, for `impact.estimate`. Candidates of
        a search are left out: the search's own run has the best of them. A run that an artifact was
        registered from has not used it.
    """
    with store.read.connect() as connection:
        used = _used(connection, user, by_version=by_version)
        data = _data(connection)
        return [
            seen
            for row in _finished(connection, user, project)
            for seen in _observed(row, data.get(row.id, _UNKNOWN), used.get(row.run_id, frozenset()))
        ]


def top(
    store: Store, *, user: str | None = None, project: str | None = None, limit: int = 20
) -> list[Usage]:
    """Give the artifacts that most projects used; among equals, those that most runs did.

    Parameters
    ----------
    store : Store
    user : str, optional
        Who asks: only this user's uses count, and what is private to others does not exist.
    project : str, optional
        Only uses in this project.
    limit : int
        How many at most.

    Returns
    -------
    list of Usage
        Without what is archived, and what nobody used.
    """
    where = true() if project is None else projects.c.name == project
    usage = _usage(store, user, where)
    used = [each for each in usage if each.last is not None]
    return sorted(used, key=lambda each: (-each.projects, -each.runs, each.name))[:limit]


def unused(
    store: Store, days: int = 90, *, user: str | None = None, now: datetime | None = None
) -> list[Usage]:
    """Give the artifacts that were there before so many days, and that nobody has used since.

    Parameters
    ----------
    store : Store
    days : int
    user : str, optional
        Who asks; see `top`.
    now : datetime, optional
        The end of these days.

    Returns
    -------
    list of Usage
        Those first that were used longest ago, or never.
    """
    begin = (now or datetime.now(UTC)) - timedelta(days=days)
    old = library_artifacts.c.created <= microseconds(begin)
    usage = _usage(store, user, true(), old)
    idle = [(each.last, each) for each in usage if each.last is None or each.last < begin]
    never = datetime.min.replace(tzinfo=UTC)
    return [each for _, each in sorted(idle, key=lambda pair: (pair[0] or never, pair[1].name))]
