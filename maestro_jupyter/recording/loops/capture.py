"""The training loops of libraries, observed as those are imported: what sees one is loaded with it."""

from __future__ import annotations

import functools
from importlib import import_module
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.import_hooks import ImportHooks
from maestro_jupyter.recording.interpose import Interposer

if TYPE_CHECKING:
    from types import ModuleType

    from maestro_jupyter.recording.loops.lightgbm import Rebinding
    from maestro_jupyter.recording.loops.transformers import Loop
    from maestro_jupyter.recording.recorder import Recorder

_ROOM = __package__

_OBSERVED = (
    ("xgboost.callback", "xgboost", "observe_evaluations"),
    ("xgboost.training", "xgboost", "observe_training"),
    ("lightgbm.basic", "lightgbm", "observe_evaluations"),
    ("keras.src.callbacks.history", "keras", "observe_epochs"),
    ("keras.src.models.model", "keras", "observe_training"),
    ("lightning.pytorch.trainer.trainer", "lightning", "observe_training"),
    ("pytorch_lightning.trainer.trainer", "lightning", "observe_training"),
)
"""A module of a library, which of our modules sees it, and what that does once it is imported."""

_LIGHTGBM = "lightgbm.engine"
_TRANSFORMERS = {
    "transformers.trainer_callback": "observe_logs",
    "transformers.trainer": "observe_training",
}


class LoopCapture:
    """Records what native training loops do, from `install` to `uninstall`.

    Parameters
    ----------
    recorder : Recorder
        Where to.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._interposer = Interposer()
        self._hooks = ImportHooks(recorder.problems)
        self._user_namespace: dict[str, Any] | None = None
        self._rebound: Rebinding | None = None
        self._transformers: Loop | None = None

    def install(self, user_namespace: dict[str, Any] | None = None) -> None:
        """Observe the libraries that are imported, and those that will be.

        Parameters
        ----------
        user_namespace : dict, optional
            The user's names, of which those that are bound to a plain training function are bound to its
            stand-in until `uninstall`.
        """
        self._user_namespace = user_namespace
        for module, room, observe in _OBSERVED:
            self._hooks.when(module, functools.partial(self._observe, room, observe))
        self._hooks.when(_LIGHTGBM, self._rebind)
        for module in _TRANSFORMERS:
            self._hooks.when(module, self._observe_transformers)

    def uninstall(self) -> None:
        """Leave every class, function, module and name as it was."""
        self._hooks.restore()
        self._interposer.restore()
        if self._rebound is not None:
            self._rebound.restore()
            self._rebound = None
        self._transformers = None

    def _observe(self, room: str, observe: str, module: ModuleType) -> None:
        getattr(import_module(f"{_ROOM}.{room}"), observe)(self.recorder, self._interposer, module)

    def _rebind(self, module: ModuleType) -> None:
        from maestro_jupyter.recording.loops.lightgbm import Rebinding

        self._rebound = Rebinding(self.recorder, self._user_namespace)
        self._rebound.observe(module)

    def _observe_transformers(self, module: ModuleType) -> None:
        if self._transformers is None:
            from maestro_jupyter.recording.loops.transformers import Loop

            self._transformers = Loop(self.recorder, self._interposer)
        getattr(self._transformers, _TRANSFORMERS[module.__name__])(module)
