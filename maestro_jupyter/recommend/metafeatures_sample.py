"""What meta-features are measured on: some rows and columns, in an order that is that of their content."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from maestro_jupyter.errors import Invalid
from maestro_jupyter.recommend.columns import (
    as_frame,
    as_pandas,
    as_rows,
    as_times,
    check_real,
    is_calendar,
    is_duration,
    is_sparse,
    is_zoned,
    kind,
)
from maestro_jupyter.recommend.portfolio import TASKS
from maestro_jupyter.recording.datasets import summarise_target

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

COLUMNS = 250
"""Of wider tables, this many columns are looked at."""

CELLS = 250_000
MOST_ROWS, LEAST_ROWS = 5000, 1000
"""So many rows that there are `CELLS`, within these bounds."""

_GOLDEN = 0x9E3779B97F4A7C15
_ROUNDS = 2
_TIES = 16
"""So many columns are told apart that are alike but for their rows; more take too long."""


class Sample(NamedTuple):
    """A part of a dataset.

    Attributes
    ----------
    task : str
    rows, columns : int
        Of the whole dataset.
    kinds : dict of str to float
        How many of the columns of the whole dataset are of each kind, as `columns.kind` calls them.
    numbers : ndarray of float of shape (n, p)
        Numbers, and dates as days; NaN where missing or infinite.
    codes : ndarray of int of shape (n, q)
        Categories, from 0 in each column; -1 where missing.
    texts : list of ndarray of str of shape (n,)
    missing : ndarray of bool of shape (n, any number)
        Of all columns that are looked at.
    target : ndarray of shape (n,)
        Numbers, or classes from 0.
    counts : ndarray of int
        How many rows of the whole dataset each class has; empty for a regression.
    seed : int
    """

    task: str
    rows: int
    columns: int
    kinds: dict[str, float]
    numbers: Array
    codes: Array
    texts: list[Array]
    missing: Array
    target: Array
    counts: Array
    seed: int


def sample_of(X: Any, y: Any, task: str | None, seed: int) -> Sample:
    """Take a sample of a dataset.

    Parameters
    ----------
    X, y, task, seed
        As of `metafeatures.metafeatures`.

    Returns
    -------
    Sample
        Rows and columns stand in an order that depends on nothing but their content and the seed.

    Raises
    ------
    Invalid
        See `metafeatures.metafeatures`.
    """
    import numpy as np

    values = _as_numbers(one_column(y))
    check_real(values.dtype, "y")
    task = _task(values, task)
    target, counts = _classes(values) if task == TASKS[0] else (_finite(values), np.array([], dtype=int))
    known = np.flatnonzero(target >= 0 if task == TASKS[0] else ~np.isnan(target))
    table, shape = _table(X)
    if shape[0] != len(target):
        msg = f"X has {shape[0]} rows and y has {len(target)} values."
        raise Invalid(msg, hint="Give one target for each row.")
    rng = np.random.default_rng(seed)
    columns = _some(np.arange(shape[1]), COLUMNS, rng)
    rows = _some(known, _row_limit(len(columns)), rng)
    part = _part(table, rows, columns)
    columns_read = [_read(part.iloc[:, place]) for place in range(part.shape[1])]
    whole = shape[1] / max(len(columns), 1)
    kinds = {name: whole * sum(one.kind == name for one in columns_read) for name in _KINDS}
    ordered, order = _ordered(columns_read, target[rows], seed)
    target = target[rows][order]
    numbers = [one.values[order] for one in ordered if one.kind in {"number", "date"}]
    codes = [one.values[order] for one in ordered if one.kind in {"category", "mixed"}]
    return Sample(
        task=task,
        rows=shape[0],
        columns=shape[1],
        kinds=kinds,
        numbers=_side_by_side(numbers, len(rows), float),
        codes=_side_by_side(codes, len(rows), int),
        texts=[one.values[order] for one in ordered if one.kind == "text"],
        missing=_side_by_side([one.missing[order] for one in ordered], len(rows), bool),
        target=target,
        counts=counts,
        seed=seed,
    )


_KINDS = ("number", "category", "mixed", "text", "date", "empty")


class _Read(NamedTuple):
    """A column that was read: its values and a digest of each."""

    kind: str
    values: Array
    missing: Array
    digests: Array


def one_column(y: Any) -> pd.Series[Any]:
    """Give a target as a column.

    Raises
    ------
    Invalid
        If it has not one value for each row.
    """
    import numpy as np
    import pandas as pd

    if is_sparse(y):
        y = y.toarray()
    if isinstance(y, pd.Series):
        return y.reset_index(drop=True)
    if isinstance(y, pd.DataFrame):
        y = y.iloc[:, 0] if y.shape[1] == 1 else y.to_numpy()
        return one_column(y)
    if hasattr(y, "to_pandas"):
        return one_column(as_pandas(y))
    array = y if isinstance(y, np.ndarray) else _array(_listed(y))
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        msg = f"y has {array.ndim} dimensions; one value is expected for each row."
        raise Invalid(msg, hint="Give one target at a time.")
    return pd.Series(array)


def _as_numbers(values: pd.Series[Any]) -> pd.Series[Any]:
    """Give numbers that are objects as numbers."""
    import pandas as pd

    if values.dtype != object or kind(values) != "number":
        return values
    return pd.Series(_finite(values))


def _listed(y: Any) -> list[Any]:
    try:
        return list(y)
    except TypeError:
        msg = "y is None." if y is None else f"y is a {type(y).__name__}, which has no values."
        raise Invalid(msg, hint="Give one target for each row.") from None


def _array(values: list[Any]) -> Array:
    import numpy as np
    import pandas as pd

    if values and isinstance(values[0], list | tuple | np.ndarray):
        return np.array(values, dtype=object)
    return np.asarray(pd.Series(values, dtype=object).infer_objects())


def _task(values: pd.Series[Any], task: str | None) -> str:
    if task is not None and task not in TASKS:
        msg = f"The task {task!r} is neither classification nor regression."
        raise Invalid(msg)
    if task is not None:
        return task
    told = (summarise_target(values.dropna()) or {}).get("task")
    return str(told) if told in TASKS else TASKS[kind(values) == "number"]


def _classes(values: pd.Series[Any]) -> tuple[Array, Array]:
    """Give each class a number by its name, so that rows may come in any order."""
    import numpy as np
    import pandas as pd

    try:
        codes, labels = pd.factorize(values)
    except TypeError:  # what cannot be hashed
        codes, labels = pd.factorize(values.astype(str))
    names = np.array([str(label) for label in labels], dtype=object)
    place = np.empty(len(names) + 1, dtype=int)
    place[np.argsort(names, kind="stable")] = np.arange(len(names))
    place[-1] = -1
    codes = place[codes]
    return codes, np.bincount(codes[codes >= 0], minlength=len(names))


def _finite(values: pd.Series[Any]) -> Array:
    """Give numbers, NaN where they are none or infinite."""
    import numpy as np
    import pandas as pd

    try:
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError, OverflowError):
        return np.full(len(values), np.nan)
    # Squares have to be numbers, too.
    found: Array = np.where(np.abs(numbers) < 1e150, numbers, np.nan)
    return found


def _table(X: Any) -> tuple[Any, tuple[int, int]]:
    if is_sparse(X):
        found = as_rows(X)
        return found, found.shape
    frame = as_frame(X)
    return frame, frame.shape


def _part(table: Any, rows: Array, columns: Array) -> pd.DataFrame:
    import pandas as pd

    if is_sparse(table):
        return pd.DataFrame(table[rows][:, columns].toarray())
    part: pd.DataFrame = table
    if len(columns) < part.shape[1]:
        part = part.iloc[:, columns]
    return part.iloc[rows]


def _row_limit(columns: int) -> int:
    return min(max(CELLS // max(columns, 1), LEAST_ROWS), MOST_ROWS)


def _some(places: Array, limit: int, rng: np.random.Generator) -> Array:
    import numpy as np

    if len(places) <= limit:
        return places
    # Few of many: drawing with repetition and dropping what was drawn before costs no permutation of all.
    drawn = np.unique(rng.integers(len(places), size=2 * limit + 10))
    if len(drawn) < limit:
        drawn = np.arange(len(places))
    found: Array = places[np.sort(rng.permutation(drawn)[:limit])]
    return found


def _read(column: pd.Series[Any]) -> _Read:
    import numpy as np

    found = kind(column)
    if found == "number":
        numbers = _finite(column)
        return _Read(found, numbers, np.isnan(numbers), _bits(numbers))
    if found == "date":
        days = _days(column)
        return _Read(found, days, np.isnan(days), _bits(days))
    missing = column.isna().to_numpy(dtype=bool)
    if found == "empty":
        return _Read(found, np.zeros(len(column)), missing, np.zeros(len(column), dtype=np.uint64))
    texts = np.where(missing, "", column.astype(object).map(str).to_numpy(dtype=object))
    digests = _digests(texts)
    if found == "text":
        return _Read(found, texts, missing, digests)
    return _Read(found, _codes(texts, missing), missing, digests)


def _days(column: pd.Series[Any]) -> Array:
    import numpy as np

    if is_duration(column):
        lengths: Array = column.dt.total_seconds().to_numpy(dtype=float, na_value=np.nan) / 86_400
        return lengths
    if is_calendar(column):
        column = as_times(column)
    plain = column.dt.tz_convert(None) if is_zoned(column) else column
    stamps = plain.to_numpy(dtype="datetime64[s]")
    found: Array = np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / 86_400)
    return found


def _codes(texts: Array, missing: Array) -> Array:
    """Give each level of a category a number, from the commonest."""
    import numpy as np
    import pandas as pd

    codes, levels = pd.factorize(texts)
    counts = np.bincount(codes[~missing], minlength=len(levels))
    place = np.empty(len(levels), dtype=int)
    place[np.lexsort((levels.astype(str), -counts))] = np.arange(len(levels))
    found: Array = np.where(missing, -1, place[codes])
    return found


def _bits(numbers: Array) -> Array:
    import numpy as np

    canonical = np.where(np.isnan(numbers), np.nan, numbers + 0.0)
    return np.ascontiguousarray(canonical, dtype=np.float64).view(np.uint64)


def _digests(texts: Array) -> Array:
    from pandas.util import hash_array

    found: Array = hash_array(texts)
    return found


def _ordered(columns: list[_Read], target: Array, seed: int) -> tuple[list[_Read], Array]:
    """Give columns and rows an order by their content: each refines the digests of the other.

    A column's digest is a sum over its rows, and a row's a sum over its columns, so that neither depends on
    the order of the other (the colours of Weisfeiler and Leman, 1968).
    """
    import numpy as np

    rows = _mixed(_bits(target.astype(float)) + np.uint64((seed * _GOLDEN) % 2**64))
    if not columns:
        return columns, np.argsort(rows, kind="stable")
    cells = np.column_stack([one.digests for one in columns])
    marks = np.zeros(cells.shape[1], dtype=np.uint64)
    tops, rows = _refined(cells, rows, marks)
    for tie in range(_TIES):
        place = _tied(cells, tops)
        if place is None:
            break
        marks[place] = tie  # the first time none: further rounds may tell them apart
        tops, rows = _refined(cells, rows, marks)
    return [columns[place] for place in np.argsort(tops, kind="stable")], np.argsort(rows, kind="stable")


def _refined(cells: Array, rows: Array, marks: Array) -> tuple[Array, Array]:
    import numpy as np

    tops = marks
    for _ in range(_ROUNDS):
        tops = _mixed(_mixed(cells ^ rows[:, None]).sum(axis=0, dtype=np.uint64) + marks)
        rows = _mixed(_mixed(cells + tops).sum(axis=1, dtype=np.uint64) ^ rows)
    return tops, rows


def _tied(cells: Array, tops: Array) -> int | None:
    """Give the place of a column whose digest another one has that is not the same in each row.

    Rows and columns may change places together without a difference. To mark one of such columns tells all
    of them apart, whichever it is (McKay, "Practical graph isomorphism", 1981).
    """
    import numpy as np

    order = np.argsort(tops, kind="stable")
    for place, following in itertools.pairwise(order):
        if tops[place] == tops[following] and (cells[:, place] != cells[:, following]).any():
            return int(place)
    return None


def _mixed(values: Array) -> Array:
    """Scatter 64 bits (the finaliser of SplitMix64; Steele et al., 2014)."""
    import numpy as np

    values = values + np.uint64(_GOLDEN)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: Array = values ^ (values >> np.uint64(31))
    return found


def _side_by_side(columns: list[Array], rows: int, dtype: type) -> Array:
    import numpy as np

    return np.column_stack(columns).astype(dtype) if columns else np.empty((rows, 0), dtype=dtype)
