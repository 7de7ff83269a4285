"""Whether larger or smaller values of a parameter went with better runs, or which of its words did.

It is read from the mean effects along an axis that forests of resampled runs tell, and is said only where
nearly all of them say the same: an association in the runs that there are, no cause.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from maestro_jupyter.models.insight import Direction
    from maestro_jupyter.recommend.parameter_space import Axis, Floats

LEAST_OF_STRETCH = 5
"""What fewer runs tried stands for nothing: a stretch of numbers is widened, a word is not named."""

STRETCHES = 5
"""How many stretches at the most divide the numbers."""

AGREED = 0.95
"""The share of the resampled forests that have to agree."""

_DOUBTED = 0.8
"""An end is not called the best if a stretch before it is better in this share of the forests."""

_NEAR, _FAR = 0.15, 0.25
"""Which share of all that a parameter's numbers differ by is no difference, and which is one."""


def direction_of(axis: Axis, effects: Floats) -> Direction | None:
    """Say which numbers of a parameter went with better runs.

    Larger ones did if the runs are about the best at the upper end and about the worst at the lower end. The
    middle did if one stretch between the ends is better than both by more than a quarter of all that differs.

    Parameters
    ----------
    axis : Axis
    effects : array of float, shape (forests, cells)
        How good runs are in each cell; higher is better.

    Returns
    -------
    str or None
        None where the forests do not agree, or too few runs have different numbers.

    Examples
    --------
    >>> from maestro_jupyter.recommend.parameter_space import axes_of
    >>> axis, = axes_of([{"depth": number % 3} for number in range(30)])
    >>> rising, hill = np.array([[0.0, 0.4, 1.0]]), np.array([[0.0, 1.0, 0.2]])
    >>> direction_of(axis, rising), direction_of(axis, -rising), direction_of(axis, hill)
    ('larger', 'smaller', 'middle')
    >>> direction_of(axis, np.vstack([rising, hill])), direction_of(axis, -hill)
    (None, None)
    """
    stretches = _stretches(axis)
    if len(stretches) < 2:
        return None
    counts = _counts(axis)
    along = np.column_stack([np.average(effects[:, one], axis=1, weights=counts[one]) for one in stretches])
    if _rises(along):
        return "larger"
    if _rises(along[:, ::-1]):
        return "smaller"
    return "middle" if _is_a_hill(along) else None


def choice_of(axis: Axis, effects: Floats) -> str | None:
    """Say which word of a parameter went with better runs than all else that was tried for it.

    Parameters
    ----------
    axis : Axis
    effects : array of float, shape (forests, cells)
        How good runs are in each cell; higher is better.

    Returns
    -------
    str or None
        None where the forests do not agree, it is a number, or too few runs have it or anything else.

    Examples
    --------
    >>> from maestro_jupyter.recommend.parameter_space import axes_of
    >>> axis, = axes_of([{"kernel": ["rbf", "linear"][number % 2]} for number in range(20)])
    >>> [cell.label for cell in axis.cells]
    ['rbf', 'linear']
    >>> choice_of(axis, np.array([[1.0, 0.5], [0.9, 0.6]]))
    'rbf'
    >>> choice_of(axis, np.array([[1.0, 0.5], [0.5, 0.6]])) is None
    True
    """
    best = int(np.argmax(np.median(effects, axis=0)))
    count = int(_counts(axis)[best])
    if axis.cells[best].low is not None or min(count, len(axis.places) - count) < LEAST_OF_STRETCH:
        return None
    others = np.delete(effects, best, axis=1).max(axis=1)
    return axis.cells[best].label if _agree(effects[:, best] > others) else None


def _stretches(axis: Axis) -> list[NDArray[np.intp]]:
    """Divide the cells of numbers that runs are in, so that no stretch has too few runs."""
    counts = _counts(axis)
    found: list[list[int]] = [[]]
    for place, cell in enumerate(axis.cells):
        if cell.low is None or not counts[place]:
            continue
        if sum(counts[found[-1]]) >= LEAST_OF_STRETCH:
            found.append([])
        found[-1].append(place)
    if len(found) > 1 and sum(counts[found[-1]]) < LEAST_OF_STRETCH:
        last = found.pop()
        found[-1] += last
    edges = np.linspace(0, len(found), min(STRETCHES, len(found)) + 1).round().astype(int).tolist()
    return [
        np.array([*itertools.chain(*found[low:high])], np.intp) for low, high in itertools.pairwise(edges)
    ]


def _rises(along: Floats) -> bool:
    """Say whether it is about the worst at the first stretch and about the best at the last."""
    near = _NEAR * np.ptp(along, axis=1)
    first, last = along[:, 0], along[:, -1]
    holds = (last > first) & (last >= along.max(axis=1) - near) & (first <= along.min(axis=1) + near)
    surpassed = np.mean(_inner(along) > last)
    return _agree(holds) and bool(surpassed < _DOUBTED)


def _is_a_hill(along: Floats) -> bool:
    """Say whether one stretch between the ends is better than both, and by more than a little."""
    return _agree(_inner(along) - along[:, [0, -1]].max(axis=1) > _FAR * np.ptp(along, axis=1))


def _inner(along: Floats) -> Floats:
    """Give the stretch between the ends that is usually the best of them; where there is none, the worst."""
    if along.shape[1] < 3:
        return np.full(len(along), -np.inf)
    return along[:, 1 + int(np.argmax(np.median(along[:, 1:-1], axis=0)))]


def _counts(axis: Axis) -> NDArray[np.intp]:
    """Give how many runs each cell has: those that lie nearest to its middle."""
    places = np.array([cell.place for cell in axis.cells])
    nearest = np.searchsorted((places[1:] + places[:-1]) / 2, axis.places)
    return np.bincount(nearest, minlength=len(places))


def _agree(said: NDArray[np.bool_]) -> bool:
    return bool(np.mean(said) >= AGREED)
