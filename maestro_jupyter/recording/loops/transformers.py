"""Hugging Face's ``Trainer.train``."""

from __future__ import annotations

import dataclasses
import weakref
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.estimator_params import qualified_name
from maestro_jupyter.recording.interpose import Observer
from maestro_jupyter.recording.loops.training import Training, TrainingObserver, number_of_parameters

if TYPE_CHECKING:
    from types import ModuleType

    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.recording.interpose import Interposer
    from maestro_jupyter.recording.recorder import Recorder

_WHERE = "transformers"
_ALWAYS = ("num_train_epochs", "per_device_train_batch_size", "learning_rate", "optim")


class Loop:
    """Puts observers into ``transformers``.

    Parameters
    ----------
    recorder : Recorder
        Where to record.
    interposer : Interposer
        Takes the observers out again.
    """

    def __init__(self, recorder: Recorder, interposer: Interposer) -> None:
        self._recorder = recorder
        self._interposer = interposer
        self._runs: weakref.WeakKeyDictionary[Any, ActiveRun] = weakref.WeakKeyDictionary()

    def observe_training(self, module: ModuleType) -> None:
        """Observe ``train``."""
        self._interposer.method(vars(module)["Trainer"], "train", _Train(self._recorder, self._runs))

    def observe_logs(self, module: ModuleType) -> None:
        """Observe what hands each log to the callbacks, before any of them changes it."""
        self._interposer.method(vars(module)["CallbackHandler"], "on_log", _Log(self._recorder, self._runs))


class _Train(TrainingObserver):
    def __init__(self, recorder: Recorder, runs: weakref.WeakKeyDictionary[Any, ActiveRun]) -> None:
        super().__init__(recorder, _WHERE)
        self._runs = runs

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Training:
        trainer = args[0]
        model = trainer.model
        name = type(trainer if model is None else model).__name__
        call = self.open(name, _changed(trainer.args), trainer)
        self._runs[trainer.callback_handler] = call.run
        if model is not None:
            with self.recorder.problems.caught(self.where):
                self.log_params(call.run, _described(model))
        return call

    def finish(self, call: Any, result: Any, error: BaseException | None) -> None:
        """Name a model that the trainer has made by itself, and end the run."""
        if "estimator" not in call.run.params and call.trained.model is not None:
            with self.recorder.problems.caught(self.where):
                self.log_params(call.run, _described(call.trained.model))
        super().finish(call, result, error)


class _Log(Observer[None]):
    """Sees each log of a trainer: also of an evaluation that comes after its training."""

    where = _WHERE

    def __init__(self, recorder: Recorder, runs: weakref.WeakKeyDictionary[Any, ActiveRun]) -> None:
        self.problems = recorder.problems
        self._recorder = recorder
        self._runs = runs

    def enter(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        recorder = self._recorder
        handler, _, state, _, logs = args[:5] if len(args) > 4 else (*args[:4], kwargs["logs"])
        run = self._runs.get(handler)
        if run is None or recorder.paused or not state.is_world_process_zero:
            return
        numbers = {key: value for key, value in logs.items() if isinstance(value, int | float)}
        recorder.log_metrics(run, numbers, state.global_step, quiet=True)


def _described(model: Any) -> dict[str, Any]:
    config = getattr(model, "config", None)
    return {
        "estimator": qualified_name(type(model)),
        "model": getattr(config, "name_or_path", "") or getattr(config, "model_type", None),
        "parameters": number_of_parameters(model),
    }


def _changed(training_arguments: Any) -> dict[str, Any]:
    """Give the arguments that are not at their defaults, and those that everyone asks for."""
    plain = training_arguments.to_dict()  # without enumerations and tokens
    return {
        field.name: plain[field.name]
        for field in dataclasses.fields(training_arguments)
        if field.name in _ALWAYS or _is_changed(getattr(training_arguments, field.name), field)
    }


def _is_changed(value: Any, field: dataclasses.Field[Any]) -> bool:
    if not isinstance(value, str | int | float):
        return False
    default = field.default_factory() if callable(field.default_factory) else field.default
    return value != default and bool(value or default)
