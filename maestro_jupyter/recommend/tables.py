"""Reads the tables that an engine is given, arrays or DataFrames; refuses in one clear sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from maestro_jupyter.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from maestro_jupyter.recommend.history import Array


def numbers(table: Any, name: str) -> Array:
    """Read a table of numbers; None is NaN.

    Raises
    ------
    Invalid
        If it has not two dimensions, or holds anything but numbers.

    Examples
    --------
    >>> numbers([[1, None], [2, 3]], "scores").tolist()
    [[1.0, nan], [2.0, 3.0]]
    """
    try:
        found = np.array(table, dtype=float)
    except (TypeError, ValueError) as error:
        msg = f"The {name} are no table of numbers: {error}."
        raise Invalid(msg) from error
    if found.ndim != 2:
        msg = f"The {name} have {found.ndim} dimensions, and a table has two."
        raise Invalid(msg)
    return found


def scores(table: Any) -> Array:
    """Read scores, where minus infinity is a failure: it becomes the worst that its dataset knows.

    Examples
    --------
    >>> scores([[0.5, -np.inf, 0.7]]).tolist()
    [[0.5, 0.5, 0.7]]
    """
    found = numbers(table, "scores")
    if not found.shape[1]:
        msg = "The scores have no column: there is no config to learn of."
        raise Invalid(msg)
    if np.isposinf(found).any():
        msg = "Some scores are infinite."
        raise Invalid(msg, hint="A trial that was not made is NaN, and one that failed is minus infinity.")
    failed = np.isneginf(found)
    known = np.where(failed, np.nan, found)
    some = ~np.isnan(known).all(axis=1)
    worst = np.full(len(known), np.nan)
    worst[some] = np.nanmin(known[some], axis=1)
    filled: Array = np.where(failed, worst[:, None], known)
    return filled


def row(values: Any, columns: Any, count: int, name: str) -> Array:
    """Read one dataset's values; those with names are put in the order of the table's columns.

    Raises
    ------
    Invalid
        If there are more or fewer than the table has columns.
    """
    ordered = values.reindex(columns) if columns is not None and hasattr(values, "reindex") else values
    found: Array = numbers(np.asarray(ordered).reshape(1, -1), name)[0]
    if len(found) != count:
        msg = f"There are {len(found)} {name}, and the table has {count}."
        raise Invalid(msg)
    return found


def codes(labels: Iterable[Hashable]) -> dict[Hashable, int]:
    """Give labels numbers in order of appearance."""
    number: dict[Hashable, int] = {}
    for label in labels:
        number.setdefault(label, len(number))
    return number


def standardised(table: Any, count: int) -> Array:
    """Read features of configs: numbers, or the categories of a DataFrame; NaN as the mean.

    Raises
    ------
    Invalid
        If there is not one row for each config.
    """
    if hasattr(table, "dtypes"):
        import pandas as pd

        table = pd.get_dummies(table, dtype=float)
    found = numbers(table, "config features")
    if len(found) != count:
        msg = f"There are features of {len(found)} configs, and the scores have {count}."
        raise Invalid(msg)
    known = np.isfinite(found)
    tall = np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, found - np.where(known, found, 0.0).sum(axis=0) / tall, 0.0)
    size = np.sqrt((centred**2).sum(axis=0) / tall)
    varying = size > 0
    scaled: Array = centred[:, varying] / size[varying]
    return scaled
