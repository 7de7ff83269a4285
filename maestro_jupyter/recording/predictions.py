"""Lineage: which run made the predictions that a metric is computed on.

An array is recognised first by identity (the object that ``predict`` returned, or a view of it), then by
content against bounded copies: equal values, argmax, a column, a threshold, rounding. The user's arrays are
never kept alive.
"""

from __future__ import annotations

import sys
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.datasets import describe

if TYPE_CHECKING:
    from maestro_jupyter.recording.active_run import ActiveRun

_ENTRIES = 128
_TOTAL = 64 << 20
_SINGLE = 16 << 20
_COLUMNS = 200
_DECIMALS = 6
_CHAIN = 10
_TABLE = 2  # dimensions


@dataclass(eq=False)
class Prediction:
    """What a recorded estimator once predicted."""

    run: ActiveRun
    training: bool
    length: int
    copy: Any
    """The values; None where they are too many to keep."""
    fingerprint: str
    """Of the values, where there is no copy."""
    classes: Any = None


class Predictions:
    """The predictions of the recorded estimators of this process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Prediction] = OrderedDict()
        self._bytes = 0
        self._by_identity: dict[int, tuple[weakref.ref[Any], Prediction]] = {}

    def remember(self, result: Any, run: ActiveRun, *, training: bool = False, classes: Any = None) -> None:
        """Note that a run's estimator gave a result.

        Parameters
        ----------
        result : array, Series, DataFrame, sparse matrix, or list of arrays
            What it returned.
        run : ActiveRun
            The run.
        training : bool
            Whether it was computed from the data of the fit.
        classes : array, optional
            The labels of a result's columns.
        """
        if isinstance(result, list | tuple) and result and hasattr(result[0], "shape"):
            labels = (
                classes if isinstance(classes, list) and len(classes) == len(result) else [None] * len(result)
            )
            for each, names in zip(result, labels, strict=True):
                self.remember(each, run, training=training, classes=names)
            return
        values = _array(result)
        if values is None or not values.ndim or not len(values):
            return
        small = values.nbytes <= _SINGLE
        kept = Prediction(
            run,
            training,
            len(values),
            values.copy() if small else None,
            "" if small else describe(values).fingerprint,
            classes if not isinstance(classes, list) else None,
        )
        self._keep(kept)
        for each in {id(part): part for part in (result, values, _owner(values))}.values():
            self._point(each, kept)

    def origins(self, values: Any) -> list[Prediction]:
        """Find where predictions come from.

        Parameters
        ----------
        values : array-like
            What was passed to a metric.

        Returns
        -------
        list of Prediction
            One for each run that can have made them; several mean that nobody knows.
        """
        array = _array(values)
        if array is None or not array.ndim:
            return []
        same = self._identified(values, array)
        if same is not None:
            return [same]
        found: dict[str, Prediction] = {}
        for kept in reversed(list(self._kept.values())):  # other threads may add to them
            if kept.length != len(array) or kept.copy is None or kept.run.run_id in found:
                continue
            if derives(array, kept.copy, kept.classes):
                found[kept.run.run_id] = kept
        return list(found.values())

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._by_identity.clear()
        self._bytes = 0

    def _identified(self, values: Any, array: Any) -> Prediction | None:
        part = values
        for _ in range(_CHAIN):
            known = self._by_identity.get(id(part))
            if known is not None and known[0]() is part:
                return known[1] if _is_unchanged(part, known[1]) else None
            part = array if part is values and part is not array else getattr(part, "base", None)
            if part is None:
                return None
        return None

    def _keep(self, kept: Prediction) -> None:
        self._kept[id(kept)] = kept
        self._bytes += _size(kept)
        while len(self._kept) > _ENTRIES or self._bytes > _TOTAL:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= _size(oldest)

    def _point(self, part: Any, kept: Prediction) -> None:
        key = id(part)

        def forget(dead: weakref.ref[Any]) -> None:
            if self._by_identity.get(key, (None,))[0] is dead:
                del self._by_identity[key]

        try:
            self._by_identity[key] = (weakref.ref(part, forget), kept)
        except TypeError:
            return  # what takes no weak reference is recognised by its content


def derives(values: Any, source: Any, classes: Any = None) -> bool:
    """Tell whether an array can have been made from a prediction.

    Parameters
    ----------
    values : ndarray of shape (n,) or (n, k)
        The array.
    source : ndarray of shape (n,) or (n, k)
        The prediction: labels, numbers, scores or probabilities.
    classes : ndarray, optional
        The labels of the prediction's columns.

    Returns
    -------
    bool

    Examples
    --------
    >>> import numpy as np
    >>> proba = np.array([[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]])
    >>> derives(np.array(["no", "yes", "no"]), proba, np.array(["no", "yes"]))
    True
    >>> derives(proba[:, 1] > 0.2, proba), derives(np.array([0, 0, 1]), proba)
    (True, False)
    """
    values, source = _flat(values), _flat(source)
    if len(values) != len(source):
        return False
    if values.ndim > 1:
        return values.shape == source.shape and _is_equal(values, source)
    if source.ndim == 1:
        return _is_from_column(values, source)
    if source.ndim != _TABLE or source.shape[1] > _COLUMNS or source.dtype.kind not in "biuf":
        return False
    best = source.argmax(axis=1)
    if _is_equal(values, best) or (
        classes is not None and len(classes) == source.shape[1] and _is_equal(values, classes[best])
    ):
        return True
    return any(_is_from_column(values, source[:, column]) for column in range(source.shape[1]))


def _is_from_column(values: Any, column: Any) -> bool:
    if _is_equal(values, column):
        return True
    if column.dtype.kind != "f" or values.dtype.kind not in "biufUO":
        return False
    numeric = values.dtype.kind in "iuf"
    if numeric and (_is_equal(values, 1 - column) or _is_rounded(values, column)):
        return True
    return _is_threshold(values, column)


def _is_equal(values: Any, source: Any) -> bool:
    """Tell whether values are equal, or were so before a cast."""
    import numpy as np

    if values.dtype.kind in "UOS" and source.dtype.kind not in "UOS":
        source = source.astype(str)
    if source.dtype.kind in "UOS":
        return bool(np.all(values.astype(str) == source.astype(str)))
    if values.dtype.kind not in "biufc" or source.dtype.kind not in "biufc":
        return bool(np.array_equal(values, source))
    if np.array_equal(values, source, equal_nan=True):
        return True
    if values.dtype == source.dtype or not np.isfinite(source).all():
        return False
    cast = source.astype(values.dtype)
    # a cast to whole numbers that leaves one value only says nothing
    return bool(np.array_equal(values, cast)) and bool(np.any(cast != cast.flat[0]))


def _is_rounded(values: Any, column: Any) -> bool:
    import numpy as np

    if not np.isfinite(values).all() or values.min() == values.max():
        return False
    decimals = range(_DECIMALS + 1) if values.dtype.kind == "f" else range(1)
    return any(np.array_equal(values, np.round(column, places)) for places in decimals)


def _is_threshold(values: Any, column: Any) -> bool:
    """Tell whether all of one label's scores are above all of the other's."""
    import numpy as np

    if values[0] != values[0] or not np.isfinite(column).all():
        return False
    one = values == values[0]
    others = values[~one]
    if not len(others) or not np.all(others == others[0]):
        return False
    scores, rest = column[one], column[~one]
    return bool(scores.min() > rest.max() or scores.max() < rest.min())


def _array(values: Any) -> Any:
    """Give the values as an array, without a copy where possible; None if they are none."""
    import numpy as np

    if isinstance(values, np.ndarray):
        return np.asarray(values)
    sparse = sys.modules.get("scipy.sparse")
    if sparse is not None and sparse.issparse(values):
        return values.toarray() if values.shape[0] * values.shape[1] * 8 <= _SINGLE else None
    if hasattr(values, "to_numpy"):
        return values.to_numpy()
    if isinstance(values, str | bytes) or not (hasattr(values, "__len__") or hasattr(values, "__array__")):
        return None
    try:
        return np.asarray(values)
    except ValueError:
        return None  # ragged


def _flat(values: Any) -> Any:
    return values[:, 0] if values.ndim == _TABLE and values.shape[1] == 1 else values


def _owner(values: Any) -> Any:
    """Give the array that a reshaped view shows in full, or the array itself."""
    base = getattr(values, "base", None)
    return base if base is not None and getattr(base, "nbytes", -1) == values.nbytes else values


def _is_unchanged(part: Any, kept: Prediction) -> bool:
    import numpy as np

    array = _array(part)
    if kept.copy is None:
        return describe(array).fingerprint == kept.fingerprint
    if array.size != kept.copy.size:
        return False
    array = array.reshape(kept.copy.shape)
    if array.dtype.kind in "fc":
        return bool(np.array_equal(array, kept.copy, equal_nan=True))
    return bool(np.array_equal(array, kept.copy))


def _size(kept: Prediction) -> int:
    return 0 if kept.copy is None else int(kept.copy.nbytes)
