"""Which run is the current one, in this thread and this task.

A run that a cell or a script starts at its top level is the *session's*: it stays current until it ends,
in later cells too (a cell may run in a context of its own, so a context variable would forget it). A run
started inside a task or a worker thread is current there only. A thread starts in the scope of the code
that started it.
"""

from __future__ import annotations

import sys
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.models import Status
from maestro_jupyter.recording.interpose import Observer, observed

if TYPE_CHECKING:
    from collections.abc import Callable

    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.recording.guard import Problems
    from maestro_jupyter.recording.interpose import Interposer


class Scope(NamedTuple):
    """What is current: the runs, outermost first, and the observed call that is going on."""

    runs: tuple[ActiveRun, ...] = ()
    call: object | None = None


_EMPTY = Scope()
_thread = threading.get_ident
_main = threading.main_thread()  # the same object in a forked child, with its new identity


class Scopes:
    """The scopes of one recorder."""

    def __init__(self) -> None:
        self._local: ContextVar[Scope] = ContextVar("maestro_scope", default=_EMPTY)
        self._session: list[ActiveRun] = []
        self.stamp = f"_maestro_scope_{id(self)}"
        """The attribute of a thread that says in which scope it was started."""
        self.cell_task: object | None = None
        """The asyncio task that runs the present cell, if it has one."""

    def run(self) -> ActiveRun | None:
        """Give the current run, if there is one."""
        if self._session and self._local.get() is _EMPTY and _thread() == _main.ident:
            return self._session[-1]
        for run in reversed(self._here().runs):
            if run.status is Status.RUNNING:
                return run
        started_in = self._stamped().runs
        if started_in:
            return started_in[-1]  # even if it has ended: a thread's late word is still about its own run
        return self._session[-1] if self._session else None

    def push(self, run: ActiveRun) -> None:
        """Make a run the current one."""
        if self._at_top_level():
            self._session.append(run)
            return
        here = self._here()
        self._local.set(here._replace(runs=(*here.runs, run)))

    def remove(self, run: ActiveRun) -> None:
        """Forget a run that has ended."""
        self._session = [other for other in self._session if other is not run]
        here = self._local.get()
        if run in here.runs:
            self._local.set(here._replace(runs=tuple(other for other in here.runs if other is not run)))

    def open_runs(self) -> list[ActiveRun]:
        """Give the session's runs that have not ended, outermost first."""
        return list(self._session)

    def call(self) -> object | None:
        """Give the observed call that is going on around this code, if there is one."""
        return self._here().call

    def set_call(self, call: object | None) -> None:
        """Say which observed call is going on."""
        self._local.set(self._here()._replace(call=call))

    def snapshot(self) -> Scope:
        """Give the present scope, for a thread that starts in it."""
        here = self._here()
        run = self.run()
        return here if run is None or run in here.runs else here._replace(runs=(*here.runs, run))

    def _here(self) -> Scope:
        local = self._local.get()
        return self._stamped() if local is _EMPTY else local

    def _stamped(self) -> Scope:
        if _thread() == _main.ident:
            return _EMPTY
        scope: Scope = threading.current_thread().__dict__.get(self.stamp, _EMPTY)
        return scope

    def _at_top_level(self) -> bool:
        if _thread() != _main.ident or self._local.get().runs:
            return False
        asyncio = sys.modules.get("asyncio")
        if asyncio is None:
            return True
        try:
            task = asyncio.current_task()
        except RuntimeError:
            return True
        return task is None or task is self.cell_task


class ThreadStart(Observer[None]):
    """Stands before ``threading.Thread.start``: notes the scope in which a thread is started.

    The note is taken when the method is looked up, so that no frame of ours appears in the thread's
    or its starter's tracebacks; of the plain function (``multiprocessing.pool.ThreadPool`` calls
    ``Thread.start(self)``), when it is called.
    """

    where = "threads"

    def __init__(self, original: Any, plain: Callable[..., Any], scopes: Scopes, problems: Problems) -> None:
        self.original = original
        self.scopes = scopes
        self.problems: Problems = problems
        self.function = observed(plain, self)

    def __get__(self, thread: threading.Thread | None, owner: type | None = None) -> Any:
        if thread is None:
            return self.function
        with self.problems.caught(self.where):
            self.enter((thread,), {})
        return self.original.__get__(thread, owner)

    def enter(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Note the scope."""
        args[0].__dict__[self.scopes.stamp] = self.scopes.snapshot()


def carry_into_threads(scopes: Scopes, interposer: Interposer, problems: Problems) -> None:
    """Let every thread begin in the scope that it is started in, until the interposer restores."""
    original, plain = vars(threading.Thread)["start"], threading.Thread.start
    interposer.attribute(threading.Thread, "start", ThreadStart(original, plain, scopes, problems))
