"""Native training loops, observed as their libraries are imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.import_hooks import ImportHooks
from maestro_jupyter.recording.interpose import Interposer
from maestro_jupyter.recording.loops import keras, lightgbm, lightning, transformers, xgboost

if TYPE_CHECKING:
    from maestro_jupyter.recording.recorder import Recorder


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
        self._rebound: lightgbm.Rebinding | None = None

    def install(self, user_namespace: dict[str, Any] | None = None) -> None:
        """Observe the libraries that are imported, and those that will be.

        Parameters
        ----------
        user_namespace : dict, optional
            The user's names, of which those that are bound to a plain training function are bound to its
            stand-in until `uninstall`.
        """
        recorder, interposer = self.recorder, self._interposer
        self._rebound = lightgbm.Rebinding(recorder, user_namespace)
        hooks = self._hooks
        hooks.when(
            "xgboost.callback", lambda module: xgboost.observe_evaluations(recorder, interposer, module)
        )
        hooks.when("xgboost.training", lambda module: xgboost.observe_training(recorder, interposer, module))
        hooks.when(
            "lightgbm.basic", lambda module: lightgbm.observe_evaluations(recorder, interposer, module)
        )
        hooks.when("lightgbm.engine", self._rebound.observe)
        hooks.when(
            "keras.src.callbacks.history", lambda module: keras.observe_epochs(recorder, interposer, module)
        )
        hooks.when(
            "keras.src.models.model", lambda module: keras.observe_training(recorder, interposer, module)
        )
        for package in lightning.PACKAGES:
            hooks.when(
                f"{package}.trainer.trainer",
                lambda module: lightning.observe_training(recorder, interposer, module),
            )
        loop = transformers.Loop(recorder, interposer)
        hooks.when("transformers.trainer_callback", loop.observe_logs)
        hooks.when("transformers.trainer", loop.observe_training)

    def uninstall(self) -> None:
        """Leave every class, function, module and name as it was."""
        self._hooks.restore()
        self._interposer.restore()
        if self._rebound is not None:
            self._rebound.restore()
            self._rebound = None
