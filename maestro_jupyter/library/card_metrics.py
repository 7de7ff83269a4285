"""The metrics of a card: each with an interval where its value was resampled, or with why it has none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from maestro_jupyter.library.card import CardMetric
from maestro_jupyter.library.intervals import cross_validated
from maestro_jupyter.store.goodness import goodness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maestro_jupyter.models import MetricSummary, Run, RunDetail

_K_FOLD = frozenset({"KFold", "StratifiedKFold", "GroupKFold", "StratifiedGroupKFold"})
"""Splitters whose folds are one in k of the rows, each row in one of them."""

_USUAL_FOLDS = 5
"""How many folds scikit-learn makes where nobody says how."""

_SHARES = frozenset(
    {
        "accuracy", "average_precision", "balanced_accuracy", "f1", "jaccard", "precision", "recall",
        "roc_auc", "top_k_accuracy",
    }
)  # fmt: skip
"""Metrics that are never below 0 or above 1, and so neither are the ends of their intervals."""

_CORRECTED = "interval from these by the corrected resampled t of Nadeau and Bengio"


def card_metrics(detail: RunDetail, task: str | None) -> list[CardMetric]:
    """Give the metrics of a run as a card tells them, those on training data last.

    Parameters
    ----------
    detail : RunDetail
    task : str or None
        As far as the run's target tells.

    Returns
    -------
    list of CardMetric
        Of values fold by fold with their mean and standard deviation, one.
    """
    known = {metric.key: metric for metric in detail.metrics}
    found = [
        _metric(metric, known, detail, task) for metric in detail.metrics if not _is_part(metric.key, known)
    ]
    return sorted(found, key=lambda metric: (metric.training, metric.key))


def _is_part(key: str, known: Mapping[str, MetricSummary]) -> bool:
    """Tell whether a mean stands for a metric: its values fold by fold, and their standard deviation."""
    stem = key.removesuffix("_std")
    return f"{stem}_mean" in known and f"{stem}_std" in known


def _metric(
    metric: MetricSummary, known: Mapping[str, MetricSummary], detail: RunDetail, task: str | None
) -> CardMetric:
    run, value = detail.run, metric.last
    said = goodness(metric.key, value, task=task, source=run.source, params=run.params)
    told = CardMetric(
        key=metric.key,
        metric=metric.key if said is None else said.metric.removeprefix("cv_"),
        value=value if math.isfinite(value) else None,
        shown=f"{value:.4g}",
        training=metric.key.startswith(("training_", "train_")),
    )
    stem = metric.key.removesuffix("_mean")
    if stem != metric.key and f"{stem}_std" in known:
        _resample(told, known[f"{stem}_std"].last, known.get(stem), detail)
    elif metric.key == "best_cv_score":
        told.method = f"the best mean over folds of {_candidates(detail)}: chosen by it, hence flattering"
    elif metric.count > 1:
        told.method = f"the last of {metric.count:,} values; not resampled"
    return told


def _resample(told: CardMetric, std: float, folds: MetricSummary | None, detail: RunDetail) -> None:
    """Add what is known of a mean over folds."""
    if told.value is None or not math.isfinite(std):
        told.method = "a mean over folds, not all of which gave a number"
        return
    told.std = std
    if folds is None or folds.count < 2:
        told.method = f"a mean over folds ± {std:.3g} (standard deviation); how many is not recorded"
        return
    told.folds = folds.count
    told.method = f"mean of {folds.count:,} folds ± {std:.3g} (standard deviation); "
    if _is_k_fold(detail.run, folds.count):
        low, high = cross_validated(told.value, std, folds.count)
        bounded = told.metric in _SHARES
        told.low, told.high = (max(low, 0.0), min(high, 1.0)) if bounded else (low, high)
        told.method += _CORRECTED
    else:
        told.method += "no interval, as it is not recorded how the folds overlap"


def _is_k_fold(run: Run, folds: int) -> bool:
    """Tell whether each of the folds is surely one in so many of the rows."""
    splitter = run.params.get("cv")
    usual = splitter is None and folds == _USUAL_FOLDS
    return run.source == "cross_validation" and (usual or splitter == folds or splitter in _K_FOLD)


def _candidates(detail: RunDetail) -> str:
    count = len(detail.children)
    return (
        f"{count:,}{' or more' if 'children' in detail.cut else ''} candidates" if count else "all candidates"
    )
