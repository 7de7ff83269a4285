"""All that is recorded in a kernel, put in and taken out as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.cells import CellCapture
from maestro_jupyter.recording.estimators import EstimatorCapture
from maestro_jupyter.recording.loops import LoopCapture
from maestro_jupyter.recording.notebook import notebook_path

if TYPE_CHECKING:
    from maestro_jupyter.recording.recorder import Recorder


class KernelCapture:
    """Records the cells, the estimators and the training loops of a shell.

    Parameters
    ----------
    recorder : Recorder
        Where they are recorded.
    shell : InteractiveShell
        The kernel's or terminal's shell.
    """

    def __init__(self, recorder: Recorder, shell: Any) -> None:
        self._recorder = recorder
        self._shell = shell
        self.cells = CellCapture(recorder, shell)
        self._estimators = EstimatorCapture(recorder)
        self._loops = LoopCapture(recorder)

    def install(self) -> None:
        """Begin to record."""
        if self._recorder.notebook is None:
            self._recorder.notebook = notebook_path(self._shell.user_ns)
        self.cells.install()
        self._estimators.install(self._shell.user_ns)
        self._loops.install(self._shell.user_ns)

    def close(self) -> None:
        """Write down what only a cell's end would, as the process ends before."""
        self.cells.close()

    def uninstall(self) -> None:
        """Leave no trace in the shell, the streams and the libraries."""
        self._loops.uninstall()
        self._estimators.uninstall()
        self.cells.uninstall()
