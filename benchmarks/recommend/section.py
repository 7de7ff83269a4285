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
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.recommend.protocol import Outcome

FOLDS = 20


def measured(folder: Path | None) -> str:
    """Measure on the tables of a folder, with groups left out in parts.

    Raises
    ------
    SystemExit
        If there is no folder: no table comes with the package.
    """
    if folder is None:
        msg = "The section `recommend` needs tables of scores: --tables FOLDER, as docs/recommend.md says."
        raise SystemExit(msg)
    with get_context("spawn").Pool(1) as pool:
        outcomes = {
            table.name: leave_out(table, (*BASELINES, OURS), pool, folds=FOLDS)
            for table in tables.read(folder)
        }
    return f"""ADTM: 100 x the mean over groups of (best - best found) / (best - worst), lower is better;
after {", ".join(map(str, BUDGETS))} trials, groups left out in {FOLDS} parts. The mean is over budgets and
tables; in brackets is the 95 % bootstrap interval over groups of the paired difference.

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
