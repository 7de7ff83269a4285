"""What the runs that somebody may see tried: on which data, with which config, and how well it did there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from maestro_jupyter.models import Status
from maestro_jupyter.recommend.folds import groups
from maestro_jupyter.recommend.pipelines import SCORING
from maestro_jupyter.recommend.recorded_configs import tried_config
from maestro_jupyter.recommend.recorded_data import recorded_metafeatures
from maestro_jupyter.store.goodness import goodness

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from maestro_jupyter.recommend.knowledge import Configuration
    from maestro_jupyter.store.attempts import Attempt, Data

LEAST_DATASETS = 2
"""Configs that are not in the prior count once they were tried on so many datasets."""

BOUNDS = {"classification": (0.0, 1.0), "regression": (-1.0, 1.0)}
"""Between which scores are: how much worse than useless a model is, is no news; see `trials.WORST`."""

NEARLY_ALL = 0.9
"""A candidate of a halving search that saw this share of the rows counts: the last seldom sees all."""

FIT_SECONDS = "fit_seconds"
"""The metric by which a run that tries a suggestion says how long a fit took."""


class Try(NamedTuple):
    """A run, told in the words of configs.

    Attributes
    ----------
    config : Configuration or None
    score : float or None
        The task's, of held-out data or by cross-validation; None where there is none.
    seconds : float or None
        Of one fit.
    part : int or None
        How many rows it saw, where these were too few for its score to be one on the data.
    """

    attempt: Attempt
    config: Configuration | None
    score: float | None
    seconds: float | None
    part: int | None = None


class Cell(NamedTuple):
    """All runs of one config on one dataset.

    Attributes
    ----------
    score : float
        Their mean.
    seconds : float or None
    runs : tuple of str
    """

    score: float
    seconds: float | None
    runs: tuple[str, ...]


class TeamDataset(NamedTuple):
    """A dataset that runs were on.

    Attributes
    ----------
    name : str
        As people know it.
    group : str
        Datasets with the same targets are of one group, and so are rows of one table.
    metafeatures : dict of str to float
    """

    name: str
    group: str
    rows: int | None
    columns: int | None
    metafeatures: Mapping[str, float]


class Team(NamedTuple):
    """A sparse table, rows and columns in an order that depends on nothing but them.

    Attributes
    ----------
    datasets : dict
        By fingerprint.
    configs : dict
        By name: those that are in no prior.
    cells : dict
        By fingerprint and name of the config.
    """

    datasets: dict[str, TeamDataset]
    configs: dict[str, Configuration]
    cells: dict[tuple[str, str], Cell]


def told(attempt: Attempt, task: str) -> Try:
    """Tell a run in the words of configs.

    Examples
    --------
    >>> from maestro_jupyter.store.attempts import Attempt, Data
    >>> data = Data("x:y", "y", "X", (100, 2), (), 0.0, {}, {})
    >>> params = {"estimator": "sklearn.svm._classes.SVC", "C": 10.0}
    >>> metrics = {"balanced_accuracy_score_y_test": 0.9, "training_balanced_accuracy_score_y": 1.0}
    >>> run = Attempt("r", "ada", "SVC", "p", "fit", Status.FINISHED, params, {}, metrics, {}, 0.5, data)
    >>> one = told(run, "classification")
    >>> one.config.name, one.score, one.seconds
    ('svm(C=10.0)', 0.9, 0.5)
    """
    config = tried_config(task, attempt.params, attempt.tags, attempt.around, roughly=True)
    part = _part(attempt)
    is_scored = config is not None and attempt.status is Status.FINISHED and part is None
    score = _score(attempt, task) if is_scored else None
    return Try(attempt, config, score, _seconds(attempt), part)


class _Row(NamedTuple):
    """What runs say of one dataset, put together."""

    tries: list[Try]
    dataset: TeamDataset
    configs: dict[str, Configuration]
    cells: dict[str, Cell]


class Rows:
    """Puts tries together, one row for each dataset; what has not changed since is not put together again.

    Parameters
    ----------
    task : str
    """

    def __init__(self, task: str) -> None:
        self._task = task
        self._known: dict[str, _Row] = {}

    def team(self, tries: Mapping[str, list[Try]], prior: Collection[str]) -> Team:
        """Give the table of some tries.

        Parameters
        ----------
        tries : mapping of str to list of Try
            By the data's fingerprint; each has a score.
        prior : collection of str
            Names of the prior's configs.
        """
        self._known = {one: self._row(one, tries[one]) for one in sorted(tries)}
        further = _further(self._known.values(), prior)
        kept = {*prior, *further}
        cells = {
            (fingerprint, name): cell
            for fingerprint, row in self._known.items()
            for name, cell in row.cells.items()
            if name in kept
        }
        shown, group = dict.fromkeys(fingerprint for fingerprint, _ in cells), groups(tries)
        datasets = {one: self._known[one].dataset._replace(group=group[one]) for one in shown}
        return Team(_named(datasets), further, cells)

    def _row(self, fingerprint: str, tries: list[Try]) -> _Row:
        known = self._known.get(fingerprint)
        if known is not None and known.tries == tries:
            return known
        configs: dict[str, Configuration] = {}
        several: dict[str, list[Try]] = {}
        for one in tries:
            if one.config is not None:
                configs[one.config.name] = one.config
                several.setdefault(one.config.name, []).append(one)
        cells = {name: _cell(several[name]) for name in sorted(several)}
        return _Row(tries, _dataset([one.attempt for one in tries], self._task), configs, cells)


def bounded(score: float, task: str) -> float:
    """Draw a score into the bounds of the task's.

    Examples
    --------
    >>> bounded(-30.0, "regression"), bounded(0.5, "regression")
    (-1.0, 0.5)
    """
    least, most = BOUNDS[task]
    return min(max(score, least), most)


def label(data: Data, project: str) -> str:
    """Name data as people know it.

    Examples
    --------
    >>> from maestro_jupyter.store.attempts import Data
    >>> label(Data("x:y", "y", "X_train", (100, 2), (), 0.0, {}, {}), "churn")
    'X_train of churn'
    """
    return f"{data.name} of {project}"


def _further(rows: Collection[_Row], prior: Collection[str]) -> dict[str, Configuration]:
    """Give the configs beyond the prior's that were tried on enough datasets."""
    places: dict[str, int] = {}
    configs: dict[str, Configuration] = {}
    for row in rows:
        for name in row.configs.keys() - prior:
            places[name] = places.get(name, 0) + 1
            configs[name] = row.configs[name]
    return {name: configs[name] for name in sorted(places) if places[name] >= LEAST_DATASETS}


