"""The library: artifacts in their versions, how they are used, and what they contributed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta


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
