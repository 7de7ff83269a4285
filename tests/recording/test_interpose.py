"""Observed calls look, fail and warn exactly as if nobody watched."""

from __future__ import annotations

import inspect
import pickle
import traceback
import warnings
from typing import Any

import cloudpickle
import pytest

from maestro_jupyter.recording.interpose import Interposer, Method, Observer, observed


class Watcher(Observer[int]):
    """Keeps what it sees."""

    def __init__(self) -> None:
        self.entered: list[tuple[Any, ...]] = []
        self.left: list[tuple[Any, BaseException | None]] = []

    def enter(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
        self.entered.append((*args, *kwargs.values()))
        return len(self.entered)

    def leave(self, token: int, result: Any, error: BaseException | None) -> None:
        self.left.append((result, error))


def half(number: float, *, warn: bool = False) -> float:
    """Give half of it."""
    if warn:
        warnings.warn("halved", UserWarning, stacklevel=2)
    if number < 0:
        msg = "negative"
        raise ValueError(msg)
    return number / 2


class Model:
    """A class with a method of its own."""

    def fit(self, x: int) -> Model:
        """Learn x."""
        self.x = x
        if x < 0:
            msg = "negative"
            raise ValueError(msg)
        return self


def test_results_and_arguments_pass_through() -> None:
    watcher = Watcher()
    assert observed(half, watcher)(4) == 2
    assert watcher.entered == [(4,)]
    assert watcher.left == [(2, None)]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_any_exception_passes_through_once(error: type[BaseException]) -> None:
    def fail() -> None:
        raise error("x")

    watcher = Watcher()
    with pytest.raises(error, match="x"):
        observed(fail, watcher)()
    assert isinstance(watcher.left[0][1], error)


def test_stop_iteration_passes_through() -> None:
    def stop() -> None:
        raise StopIteration(3)

    with pytest.raises(StopIteration) as caught:
        observed(stop, Watcher())()
    assert caught.value.value == 3


def test_the_traceback_is_the_same_as_without() -> None:
    traces = []
    for call in (half, observed(half, Watcher())):
        try:
            call(-1)
        except ValueError:
            traces.append(traceback.format_exc())
    assert traces[0] == traces[1]


def test_the_context_of_an_exception_is_kept() -> None:
    with pytest.raises(ValueError, match="negative") as caught:
        try:
            raise KeyError
        except KeyError:
            observed(half, Watcher())(-1)
    assert isinstance(caught.value.__context__, KeyError)


def test_a_warning_names_the_same_place() -> None:
    places = []
    for call in (half, observed(half, Watcher())):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call(1, warn=True)
        places.append((caught[0].filename, caught[0].lineno))
    assert places[0] == places[1]


def test_it_looks_like_its_original() -> None:
    stand_in = observed(half, Watcher())
    assert inspect.signature(stand_in) == inspect.signature(half)
    assert (stand_in.__name__, stand_in.__doc__, repr(stand_in)) == (half.__name__, half.__doc__, repr(half))


def test_a_method_is_seen_through_instances_only() -> None:
    watcher, interposer, original = Watcher(), Interposer(), Model.fit
    interposer.method(Model, "fit", watcher)
    try:
        model = Model()
        assert model.fit(3) is model
        assert watcher.entered == [(model, 3)]
        assert Model.fit is original
        assert inspect.signature(model.fit) == inspect.signature(original.__get__(model))
        assert model.fit.__name__ == "fit"
        assert inspect.getsource(type(model).fit) == inspect.getsource(original)
        assert pickle.loads(pickle.dumps(model.fit))(4).x == 4
    finally:
        interposer.restore()
    assert Model.__dict__["fit"] is original


def test_a_class_pickled_by_value_needs_no_maestro() -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec("class Own:\n    def fit(self):\n        return 'fitted'\n", namespace)
    Interposer().method(namespace["Own"], "fit", Watcher())
    data = cloudpickle.dumps(namespace["Own"]())
    assert b"maestro" not in data
    assert pickle.loads(data).fit() == "fitted"


def test_an_abstract_method_stays_abstract() -> None:
    import abc

    class Base(abc.ABC):
        @abc.abstractmethod
        def fit(self) -> None: ...

    assert Method(Base.fit, Watcher()).__isabstractmethod__


def test_a_closure_is_watched_in_place() -> None:
    def decorate(func: Any) -> Any:
        def wrapper(*args: Any) -> Any:
            return func(*args)

        return wrapper

    decorated, watcher, interposer = decorate(half), Watcher(), Interposer()
    assert interposer.cell(decorated, "func", watcher)
    assert not interposer.cell(decorated, "absent", watcher)
    assert decorated(4) == 2
    interposer.restore()
    assert decorated(4) == 2
    assert watcher.entered == [(4,)]


def test_attributes_are_put_back_as_they_were() -> None:
    class Holder:
        """Something with attributes."""

    holder, interposer = Holder(), Interposer()
    holder.present = 1
    interposer.attribute(holder, "present", 2)
    interposer.attribute(holder, "absent", 3)
    assert (holder.present, holder.absent) == (2, 3)
    interposer.restore()
    assert vars(holder) == {"present": 1}
