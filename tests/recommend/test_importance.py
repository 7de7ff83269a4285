"""Which parameters mattered: what was planted is found, chance is not, and too little says so."""

from __future__ import annotations

import itertools
import math
import sys

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from maestro_jupyter.models import Outcome
from maestro_jupyter.recommend.importance import LEAST_RUNS, importance
from maestro_jupyter.recommend.parameter_space import axes_of


def trial(number: int, value: float, dataset: str = "d", **params: object) -> Outcome:
    return Outcome(f"{number:032x}", params, dataset, value)


def planted(count: int = 150, seed: int = 0, noise: float = 0.1) -> list[Outcome]:
    """Learning rate matters most and is best at 0.01, the kernel somewhat, depth and seed not at all."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        rate = 10 ** rng.uniform(-4, 0)
        kernel = str(rng.choice(["rbf", "linear"]))
        value = -((math.log10(rate) + 2) ** 2) / 4 + 0.4 * (kernel == "rbf") + noise * rng.normal()
        found.append(
            trial(number, value, rate=rate, kernel=kernel, depth=int(rng.integers(1, 9)), seed=number)
        )
    return found


def test_what_was_planted_is_found():
    found = importance(planted(), metric="m")
    assert (found.runs, found.datasets, found.note) == (150, 1, "")
    assert found.explained_low > 0.5
    names = [one.name for one in found.parameters]
    assert names[:2] == ["rate", "kernel"]
    assert [one.matters for one in found.parameters] == [True, True, False, False]
    rate, kernel = found.parameters[:2]
    assert rate.low <= rate.share <= rate.high
    assert rate.share > 2 * kernel.share
    assert sum(one.share for one in found.parameters) <= found.explained + 0.05
    good = [one for one in rate.effects if one.promising]
    assert good[0].low_value < 0.01 < good[-1].high_value
    assert not {one.label for one in rate.effects if one.promising} & {rate.effects[0].label}
    assert [one.label for one in kernel.effects if one.promising] == ["rbf"]


def test_shares_are_not_lost_to_parameters_that_say_nothing():
    """Of two parameters that add up, the shares alone are most of what is explained."""
    trials = planted(80, seed=3, noise=0.05)
    for one in trials:
        one.params.update(
            {f"idle_{number}": int(one.run_id, 16) * (31 + 2 * number) % 97 for number in range(3)}
        )
    found = importance(trials, metric="m")
    assert {one.name for one in found.parameters if one.matters} == {"rate", "kernel"}
    assert sum(one.share for one in found.parameters if one.matters) > 2 / 3 * found.explained


def test_two_parameters_that_matter_together_only_are_a_pair():
    rng = np.random.default_rng(1)
    trials = []
    for number in range(300):
        a, b, c = rng.choice([0, 1], size=3).tolist()
        trials.append(trial(number, float(a ^ b) + 0.05 * rng.normal(), a=a, b=b, c=c))
    found = importance(trials, metric="m")
    assert found.pairs[0].names == ("a", "b")
    assert found.pairs[0].low > 0.5
    assert max(one.share for one in found.parameters) < 0.2


@pytest.mark.parametrize("seed", range(5))
def test_chance_is_not_told_as_knowledge(seed):
    rng = np.random.default_rng(seed)
    trials = [
        trial(
            number,
            float(rng.normal()),
            a=float(rng.normal()),
            b=int(rng.integers(5)),
            c=str(rng.choice(list("xyz"))),
        )
        for number in range(80)
    ]
    found = importance(trials, metric="m", seed=seed)
    assert not any(one.matters for one in found.parameters)
    assert found.note


@pytest.mark.parametrize("apart", ["data", "what a halving search gave"])
def test_what_runs_cannot_be_compared_over_is_no_reason(apart):
    """Between datasets, or rounds of a search, values differ by far more than parameters do."""
    rng = np.random.default_rng(2)
    trials = []
    for number in range(120):
        place = int(rng.integers(4))
        params = {"depth": int(rng.integers(1, 9)) + 8 * place, "rate": float(rng.uniform())}
        value = 100.0 * place + params["rate"] + 0.05 * rng.normal()
        where = (f"d{place}", None) if apart == "data" else ("d", 100 * 3**place)
        trials.append(Outcome(f"{number:032x}", params, where[0], value, where[1]))
    found = importance(trials, metric="m")
    assert found.datasets == (4 if apart == "data" else 1)
    assert [one.name for one in found.parameters if one.matters] == ["rate"]


def test_one_run_that_diverged_does_not_explain_everything():
    trials = planted(100)
    trials.append(trial(100, -1e12, rate=0.5, kernel="rbf", depth=3, seed=1))
    found = importance(trials, metric="m")
    assert found.parameters[0].name == "rate"
    assert found.parameters[0].matters


@pytest.mark.parametrize(
    ("trials", "said"),
    [
        ([], "Too little history: 0 runs"),
        (planted(LEAST_RUNS - 1), f"Too little history: {LEAST_RUNS - 1} runs"),
        (
            [trial(number, float(number), f"d{number}", a=number) for number in range(50)],
            "Too little history",
        ),
        ([trial(number, math.nan, a=number) for number in range(50)], "Too little history"),
        ([trial(number, float(number), a=1) for number in range(50)], "the same parameters"),
        ([trial(number, 1.0, a=number) for number in range(50)], "the same values"),
    ],
)
def test_what_says_nothing_is_said(trials, said):
    found = importance(trials, metric="m")
    assert said in found.note
    assert (found.parameters, found.pairs, found.explained) == ([], [], None)


def test_the_same_runs_say_the_same():
    assert importance(planted(60), metric="m", seed=3) == importance(planted(60), metric="m", seed=3)


values = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**400), 10**400), st.floats(), st.text(max_size=5),
)  # fmt: skip


@given(st.lists(st.dictionaries(st.sampled_from("abc"), values), max_size=30))
@example([{"c": 4.0}, {"c": sys.float_info.min}])
@example([{"c": 5e-324}, {"c": 1e308}])
def test_whatever_is_a_parameter_has_its_place(params):
    for axis in axes_of(params):
        assert math.isclose(sum(cell.weight for cell in axis.cells), 1, abs_tol=1e-9)
        assert np.isfinite(axis.places).all()
        assert axis.places.shape == (len(params),)
        assert (axis.places <= 1).all()
        places = [cell.place for cell in axis.cells]
        assert places == sorted(places)
        for cell, after in itertools.pairwise([cell for cell in axis.cells if cell.low is not None]):
            assert cell.low <= cell.high <= after.high


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.floats(), values, values), min_size=20, max_size=40))
def test_no_history_is_too_strange(rows):
    found = importance(
        [trial(number, value, a=a, b=b) for number, (value, a, b) in enumerate(rows)], metric="m"
    )
    assert found.runs <= len(rows)
    for one in found.parameters:
        assert math.isfinite(one.share)
        assert one.low <= one.share <= one.high
