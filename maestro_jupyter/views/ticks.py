"""Round numbers along an axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WANTED = 5
_STEPS = (1, 2, 2.5, 5, 10)


def ticks(values: Sequence[float], *, whole: bool = False) -> list[float]:
    """Give round numbers that reach around values.

    Parameters
    ----------
    values : sequence of float
        Finite, at least one.
    whole : bool
        Whether only whole numbers will do.

    Examples
    --------
    >>> ticks([0.12, 0.97])
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> ticks([0, 3], whole=True)
    [0.0, 1.0, 2.0, 3.0]
    """
    low, high = float(min(values)), float(max(values))
    reach = high / _WANTED - low / _WANTED
    if reach <= abs(high) * 1e-12:
        around = max(abs(low) * 0.05, 1.0 if whole or not low else 0.0)
        return [low - around, low, low + around]
    size = 10.0 ** math.floor(math.log10(reach))
    step = next(size * factor for factor in _STEPS if size * factor >= reach * (1 - 1e-9))
    if whole:
        step = max(1.0, math.ceil(step))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{place * step:.12g}") for place in range(first, last + 1)]
