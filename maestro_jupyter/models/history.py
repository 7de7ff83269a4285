"""How runs went over time."""

from __future__ import annotations

from datetime import datetime

import msgspec

from maestro_jupyter.models.runs import Status


class RunTotals(msgspec.Struct, kw_only=True):
    """How many runs there are, how they ended, and how long they took.

    Attributes
    ----------
    name : str
        The project's; empty for all together.
    seconds : float
        All together: of those that go on, until now.
    untimed : int
        Those of which it is not known how long they took.
    first, latest : datetime or None
        When the first and the latest began; None without runs.
    """

    name: str = ""
    runs: int = 0
    finished: int = 0
    failed: int = 0
    killed: int = 0
    running: int = 0
    seconds: float = 0.0
    untimed: int = 0
    first: datetime | None = None
    latest: datetime | None = None


class DayOfRuns(msgspec.Struct, kw_only=True):
    """The runs that began on one day.

    Attributes
    ----------
    date : str
        Such as 2026-11-26.
    unwell : int
        Failed or killed.
    """

    date: str
    finished: int = 0
    unwell: int = 0
    running: int = 0


class UnwellRun(msgspec.Struct, kw_only=True):
    """A run that failed or was killed."""

    run_id: str
    name: str
    project: str
    status: Status
    status_reason: str
    start_time: datetime


class RunHistory(msgspec.Struct, kw_only=True):
    """How the runs of a project, or of all, went over time; what is part of another run is not counted.

    Attributes
    ----------
    total : RunTotals
    projects : list of RunTotals
        The same by project, the one with the latest run first; at most a hundred.
    days : list of DayOfRuns
        The sixty up to the latest run, or from the first one on; those without runs in between, too.
    unwell : list of UnwellRun
        The latest that failed or were killed.
    metrics : list of str
        Those that the most runs have first, but single folds, spreads and training data last; at most a
        thousand.
    """

    total: RunTotals
    projects: list[RunTotals] = []
    days: list[DayOfRuns] = []
    unwell: list[UnwellRun] = []
    metrics: list[str] = []


class BetterRun(msgspec.Struct, kw_only=True):
    """A run that was better than all before it."""

    run_id: str
    name: str
    project: str
    start_time: datetime
    value: float


class BestSoFar(msgspec.Struct, kw_only=True):
    """The best value of a metric as it was over time.

    Attributes
    ----------
    lower : bool
        Whether lower was taken for better.
    runs : int
        How many have a finite value.
    better : int
        How often it became better, with the first.
    steps : list of BetterRun
        Where it did, the oldest first; of very many, some are left out in between.
    """

    metric: str
    lower: bool
    runs: int = 0
    better: int = 0
    steps: list[BetterRun] = []
