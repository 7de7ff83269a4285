"""Which models to try on data, what to expect of them, and what came of it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from maestro_jupyter.events import ParamValue
from maestro_jupyter.models.runs import Status

LEAST_FORECASTS = 10
"""Of fewer forecasts that were tried, no share is given."""


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
    rows : int or None
        How many rows it saw, where they were a part of the data only, so that it does not count.
    """

    name: str
    run_id: str
    user: str
    status: Status
    config: str | None = None
    score: float | None = None
    metric: str = ""
    rows: int | None = None


class ModelForecasts(msgspec.Struct, kw_only=True):
    """What to try on a dataset, the most promising first.

    Attributes
    ----------
    score : str
        What is forecast; higher is better.
    datasets, team_datasets, file_datasets : int
        How many past datasets were learnt from, how many of these are known from runs, and how many from
        files of knowledge.
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
    file_datasets: int = 0
    far: bool = False
    calibrated: bool = True
    described: bool = False
    note: str = ""


class TrialOutcome(msgspec.Struct, kw_only=True):
    """What came of a suggestion that was tried.

    Attributes
    ----------
    run_id : str
        Empty where nothing was recorded.
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
