"""Data of Polars and Arrow: some rows of them, and what their columns are called and hold."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Named(NamedTuple):
    """A column.

    Attributes
    ----------
    name : str
        Empty where it has none.
    dtype : str
        As its package calls it, without the values that it may have: an enumeration would name them.
    values : ndarray
    """

    name: str
    dtype: str
    values: NDArray[Any]


def is_columnar(data: Any) -> bool:
    """Tell whether something is a table, or a column, of Polars or Arrow."""
    package = type(data).__module__.partition(".")[0]
    return package in {"polars", "pyarrow"} and hasattr(data, "slice") and hasattr(data, "to_pandas")


def rows_of(data: Any, starts: Sequence[int], length: int) -> Any:
    """Give blocks of rows, without a look at the others: to take rows by number joins all of Arrow's first.

    Parameters
    ----------
    data : table or column
    starts : sequence of int
        Where blocks begin.
    length : int
        How many rows each has.
    """
    blocks = [data.slice(start, length) for start in starts]
    if _is_arrow(data):
        arrow = sys.modules["pyarrow"]
        if hasattr(data, "to_batches"):
            return arrow.concat_tables(blocks)
        if hasattr(data, "schema"):
            return arrow.Table.from_batches(blocks)
        return arrow.chunked_array([chunk for one in blocks for chunk in getattr(one, "chunks", [one])])
    return sys.modules["polars"].concat(blocks)


def columns_of(data: Any) -> list[Named]:
    """Give the columns of a table, or a column itself."""
    if not _is_arrow(data):
        columns = data.get_columns() if hasattr(data, "get_columns") else [data]
        return [Named(one.name, str(one.dtype.base_type()), _values(one)) for one in columns]
    names = data.schema.names if hasattr(data, "schema") else [""]
    columns = data.columns if hasattr(data, "schema") else [data]
    return [Named(name, str(one.type), _values(one)) for name, one in zip(names, columns, strict=True)]


def _values(column: Any) -> NDArray[Any]:
    """Give values as an array; those missing in a dictionary of several chunks would be its last value."""
    import numpy as np

    return np.asarray(column.combine_chunks() if hasattr(column, "combine_chunks") else column)


def _is_arrow(data: Any) -> bool:
    return type(data).__module__.startswith("pyarrow")
