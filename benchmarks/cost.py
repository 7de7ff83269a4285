"""Whether weighing gains by the time they take pays where seconds are limited: ``python -m benchmarks.cost``.

Each group of the shipped prior is held out; the engine proposes what should fit into what is left of the
seconds, is told the score that was measured, and proposes again, until nothing fits any more. What takes
longer than was left does not count. Told are the regrets by seconds, in five folds and one fit each, as means
over groups; while nothing is done, all is lost.
"""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from maestro_jupyter.recommend import Engine
from maestro_jupyter.recommend.fit_times import FitTimes
from maestro_jupyter.recommend.knowledge import shipped
from maestro_jupyter.recommend.suggesting import FITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from maestro_jupyter.recommend.knowledge import Knowledge
    from maestro_jupyter.recommend.session import Session

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

LOTS = 20
BUDGETS = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Seconds."""


def main() -> None:
    """Play each group of each task, and print the mean regrets."""
    for task, table in shipped().tables.items():
        found: dict[str, list[Array]] = {}
        for group in sorted(set(table.groups)):
            for name, regrets in _held_out(table, group).items():
                found.setdefault(name, []).append(regrets)
        print(f"\n{task}: {len(set(table.groups))} groups; regret in percent after seconds")
        print(f"| | {' | '.join(map(str, BUDGETS))} | mean, less that without cost |")
        print("| --- " * (len(BUDGETS) + 2) + "|")
        plain = np.array(found["without cost"]).mean(axis=1)
        for name, each in found.items():
            values = 100 * np.array(each)
            rest = values.mean(axis=1) - 100 * plain
            error = 1.96 * rest.std() / np.sqrt(len(rest))
            cells = " | ".join(f"{value:.1f}" for value in values.mean(axis=0))
            print(f"| {name} | {cells} | {rest.mean():+.2f} ± {error:.2f} |")


def _held_out(table: Knowledge, group: str) -> dict[str, Array]:
    new = np.array(table.groups) == group
    worst = np.where(table.task == "regression", -1.0, 0.0)
    scores = np.where(np.isnan(table.scores), worst, table.scores)
    engine = Engine(seed=0).fit(
        scores[~new], table.metafeatures[~new], groups=list(itertools.compress(table.groups, ~new))
    )
    sizes = np.array([[one.rows, one.columns] for one in table.datasets], dtype=float)
    times = FitTimes(
        np.asarray(table.seconds, dtype=float)[~new], sizes[~new, 0], sizes[~new, 1], table.configs
    )
    rng = np.random.default_rng(0)
    found: dict[str, list[Array]] = {}
    for row in np.flatnonzero(new):
        taken = FITS * np.nan_to_num(np.asarray(table.seconds[row], dtype=float), nan=1.0)
        expected = FITS * times.on(*sizes[row])
        features = table.metafeatures[row]
        for name, cost in (("without cost", None), ("with cost", expected)):
            regrets = [
                _played(functools.partial(engine.start, features), scores[row], taken, expected, cost, budget)
                for budget in BUDGETS
            ]
            found.setdefault(name, []).append(np.array(regrets))
        lots = [
            [_by_lot(rng, scores[row], taken, expected, budget) for budget in BUDGETS] for _ in range(LOTS)
        ]
        found.setdefault("by lot", []).append(np.mean(lots, axis=0))
    return {name: np.mean(each, axis=0) for name, each in found.items()}


def _played(
    start: Callable[[Array], Session],
    scores: Array,
    taken: Array,
    expected: Array,
    cost: Array | None,
    budget: float,
) -> float:
    """Give the regret once the budget is spent."""
    left, tried, done = budget, list[int](), np.zeros(len(scores), dtype=bool)
    while (open_ := (expected <= left) & ~np.isin(np.arange(len(scores)), tried)).any():
        session = start(open_)
        for config in tried:
            session.tell(config, scores[config])
        tried.append(session.next(cost))
        left -= taken[tried[-1]]
        done[tried[-1]] = left >= 0
    return _regret(scores, done)


def _by_lot(rng: np.random.Generator, scores: Array, taken: Array, expected: Array, budget: float) -> float:
    left, done = budget, np.zeros(len(scores), dtype=bool)
    for config in rng.permutation(len(scores)):
        if expected[config] <= left:
            left -= taken[config]
            done[config] = left >= 0
    return _regret(scores, done)


def _regret(scores: Array, done: Array) -> float:
    return float((scores.max() - scores[done].max()) / np.ptp(scores)) if done.any() else 1.0


if __name__ == "__main__":
    main()
