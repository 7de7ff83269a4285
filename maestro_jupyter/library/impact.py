"""What an artifact contributed: how much better than comparable ones did projects that used it.

Projects are compared by task, metric and dataset first; an artifact of which that tells too little is
compared by task and metric, where the dataset is an effect of chance. A project weighs as much as one
outcome, however many runs, metrics and combinations it tried. What the runs of one user have in common is
taken out.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from maestro_jupyter.errors import Invalid
from maestro_jupyter.library.pooling import Design, pooled_effects
from maestro_jupyter.models import Impact, Observation

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from maestro_jupyter.library.pooling import Array, Effects

__all__ = ["Impact", "Observation", "estimate", "rank"]

Comparison: TypeAlias = Literal["dataset", "task"]

_ALIKE: dict[Comparison, str] = {"dataset": "on the same task and dataset", "task": "on the same task"}

_PAIR = 0.5
"""The contrast of two comparable outcomes of which one used an artifact."""

_DOMINANT = 0.8
_STILL = 1e-9
_HUGE = 1e100
_FAR = 6.0
"""How many times the usual distance from the middle is far: four standard deviations of a normal one."""


class Measure(NamedTuple):
    """A metric, and whether its differences are ratios."""

    metric: str
    relative: bool


class Stratum(NamedTuple):
    """What outcomes that can be compared have in common."""

    task: str
    dataset: str | None
    measure: Measure


class Outcome(NamedTuple):
    """The mean of a project's runs of one kind that used the same."""

    seen: Observation
    value: float
    runs: frozenset[str]


class Row(NamedTuple):
    """An outcome among those that it is compared with."""

    stratum: Stratum
    outcome: Outcome
    value: float
    weight: float


class Evidence(NamedTuple):
    """The projects that can be compared, with an artifact and without, its runs, and how it was measured."""

    projects_with: set[str]
    projects_without: set[str]
    runs: set[str]
    measures: Counter[Measure]


def estimate(
    observations: Iterable[Observation], *, minimum: int = 3, level: float = 0.8, names: Iterable[str] = ()
) -> dict[str, Impact]:
    """Estimate the impact of every artifact that was used.

    Parameters
    ----------
    observations : iterable of Observation
        In any order; those whose value is no finite number, or beyond 1e100, are left out.
    minimum : int
        How many comparable projects with an artifact, and without, it takes to say anything of it.
    level : float
        Of the intervals, between 0 and 1.
    names : iterable of str
        Artifacts to answer for, even if no observation has them.

    Returns
    -------
    dict of str to Impact
        By name.

    Raises
    ------
    Invalid
        If `minimum` or `level` makes no sense.

    Examples
    --------
    >>> estimate([], names=["scaler"])["scaler"].reason
    'Unknown: 0 projects with it and 0 without can be compared, and 3 of each are needed.'
    """
    if not 0 < level < 1 or minimum < 1:
        msg = f"The level {level!r} and the minimum {minimum!r} cannot be used."
        raise Invalid(msg, hint="The level is between 0 and 1, and the minimum at least 1.")
    outcomes = _pooled(observations)
    answers: dict[str, Impact] = {}
    known = sorted(set(names).union(*(outcome.seen.artifacts for outcome in outcomes)))
    for comparison in _ALIKE:
        waiting = [name for name in known if name not in answers or answers[name].status == "unknown"]
        answers |= _compared(outcomes, comparison, waiting, minimum, level)
    return answers


def rank(impacts: Iterable[Impact]) -> list[Impact]:
    """Put impacts in order: the highest lower end of the interval first, what is unknown last.

    Examples
    --------
    >>> few = Impact(name="few", status="estimated", effect=2.0, low=-0.1, high=4.1)
    >>> many = Impact(name="many", status="estimated", effect=0.5, low=0.4, high=0.6)
    >>> [impact.name for impact in rank([Impact(name="new", status="unknown"), few, many])]
    ['many', 'few', 'new']
    """

    def place(impact: Impact) -> tuple[float, int, str]:
        return math.inf if impact.low is None else -impact.low, -impact.projects_with, impact.name

    return sorted(impacts, key=place)


