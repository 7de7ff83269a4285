"""Runs: search them, find one, list the projects they belong to."""

from __future__ import annotations

import functools
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sqlalchemy import and_, bindparam, exists, func, select, true

from maestro_jupyter.errors import Conflict, Invalid, NotFound
from maestro_jupyter.events import ParamValue
from maestro_jupyter.models import Project, Run, Status
from maestro_jupyter.store.filter_sql import compile_filter, key_id
from maestro_jupyter.store.filters import EPOCH, And, Comparison, Field, parse, without_archived
from maestro_jupyter.store.run_order import order_columns, parse_order
from maestro_jupyter.store.schema import journals, keys, projects, run_metrics, runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row

    from maestro_jupyter.store.columns import Columns
    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.filters import Filter
    from maestro_jupyter.store.run_order import Order

RESULTS = 1000
"""How many runs a search gives unless told."""

_BATCH = 5000
_COUNT = (1 << 63) - 1
_CANDIDATES = 10
_WHOLE = 32
"""Digits of an id."""

_FEW = 1000
"""Up to so many matches are sorted; of more, walking the order's index finds the first soon enough."""
_STATUS = {status.value: status for status in Status}

_NEWEST = select(func.max(runs.c.id))  # made once: every first page asks for it
_NEWEST_OF_USER = _NEWEST.where(runs.c.user == bindparam("user"))

read_params = msgspec.msgpack.Decoder(dict[str, ParamValue]).decode
read_metrics = msgspec.msgpack.Decoder(dict[str, float]).decode
read_tags = msgspec.msgpack.Decoder(dict[str, str]).decode


def search(
    store: Store,
    filter_string: str = "",
    project: str | None = None,
    order_by: str | Sequence[str] | None = None,
    max_results: int | None = RESULTS,
    offset: int = 0,
    *,
    user: str | None = None,
    newest: int | None = None,
) -> list[Run]:
    """Give the runs that match a filter.

    Parameters
    ----------
    store : Store
    filter_string : str
        See `maestro_jupyter.store.filters`; empty matches every run that was not put away.
    project : str, optional
        The project's name; None searches all.
    order_by : str or list of str, optional
        Such as ``["metrics.acc DESC", "start_time"]``; newest first unless told. Runs without the value,
        or with NaN, come last in both directions.
    max_results : int or None
        None gives all.
    offset : int
        How many to leave out at the beginning.
    user : str, optional
        Only this user's runs.
    newest : int, optional
        Only runs that were there when `newest_id` gave this number: pages then stay as they are while runs
        are added.

    Returns
    -------
    list of Run

    Raises
    ------
    Invalid
        If the filter, the order or a number cannot be understood.
    """
    asked = _asked(filter_string, project, order_by, max_results, offset, user=user, newest=newest)
    with store.read.connect() as connection:
        ids = _found(store, connection, asked)
        if store.columns is None:
            return [to_run(row) for row in _rows(connection, ids)]

        def read(some: Sequence[int]) -> dict[int, Run]:
            return {row.id: to_run(row) for row in _rows(connection, some)}

        return store.columns.runs(connection, ids, read)


def search_rows(
    store: Store,
    filter_string: str = "",
    project: str | None = None,
    order_by: str | Sequence[str] | None = None,
    max_results: int | None = RESULTS,
    offset: int = 0,
    *,
    user: str | None = None,
    newest: int | None = None,
) -> Sequence[Row[Any]]:
    """Give what `search` gives, as rows of `run_columns`."""
    asked = _asked(filter_string, project, order_by, max_results, offset, user=user, newest=newest)
    with store.read.connect() as connection:
        return _rows(connection, _found(store, connection, asked))


def newest_id(store: Store, *, user: str | None = None) -> int:
    """Give the number of the run, of all or of one user's, that was added last; 0 if there is none."""
    statement = _NEWEST if user is None else _NEWEST_OF_USER
    with store.read.connect() as connection:
        return connection.scalar(statement, {"user": user}) or 0


def get(store: Store, prefix: str, *, user: str | None = None) -> Run:
    """Give the run whose id begins with `prefix`, among all or among one user's.

    Raises
    ------
    NotFound
        If there is none.
    Conflict
        If there are several; the hint lists them.
    """
    wanted = prefix.strip().lower()
    if not re.fullmatch("[0-9a-f]{1,32}", wanted):
        raise _no_run(prefix)
    with store.read.connect() as connection:
        if len(wanted) == _WHOLE:  # which is most often asked for
            row = connection.execute(_whole_statement(), {"run_id": wanted}).one_or_none()
            if row is None or (user is not None and row.user != user):
                raise _no_run(prefix)
            return to_run(row)
        begins = and_(runs.c.run_id >= wanted, runs.c.run_id <= wanted + "g", _of_user(user))
        statement = select(runs.c.id).where(begins).order_by(runs.c.run_id).limit(_CANDIDATES + 1)
        rows = _rows(connection, list(connection.scalars(statement)))
    if not rows:
        raise _no_run(prefix)
    if len(rows) > 1:
        shown = ", ".join(f"{row.run_id[: len(wanted) + 4]} ({row.name})" for row in rows[:_CANDIDATES])
        msg = f"{prefix!r} is the beginning of several runs."
        raise Conflict(msg, hint=f"Give more of it: {shown}{', …' if len(rows) > _CANDIDATES else ''}.")
    return to_run(rows[0])


