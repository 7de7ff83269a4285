"""How runs went over time, added up where they are kept: days, endings, hours, and the best so far."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, case, func, literal_column, select, true

from maestro_jupyter.models import (
    BestSoFar,
    BetterRun,
    DayOfRuns,
    RunHistory,
    RunTotals,
    Status,
    UnwellRun,
)
from maestro_jupyter.store.filter_sql import key_id
from maestro_jupyter.store.filters import EPOCH, microseconds
from maestro_jupyter.store.runs import to_time
from maestro_jupyter.store.schema import keys, projects, run_metrics, runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from maestro_jupyter.store.engine import Store

DAYS = 60
"""How many days are given, up to the one of the latest run."""

STEPS = 300
"""How many steps of the best so far are given."""

_UNWELL, _PROJECTS, _METRICS = 8, 100, 1000
_MINUTE = 60_000_000
_DAY = 1440 * _MINUTE
_FINITE = sys.float_info.max
_SPREAD, _MEAN = "_std", "_mean"
_TRAINING = "training_"
_FIRST_DAY = date(1970, 1, 1)


def run_history(
    store: Store,
    project: str | None = None,
    *,
    utc_offset: int = 0,
    user: str | None = None,
    now: datetime | None = None,
) -> RunHistory:
    """Tell how runs went over time.

    Parameters
    ----------
    store : Store
    project : str, optional
        None looks at all.
    utc_offset : int
        Where days begin: so many minutes before they do in UTC.
    user : str, optional
        Only this user's runs.
    now : datetime, optional
        Until when those count that go on; by default, at present.

    Returns
    -------
    RunHistory
    """
    time = microseconds(now or datetime.now(UTC))
    where = _counted(project, user)
    with store.read.connect() as connection:
        sums = connection.execute(_sums(where, time, utc_offset * _MINUTE)).all()
        unwell = connection.execute(_latest_unwell(where)).all()
        metrics = connection.execute(_metrics(where)).all()
    return RunHistory(
        total=_totals("", sums),
        projects=_by_project(sums)[:_PROJECTS],
        days=_days(sums),
        unwell=[_unwell(row) for row in unwell],
        metrics=_ordered(metrics)[:_METRICS],
    )


def best_so_far(
    store: Store, metric: str, project: str | None = None, *, lower: bool, user: str | None = None
) -> BestSoFar:
    """Tell how the best value of a metric changed over time.

    Parameters
    ----------
    store : Store
    metric : str
        Its key; of each run, the latest value counts.
    project : str, optional
        None looks at all.
    lower : bool
        Whether lower is better.
    user : str, optional
        Only this user's runs.

    Returns
    -------
    BestSoFar
    """
    with store.read.connect() as connection:
        values = connection.execute(_values(metric, _counted(project, user))).all()
        better = list(_better(values, lower=lower))
        steps = _some(connection, _thinned(better, STEPS))
    return BestSoFar(metric=metric, lower=lower, runs=len(values), better=len(better), steps=steps)


def _counted(project: str | None, user: str | None) -> ColumnElement[bool]:
    number = select(projects.c.id).where(projects.c.name == project).scalar_subquery()
    return and_(
        runs.c.parent.is_(None),
        runs.c.archived.is_(None),
        true() if project is None else runs.c.project == number,
        true() if user is None else runs.c.user == user,
    )


def _sums(where: ColumnElement[bool], now: int, shift: int) -> Select[Any]:
    """Count and add up by project, day and status."""
    end = case((runs.c.status == Status.RUNNING.value, now), else_=runs.c.end_time)
    took = end - runs.c.start_time
    # Hosts' clocks may differ: nothing has taken less than no time.
    seconds = func.sum(case((took > 0, took), else_=0))
    # A bound number would be another one in GROUP BY to PostgreSQL.
    day = (runs.c.start_time + literal_column(str(shift), BigInteger)) // literal_column(
        str(_DAY), BigInteger
    )
    return (
        select(
            projects.c.name.label("project"),
            day.label("day"),
            runs.c.status,
            func.count().label("runs"),
            seconds.label("took"),
            func.count(end).label("timed"),
            func.min(runs.c.start_time).label("first"),
            func.max(runs.c.start_time).label("latest"),
        )
        .join_from(runs, projects, projects.c.id == runs.c.project)
        .where(where)
        .group_by(projects.c.name, day, runs.c.status)
        .order_by(projects.c.name)
    )


def _by_project(sums: Sequence[Row[Any]]) -> list[RunTotals]:
    found = [_totals(name, list(rows)) for name, rows in groupby(sums, key=lambda row: row.project)]
    return sorted(found, key=lambda one: (one.latest, one.name), reverse=True)


def _totals(name: str, sums: Sequence[Row[Any]]) -> RunTotals:
    def count(status: Status) -> int:
        return sum(row.runs for row in sums if row.status == status.value)

    total = sum(row.runs for row in sums)
    return RunTotals(
        name=name,
        runs=total,
        finished=count(Status.FINISHED),
        failed=count(Status.FAILED),
        killed=count(Status.KILLED),
        running=count(Status.RUNNING),
        seconds=sum(int(row.took) for row in sums) / 1e6,
        untimed=total - sum(row.timed for row in sums),
        first=to_time(min((row.first for row in sums), default=None)),
        latest=to_time(max((row.latest for row in sums), default=None)),
    )


def _days(sums: Sequence[Row[Any]]) -> list[DayOfRuns]:
    if not sums:
        return []
    last = max(row.day for row in sums)
    first = max(min(row.day for row in sums), last - DAYS + 1)
    days = [
        DayOfRuns(date=(_FIRST_DAY + timedelta(days=number)).isoformat()) for number in range(first, last + 1)
    ]
    for row in sums:
        if row.day < first:
            continue
        day = days[row.day - first]
        match row.status:
            case Status.FINISHED.value:
                day.finished += row.runs
            case Status.RUNNING.value:
                day.running += row.runs
            case _:
                day.unwell += row.runs
    return days


def _latest_unwell(where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            runs.c.run_id,
            runs.c.name,
            projects.c.name.label("project"),
            runs.c.status,
            runs.c.status_reason,
            runs.c.start_time,
        )
        .join_from(runs, projects, projects.c.id == runs.c.project)
        .where(where, runs.c.status.in_([Status.FAILED.value, Status.KILLED.value]))
        .order_by(runs.c.start_time.desc(), runs.c.id.desc())
        .limit(_UNWELL)
    )


def _unwell(row: Row[Any]) -> UnwellRun:
    begun = EPOCH + timedelta(microseconds=row.start_time)
    return UnwellRun(
        run_id=row.run_id,
        name=row.name,
        project=row.project,
        status=Status(row.status),
        status_reason=row.status_reason,
        start_time=begun,
    )


def _metrics(where: ColumnElement[bool]) -> Select[Any]:
    having = (
        select(run_metrics.c.key, func.count().label("runs"))
        .join_from(run_metrics, runs, runs.c.id == run_metrics.c.run)
        .where(where)
        .group_by(run_metrics.c.key)
        .subquery()
    )
    return select(keys.c.name, having.c.runs).join_from(having, keys, keys.c.id == having.c.key)


def _ordered(metrics: Sequence[Row[Any]]) -> list[str]:
    """Put first what most runs have and what says how good they are."""
    known = {row.name for row in metrics}

    def place(row: Row[Any]) -> tuple[bool, bool, int, str]:
        # A metric of single folds says less than its mean.
        says_less = row.name.endswith(_SPREAD) or f"{row.name}{_MEAN}" in known
        return row.name.startswith(_TRAINING), says_less, -row.runs, row.name

    return [row.name for row in sorted(metrics, key=place)]


def _values(metric: str, where: ColumnElement[bool]) -> Select[Any]:
    """Give the finite values, the oldest run's first."""
    return (
        select(runs.c.id, run_metrics.c.last)
        .join_from(run_metrics, runs, runs.c.id == run_metrics.c.run)
        .where(
            run_metrics.c.key == key_id(metric),
            run_metrics.c.last >= -_FINITE,
            run_metrics.c.last <= _FINITE,
            where,
        )
        .order_by(runs.c.start_time, runs.c.id)
    )


