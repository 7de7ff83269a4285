"""Which kinds of columns data have: numbers, categories, texts, dates, or nothing at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from maestro_jupyter.errors import Invalid, Unavailable

if TYPE_CHECKING:
    import pandas as pd

    Name: TypeAlias = str | int

SEEN = 2000
"""How many values of a column of objects are looked at."""

LARGEST = 3.4e38
"""Trees and boosting hold numbers in 32 bits: what is larger, they refuse."""

TIMES: Final = "datetime64[us]"
"""What dates become: unlike nanoseconds, these reach as far as dates of Python do."""

_TEXT_WORDS = 3.0
_TEXT_VALUES = 20
_TEXT_DISTINCT = 0.5
_TEXT_VOCABULARY = 50
"""Of fewer words, in part of the rows, no topics can be made."""
_WORD = re.compile(r"\w\w+")


class Schema(NamedTuple):
    """The columns of a table by what has to be done with them.

    Attributes
    ----------
    numbers, categories, mixed, texts, dates, zoned, calendar, durations : tuple of str or int
        Names of columns, or their positions where names are not unique texts. Booleans are categories;
        `mixed` are those that are categories once they are texts: objects of several types, and what is
        missing as ``pandas.NA``; `zoned` are dates with a time zone, and `calendar` those that have to be
        made times first, such as periods; columns without a value are in none.
    columns : int
        How many there are.
    missing : frozenset of str
        Which of these hold missing values.
    infinite : bool
        Whether numbers do.
    form : str
        ``"frame"``, ``"array"`` (two dimensions of numbers), ``"sparse"`` or ``"texts"`` (one dimension).
    nullable : frozenset of str
        Which of these are numbers or dates of a type that has missing values of its own, or objects.
    by_place : bool
        Whether columns have to be named by their positions first: scikit-learn takes tables with unique texts
        or whole numbers for names.
    to_pandas : bool
        Whether that takes a method of the data: tables of Arrow and Polars have one.
    """

    numbers: tuple[Name, ...] = ()
    categories: tuple[Name, ...] = ()
    mixed: tuple[Name, ...] = ()
    texts: tuple[Name, ...] = ()
    dates: tuple[Name, ...] = ()
    zoned: tuple[Name, ...] = ()
    calendar: tuple[Name, ...] = ()
    durations: tuple[Name, ...] = ()
    columns: int = 0
    missing: frozenset[str] = frozenset()
    infinite: bool = False
    form: str = "frame"
    nullable: frozenset[str] = frozenset()
    by_place: bool = False
    to_pandas: bool = False


def schema_of(X: Any) -> Schema:
    """Read the schema of data.

    Parameters
    ----------
    X : DataFrame, array, sparse matrix, Series or list of texts

    Returns
    -------
    Schema

    Raises
    ------
    Invalid
        If it is no table.

    Examples
    --------
    >>> import pandas as pd
    >>> schema = schema_of(pd.DataFrame({"age": [31.0, None], "town": ["Ulm", "Bonn"]}))
    >>> schema.numbers, schema.categories, sorted(schema.missing)
    (('age',), ('town',), ['numbers'])
    """
    import numpy as np
    import pandas as pd

    if is_sparse(X):
        values = as_rows(X).data
        check_sizes(values, "X")
        missing = frozenset({"numbers"} if bool(np.isnan(values).any()) else ())
        return Schema(
            numbers=tuple(range(X.shape[1])),
            columns=X.shape[1],
            missing=missing,
            infinite=bool(np.isinf(values).any()),
            form="sparse",
        )
    frame = as_frame(X)
    if not isinstance(X, pd.DataFrame) and _dimensions(X) == 1:
        if kind(frame.iloc[:, 0]) == "text":
            return Schema(texts=(0,), columns=1, form="texts")
        msg = "X has one dimension; a table has two."
        raise Invalid(msg, hint=f"Give {_as_table(X)}.")
    if not isinstance(X, pd.DataFrame):
        frame = frame.set_axis(range(frame.shape[1]), axis=1)
    found = _of_frame(frame)
    simple = not isinstance(X, pd.DataFrame) and len(found.numbers) == frame.shape[1] and _numeric(X)
    if simple:
        return found._replace(form="array", by_place=False)
    if isinstance(X, pd.DataFrame):
        return found
    return found._replace(by_place=True, to_pandas=hasattr(X, "to_pandas"))


def _as_table(X: Any) -> str:
    """Say how somebody makes a table of one dimension."""
    if hasattr(X, "to_frame"):
        return "X.to_frame()"
    return "X.reshape(-1, 1) or a DataFrame" if hasattr(X, "reshape") else 'pd.DataFrame({"x": X})'


def _dimensions(X: Any) -> int:
    """Count dimensions, without making one array of a table of Polars or Arrow: that takes long, or fails."""
    import numpy as np

    return len(X.shape) if hasattr(X, "shape") else np.ndim(X)


def _numeric(X: Any) -> bool:
    import numpy as np

    return np.asarray(X).dtype.kind in "iuf"


def _of_frame(frame: pd.DataFrame) -> Schema:
    import numpy as np

    unique = frame.columns.is_unique
    named = unique and all(isinstance(name, str) for name in frame.columns)
    numbered = unique and all(isinstance(name, int) for name in frame.columns)
    groups: dict[str, list[Name]] = {}
    missing, nullable, infinite = set(), set(), False
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, position]
        group = _group(column)
        if group is None:
            continue
        groups.setdefault(group, []).append(name if named else position)
        if bool(column.isna().any()):
            missing.add(group)
        if group == "numbers":
            values = column.to_numpy(dtype=float, na_value=np.nan)
            check_sizes(values, "X")
            infinite |= bool(np.isinf(values).any())
        if group != "calendar" and _is_nullable(column.dtype):
            nullable.add(group)
    found = {group: tuple(names) for group, names in groups.items()}
    return Schema(
        numbers=found.get("numbers", ()),
        categories=found.get("categories", ()),
        mixed=found.get("mixed", ()),
        texts=found.get("texts", ()),
        dates=found.get("dates", ()),
        zoned=found.get("zoned", ()),
        calendar=found.get("calendar", ()),
        durations=found.get("durations", ()),
        columns=frame.shape[1],
        missing=frozenset(missing),
        infinite=infinite,
        nullable=frozenset(nullable),
        by_place=not (named or numbered),
    )


def _group(column: pd.Series[Any]) -> str | None:
    group = _GROUPS.get(kind(column))
    if group == "dates" and is_duration(column):
        return "durations"
    if group == "dates" and is_calendar(column):
        return "calendar"
    if group == "dates" and is_zoned(column):
        return "zoned"
    if group == "categories" and not _is_sortable(column):
        return "mixed"
    return group


def is_duration(column: pd.Series[Any]) -> bool:
    """Tell whether a column holds lengths of time."""
    return column.dtype.kind == "m"


def is_calendar(column: pd.Series[Any]) -> bool:
    """Tell whether dates are no times to pandas: dates and times of Python, days of Arrow, and periods."""
    from pandas.api.types import infer_dtype

    return infer_dtype(column, skipna=True) in _DATES


def as_times(column: pd.Series[Any]) -> pd.Series[Any]:
    """Make such dates times; a period is its begin.

    Examples
    --------
    >>> import pandas as pd
    >>> as_times(pd.Series(pd.period_range("2024-01", periods=2, freq="M"))).dt.day.tolist()
    [1, 1]
    """
    return column.astype(TIMES)


def is_zoned(column: pd.Series[Any]) -> bool:
    """Tell whether dates have a time zone."""
    return column.dt.tz is not None


def _is_sortable(column: pd.Series[Any]) -> bool:
    """Tell whether scikit-learn can bring the values of a column into an order, as its encoders do."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.categories.inferred_type.startswith(
        "mixed"
    ):
        return False
    return not any(value is pd.NA for value in column[column.isna()])


