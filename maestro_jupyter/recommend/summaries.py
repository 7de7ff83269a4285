"""Several values summarised as pymfe does: mean, standard deviation, least and greatest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

SUMMARIES = ("mean", "sd", "min", "max")


def names_of(name: str, summaries: tuple[str, ...] = SUMMARIES) -> tuple[str, ...]:
    """Give the names of a measure's summaries.

    Examples
    --------
    >>> names_of("skewness", ("mean", "sd"))
    ('skewness.mean', 'skewness.sd')
    """
    return tuple(f"{name}.{summary}" for summary in summaries)


def summarised(name: str, values: Array) -> dict[str, float]:
    """Summarise the values that are numbers.

    Examples
    --------
    >>> import numpy as np
    >>> summarised("skewness", np.array([1.0, 3.0, np.nan]))["skewness.mean"]
    2.0
    """
    import numpy as np

    known = values[np.isfinite(values)]
    if known.size == 0:
        return {}
    spread = float(known.std(ddof=1)) if known.size > 1 else math.nan
    found = (float(known.mean()), spread, float(known.min()), float(known.max()))
    return dict(zip(names_of(name), found, strict=True))
