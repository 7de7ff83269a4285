"""Suggestions tried: each a run of its own, whose forecast and outcome stand side by side."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.models import ForecastRecord, Status, TrialOutcome
from maestro_jupyter.recommend.asking import by_place, numbers_of, out_of_table, whole_labels
from maestro_jupyter.recommend.pipelines import FOLDS, SCORING
from maestro_jupyter.recommend.recorded_configs import CONFIG_TAG
from maestro_jupyter.recommend.team import FIT_SECONDS
from maestro_jupyter.recording.calls import FitCall, within
from maestro_jupyter.recording.datasets import describe, summarise_target
from maestro_jupyter.recording.validation import log_folds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from maestro_jupyter.api import Api
    from maestro_jupyter.models import ModelForecast
    from maestro_jupyter.recommend.pipelines import Recipe
    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.recording.recorder import Recorder

_MEAN, _LOW, _HIGH, _METRIC = (f"suggestion.{name}" for name in ("mean", "low", "high", "metric"))
_LOOKED_AT = 1000


class Trial(NamedTuple):
    """Data to try suggestions on.

    Attributes
    ----------
    X, y
        As they were given.
    names : tuple of str
        What the user calls them.
    metafeatures : dict of str to float
        Those that are known.
    fingerprints : sequence of str
        How runs know them.
    """

    X: Any
    y: Any
    names: tuple[str, str]
    metafeatures: dict[str, float]
    fingerprints: Sequence[str]

    def is_unchanged(self) -> bool:
        """Tell whether the data still are those that were asked about, as far as fingerprints tell."""
        parts = describe(self.X).fingerprint, describe(self.y).fingerprint
        return not all(parts) or ":".join(parts) in self.fingerprints


class Halted(Exception):  # noqa: N818 - no error: somebody asked for it
    """A trial was stopped."""


def try_out(
    recorder: Recorder,
    trial: Trial,
    forecast: ModelForecast,
    recipe: Recipe,
    goes_on: Callable[[], bool] = lambda: True,
) -> TrialOutcome:
    """Cross-validate a suggestion, as a run.

    Parameters
    ----------
    recorder : Recorder
    trial : Trial
    forecast : ModelForecast
    recipe : Recipe
        What it is on these data.
    goes_on : callable
        Asked before each fold.

    Returns
    -------
    TrialOutcome
        Whatever the model raises is its failure, and that of its run. An interrupt goes on.

    Raises
    ------
    Halted
        If it did not go on; the run was killed then.
    """
    metric = SCORING[recipe.task]
    run = recorder.start_run(
        forecast.config,
        params={"estimator": forecast.estimator, **forecast.params},
        tags={
            CONFIG_TAG: forecast.config,
            _METRIC: metric,
            _MEAN: repr(forecast.mean),
            _LOW: repr(forecast.low),
            _HIGH: repr(forecast.high),
        },
        current=False,
    )
    outcome = TrialOutcome(
        config=forecast.config,
        run_id=run.run_id if run.recorded else "",
        metric=metric,
        mean=forecast.mean,
        low=forecast.low,
        high=forecast.high,
    )

    def check() -> None:
        if not goes_on():
            run.end(Status.KILLED, "stopped")
            raise Halted

    try:
        with run:
            _describe(recorder, run, trial)
            model = recipe.pipeline()
            with within(recorder, FitCall(run, model, clones=True)):
                found = _cross_validated(model, trial, recipe, check)
            log_folds(run, {f"cv_{metric}": found["test_score"]})
            run.log({FIT_SECONDS: float(found["fit_time"].mean())})
    except Halted:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a model raises is what came of it
        outcome.error = run.status_reason or type(error).__name__
        return outcome
    outcome.score, outcome.spread = float(found["test_score"].mean()), float(found["test_score"].std())
    outcome.seconds = float(found["fit_time"].mean())
    return outcome


def describe_run(recorder: Recorder, run_id: str, trial: Trial) -> None:
    """Say of a run that was on the data all that is known of X."""
    seen = describe(trial.X).seen(run_id, "X", trial.names[0], metafeatures=trial.metafeatures)
    recorder.emit(seen)


def record_of(api: Api) -> ForecastRecord:
    """Tell how the forecasts of suggestions that were tried have fared."""
    runs = api.search(f"tags.`{CONFIG_TAG}` != ''", max_results=_LOOKED_AT)
    scored = [run for run in runs if run.status is Status.FINISHED]
    said = [found for run in scored if (found := _is_inside(run.tags, run.metrics)) is not None]
    return ForecastRecord(len(said), sum(said), sum(run.status is Status.FAILED for run in runs))


def _is_inside(tags: Mapping[str, str], metrics: Mapping[str, float]) -> bool | None:
    score = metrics.get(f"cv_{tags.get(_METRIC)}_mean")
    try:
        low, high = float(tags[_LOW]), float(tags[_HIGH])
    except (KeyError, ValueError):  # somebody else's tags
        return None
    return None if score is None else low <= score <= high


def _describe(recorder: Recorder, run: ActiveRun, trial: Trial) -> None:
    with recorder.problems.caught("data"):
        describe_run(recorder, run.run_id, trial)
        seen = describe(trial.y).seen(run.run_id, "y", trial.names[1], summarise_target(trial.y))
        recorder.emit(seen)


def _target(y: Any, recipe: Recipe) -> Any:
    if recipe.column:
        y = out_of_table(y)
    if recipe.whole_labels:
        return whole_labels(y)
    return y if recipe.plain else numbers_of(y)


def _cross_validated(
    model: Any, trial: Trial, recipe: Recipe, before: Callable[[], None]
) -> dict[str, NDArray[np.float64]]:
    """Do what the suggestion's cell does, and something before each fold."""
    import numpy as np
    from sklearn import model_selection

    kind = "StratifiedKFold" if recipe.task == "classification" else "KFold"
    folds = getattr(model_selection, kind)(FOLDS, shuffle=True, random_state=0)
    X = by_place(trial.X) if recipe.by_place else trial.X
    y = _target(trial.y, recipe)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for fold in folds.split(X, y):
            before()
            found.append(
                model_selection.cross_validate(
                    model, X, y, cv=[fold], scoring=SCORING[recipe.task], error_score="raise"
                )
            )
    return {key: np.concatenate([one[key] for one in found]) for key in found[0]}