def _is_nullable(dtype: Any) -> bool:
    import numpy as np
    import pandas as pd

    return not isinstance(dtype, np.dtype | pd.DatetimeTZDtype) or dtype.kind == "O"


_GROUPS = {
    "number": "numbers",
    "category": "categories",
    "mixed": "mixed",
    "text": "texts",
    "date": "dates",
}


def is_sparse(X: Any) -> bool:
    """Tell whether something is a sparse matrix of SciPy."""
    return hasattr(X, "tocsr") and hasattr(X, "nnz")


def as_rows(X: Any) -> Any:
    """Give a sparse matrix row by row (CSR).

    Raises
    ------
    Invalid
        If its numbers are complex.
    """
    check_real(X.dtype, "X")
    return X.tocsr()


def check_real(dtype: Any, name: str) -> None:
    """Refuse complex numbers.

    Raises
    ------
    Invalid
        If there are any.
    """
    if getattr(dtype, "kind", "") == "c":
        msg = f"{name} holds complex numbers, which models do not take."
        raise Invalid(msg, hint="Give their real and imaginary parts, or sizes and angles.")


def as_pandas(data: Any) -> Any:
    """Give data of Polars or Arrow as pandas has them.

    Raises
    ------
    Unavailable
        If a package that this takes is not installed.
    Invalid
        If a column is of a kind that pandas does not have.
    """
    kind = f"{type(data).__module__.partition('.')[0]}.{type(data).__name__}"
    try:
        return data.to_pandas()
    except ImportError as error:
        package = error.name or "pyarrow"
        msg = f"To read a {kind} takes the package {package}, which is not installed."
        raise Unavailable(msg, hint=f"pip install {package}") from error
    except Exception as error:
        said = " ".join(str(error).split())
        msg = f"The {kind} cannot be read, as its to_pandas() raises {type(error).__name__}: {said:.200}."
        raise Invalid(msg, hint="Give what pandas does not have another type.") from error


