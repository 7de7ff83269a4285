"""Lightning's ``Trainer.fit``, under both of its names."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.estimator_params import qualified_name
from maestro_jupyter.recording.loops.training import (
    Evaluations,
    Training,
    TrainingObserver,
    arguments,
    number_of_parameters,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from maestro_jupyter.recording.interpose import Interposer
    from maestro_jupyter.recording.recorder import Recorder

_WHERE = "lightning"
_OWN = ("max_epochs", "max_steps", "precision", "accumulate_grad_batches", "gradient_clip_val")


def observe_training(recorder: Recorder, interposer: Interposer, module: ModuleType) -> None:
    """Observe ``fit``."""
    package = module.__name__.removesuffix(".trainer.trainer")
    interposer.method(vars(module)["Trainer"], "fit", _Fit(recorder, package))


@dataclass(eq=False)
class _Fitting(Training):
    """A training, with the callback that watches it."""

    callback: Any = None


class _Fit(TrainingObserver):
    """Sees trainings, and adds a callback for their time: nothing else is told of every evaluation."""

    def __init__(self, recorder: Recorder, package: str) -> None:
        super().__init__(recorder, _WHERE)
        self._package = package

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Fitting:
        trainer = args[0]
        model = arguments(type(trainer).fit, args, kwargs)["model"]
        params = {
            **dict(getattr(model, "hparams", {})),
            **{key: getattr(trainer, key, None) for key in _OWN},
            "estimator": qualified_name(type(model)),
        }
        call = _Fitting(self.open(type(model).__name__, params).run, trainer)
        with self.recorder.problems.caught(self.where):
            self.log_params(call.run, {"parameters": number_of_parameters(model)})
        with self.recorder.problems.caught(self.where):
            call.callback = _callback_class(self._package)()
            call.callback.watch = _Watch(self, call)
            trainer.callbacks.append(call.callback)
        return call

    def finish(self, call: Any, result: Any, error: BaseException | None) -> None:
        """Take the callback out and end the run; Lightning turns an interrupt into an exit, or hides it."""
        trainer = call.trained
        with self.recorder.problems.caught(self.where):
            trainer.callbacks[:] = [each for each in trainer.callbacks if each is not call.callback]
        if isinstance(error, SystemExit) and isinstance(error.__context__, KeyboardInterrupt):
            error = error.__context__
        elif error is None and getattr(trainer, "interrupted", False):
            error = KeyboardInterrupt()
        super().finish(call, result, error)


class _Watch:
    """Logs what a trainer has logged."""

    def __init__(self, observer: _Fit, call: Training) -> None:
        self._observer = observer
        self._call = call
        self._evaluations = Evaluations(observer.recorder, _WHERE)
        self._seen: dict[tuple[str, str], Any] = {}

    def started(self, trainer: Any) -> None:
        """Note what is only known once the training is set up."""
        with self._observer.recorder.problems.caught(_WHERE):
            params = {"batch_size": getattr(trainer.train_dataloader, "batch_size", None)}
            for optimizer in trainer.optimizers[:1]:
                params["optimizer"] = type(optimizer).__name__
                params["learning_rate"] = optimizer.param_groups[0]["lr"]
            if trainer.is_global_zero:
                self._observer.log_params(self._call.run, params)

    def batch(self, trainer: Any) -> None:
        """See the end of a batch."""
        with self._observer.recorder.problems.caught(_WHERE):
            every = trainer.log_every_n_steps
            if every and trainer.global_step % every == 0:
                self._log(trainer, self._new("logged_metrics", trainer))

    def validation(self, trainer: Any) -> None:
        """See a validation begin: what there is by now is of batches, not of the epoch."""
        with self._observer.recorder.problems.caught(_WHERE):
            self._new("callback_metrics", trainer)

    def epoch(self, trainer: Any) -> None:
        """See the end of an epoch of training or validation."""
        with self._observer.recorder.problems.caught(_WHERE):
            self._new("logged_metrics", trainer)
            metrics = self._new("callback_metrics", trainer)
            if not trainer.sanity_checking:
                self._log(trainer, metrics)

    def _new(self, source: str, trainer: Any) -> dict[str, Any]:
        """Give the metrics that were not there before; a trainer keeps earlier ones, as the same objects."""
        metrics = getattr(trainer, source)
        new = {key: value for key, value in metrics.items() if self._seen.get((source, key)) is not value}
        self._seen.update({(source, key): value for key, value in new.items()})
        return new

    def _log(self, trainer: Any, metrics: Mapping[str, Any]) -> None:
        if metrics and trainer.is_global_zero:
            # counted from 0, as by Lightning's own loggers
            self._evaluations.log(trainer, metrics, max(trainer.global_step - 1, 0))


@cache
def _callback_class(package: str) -> type:
    plain: Any = vars(sys.modules[f"{package}.callbacks"])["Callback"]

    class Recording(plain):  # type: ignore[misc]  # its base is only known where Lightning is
        """Tells of a training. A copy, as a process of its own would get, is a callback that does nothing."""

        watch: _Watch

        def __reduce__(self) -> tuple[Any, ...]:
            return plain, ()

        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            self.watch.started(trainer)

        def on_train_batch_end(self, trainer: Any, *args: Any) -> None:
            self.watch.batch(trainer)

        # An epoch's values are complete, and reduced over the processes, after its own last hook.

        def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
            self.watch.epoch(trainer)

        def on_train_end(self, trainer: Any, pl_module: Any) -> None:
            self.watch.epoch(trainer)

        def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
            self.watch.validation(trainer)

        def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
            self.watch.epoch(trainer)

    return Recording
