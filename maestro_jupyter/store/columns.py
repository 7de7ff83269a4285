"""Runs in memory: a server finds its lists by their columns, without a database query for each.

A column holds one metric, parameter, tag or attribute of every run. It is read when it is first asked for,
and brought up to date by the numbered changes, so that it says what the database says at the number of its
newest change. What columns cannot say (`Elsewhere`) is left to the database. The runs that were listed last
are kept whole, each until something happens to it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import bindparam, func, null, select
from sqlalchemy.exc import SQLAlchemyError

from maestro_jupyter.errors import MaestroError
from maestro_jupyter.store.changes import DATA, Version, is_kept, version_of
from maestro_jupyter.store.filter_sql import duration, key_id
from maestro_jupyter.store.schema import changes, projects, run_metrics, run_params, run_tags, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Engine, Select

    from maestro_jupyter.models import Run
    from maestro_jupyter.store.filters import Field

BYTES = 256 << 20
"""How much memory the columns take at most; the one that was not asked for the longest goes first."""

TEXTS = 4096
"""How many different texts a column tells apart."""

AT_ONCE = 10_000
"""Of more runs, a column is read beside the answers: until it is there, the database is asked."""

RUNS = 10_000
"""How many runs are kept whole."""

_MANY_CHANGES = 2000
"""So many changed runs are not read one by one: everything is read again."""

_BEHIND_SECONDS = 5.0
_TIMES = ("start_time", "end_time", "archived")
_ATTRIBUTES: dict[str, Select[Any]] = {
    "project": select(runs.c.id, null(), projects.c.name).join(projects, projects.c.id == runs.c.project),
    "duration": select(runs.c.id, duration(), null()).where(runs.c.end_time.is_not(None)),
    "start_time": select(runs.c.id, runs.c.start_time, null()),
    "end_time": select(runs.c.id, runs.c.end_time, null()).where(runs.c.end_time.is_not(None)),
    "archived": select(runs.c.id, runs.c.archived, null()).where(runs.c.archived.is_not(None)),
    **{name: select(runs.c.id, null(), runs.c[name]) for name in ("status", "user", "source")},
}

_OTHER_CHANGE = (
    select(changes.c.id).where(changes.c.id > bindparam("after"), changes.c.kinds == DATA).limit(1)
)


class Elsewhere(Exception):  # noqa: N818 - no error: it says where to ask
    """Only the database can say."""


class Column(NamedTuple):
    """One thing about every run.

    Attributes
    ----------
    present : array of bool, shape (runs,)
        Whether a run has it.
    numbers : array of float or int, shape (runs,)
        As a number; NaN where it is none. Times are microseconds.
    codes : array of int, shape (runs,), or None
        As a text: its place in `texts`, or -1. None if there are too many different texts.
    texts : dict of str to int
        The different texts, in the order of their places.
    """

    present: NDArray[np.bool_]
    numbers: NDArray[Any]
    codes: NDArray[np.int32] | None
    texts: dict[str, int]

    @property
    def size(self) -> int:
        """The bytes that it takes, about."""
        codes = 0 if self.codes is None else self.codes.nbytes
        return self.present.nbytes + self.numbers.nbytes + codes + 100 * len(self.texts)


class Table(NamedTuple):
    """The columns that a question needs, of all runs.

    Attributes
    ----------
    ids : array of int, shape (runs,)
        The runs' numbers, ascending.
    columns : mapping
        By field.
    """

    ids: NDArray[np.int64]
    columns: Mapping[Field, Column]


class Columns:
    """The columns of one store; its methods may be called from any thread.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        To read columns beside the answers.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._wanted: set[Field] = set()
        self._reading: threading.Thread | None = None
        self._closed = False
        self._version = Version(-1, -1)
        self._checked = 0.0
        self._ids = np.empty(0, np.int64)
        self._columns: OrderedDict[Field, Column] = OrderedDict()
        self._whole: OrderedDict[int, Run] = OrderedDict()

    def table(self, connection: Connection, fields: Iterable[Field]) -> Table:
        """Give columns as they are in a connection's snapshot.

        Parameters
        ----------
        connection : sqlalchemy.Connection
        fields : iterable of Field

        Returns
        -------
        Table

        Raises
        ------
        Elsewhere
            If a field is none that columns hold, or is being read, or the snapshot is older than the columns.
        """
        wanted = list(dict.fromkeys(fields))
        if not all(field.entity != "attribute" or field.key in _ATTRIBUTES for field in wanted):
            raise Elsewhere
        with self._lock:
            self._follow(connection)
            if len(self._ids) > AT_ONCE and not self._columns.keys() >= set(wanted):
                self._read_beside(set(wanted) - self._columns.keys())
                raise Elsewhere
            found = {field: self._column(connection, field) for field in wanted}
            self._make_room(len(wanted))
            return Table(self._ids, found)

    def runs(
        self, connection: Connection, ids: Sequence[int], read: Callable[[Sequence[int]], dict[int, Run]]
    ) -> list[Run]:
        """Give runs as they are in a connection's snapshot, or since.

        Parameters
        ----------
        connection : sqlalchemy.Connection
        ids : sequence of int
            The runs' numbers.
        read : callable
            Gives the runs of some numbers, as the connection sees them.

        Returns
        -------
        list of Run
            Those of them that are there, in order. They are shared: nobody may change them.
        """
        with self._lock:
            version = self._followed(connection)
            known = {} if version is None else self._kept(ids)
        missing = [number for number in ids if number not in known]
        new = read(missing) if missing else {}
        with self._lock:
            if self._version == version:  # else something may have happened to them since they were read
                self._keep(new)
        known |= new
        return [known[number] for number in ids if number in known]

    def _followed(self, connection: Connection) -> Version | None:
        """Give the version that the columns and a connection's snapshot have; None if it is an older one."""
        try:
            self._follow(connection)
        except Elsewhere:
            return None
        return self._version

    def _kept(self, ids: Iterable[int]) -> dict[int, Run]:
        known = {number: self._whole[number] for number in ids if number in self._whole}
        for number in known:
            self._whole.move_to_end(number)
        return known

    def _keep(self, found: Mapping[int, Run]) -> None:
        self._whole.update(found)
        while len(self._whole) > RUNS:
            self._whole.popitem(last=False)

    def _follow(self, connection: Connection) -> None:
        version = version_of(connection)
        if version == self._version:
            self._checked = time.monotonic()
            return
        if version.number < self._version.number and time.monotonic() - self._checked < _BEHIND_SECONDS:
            raise Elsewhere  # an older snapshot; if it stays behind, the database was restored
        if not self._update(connection, version):
            self._columns.clear()
            self._whole.clear()
            self._ids = _all_ids(connection)
        self._version, self._checked = version, time.monotonic()

    def _update(self, connection: Connection, version: Version) -> bool:
        """Read the runs that have changed; False if everything has to be read again."""
        since = _since(connection, self._ids, self._version, version)
        if since is None:
            return False
        if _something_else_changed(connection, self._version.number):
            self._whole.clear()
        for number in since.changed.tolist():
            self._whole.pop(number, None)
        self._ids = since.ids
        for field, column in self._columns.items():
            self._columns[field] = _up_to_date(connection, field, column, since)
        return True

    def close(self) -> None:
        """Read nothing more beside the answers, and wait for what is being read."""
        with self._lock:
            self._closed, reading = True, self._reading
        if reading is not None:
            reading.join()

    def _read_beside(self, fields: set[Field]) -> None:
        self._wanted |= fields
        if self._reading is None and not self._closed:
            self._reading = threading.Thread(target=self._read_wanted, name="maestro-columns", daemon=True)
            self._reading.start()

    def _read_wanted(self) -> None:
        while True:
            with self._lock:
                if self._closed or not self._wanted:
                    self._reading = None
                    return
                field = next(iter(self._wanted))
            # What the database refuses now is tried again when somebody asks for it again.
            with contextlib.suppress(MaestroError, SQLAlchemyError):
                self._read_one(field)
            with self._lock:  # not before: whoever asks meanwhile would have it read once more
                self._wanted.discard(field)

    def _read_one(self, field: Field) -> None:
        """Read a column without holding anybody up, and add what has happened meanwhile."""
        with self._engine.connect() as connection:
            version, ids = version_of(connection), _all_ids(connection)
            column = _filled(_empty(field, len(ids)), ids, _read(connection, field))
        with self._engine.connect() as connection, self._lock:
            if self._followed(connection) is None:
                return
            since = _since(connection, ids, version, self._version)
            # PostgreSQL shows each statement the newest: there may be more of them than the version says.
            if since is not None and np.array_equal(since.ids, self._ids):
                self._columns[field] = _up_to_date(connection, field, column, since)
                self._make_room(1)

    def _column(self, connection: Connection, field: Field) -> Column:
        column = self._columns.get(field)
        if column is None:
            column = _filled(_empty(field, len(self._ids)), self._ids, _read(connection, field))
            self._columns[field] = column
        self._columns.move_to_end(field)
        return column

    def _make_room(self, needed: int) -> None:
        while len(self._columns) > needed and sum(each.size for each in self._columns.values()) > BYTES:
            self._columns.popitem(last=False)


