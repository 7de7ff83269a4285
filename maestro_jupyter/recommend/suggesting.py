"""What to try on a dataset: told from the prior, from the runs that one may see, and from what was tried."""

from __future__ import annotations

import functools
import threading
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import numpy as np

from maestro_jupyter.models import (
    ModelForecast,
    ModelForecasts,
    SimilarDataset,
    Status,
    TriedModel,
)
from maestro_jupyter.recommend import knowledge
from maestro_jupyter.recommend.estimator_classes import missing_packages, package_of
from maestro_jupyter.recommend.feasible import folds_of, is_feasible
from maestro_jupyter.recommend.folds import OF_TABLE, folds_of_table
from maestro_jupyter.recommend.intervals import within
from maestro_jupyter.recommend.knowledge_files import KnowledgeFiles
from maestro_jupyter.recommend.learnt import Bases, Engines, Learnt, row_of
from maestro_jupyter.recommend.metafeatures import NAMES
from maestro_jupyter.recommend.pipelines import FOLDS, SCORING
from maestro_jupyter.recommend.recorded_configs import CONFIG_TAG
from maestro_jupyter.recommend.team import BOUNDS, Rows, bounded, told
from maestro_jupyter.recommend.threads import one_thread
from maestro_jupyter.recording.estimator_params import plain_params
from maestro_jupyter.store.attempts import attempts_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Engine as Database

    from maestro_jupyter.models import ModelQuestion
    from maestro_jupyter.recommend.foundation import Foundation
    from maestro_jupyter.recommend.knowledge import Knowledge
    from maestro_jupyter.recommend.session import Session
    from maestro_jupyter.recommend.team import Team, Try
    from maestro_jupyter.store.attempts import Attempt
    from maestro_jupyter.store.engine import Store

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

Key = TypeVar("Key")
Kept = TypeVar("Kept")

LEAST_DATASETS = 5
"""From fewer past datasets nothing is learnt."""

SIMILAR = 3
"""How many past datasets stand behind each suggestion."""

FITS = FOLDS + 1
"""How many fits a suggestion costs: its cross-validation, and one on all rows."""

LONGEST = 3600.0
"""What is expected to take more seconds to try is suggested only where nothing else is left."""

_TRIED = 20
"""How many of the latest runs on the same data are listed."""

_KEPT = 8
"""For how many persons and data it is kept what was put together."""

_SHIPPED = Bases()
"""For all stores of this process."""


class _Seen(NamedTuple):
    """What somebody may see, as of when it was read."""

    attempts: Mapping[str, Attempt]
    prior: Knowledge
    own: list[Try]
    team: Team


