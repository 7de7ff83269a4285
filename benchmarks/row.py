"""The shape of a row of the table: what is timed, by whom, with which options, and the figure to reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """One number of a row, as a contender's answer names it, and what Maestro has to reach."""

    name: str
    title: str
    unit: str
    goal: float
    more_is_better: bool = False

    def reached(self, value: float) -> bool:
        """Tell whether `value` is at least as good as the goal."""
        return value >= self.goal if self.more_is_better else value <= self.goal


@dataclass(frozen=True)
class Entry:
    """One contender in a row: whose environment, which task, with which options in full and in quick runs."""

    peer: str
    full: Options
    quick: Options
    fill: Options | None = None
    quick_fill: Options | None = None
    label: str = ""
    task: str = ""
    rounds: int | None = None

    @property
    def name(self) -> str:
        """The name of the entry in the table."""
        return f"{self.peer} {self.label}".strip()


@dataclass(frozen=True)
class Row:
    """A row of the contract: the entries take turns at `task`, after `fill` has made what it reads."""

    key: str
    task: str
    what: str
    figures: tuple[Figure, ...]
    entries: tuple[Entry, ...]
    absent: Mapping[str, str] = field(default_factory=dict)
    fill: str = ""
    rounds: int = 3


def entries(peers: str, full: Options, quick: Options) -> tuple[Entry, ...]:
    """Return one entry with the same options for each of the peers named in `peers`."""
    return tuple(Entry(peer, full, quick) for peer in peers.split())
