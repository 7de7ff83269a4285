"""How good a run's metrics say it is: under names that runs share, higher is better.

Names that are not known are left out rather than guessed, and so is whatever was measured on training data.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maestro_jupyter.events import ParamValue

CLASSIFICATION, REGRESSION = "classification", "regression"


class Goodness(NamedTuple):
    """What a metric says.

    Attributes
    ----------
    task : str
        What the metric judges, which tells the task more surely than the target's values do.
    metric : str
        The name that runs share.
    value : float
        Higher is better.
    relative : bool
        Whether the value is the logarithm of one: errors have the unit of the target, so that only ratios of
        them are the same on all data.
    """

    task: str
    metric: str
    value: float
    relative: bool = False


class _Known(NamedTuple):
    metric: str
    task: str | None
    lower: bool = False
    relative: bool = False


_SCORES = {
    CLASSIFICATION: (
        "accuracy", "balanced_accuracy", "top_k_accuracy", "f1", "fbeta", "precision", "recall", "jaccard",
        "average_precision", "roc_auc", "matthews_corrcoef", "cohen_kappa", "d2_log_loss", "d2_brier",
    ),
    REGRESSION: ("r2", "explained_variance", "d2_absolute_error", "d2_pinball", "d2_tweedie"),
}  # fmt: skip
_LOSSES = ("log_loss", "brier", "hinge_loss", "zero_one_loss", "hamming_loss", "error_rate")
_ERRORS = (
    "mean_absolute_error", "mean_squared_error", "mean_absolute_percentage_error", "mean_squared_log_error",
    "root_mean_squared_error", "root_mean_squared_log_error", "median_absolute_error", "max_error",
    "mean_pinball_loss", "mean_poisson_deviance", "mean_gamma_deviance", "mean_tweedie_deviance",
)  # fmt: skip
_ANY_TASK = ("loss", "perplexity")
_SHORT = {
    "acc": "accuracy", "auc": "roc_auc", "mcc": "matthews_corrcoef", "kappa": "cohen_kappa",
    "logloss": "log_loss", "mlogloss": "log_loss", "binary_logloss": "log_loss", "multi_logloss": "log_loss",
    "cross_entropy": "log_loss", "brier_score": "brier", "brier_score_loss": "brier", "error": "error_rate",
    "merror": "error_rate", "mae": "mean_absolute_error", "mse": "mean_squared_error",
    "rmse": "root_mean_squared_error", "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_log_error", "rmsle": "root_mean_squared_log_error",
    "medae": "median_absolute_error", "ppl": "perplexity",
}  # fmt: skip


def _table() -> dict[str, _Known]:
    scores = {name: _Known(name, task) for task, names in _SCORES.items() for name in names}
    functions = {f"{name}_score": known for name, known in scores.items()}
    losses = {name: _Known(name, CLASSIFICATION, lower=True) for name in _LOSSES}
    errors = {name: _Known(name, REGRESSION, lower=True, relative=True) for name in _ERRORS}
    either = {name: _Known(name, None, lower=True, relative=True) for name in _ANY_TASK}
    found = scores | functions | losses | errors | either
    return found | {short: found[name] for short, name in _SHORT.items()}


_KNOWN = _table()
_OF_TRAINING = frozenset({*_ANY_TASK, "ppl"})
"""Without a word that says that the data was held out, these are of the training data."""
_TRAINING = frozenset({"training", "train", "learn"})
_HELD_OUT = frozenset(
    {
        "test", "te", "tst", "val", "valid", "validation", "va", "eval", "evaluation", "dev", "holdout",
        "heldout", "x", "y", "yt", "target", "targets", "label", "labels", "true", "truth", "actual",
        "actuals", "expected",
    }
)  # fmt: skip
_AVERAGE = re.compile(r"(_(macro|micro|weighted|samples|ovr|ovo))+$")
_DEFAULT = {CLASSIFICATION: "accuracy", REGRESSION: "r2"}
"""What an estimator's own score is."""


