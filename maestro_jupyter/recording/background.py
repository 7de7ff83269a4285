"""One daemon thread for what must not delay a cell: syncing the journal, reading Git, listing packages."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from maestro_jupyter.recording.guard import Problems


class Background:
    """Runs jobs one after the other, beside the cells.

    Parameters
    ----------
    problems : Problems
        Where failing jobs are counted.

    Examples
    --------
    >>> from maestro_jupyter.recording.guard import Problems
    >>> background, done = Background(Problems()), []
    >>> background.submit("demo", lambda: done.append(1))
    >>> background.drain(5), done
    (True, [1])
    """

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._jobs: queue.SimpleQueue[tuple[str, Callable[[], None]] | None] = queue.SimpleQueue()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def submit(self, where: str, job: Callable[[], None]) -> None:
        """Queue a job; its failure is counted under `where`."""
        self._jobs.put((where, job))
        if self._thread is None:
            self._begin()

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until everything queued so far is done.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most.

        Returns
        -------
        bool
            False if the time was up.
        """
        if self._thread is None or threading.current_thread() is self._thread:
            return True
        done = threading.Event()
        self.submit("background", done.set)
        return done.wait(timeout)

    def close(self, timeout: float | None = None) -> None:
        """End the thread once everything queued so far is done; a later job begins another."""
        with self._start:
            thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            self._jobs.put(None)
            thread.join(timeout)

    def _begin(self) -> None:
        with self._start:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="maestro-background", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (queued := self._jobs.get()) is not None:
            where, job = queued
            with self._problems.caught(where):
                job()
