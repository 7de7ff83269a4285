"""Parameters as numbers: the values of each as places on one axis, and the cells that divide it."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from maestro_jupyter.events import ParamValue

CELLS = 24
"""How many cells divide the numbers of an axis."""

MOST_CATEGORIES = 50
"""A parameter with more words than these names something rather than choosing it."""

_LOGARITHMIC = 100.0
_ABSENT = "not set"

Floats: TypeAlias = "NDArray[np.float64]"


class Cell(NamedTuple):
    """A part of an axis.

    Attributes
    ----------
    place : float
        Its middle on the axis.
    low, high : float or None
        The numbers that it spans; None for a word.
    label : str
        What it is called.
    weight : float
        Which share of the parameter's domain it is.
    """

    place: float
    low: float | None
    high: float | None
    label: str
    weight: float


class Axis(NamedTuple):
    """One parameter.

    Words, truth values and its absence lie at -1, -2 and so on; numbers lie between 0 and 1, by their
    logarithm where they span two powers of ten.

    Attributes
    ----------
    name : str
    cells : list of Cell
        In the order of their places.
    places : array of float, shape (runs,)
        Where each run lies.
    """

    name: str
    cells: list[Cell]
    places: Floats


def axes_of(params: Sequence[Mapping[str, ParamValue]]) -> list[Axis]:
    """Give the axes of the parameters that differ between runs, by name.

    Parameters
    ----------
    params : sequence of mapping
        Of each run.

    Returns
    -------
    list of Axis
        Without parameters that are the same everywhere, that have no finite number, or that have more words
        than anybody chooses from.

    Examples
    --------
    >>> axis, = axes_of([{"depth": 2, "seed": 0}, {"depth": 4, "seed": 0}, {"depth": None, "seed": 0}])
    >>> axis.name, [cell.label for cell in axis.cells], axis.places.tolist()
    ('depth', ['None', '2', '4'], [0.0, 1.0, -1.0])
    """
    names = sorted({name for one in params for name in one})
    made = (_axis(name, [one.get(name, _ABSENT) for one in params]) for name in names)
    return [axis for axis in made if axis is not None]


def _axis(name: str, values: Sequence[ParamValue]) -> Axis | None:
    numbers = [_number(value) for value in values]
    words = sorted({str(value) for value, known in zip(values, numbers, strict=True) if known is None})
    known = np.array([number for number in numbers if number is not None])
    if len(words) + len(set(known.tolist())) < 2 or len(words) > MOST_CATEGORIES:
        return None
    scale = _Scale.of(known)
    word_places = {word: -1.0 - rank for rank, word in enumerate(words)}
    places = np.array(
        [
            word_places[str(value)] if number is None else scale.place(number)
            for value, number in zip(values, numbers, strict=True)
        ]
    )
    cells = [
        Cell(place, None, None, word, float(np.mean(places == place))) for word, place in word_places.items()
    ]
    cells += scale.cells(known, share=len(known) / len(values))
    return Axis(name, sorted(cells), places)


def _number(value: ParamValue) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


class _Scale(NamedTuple):
    """Numbers as places between 0 and 1."""

    low: float
    high: float
    logarithmic: bool

    @classmethod
    def of(cls, known: Floats) -> _Scale:
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
        return cls(low, high, low > 0 and math.log(high) - math.log(low) >= math.log(_LOGARITHMIC))

    def place(self, number: float) -> float:
        if self.low == self.high:
            return 0.0
        if self.logarithmic:
            return (math.log(number) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return (number / 2 - self.low / 2) / (self.high / 2 - self.low / 2)

    def number(self, place: float) -> float:
        if place >= 1:  # of the largest float, rounding would make more
            return self.high
        if self.logarithmic:
            return math.exp((1 - place) * math.log(self.low) + place * math.log(self.high))
        return float(self.low + 2 * place * (self.high / 2 - self.low / 2))

    def cells(self, known: Floats, share: float) -> list[Cell]:
        """Divide the numbers: each that was tried has a cell if they are few, else the cells are alike."""
        tried = np.unique(known)
        if len(tried) <= CELLS:
            weight = share / max(1, len(tried))
            return [Cell(self.place(one), one, one, f"{one:.6g}", weight) for one in map(float, tried)]
        edges = [self.number(place / CELLS) for place in range(CELLS + 1)]
        return [
            Cell((rank + 0.5) / CELLS, low, high, f"{low:.4g} to {high:.4g}", share / CELLS)
            for rank, (low, high) in enumerate(itertools.pairwise(edges))
        ]
