"""Automatic runs: the fits, predictions and scores of everything that has the scikit-learn API."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.calls import Call, FitCall, Outermost, argument, end_with
from maestro_jupyter.recording.datasets import Description, describe, summarise_target
from maestro_jupyter.recording.estimator_params import estimator_params
from maestro_jupyter.recording.fits import Fit, Fits
from maestro_jupyter.recording.import_hooks import ImportHooks
from maestro_jupyter.recording.interpose import Interposer
from maestro_jupyter.recording.predictions import Predictions
from maestro_jupyter.recording.scores import as_real, metric_key, observe_metrics
from maestro_jupyter.recording.searches import is_search, record_search
from maestro_jupyter.recording.training_curves import log_curves, training_curves
from maestro_jupyter.recording.truth_names import argument_names
from maestro_jupyter.recording.validation import observe_validation

if TYPE_CHECKING:
    from types import ModuleType

    from maestro_jupyter.recording.recorder import Recorder

_FIT = ("fit", "fit_transform", "fit_predict")
_PREDICT = ("predict", "predict_proba", "predict_log_proba", "decision_function")
_BASES = {"sklearn.base": "BaseEstimator", "catboost.core": "CatBoost"}


class EstimatorCapture:
    """Records what estimators do, from `install` to `uninstall`.

    Parameters
    ----------
    recorder : Recorder
        Where to.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.fits = Fits()
        self.predictions = Predictions()
        self._interposer = Interposer()
        self._hooks = ImportHooks(recorder.problems)
        self._seen: weakref.WeakSet[type] = weakref.WeakSet()
        fit = FitObserver(self)
        predict = PredictObserver(self)
        self._observers: dict[str, Outermost] = {
            **dict.fromkeys(_FIT, fit),
            **dict.fromkeys(_PREDICT, predict),
            "score": ScoreObserver(self),
            "partial_fit": PartOfALoop(recorder, "partial_fit"),
        }

    def install(self, user_namespace: dict[str, Any] | None = None) -> None:
        """Observe the estimators that are imported, and those that will be.

        Parameters
        ----------
        user_namespace : dict, optional
            The user's names. Functions and classes are observed where they are, so that names which were
            bound to them earlier are observed too; nothing in the namespace is replaced.
        """
        for module in _BASES:
            self._hooks.when(module, self._observe_base)
        self._hooks.when("sklearn.metrics", self._observe_metrics)
        self._hooks.when("sklearn.model_selection", self._observe_validation)

    def uninstall(self) -> None:
        """Leave every class, function and module as it was."""
        self._hooks.restore()
        self._interposer.restore()
        self._seen.clear()
        self.fits.clear()
        self.predictions.clear()

    def observe_class(self, cls: type) -> None:
        """Observe what a class and its bases define of the estimators' methods."""
        with self.recorder.problems.caught("class"):
            for each in cls.__mro__[:-1]:
                if each in self._seen:
                    continue
                self._seen.add(each)
                for name, observer in self._observers.items():
                    if name in each.__dict__:
                        self._interposer.method(each, name, observer)

    def _observe_base(self, module: ModuleType) -> None:
        base: type = vars(module)[_BASES[module.__name__]]
        waiting = [base]
        while waiting:
            cls = waiting.pop()
            self.observe_class(cls)
            waiting.extend(type.__subclasses__(cls))
        self._interposer.attribute(base, "__init_subclass__", _NewSubclass(base, self))

    def _observe_metrics(self, module: ModuleType) -> None:
        observe_metrics(self.recorder, self._interposer, self.predictions, module)

    def _observe_validation(self, module: ModuleType) -> None:
        observe_validation(self.recorder, self._interposer, self.predictions, module)


class _NewSubclass:
    """Stands as a class's ``__init_subclass__``: sees each new subclass when Python looks the hook up."""

    def __init__(self, base: type, capture: EstimatorCapture) -> None:
        self.base: Any = base
        self.before = base.__dict__.get("__init_subclass__")
        self.capture = capture

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        cls: Any = type(instance) if owner is None else owner
        self.capture.observe_class(cls)
        if self.before is not None:
            return self.before.__get__(instance, cls)
        return super(self.base, cls).__init_subclass__


class PartOfALoop(Outermost):
    """Sees steps of a loop of the user's own: no run, and neither is what such a step fits inside."""

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        """Say that a call is going on."""
        return Call()


class FitObserver(Outermost):
    """Sees fits: each is a run."""

    def __init__(self, capture: EstimatorCapture) -> None:
        super().__init__(capture.recorder, "fit")
        self.fits = capture.fits
        self.predictions = capture.predictions

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

    def __init__(self, capture: EstimatorCapture, where: str) -> None:
        super().__init__(capture.recorder, where)
        self.fits = capture.fits
        self.predictions = capture.predictions

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Using | None:
        """Find the estimator's run."""
        fit = self.fits.of(args[0])
        if fit is None:
            return None
        return _Using(args[0], fit, fit.was_on(argument(args[1:], kwargs, 0, "X")))


class PredictObserver(_UseObserver):
    """Sees predictions."""

    def __init__(self, capture: EstimatorCapture) -> None:
        super().__init__(capture, "predict")

    def finish(self, call: _Using, result: Any, error: BaseException | None) -> None:
        """Remember whose predictions they are."""
        if error is None:
            classes = getattr(call.estimator, "classes_", None)
            self.predictions.remember(result, call.fit.run, training=call.training, classes=classes)


class ScoreObserver(_UseObserver):
    """Sees ``score``."""

    def __init__(self, capture: EstimatorCapture) -> None:
        super().__init__(capture, "score")

    def finish(self, call: _Using, result: Any, error: BaseException | None) -> None:
        """Log the score to the estimator's run."""
        value = as_real(result) if error is None else None
        if value is None:
            return
        key = metric_key("score", argument_names().get(0, "X"), training=call.training)
        self.recorder.log_metrics(call.fit.run, {key: value}, quiet=True)
