"""Which direction of a metric is better, guessed from its name."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOWER = re.compile(
    "loss|error|err|rmse|mse|mae|mape|smape|rmsle|msle|medae|merror|logloss|nll|perplexity|ppl|brier|deviance|"
    "hinge|entropy|divergence|distance|time|seconds|latency|duration|cost|regret|eer|wer|cer|fpr|fnr|inertia|"
    "aic|bic"
)
_NEITHER = frozenset({"std", "stddev", "epoch", "epochs", "step", "steps", "lr"})
_HIGHER = re.compile("neg|negative|score")


def is_ranked(metric: str) -> bool:
    """Tell whether a metric has a better and a worse at all.

    Examples
    --------
    >>> is_ranked("cv_score_mean"), is_ranked("cv_score_std")
    (True, False)
    """
    return not _NEITHER.intersection(_words(metric)[-1:])


def lower_is_better(metric: str) -> bool:
    """Guess whether a lower value of a metric is better.

    Examples
    --------
    >>> lower_is_better("val_loss"), lower_is_better("accuracy_score_y_test"), lower_is_better("valError")
    (True, False, True)
    >>> lower_is_better("cv_neg_log_loss_mean")
    False
    """
    words = _words(metric)
    if "brier" in words and "neg" not in words:
        return True
    return not any(map(_HIGHER.fullmatch, words)) and any(map(_LOWER.fullmatch, words))


def best_run(values: Mapping[str, float], *, lower: bool) -> str | None:
    """Give the run with the best value; None if there is none, or nothing to choose between.

    Parameters
    ----------
    values : mapping of str to float
        By run.
    lower : bool
        Whether a lower value is better.
    """
    found = best_runs(values, lower=lower)
    return found[0] if found else None


def best_runs(values: Mapping[str, float], *, lower: bool) -> list[str]:
    """Give the runs that have the best value; none if there is none, or nothing to choose between.

    Parameters
    ----------
    values : mapping of str to float
        By run.
    lower : bool
        Whether a lower value is better.

    Examples
    --------
    >>> best_runs({"a": 1.0, "b": 0.5, "c": 0.5, "d": float("nan")}, lower=True)
    ['b', 'c']
    """
    known = {run: value for run, value in values.items() if math.isfinite(value)}
    if len(set(known.values())) < 2:
        return []
    best = (min if lower else max)(known.values())
    return [run for run, value in known.items() if value == best]


def _words(metric: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", metric)]
