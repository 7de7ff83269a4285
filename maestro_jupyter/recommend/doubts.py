"""What somebody should know who asks about data: that y is given away, may be classes, or cannot be told."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

from maestro_jupyter.recommend.columns import as_frame, is_sparse, kind
from maestro_jupyter.recommend.metafeatures_landmarking import LANDMARKING, ROWS
from maestro_jupyter.recommend.metafeatures_sample import one_column
from maestro_jupyter.recommend.portfolio import TASKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy as np
    import pandas as pd

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_MANY_CLASSES = 10
"""More whole numbers than these are seldom classes."""

_FEW_NUMBERS, _OFTEN = 200, 10
"""Fewer whole numbers than these, each so often on average, may be classes."""

_LANDMARKS = tuple(name for name in LANDMARKING if name != "forest_gain")

_NAMED = 3
_LOOKED_AT = 50


def doubts(X: Any, y: Any, task: str, measured: Mapping[str, float], *, is_told: bool) -> list[str]:
    """Say in sentences what may be wrong with a question that can be answered.

    Parameters
    ----------
    X, y
    task : str
    measured : mapping of str to float
        Their meta-features.
    is_told : bool
        Whether the user said what the task is.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.arange(60) % 20
    >>> for one in doubts(np.column_stack([y, np.arange(60)]), y, "classification", {}, is_told=False):
    ...     print(one)
    Column 0 of X tells y, value by value: leave it out if it was made from y.
    y has 20 different whole numbers, which are taken for classes: say task='regression' if they are amounts.
    """
    target = one_column(y)
    found = list(_telling(X, target, task))
    said = []
    if found:
        columns = f"Column {found[0]}" if len(found) == 1 else f"Columns {', '.join(found[:_NAMED])}"
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        tell, leave = ("tells", "it out if it was") if len(found) == 1 else ("tell", "them out if they were")
        said.append(f"{columns}{more} of X {tell} y, value by value: leave {leave} made from y.")
    if not is_told and (number := _whole_numbers(target)):
        said += _of_numbers(number, len(target), task)
    if _is_guessed(task, measured):
        said.append("Quick models do no better on these data than guessing: X may say nothing of y.")
    return said


def _is_guessed(task: str, measured: Mapping[str, float]) -> bool:
    """Tell whether no landmark is better than chance by more than chance makes the best of them.

    Of data that were drawn by lot that is said of 95 % for numbers, and of 88 % for classes.
    """
    landmarks = [value for name in _LANDMARKS if not math.isnan(value := measured.get(name, math.nan))]
    if not landmarks:
        return False
    if task == TASKS[1]:
        return max(landmarks) <= 0.0
    return max(landmarks) <= 1 / measured["nr_class"] + 1 / math.sqrt(min(measured["nr_inst"], ROWS))


def _of_numbers(number: int, rows: int, task: str) -> Iterator[str]:
    taken = f"y has {number} different whole numbers, which are taken for"
    if task == TASKS[0] and number > _MANY_CLASSES:
        yield f"{taken} classes: say task='regression' if they are amounts."
    if task == TASKS[1] and number <= min(_FEW_NUMBERS, rows / _OFTEN):
        yield f"{taken} amounts: say task='classification' if they are classes."


def _whole_numbers(target: pd.Series[Any]) -> int:
    """Count the different values of a target of whole numbers; 0 for any other."""
    import pandas as pd

    if kind(target) != "number":
        return 0
    numbers = pd.to_numeric(target).to_numpy(dtype=float)
    return len(set(numbers.tolist())) if bool((numbers == numbers.round()).all()) else 0


def _telling(X: Any, target: pd.Series[Any], task: str) -> Iterator[str]:
    """Name the columns that are the target, or are as good as its classes."""
    if is_sparse(X):
        return
    read = _codes if task == TASKS[0] else _numbers
    frame, wanted = as_frame(X), read(target)
    for place, name in enumerate(frame.columns):
        column = frame.iloc[:, place]
        if all(_tells(column.iloc[:rows], wanted, read) for rows in (_LOOKED_AT, len(target))):
            yield repr(name)[:80]


def _tells(column: pd.Series[Any], wanted: Array, read: Callable[[pd.Series[Any]], Array]) -> bool:
    try:
        return bool((read(column) == wanted[: len(column)]).all())
    except (TypeError, ValueError):  # no numbers, or what cannot be hashed
        return False


def _codes(column: pd.Series[Any]) -> Array:
    """Give each value the number of those before it that were new."""
    import pandas as pd

    codes: Array = pd.factorize(column)[0]
    return codes


def _numbers(column: pd.Series[Any]) -> Array:
    numbers: Array = column.to_numpy(dtype=float)
    return numbers
