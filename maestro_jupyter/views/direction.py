"""Which direction of a metric is better, guessed from its name."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOWER = frozenset(
    {
        "cer",
        "medae",
        "latency",
        "rmsle",
        "duration",
        "distance",
        "deviance",
        "hinge",
        "fpr",
        "seconds",
        "eer",
        "fnr",
        "time",
        "ppl",
        "err",
        "divergence",
        "bic",
        "rmse",
        "mae",
        "msle",
        "loss",
        "wer",
        "inertia",
        "smape",
        "aic",
        "nll",
        "entropy",
        "merror",
        "mse",
        "error",
        "logloss",
        "brier",
        "mape",
        "regret",
        "perplexity",
        "cost",
    }
)
_HIGHER = frozenset({"neg", "negative", "score"})


def lower_is_better(metric: str) -> bool:
    """Guess whether a lower value of a metric is better.

    Examples
    --------
    >>> lower_is_better("val_loss"), lower_is_better("accuracy_score_y_test"), lower_is_better("valError")
    (True, False, True)
    >>> lower_is_better("cv_neg_log_loss_mean")
    False
    """
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", metric)}
    if "brier" in words and "neg" not in words:
        return True
    return not words & _HIGHER and bool(words & _LOWER)


def best_run(values: Mapping[str, float], *, lower: bool) -> str | None:
    """Give the run with the best value; None if there is none, or nothing to choose between.

    Parameters
    ----------
    values : mapping of str to float
        By run.
    lower : bool
        Whether a lower value is better.
    """
    known = {run: value for run, value in values.items() if math.isfinite(value)}
    if len(known) < 2 or len(set(known.values())) == 1:  # noqa: PLR2004 - there is no choice among one
        return None
    choose = min if lower else max
    return choose(known, key=known.__getitem__)
