"""The server's collector: a thread that brings what kernels record into the store as they record it."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from maestro_jupyter.errors import MaestroError
from maestro_jupyter.store.collector import Collected, Collector
from maestro_jupyter.store.doorbell import Doorbell
from maestro_jupyter.store.home_lock import HomeLock, home_lock
from maestro_jupyter.store.kernel_ends import end_kernel, follow_notebooks
from maestro_jupyter.store.sources import Received, Recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from maestro_jupyter.app import App
    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.kernel_ends import KernelEnd

LOCK = "server.lock"
"""In the home: held by the server that collects it, for as long as it lives."""

SHORTEST, LONGEST = 0.25, 1.0
"""Seconds between two looks at the journals: while something is recorded, and after a while without."""

FIRST_PAUSE, LAST_PAUSE = 1.0, 60.0
"""Seconds until the next try after a failure; twice as long after each."""

DRAIN = 10.0
"""Seconds that collecting what is left may take when the server stops."""

_GRACE = 30.0
_ENDS = 1000


class Collecting:
    """Collects the journals of a home for as long as this server lives.

    One server at a time collects a home; another one waits, says so, and takes over when the first is gone.

    Parameters
    ----------
    app : App
        For the store and the settings.
    log : logging.Logger

    Attributes
    ----------
    after : list of callable
        Called, in the collector's thread, after each time that something new was collected.
    """

    def __init__(self, app: App, log: logging.Logger | None = None) -> None:
        self._app = app
        self._log = log or logging.getLogger(__name__)
        self._lock = HomeLock(app.config.home_path / LOCK)
        self._doorbell: Doorbell | None = None
        self._stopping = False
        self._deadline: float | None = None
        self._thread: threading.Thread | None = None
        self._ends: list[KernelEnd] = []
        self._ends_lock = threading.Lock()
        self._notebooks: dict[str, str] = {}
        self._followed: dict[str, str] = {}
        self._is_followed = True
        self._look: object = None
        self._pause = SHORTEST
        self._said: set[str] = set()
        self._failure = ""
        self._waits_for = ""
        self.after: list[Callable[[Collected], None]] = []

    @property
    def on(self) -> bool:
        """Whether the settings let this server collect."""
        return self._app.config.mode == "on"

    @property
    def collects(self) -> bool:
        """Whether this server, and no other, collects the home."""
        return self._lock.held

    def start(self) -> None:
        """Begin, unless the settings say otherwise."""
        if self.on and self._thread is None:
            self._doorbell = Doorbell(self._app.config.home_path)
            self._thread = threading.Thread(
                target=self._run, args=(self._doorbell,), name="maestro-collecting", daemon=True
            )
            self._thread.start()

    def poke(self) -> None:
        """Look at the journals at once."""
        if self._doorbell is not None:
            self._doorbell.poke()

    def kernel_ended(self, end: KernelEnd) -> None:
        """Collect what the kernel has left, and say why its runs ended."""
        if self.on:
            with self._ends_lock:
                self._ends = [*self._ends[-_ENDS:], end]
            self.poke()

    def notebooks(self, paths: Mapping[str, str]) -> None:
        """Say which notebook each kernel runs."""
        if paths != self._notebooks:
            self._notebooks, self._is_followed = dict(paths), False

    def state(self) -> str:
        """Say whether it works: `ok`, or what is wrong."""
        if not self.on:
            return f"ok: nothing is collected, as the mode is {self._app.config.mode}"
        if self._failure:
            return self._failure
        if self._thread is None or not self._thread.is_alive():
            return "The collector does not run."
        return f"ok: another server (pid {self._waits_for}) collects this store" if self._waits_for else "ok"

    def stop(self, limit: float = DRAIN) -> None:
        """End: let the present transaction end, collect what is left, and let go of the home.

        Parameters
        ----------
        limit : float
            Seconds after which no further transaction is begun.
        """
        self._deadline = time.monotonic() + limit
        self._stopping = True
        self.poke()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(limit + _GRACE)

    # In the thread

    def _run(self, doorbell: Doorbell) -> None:
        try:
            while not self._stopping:
                self._round(doorbell)
                doorbell.wait(self._pause)
            if self._lock.held:
                self._look = None
                self._round(doorbell)
        finally:
            doorbell.close()
            self._lock.release()

    def _round(self, doorbell: Doorbell) -> None:
        held = self._lock.held
        try:
            if self._is_mine():
                if not held:
                    self._hang(doorbell)
                self._collect_new(doorbell)
            else:
                self._settle()
        except (MaestroError, SQLAlchemyError, OSError) as error:
            self._failed(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the server lives on
            self._failed(error, trace=True)
        else:
            if self._failure:
                self._failure, self._said = "", set()
                self._log.info("Maestro collects again.")
        finally:
            doorbell.answer(done=False)

    def _is_mine(self) -> bool:
        before = self._waits_for
        if self._lock.take():
            if before:
                self._log.info("Maestro: the server with pid %s is gone; this one collects now.", before)
            self._waits_for = ""
            return True
        self._waits_for = self._lock.holder()
        if self._waits_for != before:
            self._log.info("Maestro: another server (pid %s) collects this store.", self._waits_for)
        self._pause = LONGEST
        return False

    def _hang(self, doorbell: Doorbell) -> None:
        try:
            doorbell.hang()
        except OSError as error:
            self._log.warning("Maestro: kernels that wait for the store collect for themselves: %s", error)

    def _collect_new(self, doorbell: Doorbell) -> None:
        """Collect if the journals are not as they were, which their names and sizes and locks tell."""
        look = _look_at(self._app.config)
        if look == self._look and not self._ends:
            doorbell.answer(done=True)
            self._follow()
            self._pause = min(LONGEST, self._pause * 1.25)
            return
        ends = self._ends
        self._settle()
        found = Collector(self._app.store(), self._app.config, stopped=self._over).collect(_GRACE)
        doorbell.answer(done=not self._over())
        self._look = look
        self._pause = SHORTEST
        if ends:
            # Also of what was in no store yet, and of runs that were found dead before anybody knew why.
            self._say(ends)
            with self._ends_lock:
                self._ends = [end for end in self._ends if end not in ends]
        if found.journals:
            self._is_followed = False
        self._follow()
        if found.journals:
            for told in self.after:
                told(found)

    def _over(self) -> bool:
        return self._deadline is not None and time.monotonic() > self._deadline

    def _settle(self) -> None:
        """Say what this server knows of its kernels; the server that collects needs it from the others."""
        self._say(self._ends)
        if not self._lock.held:
            self._follow()
            oldest = (time.time() - LAST_PAUSE) * 1e6
            with self._ends_lock:
                self._ends = [end for end in self._ends if end.time > oldest]

    def _say(self, ends: list[KernelEnd]) -> None:
        if ends:
            with home_lock(self._app.config.home_path / "collector.lock", _GRACE):
                for end in ends:
                    end_kernel(self._app.store(), end)

    def _follow(self) -> None:
        if self._is_followed:
            return
        self._is_followed, notebooks = True, self._notebooks
        with home_lock(self._app.config.home_path / "collector.lock", _GRACE):
            follow_notebooks(self._app.store(), notebooks, self._followed)
        self._followed = notebooks

    def _failed(self, error: Exception, *, trace: bool = False) -> None:
        kind = f"{type(error).__name__}: {error}"
        if kind not in self._said:
            self._said.add(kind)
            self._log.warning("Maestro cannot collect: %s", kind, exc_info=error if trace else None)
        self._look = None
        self._pause = min(LAST_PAUSE, max(FIRST_PAUSE, self._pause * 2))
        self._failure = f"Collecting fails ({type(error).__name__}); the server's log says why."


def _look_at(config: Maestro) -> list[tuple[str, int, int, bool]]:
    """Give what tells new bytes and ended processes: each file's journal, number, size and writer."""
    return sorted(
        (journal, segment.number, segment.size(), source.is_live(journal, segment))
        for source in (Recorded(config), Received(config))
        for journal, segments in source.find().items()
        for segment in segments
    )
