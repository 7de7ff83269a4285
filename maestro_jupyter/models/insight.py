"""Which parameters mattered."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from maestro_jupyter.events import ParamValue

Direction: TypeAlias = Literal["larger", "smaller", "middle"]
"""Which numbers went with better runs."""


class Outcome(msgspec.Struct, frozen=True):
    """What a run tried and what came of it."""

    run_id: str
    params: dict[str, ParamValue]
    dataset: str
    """What tells its data: runs are compared where it is the same."""
    value: float
    """How good it was: higher is better."""
    given: ParamValue = None
    """How much a halving search gave it. Who gets more is chosen by the score: runs are compared where they
    were given as much."""


class ParameterEffect(msgspec.Struct, frozen=True):
    """How good runs are with some values of a parameter, over all values of the others, beside the mean."""

    label: str
    effect: float
    low: float
    high: float
    """Of the 80 % interval."""
    promising: bool
    """Whether it is among the best, more often than not when the runs are resampled."""
    low_value: float | None = None
    high_value: float | None = None
    """The numbers that it spans; None for a word."""


class ParameterImportance(msgspec.Struct, frozen=True):
    """How much of what differs between runs one parameter explains alone."""

    name: str
    share: float
    low: float
    high: float
    """Of the 80 % interval."""
    matters: bool
    """Whether it explains more than shuffled parameters do."""
    effects: list[ParameterEffect] = []
    direction: Direction | None = None
    """Which of its numbers went with better runs; None where the runs do not tell."""
    choice: str | None = None
    """Which of its words went with better runs than all else; None where the runs do not tell."""


class ParameterPair(msgspec.Struct, frozen=True):
    """How much two parameters explain together, beyond what each does alone."""

    names: tuple[str, str]
    share: float
    low: float
    high: float


class ParameterInsight(msgspec.Struct):
    """Which parameters mattered for a metric: an association in the runs that there are, no cause."""

    metric: str
    runs: int
    datasets: int
    explained: float | None = None
    explained_low: float | None = None
    explained_high: float | None = None
    """Which share of what differs between runs their parameters predict, of runs that were left out."""
    parameters: list[ParameterImportance] = []
    """What matters first, then by share."""
    pairs: list[ParameterPair] = []
    note: str = ""
    """Why nothing can be said, if so."""