class _Since(NamedTuple):
    """What has happened to runs since a version."""

    ids: NDArray[np.int64]
    changed: NDArray[np.int64]


def _since(connection: Connection, ids: NDArray[np.int64], known: Version, version: Version) -> _Since | None:
    """Give all runs' numbers and those that have changed; None if that is too many, or cannot be told."""
    if version == known:
        return _Since(ids, np.empty(0, np.int64))
    if known.number < 0 or version.number <= known.number or not is_kept(connection, known):
        return None
    changed = _changed(connection, known.number, version.number)
    if len(changed) > _MANY_CHANGES:
        return None
    among = _numbers(connection, changed)
    places = np.searchsorted(ids, among)
    there = np.zeros(len(among), np.bool_)
    inside = places < len(ids)
    there[inside] = ids[places[inside]] == among[inside]
    new = among[~there]
    if len(new) and len(ids) and new[0] < ids[-1]:
        return None
    grown = np.concatenate([ids, new])
    if connection.scalar(select(func.count()).select_from(runs)) != len(grown):
        return None  # some were pruned
    return _Since(grown, among)


def _up_to_date(connection: Connection, field: Field, column: Column, since: _Since) -> Column:
    rows = _read(connection, field, since.changed.tolist()) if len(since.changed) else []
    return _filled(_emptied(column, since.ids, since.changed), since.ids, rows)