def _dataset(attempts: Sequence[Attempt], task: str) -> TeamDataset:
    first = attempts[0]
    shape = first.data.shape
    best = max((one.data for one in attempts), key=lambda one: len(one.metafeatures))
    return TeamDataset(
        name=label(first.data, first.project),
        group=first.data.target,
        rows=shape[0] if shape else None,
        columns=shape[1] if len(shape) > 1 else 1,
        metafeatures=recorded_metafeatures(best, task),
    )


def _named(datasets: Mapping[str, TeamDataset]) -> dict[str, TeamDataset]:
    """Give those that have the same name a number."""
    times: dict[str, int] = {}
    found = {}
    for fingerprint, dataset in datasets.items():
        name = dataset.name
        times[name] = times.get(name, 0) + 1
        found[fingerprint] = dataset if times[name] == 1 else dataset._replace(name=f"{name} ({times[name]})")
    return found


def _cell(several: list[Try]) -> Cell:
    scores = [one.score for one in several if one.score is not None]
    seconds = [one.seconds for one in several if one.seconds is not None]
    return Cell(
        sum(scores) / len(scores),
        sum(seconds) / len(seconds) if seconds else None,
        tuple(one.attempt.run_id for one in several),
    )


def _score(attempt: Attempt, task: str) -> float | None:
    """Give the task's score: by cross-validation, if there is one."""
    found: dict[str, float] = {}
    for key, value in attempt.metrics.items():
        said = goodness(
            _searched(key, attempt), value, task=task, source=attempt.source, params=attempt.params
        )
        if said is not None and said.task == task:
            found.setdefault(said.metric, said.value)
    score = found.get(f"cv_{SCORING[task]}", found.get(SCORING[task]))
    return None if score is None else bounded(score, task)


def _searched(key: str, attempt: Attempt) -> str:
    """Name the scorer of a search by which its candidates have their score."""
    scoring = attempt.around.get("scoring")
    if attempt.source != "candidate" or key != "cv_score_mean" or scoring is None:
        return key
    return f"cv_{scoring}_mean"


def _part(attempt: Attempt) -> int | None:
    """Give how many rows a candidate of a halving search saw; None if it saw all or nearly all."""
    rows, shape = attempt.params.get("n_resources"), attempt.data.shape
    by_rows = attempt.source == "candidate" and attempt.around.get("resource") == "n_samples"
    if not by_rows or not isinstance(rows, int) or not shape:
        return None
    return rows if rows < NEARLY_ALL * shape[0] else None


def _seconds(attempt: Attempt) -> float | None:
    told_seconds = attempt.metrics.get(FIT_SECONDS)
    if told_seconds is not None:
        return told_seconds
    return attempt.seconds if attempt.source == "fit" else None