def goodness(
    key: str, value: float, *, task: str | None, source: str, params: Mapping[str, ParamValue]
) -> Goodness | None:
    """Tell what a metric of a run says; None if that is not known.

    Parameters
    ----------
    key : str
        As it was recorded.
    value : float
    task : str or None
        The run's, as far as its target tells.
    source : str
        What opened the run.
    params : mapping
        Of the run: a search says there how it scored.

    Returns
    -------
    Goodness or None

    Examples
    --------
    >>> def said(key, value, task=None, source="fit"):
    ...     return goodness(key, value, task=task, source=source, params={})
    >>> said("accuracy_score_y_test", 0.9)
    Goodness(task='classification', metric='accuracy', value=0.9, relative=False)
    >>> said("cv_neg_log_loss_mean", -0.3).value, said("log_loss_y_test", 0.3).value
    (-0.3, -0.3)
    >>> said("score_X_test", 0.8, task="regression").metric
    'r2'
    >>> said("training_accuracy_score_y", 0.9), said("loss", 0.3), said("charm_y_test", 0.5)
    (None, None, None)
    """
    words = _words(key)
    if not words or _TRAINING.intersection(words) or not math.isfinite(value):
        return None
    if words == ["best", "cv", "score"]:
        return _scored(_scorer(params), value, task)
    if words[0] == "cv":
        return _scored("_".join(words[1:-1]), value, task) if words[-1] == "mean" else None
    name = "_".join(_bare(words))
    if name == "score":
        own = words[0] == "score" and source not in {"api", "loop"}
        return _said(_DEFAULT.get(task or "", ""), value, task) if own else None
    if name == "_".join(words) and (source == "loop" or name in _OF_TRAINING):
        return None
    return _said(name, value, task)


def is_of_training(key: str) -> bool:
    """Tell whether a metric's key says that it was measured on training data.

    Examples
    --------
    >>> is_of_training("training_accuracy_score_y"), is_of_training("accuracy_score_y_test")
    (True, False)
    """
    return not _TRAINING.isdisjoint(_words(key))


def _words(key: str) -> list[str]:
    return [word for word in re.split(r"[^a-z0-9]+", key.lower()) if word]


def _said(name: str, value: float, task: str | None) -> Goodness | None:
    known = _KNOWN.get(_AVERAGE.sub("", name))
    if known is None:
        return None
    metric = known.metric + name.removeprefix(_AVERAGE.sub("", name))
    judged = known.task or task
    if judged is None or (known.relative and value <= 0):
        return None
    if known.relative:
        return Goodness(judged, metric, -math.log(value), relative=True)
    return Goodness(judged, metric, -value if known.lower else value)


def _scored(scorer: str, value: float, task: str | None) -> Goodness | None:
    """Tell what cross-validation says: a scorer's value is higher where it is better, hence its ``neg_``."""
    name = _DEFAULT.get(task or "", "") if scorer == "score" else scorer.removeprefix("neg_")
    known = _KNOWN.get(_AVERAGE.sub("", name))
    if known is None or known.lower != scorer.startswith("neg_"):
        return None
    said = _said(name, -value if known.lower else value, task)
    return None if said is None else said._replace(metric=f"cv_{said.metric}")


def _scorer(params: Mapping[str, ParamValue]) -> str:
    """Give the scorer by which a search chose; empty where it is not known."""
    scoring, refit = params.get("scoring", ""), params.get("refit")
    if isinstance(refit, str):
        return refit
    return "score" if scoring is None else str(scoring)


def _bare(words: list[str]) -> list[str]:
    """Take the words off that name the data: ``val_`` in front, ``_y_test`` behind."""
    begin, end = 0, len(words)
    while begin < end and words[begin].rstrip("0123456789") in _HELD_OUT:
        begin += 1
    while end > begin and words[end - 1].rstrip("0123456789") in _HELD_OUT:
        end -= 1
    return words[begin:end]
