"""How good suggestions are on real data that the prior has never seen: ``python -m benchmarks.held_out``.

Each real dataset of the shipped prior is taken out of it together with all datasets of its group; the
question is then asked as `maestro.suggest` asks it. What each config scores was measured by training it when
the prior was built, five-fold, so that the best of three suggestions can be set beside the best of three
configs drawn by lot, two usual defaults, and the best of all. The best of several is also the luckiest of
them: the first suggestion alone is what compares with one default.
"""

from __future__ import annotations

import argparse
import itertools
import math
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec
import numpy as np

from maestro_jupyter.models import ModelQuestion
from maestro_jupyter.recommend.knowledge import shipped
from maestro_jupyter.recommend.suggesting import Suggester

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_jupyter.models import ModelForecast
    from maestro_jupyter.recommend.knowledge import Knowledge

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

SUGGESTED = 3
SYNTHETIC = "made by"
DEFAULTS = ("random_forest()", "hist_gradient_boosting()")
RESAMPLED = 2000


class Found(NamedTuple):
    """The scores on one dataset."""

    group: str
    first: float
    suggested: float
    drawn: float
    defaults: tuple[float, ...]
    best: float
    inside: float
    """Which share of the suggestions came out within their 80 % interval."""
    inside_of_all: float
    """The same of all configs that were trained."""


def main() -> None:
    """Ask about each real dataset, and print a table for each task."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.held_out", description=__doc__)
    parser.add_argument("--groups", type=int, help="only so many groups of each task")
    print(measured(parser.parse_args().groups))


def measured(most: int | None = None) -> str:
    """Give a table in Markdown for each task, of all groups of real datasets or the first of them."""
    said = []
    for task, table in shipped().tables.items():
        real = sorted({one.group for one in table.datasets if not one.origin.startswith(SYNTHETIC)})
        found = [one for group in real[:most] for one in _ask_about(table, group)]
        said.append(_said(task, table.score, found))
    return "\n\n".join(said)


def _ask_about(table: Knowledge, group: str) -> list[Found]:
    """Ask about the datasets of a group, all of which the prior does not have."""
    held = np.array([one.group == group for one in table.datasets])
    suggester = Suggester({table.task: _only(table, ~held)})
    found = []
    for place in np.flatnonzero(held):
        if table.datasets[place].origin.startswith(SYNTHETIC):
            continue
        features = dict(zip(table.metafeature_names, table.metafeatures[place].tolist(), strict=True))
        question = ModelQuestion(
            task=table.task,
            metafeatures={name: value for name, value in features.items() if math.isfinite(value)},
            n=SUGGESTED,
        )
        found.append(_compared(table, int(place), suggester, question))
    return found


def _only(table: Knowledge, kept: Array) -> Knowledge:
    arrays = {
        name: getattr(table, name)[kept]
        for name in ("scores", "spreads", "seconds", "statuses", "metafeatures")
    }
    return table._replace(datasets=tuple(itertools.compress(table.datasets, kept)), **arrays)


def _compared(table: Knowledge, place: int, suggester: Suggester, question: ModelQuestion) -> Found:
    names = [config.name for config in table.configs]
    scores = table.scores[place].astype(float)
    worst = float(np.nanmin(scores))
    known = np.nan_to_num(scores, nan=worst)
    suggested = suggester.answer({}, question).models
    everything = suggester.answer({}, msgspec.structs.replace(question, n=len(names))).models
    came = [known[names.index(one.config)] for one in suggested]
    trained = [one for one in everything if not math.isnan(scores[names.index(one.config)])]
    return Found(
        group=table.datasets[place].group,
        first=came[0],
        suggested=max(came),
        drawn=_expected_best(known, SUGGESTED),
        defaults=tuple(float(known[names.index(name)]) for name in DEFAULTS),
        best=float(known.max()),
        inside=_inside(suggested, names, known),
        inside_of_all=_inside(trained, names, known),
    )


def _inside(forecasts: Sequence[ModelForecast], names: Sequence[str], came: Array) -> float:
    """Give the share of forecasts whose interval holds what came."""
    return float(np.mean([one.low <= came[names.index(one.config)] <= one.high for one in forecasts]))


def _expected_best(scores: Array, drawn: int) -> float:
    """Give the mean of the best of so many configs, over all ways to draw them."""
    ordered = np.sort(scores)
    ways = [math.comb(place, drawn - 1) for place in range(len(ordered))]
    return float(ordered @ np.array(ways) / math.comb(len(ordered), drawn))


def _said(task: str, score: str, found: Sequence[Found]) -> str:
    groups = sorted({one.group for one in found})
    rows = {
        f"the best of {SUGGESTED} suggestions": [one.suggested for one in found],
        f"the best of {SUGGESTED} drawn by lot": [one.drawn for one in found],
        "the first suggestion": [one.first for one in found],
        **{name: [one.defaults[place] for one in found] for place, name in enumerate(DEFAULTS)},
        "the best of all": [one.best for one in found],
    }
    ours = rows[f"the best of {SUGGESTED} suggestions"]
    lines = [
        f"**{task}**: {len(found)} real datasets of {len(groups)} groups, {score}; means over groups",
        "",
        "| | score | suggestions less it, 95 % interval |",
        "| --- | --- | --- |",
    ]
    for name, values in rows.items():
        low, high = _interval(np.subtract(ours, values), found, groups)
        middle = float(np.mean(_by_group(np.subtract(ours, values), found, groups)))
        less = "" if values is ours else f"{middle:+.4f} [{low:+.4f}, {high:+.4f}]"
        lines.append(f"| {name} | {np.mean(_by_group(np.array(values), found, groups)):.4f} | {less} |")
    shares = " and ".join(
        f"{_share([getattr(one, field) for one in found], found, groups)} {whose}"
        for field, whose in (
            ("inside", f"of the {SUGGESTED} suggestions"),
            ("inside_of_all", "of all configs"),
        )
    )
    return "\n".join([*lines, "", f"Within the 80 % intervals, before any trial: {shares}."])


def _share(values: Sequence[float], found: Sequence[Found], groups: Sequence[str]) -> str:
    low, high = _interval(np.array(values), found, groups)
    return f"{np.mean(_by_group(np.array(values), found, groups)):.0%} [{low:.0%}, {high:.0%}]"


def _by_group(values: Array, found: Sequence[Found], groups: Sequence[str]) -> list[float]:
    return [
        float(np.mean([value for value, one in zip(values, found, strict=True) if one.group == group]))
        for group in groups
    ]


def _interval(values: Array, found: Sequence[Found], groups: Sequence[str]) -> tuple[float, float]:
    """Give the 95 % interval of the mean over groups, by resampling groups."""
    rng = np.random.default_rng(0)
    means = np.array(_by_group(values, found, groups))
    drawn = means[rng.integers(len(means), size=(RESAMPLED, len(means)))].mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


if __name__ == "__main__":
    main()
