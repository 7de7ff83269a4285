"""Keras's ``Model.fit``, on every backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.estimator_params import qualified_name
from maestro_jupyter.recording.interpose import Observer
from maestro_jupyter.recording.loops.training import Evaluations, Training, TrainingObserver, arguments

if TYPE_CHECKING:
    from types import ModuleType

    from maestro_jupyter.recording.interpose import Interposer
    from maestro_jupyter.recording.recorder import Recorder

_WHERE = "keras"
_OWN = ("epochs", "batch_size", "initial_epoch", "steps_per_epoch", "validation_split", "shuffle")


def observe_training(recorder: Recorder, interposer: Interposer, module: ModuleType) -> None:
    """Observe ``fit``, which a model has from its backend."""
    for cls in vars(module)["Model"].__mro__:
        if "fit" in cls.__dict__:
            interposer.method(cls, "fit", _Fit(recorder))


def observe_epochs(recorder: Recorder, interposer: Interposer, module: ModuleType) -> None:
    """Observe the history, which Keras itself adds to the callbacks of every fit."""
    interposer.method(vars(module)["History"], "on_epoch_end", _Epoch(recorder))


class _Fit(TrainingObserver):
    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder, _WHERE)

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Training:
        model = args[0]
        given = arguments(type(model).fit, args, kwargs)
        own = {key: given.get(key) for key in _OWN}
        params = {"estimator": qualified_name(type(model)), **own}
        call = self.open(type(model).__name__, params, model)
        with self.recorder.problems.caught(self.where):
            self.log_params(call.run, _compiled(model))
        with self.recorder.problems.caught(self.where):
            self._describe(call, given)
        return call

    def finish(self, call: Any, result: Any, error: BaseException | None) -> None:
        """Count the parameters, which a model may only have got by its data, and end the run."""
        with self.recorder.problems.caught(self.where):
            if call.trained.built:
                self.log_params(call.run, {"parameters": call.trained.count_params()})
        super().finish(call, result, error)

    def _describe(self, call: Training, given: dict[str, Any]) -> None:
        self.saw(call.run, "X", given.get("x"), "x", 0)
        self.saw(call.run, "y", given.get("y"), "y", 1)
        validation = given.get("validation_data")
        if isinstance(validation, tuple | list) and validation:
            self.saw(call.run, "valid_0", validation[0], "", len(given))


class _Epoch(Observer[None]):
    """Sees the end of each epoch."""

    where = _WHERE

    def __init__(self, recorder: Recorder) -> None:
        self.problems = recorder.problems
        self._evaluations = Evaluations(recorder, _WHERE)

    def enter(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        history, epoch = args[:2] if len(args) > 1 else (args[0], kwargs["epoch"])
        logs = args[2] if len(args) > 2 else kwargs.get("logs")
        self._evaluations.log(history.model, logs or {}, epoch)


def _compiled(model: Any) -> dict[str, Any]:
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        return {}
    rate = getattr(optimizer, "_learning_rate", None)  # the public property evaluates a schedule
    if hasattr(rate, "numpy"):
        rate = float(f"{float(optimizer.learning_rate):.7g}")  # held in single precision
    return {
        "optimizer": type(optimizer).__name__,
        "learning_rate": rate,
        "loss": getattr(model, "loss", None),
    }