class Suggester:
    """Answers questions; keeps what it has learnt. May be asked from any thread.

    Parameters
    ----------
    tables : mapping of str to Knowledge, optional
        The prior by task; what ships with the package by default.
    """

    def __init__(self, tables: Mapping[str, Knowledge] | None = None) -> None:
        self._tables = tables
        self._files = KnowledgeFiles()
        self._lock = threading.Lock()
        self._engines = Engines(_SHIPPED if tables is None else Bases())
        self._tries: dict[str, dict[str, Try]] = {}
        self._rows: dict[tuple[str | None, str], Rows] = {}
        self._seen: dict[tuple[object, ...], _Seen] = {}

    def answer(
        self,
        attempts: Mapping[str, Attempt],
        question: ModelQuestion,
        user: str | None = None,
        files: Sequence[Path] = (),
    ) -> ModelForecasts:
        """Say what to try.

        Parameters
        ----------
        attempts : mapping of str to Attempt
            All runs that ended.
        question : ModelQuestion
        user : str, optional
            Who asks: runs of others do not exist.
        files : sequence of Path
            Of knowledge, below the prior; one that cannot be learnt from is left out, with a note.

        Returns
        -------
        ModelForecasts
        """
        with self._lock:
            foundation = self._files.below(self._prior(question.task), files)
            seen = self._what_is_seen(attempts, question, user, foundation.table)
            found = self._found(foundation, seen, question, user)
            found.note = " ".join(one for one in (found.note, *foundation.notes) if one)
            return found

    def _found(
        self, foundation: Foundation, seen: _Seen, question: ModelQuestion, user: str | None
    ) -> ModelForecasts:
        prior = foundation.table
        empty = ModelForecasts(
            task=question.task,
            score=SCORING[question.task],
            tried=_tried(seen.own),
            datasets=len(prior.datasets) + len(seen.team.datasets),
            team_datasets=len(seen.team.datasets),
            file_datasets=len(foundation.sources),
            described=any(one.attempt.data.metafeatures for one in seen.own),
        )
        row = row_of(
            {name: value for name, value in question.metafeatures.items() if value is not None},
            prior.metafeature_names,
        )
        if empty.datasets < LEAST_DATASETS:
            empty.note = f"Too little history: only {empty.datasets} datasets of {question.task} are known."
            return empty
        if np.isnan(row).all():
            empty.note = "Too little is known of the data to compare it with what was tried before."
            return empty
        with one_thread():
            learnt = self._engines.of(user, foundation, seen.team)
            return _answered(empty, learnt, row, question, seen.own)

    def _prior(self, task: str) -> Knowledge:
        tables = knowledge.shipped().tables if self._tables is None else self._tables
        return tables[task] if task in tables else _no_knowledge(task)

    def _what_is_seen(
        self,
        attempts: Mapping[str, Attempt],
        question: ModelQuestion,
        user: str | None,
        prior: Knowledge,
    ) -> _Seen:
        size = tuple(question.metafeatures.get(name) for name in OF_TABLE)
        key = (user, question.task, tuple(question.data), size)
        known = self._seen.pop(key, None)
        if known is None or known.attempts is not attempts or known.prior is not prior:
            own, others = _parted(self._told(attempts, question.task), frozenset(question.data), user)
            for fold in folds_of_table(others, *size):
                del others[fold]
            rows = _latest(self._rows, (user, question.task), Rows(question.task))
            known = _Seen(attempts, prior, own, rows.team(others, {one.name for one in prior.configs}))
        return _latest(self._seen, key, known)

    def _told(self, attempts: Mapping[str, Attempt], task: str) -> Sequence[Try]:
        """Tell each run in the words of configs, and once only."""
        known = self._tries.get(task, {})
        found = {}
        for run, attempt in attempts.items():
            one = known.get(run)
            found[run] = one if one is not None and one.attempt is attempt else told(attempt, task)
        self._tries[task] = found
        return list(found.values())


def _parted(
    tries: Iterable[Try], data: Collection[str], user: str | None
) -> tuple[list[Try], dict[str, list[Try]]]:
    """Give what somebody may see: tries on some data, and by their data those on others that have a score."""
    own: list[Try] = []
    others: dict[str, list[Try]] = {}
    for one in tries:
        if user is not None and one.attempt.user != user:
            continue
        fingerprint = one.attempt.data.fingerprint
        if fingerprint in data:
            own.append(one)
        elif one.score is not None:
            others.setdefault(fingerprint, []).append(one)
    return own, others


def _latest(kept: dict[Key, Kept], key: Key, new: Kept) -> Kept:
    """Give what is kept under a key, or keep what is new; what was not asked for the longest goes."""
    found = kept[key] = kept.pop(key, new)
    while len(kept) > _KEPT:
        del kept[next(iter(kept))]
    return found


_MAKING = threading.Lock()
_SUGGESTERS: weakref.WeakKeyDictionary[Database, Suggester] = weakref.WeakKeyDictionary()


def suggest_models(
    store: Store, question: ModelQuestion, *, user: str | None = None, files: Sequence[Path] = ()
) -> ModelForecasts:
    """Say what to try, from what a store has; see `Suggester.answer`.

    Raises
    ------
    Unavailable
        If scikit-learn is not installed.
    """
    missing_packages()
    with _MAKING:
        suggester = _SUGGESTERS.setdefault(store.read, Suggester())
    return suggester.answer(attempts_of(store).read(store), question, user, files)


