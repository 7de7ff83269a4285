"""What runs tried on which data and what came of it, kept in memory and brought up to date run by run."""

from __future__ import annotations

import operator
import threading
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sqlalchemy import func, select

from maestro_jupyter.events import Column
from maestro_jupyter.models import Status
from maestro_jupyter.store.changes import Version, is_kept, runs_changed, version_of
from maestro_jupyter.store.rows import pieces
from maestro_jupyter.store.runs import read_metrics, read_params, read_tags
from maestro_jupyter.store.schema import datasets, projects, runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Engine, Row, Select

    from maestro_jupyter.events import ParamValue
    from maestro_jupyter.store.engine import Store

_ENDED = [Status.FINISHED.value, Status.FAILED.value]
_MANY_CHANGES = 2000
"""So many changed runs are not read one by one: everything is read again."""


class Data(NamedTuple):
    """What a run was on.

    Attributes
    ----------
    fingerprint : str
        Of X and y, with a colon between.
    target : str
        The fingerprint of y.
    name : str
        What the user calls X.
    shape : tuple of int
        Of X.
    columns : tuple of Column
    missing : float or None
        The share of X's values.
    answers : dict
        The summary of y.
    metafeatures : dict of str to float
        Empty unless suggestions were asked for.
    """

    fingerprint: str
    target: str
    name: str
    shape: tuple[int, ...]
    columns: tuple[Column, ...]
    missing: float | None
    answers: dict[str, float | int | str]
    metafeatures: dict[str, float]


class Attempt(NamedTuple):
    """One run that finished or failed.

    Attributes
    ----------
    around : dict
        The parameters of the search that it is a candidate of; empty for other runs.
    seconds : float or None
        How long it took.
    place : int
        Where its run stands among all.
    execution : str or None
        Of the cell that opened it; None outside notebooks.
    """

    run_id: str
    user: str
    name: str
    project: str
    source: str
    status: Status
    params: dict[str, ParamValue]
    around: dict[str, ParamValue]
    metrics: dict[str, float]
    tags: dict[str, str]
    seconds: float | None
    data: Data
    place: int = 0
    execution: str | None = None


class Attempts:
    """What this process knows of a store's runs; may be asked from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = Version(-1, -1)
        self._known: dict[str, Attempt | None] = {}
        self._given: dict[str, Attempt] = {}

    def read(self, store: Store) -> Mapping[str, Attempt]:
        """Give all runs that ended on known data, by id, in the order in which they were collected.

        That order is the same however they came to be read: else runs that somebody may not see would change
        the order of theirs. What has not changed since the last time is the same object, and so is the
        mapping itself.
        """
        with self._lock, store.read.connect() as connection:
            version = version_of(connection)
            if version != self._version:
                self._bring_up_to(connection, version)
            return self._given

    def _bring_up_to(self, connection: Connection, version: Version) -> None:
        known = self._followed(connection)
        if known is None:
            known = _read(connection)
        if known is not self._known:
            told = [attempt for attempt in known.values() if attempt is not None]
            self._given = {attempt.run_id: attempt for attempt in sorted(told, key=_place)}
        self._known, self._version = known, version

    def _followed(self, connection: Connection) -> dict[str, Attempt | None] | None:
        """Read what has changed; None where everything has to be read again, as after pruning."""
        if not is_kept(connection, self._version):
            return None
        changed = runs_changed(connection, self._version)
        if len(changed) > _MANY_CHANGES:
            return None
        known, new = self._known, _read(connection, changed)
        gone = (known.keys() & changed) - new.keys()
        if new or gone:
            known = {run: attempt for run, attempt in known.items() if run not in gone} | new
        number = select(func.count()).select_from(runs).where(*_counts())
        return known if len(known) == connection.scalar(number) else None


_place = operator.attrgetter("place")
_MAKING = threading.Lock()
_MEMORIES: weakref.WeakKeyDictionary[Engine, Attempts] = weakref.WeakKeyDictionary()


def attempts_of(store: Store) -> Attempts:
    """Give what this process knows of a store's runs, for as long as its engine is there."""
    with _MAKING:
        return _MEMORIES.setdefault(store.read, Attempts())


