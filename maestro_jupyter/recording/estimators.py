"""Automatic runs: the fits, predictions and scores of everything that has the scikit-learn API."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.import_hooks import ImportHooks
from maestro_jupyter.recording.interpose import Interposer

if TYPE_CHECKING:
    from types import ModuleType

    from maestro_jupyter.recording.estimator_observers import EstimatorObservers
    from maestro_jupyter.recording.recorder import Recorder

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
        self._interposer = Interposer()
        self._hooks = ImportHooks(recorder.problems)
        self._seen: weakref.WeakSet[type] = weakref.WeakSet()
        self._made: EstimatorObservers | None = None

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
        self._made = None

    def observe_class(self, cls: type) -> None:
        """Observe what a class and its bases define of the estimators' methods."""
        with self.recorder.problems.caught("class"):
            for each in cls.__mro__[:-1]:
                if each in self._seen:
                    continue
                self._seen.add(each)
                for name, observer in self._observers().methods.items():
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
        self._observers().observe_metrics(module)

    def _observe_validation(self, module: ModuleType) -> None:
        self._observers().observe_validation(module)

    def _observers(self) -> EstimatorObservers:
        if self._made is None:
            from maestro_jupyter.recording.estimator_observers import EstimatorObservers

            self._made = EstimatorObservers(self.recorder, self._interposer)
        return self._made


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
