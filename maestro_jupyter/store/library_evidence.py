"""What the rows say of artifacts: how well runs did that used them, and how much they are used."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sqlalchemy import distinct, func, select, true

from maestro_jupyter.models import Observation, Status, Trend, Usage
from maestro_jupyter.store.filters import EPOCH, microseconds
from maestro_jupyter.store.goodness import goodness
from maestro_jupyter.store.library import seen_by
from maestro_jupyter.store.rate_ratio import rate_ratio
from maestro_jupyter.store.runs import read_metrics, read_params
from maestro_jupyter.store.schema import (
    datasets,
    library_artifacts,
    library_uses,
    library_versions,
    projects,
    runs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from maestro_jupyter.store.engine import Store

RECENT_DAYS = 7
BEFORE_DAYS = 28

_ONE_DAY = timedelta(days=1)
_DAY = 86_400_000_000
_LEAST_USES = 5
_LEVEL = 0.8


class _Target(msgspec.Struct):
    """What is read of a dataset's profile."""

    target: dict[str, float | int | str] | None = None


class _Problem(NamedTuple):
    """What a run had to predict."""

    task: str | None = None
    dataset: str | None = None


def observations(
    store: Store, *, user: str | None = None, project: str | None = None, by_version: bool = False
) -> list[Observation]:
    """Give what finished runs say of the artifacts that they used, and of doing without.

    Parameters
    ----------
    store : Store
    user : str, optional
        Who asks: runs of others, and what is private to others, do not exist.
    project : str, optional
        Only the runs of this project.
    by_version : bool
        Whether ``scaler:1`` and ``scaler:2`` are told apart.

    Returns
    -------
    list of Observation
        One for each run and metric of which it is known what is better. Candidates of a search are left out:
        the search's own run has the best of them. A run that an artifact was registered from has not used
        it.
    """
    mine = [runs.c.status == Status.FINISHED.value, runs.c.source != "candidate"]
    mine += [] if user is None else [runs.c.user == user]
    mine += [] if project is None else [projects.c.name == project]
    with store.read.connect() as connection:
        used = _used(connection, _names(connection, user), by_version=by_version)
        problems = _problems(connection, mine)
        statement = _of_runs(
            runs.c.id, runs.c.run_id, runs.c.user, runs.c.source, runs.c.params, runs.c.metrics,
            projects.c.name.label("project"),
        ).where(*mine).order_by(runs.c.id)  # fmt: skip
        return [
            seen
            for row in connection.execute(statement)
            for seen in _seen(row, problems.get(row.id, _Problem()), frozenset(used.get(row.run_id, ())))
        ]


def top(store: Store, *, user: str | None = None, project: str | None = None, limit: int = 20) -> list[Usage]:
    """Give the artifacts that most projects used; among equals, those that most runs did.

    Parameters
    ----------
    store : Store
    user : str, optional
        Who asks: what is private to others, and what others used, does not exist.
    project : str, optional
        Only uses in this project.
    limit : int
        How many at most.

    Returns
    -------
    list of Usage
        Without what is archived, and what nobody used.
    """
    used = [usage for usage in _usage(store, user, project).values() if usage.last is not None]
    return sorted(used, key=lambda usage: (-usage.projects, -usage.runs, usage.name))[:limit]


