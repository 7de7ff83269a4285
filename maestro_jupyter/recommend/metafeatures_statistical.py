"""Statistical meta-features: shapes of the columns' distributions, and linear relations among them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

from maestro_jupyter.recommend.summaries import names_of, summarised

if TYPE_CHECKING:
    import numpy as np

    from maestro_jupyter.recommend.metafeatures_sample import Sample

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

STATISTICAL: tuple[str, ...] = (
    *names_of("skewness"),
    *names_of("kurtosis"),
    *names_of("sparsity", ("mean", "sd")),
    *names_of("cor"),
    "nr_cor_attr",
    "nr_outliers",
    "sd_spread",
    "t4",
    *names_of("can_cor", ("mean", "max")),
    "w_lambda",
    "p_trace",
    *names_of("cor_target"),
    *names_of("rank_cor_target", ("mean", "max")),
    "target_skewness",
    "target_kurtosis",
    "target_outliers",
    "target_distinct",
    "target_commonest",
)

_HIGH = 0.5
_WHISKER = 1.5
_VARIANCE = 0.95
_NEGLIGIBLE = 1e-9
_RANKED = 1000
"""Of so many rows ranks are correlated: sorting is slow, and rows stand in no order."""


def statistical(sample: Sample) -> dict[str, float]:
    """Measure the statistical group, on columns of numbers.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    dict of str to float
        Some of `STATISTICAL`; what is absent is unknown.
    """
    import numpy as np

    found = _of_target(sample) if sample.task == "regression" else {}
    if sample.numbers.shape[0] < 2 or sample.numbers.shape[1] == 0:
        return found
    numbers = sample.numbers
    scores, deviations = standardised(numbers)
    moving = deviations > 0
    ordered = np.sort(numbers, axis=0)
    found |= _shapes(scores[:, moving], (~np.isnan(numbers[:, moving])).sum(axis=0))
    found |= summarised("sparsity", _sparsity(ordered))
    found |= {"nr_outliers": float(_outlying(ordered).sum())}
    spread = np.log10(deviations[moving])
    found |= {"sd_spread": float(spread.std()) if spread.size else math.nan}
    return found | _relations(scores[:, moving], numbers.shape[1], sample)


def standardised(numbers: Array) -> tuple[Array, Array]:
    """Bring columns to mean 0 and variance 1, with missing values at the mean.

    Returns
    -------
    scores : ndarray of shape (n, p)
        Zero in columns that are constant.
    deviations : ndarray of shape (p,)
    """
    import numpy as np

    known = ~np.isnan(numbers)
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, numbers, 0.0).sum(axis=0) / counts
    centred = np.where(known, numbers - mean, 0.0)
    deviations = np.sqrt((centred**2).sum(axis=0) / counts)
    deviations[deviations <= 1e-12 * np.abs(mean)] = 0.0
    return centred / np.where(deviations > 0, deviations, 1.0) * (deviations > 0), deviations


def _shapes(scores: Array, counts: Array) -> dict[str, float]:
    """Measure skewness and kurtosis: m3 / s³ and m4 / s⁴ - 3, s² being unbiased."""
    shrunk = (counts - 1) / counts
    squares = scores * scores
    skewness = (squares * scores).sum(axis=0) / counts * shrunk**1.5
    kurtosis = (squares * squares).sum(axis=0) / counts * shrunk**2 - 3
    return summarised("skewness", skewness) | summarised("kurtosis", kurtosis)


def _outlying(ordered: Array) -> Array:
    """Find columns, sorted and with NaN at their ends, with values beyond the whiskers of a box plot."""
    import numpy as np

    counts = (~np.isnan(ordered)).sum(axis=0)
    first, third = (_quantile(ordered, counts, share) for share in (0.25, 0.75))
    reach = _WHISKER * (third - first)
    found: Array = (ordered[0] < first - reach) | (_quantile(ordered, counts, 1.0) > third + reach)
    return found


def _quantile(ordered: Array, counts: Array, share: float) -> Array:
    import numpy as np

    place = share * np.maximum(counts - 1, 0)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, np.maximum(counts - 1, 0))
    low, high = (np.take_along_axis(ordered, rows[None, :], axis=0)[0] for rows in (below, above))
    found: Array = low + (place - below) * (high - low)
    return found


def _sparsity(ordered: Array) -> Array:
    """Say how often values repeat: 0 if all are different, 1 if all are the same."""
    rows = len(ordered)
    # NaN, sorted to the end, differ from each other: count them once.
    distinct = 1 + (ordered[1:] > ordered[:-1]).sum(axis=0)
    found: Array = (rows / distinct - 1) / (rows - 1)
    return found


def _relations(scores: Array, columns: int, sample: Sample) -> dict[str, float]:
    import numpy as np

    if scores.shape[1] == 0:
        return {}
    rows = len(scores)
    correlation = scores.T @ scores / rows
    correlation /= np.sqrt(np.outer(np.diag(correlation), np.diag(correlation)))
    pairs = np.abs(correlation[np.tril_indices(len(correlation), -1)])
    values, vectors = np.linalg.eigh(correlation)
    values = np.clip(values[::-1], 0.0, None)
    needed = int(np.searchsorted(np.cumsum(values) / values.sum(), _VARIANCE) + 1)
    found = summarised("cor", pairs) | {"t4": needed / columns}
    if pairs.size:
        found["nr_cor_attr"] = float((pairs >= _HIGH).mean())
    return found | _canonical(scores, values, vectors[:, ::-1], sample) | _with_target(scores, sample)


def _canonical(scores: Array, values: Array, vectors: Array, sample: Sample) -> dict[str, float]:
    """Correlate the columns with the target as well as linear combinations of them can be."""
    import numpy as np

    if sample.task == "regression":
        answers = sample.target[:, None].astype(float)
    else:
        answers = np.eye(int(sample.target.max()) + 1)[sample.target]
    answers = answers - answers.mean(axis=0)
    left, sizes, _ = np.linalg.svd(answers, full_matrices=False)
    left = left[:, sizes > _NEGLIGIBLE * max(float(sizes.max()), 1.0)]
    kept = values > _NEGLIGIBLE * values.max()
    if left.shape[1] == 0 or not kept.any():
        return {}
    white = scores @ (vectors[:, kept] / np.sqrt(values[kept]))
    cross = white.T @ left / math.sqrt(len(scores))
    found = np.clip(np.linalg.svd(cross, compute_uv=False), 0.0, 1.0)
    return summarised("can_cor", found) | {
        "w_lambda": float(np.prod(1 - found**2)),
        "p_trace": float((found**2).sum()),
    }


def _with_target(scores: Array, sample: Sample) -> dict[str, float]:
    """Correlate each column with a number, or with which of two classes it is."""
    import numpy as np

    if sample.task != "regression" and sample.counts.size != 2:
        return {}
    target = sample.target.astype(float)[:, None]
    few = np.column_stack([scores, target])[:_RANKED]
    ranked, _ = standardised(np.argsort(np.argsort(few, axis=0, kind="stable"), axis=0).astype(float))
    answer, _ = standardised(target)
    plain = np.abs(scores.T @ answer[:, 0]) / len(scores)
    by_rank = np.abs(ranked[:, :-1].T @ ranked[:, -1]) / len(ranked)
    return summarised("cor_target", plain) | summarised("rank_cor_target", by_rank)


def _of_target(sample: Sample) -> dict[str, float]:
    import numpy as np

    target = sample.target
    if len(target) < 2:
        return {}
    (scores,), (deviation,) = (part.T for part in standardised(target[:, None]))
    _, counts = np.unique(target, return_counts=True)
    first, third = np.quantile(target, [0.25, 0.75])
    reach = _WHISKER * (third - first)
    found = {
        "target_outliers": float(((target < first - reach) | (target > third + reach)).mean()),
        "target_distinct": len(counts) / len(target),
        "target_commonest": float(counts.max()) / len(target),
    }
    if deviation > 0:
        found |= {
            "target_skewness": float((scores**3).mean()),
            "target_kurtosis": float((scores**4).mean() - 3),
        }
    return found
