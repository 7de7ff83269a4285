"""The vocabulary of experiments: what the store returns and every surface shows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from maestro_jupyter.events import Column, ParamValue

LEAST_FORECASTS = 10
"""Of fewer forecasts that were tried, no share is given."""


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


class ArtifactVersion(msgspec.Struct, kw_only=True):
    """One version of something that the library holds.

    Attributes
    ----------
    name : str
        Of the artifact.
    version : int
        From 1.
    type : str
        What it is, such as ``feature_pipeline``.
    format : str
        How its bytes are read, such as ``source`` or ``parquet``.
    project, owner : str
        Of the artifact: where it was first registered, and by whom.
    creator : str
        Who registered this version.
    created : datetime
        When.
    description : str
        Of the artifact.
    tags : list of str
        Of the artifact.
    aliases : list of str
        Those that point at this version.
    private : bool
        Whether its owner alone sees it.
    archived : bool
        Whether the version, or the whole artifact, was put away.
    purged : bool
        Whether its content was taken away for good: then only its number is left, and who used it.
    sha256 : str
        Of the bytes.
    size : int
        In bytes.
    media_type : str
    run_id, execution_id : str or None
        The run and the cell that it came from.
    registration : str
        Names this version whatever becomes of its artifact's name.
    about : dict
        What is known of the content, such as its signature, columns or requirements.
    """

    name: str
    version: int
    type: str
    format: str
    project: str
    owner: str
    creator: str
    created: datetime
    description: str = ""
    tags: list[str] = []
    aliases: list[str] = []
    private: bool = False
    archived: bool = False
    purged: bool = False
    sha256: str
    size: int
    media_type: str
    run_id: str | None = None
    execution_id: str | None = None
    registration: str
    about: dict[str, Any] = {}

    @property
    def reference(self) -> str:
        """What `maestro.use` takes to give this very version."""
        return f"{self.name}:{self.version}"


class Registration(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is said of a version when it is registered.

    Attributes
    ----------
    name : str
        Of the artifact.
    type, format, media_type : str
        What it is, and how its bytes are read; by default a file, which is given back as it is.
    project : str
        Where the artifact is registered if it is new.
    description : str or None
        None leaves the artifact's.
    tags, aliases : list of str
        Tags are added to the artifact's; an alias moves to this version.
    private : bool
        Whether nobody else sees it.
    run_id : str or None
        The run that it came from.
    about : dict
        What is known of the content; plain data.
    text : str
        What search looks at besides the name and the description.
    """

    name: Annotated[str, Meta(max_length=128)]
    type: Annotated[str, Meta(max_length=64)] = "dataset"
    format: Annotated[str, Meta(max_length=32)] = "file"
    media_type: Annotated[str, Meta(max_length=255)] = "application/octet-stream"
    project: Annotated[str, Meta(min_length=1, max_length=255)] = "default"
    description: Annotated[str, Meta(max_length=65_536)] | None = None
    tags: Annotated[list[Annotated[str, Meta(max_length=128)]], Meta(max_length=10_000)] = []
    aliases: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=100)] = []
    private: bool = False
    run_id: Annotated[str, Meta(max_length=32)] | None = None
    about: dict[str, Any] = {}
    text: Annotated[str, Meta(max_length=65_536)] = ""


class Upload(msgspec.Struct, kw_only=True):
    """A file on its way into the library.

    Attributes
    ----------
    id : str
    size : int
        Of the whole file, in bytes.
    sha256 : str
        Of the whole file.
    offset : int
        Where the next piece belongs.
    """

    id: str
    size: int
    sha256: str
    offset: int


class ArtifactUse(msgspec.Struct, kw_only=True):
    """A use of a version: counted once for each project and run."""

    name: str
    version: int
    project: str
    user: str
    time: datetime
    run_id: str | None = None
    purged: bool = False
    """Whether the version's content was taken away for good since."""


class Observation(msgspec.Struct, kw_only=True, frozen=True):
    """How well a run of a project did by one metric, and what of the library it used.

    Attributes
    ----------
    run, project : str
    team : str
        Whose run it is: what one user's runs have in common is never an artifact's merit.
    task : str
        Such as ``classification``.
    metric : str
        Its name, whatever the names of variables and of the data that was held out.
    dataset : str or None
        Equal for runs that predict the same targets of the same rows; None where that is not known.
    artifacts : frozenset of str
        What was used.
    value : float
        Higher is better.
    relative : bool
        Whether `value` is the logarithm of a value, so that differences are ratios.
    """

    run: str
    project: str
    team: str
    task: str
    metric: str
    dataset: str | None
    artifacts: frozenset[str]
    value: float
    relative: bool = False