def _better(values: Sequence[Row[Any]], *, lower: bool) -> Iterator[tuple[int, float]]:
    """Give the runs that were better than all before them, with their values."""
    best: float | None = None
    for row in values:
        number, value = row.id, row.last
        if best is None or (value < best if lower else value > best):
            best = value
            yield number, value


def _thinned(steps: Sequence[tuple[int, float]], most: int) -> list[tuple[int, float]]:
    """Give at most so many, the first and the last among them."""
    if len(steps) <= most:
        return list(steps)
    return [steps[place * (len(steps) - 1) // (most - 1)] for place in range(most)]


def _some(connection: Connection, steps: Sequence[tuple[int, float]]) -> list[BetterRun]:
    numbers = [number for number, _ in steps]
    statement = (
        select(runs.c.id, runs.c.run_id, runs.c.name, projects.c.name.label("project"), runs.c.start_time)
        .join_from(runs, projects, projects.c.id == runs.c.project)
        .where(runs.c.id.in_(numbers))
    )
    rows = {row.id: row for row in connection.execute(statement)}
    return [
        BetterRun(
            run_id=rows[number].run_id,
            name=rows[number].name,
            project=rows[number].project,
            start_time=EPOCH + timedelta(microseconds=rows[number].start_time),
            value=value,
        )
        for number, value in steps
        if number in rows
    ]
