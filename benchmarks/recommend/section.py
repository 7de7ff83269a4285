"""The engine beside its baselines, as RESULTS.md has it: regrets by budget, and how often intervals hold."""

from __future__ import annotations

from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.recommend import tables
from benchmarks.recommend.baselines import BASELINES
from benchmarks.recommend.figures import adtm, by_group, difference
from benchmarks.recommend.protocol import BUDGETS, FORECASTS, OURS, leave_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.recommend.protocol import Outcome
    from benchmarks.recommend.tables import Table

FOLDS = 20
SEEDS = 5
"""On small tables it is chance which of two close configs comes first."""


def measured(folder: Path | None) -> str:
    """Measure on the tables of a folder, with groups left out in parts.

    Raises
    ------
    SystemExit
        If there is no folder: these tables do not come with the package.
    """
    if folder is None:
        msg = "The section `recommend` needs tables of scores: --tables FOLDER, as docs/recommend.md says."
        raise SystemExit(msg)
    return _beside(tables.read(folder))


def measured_on_prior() -> str:
    """Measure on the tables of the prior, which the engine was not designed on."""
    return _beside(tables.of_prior(), SEEDS)


def _beside(known: Sequence[Table], seeds: int = 1) -> str:
    with get_context("spawn").Pool(1) as pool:
        outcomes = {
            table.name: leave_out(table, (*BASELINES, OURS), pool, folds=FOLDS, seeds=seeds)
            for table in known
        }
    averaged = "" if seeds == 1 else f", each method with {seeds} seeds"
    return f"""ADTM: 100 x the mean over groups of (best - best found) / (best - worst), lower is better;
after {", ".join(map(str, BUDGETS))} trials, groups left out in {FOLDS} parts{averaged}.
The mean is over budgets and tables; in brackets is the 95 % bootstrap interval over groups of the
paired difference.

{_regrets(outcomes)}

{_coverage(outcomes)}"""


def _regrets(outcomes: Mapping[str, list[Outcome]]) -> str:
    regrets = {method: [adtm(each, method) for each in outcomes.values()] for method in (*BASELINES, OURS)}
    ours = [groups.mean(axis=1) for groups in regrets[OURS]]
    lines = [
        f"| method | {' | '.join(outcomes)} | mean | ours less it |",
        "| --- " * (len(outcomes) + 3) + "|",
    ]
    for method, found in regrets.items():
        cells = " | ".join(" / ".join(f"{value:.1f}" for value in groups.mean(axis=0)) for groups in found)
        mean = np.mean([groups.mean() for groups in found])
        less = "" if method == OURS else difference(ours, [groups.mean(axis=1) for groups in found])
        lines.append(f"| {method} | {cells} | {mean:.2f} | {less} |")
    return "\n".join(lines)


def _coverage(outcomes: Mapping[str, list[Outcome]]) -> str:
    lines = [
        f"| within the 80 % interval after so many trials | {' | '.join(map(str, FORECASTS))} |",
        "| --- " * (len(FORECASTS) + 1) + "|",
    ]
    for name, each in outcomes.items():
        covered = np.nanmean(by_group(each, np.array([outcome.covered for outcome in each])), axis=0)
        lines.append(f"| {name} | {' | '.join(f'{share:.0%}' for share in covered)} |")
    return "\n".join(lines)