class Impact(msgspec.Struct, kw_only=True):
    """How much better than comparable ones did projects that used an artifact: an association, not a cause.

    Attributes
    ----------
    effect, low, high : float or None
        The partially pooled estimate and the ends of its interval; None where it is unknown.
    projects_with, projects_without : int
        Comparable projects that used it, and that did without.
    runs_with : int
        The comparable runs that used it; they are told, and do not count.
    comparison : str or None
        What made them comparable: the same task and ``dataset``, or the same ``task`` only.
    unit : str
        Of the effect.
    reason : str
        What is known, or why nothing is, in one sentence.
    metric : str or None
        The metric that most of the comparison was made by, if there is one.
    scale : float or None
        What an effect of 1 is in the unit of that metric; of its logarithm, where differences are ratios.
    """

    name: str
    status: Literal["estimated", "unknown"]
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    projects_with: int = 0
    projects_without: int = 0
    runs_with: int = 0
    comparison: Literal["dataset", "task"] | None = None
    unit: str = "standard deviations of comparable runs"
    reason: str = ""
    metric: str | None = None
    scale: float | None = None


class Usage(msgspec.Struct, kw_only=True):
    """How much an artifact was used.

    Attributes
    ----------
    projects, runs : int
        Those that used it.
    created : datetime
        When its first version was registered.
    last : datetime or None
        The latest use; None if there was none.
    """

    name: str
    type: str
    created: datetime
    projects: int = 0
    runs: int = 0
    last: datetime | None = None


class Trend(msgspec.Struct, kw_only=True):
    """Whether an artifact is used more in these days than in the weeks before.

    Attributes
    ----------
    recent, before : int
        Uses in the last 7 days and in the 28 days before; a project counts once a day.
    ratio, low, high : float or None
        Of the rates, and the ends of its interval; None where it is unknown.
    reason : str
        What is known, or why nothing is, in one sentence.
    """

    name: str
    status: Literal["estimated", "unknown"]
    recent: int
    before: int
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


class Standing(msgspec.Struct, kw_only=True):
    """What an artifact contributed, and how much it is used."""

    impact: Impact
    usage: Usage


class ArtifactDetail(msgspec.Struct, kw_only=True):
    """Everything that is known about an artifact.

    Attributes
    ----------
    artifact : ArtifactVersion
        The version that was asked for.
    versions : list of ArtifactVersion
        All of them, the newest first.
    uses : list of ArtifactUse
        Of all versions, the latest first.
    impact : Impact or None
        What it contributed; None for what is put away.
    """

    artifact: ArtifactVersion
    versions: list[ArtifactVersion]
    uses: list[ArtifactUse]
    impact: Impact | None