def suggest_from_prior(question: ModelQuestion, files: Sequence[Path] = ()) -> ModelForecasts:
    """Say what to try where no run is known; see `Suggester.answer`."""
    return Suggester().answer({}, question, files=files)


@functools.cache
def _no_knowledge(task: str) -> Knowledge:
    none = np.empty((0, 0))
    return knowledge.Knowledge(
        task, SCORING[task], (), (), none, none, none, none, np.empty((0, len(NAMES))), NAMES
    )


def _answered(
    empty: ModelForecasts, learnt: Learnt, row: Array, question: ModelQuestion, own: Sequence[Try]
) -> ModelForecasts:
    outcomes = _outcomes(learnt, question, own)
    installed = np.array([package_of(one.estimator) not in question.without for one in learnt.configs])
    folds = folds_of(question.task, question.metafeatures)
    feasible = np.array([is_feasible(one, folds) for one in learnt.configs])
    allowed = installed & learnt.suggestible & feasible
    allowed[list(outcomes)] = False
    seconds = learnt.times.on(
        question.metafeatures.get("nr_inst") or np.nan, question.metafeatures.get("nr_attr") or np.nan
    )
    short = allowed & ~(FITS * seconds > LONGEST)
    if short.any():
        allowed = short
    session = _session(learnt, row, allowed, outcomes)
    bounds, forecast = BOUNDS[question.task], session.predict()
    mean, low, high = within(bounds, *forecast)
    choice = _Choice(allowed, low, high, np.clip(forecast[0], *bounds), seconds)
    chosen = _chosen(learnt, row, question, outcomes, choice)
    if question.seconds is None:  # else what pays for its time comes first: there may be none for the rest
        chosen.sort(key=lambda place: -mean[place])
    empty.models = [
        ModelForecast(
            config=learnt.configs[place].name,
            family=learnt.configs[place].family,
            estimator=learnt.configs[place].estimator,
            params=_params(learnt.configs[place].params),
            mean=float(mean[place]),
            low=float(low[place]),
            high=float(high[place]),
            seconds=None if np.isnan(seconds[place]) else float(seconds[place]),
            similar=_similar(learnt, session, place),
        )
        for place in chosen
    ]
    empty.far, empty.calibrated = session.is_far, session.is_calibrated
    empty.note = _note(empty, question, allowed, installed)
    return empty


