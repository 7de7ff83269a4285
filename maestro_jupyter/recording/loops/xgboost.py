"""``xgboost.train``, which keeps its function in the closure of a decorator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.datasets import Description, describe, summarise_target
from maestro_jupyter.recording.interpose import Observer
from maestro_jupyter.recording.loops.training import Evaluations, Training, TrainingObserver, arguments

if TYPE_CHECKING:
    from types import ModuleType

    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.recording.interpose import Interposer
    from maestro_jupyter.recording.recorder import Recorder

_WHERE = "xgboost"
_OWN = ("num_boost_round", "early_stopping_rounds", "maximize")


def observe_training(recorder: Recorder, interposer: Interposer, module: ModuleType) -> None:
    """Observe ``train`` where it is, so that names bound to it earlier are observed too."""
    train = vars(module)["train"]
    interposer.cell(train, "func", _Train(recorder, train))


def observe_evaluations(recorder: Recorder, interposer: Interposer, module: ModuleType) -> None:
    """Observe the container of callbacks, through which each iteration's evaluations pass.

    The user's list of callbacks, which may decide what is printed, stays as it is.
    """
    interposer.method(vars(module)["CallbackContainer"], "after_iteration", _Iteration(recorder))


class _Train(TrainingObserver):
    def __init__(self, recorder: Recorder, train: Any) -> None:
        super().__init__(recorder, _WHERE)
        self._train = train

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Training:
        given = arguments(self._train, args, kwargs)
        own = {key: given.get(key) for key in _OWN}
        params = {"estimator": "xgboost.train", **own, **dict(given["params"] or {})}
        call = self.open("xgboost.train", params)
        with self.recorder.problems.caught(self.where):
            self._describe(call.run, given["dtrain"], "X", "y")
            for number, (matrix, _) in enumerate(given.get("evals") or []):
                if matrix is not given["dtrain"]:
                    self._describe(call.run, matrix, f"valid_{number}", None)
        return call

    def _describe(self, run: ActiveRun, matrix: Any, role: str, label_role: str | None) -> None:
        """Say what is cheaply known of a matrix, which has given up the data that it was made of."""
        emit = self.recorder.emit
        shape = [int(matrix.num_row()), int(matrix.num_col())]
        # no fingerprint: to read it back would copy all of it
        emit(Description(type(matrix).__name__, shape=shape).seen(run.run_id, role))
        labels = matrix.get_label() if label_role is not None else ()
        if label_role is not None and len(labels):
            emit(describe(labels).seen(run.run_id, label_role, None, summarise_target(labels)))


class _Iteration(Observer[tuple[Any, int, int]]):
    """Sees each iteration of a booster."""

    where = _WHERE

    def __init__(self, recorder: Recorder) -> None:
        self.problems = recorder.problems
        self._evaluations = Evaluations(recorder, _WHERE)

    def enter(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, int, int] | None:
        container = args[0]
        epoch = args[2] if len(args) > 2 else kwargs["epoch"]
        return None if container.is_cv else (container, epoch, _length(container.history))

    def leave(self, token: tuple[Any, int, int], result: Any, error: BaseException | None) -> None:
        """Log what was evaluated, also when a callback has failed after it."""
        container, epoch, before = token
        if _length(container.history) == before:
            return
        latest = {
            f"{data}_{metric}": values[-1]
            for data, metrics in container.history.items()
            for metric, values in metrics.items()
        }
        self._evaluations.log(container, latest, epoch)


def _length(history: Any) -> int:
    return sum(len(values) for metrics in history.values() for values in metrics.values())
