"""Cells: each one's source, outcome, output and names, by IPython's events alone."""

from __future__ import annotations

import functools
import os
import re
import sys
import threading
import time
import traceback
import uuid
from typing import TYPE_CHECKING, Any

from maestro_jupyter.events import CellEnded, CellNames, CellOutput, CellStarted
from maestro_jupyter.recording.context import RunContexts
from maestro_jupyter.recording.figures import FigureCapture
from maestro_jupyter.recording.names import names
from maestro_jupyter.recording.notebook import notebook_path
from maestro_jupyter.recording.outputs import OutputCapture, Text, encodable
from maestro_jupyter.recording.redaction import REDACTED
from maestro_jupyter.recording.snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import Callable

    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.recording.recorder import Recorder
    from maestro_jupyter.recording.redaction import Redactor

_FIXED = (3, 12, 2) if sys.version_info >= (3, 12) else (3, 11, 8)
PARSES_BESIDE = sys.version_info >= _FIXED
"""Whether Python can parse in two threads: before, it could fail what the user runs meanwhile.

See https://github.com/python/cpython/issues/106905.
"""

LONG_CELL = 32 << 10
"""Of longer ones, in characters, the names are not read where they cannot be read beside the cells."""

_SKIP = re.compile(r"\s*%%maestro\s+skip\b")
_TRACEBACK_LIMIT = 64 << 10
_MESSAGE_LIMIT = 2000
_GAPS = 20
_SHORTEST = 8
_FRAMES = -50
_RUNNER = os.path.join("IPython", "core", "interactiveshell.py")  # noqa: PTH118 - a name's end, no path


class Cell:
    """A cell that is running.

    Attributes
    ----------
    info : object
        IPython's own description of it, by which its end is recognised; None for the cell that loads
        the extension.
    """

    def __init__(
        self, info: Any, source: str, output_limit: int, *, recorded: bool = True, skipped: bool = False
    ) -> None:
        self.info = info
        self.source = source
        self.skipped = skipped
        self.execution = uuid.uuid4().hex if recorded and not skipped else None
        self.runs: list[ActiveRun] = []
        self.output = Text(output_limit)
        self.secrets: list[str] = []
        """What was taken out of its source, and is a secret in its error and its output too."""
        self.lock = threading.Lock()
        """Held while a snapshot of the output is appended, and while the cell is declared to have ended."""
        self.ended = False
        self.written = 0
        """How long the output was when it was last looked at."""
        self.snapshot = ""

    def clean(self, redactor: Redactor, text: str) -> str:
        """Take the secrets out of what the cell said, also those that only its source shows to be some."""
        for secret in self.secrets:
            text = text.replace(secret, REDACTED)
        return redactor.text(text)


