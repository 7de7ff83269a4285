"""The datasets of the prior: enough of each kind, always the same, without a network."""

from __future__ import annotations

import socket
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from maestro_jupyter.errors import NotFound
from maestro_jupyter.recommend.datasets import ROWS, problem, problems
from maestro_jupyter.recommend.datasets_synthetic import SURFACES, Spec, synthesise

if TYPE_CHECKING:
    from collections.abc import Callable

pytest.importorskip("statsmodels")


def test_there_are_enough_of_both_tasks_and_of_real_ones() -> None:
    tasks = Counter(one.task for one in problems().values())
    real = Counter(one.task for one in problems().values() if not one.group.startswith("synthetic"))
    assert sum(tasks.values()) >= 120
    assert min(tasks.values()) >= 50
    assert min(real.values()) >= 35
    assert all(one.origin and one.licence for one in problems().values())


def test_an_unknown_one_is_not_found() -> None:
    with pytest.raises(NotFound, match="no dataset 'unknown'"):
        problem("unknown")


@pytest.mark.parametrize("name", problems())
def test_a_dataset_is_always_the_same_and_fit_to_be_tried(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", None)
    X, y = problem(name).sample()
    again, answers = problem(name).sample()
    pd.testing.assert_frame_equal(X, again)
    pd.testing.assert_series_equal(y, answers)
    assert 50 <= len(X) == len(y) <= ROWS
    assert y.notna().all()
    assert X.columns.is_unique
    if problem(name).task == "classification":
        assert 2 <= y.nunique() <= 11
        assert y.value_counts().min() >= 4
    else:
        assert y.nunique() > 5
        assert np.isfinite(y.to_numpy(dtype=float)).all()


def test_tasks_of_one_source_are_one_group() -> None:
    """No column of one group's tables is the target of another's."""
    groups: dict[str, set[str]] = {}
    for one in problems().values():
        groups.setdefault(one.group, set()).add(one.origin)
    assert all(len(origins) == 1 for group, origins in groups.items() if not group.startswith("synthetic"))
    assert {problem("iris").group, problem("iris_petal_width").group} == {"iris"}
    assert {problem("titanic").group, problem("titanic_fare").group} == {"titanic"}
    assert problem("rules_12_regression").group == problem("rules_13_classification").group


@pytest.mark.parametrize("surface", sorted(SURFACES.keys() - {"nothing"}))
def test_a_target_follows_its_surface(surface: str) -> None:
    quiet = synthesise(Spec(surface, 500, 6, noise=0.0), seed=3)
    noisy = synthesise(Spec(surface, 500, 6, noise=1.0), seed=3)
    pd.testing.assert_frame_equal(quiet[0], noisy[0])
    assert 0.4 < np.corrcoef(quiet[1], noisy[1])[0, 1] < 0.95


def test_a_target_that_follows_nothing_goes_with_no_column() -> None:
    X, y = synthesise(Spec("nothing", 2000, 20), seed=3)
    assert X.corrwith(y).abs().max() < 0.1


@pytest.mark.parametrize(
    ("more", "holds"),
    [
        ({"gaps": 0.2}, lambda X, y: 0.15 < X.isna().mean().mean() < 0.25),
        ({"categorical": 0.5}, lambda X, y: sum(dtype.kind == "O" for dtype in X.dtypes) == 5),
        ({"classes": 3, "rarest": 0.2}, lambda X, y: y.value_counts(normalize=True).min() < 0.15),
        ({"alike": 0.6}, lambda X, y: X.corr().abs().mean().mean() > 0.5),
        ({"tails": True}, lambda X, y: X.kurt().mean() > 2),
    ],
    ids=["gaps", "categorical", "rarest", "alike", "tails"],
)
def test_a_dataset_is_as_its_specification_says(
    more: dict[str, Any], holds: Callable[[pd.DataFrame, pd.Series[Any]], bool]
) -> None:
    assert holds(*synthesise(Spec("linear", 1000, 10, **more), seed=1))
    assert not holds(*synthesise(Spec("linear", 1000, 10, classes=2), seed=1))
