"""Impact, on histories whose true effects are known: intervals hold what they say, and nothing is taken for more."""

from __future__ import annotations

import doctest
import math
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_histories import World, heavy, history, skewed

from maestro_jupyter.errors import Invalid
from maestro_jupyter.library.impact import estimate, rank
from maestro_jupyter.models import Impact, Observation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

DOCUMENT = Path(__file__).parents[2] / "docs" / "impact.md"

CONFOUNDED = World(by_dataset=1.5, by_team=1.5)
WORLDS = {
    "plain": World(),
    "confounded by dataset": World(by_dataset=2.0),
    "confounded by team": World(by_team=2.0),
    "confounded by both": CONFOUNDED,
    "used together": World(together=0.8),
    "few projects": World(projects=20, datasets=2, teams=2, artifacts=4),
    "very few projects": World(projects=10, datasets=1, teams=1, artifacts=2),
    "heavy imbalance": World(usage=0.1, imbalance=1.5),
    "small effects": World(width=0.15),
    "half without effect": World(null=0.5),
    "heavy-tailed noise": World(noise=heavy),
    "skewed noise": World(noise=skewed),
    "many combinations": World(combinations=10),
    "a dataset each": World(combinations=1, datasets=100_000, by_team=1.5),
    "decided by dataset": World(projects=200, datasets=60, decided_by_dataset=True),
}


class Judged(NamedTuple):
    """Of many artifacts: errors, and whether intervals held the truth and lay above zero; how they compared."""

    errors: list[float]
    held: list[bool]
    above: list[bool]
    comparisons: Counter[str | None]


def judged(world: World, artifacts: int = 1500) -> Judged:
    found = Judged([], [], [], Counter())
    seed = 0
    while len(found.errors) < artifacts:
        seen, truth = history(world, seed)
        seed += 1
        for impact in estimate(seen).values():
            if impact.effect is None:
                continue
            true = truth[impact.name] / impact.scale
            found.errors.append((impact.effect - true) * impact.scale)
            found.held.append(impact.low <= true <= impact.high)
            found.above.append(impact.low > 0)
            found.comparisons[impact.comparison] += 1
    return found


def naive(seen: Sequence[Observation], name: str) -> float:
    by_use: dict[bool, list[float]] = {True: [], False: []}
    for each in seen:
        by_use[name in each.artifacts].append(each.value)
    return float(np.mean(by_use[True]) - np.mean(by_use[False]))


def run(project: object, value: float, *artifacts: str, **fields: object) -> Observation:
    known: dict[str, object] = {
        "run": f"{project} {value}", "team": "ada", "task": "classification", "metric": "accuracy",
        "dataset": "d",
    }  # fmt: skip
    return Observation(project=str(project), value=value, artifacts=frozenset(artifacts), **(known | fields))


def noisy(rng: random.Random, name: str, count: int, mean: float) -> list[Observation]:
    return [run(f"{name} {number}", rng.gauss(mean, 3), name) for number in range(count)]


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_intervals_hold_the_truth_as_often_as_they_say(world: World) -> None:
    assert 0.75 <= np.mean(judged(world).held) <= 0.85


def test_without_any_effect_intervals_hold_zero_more_often_still() -> None:
    """All that is pooled agrees on nothing: the interval is then narrow, around zero, and rarely above it."""
    found = judged(World(width=0.0))
    assert np.mean(found.held) >= 0.8
    assert np.mean(found.above) <= 0.1


@pytest.mark.parametrize("name", ["confounded by dataset", "confounded by team", "confounded by both"])
def test_confounding_biases_the_difference_of_means_and_not_the_impact(name: str) -> None:
    found = judged(WORLDS[name])
    assert abs(np.mean(found.errors)) < 0.03
    differences = []
    for seed in range(20):
        seen, truth = history(WORLDS[name], seed)
        differences += [naive(seen, artifact) - effect for artifact, effect in truth.items()]
    assert np.mean(differences) > 0.5


def test_what_is_not_compared_within_datasets_is_compared_by_task() -> None:
    assert set(judged(WORLDS["plain"], 100).comparisons) == {"dataset"}
    assert set(judged(WORLDS["decided by dataset"], 100).comparisons) == {"task"}
    impact = next(iter(estimate(history(WORLDS["a dataset each"], 0)[0]).values()))
    assert "on the same task:" in impact.reason


def test_shuffled_outcomes_leave_nothing_above_zero_beyond_chance() -> None:
    above = []
    for seed in range(25):
        seen, _ = history(CONFOUNDED, seed)
        order = np.random.default_rng(seed).permutation(len(seen))
        shuffled = [
            msgspec.structs.replace(each, value=seen[other].value)
            for each, other in zip(seen, order, strict=True)
        ]
        above += [impact.low > 0 for impact in estimate(shuffled).values() if impact.low is not None]
    assert len(above) >= 400
    assert np.mean(above) <= 0.1