def _compared(
    outcomes: Sequence[Outcome], comparison: Comparison, names: Sequence[str], minimum: int, level: float
) -> dict[str, Impact]:
    """Answer for artifacts by one kind of comparison."""
    rows = _comparable(outcomes, comparison)
    evidence = _evidence(rows, names)
    enough = [name for name in names if min(map(len, evidence[name][:2])) >= minimum]
    answers = {name: _too_few(name, evidence[name], minimum) for name in names}
    if not enough:
        return answers
    columns = sorted(set().union(*(row.outcome.seen.artifacts for row in rows)))
    scales = _scales(rows)
    effects = pooled_effects(_design(rows, columns, scales, comparison), level)
    if effects is None:
        return answers | {name: _entangled(name, evidence[name]) for name in enough}
    place = {name: column for column, name in enumerate(columns)}
    for name in enough:
        if effects.contrast[place[name]] < minimum * _PAIR / 2:
            answers[name] = _entangled(name, evidence[name])
        else:
            interval = _interval(effects, place[name])
            answers[name] = _estimated(name, evidence[name], interval, scales, comparison, level)
    return answers


# What is compared


def _pooled(observations: Iterable[Observation]) -> list[Outcome]:
    """Give the means of what is alike, in an order that does not depend on the observations'."""
    alike: dict[tuple[Hashable, ...], list[Observation]] = defaultdict(list)
    for seen in observations:
        if abs(seen.value) <= _HUGE:
            kind = (seen.task, seen.metric, seen.relative, seen.dataset or "", seen.project, seen.team)
            alike[*kind, tuple(sorted(seen.artifacts))].append(seen)
    return [
        Outcome(
            group[0],
            math.fsum(seen.value for seen in group) / len(group),
            frozenset(seen.run for seen in group),
        )
        for _, group in sorted(alike.items(), key=itemgetter(0))
    ]