def _params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Give parameters as runs keep them; files of knowledge have lists for tuples."""
    return plain_params(
        {key: tuple(value) if isinstance(value, list) else value for key, value in params.items()}
    )


def _outcomes(learnt: Learnt, question: ModelQuestion, own: Sequence[Try]) -> dict[int, float | None]:
    """Give what came of the configs that were tried on the data; None for those that failed."""
    scores: dict[int, list[float]] = {}
    failed = set()
    for one in own:
        place = None if one.config is None else learnt.places.get(one.config.name)
        if place is None:
            continue
        if one.score is not None:
            scores.setdefault(place, []).append(one.score)
        elif one.attempt.status is Status.FAILED and CONFIG_TAG in one.attempt.tags:
            failed.add(place)  # with the preprocessing that the data needs, not for want of it
    found: dict[int, float | None] = dict.fromkeys(sorted(failed))
    found |= {place: sum(several) / len(several) for place, several in scores.items()}
    said = {learnt.places[name]: score for name, score in question.tried.items() if name in learnt.places}
    return found | {
        place: None if score is None else bounded(score, question.task) for place, score in said.items()
    }


class _Choice(NamedTuple):
    """What there is to choose from: arrays of shape (configs,)."""

    allowed: Array
    low: Array
    high: Array
    mean: Array
    seconds: Array

    def open(self, question: ModelQuestion, chosen: Sequence[int]) -> Array:
        """Tell which may be chosen next: within the budget, and none that is surely worse than another."""
        left = self.allowed.copy()
        left[list(chosen)] = False
        if question.seconds is not None:
            spent = FITS * float(self.seconds[list(chosen)].sum())
            left &= spent + FITS * self.seconds <= question.seconds
        if not left.any():
            return left
        good = left & (self.high >= self.low[self.allowed].max())
        return good if good.any() else left


def _chosen(
    learnt: Learnt,
    row: Array,
    question: ModelQuestion,
    outcomes: Mapping[int, float | None],
    choice: _Choice,
) -> list[int]:
    """Choose configs that are worth trying together: each as if those before it had done as expected."""
    supposed, chosen = dict(outcomes), list[int]()
    asked, session = np.zeros(0, dtype=bool), None
    while len(chosen) < question.n and (left := choice.open(question, chosen)).any():
        if session is None or not np.array_equal(left, asked):
            session = _session(learnt, row, left, supposed)
        place = session.next(None if question.seconds is None else choice.seconds)
        chosen.append(place)
        supposed[place] = float(choice.mean[place])
        session.tell(place, supposed[place])
        asked = left.copy()
        asked[place] = False
    return chosen


def _session(learnt: Learnt, row: Array, allowed: Array, outcomes: Mapping[int, float | None]) -> Session:
    session = learnt.engine.start(row, allowed)
    for config, score in outcomes.items():
        session.tell(config, score)
    return session


def _similar(learnt: Learnt, session: Session, place: int) -> list[SimilarDataset]:
    """Give the past datasets that are most alike, of those that a config was tried on.

    If none of them is known from runs, the one of these that is most alike comes behind.
    """
    rows = np.flatnonzero(learnt.tried)
    weights, scores = session.weights, learnt.scores[rows, place]
    order = [one for one in np.argsort(-weights, kind="stable") if not np.isnan(scores[one])]
    ran = [one for one in order if learnt.datasets[rows[one]].fingerprint][:1]
    shown = order[:SIMILAR] if set(ran) & set(order[:SIMILAR]) else order[:SIMILAR] + ran
    config = learnt.configs[place].name
    return [
        SimilarDataset(
            name=known.name,
            likeness=float(weights[one]),
            score=float(scores[one]),
            rows=known.rows,
            columns=known.columns,
            runs=learnt.runs(known.fingerprint, config),
        )
        for one in shown
        for known in (learnt.datasets[rows[one]],)
    ]


def _tried(own: Sequence[Try]) -> list[TriedModel]:
    """List the latest runs on the data whose config is known, or which say how good they were.

    A search is told by its candidates.
    """
    telling = [
        one
        for one in own
        if one.attempt.source != "search" and (one.config is not None or _metric(one.attempt))
    ]
    return [
        TriedModel(
            name=one.attempt.name,
            run_id=one.attempt.run_id,
            user=one.attempt.user,
            status=one.attempt.status,
            config=None if one.config is None else one.config.name,
            score=one.score,
            metric="" if one.score is not None else _metric(one.attempt),
            rows=one.part,
        )
        for one in reversed(telling[-_TRIED:])
    ]


def _metric(attempt: Attempt) -> str:
    """Say in a word and a number what came of a run: the mean of its folds rather than the last of them."""
    held_out = [key for key in attempt.metrics if not key.startswith("training_")]
    if not held_out:
        return ""
    key = next((one for one in held_out if one.endswith("_mean")), held_out[0])
    return f"{key} {attempt.metrics[key]:.4g}"


def _note(found: ModelForecasts, question: ModelQuestion, allowed: Array, installed: Array) -> str:
    said = []
    if not found.models and not allowed.any():
        missing = "" if installed.all() else " or needs a package that is not installed"
        said.append(f"Every config that is known was tried{missing}.")
    elif not found.models:
        said.append(f"Nothing is expected to be done within {question.seconds:g} s.")
    if found.models and found.far:
        said.append(
            "These data are unlike all that was tried before: the intervals need not hold, and the order is "
            "little more than what does well in general."
        )
    if found.models and not found.calibrated:
        said.append("The history is too short to check how often its intervals hold.")
    return " ".join(said)
