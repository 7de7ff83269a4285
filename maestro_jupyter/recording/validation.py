"""Cross-validation and the other functions that fit clones: one run for each call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.calls import FitCall, Outermost, argument, end_with
from maestro_jupyter.recording.datasets import describe, summarise_target
from maestro_jupyter.recording.estimator_params import estimator_params, plain_params
from maestro_jupyter.recording.scores import as_real, observe_cell
from maestro_jupyter.recording.truth_names import argument_names

if TYPE_CHECKING:
    from types import ModuleType

    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.recording.interpose import Interposer
    from maestro_jupyter.recording.predictions import Predictions
    from maestro_jupyter.recording.recorder import Recorder

FUNCTIONS = (
    "cross_validate",
    "cross_val_score",
    "cross_val_predict",
    "learning_curve",
    "validation_curve",
    "permutation_test_score",
)
_POSITIONS = {"estimator": 0, "X": 1, "y": 2}


def observe_validation(
    recorder: Recorder, interposer: Interposer, predictions: Predictions, module: ModuleType
) -> None:
    """Observe the functions of ``sklearn.model_selection`` that fit clones of an estimator."""
    for name in FUNCTIONS:
        if name in vars(module):
            observe_cell(interposer, module, name, ValidationObserver(recorder, predictions, name))


def scorer_name(scoring: Any) -> str:
    """Name what scores.

    Examples
    --------
    >>> scorer_name("roc_auc"), scorer_name(None), scorer_name(max)
    ('roc_auc', 'score', 'max')
    """
    if scoring is None:
        return "score"
    if isinstance(scoring, str):
        return scoring
    function = getattr(scoring, "_score_func", scoring)
    return str(getattr(function, "__name__", "score"))


@dataclass(eq=False)
class ValidationCall(FitCall):
    """A call of such a function."""

    scorer: str = "score"


class ValidationObserver(Outermost):
    """Sees one such function."""

    def __init__(self, recorder: Recorder, predictions: Predictions, name: str) -> None:
        super().__init__(recorder, "validation")
        self.predictions = predictions
        self.name = name

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ValidationCall:
        """Open the run."""
        recorder = self.recorder
        estimator, x, y = (argument(args, kwargs, at, name) for name, at in _POSITIONS.items())
        scoring = kwargs.get("scoring")
        run = recorder.start_run(type(estimator).__name__, source="cross_validation", current=False)
        with recorder.problems.caught(self.where):
            settings: dict[str, Any] = {key: kwargs[key] for key in ("cv", "param_name") if key in kwargs}
            params = {**plain_params(settings), **estimator_params(estimator)}
            recorder.log_params(run, params, quiet=True)
            recorder.set_tags(run, {"function": self.name}, quiet=True)
        with recorder.problems.caught("data"):
            names = argument_names()
            recorder.emit(describe(x).seen(run.run_id, "X", names.get(1, "X")))
            if y is not None:
                recorder.emit(describe(y).seen(run.run_id, "y", names.get(2, "y"), summarise_target(y)))
        return ValidationCall(run, estimator, clones=True, scorer=scorer_name(scoring))

    def finish(self, call: ValidationCall, result: Any, error: BaseException | None) -> None:
        """Record the scores and end the run."""
        run = call.run
        if error is None:
            with self.recorder.problems.caught(self.where):
                self._record(run, call.scorer, result)
        end_with(run, error)

    def _record(self, run: ActiveRun, scorer: str, result: Any) -> None:
        if self.name == "cross_val_predict":
            self.predictions.remember(result, run)
        elif self.name == "cross_val_score":
            log_folds(run, {f"cv_{scorer}": result})
        elif self.name == "cross_validate":
            log_folds(run, _folds(result, scorer))
        elif self.name == "permutation_test_score":
            score, _, p_value = result
            run.recorder.log_metrics(
                run, {f"permutation_{scorer}": score, "permutation_pvalue": p_value}, quiet=True
            )
        else:
            sizes = result[0] if self.name == "learning_curve" else range(len(result[0]))
            training, test = result[-2:] if self.name == "validation_curve" else result[1:3]
            for step, before, after in zip(sizes, training, test, strict=True):
                means = {f"training_cv_{scorer}": before.mean(), f"cv_{scorer}": after.mean()}
                run.recorder.log_metrics(run, means, int(step), quiet=True)


def log_folds(run: ActiveRun, folds: dict[str, Any]) -> None:
    """Log scores fold by fold, and their means and standard deviations."""
    for key, values in folds.items():
        for fold, value in enumerate(values):
            run.recorder.log_metrics(run, {key: value}, fold, quiet=True)
        run.recorder.log_metrics(
            run, {f"{key}_mean": float(values.mean()), f"{key}_std": float(values.std())}, quiet=True
        )


def _folds(result: dict[str, Any], scorer: str) -> dict[str, Any]:
    folds: dict[str, Any] = {}
    for prefix, begins in (("cv_", "test_"), ("training_cv_", "train_")):
        for key, values in result.items():
            name = key.removeprefix(begins)
            if name != key and all(as_real(value) is not None for value in values):
                folds[prefix + (scorer if name == "score" else name)] = values
    return folds
