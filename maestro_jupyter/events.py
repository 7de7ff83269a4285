"""The vocabulary of the journal: one event a line, encoded as a JSON array whose first item is its kind.

Every line stands alone: it names its run or cell in full, so that losing one line loses nothing else.
New fields are only ever added at the end, with a default; readers skip kinds they do not know.
Times are seconds since the epoch (UTC).
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import msgspec

FORMAT_VERSION = 1

MetricValue: TypeAlias = float | str
"""A finite number, or one of ``"nan"``, ``"inf"``, ``"-inf"``, which JSON numbers cannot say."""

ParamValue: TypeAlias = str | int | float | bool | None


class Event(msgspec.Struct, array_like=True, frozen=True, gc=False, tag_field="event"):
    """One line of a journal."""


class JournalOpened(Event, tag="open", frozen=True):
    """The first line of each segment: whose journal this is."""

    journal: str
    segment: int
    time: float
    host: str
    pid: int
    user: str
    origin: str
    """``kernel``, ``ipython``, ``script`` or ``fork``."""
    notebook: str | None = None
    parent: str | None = None
    """The journal of the process that this one was forked from."""
    version: int = FORMAT_VERSION
    kernel: str | None = None
    """The Jupyter kernel's id, where there is one."""


class JournalClosed(Event, tag="close", frozen=True):
    """The last line of a journal whose process ended in good order."""

    time: float
    reason: str = ""


class RunStarted(Event, tag="run", frozen=True):
    """A run begins."""

    run: str
    name: str
    time: float
    project: str
    user: str
    source: str
    """What opened it: ``api``, ``fit``, ``search``, ``candidate``, ``cross_validation`` or ``loop``."""
    parent: str | None = None
    execution: str | None = None


class RunEnded(Event, tag="end", frozen=True):
    """A run ends."""

    run: str
    time: float
    status: str
    reason: str = ""


class MetricsLogged(Event, tag="m", frozen=True):
    """Values of one or more metrics at one step."""

    run: str
    step: int
    time: float
    values: dict[str, MetricValue]


class ParamsLogged(Event, tag="p", frozen=True):
    """Parameters of a run; a later value replaces an earlier one."""

    run: str
    values: dict[str, ParamValue]


class TagsSet(Event, tag="t", frozen=True):
    """Tags of a run; a later value replaces an earlier one."""

    run: str
    values: dict[str, str]


class NoteAdded(Event, tag="note", frozen=True):
    """A remark on a run."""

    run: str
    time: float
    text: str


class CellStarted(Event, tag="cell", frozen=True):
    """A cell begins to run."""

    execution: str
    cell: str | None
    """The notebook's id of the cell, where the front end gives one."""
    number: int
    """How many cells this kernel has started before this one."""
    count: int | None
    """IPython's ``In [count]``."""
    time: float
    source: str


class CellEnded(Event, tag="cell_end", frozen=True):
    """A cell has run."""

    execution: str
    time: float
    success: bool
    error: str | None = None
    """The exception's class and message."""
    traceback: str | None = None


class CellOutput(Event, tag="cell_out", frozen=True):
    """The text that a cell printed or displayed, up to a cap."""

    execution: str
    text: str
    truncated: bool = False


class CellNames(Event, tag="cell_names", frozen=True):
    """The global names that a cell reads and writes."""

    execution: str
    reads: list[str]
    writes: list[str]


class UnattachedMetric(Event, tag="unattached", frozen=True):
    """A metric whose run is not known for certain: kept with its cell."""

    execution: str | None
    time: float
    key: str
    value: MetricValue
    reason: str


class Column(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A column of a dataset."""

    name: str
    dtype: str
    missing: float | None = None
    """The share of missing values, 0 to 1; None where it was not counted."""


class DatasetSeen(Event, tag="data", frozen=True):
    """The data that a run was trained on, by fingerprint: never the data."""

    run: str
    role: str
    """``X``, ``y``, or the role the run gives it, such as ``valid_0``."""
    name: str | None
    """The variable's name, where the argument was a plain name."""
    kind: str
    """The class of the container, such as ``DataFrame`` or ``ndarray``."""
    fingerprint: str
    sampled: bool
    """Whether the fingerprint covers a sample of the bytes only."""
    shape: list[int]
    columns: list[Column] = []
    missing: float | None = None
    target: dict[str, float | int | str] | None = None
    """For y: the task and a summary, such as the class counts or the quantiles."""
    metafeatures: dict[str, float] | None = None
    """For X: what suggestions describe the data by, once they were asked for; those that are known."""


class EnvironmentSeen(Event, tag="env", frozen=True):
    """The interpreter, its packages and the machine."""

    digest: str
    python: str
    platform: str
    hardware: dict[str, str | int | float | None]
    packages: dict[str, str]


class CodeSeen(Event, tag="git", frozen=True):
    """The state of the Git work tree."""

    digest: str
    commit: str | None
    branch: str | None
    remote: str | None
    dirty: bool
    diff: str = ""
    truncated: bool = False


class RunContext(Event, tag="context", frozen=True):
    """Which environment and which code some runs had."""

    runs: list[str]
    environment: str | None
    code: str | None


class ArtifactLogged(Event, tag="artifact", frozen=True):
    """A file kept with a run or a cell; its bytes wait in the spool under their sha256."""

    run: str | None
    execution: str | None
    name: str
    type: str
    sha256: str
    size: int
    media_type: str
    time: float


class ArtifactRegistered(Event, tag="register", frozen=True):
    """A version of an artifact for the library; its bytes wait in the spool under their sha256."""

    registration: str
    name: str
    type: str
    format: str
    sha256: str
    size: int
    media_type: str
    project: str
    user: str
    time: float
    run: str | None = None
    execution: str | None = None
    private: bool = False
    description: str | None = None
    """None leaves the description that the artifact has."""
    tags: list[str] = []
    aliases: list[str] = []
    about: dict[str, Any] = {}
    text: str = ""
    """What is searched besides the name and the description: docstrings, code, names of columns."""


class ArtifactUsed(Event, tag="use", frozen=True):
    """A version of the library's was used."""

    registration: str
    project: str
    user: str
    time: float
    run: str | None = None
    execution: str | None = None


AnyEvent: TypeAlias = (
    JournalOpened
    | JournalClosed
    | RunStarted
    | RunEnded
    | MetricsLogged
    | ParamsLogged
    | TagsSet
    | NoteAdded
    | CellStarted
    | CellEnded
    | CellOutput
    | CellNames
    | UnattachedMetric
    | DatasetSeen
    | EnvironmentSeen
    | CodeSeen
    | RunContext
    | ArtifactLogged
    | ArtifactRegistered
    | ArtifactUsed
)

_NON_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def metric_to_float(value: MetricValue) -> float:
    """Give the number that a metric's journal form stands for.

    Examples
    --------
    >>> metric_to_float("-inf"), metric_to_float(0.5)
    (-inf, 0.5)
    """
    return _NON_FINITE[value] if isinstance(value, str) else value


def metric_from_float(value: float) -> MetricValue:
    """Give the journal form of a number.

    Examples
    --------
    >>> metric_from_float(float("nan")), metric_from_float(0.5)
    ('nan', 0.5)
    """
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "nan"
    return "inf" if value > 0 else "-inf"
