"""Which environment and which code runs had: found in the background, said once a session and change."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from maestro_jupyter.events import RunContext

if TYPE_CHECKING:
    from maestro_jupyter.events import CodeSeen, EnvironmentSeen
    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.recording.recorder import Recorder

FRESH_SECONDS = 1.0
"""For so long what Git said holds for further runs: asking starts processes, which slow cells that follow
each other at once."""


class RunContexts:
    """Notes the context of runs.

    Parameters
    ----------
    recorder : Recorder
        Whose journal and background thread to use.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._environment: EnvironmentSeen | None = None
        self._code: CodeSeen | None = None
        self._asked: tuple[str, float] = ("", 0.0)
        self._said: set[tuple[str, str]] = set()
        self._waiting: list[str] = []
        self._lock = threading.Lock()

    def follow(self) -> None:
        """Note the context of every run as it starts, as in a script, which has no cells."""
        self._recorder.on_run_started.append(self._started)

    def unfollow(self) -> None:
        """Stop following."""
        if self._started in self._recorder.on_run_started:
            self._recorder.on_run_started.remove(self._started)

    def note(self, runs: list[str]) -> None:
        """Note the context of runs, soon."""
        with self._lock:
            first = not self._waiting
            self._waiting += runs
        if first and runs:
            folder = os.getcwd()  # noqa: PTH109 - as Git wants it
            self._recorder.background.submit("context", lambda: self._record(folder))

    def _started(self, run: ActiveRun) -> None:
        if run.recorded:
            self.note([run.run_id])

    def _record(self, folder: str) -> None:
        from maestro_jupyter.recording.environment import environment

        with self._lock:
            runs, self._waiting = self._waiting, []
        recorder = self._recorder
        if self._environment is None:
            self._environment = environment()
        code = self._code_state(folder)
        journal = recorder.journal
        for seen in (self._environment, code):
            if seen is not None and (journal.id, seen.digest) not in self._said:
                journal.append(seen)
                self._said.add((journal.id, seen.digest))
        journal.append(RunContext(runs, self._environment.digest, code.digest if code else None))

    def _code_state(self, folder: str) -> CodeSeen | None:
        from maestro_jupyter.recording.code_state import code_state

        now = time.monotonic()
        asked, at = self._asked
        if asked != folder or now - at > FRESH_SECONDS:
            self._code = code_state(folder, self._recorder.redactor)
            self._asked = folder, now
        return self._code