@pytest.mark.parametrize("seed", range(20))
def test_one_at_95_is_never_above_fifty_at_90(seed: int) -> None:
    rng = random.Random(seed)
    seen = [run("lucky", 95.0, "one"), *noisy(rng, "many", 50, 90), *noisy(rng, "none", 50, 80)]
    seen = [*seen, *(run(f"base {number}", rng.gauss(80, 3)) for number in range(20))]
    ranked = rank(estimate(seen).values())
    names = [impact.name for impact in ranked]
    assert names.index("many") < names.index("one")
    assert ranked[-1].status == "unknown"


@settings(max_examples=60)
@given(few=st.integers(3, 20), more=st.integers(1, 60), size=st.floats(0.5, 5), seed=st.integers(0, 1000))
def test_more_evidence_of_the_same_size_never_ranks_lower(
    few: int, more: int, size: float, seed: int
) -> None:
    rng = random.Random(seed)
    base = [run(f"base {number}", rng.gauss(0, 1)) for number in range(30)]

    def used(name: str, count: int) -> list[Observation]:
        spread = np.linspace(-1, 1, count)
        return [run(f"{name} {number}", size + value, name) for number, value in enumerate(spread)]

    names = [
        impact.name
        for impact in rank(estimate([*base, *used("few", few), *used("more", few + more)]).values())
    ]
    assert names == ["more", "few"]


def small() -> list[Observation]:
    return history(World(projects=40, datasets=3, teams=3, artifacts=5), 1)[0]


def numbers(impacts: dict[str, Impact]) -> dict[str, tuple[float, float, float]]:
    return {name: (impact.effect, impact.low, impact.high) for name, impact in impacts.items()}


def alike(one: dict[str, Impact], other: dict[str, Impact]) -> bool:
    assert one.keys() == other.keys()
    return np.allclose([*numbers(one).values()], [*numbers(other).values()], atol=1e-6)


def test_a_project_with_a_thousand_runs_counts_no_more_than_with_one() -> None:
    seen = small()
    seen.append(run("busy", 9.0, "artifact 0", dataset="dataset 0", team="team 0"))
    once = estimate(seen)
    seen += [
        run("busy", 9.0, "artifact 0", dataset="dataset 0", team="team 0", run=f"busy {number}")
        for number in range(1_000)
    ]
    often = estimate(seen)
    assert alike(once, often)
    assert often["artifact 0"].projects_with == once["artifact 0"].projects_with
    assert often["artifact 0"].runs_with == once["artifact 0"].runs_with + 1_000


def test_metrics_of_the_same_runs_are_no_further_evidence() -> None:
    seen = small()
    again = [msgspec.structs.replace(each, metric="f1", value=7 * each.value) for each in seen]
    once, twice = estimate(seen), estimate(seen + again)
    assert alike(once, twice)
    assert {name: impact.runs_with for name, impact in once.items()} == {
        name: impact.runs_with for name, impact in twice.items()
    }


def test_what_is_always_used_together_shares_its_credit() -> None:
    rng = random.Random(0)
    seen = [run(f"base {number}", rng.gauss(0, 1)) for number in range(30)]
    pair = [rng.gauss(2, 1) for _ in range(30)]
    both = estimate(seen + [run(f"p {n}", value, "left", "right") for n, value in enumerate(pair)])
    alone = estimate(seen + [run(f"p {n}", value, "left") for n, value in enumerate(pair)])
    left, right = both["left"], both["right"]
    assert left.effect == pytest.approx(right.effect)
    assert left.effect + right.effect == pytest.approx(alone["left"].effect, rel=0.1)
    assert left.high - left.low > alone["left"].high - alone["left"].low


def test_order_and_scale_do_not_matter() -> None:
    seen = small()
    known = estimate(seen)
    shuffled = random.Random(0).sample(seen, len(seen))
    assert estimate(shuffled) == known
    scaled = [msgspec.structs.replace(each, value=1000 * each.value - 7) for each in seen]
    assert alike(known, estimate(scaled))
    renamed = [
        msgspec.structs.replace(each, team=f"x{each.team}", project=each.project[::-1]) for each in seen
    ]
    assert alike(known, estimate(renamed))


def test_what_is_no_number_is_left_out() -> None:
    seen = small()
    bad = [
        run("bad", value, "artifact 0", "only bad", dataset="dataset 0")
        for value in (math.nan, math.inf, -math.inf, 1e308)
    ]
    assert estimate(seen + bad) == estimate(seen)


