"""Measures the recommender beside its baselines on tables of scores, and prints what was found."""

from __future__ import annotations

import argparse
import functools
import os
import time
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.recommend import tables
from benchmarks.recommend.baselines import BASELINES
from benchmarks.recommend.figures import adtm, by_group, difference, figure
from benchmarks.recommend.protocol import BUDGETS, FORECASTS, OURS, drawn, in_a_row, leave_out

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.pool import Pool

    from benchmarks.recommend.protocol import Outcome
    from benchmarks.recommend.tables import Array, Table

FOLDS = 10
SIZES = (5, 20, 80)
DRAWS = 10
STARTS = 10
ALONE = 40
FEW_CONFIGS = 0.15
YARDSTICKS = ("best on average", "greedy portfolio", "greedy portfolio, groups count as one")
SHORT = (*YARDSTICKS, OURS)
LEARNING = (*YARDSTICKS, "Gaussian process, metafeature mean", OURS)


def main() -> None:
    """Parse the command line and run."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    options = _arguments()
    with get_context("spawn").Pool(options.jobs) as pool:
        found = tables.read(options.tables, options.only_table) if options.tables else tables.of_prior()
        for name in options.only or SECTIONS:
            start = time.perf_counter()
            print(f"\n## {name}\n", flush=True)
            SECTIONS[name](found, pool, options.folds)
            print(f"\n({time.perf_counter() - start:.0f} s)", flush=True)


def beside_others(found: Sequence[Table], pool: Pool, folds: int | None) -> None:
    """Leave one group out, or some at once: every baseline and ours in one run."""
    methods = (*BASELINES, OURS)
    outcomes = {table.name: leave_out(table, methods, pool, folds=folds) for table in found}
    _compare(outcomes, methods)
    _forecasts(outcomes)


def strict(found: Sequence[Table], pool: Pool, _folds: int | None) -> None:
    """Leave one group out at a time, of some drawn by lot: all the rest is known."""
    outcomes = {table.name: leave_out(table, SHORT, pool, most=ALONE) for table in found}
    _compare(outcomes, SHORT)
    _forecasts(outcomes)


def parts(found: Sequence[Table], pool: Pool, folds: int | None) -> None:
    """Do the same on parts of the tables: of each three times 60 % of groups and configs, and few configs."""
    _on_parts(found, pool, folds, [(0.6, 0.6)] * 3 + [(0.6, FEW_CONFIGS)], 0)


def further(found: Sequence[Table], pool: Pool, folds: int | None) -> None:
    """Do the same on parts of other sizes, from few groups with most configs to most groups with few."""
    _on_parts(found, pool, folds, [(0.5, 0.3), (0.3, 0.8), (0.8, 0.4), (0.4, FEW_CONFIGS)], 100)


def _on_parts(
    found: Sequence[Table], pool: Pool, folds: int | None, shares: Sequence[tuple[float, float]], seed: int
) -> None:
    cut = [
        tables.part(table, groups, configs, number)
        for table in found
        for number, (groups, configs) in enumerate(shares, start=seed)
    ]
    methods = (*BASELINES, OURS)
    outcomes = {table.name: leave_out(table, methods, pool, folds=folds or FOLDS) for table in cut}
    _compare(outcomes, methods)
    _forecasts(outcomes)


def learning(found: Sequence[Table], pool: Pool, _folds: int | None) -> None:
    """Let histories grow, drawn by lot, from the tables' own beginnings and from further places on."""
    for table in found:
        histories = {
            "by lot": drawn(table, SIZES, LEARNING, pool, DRAWS, ALONE),
            "from its beginning": in_a_row(table, SIZES, LEARNING, pool, 1),
            f"in a row, from {STARTS} places": in_a_row(table, SIZES, LEARNING, pool, STARTS),
        }
        for how, grown in histories.items():
            for size, outcomes in grown.items():
                _print_rows(f"{table.name}, {size} datasets {how}", outcomes, LEARNING)
            _print_fall(grown)