def trending(store: Store, now: datetime, *, user: str | None = None) -> list[Trend]:
    """Compare the uses of the last 7 days with those of the 28 days before.

    Parameters
    ----------
    store : Store
    now : datetime
    user : str, optional
        Who asks; see `top`.

    Returns
    -------
    list of Trend
        Of what was used in these days; by the lower end of the ratio's interval, what is unknown last.
    """
    end = microseconds(now)
    begin = end - (RECENT_DAYS + BEFORE_DAYS) * _DAY
    days: dict[int, set[tuple[int, int]]] = defaultdict(set)
    with store.read.connect() as connection:
        usage = _in_use(connection, user)
        lately = _uses(library_uses.c.project, library_uses.c.time).where(
            library_uses.c.time > begin, library_uses.c.time <= end, _used_by(user)
        )
        for row in connection.execute(lately):
            days[row.artifact].add((row.project, (end - row.time) // _DAY))
    trends = [
        _trend(usage[artifact].name, [day for _, day in seen], (now - usage[artifact].created) / _ONE_DAY)
        for artifact, seen in days.items()
        if artifact in usage
    ]
    return sorted(
        trends, key=lambda trend: (trend.low is None, -(trend.low or 0.0), -trend.recent, trend.name)
    )


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
        When these days end; by default, at present.

    Returns
    -------
    list of Usage
        Those first that were used longest ago, or never; without what is archived.
    """
    begin = (now or datetime.now(UTC)) - timedelta(days=days)
    idle = [
        usage
        for usage in _usage(store, user).values()
        if usage.created <= begin and (usage.last is None or usage.last <= begin)
    ]
    return sorted(idle, key=lambda usage: (usage.last or EPOCH, usage.name))


# Outcomes


def _seen(row: Row[Any], problem: _Problem, artifacts: frozenset[str]) -> Iterator[Observation]:
    params = read_params(row.params)
    for key, value in read_metrics(row.metrics).items():
        said = goodness(key, value, task=problem.task, source=row.source, params=params)
        if said is not None:
            yield Observation(
                run=row.run_id,
                project=row.project,
                team=row.user,
                task=said.task,
                metric=said.metric,
                dataset=problem.dataset,
                artifacts=artifacts,
                value=said.value,
                relative=said.relative,
            )


def _problems(connection: Connection, mine: Iterable[ColumnElement[bool]]) -> dict[int, _Problem]:
    """Give what each run had to predict, by its number.

    The data is told by its target: feature pipelines change X, and what they did better could not be
    compared if X had to be the same. Only where there is no target is it told by X.
    """
    found: dict[int, _Problem] = {}
    columns = datasets.c
    joined = _of_runs(columns.run, columns.fingerprint).join(datasets, columns.run == runs.c.id).where(*mine)
    for row in connection.execute(joined.where(columns.role == "X")):
        found[row.run] = _Problem(dataset=row.fingerprint or None)
    for row in connection.execute(joined.add_columns(columns.profile).where(columns.role == "y")):
        target = msgspec.msgpack.decode(row.profile, type=_Target).target or {}
        task, before = target.get("task"), found.get(row.run, _Problem())
        found[row.run] = _Problem(None if task is None else str(task), row.fingerprint or before.dataset)
    return found


def _used(connection: Connection, names: dict[int, str], *, by_version: bool) -> dict[str, set[str]]:
    """Give the names of what each run used, by its id."""
    versions = library_versions.c
    origins = select(versions.run, versions.artifact).where(versions.run.is_not(None))
    made = {(row.run, row.artifact) for row in connection.execute(origins)}
    found: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(
        _uses(library_uses.c.run, versions.version).where(library_uses.c.run != "")
    ):
        if row.artifact in names and (row.run, row.artifact) not in made:
            name = names[row.artifact]
            found[row.run].add(f"{name}:{row.version}" if by_version else name)
    return found


def _of_runs(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(runs).join(projects, projects.c.id == runs.c.project)


# Uses


def _usage(store: Store, user: str | None, project: str | None = None) -> dict[int, Usage]:
    """Count the uses of what is not archived, by artifact."""
    uses = library_uses.c
    counted = (
        _uses(
            func.count(distinct(uses.project)).label("projects"),
            func.count(distinct(func.nullif(uses.run, ""))).label("runs"),
            func.max(uses.time).label("last"),
        )
        .where(_used_by(user))
        .group_by(library_versions.c.artifact)
    )
    if project is not None:
        counted = counted.join(projects, projects.c.id == uses.project).where(projects.c.name == project)
    with store.read.connect() as connection:
        usage = _in_use(connection, user)
        for row in connection.execute(counted):
            if row.artifact in usage:
                each = usage[row.artifact]
                each.projects, each.runs, each.last = row.projects, row.runs, _time(row.last)
    return usage


def _trend(name: str, days: Sequence[int], age: float) -> Trend:
    """Tell a trend from how many days ago something was used, and how many days ago it was registered."""
    recent = sum(day < RECENT_DAYS for day in days)
    before, time_before = len(days) - recent, min(age - RECENT_DAYS, BEFORE_DAYS)
    trend = Trend(name=name, status="unknown", recent=recent, before=before)
    if time_before < RECENT_DAYS:
        trend.reason = f"Unknown: it was registered only {age:.0f} days ago."
    elif len(days) < _LEAST_USES:
        span = RECENT_DAYS + BEFORE_DAYS
        trend.reason = f"Unknown: it takes {_LEAST_USES} uses in {span} days, not {len(days)}."
    else:
        ratio = rate_ratio(recent, before, RECENT_DAYS, time_before, _LEVEL)
        trend.status, (trend.ratio, trend.low, trend.high) = "estimated", ratio
        interval = f"{100 * _LEVEL:g} % interval {ratio.low:.2g} to {ratio.high:.2g}"
        trend.reason = (
            f"Used {ratio.median:.2g} times as often as before ({interval}): {recent} times in "
            f"{RECENT_DAYS} days, and {before} in the {time_before:.0f} before."
        )
    return trend


def _used_by(user: str | None) -> ColumnElement[bool]:
    """Give the condition for the uses that a user may see: for a member, others' runs do not exist."""
    return true() if user is None else library_uses.c.user == user


def _uses(*columns: Any) -> Select[Any]:
    return select(library_versions.c.artifact, *columns).join(
        library_versions, library_versions.c.id == library_uses.c.version
    )


# Artifacts


def _names(connection: Connection, user: str | None) -> dict[int, str]:
    """Give each artifact's name, without those whose name means another one for this user."""
    columns = library_artifacts.c
    visible = select(columns.id, columns.name).where(seen_by(user)).order_by(columns.space)
    meant = {row.name: row.id for row in connection.execute(visible)}
    return {number: name for name, number in meant.items()}


def _in_use(connection: Connection, user: str | None) -> dict[int, Usage]:
    """Give what is not archived, as if nobody had used it."""
    names, columns = _names(connection, user), library_artifacts.c
    newest = select(library_versions.c.artifact, library_versions.c.type).order_by(library_versions.c.version)
    types = {row.artifact: row.type for row in connection.execute(newest)}
    kept = select(columns.id, columns.created).where(columns.archived.is_(False))
    return {
        row.id: Usage(name=names[row.id], type=types[row.id], created=_time(row.created))
        for row in connection.execute(kept)
        if row.id in names
    }


def _time(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)
