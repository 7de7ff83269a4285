"""Histories: in order whatever the order of logging, and thinned out without losing what matters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

import maestro_jupyter as maestro

if TYPE_CHECKING:
    import pandas as pd


@pytest.fixture(autouse=True)
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAESTRO_DATABASE_URL", database_url)


def logged(values: list[float], steps: list[int] | None = None) -> str:
    with maestro.start_run() as run:
        for number, value in enumerate(values):
            maestro.log({"x": value}, step=None if steps is None else steps[number])
    return run.run_id


def thinned(run_id: str, max_points: int) -> pd.DataFrame:
    frame = maestro.metric_history(run_id, "x", max_points=max_points)
    assert len(frame) <= max_points
    assert frame["step"].is_monotonic_increasing
    return frame


def test_a_peak_and_both_ends_survive() -> None:
    values = np.sin(np.arange(5000) / 500)
    values[2345], values[3456] = 9.0, -9.0
    run_id = logged(values.tolist())
    for max_points in (4, 50, 200):
        frame = thinned(run_id, max_points)
        assert {0, 2345, 3456, 4999} <= set(frame["step"])
        assert (frame["value"] == values[frame["step"]]).all()


def test_few_points_are_all_given() -> None:
    run_id = logged([3.0, 1.0, 2.0])
    assert thinned(run_id, 4)["value"].tolist() == [3.0, 1.0, 2.0]
    assert maestro.metric_history(run_id, "x", max_points=None)["value"].tolist() == [3.0, 1.0, 2.0]


def test_steps_out_of_order_are_thinned_in_order() -> None:
    steps = np.random.default_rng(0).permutation(1000).tolist()
    frame = thinned(logged([float(step) for step in steps], steps), 100)
    assert frame["value"].tolist() == frame["step"].tolist()
    assert frame["step"].iloc[[0, -1]].tolist() == [0, 999]


def test_gaps_and_infinities_stay_in_their_place() -> None:
    values = [float(number) for number in range(1000)]
    values[300], values[600], values[601] = math.nan, math.inf, -math.inf
    frame = thinned(logged(values), 60)
    found = dict(zip(frame["step"], frame["value"], strict=True))
    assert math.isnan(found[300])
    assert (found[600], found[601]) == (math.inf, -math.inf)
    assert {0, 999} <= found.keys()
    nothing = thinned(logged([math.nan] * 100), 8)
    assert nothing["value"].isna().all()


@pytest.mark.parametrize("max_points", [3, 0, -1])
def test_too_few_points_are_refused(max_points: int) -> None:
    run_id = logged([1.0, 2.0])
    with pytest.raises(maestro.MaestroError, match=f"max_points is {max_points}; expected at least 4"):
        maestro.metric_history(run_id, "x", max_points=max_points)


def test_a_metric_that_is_not_there_names_the_nearest() -> None:
    run_id = logged([1.0])
    with pytest.raises(maestro.MaestroError, match=r"no metric 'xx'.*It has 'x'"):
        maestro.metric_history(run_id, "xx")
    with pytest.raises(maestro.MaestroError, match="no-such-run"):
        maestro.metric_history("no-such-run", "x")