def children(
    store: Store, run_id: str, *, user: str | None = None, start: int = 0, limit: int | None = None
) -> list[Run]:
    """Give the runs that `run_id` is the parent of, oldest first; without the first `start`, and so many."""
    with store.read.connect() as connection:
        own = (runs.c.parent == run_id, _of_user(user))
        statement = select(runs.c.id).where(*own).order_by(runs.c.start_time, runs.c.id)
        ids = connection.scalars(statement.limit(limit).offset(start))
        return [to_run(row) for row in _rows(connection, list(ids))]


def count(
    store: Store, filter_string: str = "", project: str | None = None, *, user: str | None = None
) -> int:
    """Give how many runs match a filter."""
    tree, scope = without_archived(parse(filter_string)), _Scope(project, user)
    with store.read.connect() as connection:
        ids = _ids_in_memory(store.columns, connection, tree, scope)
        if ids is not None:
            return len(ids)
        statement = select(func.count()).select_from(runs).where(_condition(tree, scope))
        return connection.scalar(statement) or 0


def list_projects(
    store: Store, *, user: str | None = None, start: int = 0, limit: int | None = None
) -> list[Project]:
    """Give every project with its number of runs that were not put away, the one with the latest first.

    With a user, those in which they have runs, and how many. Without the first `start`, and `limit` at most.
    """
    latest = func.max(runs.c.start_time)
    statement = (
        select(projects.c.name, func.count(runs.c.id), latest)
        .join(runs, and_(runs.c.project == projects.c.id, runs.c.archived.is_(None)), isouter=user is None)
        .where(_of_user(user))
        .group_by(projects.c.id, projects.c.name)
        .order_by(latest.desc().nulls_last(), projects.c.name)
    )
    with store.read.connect() as connection:
        rows = connection.execute(statement.limit(limit).offset(start))
        return [Project(name, number, to_time(time)) for name, number, time in rows]


def metric_keys(
    store: Store,
    run_id: str | None = None,
    *,
    user: str | None = None,
    start: int = 0,
    limit: int | None = None,
) -> list[str]:
    """Give the names of a run's metrics, or of all metrics, or of those that a user's runs have.

    Without the first `start`, and `limit` at most.
    """
    used = exists().where(run_metrics.c.key == keys.c.id).correlate(keys)
    if user is not None:
        used = used.where(runs.c.id == run_metrics.c.run, runs.c.user == user)
    statement = select(keys.c.name).where(used).order_by(keys.c.name)
    if run_id is not None:
        statement = (
            select(keys.c.name)
            .join(run_metrics, run_metrics.c.key == keys.c.id)
            .join(runs, runs.c.id == run_metrics.c.run)
            .where(runs.c.run_id == run_id)
            .order_by(keys.c.name)
        )
    with store.read.connect() as connection:
        return list(connection.scalars(statement.limit(limit).offset(start)))


def to_run(row: Row[Any]) -> Run:
    """Make a run of a row of `run_columns`."""
    return Run(
        run_id=row.run_id,
        name=row.name,
        project=row.project,
        user=row.user,
        source=row.source,
        status=_STATUS[row.status],
        start_time=EPOCH + timedelta(microseconds=row.start_time),
        status_reason=row.status_reason,
        end_time=to_time(row.end_time),
        parent_id=row.parent,
        execution_id=row.execution,
        notebook=row.notebook,
        params=read_params(row.params),
        metrics=read_metrics(row.metrics),
        tags=read_tags(row.tags),
        archived=to_time(row.archived),
    )


def to_time(microseconds: int | None) -> datetime | None:
    """Make a time of the microseconds in a row."""
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)


run_columns = (
    runs.c.id,
    runs.c.run_id,
    runs.c.name,
    projects.c.name.label("project"),
    runs.c.user,
    runs.c.source,
    runs.c.status,
    runs.c.status_reason,
    runs.c.start_time,
    runs.c.end_time,
    runs.c.parent,
    runs.c.execution,
    journals.c.notebook,
    runs.c.params,
    runs.c.metrics,
    runs.c.tags,
    runs.c.archived,
)


class _Scope(NamedTuple):
    """Which runs are looked at, whatever the filter says."""

    project: str | None = None
    user: str | None = None
    newest: int | None = None

    def tests(self) -> Iterator[Comparison]:
        """Give what says the same of the project and the user in a filter."""
        for name, value in (("project", self.project), ("user", self.user)):
            if value is not None:
                yield Comparison(Field("attribute", name), "=", (value,))


class _Asked(NamedTuple):
    """Which part of which list."""

    tree: Filter
    scope: _Scope
    order: Sequence[Order]
    start: int
    until: int | None


