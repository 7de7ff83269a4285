"""Tables and arrays as Parquet, and back."""

from __future__ import annotations

import io
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import Invalid, TooLarge, Unavailable
from maestro_jupyter.library.bombs import check_expansion, check_parquet, texts_of
from maestro_jupyter.library.content import Content, indexed
from maestro_jupyter.recording.datasets import describe

if TYPE_CHECKING:
    from typing import BinaryIO

_VALUES = "values"
_MOST_CATEGORIES = 10_000


def is_table(source: object) -> bool:
    """Tell whether something is a pandas DataFrame or Series, or a NumPy array."""
    return _kind(source) is not None


def table_content(source: Any) -> Content:
    """Give a table's content as Parquet.

    Parameters
    ----------
    source : DataFrame, Series or ndarray

    Returns
    -------
    Content
        Its `about` has the shape, the columns with types and missing shares, and a fingerprint.

    Raises
    ------
    Invalid
        If it holds what Parquet cannot say.
    Unavailable
        Without pyarrow.
    """
    parquet = _parquet()
    kind = _kind(source)
    seen = describe(source)
    columns = [
        {"name": column.name, "dtype": column.dtype, "missing": column.missing} for column in seen.columns
    ]
    about: dict[str, Any] = {
        "kind": kind,
        "shape": seen.shape,
        "columns": columns,
        "missing": seen.missing,
        "fingerprint": seen.fingerprint,
        "sampled": seen.sampled,
    }
    if kind == "ndarray":
        about["dtype"] = source.dtype.str
    else:
        about["categories"] = _categories(source.to_frame() if kind == "Series" else source)
    out = io.BytesIO()
    try:
        parquet.write_table(_to_arrow(source, kind), out, compression="zstd")
    except Exception as error:
        msg = f"The {kind} cannot be written as Parquet: {str(error).splitlines()[0]:.200}."
        raise Invalid(msg, hint="Convert its columns with astype(), or save it to a file.") from error
    text = indexed([str(kind), *(column.name for column in seen.columns)])
    data = out.getvalue()
    return Content("dataset", "parquet", "application/vnd.apache.parquet", ".parquet", data, text, about)


def load_table(file: BinaryIO, about: dict[str, Any], *, trust: bool = False) -> Any:
    """Give back what `table_content` was given.

    Parameters
    ----------
    file : binary file
        Read to its end, since only that says whether its bytes have changed.
    about : dict
    trust : bool
        Whether it may take any amount of memory.

    Raises
    ------
    Invalid
        If the bytes are no Parquet.
    TooLarge
        If a small file would take much memory.
    """
    parquet = _parquet()
    kind = about.get("kind", "DataFrame")
    data = file.read()
    try:
        if not trust:
            _check_size(parquet, data)
        table = parquet.read_table(io.BytesIO(data))
        if kind != "ndarray":
            frame = _with_categories(table.to_pandas(), about.get("categories", []))
            return frame.iloc[:, 0].rename(_name(about)) if kind == "Series" else frame
        return _array(table.column(_VALUES).to_numpy(), about, len(data), trust=trust)
    except TooLarge:
        raise
    except Exception as error:
        msg = f"The bytes are no {kind} in Parquet: {str(error).splitlines()[0]:.200}."
        raise Invalid(msg) from error


def _check_size(parquet: Any, data: bytes) -> None:
    texts = texts_of(parquet.ParquetFile(io.BytesIO(data)).schema)
    check_parquet(parquet.ParquetFile(io.BytesIO(data), read_dictionary=texts), len(data))


def _array(values: Any, about: dict[str, Any], size: int, *, trust: bool) -> Any:
    numpy = import_module("numpy")
    dtype = numpy.dtype(about["dtype"])  # a text type says how long each text is made
    if not trust:
        check_expansion("array", len(values) * dtype.itemsize, size)
    return values.astype(dtype).reshape(about["shape"])


def _kind(source: object) -> str | None:
    for module, name in (("pandas", "DataFrame"), ("pandas", "Series"), ("numpy", "ndarray")):
        cls = getattr(sys.modules.get(module), name, None)
        if isinstance(cls, type) and isinstance(source, cls):
            return name
    return None


def _categories(frame: Any) -> list[dict[str, Any]]:
    """Give the categories of columns, since Parquet keeps those of texts alone that occur."""
    return [
        {"column": position, "values": dtype.categories.tolist(), "ordered": bool(dtype.ordered)}
        for position, dtype in enumerate(frame.dtypes)
        if hasattr(dtype, "categories")
        and len(dtype.categories) <= _MOST_CATEGORIES
        and all(isinstance(value, str | int | float) for value in dtype.categories.tolist())
    ]


def _with_categories(frame: Any, categories: list[dict[str, Any]]) -> Any:
    pandas = import_module("pandas")
    for told in categories:
        values = frame.iloc[:, told["column"]]
        dtype = pandas.CategoricalDtype(told["values"], ordered=told["ordered"])
        frame.isetitem(told["column"], values.astype(dtype))
    return frame


def _to_arrow(source: Any, kind: str | None) -> Any:
    arrow = import_module("pyarrow")
    if kind == "DataFrame":
        return arrow.Table.from_pandas(source)
    if kind == "Series":
        named = source if source.name is not None else source.rename(_VALUES)
        return arrow.Table.from_pandas(named.to_frame())
    values = source.ravel()
    if values.dtype.kind not in "biufUmM":
        msg = f"an array of {values.dtype} is not of numbers, texts or times"
        raise TypeError(msg)
    return arrow.table({_VALUES: values.tolist() if values.dtype.kind == "U" else values})


def _name(about: dict[str, Any]) -> str | None:
    columns = about.get("columns") or [{}]
    return columns[0].get("name") or None


def _parquet() -> Any:
    try:
        return import_module("pyarrow.parquet")
    except ImportError as error:
        msg = "Tables are kept as Parquet, which needs pyarrow."
        raise Unavailable(msg, hint="pip install 'maestro-jupyter[library]'.") from error