class CellCapture:
    """Records the cells of a shell.

    Parameters
    ----------
    recorder : Recorder
        Where they are recorded.
    shell : InteractiveShell
        Whose cells they are. Its namespace is never looked through.
    """

    def __init__(self, recorder: Recorder, shell: Any) -> None:
        self._recorder = recorder
        self._shell = shell
        self._figures = FigureCapture(recorder)
        self._outputs = OutputCapture(recorder, shell, self._figures.shown)
        self._contexts = RunContexts(recorder)
        self._running: list[Cell] = []
        self._snapshots = Snapshots(recorder, lambda: list(self._running))
        self._number = 0
        self._installed = False
        self._before = self._guarded("cells.begin", self._begin_cell)
        self._after = self._guarded("cells.end", self._end_cell)

    def install(self) -> None:
        """Begin to record; the cell that is running now is recorded too."""
        if self._installed:
            return
        self._installed = True
        self._outputs.install()
        self._figures.install()
        self._recorder.on_run_started.append(self._run_started)
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)
        with self._recorder.problems.caught("cells.present"):
            self._begin_present_cell()

    def uninstall(self) -> None:
        """Record what the running cell has done so far, and leave the shell as it was."""
        if not self._installed:
            return
        self._installed = False
        with self._recorder.problems.caught("cells.present"):
            while self._running:
                self._finish(self._running.pop(), None)
            self._recorder.execution = None
        self._shell.events.unregister("pre_run_cell", self._before)
        self._shell.events.unregister("post_run_cell", self._after)
        self._recorder.on_run_started.remove(self._run_started)
        self._snapshots.close()
        self._figures.uninstall()
        self._outputs.uninstall()

    def close(self) -> None:
        """Write down what the running cell has printed: its process ends, and so it will not."""
        self._snapshots.close()

    def skip_current(self) -> None:
        """Record nothing more of the running cell."""
        if self._running:
            self._running[-1].skipped = True
        self._recorder.paused = True

    def _guarded(self, where: str, callback: Callable[[Any], None]) -> Callable[[Any], None]:
        @functools.wraps(callback)
        def guarded(event: Any) -> None:
            with self._recorder.problems.caught(where):
                callback(event)

        return guarded

    def _begin_cell(self, info: Any) -> None:
        if info.store_history and not info.silent:
            count = self._shell.execution_count - 1
            self._begin(self._cell(info, info.raw_cell), info.cell_id, count)

    def _begin_present_cell(self) -> None:
        shell, history = self._shell, self._shell.history_manager
        count, last = shell.execution_count - 1, shell.last_execution_result
        if history is None or count < 1 or (last is not None and last.execution_count == count):
            return
        if len(history.input_hist_raw) == count + 1:
            parent = getattr(shell, "parent_header", {})
            cell_id = parent.get("metadata", {}).get("cellId")
            self._begin(self._cell(None, history.input_hist_raw[-1]), cell_id, count)

    def _cell(self, info: Any, source: str) -> Cell:
        recorder = self._recorder
        return Cell(
            info,
            source,
            recorder.config.output_limit,
            recorded=recorder.enabled,
            skipped=_SKIP.match(source) is not None,
        )

    def _begin(self, cell: Cell, cell_id: str | None, count: int) -> None:
        recorder = self._recorder
        self._running.append(cell)
        recorder.paused = cell.skipped
        recorder.execution = cell.execution
        recorder.scopes.cell_task = _present_task()
        if recorder.notebook is None and not recorder.journal.begun:
            recorder.notebook = notebook_path(self._shell.user_ns)
        self._figures.begin()
        self._outputs.collect(cell.output)
        if cell.execution is None:
            return
        self._snapshots.begin()
        self._number += 1
        recorder.counts["cells"] += 1
        source = recorder.redactor.text(encodable(cell.source))
        cell.secrets = taken_out(cell.source, source)
        recorder.emit(CellStarted(cell.execution, cell_id, self._number, count, time.time(), source))

    def _end_cell(self, result: Any) -> None:
        cell = self._ended(result)
        if cell is None:
            return
        around = self._running[-1] if self._running else None
        self._outputs.collect(None if around is None else around.output)
        try:
            self._finish(cell, result, interrupted=result is None)
        finally:
            recorder = self._recorder
            recorder.paused = around is not None and around.skipped
            recorder.execution = None if around is None else around.execution
            recorder.scopes.cell_task = None if around is None else recorder.scopes.cell_task

    def _ended(self, result: Any) -> Cell | None:
        """Give the cell that has ended; cells inside it that never told their end are dropped."""
        if result is None:  # so ipykernel says that it was interrupted before there was a result
            return self._running.pop() if self._running else None
        info = result.info
        for position, cell in enumerate(self._running):
            # After an interrupt IPython describes the cell anew; the loading cell's description was not seen,
            # and its source comes from the history, which leaves out the last ends of lines.
            same = info.store_history and cell.source.rstrip("\n") == info.raw_cell.rstrip("\n")
            if cell.info is info or same:
                del self._running[position:]
                return cell
        return None

    def _finish(self, cell: Cell, result: Any, *, interrupted: bool = False) -> None:
        recorder, output = self._recorder, cell.output
        if cell.execution is None:
            return
        with cell.lock:
            cell.ended = True
        ended, success = time.time(), not interrupted and (result is None or result.success)
        if cell.skipped or not recorder.enabled:  # from somewhere in the cell on
            recorder.journal.append(CellEnded(cell.execution, ended, success))
            return
        message, trace = None, None
        if interrupted:
            message = "KeyboardInterrupt"
        elif not success:
            message, trace = self._described(cell, result)
            interrupted = isinstance(result.error_in_exec, KeyboardInterrupt)
        recorder.interrupted = interrupted
        if output.small:
            self._say_output(cell)
        recorder.emit(CellEnded(cell.execution, ended, success, message, trace))
        self._figures.finish([run for run in cell.runs if run.parent_id is None])
        self._contexts.note([run.run_id for run in cell.runs])
        found = None if PARSES_BESIDE else self._names_now(cell)
        recorder.background.submit("cells.after", functools.partial(self._follow_up, cell, found))

    def _follow_up(self, cell: Cell, found: tuple[list[str], list[str]] | None) -> None:
        """Do what need not be done before the next cell runs."""
        if not cell.output.small:
            self._say_output(cell)
        reads, writes = names(cell.source) if found is None else found
        clean = functools.partial(cell.clean, self._recorder.redactor)
        if reads or writes:
            self._recorder.journal.append(
                CellNames(
                    cell.execution or "", [clean(name) for name in reads], [clean(name) for name in writes]
                )
            )
        self._recorder.journal.sync()

    def _names_now(self, cell: Cell) -> tuple[list[str], list[str]]:
        with self._recorder.problems.caught("cells.names"):
            if len(cell.source) <= LONG_CELL:
                return names(cell.source)
        return [], []

    def _say_output(self, cell: Cell) -> None:
        if cell.output.size:
            text, truncated = cell.output.settled(functools.partial(cell.clean, self._recorder.redactor))
            self._recorder.journal.append(CellOutput(cell.execution or "", text, truncated))

    def _described(self, cell: Cell, result: Any) -> tuple[str, str]:
        """Give the exception's class and message, and its traceback from the cell's own frame on."""
        error = result.error_before_exec or result.error_in_exec
        trace = None if result.error_before_exec else error.__traceback__
        while trace is not None and trace.tb_next and trace.tb_frame.f_code.co_filename.endswith(_RUNNER):
            trace = trace.tb_next
        message = "".join(traceback.format_exception_only(error)[-1:]).strip()
        text = "".join(traceback.format_exception(type(error), error, trace, limit=_FRAMES))
        clean = functools.partial(cell.clean, self._recorder.redactor)
        return (
            clean(encodable(message))[:_MESSAGE_LIMIT],
            clean(encodable(text[-2 * _TRACEBACK_LIMIT :]))[-_TRACEBACK_LIMIT:],
        )

    def _run_started(self, run: ActiveRun) -> None:
        if self._running and run.execution_id == self._running[-1].execution:
            self._running[-1].runs.append(run)


def taken_out(source: str, shown: str) -> list[str]:
    """Give what stands in a source where its redacted form has a gap, unless it is too short to be one.

    Examples
    --------
    >>> taken_out("password: swordfish", "password: [redacted]")
    ['swordfish']
    """
    kept = shown.split(REDACTED)
    if not 1 < len(kept) <= _GAPS or not source.startswith(kept[0]):
        return []
    found: list[str] = []
    end = len(kept[0])
    for after in kept[1:]:
        start = end
        end = source.find(after, start) if after else len(source)
        if end < 0:
            return found
        found.append(source[start:end])
        end += len(after)
    return [secret for secret in found if len(secret) >= _SHORTEST and "\n" not in secret]


def _present_task() -> object | None:
    asyncio = sys.modules.get("asyncio")
    try:
        return None if asyncio is None else asyncio.current_task()
    except RuntimeError:
        return None
