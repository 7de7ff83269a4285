"""Information-theoretic meta-features: what columns say, and what they say about the target, in bits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

from maestro_jupyter.recommend.summaries import names_of, summarised

if TYPE_CHECKING:
    import numpy as np

    from maestro_jupyter.recommend.metafeatures_sample import Sample

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

INFORMATION: tuple[str, ...] = (
    "class_ent",
    *names_of("attr_ent", ("mean", "sd")),
    *names_of("joint_ent", ("mean", "sd")),
    *names_of("mut_inf"),
    "eq_num_attr",
    "ns_ratio",
)

_SAME = 1e-8
_MOST_LEVELS = 100


def information(sample: Sample) -> dict[str, float]:
    """Measure the information-theoretic group.

    Numbers are cut into bins of equal frequency, as many as the cube root of the rows; so is the target of a
    regression.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    dict of str to float
        Some of `INFORMATION`; what is absent is unknown.
    """
    import numpy as np

    rows = len(sample.target)
    if rows == 0:
        return {}
    bins = max(int(rows ** (1 / 3) + 1e-9), 1)
    classification = sample.task == "classification"
    found = {"class_ent": _entropy(sample.counts)} if classification else {}
    answer = sample.target if classification else _cut(sample.target, bins)
    columns = [_cut(column, bins) for column in sample.numbers.T]
    columns += [np.minimum(column + 1, _MOST_LEVELS) for column in sample.codes.T]
    if not columns:
        return found
    of_answer = _entropy(np.bincount(answer))
    alone = np.array([_entropy(np.bincount(column)) for column in columns])
    joint = np.array([_entropy(_counted(column, answer)) for column in columns])
    mutual = np.maximum(alone + of_answer - joint, 0.0)
    found |= summarised("attr_ent", alone) | summarised("joint_ent", joint) | summarised("mut_inf", mutual)
    if mutual.sum() > 0:
        found["eq_num_attr"] = float(of_answer * len(columns) / mutual.sum())
        found["ns_ratio"] = float((alone.sum() - mutual.sum()) / mutual.sum())
    return found


def _cut(values: Array, bins: int) -> Array:
    """Cut into bins of equal frequency; what is missing is a bin of its own."""
    import numpy as np

    known = ~np.isnan(values)
    found = np.zeros(len(values), dtype=int)
    if known.any():
        edges = np.quantile(values[known], np.linspace(0, 1, bins + 1)[1:])
        edges = edges[np.append(True, np.diff(edges) > _SAME)]
        found[known] = 1 + np.searchsorted(edges, values[known], side="left")
    return found


def _counted(column: Array, answer: Array) -> Array:
    import numpy as np

    return np.bincount(column * (int(answer.max()) + 1) + answer)


def _entropy(counts: Array) -> float:
    import numpy as np

    shares = counts[counts > 0] / max(int(counts.sum()), 1)
    return max(float(-(shares * np.log2(shares)).sum()), 0.0) if shares.size else math.nan