def _print_fall(grown: dict[int, list[Outcome]]) -> None:
    shortest, *longer = SIZES
    for method in LEARNING:
        means = {size: adtm(outcomes, method).mean(axis=1) for size, outcomes in grown.items()}
        less = ", ".join(f"{size}: {figure(means[shortest] - means[size])}" for size in longer)
        print(f"{method:40} less than with {shortest}, with {less}")


def robustness(found: Sequence[Table], pool: Pool, folds: int | None) -> None:
    """Show what a history does that misleads, says nothing, or has gaps."""
    for name, change in CHANGES.items():
        for table in found:
            outcomes = leave_out(
                table, SHORT, pool, history=functools.partial(_changed, change), folds=folds or FOLDS
            )
            _print_rows(f"{table.name}, {name}", outcomes, SHORT)


def _changed(change: Callable[[Array], Array], table: Table) -> Table:
    return table._replace(scores=change(table.scores))


CHANGES: dict[str, Callable[[Array], Array]] = {
    "as it is": np.copy,
    "50 % missing": functools.partial(tables.sparse, missing=0.5, seed=0),
    "95 % missing": functools.partial(tables.sparse, missing=0.95, seed=0),
    "datasets shuffled": functools.partial(tables.shuffled, seed=0),
    "scores shuffled": functools.partial(tables.scrambled, seed=0),
    "wrong task": tables.wrong,
}

SECTIONS: dict[str, Callable[[Sequence[Table], Pool, int | None], None]] = {
    "beside": beside_others,
    "strict": strict,
    "parts": parts,
    "further": further,
    "learning": learning,
    "robustness": robustness,
}


def _compare(outcomes: dict[str, list[Outcome]], methods: Sequence[str]) -> None:
    for name, each in outcomes.items():
        _print_rows(name, each, methods)
    regrets = {method: [adtm(each, method).mean(axis=1) for each in outcomes.values()] for method in methods}
    print(f"\nmean over {len(outcomes)} tables and the budgets; ours less it, with its 95 % interval")
    for method in methods:
        mean = np.mean([groups.mean() for groups in regrets[method]])
        print(f"{method:40} {mean:6.3f}   {difference(regrets[OURS], regrets[method])}")


def _print_rows(title: str, outcomes: Sequence[Outcome], methods: Sequence[str]) -> None:
    print(f"\n{title} ({len(outcomes)} datasets, {len({outcome.group for outcome in outcomes})} groups)")
    ours = adtm(outcomes, OURS).mean(axis=1)
    print(f"{'ADTM at':40} {' '.join(f'{budget:>22}' for budget in BUDGETS)}     mean  ours less it")
    for method in methods:
        groups = adtm(outcomes, method)
        cells = " ".join(f"{figure(column)!s:>22}" for column in groups.T)
        paired = figure(ours - groups.mean(axis=1))
        print(f"{method:40} {cells}   {groups.mean():6.3f}  {paired}", flush=True)


def _forecasts(outcomes: dict[str, list[Outcome]]) -> None:
    print(f"\n{'80 % intervals after so many trials':40} {' '.join(f'{at:>7}' for at in FORECASTS)}")
    for name, each in outcomes.items():
        for what in ("covered", "width", "error"):
            values = np.array([getattr(outcome, what) for outcome in each])
            cells = " ".join(f"{mean:7.3f}" for mean in np.nanmean(by_group(each, values), axis=0))
            print(f"{name + ', ' + what:40} {cells}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommend", description=__doc__)
    parser.add_argument(
        "--tables", type=Path, help="folder of tables, as docs/recommend.md says (default: the prior's own)"
    )
    parser.add_argument("--only", action="append", choices=list(SECTIONS), help="some of the sections")
    parser.add_argument("--only-table", action="append", help="some of the tables, by their names")
    parser.add_argument(
        "--folds",
        type=int,
        help="leave groups out in so many parts (default: one at a time beside others, else 10)",
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (default: one a core)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
