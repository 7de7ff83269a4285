"""How much memory what was registered may take, beside the bytes that it has: a small file may expand."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import TooLarge

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

ALWAYS = 1 << 30
"""So many bytes may come of the smallest file."""

RATIO = 100
"""So many times its size a larger file may take. Tables and weights rarely shrink to less than a tenth."""

_ROWS = 16_384
_WIDTHS = {"BOOLEAN": 1, "INT32": 4, "FLOAT": 4, "INT64": 8, "DOUBLE": 8, "INT96": 12, "BYTE_ARRAY": 8}


def limit_of(size: int) -> int:
    """Give how many bytes of memory may come of so many that are kept.

    Examples
    --------
    >>> limit_of(10) == 1 << 30, limit_of(1 << 30) == 100 << 30
    (True, True)
    """
    return max(ALWAYS, RATIO * size)


def check_expansion(what: str, expanded: int, size: int) -> None:
    """Refuse what would take too much memory.

    Raises
    ------
    TooLarge
    """
    if expanded > limit_of(size):
        grown = f"{expanded / (1 << 30):,.1f} GiB of memory"
        msg = f"The {what} has {size:,} bytes, and would take at least {grown}."
        raise TooLarge(msg, hint="If you trust whoever made it, pass trust=True.")


def check_parquet(file: Any, size: int) -> None:
    """Refuse a Parquet file that would take too much memory, before it does.

    What the file declares counts first. Texts may be in a dictionary, one of a megabyte for a million rows:
    they are added up with the dictionaries as they are, some rows at a time. What cannot be seen from here
    is a page that holds more values of a list than its column declares; a page is at most 2 GiB long.

    Parameters
    ----------
    file : pyarrow.parquet.ParquetFile
        Opened with ``read_dictionary`` for the columns of `texts_of`.
    size : int
        How many bytes the file has.

    Raises
    ------
    TooLarge
    """
    metadata = file.metadata
    declared = 0
    for group in range(metadata.num_row_groups):
        columns = metadata.row_group(group)
        for place in range(columns.num_columns):
            declared += _declared(columns.column(place), file.schema.column(place))
            check_expansion("table", declared, size)
    texts = texts_of(file.schema)
    if not texts:
        return
    held = declared
    for batch in file.iter_batches(batch_size=_ROWS, columns=texts):
        held += sum(_text_size(column) for column in batch.columns)
        check_expansion("table", held, size)


def texts_of(schema: Any) -> list[str]:
    """Give the paths of the columns of a Parquet schema that hold texts or bytes."""
    columns = (schema.column(place) for place in range(len(schema)))
    return [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]


def check_zip(what: str, archives: Iterator[zipfile.ZipFile], size: int) -> None:
    """Refuse archives whose members would take too much memory; zipfile reads no more than they declare.

    Raises
    ------
    TooLarge
    """
    total = 0
    for archive in archives:
        total += sum(member.file_size for member in archive.infolist())
        check_expansion(what, total, size)


def _declared(chunk: Any, column: Any) -> int:
    fixed = column.physical_type == "FIXED_LEN_BYTE_ARRAY"
    width = int(column.length) if fixed else _WIDTHS[column.physical_type]
    return max(0, int(chunk.num_values)) * max(1, width)


def _text_size(array: Any) -> int:
    """Add up the texts of a column whose dictionaries are not expanded yet, however deep they are."""
    arrow = import_module("pyarrow")
    kinds = arrow.types
    if kinds.is_dictionary(array.type):
        compute = import_module("pyarrow.compute")
        lengths = compute.binary_length(array.dictionary)
        return int(compute.sum(compute.take(lengths, array.indices)).as_py() or 0)
    if kinds.is_map(array.type):
        return _text_size(array.keys) + _text_size(array.items)
    if kinds.is_struct(array.type):
        return sum(_text_size(part) for part in array.flatten())
    if kinds.is_nested(array.type):
        return _text_size(array.flatten())
    return int(array.nbytes)
