"""Hyper-parameter searches: what was best, and one run per candidate."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.estimator_params import plain_params, qualified_name

if TYPE_CHECKING:
    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.recording.recorder import Recorder

_RESOURCES = ("iter", "n_resources")


def is_search(estimator: Any) -> bool:
    """Tell whether an estimator is ``GridSearchCV`` or one of its kin."""
    module = sys.modules.get("sklearn.model_selection._search")
    return module is not None and isinstance(estimator, module.BaseSearchCV)


def record_search(recorder: Recorder, run: ActiveRun, search: Any) -> None:
    """Record what a fitted search found.

    Parameters
    ----------
    recorder : Recorder
        Where to.
    run : ActiveRun
        The search's own run.
    search : BaseSearchCV
        A search that was fitted.
    """
    best = getattr(search, "best_score_", None)
    if best is not None:
        recorder.log_metrics(run, {"best_cv_score": best}, quiet=True)
    params = plain_params(getattr(search, "best_params_", None) or {})
    recorder.log_params(run, {f"best_{key}": value for key, value in params.items()}, quiet=True)
    results = search.cv_results_
    begun = run.start_time.timestamp()
    scores = _scores(results, search.refit)
    name, qualified = type(search.estimator).__name__, qualified_name(type(search.estimator))
    for candidate, chosen in enumerate(results["params"]):
        spent = _seconds(results, candidate, search)
        child = recorder.start_run(
            f"{name} {candidate}",
            source="candidate",
            parent=run.run_id,
            current=False,
            start_time=begun,
        )
        extra = {key: results[key][candidate] for key in _RESOURCES if key in results}
        recorder.log_params(child, {"estimator": qualified, **plain_params({**chosen, **extra})}, quiet=True)
        values = {key: float(column[candidate]) for key, column in scores.items()}
        recorder.log_metrics(child, values, quiet=True)
        recorder.end_run(child, end_time=begun + spent)


def _seconds(results: dict[str, Any], candidate: int, search: Any) -> float:
    """Give how long a candidate's fits and scores took in all; when each began is not known."""
    means = (results[key][candidate] for key in ("mean_fit_time", "mean_score_time") if key in results)
    spent = float(sum(means)) * getattr(search, "n_splits_", 1)
    return spent if spent >= 0 else 0.0


def _scores(results: dict[str, Any], refit: Any) -> dict[str, Any]:
    scores: dict[str, Any] = {}
    for key, column in results.items():
        if not key.startswith("mean_test_"):
            continue
        scorer = key.removeprefix("mean_test_")
        spread = results[f"std_test_{scorer}"]
        scores |= {f"cv_{scorer}_mean": column, f"cv_{scorer}_std": spread}
        if scorer == refit:
            scores |= {"cv_score_mean": column, "cv_score_std": spread}
    return scores
