"""What is seen of estimators at work: fits, predictions and scores; loaded with the first estimator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.calls import Call, FitCall, Outermost, argument, end_with
from maestro_jupyter.recording.datasets import Description, describe, summarise_target
from maestro_jupyter.recording.estimator_params import estimator_params
from maestro_jupyter.recording.fits import Fit, Fits
from maestro_jupyter.recording.predictions import Predictions
from maestro_jupyter.recording.scores import as_real, metric_key, observe_metrics
from maestro_jupyter.recording.searches import is_search, record_search
from maestro_jupyter.recording.training_curves import log_curves, training_curves
from maestro_jupyter.recording.truth_names import argument_names
from maestro_jupyter.recording.validation import observe_validation

if TYPE_CHECKING:
    from types import ModuleType

    from maestro_jupyter.recording.interpose import Interposer
    from maestro_jupyter.recording.recorder import Recorder

_FIT = ("fit", "fit_transform", "fit_predict")
_PREDICT = ("predict", "predict_proba", "predict_log_proba", "decision_function")


class EstimatorObservers:
    """The observers of one capture, and what they know together: which run a fit or a prediction belongs to.

    Parameters
    ----------
    recorder : Recorder
        Where they record.
    interposer : Interposer
        Puts them in.
    """

    def __init__(self, recorder: Recorder, interposer: Interposer) -> None:
        self.recorder = recorder
        self.fits = Fits()
        self.predictions = Predictions()
        self._interposer = interposer
        fit = FitObserver(self)
        predict = PredictObserver(self)
        self.methods: dict[str, Outermost] = {
            **dict.fromkeys(_FIT, fit),
            **dict.fromkeys(_PREDICT, predict),
            "score": ScoreObserver(self),
            "partial_fit": PartOfALoop(recorder, "partial_fit"),
        }
        """By the method's name."""

    def observe_metrics(self, module: ModuleType) -> None:
        """Observe the functions of ``sklearn.metrics``."""
        observe_metrics(self.recorder, self._interposer, self.predictions, module)

    def observe_validation(self, module: ModuleType) -> None:
        """Observe the functions of ``sklearn.model_selection``."""
        observe_validation(self.recorder, self._interposer, self.predictions, module)


class PartOfALoop(Outermost):
    """Sees steps of a loop of the user's own: no run, and neither is what such a step fits inside."""

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        """Say that a call is going on."""
        return Call()


class FitObserver(Outermost):
    """Sees fits: each is a run."""

    def __init__(self, observers: EstimatorObservers) -> None:
        super().__init__(observers.recorder, "fit")
        self.fits = observers.fits
        self.predictions = observers.predictions

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> FitCall:
        """Open the run."""
        recorder = self.recorder
        estimator, given = args[0], args[1:]
        search = is_search(estimator)
        run = recorder.start_run(
            type(estimator).__name__, source="search" if search else "fit", current=False
        )
        call = _Fitting(run, estimator, clones=search)
        with recorder.problems.caught("params"):
            recorder.log_params(run, estimator_params(estimator), quiet=True)
        with recorder.problems.caught("data"):
            self._describe(call, given, kwargs)
        return call

    def finish(self, call: _Fitting, result: Any, error: BaseException | None) -> None:
        """Record what came of the fit and end the run."""
        run, estimator = call.run, call.estimator
        problems = self.recorder.problems
        if error is None:
            with problems.caught("curves"):
                log_curves(run, training_curves(estimator))
            with problems.caught("lineage"):
                self._remember(call, result)
            if call.clones:
                with problems.caught("search"):
                    record_search(self.recorder, run, estimator)
        end_with(run, error)

    def _describe(self, call: _Fitting, given: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        emit, run = self.recorder.emit, call.run.run_id
        names = argument_names()
        x, y = argument(given, kwargs, 0, "X"), argument(given, kwargs, 1, "y")
        if x is not None:
            call.data = describe(x)
            emit(call.data.seen(run, "X", names.get(0, "X")))
        if y is not None:
            emit(describe(y).seen(run, "y", names.get(1, "y"), summarise_target(y)))
        evaluations = kwargs.get("eval_set") or []
        for number, each in enumerate(evaluations if isinstance(evaluations, list) else [evaluations]):
            emit(describe(each[0] if isinstance(each, tuple) else each).seen(run, f"valid_{number}"))

    def _remember(self, call: _Fitting, result: Any) -> None:
        estimator = call.estimator
        fit = Fit(call.run, call.data)
        self.fits.remember(estimator, fit)
        best = getattr(estimator, "best_estimator_", None) if call.clones else None
        if best is not None:
            self.fits.remember(best, fit)
        labels = getattr(estimator, "__dict__", {}).get("labels_")
        if labels is not None:
            self.predictions.remember(labels, call.run, training=True)
        if result is not estimator and result is not labels and hasattr(type(estimator), "fit_predict"):
            self.predictions.remember(result, call.run, training=True)


@dataclass(eq=False)
class _Fitting(FitCall):
    """A fit, with what is known of its data."""

    data: Description | None = None


@dataclass(eq=False)
class _Using(Call):
    """A call of a fitted estimator."""

    estimator: Any
    fit: Fit
    training: bool


class _UseObserver(Outermost):
    """Sees recorded estimators at work."""

    def __init__(self, observers: EstimatorObservers, where: str) -> None:
        super().__init__(observers.recorder, where)
        self.fits = observers.fits
        self.predictions = observers.predictions

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Using | None:
        """Find the estimator's run."""
        fit = self.fits.of(args[0])
        if fit is None:
            return None
        return _Using(args[0], fit, fit.was_on(argument(args[1:], kwargs, 0, "X")))


class PredictObserver(_UseObserver):
    """Sees predictions."""

    def __init__(self, observers: EstimatorObservers) -> None:
        super().__init__(observers, "predict")

    def finish(self, call: _Using, result: Any, error: BaseException | None) -> None:
        """Remember whose predictions they are."""
        if error is None:
            classes = getattr(call.estimator, "classes_", None)
            self.predictions.remember(result, call.fit.run, training=call.training, classes=classes)


class ScoreObserver(_UseObserver):
    """Sees ``score``."""

    def __init__(self, observers: EstimatorObservers) -> None:
        super().__init__(observers, "score")

    def finish(self, call: _Using, result: Any, error: BaseException | None) -> None:
        """Log the score to the estimator's run."""
        value = as_real(result) if error is None else None
        if value is None:
            return
        key = metric_key("score", argument_names().get(0, "X"), training=call.training)
        self.recorder.log_metrics(call.fit.run, {key: value}, quiet=True)
