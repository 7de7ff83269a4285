"""Fingerprints and summaries of data: what a run was trained on, never the data itself."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from maestro_jupyter.events import Column, DatasetSeen
from maestro_jupyter.recording.columnar import columns_of, is_columnar, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

BUDGET = 4 << 20
"""How many bytes a fingerprint reads."""
_BLOCKS = 64
_COLUMNS = 1000
_OBJECTS = 5000
_TEXT = 200
_CLASSES = 50
_SPARSE_PARTS = ("data", "indices", "indptr", "row", "col", "offsets")


@dataclass(frozen=True)
class Description:
    """What is said of a piece of data."""

    kind: str
    fingerprint: str = ""
    """Empty where the content could not be read."""
    sampled: bool = False
    shape: list[int] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    missing: float | None = None

    def seen(
        self,
        run: str,
        role: str,
        name: str | None = None,
        target: dict[str, float | int | str] | None = None,
        metafeatures: dict[str, float] | None = None,
    ) -> DatasetSeen:
        """Make the event that says it."""
        return DatasetSeen(
            run,
            role,
            name,
            self.kind,
            self.fingerprint,
            self.sampled,
            self.shape,
            self.columns,
            self.missing,
            target,
            metafeatures,
        )


def describe(data: Any) -> Description:
    """Describe and fingerprint data, in a time that does not grow with its size.

    Parameters
    ----------
    data : object
        An array, a data frame, a series, a sparse matrix, a list.

    Returns
    -------
    Description
        Equal content of equal types gives an equal fingerprint, whatever its order in memory.

    Examples
    --------
    >>> import numpy as np
    >>> table = np.array([[1.0, 2.0], [3.0, np.nan]])
    >>> describe(table).shape, describe(table).missing
    ([2, 2], 0.25)
    >>> describe(table).fingerprint == describe(np.asfortranarray(table)).fingerprint
    True
    """
    kind = type(data).__name__
    try:
        return _describe(data, kind)
    except Exception:  # noqa: BLE001 - whatever users pass to fit, it is described as far as possible
        return Description(kind, shape=_shape(data))


def summarise_target(target: Any) -> dict[str, float | int | str] | None:
    """Summarise what is to be predicted.

    Parameters
    ----------
    target : array-like of shape (n,) or (n, k)
        The truth that a model was trained with.

    Returns
    -------
    dict or None
        The task and, of a classification, the classes' counts (of a sample, if there are many rows);
        otherwise mean, standard deviation, least, greatest and quartiles. None if it has no summary.

    Examples
    --------
    >>> summarise_target(["a", "b", "a"])
    {'task': 'classification', 'classes': 2, 'count_a': 2, 'count_b': 1}
    """
    import numpy as np

    try:
        values = np.asarray(_sampled_rows(target)[0])
        outputs = int(np.prod(values.shape[1:]))
        if outputs != 1:
            return {"task": "multi-output", "outputs": outputs}
        return _summary(values.ravel())
    except Exception:  # noqa: BLE001 - see describe
        return None


def _summary(values: Any) -> dict[str, float | int | str] | None:
    import numpy as np

    if values.size == 0:
        return None
    if values.dtype.kind == "O":
        values = values.astype(str)
    labels, counts = np.unique(values, return_counts=True)
    numeric = values.dtype.kind in "iuf"
    whole = not numeric or values.dtype.kind != "f" or bool(np.all(labels == np.floor(labels)))
    if whole and (not numeric or len(labels) <= max(2, min(_CLASSES, values.size // 2))):
        kept = {f"count_{str(label)[:_TEXT]}": int(count) for label, count in _commonest(labels, counts)}
        return {"task": "classification", "classes": len(labels), **kept}
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return None
    low, first, median, third, high = (float(q) for q in np.quantile(finite, [0, 0.25, 0.5, 0.75, 1]))
    return {
        "task": "regression",
        "mean": float(finite.mean()),
        "std": float(finite.std()),
        "min": low,
        "q25": first,
        "median": median,
        "q75": third,
        "max": high,
    }


def _commonest(labels: Any, counts: Any) -> list[tuple[Any, int]]:
    pairs = list(zip(labels.tolist(), counts.tolist(), strict=True))
    if len(pairs) <= _CLASSES:
        return pairs
    return sorted(pairs, key=lambda pair: -pair[1])[:_CLASSES]


def _describe(data: Any, kind: str) -> Description:
    import numpy as np

    pandas, sparse = sys.modules.get("pandas"), sys.modules.get("scipy.sparse")
    if pandas is not None and isinstance(data, pandas.DataFrame):
        return _describe_frame(data, kind)
    if pandas is not None and isinstance(data, pandas.Series):
        values, sampled = _sampled_rows(data)
        array = values.to_numpy()
        missing = _missing_share(array)
        column = Column(str(data.name) if data.name is not None else "", str(data.dtype), missing)
        digest = _digest([str(data.name), str(data.dtype), str(len(data))])
        sampled |= _feed(digest, array)
        return Description(kind, digest.hexdigest(), sampled, [len(data)], [column], missing)
    if sparse is not None and sparse.issparse(data):
        return _describe_sparse(data, kind)
    if is_columnar(data):
        return _describe_columnar(data, kind)
    shape = _shape(data)
    rows, sampled = _sampled_rows(data) if isinstance(data, list | tuple) else (data, False)
    array = rows if isinstance(rows, np.ndarray) else _as_array(rows)
    digest = _digest([array.dtype.str, str(shape or list(array.shape))])
    sampled |= _feed(digest, array)
    missing = _missing_share(array)
    column = Column("", str(array.dtype), missing)
    return Description(kind, digest.hexdigest(), sampled, shape or list(array.shape), [column], missing)


def _describe_frame(data: Any, kind: str) -> Description:
    rows, sampled = _sampled_rows(data)
    dtypes = [str(dtype) for dtype in data.dtypes]
    names = [str(name) for name in data.columns]
    digest = _digest([*names, *dtypes, str(data.shape)])
    if len(set(dtypes)) == 1 and data.dtypes.iloc[0].kind in "biuf":
        values = rows.to_numpy()
        sampled |= _feed(digest, values)
        shares = _missing_by_column(values)
    else:
        shares = []
        for position in range(len(names)):
            array = rows.iloc[:, position].to_numpy()
            sampled |= _feed(digest, array, max(BUDGET // len(names), 256))
            shares.append(_missing_share(array))
    columns = [Column(*each) for each in zip(names, dtypes, shares, strict=True)][:_COLUMNS]
    return Description(kind, digest.hexdigest(), sampled, list(data.shape), columns, _mean(shares))


def _describe_columnar(data: Any, kind: str) -> Description:
    shape = _shape(data)
    rows, sampled = _sampled_rows(data)
    columns = columns_of(rows)
    if len(shape) == 1:  # known by its values alone, as an array is
        about = [columns[0].values.dtype.str]
    else:
        about = [part for one in columns for part in (one.name, one.dtype)]
    digest = _digest([*about, str(shape)])
    for one in columns:
        sampled |= _feed(digest, one.values, max(BUDGET // len(columns), 256))
    shares = [_missing_share(one.values) for one in columns]
    told = [Column(one.name, one.dtype, share) for one, share in zip(columns, shares, strict=True)]
    return Description(kind, digest.hexdigest(), sampled, shape, told[:_COLUMNS], _mean(shares))


def _mean(shares: Sequence[float | None]) -> float | None:
    counted = [share for share in shares if share is not None]
    return sum(counted) / len(counted) if counted else None


def _describe_sparse(data: Any, kind: str) -> Description:
    digest = _digest([data.format, str(data.dtype), str(data.shape)])
    parts = [getattr(data, name) for name in _SPARSE_PARTS if hasattr(data, name)]
    sampled = False
    for part in parts:
        sampled |= _feed(digest, part, BUDGET // len(parts))
    missing = _missing_share(data.data) if data.nnz and data.data.dtype.kind == "f" else 0.0
    share = None if missing is None else missing * data.nnz / max(data.shape[0] * data.shape[1], 1)
    column = Column("", str(data.dtype), share)
    return Description(kind, digest.hexdigest(), sampled, list(data.shape), [column], share)


def _digest(header: Sequence[str]) -> Any:
    return hashlib.blake2b("\0".join(header).encode("utf-8", "backslashreplace"), digest_size=16)


def _feed(digest: Any, array: Any, budget: int = BUDGET) -> bool:
    """Add an array's content to a digest; tell whether it was a sample of it."""
    import numpy as np

    array = np.asarray(array)
    if array.dtype.hasobject:
        chosen = _flat_sample(array, min(_OBJECTS, max(budget // 64, 16)))
        for value in chosen.tolist():
            text = f"{type(value).__name__}:{value!s:.{_TEXT}}"
            digest.update(text.encode("utf-8", "backslashreplace") + b"\0")
        return bool(chosen.size < array.size)
    items = max(budget // max(array.dtype.itemsize, 1), _BLOCKS)
    if array.size <= items:
        digest.update(array.tobytes())
        return False
    digest.update(_flat_sample(array, items).tobytes())
    return True


def _flat_sample(array: Any, items: int) -> Any:
    """Take evenly spaced blocks of an array in C order, whatever its order in memory."""
    import numpy as np

    if array.size <= items:
        return array.ravel()
    flat = array.reshape(-1) if array.flags.c_contiguous else array.flat
    blocks = min(_BLOCKS, items)
    length = items // blocks
    starts = np.linspace(0, array.size - length, blocks).astype(int)
    return np.concatenate([flat[start : start + length] for start in starts])


def _sampled_rows(data: Any) -> tuple[Any, bool]:
    """Give all rows, or evenly spaced ones where there are too many bytes."""
    import numpy as np

    rows = _rows_in_budget(data)
    count = len(data) if hasattr(data, "__len__") else data.shape[0]
    if count <= rows:
        return data, False
    blocks = min(_BLOCKS, rows)
    length = rows // blocks
    starts = np.linspace(0, count - length, blocks).astype(int)
    chosen = (starts[:, None] + np.arange(length)).ravel()
    if isinstance(data, list | tuple):
        return [data[position] for position in chosen], True
    if is_columnar(data):
        return rows_of(data, starts.tolist(), length), True
    return (data.iloc[chosen] if hasattr(data, "iloc") else data[chosen]), True


def _rows_in_budget(data: Any) -> int:
    if isinstance(data, list | tuple):
        width = len(data[0]) if data and isinstance(data[0], list | tuple) else 1
        return max(_OBJECTS * 10 // max(width, 1), _BLOCKS)
    if hasattr(data, "dtypes") and hasattr(data, "columns"):
        width = sum(getattr(dtype, "itemsize", 8) or 8 for dtype in data.dtypes)
    else:
        shape = getattr(data, "shape", (0,))
        width = getattr(getattr(data, "dtype", None), "itemsize", 8) or 8
        for side in shape[1:]:
            width *= side
    return max(int(BUDGET // max(width, 1)), _BLOCKS)


def _as_array(rows: Any) -> Any:
    """Give an array of a list or of anything that says how to become one."""
    import numpy as np

    if not isinstance(rows, list | tuple):
        return np.asarray(rows)
    first = rows[0] if rows else 0
    if isinstance(first, str | bytes | dict):
        array = np.empty(len(rows), dtype=object)  # not as fixed-width text: one long text would widen all
        array[:] = list(rows)
        return array
    return np.asarray(rows)


def _shape(data: Any) -> list[int]:
    shape = getattr(data, "shape", None)
    try:
        if shape is not None:
            return [int(side) for side in shape]
        width = [len(data[0])] if isinstance(data, list) and data and isinstance(data[0], list) else []
        return [len(data), *width]
    except Exception:  # noqa: BLE001 - see describe
        return []


def _missing_share(array: Any) -> float | None:
    import numpy as np

    array = np.asarray(array)
    if array.size == 0:
        return 0.0
    if array.dtype.kind in "biuSU":
        return 0.0
    sample = _flat_sample(array, _OBJECTS if array.dtype.hasobject else BUDGET // array.dtype.itemsize)
    if array.dtype.kind in "fc":
        return float(np.isnan(sample).mean())
    if array.dtype.kind in "mM":
        return float(np.isnat(sample).mean())
    if array.dtype.hasobject and array.dtype.names is None:
        absent = [value is None or _is_nan(value) for value in sample.tolist()]
        return sum(absent) / len(absent)
    return None


def _is_nan(value: Any) -> bool:
    if isinstance(value, float):
        return value != value  # noqa: PLR0124 - true of NaN alone
    return type(value).__name__ in {"NAType", "NaTType"}


def _missing_by_column(values: Any) -> list[float | None]:
    import numpy as np

    if values.dtype.kind != "f" or not len(values):
        return [0.0] * values.shape[1]
    shares: list[float | None] = np.isnan(values).mean(axis=0).tolist()
    return shares
