"""``lightgbm.train``, a plain function that its users hold by name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.interpose import Observer, observed
from maestro_jupyter.recording.loops.training import Evaluations, Training, TrainingObserver, arguments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from maestro_jupyter.recording.interpose import Interposer
    from maestro_jupyter.recording.recorder import Recorder

_WHERE = "lightgbm"


class Rebinding:
    """``lightgbm.engine.train``, replaced by its stand-in under every name that modules have for it.

    A plain function has no place of its own to observe it in, and the only other sign of its end is its
    return. When lightgbm is imported after Maestro, its engine is the one module to change: all others
    take the function from there.

    Parameters
    ----------
    recorder : Recorder
        Where to record.
    user_namespace : dict, optional
        The user's names, if they are no module's.
    """

    def __init__(self, recorder: Recorder, user_namespace: dict[str, Any] | None) -> None:
        self._recorder = recorder
        self._user_namespace = user_namespace
        self._pairs: list[tuple[Any, Any]] = []

    def observe(self, module: ModuleType) -> None:
        """Put the stand-in everywhere."""
        original = vars(module)["train"]
        stand_in = observed(original, _Train(self._recorder, original))
        self._pairs.append((original, stand_in))
        self._rebind(original, stand_in)

    def restore(self) -> None:
        """Put the function back, also under the names that the stand-in was given since."""
        while self._pairs:
            original, stand_in = self._pairs.pop()
            self._rebind(stand_in, original)

    def _rebind(self, old: Any, new: Any) -> None:
        for names in self._namespaces():
            for name, value in list(names.items()):
                if value is old:
                    names[name] = new

    def _namespaces(self) -> Iterator[dict[str, Any]]:
        for module in list(sys.modules.values()):
            try:
                # past a module's own __getattribute__, by which lazy ones would load
                names = object.__getattribute__(module, "__dict__")
            except AttributeError:
                continue
            if isinstance(names, dict):
                yield names
        if self._user_namespace is not None:
            yield self._user_namespace


def observe_evaluations(recorder: Recorder, interposer: Interposer, module: ModuleType) -> None:
    """Observe the booster's evaluations, which `train` asks for at each iteration.

    Callbacks would see the same, but lightgbm marks those that it is given, and sorts them by the marks.
    """
    evaluations = Evaluations(recorder, _WHERE)
    for name in ("eval_train", "eval_valid"):
        interposer.method(vars(module)["Booster"], name, _Evaluation(evaluations))


class _Train(TrainingObserver):
    def __init__(self, recorder: Recorder, train: Any) -> None:
        super().__init__(recorder, _WHERE)
        self._train = train

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Training:
        given = arguments(self._train, args, kwargs)
        params = {
            "estimator": "lightgbm.train",
            "num_boost_round": given["num_boost_round"],
            **dict(given["params"] or {}),
        }
        call = self.open("lightgbm.train", params)
        with self.recorder.problems.caught(self.where):
            self._describe(call, given)
        return call

    def _describe(self, call: Training, given: dict[str, Any]) -> None:
        """Describe the data sets, which hold what they were made of until they are first trained on."""
        train_set, valid_sets = given["train_set"], given.get("valid_sets") or []
        self.saw(call.run, "X", train_set.data, "train_set", 1)
        self.saw(call.run, "y", train_set.label, "", sys.maxsize)
        for number, each in enumerate(valid_sets if isinstance(valid_sets, list | tuple) else [valid_sets]):
            if each is not train_set:
                self.saw(call.run, f"valid_{number}", each.data, "", sys.maxsize)


class _Evaluation(Observer[Any]):
    """Sees a booster being evaluated on its data sets."""

    where = _WHERE

    def __init__(self, evaluations: Evaluations) -> None:
        self.problems = evaluations.recorder.problems
        self._evaluations = evaluations

    def enter(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return args[0]

    def leave(self, token: Any, result: Any, error: BaseException | None) -> None:
        """Log the values; each is a data set's name, a metric's name and a number first."""
        if not result:
            return
        values = {f"{each[0]}_{each[1]}": each[2] for each in result}
        self._evaluations.log(token, values, token.current_iteration() - 1)
