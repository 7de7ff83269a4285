"""Answers leave the cores to others: their linear algebra keeps to one thread, and the user's has its own again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.datasets import load_wine
from threadpoolctl import OpenBLASController, threadpool_limits

import maestro_jupyter as maestro
from maestro_jupyter.recommend import Engine
from maestro_jupyter.recommend.threads import blas_threads, one_thread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    limits = threadpool_limits(2, user_api="blas")
    OpenBLASController.clear_controlling_thread()  # else no other thread could change it
    assert blas_threads() == {2}
    yield
    limits.restore_original_limits()


def test_there_are_as_many_again_afterwards() -> None:
    with pytest.raises(ValueError, match="within"), one_thread(), one_thread():
        assert blas_threads() == {1}
        raise ValueError("within")
    assert blas_threads() == {2}


def test_of_several_at_a_time_none_takes_the_limit_for_what_was_there_before() -> None:
    def work(_: int) -> set[int]:
        with one_thread():
            return blas_threads()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(200))) == [{1}] * 200
    assert blas_threads() == {2}


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[set[int]]:
    """The threads that linear algebra had, each time that something was solved."""
    found: list[set[int]] = []
    solve = np.linalg.solve

    def watched(*given: object) -> object:
        found.append(blas_threads())
        return solve(*given)

    monkeypatch.setattr(np.linalg, "solve", watched)
    return found


def test_an_engine_learns_on_one(seen: list[set[int]]) -> None:
    rng = np.random.default_rng(0)
    Engine(seed=0).fit(rng.random((20, 5)), rng.random((20, 3)))
    assert seen
    assert {frozenset(one) for one in seen} == {frozenset({1})}
    assert blas_threads() == {2}


def test_suggestions_are_made_on_one(home: Path, seen: list[set[int]]) -> None:
    X, y = load_wine(return_X_y=True)
    maestro.suggest(X, y, n=2).try_all()
    maestro.flush()
    other = X[:150]
    seen.clear()
    maestro.suggest(other, y[:150], n=2)
    assert seen
    assert {frozenset(one) for one in seen} == {frozenset({1})}
    assert blas_threads() == {2}
