"""Runs, and what is known of each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from maestro_jupyter.events import Column, ParamValue


class Status(StrEnum):
    """How a run stands."""

    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"


class Run(msgspec.Struct, kw_only=True, dict=True, weakref=True):
    """One experiment.

    Attributes
    ----------
    run_id : str
        32 hexadecimal digits.
    source : str
        What opened it: ``api``, ``fit``, ``search``, ``candidate``, ``cross_validation`` or ``loop``.
    start_time, end_time : datetime
        In UTC; `end_time` is None while the run is going on.
    metrics : dict of str to float
        The latest value of each metric.
    execution_id : str or None
        The cell execution that opened it.
    archived : datetime or None
        When it was put away, if it was: lists leave it out then, unless their filter speaks of `archived`
        or `run_id`.
    """

    run_id: str
    name: str
    project: str
    user: str
    source: str
    status: Status
    start_time: datetime
    status_reason: str = ""
    end_time: datetime | None = None
    parent_id: str | None = None
    execution_id: str | None = None
    notebook: str | None = None
    params: dict[str, ParamValue] = {}
    metrics: dict[str, float] = {}
    tags: dict[str, str] = {}
    archived: datetime | None = None

    @property
    def duration(self) -> float | None:
        """Seconds from start to end; None while the run is going on."""
        return None if self.end_time is None else (self.end_time - self.start_time).total_seconds()


class Page(NamedTuple):
    """Some of the runs that match, and where the next page begins: None after the last."""

    runs: list[Run]
    more: tuple[int, int] | None


class MetricSummary(msgspec.Struct, frozen=True):
    """The extent of one metric of one run; `last` is the value at the highest step."""

    key: str
    count: int
    first: float
    last: float
    min: float
    max: float
    last_step: int


class CellExecution(msgspec.Struct, kw_only=True):
    """One execution of a notebook's cell."""

    execution_id: str
    cell_id: str | None
    number: int
    count: int | None
    source: str
    start_time: datetime
    end_time: datetime | None = None
    success: bool | None = None
    error: str | None = None
    traceback: str | None = None
    output: str = ""
    output_truncated: bool = False
    reads: list[str] | None = None
    writes: list[str] | None = None
    """None where the names are not known: the kernel died before they were worked out."""


class Dataset(msgspec.Struct, kw_only=True):
    """The data that a run was trained on, by fingerprint."""

    role: str
    name: str | None
    kind: str
    fingerprint: str
    sampled: bool
    shape: list[int]
    columns: list[Column] = []
    missing: float | None = None
    target: dict[str, float | int | str] | None = None
    metafeatures: dict[str, float] | None = None


class Environment(msgspec.Struct, kw_only=True):
    """The interpreter, its packages and the machine."""

    digest: str
    python: str
    platform: str
    hardware: dict[str, Any]
    packages: dict[str, str]


class Code(msgspec.Struct, kw_only=True):
    """The state of the Git work tree."""

    digest: str
    commit: str | None
    branch: str | None
    remote: str | None
    dirty: bool
    diff: str = ""
    truncated: bool = False


class Note(msgspec.Struct, frozen=True):
    """A remark on a run."""

    time: datetime
    text: str


class Artifact(msgspec.Struct, kw_only=True):
    """A file kept with a run or a cell."""

    name: str
    type: str
    sha256: str
    size: int
    media_type: str
    time: datetime
    run_id: str | None = None
    execution_id: str | None = None


class UnattachedMetric(msgspec.Struct, kw_only=True):
    """A metric whose run is not known for certain."""

    execution_id: str | None
    time: datetime
    key: str
    value: float
    reason: str


class RunDetail(msgspec.Struct, kw_only=True):
    """Everything that is known about one run."""

    run: Run
    metrics: list[MetricSummary] = []
    cell: CellExecution | None = None
    cells: list[CellExecution] = []
    """The session's cells up to the run's own, in the order they ran."""
    datasets: list[Dataset] = []
    environment: Environment | None = None
    code: Code | None = None
    notes: list[Note] = []
    artifacts: list[Artifact] = []
    children: list[Run] = []
    unattached: list[UnattachedMetric] = []
    """Metrics of the run's cell whose run was ambiguous."""
    cut: list[str] = []
    """Which of these lists go on: an answer over REST has the first so many of each, and the last cells."""


class Project(msgspec.Struct, frozen=True):
    """A project and how many runs it has."""

    name: str
    runs: int
    latest: datetime | None
