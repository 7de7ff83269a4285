"""What a fitted estimator remembers of each of its iterations, as metrics by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maestro_jupyter.recording.active_run import ActiveRun

_CURVES = {
    "loss_curve_": "loss",
    "validation_scores_": "validation_score",
    "train_score_": "train_score",
    "validation_score_": "validation_score",
}


def training_curves(estimator: Any) -> dict[str, list[float]]:
    """Give an estimator's values by iteration, by metric.

    Parameters
    ----------
    estimator : object
        A fitted estimator: scikit-learn's, or one of xgboost, lightgbm or catboost.

    Returns
    -------
    dict of str to list of float
        Such as ``validation_0_logloss`` or ``loss``.
    """
    curves: dict[str, list[float]] = {}
    for name, metrics in _evaluations(estimator).items():
        for metric, values in metrics.items():
            curves[f"{name}_{metric}"] = [float(value) for value in values]
    for attribute, key in _CURVES.items():
        values = vars(estimator).get(attribute) if hasattr(estimator, "__dict__") else None
        if values is not None and getattr(values, "ndim", 1) == 1:
            curves.setdefault(key, [float(value) for value in values])
    return {key: values for key, values in curves.items() if values}


def log_curves(run: ActiveRun, curves: dict[str, list[float]]) -> None:
    """Log each iteration as a step, leaving out what was logged while the fit went on."""
    curves = {key: values for key, values in curves.items() if key not in run.next_steps}
    for step in range(max(map(len, curves.values()), default=0)):
        present = {key: values[step] for key, values in curves.items() if step < len(values)}
        run.recorder.log_metrics(run, present, step, quiet=True)


def _evaluations(estimator: Any) -> dict[str, dict[str, Any]]:
    if vars(estimator).get("_evals_result") or vars(estimator).get("evals_result_"):
        # lightgbm's is a property, xgboost's a method over the same dictionary
        found = vars(estimator).get("evals_result_") or vars(estimator)["_evals_result"]
    elif callable(getattr(type(estimator), "get_evals_result", None)):
        found = estimator.get_evals_result()
    else:
        return {}
    return found if isinstance(found, dict) else {}
