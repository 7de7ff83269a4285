"""A native training that is going on, and where its evaluations are logged."""

from __future__ import annotations

import inspect
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.calls import Call, FitCall, Outermost
from maestro_jupyter.recording.datasets import describe, summarise_target
from maestro_jupyter.recording.estimator_params import plain_params
from maestro_jupyter.recording.truth_names import argument_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.recording.recorder import Recorder


@dataclass(eq=False)
class Training(Call):
    """A recorded native training that is going on."""

    run: ActiveRun
    trained: Any = None
    """Whose evaluations are the run's own, where that is known before the first of them."""


class TrainingObserver(Outermost):
    """Sees trainings: each is a run."""

    def open(self, name: str, params: Mapping[str, Any], trained: Any = None) -> Training:
        """Open a run with its parameters."""
        run = self.recorder.start_run(name, source="loop", current=False)
        with self.recorder.problems.caught(self.where):
            self.log_params(run, params)
        return Training(run, trained)

    def log_params(self, run: ActiveRun, params: Mapping[str, Any]) -> None:
        """Log what can be said in a few words, and is set."""
        known = {str(key): value for key, value in plain_params(params).items() if value is not None}
        self.recorder.log_params(run, known, quiet=True)

    def finish(self, call: Any, result: Any, error: BaseException | None) -> None:
        """End the run."""
        call.run.__exit__(type(error) if error else None, error, None)

    def saw(self, run: ActiveRun, role: str, data: Any, parameter: str, position: int) -> None:
        """Describe data that was given as one of the training's arguments, unless it has to be loaded."""
        if not is_at_hand(data):
            return
        target = summarise_target(data) if role == "y" else None
        name = argument_names().get(position, parameter)
        self.recorder.emit(describe(data).seen(run.run_id, role, name, target))


class Evaluations:
    """Logs evaluations to the run of the training that they are part of.

    Parameters
    ----------
    recorder : Recorder
        Where to.
    where : str
        The hook's name, under which failures are counted.
    """

    def __init__(self, recorder: Recorder, where: str) -> None:
        self.recorder = recorder
        self.where = where
        self._trained: weakref.WeakKeyDictionary[Call, Any] = weakref.WeakKeyDictionary()

    def log(self, trained: Any, metrics: Mapping[str, Any], step: int) -> None:
        """Log the values that a step of a training has not had yet."""
        run = self._run_of(trained)
        if run is None or self.recorder.paused:
            return
        fresh = {key: value for key, value in metrics.items() if run.next_steps.get(key, step) <= step}
        if fresh:
            self.recorder.log_metrics(run, fresh, step, quiet=True)

    def _run_of(self, trained: Any) -> ActiveRun | None:
        """Give the run that is going on, if this is what it trains.

        A fit may train several models (folds, classes, members of an ensemble), whose curves would get
        mixed up: the first one's are the run's, and none are where scikit-learn itself does the fitting.
        """
        call = self.recorder.scopes.call()
        if not isinstance(call, Training | FitCall) or call.ended:
            return None
        if isinstance(call, FitCall) and (call.clones or _is_of(call.estimator, "sklearn")):
            return None
        known = call.trained if isinstance(call, Training) else None
        if known is None:
            known = self._trained.setdefault(call, trained)
        return call.run if known is trained else None


def arguments(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments of a call by name, with those that are left to their defaults.

    Examples
    --------
    >>> arguments(lambda x, y=2, *, z=3: None, (1,), {"z": 4})
    {'x': 1, 'y': 2, 'z': 4}
    """
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.arguments


def is_at_hand(data: Any) -> bool:
    """Tell whether data is held in memory, so that looking at it changes nothing.

    Examples
    --------
    >>> is_at_hand([1, 2]), is_at_hand(iter([1, 2])), is_at_hand(None), is_at_hand("file.csv")
    (True, False, False, False)
    """
    return isinstance(data, list) or (hasattr(data, "shape") and hasattr(data, "__getitem__"))


def number_of_parameters(model: Any) -> int:
    """Count what a torch module learns and holds fixed."""
    return sum(int(parameter.numel()) for parameter in model.parameters())


def _is_of(value: Any, package: str) -> bool:
    return type(value).__module__.partition(".")[0] == package