def _read(connection: Connection, wanted: Sequence[str] | None = None) -> dict[str, Attempt | None]:
    """Read the runs that ended, or those of some; None for a run whose data is not known."""
    rows = list(_in_pieces(connection, _runs().where(*_counts()), wanted))
    around = {row.run_id: row for row in rows}
    absent = {row.parent for row in rows if row.source == "candidate"} - around.keys() - {None}
    around |= {row.run_id: row for row in _in_pieces(connection, _runs(), sorted(absent))}
    data = _data(connection, None if wanted is None else sorted(around))
    return {row.run_id: _attempt(row, around, data) for row in rows}


def _counts() -> tuple[ColumnElement[bool], ...]:
    """Say which runs are learned from: those that ended, but for what was put away."""
    return runs.c.status.in_(_ENDED), runs.c.archived.is_(None)


def _runs() -> Select[Any]:
    return select(
        runs.c.id, runs.c.run_id, runs.c.user, runs.c.name, runs.c.source, runs.c.status, runs.c.parent,
        runs.c.params, runs.c.metrics, runs.c.tags, runs.c.start_time, runs.c.end_time, runs.c.execution,
        projects.c.name.label("project"),
    ).join_from(runs, projects, projects.c.id == runs.c.project).order_by(runs.c.id)  # fmt: skip


def _in_pieces(
    connection: Connection, statement: Select[Any], wanted: Sequence[str] | None
) -> Iterator[Row[Any]]:
    if wanted is None:
        yield from connection.execute(statement)
        return
    for some in pieces(wanted):
        yield from connection.execute(statement.where(runs.c.run_id.in_(some)))


def _attempt(row: Row[Any], around: Mapping[str, Row[Any]], data: Mapping[str, Data]) -> Attempt | None:
    search = around.get(row.parent or "") if row.source == "candidate" else None
    on = data.get(row.run_id) or (None if search is None else data.get(search.run_id))
    if on is None:
        return None
    return Attempt(
        run_id=row.run_id,
        user=row.user,
        name=row.name,
        project=row.project,
        source=row.source,
        status=Status(row.status),
        params=read_params(row.params),
        around={} if search is None else read_params(search.params),
        metrics=read_metrics(row.metrics),
        tags=read_tags(row.tags),
        seconds=None if row.end_time is None else (row.end_time - row.start_time) / 1e6,
        data=on,
        place=row.id,
        execution=row.execution,
    )


class _Profile(msgspec.Struct):
    """What is read of a dataset's profile."""

    name: str | None = None
    shape: list[int] = []
    columns: list[Column] = []
    missing: float | None = None
    target: dict[str, float | int | str] | None = None
    metafeatures: dict[str, float] | None = None


_profile = msgspec.msgpack.Decoder(_Profile).decode


def _data(connection: Connection, wanted: Sequence[str] | None) -> dict[str, Data]:
    """Give by run id the X and y of the runs that had both, and could be read."""
    statement = (
        select(runs.c.run_id, datasets.c.role, datasets.c.fingerprint, datasets.c.profile)
        .join_from(runs, datasets, datasets.c.run == runs.c.id)
        .where(datasets.c.role.in_(["X", "y"]), datasets.c.fingerprint != "")
    )
    roles: dict[str, dict[str, Any]] = {"X": {}, "y": {}}
    for row in _in_pieces(connection, statement, wanted):
        roles[row.role][row.run_id] = row
    both = roles["X"].keys() & roles["y"].keys()
    return {run: _of_both(roles["X"][run], roles["y"][run]) for run in both}


def _of_both(x: Row[Any], y: Row[Any]) -> Data:
    profile, answers = _profile(x.profile), _profile(y.profile).target
    return Data(
        fingerprint=f"{x.fingerprint}:{y.fingerprint}",
        target=y.fingerprint,
        name=profile.name or "X",
        shape=tuple(profile.shape),
        columns=tuple(profile.columns),
        missing=profile.missing,
        answers=answers or {},
        metafeatures=profile.metafeatures or {},
    )
