"""Which data of runs are rows of one table: the folds of a cross-validation that somebody wrote by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from maestro_jupyter.recommend.team import Try
    from maestro_jupyter.store.attempts import Data

    Tries: TypeAlias = Mapping[str, Sequence[Try]]
    """By the data's fingerprint."""

CLOSE = 1.1
"""So many times the rows of the next smaller one a fold has at most."""

OF_TABLE = ("nr_inst", "nr_attr", "nr_class")
"""The meta-features by which its folds are known."""


def groups(tries: Tries) -> dict[str, str]:
    """Name the group of each dataset: those with the same target are of one, and so are folds of one table.

    Parameters
    ----------
    tries : mapping of str to sequence of Try

    Returns
    -------
    dict of str to str
        By fingerprint, the target of the dataset of the group that was tried first.
    """
    same: dict[str, list[str]] = {}
    for fingerprint in tries:
        same.setdefault(_data(tries, fingerprint).target, []).append(fingerprint)
    first = {fingerprint: fingerprint for fingerprint in tries}

    def first_of(one: str) -> str:
        while first[one] != one:
            one = first[one]
        return one

    for alike in (*same.values(), *_loops(tries)):
        ends = {first_of(one) for one in alike}
        earliest = min(ends, key=lambda one: (tries[one][0].attempt.place, one))
        first |= dict.fromkeys(ends, earliest)
    return {fingerprint: _data(tries, first_of(fingerprint)).target for fingerprint in tries}


def folds_of_table(
    tries: Tries, rows: float | None, columns: float | None, classes: float | None
) -> set[str]:
    """Give the datasets that are folds of a table.

    They are if one execution of a cell made them, with the table's columns and number of classes, and if what
    each lacks of its rows comes to all rows, or to a multiple of them, as in a cross-validation.

    Parameters
    ----------
    tries : mapping of str to sequence of Try
    rows, columns, classes : float or None
        How many the table has; see `OF_TABLE`.
    """
    if not rows or not columns:
        return set()
    found: set[str] = set()
    for loop in _loops(tries):
        data = [_data(tries, fingerprint) for fingerprint in loop]
        held_out = [rows - one.shape[0] for one in data]
        alike = _width(data[0]) == columns and (not classes or max(map(_classes, data)) == classes)
        if alike and min(held_out) > 0 and sum(held_out) % rows == 0:
            found.update(loop)
    return found


def _loops(tries: Tries) -> Iterator[list[str]]:
    """Give the data that one execution of a cell made, of the same columns and nearly as many rows."""
    made: dict[tuple[str, object], dict[str, int]] = {}
    for fingerprint, several in tries.items():
        data = _data(tries, fingerprint)
        columns = (_width(data), *((one.name, one.dtype) for one in data.columns))
        for execution in {one.attempt.execution for one in several}:
            if execution is not None and data.shape:
                made.setdefault((execution, columns), {})[fingerprint] = data.shape[0]
    for sizes in made.values():
        if len(sizes) > 1:
            yield from _close(sizes)


def _close(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """Part data where the next larger has many more rows."""
    order = sorted(sizes, key=lambda one: (sizes[one], one))
    begin = 0
    for place in range(1, len(order) + 1):
        if place == len(order) or sizes[order[place]] > CLOSE * sizes[order[place - 1]]:
            if place - begin > 1:
                yield order[begin:place]
            begin = place


def _data(tries: Tries, fingerprint: str) -> Data:
    return tries[fingerprint][0].attempt.data


def _width(data: Data) -> int:
    return data.shape[1] if len(data.shape) > 1 else 1


def _classes(data: Data) -> int:
    classes = data.answers.get("classes", 0)
    return classes if isinstance(classes, int) else 0