class TableAtHand(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The schema of a table in a notebook: never what is in it."""

    name: Annotated[str, Meta(max_length=200, description="What the notebook calls it.")]
    columns: Annotated[
        dict[Annotated[str, Meta(max_length=200)], Annotated[str, Meta(max_length=100)]],
        Meta(max_length=1000, description="The type of each column."),
    ]


class NotebookAtHand(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is known of a notebook for which something of the library is looked for: never its data."""

    imports: Annotated[
        list[Annotated[str, Meta(max_length=200)]],
        Meta(max_length=1000, description="In full, such as sklearn.cluster.KMeans."),
    ] = []
    cells: Annotated[
        list[Annotated[str, Meta(max_length=4000)]],
        Meta(max_length=50, description="The latest cells' sources, the last one at the end."),
    ] = []
    tables: Annotated[list[TableAtHand], Meta(max_length=50, description="Their schemas.")] = []
    project: Annotated[str, Meta(max_length=255, description="The project's name.")] = ""
    description: Annotated[str, Meta(max_length=4000, description="What the project is about.")] = ""
    notebook: Annotated[
        str, Meta(max_length=4000, description="Its path: what its runs have used is left out.")
    ] = ""
    used: Annotated[
        list[Annotated[str, Meta(max_length=128)]],
        Meta(max_length=1000, description="Names that it has used or registered: they are left out."),
    ] = []
    n: Annotated[int, Meta(ge=1, le=100, description="How many at most.")] = 5


class ArtifactFit(msgspec.Struct, kw_only=True):
    """Something of the library that fits a notebook, and why.

    Attributes
    ----------
    artifact : ArtifactVersion
        Its newest version that is not archived.
    score : float
        From 0 to 1: how well it fits, as if nothing were known of its impact.
    reasons : list of str
        What of the notebook it goes with.
    columns : list of str
        Those of the notebook's tables that it names.
    impact : Impact
        What it contributed, if that is known.
    usage : Usage
        How much it is used.
    how : list of str
        How to use it: lines of code or magics.
    """

    artifact: ArtifactVersion
    score: float
    reasons: list[str]
    columns: list[str]
    impact: Impact
    usage: Usage
    how: list[str]


class ArtifactFits(msgspec.Struct, kw_only=True):
    """What of the library fits a notebook.

    Attributes
    ----------
    fits : list of ArtifactFit
        The best first, as far as they fit and have contributed; empty where nothing fits.
    looked : int
        Among how many artifacts it was looked.
    semantic : bool
        Whether by meaning, too.
    note : str
        Why there is none, or what kept it from finding more; empty if all is well.
    """

    fits: list[ArtifactFit] = []
    looked: int = 0
    semantic: bool = False
    note: str = ""


class UnattachedMetric(msgspec.Struct, kw_only=True):
    """A metric whose run is not known for certain."""

    execution_id: str | None
    time: datetime
    key: str
    value: float
    reason: str


class RunEvent(msgspec.Struct, kw_only=True):
    """Something that happened to a run, or a warning.

    Attributes
    ----------
    number : int
        Later changes have higher numbers.
    kinds : list of str
        Of ``started``, ``changed``, ``metrics``, ``ended`` and ``warning``.
    """

    number: int
    time: datetime
    kinds: list[str]
    run_id: str | None = None
    text: str | None = None


class LiveEvent(RunEvent, kw_only=True):
    """All that has happened to a run since somebody looked, and how the run is now.

    Attributes
    ----------
    number : int
        Of the latest of the events that are put together.
    name, project, status, status_reason : str or None
        The run's; None for a warning that is about no run.
    metrics : dict of str to float
        The latest values, of at most a hundred metrics.
    archived : datetime or None
        When it was put away, if it was.
    """

    name: str | None = None
    project: str | None = None
    status: str | None = None
    status_reason: str | None = None
    metrics: dict[str, float] = {}
    archived: datetime | None = None


class EventsPage(msgspec.Struct, kw_only=True):
    """What has happened since a number, one by one.

    Attributes
    ----------
    last : int
        The number to go on from, also where the items are none, or somebody else's.
    reset : bool
        Whether more has happened than is kept: then what was shown has to be read anew.
    """

    items: list[RunEvent]
    last: int
    reset: bool = False


class Changes(msgspec.Struct, kw_only=True):
    """What has happened since a number, put together.

    Attributes
    ----------
    items : list of LiveEvent
        One for each run, the one that changed last at the end.
    last : int
        The number to go on from.
    reset : bool
        Whether more has happened than is kept: then what was shown has to be read anew.
    """

    items: list[LiveEvent]
    last: int
    reset: bool = False


class AuditLine(msgspec.Struct, kw_only=True, frozen=True):
    """One change that somebody made.

    Attributes
    ----------
    before, after : str or None
        The sha256 of what was changed, as it was and as it is; None where there was or is nothing.
    previous : str
        The digest of the line before.
    digest : str
        The sha256 over this line and `previous`.
    """

    number: int
    time: datetime
    actor: str
    action: str
    resource: str
    before: str | None
    after: str | None
    previous: str
    digest: str


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


class JournalPlace(msgspec.Struct, frozen=True):
    """How far a journal has been shipped: where to go on from."""

    segment: int
    offset: int
    """In bytes."""
    final: bool
    """Whether its writer is gone, and all of it is there."""


class FilePlace(msgspec.Struct, frozen=True):
    """How far a file has been shipped."""

    offset: int
    """In bytes."""
    kept: bool
    """Whether all of it is there, and is what its sha256 says."""


class Problem(msgspec.Struct, frozen=True):
    """A failure inside Maestro; `time` is in seconds since the epoch."""

    where: str
    time: float
    error: str
    traceback: str


class Project(msgspec.Struct, frozen=True):
    """A project and how many runs it has."""

    name: str
    runs: int
    latest: datetime | None


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


class Outcome(msgspec.Struct, frozen=True):
    """What a run tried and what came of it."""

    run_id: str
    params: dict[str, ParamValue]
    dataset: str
    """What tells its data: runs are compared where it is the same."""
    value: float
    """How good it was: higher is better."""


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


class ModelQuestion(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be predicted from which data, as far as suggestions have to know: never the data."""

    task: Literal["classification", "regression"]
    metafeatures: Annotated[
        dict[str, float | None],
        Meta(max_length=1000, description="By name, as in docs/suggestions.md; null where unknown."),
    ]
    data: Annotated[
        list[Annotated[str, Meta(max_length=200)]],
        Meta(
            max_length=16,
            description="The fingerprints of X and y with a colon between: runs on them are no history.",
        ),
    ] = []
    tried: Annotated[
        dict[str, float | None],
        Meta(
            max_length=1000,
            description="Scores of configs tried on the data, besides those of runs; null if failed.",
        ),
    ] = {}
    n: Annotated[int, Meta(ge=1, le=100, description="How many at most.")] = 5
    seconds: (
        Annotated[
            float,
            Meta(gt=0, description="How long cross-validating and fitting all of them may take in all."),
        ]
        | None
    ) = None
    without: Annotated[
        list[Annotated[str, Meta(max_length=100)]],
        Meta(max_length=100, description="Packages that are not installed where it is to run."),
    ] = []


class SimilarDataset(msgspec.Struct, kw_only=True):
    """A past dataset, and how a config did on it.

    Attributes
    ----------
    likeness : float
        How far it is believed to be like the one that is asked about: a share, all past datasets have 1.
    runs : list of str
        Those of one's own or the team's that tried the config there.
    """

    name: str
    likeness: float
    score: float
    rows: int | None = None
    columns: int | None = None
    runs: list[str] = []


class ModelForecast(msgspec.Struct, kw_only=True):
    """A config that is worth trying, and what to expect of it.

    Attributes
    ----------
    config : str
    family : str
    estimator : str
        The dotted path of its class.
    params : dict
        As runs keep them.
    mean, low, high : float
        The score to expect, and the ends of its 80 % interval.
    seconds : float or None
        How long a fit takes; None where nothing like it was timed.
    similar : list of SimilarDataset
        The most alike of those that it was tried on, and at least one that runs were on, if there is one.
    """

    config: str
    family: str
    estimator: str
    params: dict[str, ParamValue]
    mean: float
    low: float
    high: float
    seconds: float | None = None
    similar: list[SimilarDataset] = []


class TriedModel(msgspec.Struct, kw_only=True):
    """A run on the very data that is asked about, and what came of it.

    Attributes
    ----------
    config : str or None
        The config that it tried; None where it is none that forecasts know.
    score : float or None
        None where it has none of the kind that is forecast, or it failed.
    metric : str
        What came of it instead, in a word and a number.
    """

    name: str
    run_id: str
    user: str
    status: Status
    config: str | None = None
    score: float | None = None
    metric: str = ""


class ModelForecasts(msgspec.Struct, kw_only=True):
    """What to try on a dataset, the most promising first.

    Attributes
    ----------
    score : str
        What is forecast; higher is better.
    datasets, team_datasets : int
        How many past datasets were learnt from, and how many of these are known from runs.
    far : bool
        Whether the data are unlike all of them.
    calibrated : bool
        Whether the history is long enough to know how often its intervals hold.
    described : bool
        Whether runs on the data tell its meta-features in full.
    note : str
        Why there is nothing to suggest, or why it may be wrong.
    """

    task: str
    score: str
    models: list[ModelForecast] = []
    tried: list[TriedModel] = []
    datasets: int = 0
    team_datasets: int = 0
    far: bool = False
    calibrated: bool = True
    described: bool = False
    note: str = ""


class TrialOutcome(msgspec.Struct, kw_only=True):
    """What came of a suggestion that was tried.

    Attributes
    ----------
    score, spread : float or None
        By cross-validation: the mean over folds and their standard deviation; None where it failed.
    mean, low, high : float
        What was forecast.
    seconds : float or None
        How long a fit took.
    error : str
        Why it failed.
    """

    config: str
    run_id: str
    metric: str
    mean: float
    low: float
    high: float
    score: float | None = None
    spread: float | None = None
    seconds: float | None = None
    error: str = ""

    @property
    def inside(self) -> bool:
        """Whether the score lies in the interval that was forecast."""
        return self.score is not None and self.low <= self.score <= self.high


class ForecastRecord(msgspec.Struct, frozen=True):
    """How past forecasts fared.

    Attributes
    ----------
    count : int
        How many suggestions were tried and have a score.
    inside : int
        How many of these scores lay in the 80 % interval that was forecast.
    failed : int
        How many failed instead.
    """

    count: int
    inside: int
    failed: int = 0

    @property
    def share(self) -> float | None:
        """The share inside; None where there are too few to say."""
        return self.inside / self.count if self.count >= LEAST_FORECASTS else None