def _comparable(outcomes: Iterable[Outcome], comparison: Comparison) -> list[Row]:
    """Give the outcomes that others can be compared with, each project's with a weight of one in all."""
    strata: dict[Stratum, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        seen = outcome.seen
        if comparison == "task" or seen.dataset:
            dataset = None if comparison == "task" else seen.dataset
            strata[Stratum(seen.task, dataset, Measure(seen.metric, seen.relative))].append(outcome)
    strata = _telling(_measured_once(_telling(strata)))
    values = _tamed(strata)
    count = Counter(outcome.seen.project for inside in strata.values() for outcome in inside)
    return [
        Row(stratum, outcome, value, 1 / count[outcome.seen.project])
        for stratum, inside in strata.items()
        for outcome, value in zip(inside, values[stratum], strict=True)
    ]


def _telling(strata: Mapping[Stratum, list[Outcome]]) -> dict[Stratum, list[Outcome]]:
    """Leave out what stands alone, and measures that are always equal: both say nothing of the noise."""
    spread = {stratum: inside for stratum, inside in strata.items() if len(inside) > 1}
    varying = {stratum.measure for stratum, inside in spread.items() if _varies(inside)}
    return {stratum: inside for stratum, inside in spread.items() if stratum.measure in varying}


def _varies(outcomes: Sequence[Outcome]) -> bool:
    values = [outcome.value for outcome in outcomes]
    return max(values) - min(values) > _STILL * max(map(abs, values))


def _tamed(strata: Mapping[Stratum, list[Outcome]]) -> dict[Stratum, list[float]]:
    """Give the values, those far out drawn in: one diverged model would make all other differences small."""
    values = {stratum: [outcome.value for outcome in inside] for stratum, inside in strata.items()}
    middles = {stratum: statistics.median(inside) for stratum, inside in values.items()}
    away: dict[Measure, list[tuple[float, float]]] = defaultdict(list)
    for stratum, inside in values.items():
        away[stratum.measure] += [(abs(value - middles[stratum]), abs(value)) for value in inside]
    reach = {measure: _reach(*zip(*pairs, strict=True)) for measure, pairs in away.items()}
    return {
        stratum: [_drawn_in(value, middles[stratum], reach[stratum.measure]) for value in inside]
        for stratum, inside in values.items()
    }


def _reach(distances: Sequence[float], sizes: Sequence[float]) -> float:
    """Tell what is far; where most values are equal, nothing is."""
    usual = statistics.median(distances)
    return _FAR * usual if usual > _STILL * statistics.median(sizes) else math.inf


def _drawn_in(value: float, middle: float, reach: float) -> float:
    return min(max(value, middle - reach), middle + reach)


def _measured_once(strata: Mapping[Stratum, list[Outcome]]) -> dict[Stratum, list[Outcome]]:
    """Keep of each outcome the measure by which most projects can be compared.

    Several metrics of the same runs tell the same over again, which would pass for more evidence.
    """
    problems: dict[tuple[str, str | None], dict[Stratum, list[Outcome]]] = defaultdict(dict)
    for stratum, inside in strata.items():
        problems[stratum.task, stratum.dataset][stratum] = inside
    chosen: dict[Stratum, list[Outcome]] = {}
    for waiting in problems.values():
        while waiting:
            best = max(sorted(waiting), key=lambda stratum: _project_count(waiting[stratum]))
            chosen[best] = waiting.pop(best)
            done = {_what(outcome) for outcome in chosen[best]}
            for stratum, inside in waiting.items():
                waiting[stratum] = [outcome for outcome in inside if _what(outcome) not in done]
    return chosen


def _project_count(outcomes: Iterable[Outcome]) -> int:
    return len({outcome.seen.project for outcome in outcomes})


def _what(outcome: Outcome) -> tuple[Hashable, ...]:
    seen = outcome.seen
    return seen.project, seen.team, seen.dataset, seen.artifacts


def _by_stratum(rows: Iterable[Row]) -> dict[Stratum, list[Row]]:
    strata: dict[Stratum, list[Row]] = defaultdict(list)
    for row in rows:
        strata[row.stratum].append(row)
    return strata


def _evidence(rows: Iterable[Row], names: Sequence[str]) -> dict[str, Evidence]:
    """Count what is with an artifact, and without, where there is both."""
    evidence = {name: Evidence(set(), set(), set(), Counter()) for name in names}
    for inside in _by_stratum(rows).values():
        used = Counter(name for row in inside for name in row.outcome.seen.artifacts)
        for name, times in used.items():
            if name in evidence and times < len(inside):
                _count(evidence[name], name, inside)
    return evidence


def _count(evidence: Evidence, name: str, rows: Iterable[Row]) -> None:
    for row in rows:
        seen = row.outcome.seen
        if name in seen.artifacts:
            evidence.projects_with.add(seen.project)
            evidence.runs.update(row.outcome.runs)
            evidence.measures[row.stratum.measure] += 1
        else:
            evidence.projects_without.add(seen.project)


def _scales(rows: Iterable[Row]) -> dict[Measure, float]:
    """Give the standard deviation of each measure within its strata."""
    squares: dict[Measure, float] = defaultdict(float)
    weights: dict[Measure, float] = defaultdict(float)
    count: Counter[Measure] = Counter()
    free: Counter[Measure] = Counter()
    for stratum, inside in _by_stratum(rows).items():
        weight = math.fsum(row.weight for row in inside)
        mean = math.fsum(row.weight * row.value for row in inside) / weight
        squares[stratum.measure] += math.fsum(row.weight * (row.value - mean) ** 2 for row in inside)
        weights[stratum.measure] += weight
        count[stratum.measure] += len(inside)
        free[stratum.measure] += len(inside) - 1
    return {
        measure: math.sqrt(squares[measure] / weights[measure] * count[measure] / free[measure])
        for measure in squares
    }


def _design(
    rows: Sequence[Row], columns: Sequence[str], scales: Mapping[Measure, float], comparison: Comparison
) -> Design:
    import numpy as np

    place = {name: column for column, name in enumerate(columns)}
    used = np.zeros((len(rows), len(columns)))
    for number, row in enumerate(rows):
        used[number, [place[name] for name in row.outcome.seen.artifacts]] = 1.0
    return Design(
        np.array([row.value / scales[row.stratum.measure] for row in rows]),
        [_codes([row.stratum for row in rows]), _codes([row.outcome.seen.team for row in rows])],
        used,
        _codes([_cluster(row.outcome.seen, comparison) for row in rows]),
        np.array([row.weight for row in rows]),
    )


def _cluster(seen: Observation, comparison: Comparison) -> Hashable:
    """Name what makes outcomes alike: the project; the dataset where that is no fixed effect."""
    return ("dataset", seen.dataset) if comparison == "task" and seen.dataset else seen.project


def _codes(labels: Sequence[Hashable]) -> Array:
    import numpy as np

    number: dict[Hashable, int] = {}
    return np.array([number.setdefault(label, len(number)) for label in labels])


# What is answered


def _interval(effects: Effects, column: int) -> tuple[float, float, float]:
    return float(effects.mean[column]), float(effects.low[column]), float(effects.high[column])


def _too_few(name: str, evidence: Evidence, minimum: int) -> Impact:
    some, others = _projects(len(evidence.projects_with)), len(evidence.projects_without)
    return _unknown(
        name,
        evidence,
        f"Unknown: {some} with it and {others} without can be compared, and {minimum} of each are needed.",
    )


def _entangled(name: str, evidence: Evidence) -> Impact:
    return _unknown(name, evidence, "Unknown: it cannot be told from who used it, and on which data.")


def _unknown(name: str, evidence: Evidence, reason: str) -> Impact:
    return Impact(
        name=name,
        status="unknown",
        projects_with=len(evidence.projects_with),
        projects_without=len(evidence.projects_without),
        runs_with=len(evidence.runs),
        reason=reason,
    )


def _estimated(
    name: str,
    evidence: Evidence,
    interval: tuple[float, float, float],
    scales: Mapping[Measure, float],
    comparison: Comparison,
    level: float,
) -> Impact:
    effect, low, high = interval
    measure = _dominant(evidence.measures)
    some, others = _projects(len(evidence.projects_with)), len(evidence.projects_without)
    own = "" if measure is None else f", {_in_words(effect * scales[measure], measure)}"
    reason = (
        f"{some} with it did {abs(effect):.2f} standard deviations {'better' if effect >= 0 else 'worse'} "
        f"({100 * level:g} % interval {low:.2f} to {high:.2f}{own}) than {others} without it "
        f"{_ALIKE[comparison]}: an association, not a cause."
    )
    return Impact(
        name=name,
        status="estimated",
        effect=effect,
        low=low,
        high=high,
        projects_with=len(evidence.projects_with),
        projects_without=len(evidence.projects_without),
        runs_with=len(evidence.runs),
        comparison=comparison,
        reason=reason,
        metric=None if measure is None else measure.metric,
        scale=None if measure is None else scales[measure],
    )


def _dominant(measures: Counter[Measure]) -> Measure | None:
    measure, count = measures.most_common(1)[0]
    return measure if count >= _DOMINANT * measures.total() else None


def _in_words(difference: float, measure: Measure) -> str:
    if measure.relative:
        share = -100 * math.expm1(-difference)
        return f"about {abs(share):.2g} % {'less' if share >= 0 else 'more'} {measure.metric}"
    return f"about {abs(difference):.2g} of {measure.metric}"


def _projects(count: int) -> str:
    return f"{count} project" if count == 1 else f"{count} projects"
