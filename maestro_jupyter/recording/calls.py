"""Observed calls: only the outermost is recorded, and what it holds other captures can find."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from maestro_jupyter.models import Status
from maestro_jupyter.recording.interpose import Observer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.recording.guard import Problems
    from maestro_jupyter.recording.recorder import Recorder

_OWN_WORK = ContextVar("maestro_own_work", default=False)


@dataclass(eq=False)
class Call:
    """An observed call that is going on; `Scopes.call` gives the outermost one."""

    before: object | None = field(default=None, init=False)
    ended: bool = field(default=False, init=False)
    """Threads keep the scope that they were started in, also when the call is over."""


@dataclass(eq=False)
class FitCall(Call):
    """A recorded fit that is going on."""

    run: ActiveRun
    estimator: Any
    clones: bool = False
    """Whether it fits clones (a search, a cross-validation), whose training loops are not the run's own."""


class Outermost(Observer[Call]):
    """Sees a call unless another observed call is going on around it; counts its own failures.

    Parameters
    ----------
    recorder : Recorder
        What the call is recorded with.
    where : str
        The hook's name, under which failures are counted.
    """

    def __init__(self, recorder: Recorder, where: str) -> None:
        self.recorder = recorder
        self.problems: Problems = recorder.problems
        self.where = where

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        """See the call before it is made; may fail."""
        raise NotImplementedError

    def finish(self, call: Any, result: Any, error: BaseException | None) -> None:
        """See what came of the call; may fail."""
        raise NotImplementedError

    def enter(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        """Begin, unless nested."""
        if _OWN_WORK.get():
            return None
        scopes = self.recorder.scopes
        around = scopes.call()
        if (around is not None and not getattr(around, "ended", False)) or not self.recorder.enabled:
            return None
        try:
            call = self.begin(args, kwargs)
        except Exception as error:  # noqa: BLE001 - the user's call never fails because of Maestro
            self.failed(error)
            call = Call()  # what is nested in this call is still no run of its own
        if call is not None:
            call.before = around
            scopes.set_call(call)
        return call

    def leave(self, token: Call, result: Any, error: BaseException | None) -> None:
        """Finish what was begun."""
        token.ended = True
        self.recorder.scopes.set_call(token.before)
        if type(token) is Call:
            return
        self.finish(token, result, error)


def end_with(run: ActiveRun, error: BaseException | None) -> None:
    """End a call's run as the call ended, even if the error has no text."""
    try:
        run.__exit__(type(error) if error else None, error, None)
    except Exception:
        run.end(Status.FAILED, type(error).__name__)
        raise


@contextmanager
def own_work() -> Iterator[None]:
    """Let what is fitted in the block be no run, whoever records: Maestro fits it to answer a question.

    Examples
    --------
    >>> @own_work()
    ... def learn(): ...
    """
    before = _OWN_WORK.set(True)
    try:
        yield
    finally:
        _OWN_WORK.reset(before)


@contextmanager
def within(recorder: Recorder, call: Call) -> Iterator[None]:
    """Let what is fitted in the block be part of a call of ours, and no run of its own."""
    scopes = recorder.scopes
    call.before = scopes.call()
    scopes.set_call(call)
    try:
        yield
    finally:
        call.ended = True
        scopes.set_call(call.before)


def argument(args: tuple[Any, ...], kwargs: dict[str, Any], position: int, name: str) -> Any:
    """Give one argument of a call, None if it was not given.

    Examples
    --------
    >>> argument((1, 2), {"z": 3}, 1, "y"), argument((1,), {"z": 3}, 2, "z"), argument((), {}, 0, "x")
    (2, 3, None)
    """
    return args[position] if position < len(args) else kwargs.get(name)