def check_sizes(values: Any, name: str) -> None:
    """Refuse finite numbers that are too large for most models.

    Raises
    ------
    Invalid
        If there are any.
    """
    import numpy as np

    sizes = np.abs(values[np.isfinite(values)])
    if bool((sizes > LARGEST).any()):
        msg = (
            f"{name} holds numbers as large as {sizes.max():.0e}, and most models take none beyond {LARGEST}."
        )
        raise Invalid(msg, hint="Divide them by the largest, or give their logarithms.")


def as_frame(X: Any) -> pd.DataFrame:
    """Give data that is not sparse as a DataFrame, without a copy where that is possible.

    Raises
    ------
    Invalid
        If it is no table.
    Unavailable
        See `as_pandas`.
    """
    import numpy as np
    import pandas as pd

    if X is None:
        msg = "X is None."
        raise Invalid(msg, hint="Give a DataFrame, or an array of rows and columns.")
    if not isinstance(X, pd.DataFrame) and hasattr(X, "to_pandas"):
        X = as_pandas(X)
    if isinstance(X, np.ndarray) and X.ndim > 2:
        msg = f"X has {X.ndim} dimensions; a table has two."
        raise Invalid(msg, hint="Give X.reshape(len(X), -1), or features made of each item.")
    frame = X if isinstance(X, pd.DataFrame) else _made_a_frame(X)
    for dtype in set(frame.dtypes):
        check_real(dtype, "X")
    return frame


def _made_a_frame(X: Any) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    try:
        if isinstance(X, np.ndarray) and X.dtype.names is None:
            # It is only read: pandas would copy it otherwise.
            return pd.DataFrame(X if X.ndim == 2 else X.reshape(-1, 1), copy=False)
        return pd.DataFrame(X)
    except (ValueError, TypeError) as error:
        msg = f"X is no table: it is a {type(X).__name__} that pandas cannot read."
        raise Invalid(msg, hint="Give a DataFrame, or an array of rows and columns.") from error


def kind(column: pd.Series[Any]) -> str:
    """Tell what a column holds.

    Parameters
    ----------
    column : pandas.Series

    Returns
    -------
    str
        ``"number"``, ``"category"`` (few texts, booleans, a categorical), ``"mixed"`` (objects of several
        types), ``"text"``, ``"date"`` (also lengths of time, and periods), or ``"empty"`` where no value
        is known.

    Examples
    --------
    >>> import pandas as pd
    >>> [kind(pd.Series(values, dtype=object)) for values in ([1, 2.5], ["a", "b"], [1, "a"], [None])]
    ['number', 'category', 'mixed', 'empty']
    """
    from pandas.api import types

    dtype = column.dtype
    if types.is_bool_dtype(dtype) or isinstance(dtype, _categorical()):
        return "category" if bool(column.notna().any()) else "empty"
    if types.is_datetime64_any_dtype(dtype) or is_duration(column):
        return "date" if bool(column.notna().any()) else "empty"
    if types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype):
        return "number" if bool(column.notna().any()) else "empty"
    return _kind_of_objects(column)


def _categorical() -> type:
    import pandas as pd

    return pd.CategoricalDtype


def _kind_of_objects(column: pd.Series[Any]) -> str:
    from pandas.api.types import infer_dtype

    inferred = infer_dtype(column, skipna=True)
    if inferred == "empty" or not bool(column.notna().any()):
        return "empty"
    if inferred == "string":
        return "text" if _is_prose(column.dropna().head(SEEN).tolist()) else "category"
    if inferred in _DATES:
        return "date" if _are_times(column) else "mixed"
    return _INFERRED.get(inferred, "mixed")


def _are_times(column: pd.Series[Any]) -> bool:
    """Tell whether dates can be made times: those with time zones, and objects that are periods, cannot."""
    try:
        as_times(column)
    except (TypeError, ValueError):
        return False
    return True


_INFERRED = {
    "boolean": "category",
    "integer": "number",
    "floating": "number",
    "mixed-integer-float": "number",
    "decimal": "number",
}
"""What is done with objects, by what pandas says that they are."""

_DATES = {"date", "datetime", "period"}


def _is_prose(values: list[str]) -> bool:
    words = sum(value.count(" ") + 1 for value in values) / len(values)
    distinct = len(set(values))
    if words < _TEXT_WORDS or distinct < max(_TEXT_VALUES, _TEXT_DISTINCT * len(values)):
        return False
    return len({word.casefold() for value in values for word in _WORD.findall(value)}) >= _TEXT_VOCABULARY
