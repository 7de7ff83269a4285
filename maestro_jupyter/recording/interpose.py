"""Observe calls of other people's functions and methods without leaving a frame behind.

A wrapper function would show in every traceback and shift every ``warnings.warn(stacklevel=2)``, so
that notebooks would print something else with recording on than with recording off. Two properties of
CPython avoid that:

- calling a class runs ``__new__`` and, if that gave an instance, ``__init__``. Here ``__new__`` makes
  the observed call; when it fails, it returns a future that holds the exception, and ``__init__`` is
  the future's own ``result`` (in C), which raises it with its traceback as it was.
- ``warnings`` skips frames whose file name says ``importlib`` and ``_bootstrap`` when it counts stack
  levels (https://github.com/python/cpython/blob/3.11/Lib/warnings.py, ``_is_internal_frame``).

The observed object keeps its signature, documentation and pickled form: see `Method`.
"""

from __future__ import annotations

import functools
import inspect
import operator
import types
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable

    from maestro_jupyter.recording.guard import Problems

T = TypeVar("T")

_UNSEEN = "<maestro importlib._bootstrap>"


class Observer(Generic[T]):
    """What happens around an observed call; what fails in it is counted, and harms nobody.

    Attributes
    ----------
    problems : Problems or None
        Where failures are counted.
    where : str
        Under which name.
    """

    problems: Problems | None = None
    where = ""

    def enter(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> T | None:
        """See the call before it is made.

        Returns
        -------
        T or None
            A token for `leave`; None if this call is not to be observed further.
        """
        raise NotImplementedError

    def leave(self, token: T, result: Any, error: BaseException | None) -> None:
        """See what came of the call."""
        raise NotImplementedError

    def failed(self, failure: Exception) -> None:
        """Count a failure of the observer's own."""
        if self.problems is not None:
            self.problems.add(self.where, failure)


class _NoLoop:
    """The least that a future asks of an event loop."""

    def get_debug(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Ignore that nobody awaited the future."""


_NO_LOOP = _NoLoop()


class _ObservedType(type):
    """Makes an observed callable look like its original to ``inspect``."""

    @property
    def __signature__(cls) -> inspect.Signature:
        return inspect.signature(cls.__wrapped__)  # type: ignore[attr-defined]  # set by observed()

    def __repr__(cls) -> str:
        return repr(cls.__wrapped__)  # type: ignore[attr-defined]  # set by observed()


def observed(original: Callable[..., Any], observer: Observer[Any]) -> Callable[..., Any]:
    """Make a callable that does what the original does, seen by an observer.

    Parameters
    ----------
    original : callable
        What is called.
    observer : Observer
        Sees each call before and after.

    Returns
    -------
    callable
        A stand-in with the original's name, documentation and signature.

    Examples
    --------
    >>> class Count(Observer[int]):
    ...     calls = 0
    ...     def enter(self, args, kwargs):
    ...         self.calls += 1
    ...     def leave(self, token, result, error): ...
    >>> count = Count()
    >>> observed(max, count)(3, 5), count.calls
    (5, 1)
    """
    from _asyncio import Future  # brings asyncio with it, which a plain script may never need

    enter, count = observer.enter, observer.failed

    def leave(token: Any, result: Any, error: BaseException | None) -> None:
        try:
            observer.leave(token, result, error)
        except Exception as failure:  # noqa: BLE001 - the user's call never fails because of Maestro
            count(failure)

    def make(cls: type[Future[Any]], /, *args: Any, **kwargs: Any) -> Any:
        try:
            token = enter(args, kwargs)
        except Exception as failure:  # noqa: BLE001 - see leave
            count(failure)
            token = None
        try:
            result = original(*args, **kwargs)
        except StopIteration as error:
            if token is not None:
                leave(token, None, error)
            raise  # a future cannot hold it; our frame shows, and nothing else changes
        except BaseException as error:  # noqa: BLE001 - raised again below, without our frame
            if token is not None:
                leave(token, None, error)
            trace = error.__traceback__
            error.__traceback__ = trace.tb_next if trace else None
            failed = Future.__new__(cls)
            Future.__init__(failed, loop=_NO_LOOP)  # type: ignore[arg-type]  # see _NoLoop
            failed.set_exception(error)
            return failed
        if token is not None:
            leave(token, result, None)
        return result

    make.__code__ = make.__code__.replace(co_filename=_UNSEEN)
    return _ObservedType(
        getattr(original, "__name__", "call"),
        (Future,),
        {
            "__new__": make,
            "__init__": property(Future.result),
            "__doc__": original.__doc__,
            "__module__": getattr(original, "__module__", __name__),
            "__qualname__": getattr(original, "__qualname__", "call"),
            "__wrapped__": original,
        },
    )


class _Function:
    """An observed callable that is pickled as its original.

    cloudpickle takes a bound method apart into its function and its object, and would pickle a class by
    value, with the observer in it.
    """

    def __init__(self, original: Callable[..., Any]) -> None:
        this: Any = self
        functools.update_wrapper(this, original)

    def __reduce__(self) -> tuple[Any, ...]:
        return operator.itemgetter(0), ((self.__dict__["__wrapped__"],),)


def _picklable(stand_in: Any) -> Callable[..., Any]:
    # a class is no descriptor: an instance's call goes straight to it, without a frame between
    made: Callable[..., Any] = type("method", (_Function,), {"__call__": stand_in})(stand_in.__wrapped__)
    return made


class Method:
    """A class attribute that observes a method, for instances only.

    Through the class one gets the original, so that ``inspect.getsource(Class.fit)`` and the like see
    no difference; pickled by value (as cloudpickle does with a notebook's classes) it becomes the
    original, so that a worker process needs no Maestro.
    """

    def __init__(self, original: Any, observer: Observer[Any]) -> None:
        self.original = original
        self.observer = observer
        self.__isabstractmethod__ = getattr(original, "__isabstractmethod__", False)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        bound = self.original.__get__(instance, owner)
        if instance is None or not isinstance(bound, types.MethodType):
            return bound
        try:
            stand_in = self._stand_in(bound.__func__)
        except Exception as failure:  # noqa: BLE001 - then the method goes unobserved
            self.observer.failed(failure)
            return bound
        return types.MethodType(stand_in, instance)

    def _stand_in(self, function: Callable[..., Any]) -> Callable[..., Any]:
        known: tuple[Any, Any] | None = self.__dict__.get("known")
        if known is None or known[0] is not function:
            known = self.__dict__["known"] = (function, _picklable(observed(function, self.observer)))
        stand_in: Callable[..., Any] = known[1]
        return stand_in

    def __getattr__(self, name: str) -> Any:
        if (name.startswith("__") and name != "__wrapped__") or name == "original":
            raise AttributeError(name)
        return getattr(self.original, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return operator.itemgetter(0), ((self.original,),)


class Interposer:
    """Everything that was put between callers and callees, so that it can be taken out again."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def method(self, cls: type, name: str, observer: Observer[Any]) -> None:
        """Observe a method that the class itself defines; does nothing if it defines none."""
        original = cls.__dict__.get(name)
        if original is None or isinstance(original, Method | staticmethod | classmethod):
            return
        replacement = Method(original, observer)
        setattr(cls, name, replacement)

        def undo() -> None:
            if cls.__dict__.get(name) is replacement:
                setattr(cls, name, original)

        self._undo.append(undo)

    def attribute(self, holder: Any, name: str, value: Any) -> None:
        """Set an attribute of a module or an object until `restore`."""
        missing = object()
        before = vars(holder).get(name, missing)
        setattr(holder, name, value)

        def undo() -> None:
            if vars(holder).get(name, missing) is not value:
                return
            if before is missing:
                delattr(holder, name)
            else:
                setattr(holder, name, before)

        self._undo.append(undo)

    def cell(self, function: types.FunctionType, variable: str, observer: Observer[Any]) -> bool:
        """Observe the function that a decorated function keeps in its closure.

        The decorated function stays the same object, so that names bound to it earlier are observed
        too.

        Returns
        -------
        bool
            False if the function has no such variable.
        """
        if variable not in function.__code__.co_freevars:
            return False
        cell = (function.__closure__ or ())[function.__code__.co_freevars.index(variable)]
        original = cell.cell_contents
        replacement = observed(original, observer)
        cell.cell_contents = replacement

        def undo() -> None:
            if cell.cell_contents is replacement:
                cell.cell_contents = original

        self._undo.append(undo)
        return True

    def restore(self) -> None:
        """Take everything out, last in first out."""
        while self._undo:
            self._undo.pop()()
