"""In which direction runs were better: what was planted is said, what does not hold for sure is not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from maestro_jupyter.models import Outcome
from maestro_jupyter.recommend.direction import LEAST_OF_STRETCH
from maestro_jupyter.recommend.importance import importance


def told(value, count=100, seed=0, noise=0.2, **draws):
    """Give by parameter its direction and its choice, where runs are as good as `value` says of their own."""
    rng = np.random.default_rng(seed)
    trials = []
    for number in range(count):
        params = {name: draw(rng) for name, draw in draws.items()}
        good = float(value(**params)) + noise * rng.normal()
        trials.append(Outcome(f"{number:032x}", params, "d", good))
    found = importance(trials, metric="m", seed=seed)
    return {one.name: (one.direction, one.choice) for one in found.parameters}


def rate(rng):
    return float(10 ** rng.uniform(-4, 0))


def share(rng):
    return float(rng.uniform())


def one_of(*values):
    return lambda rng: values[int(rng.integers(len(values)))]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("value", "direction"),
    [
        (lambda a, **_: 2 * a, "larger"),
        (lambda a, **_: -2 * a, "smaller"),
        (lambda a, **_: 2 * (a > 0.5), "larger"),
        (lambda a, **_: 2 * min(a, 0.5), "larger"),
        (lambda a, **_: -8 * (a - 0.5) ** 2, "middle"),
        (lambda a, **_: 8 * (a - 0.5) ** 2, None),
    ],
    ids=["rising", "falling", "a step", "to a plateau", "a hill", "a valley"],
)
def test_what_was_planted_is_said_and_nothing_of_what_is_idle(value, direction, seed):
    found = told(value, seed=seed, a=share, b=share, kernel=one_of("rbf", "linear"), constant=one_of(1))
    assert found == {"a": (direction, None), "b": (None, None), "kernel": (None, None)}


def test_the_middle_of_what_spans_powers_of_ten_is_that_of_its_logarithm():
    assert told(lambda a: -((math.log10(a) + 2) ** 2), a=rate)["a"] == ("middle", None)
    assert told(lambda a: -5 * abs(a - 0.5), a=rate)["a"] == ("larger", None), "0.5 is near the upper end"
    assert told(lambda a: -((math.log10(a) + 4) ** 2) / 4, a=rate)["a"] == ("smaller", None)


def test_a_few_numbers_that_are_tried_again_have_a_direction():
    assert told(lambda depth: depth / 2, depth=one_of(2, 4, 8))["depth"] == ("larger", None)
    assert told(lambda depth: float(depth == 4), depth=one_of(2, 4, 8))["depth"] == ("middle", None)
    assert told(lambda bins: -bins, bins=one_of(0, 1))["bins"] == ("smaller", None)


def test_a_word_is_said_if_it_is_better_than_all_others():
    kernels = one_of("linear", "poly", "rbf")
    assert told(lambda kernel: kernel == "rbf", kernel=kernels)["kernel"] == (None, "rbf")
    assert told(lambda kernel: kernel != "poly", kernel=kernels)["kernel"] == (None, None)
    assert told(lambda fit: fit, fit=one_of(True, False))["fit"] == (None, "True")


def test_numbers_are_beside_numbers_and_words_beside_all():
    depths = one_of(None, 2, 4, 8)
    assert told(lambda depth: 3 if depth is None else depth / 4, depth=depths)["depth"] == ("larger", "None")
    assert told(lambda depth: -1 if depth is None else depth / 4, depth=depths)["depth"] == ("larger", None)
    assert told(lambda depth: depth is None, depth=depths)["depth"] == (None, "None")


def test_a_value_that_few_tried_stands_for_nothing():
    few = LEAST_OF_STRETCH - 1
    usual, seldom = [{"depth": 2, "fit": "usual"}] * 60, [{"depth": 9, "fit": "seldom"}] * few
    for name in ("depth", "fit"):
        for more, said in ((0, False), (3, True)):
            tried = [*usual, *seldom, *seldom[:1] * more]
            found = importance(
                [
                    Outcome(f"{number:032x}", {name: one[name]}, "d", float(one["depth"]) + number % 3 / 10)
                    for number, one in enumerate(tried)
                ],
                metric="m",
            )
            (only,) = found.parameters
            assert only.matters
            assert (only.direction is not None or only.choice is not None) is said


@pytest.mark.parametrize("seed", range(4))
def test_chance_has_no_direction(seed):
    found = told(
        lambda **_: 0, count=60, seed=seed, a=share, b=rate, kernel=one_of(*"xyz"), n=one_of(1, 2, 3)
    )
    assert set(found.values()) <= {(None, None)}
