"""What a cell has printed so far, written down while it still runs: for whoever comes back to it."""

from __future__ import annotations

import functools
import threading
import time
from typing import TYPE_CHECKING

from maestro_jupyter.events import CellOutput

if TYPE_CHECKING:
    from collections.abc import Callable

    from maestro_jupyter.recording.cells import Cell
    from maestro_jupyter.recording.recorder import Recorder

SECONDS = 1.0
"""Between two looks at the running cell; a cell that takes less is never looked at."""

_SHARE = 20
"""A look may take one part in so many of the time: longer texts are written more rarely."""


class Snapshots:
    """A thread that writes the output of a running cell into the journal, as it grows.

    It sleeps while no cell runs, and costs a cell that is over soon one flag.

    Parameters
    ----------
    recorder : Recorder
    running : callable
        Gives the cells that are running now, the innermost last.
    """

    def __init__(self, recorder: Recorder, running: Callable[[], list[Cell]]) -> None:
        self._recorder = recorder
        self._running = running
        self._begun = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Say that a cell has begun."""
        if not self._begun.is_set():
            self._begun.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="maestro-snapshots", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the thread, and write down what the cells that are running have printed to the last."""
        thread, self._thread = self._thread, None
        self._closed.set()
        self._begun.set()
        if thread is not None:
            thread.join(5)
        self._closed.clear()
        for cell in self._running():
            with self._recorder.problems.caught("cells.snapshot"):
                self.write(cell, last=True)

    def write(self, cell: Cell, *, last: bool = False) -> None:
        """Write down what a cell has printed, if that has grown; the last time with its unfinished line."""
        recorder, output = self._recorder, cell.output
        size = min(output.size, output.kept)
        if cell.execution is None or cell.skipped or not recorder.recording:
            return
        if size == cell.written and not last:
            return
        clean = functools.partial(cell.clean, recorder.redactor)
        text, truncated = output.settled(clean) if last else output.so_far(recorder.redactor, clean)
        with cell.lock:
            if cell.ended:
                return
            cell.written = size
            if text and text != cell.snapshot:
                recorder.journal.append(CellOutput(cell.execution, text, truncated))
                cell.snapshot = text

    def _run(self) -> None:
        pause = SECONDS
        while not self._closed.is_set():
            self._begun.wait()
            self._begun.clear()
            while not self._closed.wait(pause) and (running := self._running()):
                start = time.monotonic()
                with self._recorder.problems.caught("cells.snapshot"):
                    self.write(running[-1])
                pause = max(SECONDS, (time.monotonic() - start) * _SHARE)
            pause = SECONDS
