"""What the runs that somebody may see tried: on which data, with which config, and how well it did there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from maestro_jupyter.models import Status
from maestro_jupyter.recommend.pipelines import SCORING
from maestro_jupyter.recommend.recorded_configs import tried_config
from maestro_jupyter.recommend.recorded_data import recorded_metafeatures
from maestro_jupyter.store.goodness import goodness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from maestro_jupyter.recommend.knowledge import Configuration
    from maestro_jupyter.store.attempts import Attempt, Data

LEAST_DATASETS = 2
"""Configs that are not in the prior count once they were tried on so many datasets."""

BOUNDS = {"classification": (0.0, 1.0), "regression": (-1.0, 1.0)}
"""Between which scores are: how much worse than useless a model is, is no news; see `trials.WORST`."""

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
    """

    attempt: Attempt
    config: Configuration | None
    score: float | None
    seconds: float | None


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
        Datasets with the same targets are of one group.
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
    config = tried_config(task, attempt.params, attempt.tags, attempt.around)
    is_scored = config is not None and attempt.status is Status.FINISHED
    score = _score(attempt, task) if is_scored else None
    return Try(attempt, config, score, _seconds(attempt))


def team_of(tries: Iterable[Try], task: str, known: Iterable[str]) -> Team:
    """Put tries together, one row for each dataset.

    Parameters
    ----------
    tries : iterable of Try
        In the order of their run ids.
    task : str
    known : iterable of str
        Names of the prior's configs.
    """
    prior = frozenset(known)
    together: dict[tuple[str, str], list[Try]] = {}
    configs: dict[str, Configuration] = {}
    for one in tries:
        if one.config is not None and one.score is not None:
            together.setdefault((one.attempt.data.fingerprint, one.config.name), []).append(one)
            configs[one.config.name] = one.config
    places: dict[str, int] = {}
    for _, name in together:
        places[name] = places.get(name, 0) + 1
    further = {
        name: configs[name] for name in sorted(configs.keys() - prior) if places[name] >= LEAST_DATASETS
    }
    kept = {key: together[key] for key in sorted(together) if key[1] in prior or key[1] in further}
    data: dict[str, list[Attempt]] = {}
    for (fingerprint, _), several in kept.items():
        data.setdefault(fingerprint, []).extend(one.attempt for one in several)
    return Team(_datasets(data, task), further, {key: _cell(several) for key, several in kept.items()})


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


def _datasets(data: Mapping[str, list[Attempt]], task: str) -> dict[str, TeamDataset]:
    names: dict[str, int] = {}
    found = {}
    for fingerprint, attempts in data.items():
        first = attempts[0]
        name = label(first.data, first.project)
        names[name] = names.get(name, 0) + 1
        shape = first.data.shape
        best = max((one.data for one in attempts), key=lambda one: len(one.metafeatures))
        found[fingerprint] = TeamDataset(
            name=name if names[name] == 1 else f"{name} ({names[name]})",
            group=first.data.target,
            rows=shape[0] if shape else None,
            columns=shape[1] if len(shape) > 1 else 1,
            metafeatures=recorded_metafeatures(best, task),
        )
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


def _seconds(attempt: Attempt) -> float | None:
    told_seconds = attempt.metrics.get(FIT_SECONDS)
    if told_seconds is not None:
        return told_seconds
    return attempt.seconds if attempt.source == "fit" else None