def _asked(
    filter_string: str,
    project: str | None,
    order_by: str | Sequence[str] | None,
    max_results: int | None,
    offset: int,
    *,
    user: str | None,
    newest: int | None,
) -> _Asked:
    limit = _check_count("max_results", max_results)
    start = _check_count("offset", offset) or 0
    until = None if limit is None else min(start + limit, _COUNT)
    scope = _Scope(project, user, newest)
    return _Asked(without_archived(parse(filter_string)), scope, parse_order(order_by), start, until)


def _found(store: Store, connection: Connection, asked: _Asked) -> list[int]:
    """Give the numbers of the runs of a list, in order."""
    ids = _ids_in_memory(store.columns, connection, asked.tree, asked.scope, asked.order, asked.until)
    if ids is None:
        ids = _ids(connection, asked.tree, asked.scope, asked.order, asked.until)
    return ids[asked.start :]


def _of_user(user: str | None) -> ColumnElement[bool]:
    return true() if user is None else runs.c.user == user


def _condition(tree: Filter, scope: _Scope, *, seek: bool = True) -> ColumnElement[bool]:
    where = compile_filter(tree, seek=seek)
    if scope.project is not None:
        number = select(projects.c.id).where(projects.c.name == scope.project).scalar_subquery()
        where = and_(runs.c.project == number, where)
    if scope.user is not None:
        where = and_(_of_user(scope.user), where)
    return where if scope.newest is None else and_(runs.c.id <= scope.newest, where)


def _order(order: Sequence[Order]) -> list[ColumnElement[Any]]:
    return [*(column for term in order for column in order_columns(term)), runs.c.id.desc()]


def _ids_in_memory(
    columns: Columns | None,
    connection: Connection,
    tree: Filter,
    scope: _Scope,
    order: Sequence[Order] = (),
    count: int | None = None,
) -> list[int] | None:
    """Find a list in the columns; None where only the database can say."""
    if columns is None:
        return None
    from maestro_jupyter.store.column_filter import find

    everything = And((*scope.tests(), tree))
    return find(columns, connection, everything, order, newest=scope.newest, count=count)


def _ids(
    connection: Connection,
    tree: Filter,
    scope: _Scope,
    order: Sequence[Order],
    count: int | None,
) -> list[int]:
    """Ask the database for the runs that come first."""
    few = list(connection.scalars(select(runs.c.id).where(_condition(tree, scope)).limit(_FEW + 1)))
    if len(few) <= _FEW:
        where: ColumnElement[bool] = runs.c.id.in_(few)
    else:
        where = _condition(tree, scope, seek=False)
        if order[0].field.entity == "metric":
            return _ids_by_metric(connection, where, order, count)
    statement = select(runs.c.id).where(where).order_by(*_order(order))
    return list(connection.scalars(statement.limit(count)))


def _ids_by_metric(
    connection: Connection, where: ColumnElement[bool], order: Sequence[Order], count: int | None
) -> list[int]:
    """Walk the index of the metric's values, then take the runs that have none."""
    first, rest = order[0], _order(order[1:])
    key = key_id(first.field.key)
    last = run_metrics.c.last.desc() if first.descending else run_metrics.c.last.asc()
    ranked = (
        select(run_metrics.c.run)
        .join(runs, runs.c.id == run_metrics.c.run)
        .where(run_metrics.c.key == key, run_metrics.c.last.is_not(None), where)
        .order_by(last, *rest)
    )
    ids = list(connection.scalars(ranked.limit(count)))
    if count is not None and len(ids) >= count:
        return ids
    has_value = exists().where(
        run_metrics.c.run == runs.c.id, run_metrics.c.key == key, run_metrics.c.last.is_not(None)
    )
    others = select(runs.c.id).where(where, ~has_value.correlate(runs)).order_by(*rest)
    remaining = None if count is None else count - len(ids)
    return ids + list(connection.scalars(others.limit(remaining)))


@functools.cache
def _rows_statement() -> Any:
    return _of_runs().where(runs.c.id.in_(bindparam("ids", expanding=True)))


@functools.cache
def _whole_statement() -> Any:
    return _of_runs().where(runs.c.run_id == bindparam("run_id"))


def _of_runs() -> Any:
    return (
        select(*run_columns)
        .join_from(runs, projects, projects.c.id == runs.c.project)
        .join(journals, journals.c.id == runs.c.journal)
    )


def _rows(connection: Connection, ids: Sequence[int]) -> list[Row[Any]]:
    found = {}
    for begin in range(0, len(ids), _BATCH):
        for row in connection.execute(_rows_statement(), {"ids": ids[begin : begin + _BATCH]}):
            found[row[0]] = row
    return [found[number] for number in ids if number in found]


def _check_count(name: str, value: Any) -> int | None:
    if value is None or (isinstance(value, int) and 0 <= value <= _COUNT):
        return value
    msg = f"{name} is {value!r:.40}; expected a whole number from 0."
    raise Invalid(msg)


def _no_run(prefix: str) -> NotFound:
    return NotFound(f"There is no run whose id begins with {prefix!r:.80}.", hint="See `%maestro runs`.")