def _changed(connection: Connection, after: int, until: int) -> list[str]:
    where = (changes.c.id > after, changes.c.id <= until, changes.c.run.is_not(None))
    return list(connection.scalars(select(changes.c.run).where(*where).distinct().limit(_MANY_CHANGES + 1)))


def _something_else_changed(connection: Connection, after: int) -> bool:
    """Tell whether something has happened to what runs belong to, such as their journals."""
    return connection.scalar(_OTHER_CHANGE, {"after": after}) is not None


def _numbers(connection: Connection, run_ids: Sequence[str]) -> NDArray[np.int64]:
    statement = select(runs.c.id).where(runs.c.run_id.in_(run_ids)).order_by(runs.c.id)
    return np.asarray(list(connection.scalars(statement)), np.int64)


def _all_ids(connection: Connection) -> NDArray[np.int64]:
    return np.asarray(list(connection.scalars(select(runs.c.id).order_by(runs.c.id))), np.int64)


def _read(connection: Connection, field: Field, among: Sequence[int] | None = None) -> Sequence[Any]:
    """Read a field of all runs or of some: rows of the run's number, a number or None, a text or None."""
    statement = _statement(field)
    if among is not None:
        statement = statement.where(statement.selected_columns[0].in_(among))
    return connection.execute(statement).all()


def _statement(field: Field) -> Select[Any]:
    match field.entity:
        case "metric":
            metric = run_metrics.c
            return select(metric.run, metric.last, null()).where(metric.key == key_id(field.key))
        case "param":
            param = run_params.c
            return select(param.run, param.number, param.value).where(param.key == key_id(field.key))
        case "tag":
            tag = run_tags.c
            return select(tag.run, null(), tag.value).where(tag.key == key_id(field.key))
        case "attribute":
            return _ATTRIBUTES[field.key]


def _empty(field: Field, size: int) -> Column:
    kind: type = np.int64 if field.entity == "attribute" and field.key in _TIMES else np.float64
    numbers = np.zeros(size, kind) if kind is np.int64 else np.full(size, np.nan)
    return Column(np.zeros(size, np.bool_), numbers, np.full(size, -1, np.int32), {})


def _emptied(column: Column, ids: NDArray[np.int64], among: NDArray[np.int64]) -> Column:
    """Give a column that has grown to so many runs and says nothing of some of them."""
    grown = len(ids) - len(column.present)
    nothing = 0 if column.numbers.dtype == np.int64 else np.nan
    present = np.concatenate([column.present, np.zeros(grown, np.bool_)])
    numbers = np.concatenate([column.numbers, np.full(grown, nothing, column.numbers.dtype)])
    places = np.searchsorted(ids, among)
    present[places], numbers[places] = False, nothing
    codes = column.codes
    if codes is not None:
        codes = np.concatenate([codes, np.full(grown, -1, np.int32)])
        codes[places] = -1
    return Column(present, numbers, codes, dict(column.texts))


def _filled(column: Column, ids: NDArray[np.int64], rows: Sequence[Any]) -> Column:
    """Write rows into a column that nobody else has seen yet."""
    if not rows or not len(ids):
        return column
    among, numbers, texts = zip(*rows, strict=True)
    of = np.asarray(among, np.int64)
    places = np.minimum(np.searchsorted(ids, of), len(ids) - 1)
    known = ids[places] == of  # a run that came after the ids were read is for the next time
    places = places[known]
    column.present[places] = True
    if any(number is not None for number in numbers):
        column.numbers[places] = np.asarray(numbers, column.numbers.dtype)[known]
    if column.codes is None or texts[0] is None:
        return column
    code_of = column.texts
    codes = [code_of.setdefault(text, len(code_of)) for text in texts]
    if len(code_of) > TEXTS:
        return column._replace(codes=None, texts={})
    column.codes[places] = np.asarray(codes, np.int32)[known]
    return column
