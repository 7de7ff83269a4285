"""The server's kernels: why each one ended, and which notebook it runs, told to the collector at once."""

from __future__ import annotations

import logging
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tornado.ioloop import PeriodicCallback

from maestro_jupyter.store.kernel_ends import KernelEnd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from maestro_jupyter.server.collecting import Collecting

KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"
"""The schema of the events that a Jupyter server's kernel manager emits."""

RESTARTED = "the kernel was restarted"
SHUT_DOWN = "the kernel was shut down"
CULLED = "the kernel was shut down because it was idle"
DIED = "the kernel died"
SERVER_STOPPED = "the Jupyter server was stopped"

SESSIONS_SECONDS = 1.0
"""How often the notebooks' paths are looked at: renaming one emits no event."""

_REMEMBERED = 30.0


class KernelWatch:
    """Watches the kernels of a Jupyter server through its own managers.

    Parameters
    ----------
    collecting : Collecting
        Told of what happens.
    log : logging.Logger, optional
    """

    def __init__(self, collecting: Collecting, log: logging.Logger | None = None) -> None:
        self._collecting = collecting
        self._log = log or logging.getLogger(__name__)
        self._kernels: Any = None
        self._sessions: Any = None
        self._events: Any = None
        self._looks: PeriodicCallback | None = None
        self._managers: dict[str, Any] = {}
        self._interrupts: dict[str, float] = {}
        self._sessions_fail = False

    def attach(self, kernel_manager: Any, session_manager: Any, event_logger: Any) -> None:
        """Begin to watch.

        Parameters
        ----------
        kernel_manager, session_manager, event_logger : object
            Those of the Jupyter server.
        """
        self._kernels, self._sessions, self._events = kernel_manager, session_manager, event_logger
        event_logger.add_listener(schema_id=KERNEL_ACTIONS, listener=self._told)
        for kernel in kernel_manager.list_kernel_ids():
            self._watch(kernel)
        self._looks = PeriodicCallback(self._look_at_sessions, SESSIONS_SECONDS * 1000)
        self._looks.start()

    def close(self) -> None:
        """Watch no more; a server that stops takes its kernels along."""
        if self._looks is None:
            return
        self._looks.stop()
        self._looks = None
        self._events.remove_listener(schema_id=KERNEL_ACTIONS, listener=self._told)
        for kernel in self._kernels.list_kernel_ids():
            self._interrupts[kernel] = time.monotonic()  # whatever was interrupted had not this reason
            self._ended(kernel, SERVER_STOPPED)

    async def _told(self, logger: Any, schema_id: str, data: Mapping[str, Any]) -> None:
        kernel, action = data.get("kernel_id"), data.get("action")
        if not kernel or data.get("status") != "success":
            return
        if action == "start":
            self._watch(kernel)
        elif action == "interrupt":
            self._interrupts[kernel] = time.monotonic()
            self._collecting.poke()
        elif action == "restart":
            self._ended(kernel, RESTARTED)
        elif action == "shutdown":
            self._ended(kernel, CULLED if self._is_idle(kernel) else SHUT_DOWN)
            self._managers.pop(kernel, None)
            self._interrupts.pop(kernel, None)

    def _watch(self, kernel: str) -> None:
        """Be told when a kernel dies; its manager then restarts it, up to a limit."""
        if kernel in self._managers or kernel not in self._kernels:
            return
        self._managers[kernel] = self._kernels.get_kernel(kernel)
        for event in ("restart", "dead"):
            self._kernels.add_restart_callback(kernel, lambda: self._ended(kernel, DIED), event)

    def _ended(self, kernel: str, reason: str) -> None:
        interrupted = time.monotonic() - self._interrupts.pop(kernel, -_REMEMBERED) < _REMEMBERED
        self._collecting.kernel_ended(
            KernelEnd(kernel, reason, time.time_ns() // 1000, interrupted=interrupted)
        )

    def _is_idle(self, kernel: str) -> bool:
        """Tell whether a kernel that was shut down had been idle for as long as lets it be culled."""
        limit = getattr(self._kernels, "cull_idle_timeout", 0)
        last = getattr(self._managers.get(kernel), "last_activity", None)
        if limit <= 0 or not isinstance(last, datetime):
            return False
        return (datetime.now(UTC) - last).total_seconds() >= limit

    async def _look_at_sessions(self) -> None:
        if not self._kernels.list_kernel_ids():
            return
        try:
            sessions = await self._sessions.list_sessions()
        except Exception as error:  # noqa: BLE001 - another session manager may fail in its own ways
            if not self._sessions_fail:
                self._log.warning("Maestro cannot see which notebook a kernel runs: %s", error)
            self._sessions_fail = True
            return
        self._sessions_fail = False
        root = getattr(self._kernels, "root_dir", "")
        self._collecting.notebooks(
            {
                session["kernel"]["id"]: os.path.join(root, session["path"])  # noqa: PTH118 - a name as said
                for session in sessions
                if session["type"] == "notebook" and session["path"]
            }
        )