def test_one_diverged_model_hides_nothing() -> None:
    seen, _ = history(World(), 1)
    diverged = run("diverged", -1e20, dataset="dataset 0", team="team 0")
    known, told = estimate(seen), estimate([*seen, diverged])
    assert max(impact.low for impact in known.values()) > 0.1
    for name, impact in known.items():
        assert told[name].effect * told[name].scale == pytest.approx(impact.effect * impact.scale, abs=0.1)


@pytest.mark.parametrize(
    "seen",
    [
        [],
        [run("p", 1.0, "a")],
        [run(number, 1.0 + number, "a") for number in range(9)],
        [run(number, 1.0, *("a" * (number % 2))) for number in range(20)],
        [run(number, float(number), *("a" * (number % 2)), metric=f"m{number}") for number in range(20)],
        [run(number, float(number % 7), *("a" * (number % 2)), team=str(number % 2)) for number in range(20)],
        [run(number, float(number % 7), *("a" * (number % 2)), team=str(number)) for number in range(20)],
        [run(number % 2, float(number), *("a" * (number % 2))) for number in range(100)],
    ],
    ids=[
        "empty", "one run", "used by all", "always equal", "a metric each", "only one person used it",
        "a person each", "two projects",
    ],
)  # fmt: skip
def test_too_little_evidence_is_unknown(seen: list[Observation]) -> None:
    impact = estimate(seen, names=["a"])["a"]
    assert (impact.status, impact.effect, impact.low, impact.high) == ("unknown", None, None, None)
    assert impact.comparison is None
    assert impact.reason.startswith("Unknown: ")


@pytest.mark.parametrize("team", [lambda number: number % 2, lambda number: number], ids=["apart", "each"])
def test_an_artifact_is_not_told_from_who_used_it(team: Callable[[int], int]) -> None:
    seen = [
        run(number, float(number % 7), *("a" * (number % 2)), team=str(team(number))) for number in range(20)
    ]
    impact = estimate(seen)["a"]
    assert impact.reason == "Unknown: it cannot be told from who used it, and on which data."
    assert (impact.projects_with, impact.projects_without) == (10, 10)


def test_two_projects_are_too_few_and_three_are_not() -> None:
    base = [run(f"base {number}", float(number)) for number in range(3)]
    two = [run(f"with {number}", 3.5 + number, "a") for number in range(2)]
    assert estimate([*base, *two])["a"].reason == (
        "Unknown: 2 projects with it and 3 without can be compared, and 3 of each are needed."
    )
    assert estimate([*base, *two, run("third", 6.0, "a")])["a"].status == "estimated"
    assert estimate([*base, *two], minimum=2)["a"].status == "estimated"


def test_the_answer_says_how_much_and_that_it_is_an_association() -> None:
    rng = random.Random(0)
    errors = {"metric": "mean_absolute_error", "task": "regression", "relative": True}
    seen = [run(f"base {n}", rng.gauss(-1.0, 0.05), **errors) for n in range(20)]
    seen += [run(f"with {n}", rng.gauss(-0.8, 0.05), "scaler", **errors) for n in range(20)]
    impact = estimate(seen)["scaler"]
    assert (impact.projects_with, impact.projects_without, impact.runs_with) == (20, 20, 20)
    assert (impact.comparison, impact.metric) == ("dataset", "mean_absolute_error")
    assert 0.15 < impact.effect * impact.scale < 0.25
    assert "% less mean_absolute_error" in impact.reason
    assert impact.reason.endswith("on the same task and dataset: an association, not a cause.")


@pytest.mark.parametrize("wrong", [{"level": 0.0}, {"level": 1.0}, {"level": math.nan}, {"minimum": 0}])
def test_what_cannot_be_asked(wrong: dict[str, float]) -> None:
    with pytest.raises(Invalid, match="cannot be used"):
        estimate([], **wrong)


def test_wider_levels_give_wider_intervals() -> None:
    narrow, wide = estimate(small(), level=0.5), estimate(small(), level=0.95)
    for name, impact in narrow.items():
        assert wide[name].low < impact.low < impact.effect < impact.high < wide[name].high
        assert "95 % interval" in wide[name].reason


def test_nobody_who_used_it_is_named() -> None:
    seen: Iterable[Observation] = small()
    people = {each.team for each in seen}
    for impact in estimate(seen).values():
        assert not any(person in msgspec.json.encode(impact).decode() for person in people)


def test_the_document_shows_what_happens() -> None:
    ran = doctest.testfile(str(DOCUMENT), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert ran.attempted > 0
    assert ran.failed == 0
