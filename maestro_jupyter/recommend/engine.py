"""Learns from a table of scores which config to try on a new dataset, and what to expect of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from maestro_jupyter.errors import Conflict, Invalid, NotFound
from maestro_jupyter.recommend import calibration, replay, tables
from maestro_jupyter.recommend.completion import Completion
from maestro_jupyter.recommend.forecast import before
from maestro_jupyter.recommend.history import history, known_groups, levels, moments, opposite
from maestro_jupyter.recommend.left_out import blended
from maestro_jupyter.recommend.novelty import Novelty
from maestro_jupyter.recommend.policy import hypotheses
from maestro_jupyter.recommend.prior import Forest, Metafeatures
from maestro_jupyter.recommend.session import Learnt, Session
from maestro_jupyter.recommend.suspicion import Foreseen
from maestro_jupyter.recommend.threads import one_thread

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from maestro_jupyter.recommend.calibration import Calibration
    from maestro_jupyter.recommend.history import Array, History

_OUTGROWN = 0.1


class _Raw(NamedTuple):
    """The tables as they were given, without datasets on which nothing was tried."""

    scores: Array
    metafeatures: Array
    groups: Array
    vouched: Array
    sources: Array


class _Fitted(NamedTuple):
    """What is learnt from the whole history, and kept while runs are added."""

    completion: Completion
    metafeatures: Metafeatures
    forest: Forest
    by_level: Forest
    novelty: Novelty
    calibration: Calibration


class Engine:
    """Recommends configs for new datasets from the scores of past ones.

    Parameters
    ----------
    seed : int
        The same seed, history and scores told give the same recommendations.

    Examples
    --------
    >>> scores = [[0.9, 0.5, 0.7], [0.8, 0.4, 0.5], [0.6, 0.9, 0.2], [0.5, 0.8, 0.1]]
    >>> engine = Engine(seed=0).fit(scores, [[1.0], [1.1], [9.0], [9.1]])
    >>> session = engine.start([9.0])
    >>> session.tell(session.next(), 0.7)
    >>> mean, low, high = session.predict()
    >>> len(mean), session.is_calibrated
    (3, False)
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._fitted: _Fitted | None = None

    def fit(
        self,
        scores: Any,
        metafeatures: Any,
        *,
        config_features: Any = None,
        groups: Iterable[Hashable] | None = None,
        vouched: Any = None,
        sources: Iterable[Hashable] | None = None,
    ) -> Self:
        """Learn from a history.

        Parameters
        ----------
        scores : array-like or DataFrame of shape (n_datasets, n_configs)
            Higher is better, on any scale. NaN was never tried; minus infinity failed. Configs are known by
            their column, from 0, whether or not the columns have names.
        metafeatures : array-like or DataFrame of shape (n_datasets, n_features)
            With NaN where one is unknown.
        config_features : array-like or DataFrame of shape (n_configs, n_properties), optional
            By which configs that were seldom tried lean on those alike.
        groups : iterable of hashable, optional
            One for each dataset: those of one group are duplicates, or of one family, and never taken as
            evidence of how well the history speaks of new datasets. By default each is its own.
        vouched : array-like of bool of shape (n_datasets,), optional
            Which datasets are beyond doubt; the others are believed as far as these predict them, so that
            scores of another kind do no harm. By default all are.
        sources : iterable of hashable, optional
            Whose each dataset is: those of one source are believed alike, and none suffers for another. By
            default all are of one.

        Returns
        -------
        Engine
            Itself.

        Raises
        ------
        Invalid
            If tables do not fit together, or nothing was tried at all.
        """
        table = tables.scores(scores)
        features = tables.numbers(metafeatures, "metafeatures")
        labels = range(len(table)) if groups is None else list(groups)
        sure = np.ones(len(table), dtype=bool) if vouched is None else np.array(vouched, dtype=bool)
        origins = [None] * len(table) if sources is None else list(sources)
        if not len(table) == len(features) == len(labels) == len(sure) == len(origins):
            lengths = f"{len(table)} rows of scores, {len(features)} of metafeatures and {len(labels)} groups"
            msg = f"There are {lengths}" + (
                "." if vouched is None else f"; {len(sure)} are vouched for or not."
            )
            msg += "" if sources is None else f" {len(origins)} have a source."
            raise Invalid(msg, hint="Each dataset has one of each.")
        tried = ~np.isnan(table).all(axis=1)
        if not tried.any():
            msg = "The history has no score."
            raise Invalid(msg)
        self._columns = getattr(metafeatures, "columns", None)
        self._labels = tables.codes(labels)
        self._rows = {int(row): place for place, row in enumerate(np.flatnonzero(tried))}
        self._datasets = len(table)
        codes = np.array([self._labels[label] for label in labels])
        self._sources = tables.codes(origins)
        of = np.array([self._sources[origin] for origin in origins])
        self._raw = _Raw(table[tried], features[tried], codes[tried], sure[tried], of[tried])
        properties = None if config_features is None else tables.standardised(config_features, table.shape[1])
        self._learn(properties)
        return self

    @property
    def is_outgrown(self) -> bool:
        """Whether so many datasets were added since the last fit that fitting anew is worth its time."""
        self._known()
        return len(self._raw.scores) > (1 + _OUTGROWN) * self._learnt_from

    @property
    def is_calibrated(self) -> bool:
        """Whether there were enough groups of datasets to calibrate intervals."""
        return self._known().calibration.is_calibrated

    def start(self, metafeatures_row: Any, candidates: Any = None) -> Session:
        """Begin with a new dataset.

        Parameters
        ----------
        metafeatures_row : array-like or Series of shape (n_features,)
            With NaN where one is unknown. A Series is put in the order of the history's columns, if it was
            a DataFrame.
        candidates : array-like of bool of shape (n_configs,), optional
            Which configs may be proposed; all by default.

        Returns
        -------
        Session

        Raises
        ------
        Conflict
            If there is no history yet.
        Invalid
            If the row or the mask has not the history's length.
        """
        fitted = self._up_to_date()
        features = tables.row(
            metafeatures_row, self._columns, self._raw.metafeatures.shape[1], "metafeatures"
        )
        configs = self._raw.scores.shape[1]
        allowed = np.ones(configs, dtype=bool) if candidates is None else np.array(candidates, dtype=bool)
        if allowed.shape != (configs,):
            msg = f"The mask of candidates has the shape {allowed.shape}, and there are {configs} configs."
            raise Invalid(msg)
        even, ranks = self._history.weights, fitted.metafeatures.ranks(features[None, :])
        near, level = fitted.forest.weigh(ranks)[0], fitted.by_level.weigh(ranks)[0]
        known = fitted.calibration
        foreseen = before(self._history, blended(even, level, known.level_trust))
        weights = blended(even, near, known.trust)
        learnt = Learnt(
            self._supposed,
            blended(even, near, known.trust, known.strength),
            Foreseen(foreseen, known.alike),
            known.widths,
            Foreseen(before(self._history, weights), known.alike_upright),
            Foreseen(before(opposite(self._history), weights), known.alike_turned),
            known.ends,
            replay.regardless(self._history, known.trust),
            known_groups(self._history),
        )
        far = fitted.novelty.far(fitted.metafeatures.positions(features[None, :])[0])
        return Session(learnt, allowed, is_far=far, is_calibrated=self.is_calibrated)

    def add(
        self,
        scores_row: Any,
        metafeatures_row: Any,
        *,
        group: Hashable = None,
        vouched: bool = True,
        source: Hashable = None,
    ) -> int:
        """Take in a further dataset, in milliseconds: it counts in every session that starts from now on.

        What was learnt of how metafeatures matter, and how wide intervals are, stays as it was fitted.

        Parameters
        ----------
        scores_row : array-like of shape (n_configs,)
        metafeatures_row : array-like of shape (n_features,)
        group : hashable, optional
            By default one of its own.
        vouched : bool
            Whether it is beyond doubt; see `fit`.
        source : hashable, optional
            Whose it is; see `fit`.

        Returns
        -------
        int
            The dataset's row, for `record`.
        """
        self._known()
        row = tables.row(scores_row, None, self._raw.scores.shape[1], "scores")
        values = tables.scores(row[None, :])
        features = tables.row(
            metafeatures_row, self._columns, self._raw.metafeatures.shape[1], "metafeatures"
        )
        if np.isnan(values).all():
            msg = "The dataset has no score."
            raise Invalid(msg)
        place, number = len(self._raw.scores), self._datasets
        label = ("added", number) if group is None else group
        code = self._labels.setdefault(label, len(self._labels))
        self._raw = _Raw(
            np.vstack([self._raw.scores, values]),
            np.vstack([self._raw.metafeatures, features]),
            np.append(self._raw.groups, code),
            np.append(self._raw.vouched, vouched),
            np.append(self._raw.sources, self._sources.setdefault(source, len(self._sources))),
        )
        self._rows[number] = place
        self._datasets += 1
        self._stale.add(place)
        return number

    def record(self, dataset: int, config: int, score: float) -> None:
        """Take in one more run on a dataset of the history, in milliseconds.

        Parameters
        ----------
        dataset : int
            Its row in the history, or what `add` gave.
        config : int
        score : float

        Raises
        ------
        NotFound
            If the history has no score of such a dataset; `add` it first.
        """
        self._known()
        place = self._rows.get(dataset)
        if place is None or not 0 <= config < self._raw.scores.shape[1]:
            msg = f"The history has no dataset {dataset} with a config {config}."
            raise NotFound(msg, hint="Add a dataset with `add` first.")
        changed = self._raw.scores[place].copy()
        changed[config] = score
        self._raw.scores[place] = tables.scores(changed[None, :])[0]
        self._stale.add(place)

    def _known(self) -> _Fitted:
        if self._fitted is None:
            msg = "The engine has no history."
            raise Conflict(msg, hint="Call `fit` first.")
        return self._fitted

    def _up_to_date(self) -> _Fitted:
        """Take in all that was added and recorded since, at once: much hardly takes longer than little."""
        fitted = self._known()
        if not self._stale:
            return fitted
        seen, (datasets, configs) = len(self._history.scores), self._raw.scores.shape
        new = np.zeros((datasets - seen, configs))
        scores, doubt = np.vstack([self._history.scores, new]), np.vstack([self._history.score_doubt, new])
        for place in self._stale:
            filled = fitted.completion.complete(self._raw.scores[[place]])
            scores[place], doubt[place] = filled.scores[0], filled.doubt[0]
        self._take(scores, doubt)
        self._stale.clear()
        further = fitted.metafeatures.ranks(self._raw.metafeatures[seen:])
        for forest in (fitted.forest, fitted.by_level):
            forest.admit(further, self._history.weights)
        return fitted

    @one_thread()
    def _learn(self, properties: Array | None) -> None:
        table, features = self._raw.scores, self._raw.metafeatures
        completion = Completion(table, properties, self.seed)
        self._take(*completion.complete(table))
        scale = Metafeatures(features)
        groups, weights, believed = self._history.groups, self._history.weights, self._history.belief > 0
        forest, by_level = (
            Forest(scale.ranks(features), values, groups, weights, believed, self.seed)
            for values in (self._history.losses, levels(self._history.scores))
        )
        self._fitted = _Fitted(
            completion,
            scale,
            forest,
            by_level,
            Novelty(scale.positions(features), groups, self.seed),
            calibration.calibrate(self._history, forest, by_level, ~np.isnan(table), self.seed),
        )
        self._learnt_from = len(table)
        self._stale: set[int] = set()

    def _take(self, scores: Array, doubt: Array) -> None:
        self._history: History = history(
            scores,
            doubt,
            self._raw.groups,
            ~np.isnan(self._raw.scores),
            self._raw.vouched,
            self._raw.sources,
        )
        self._supposed = hypotheses(self._history, moments(self._history.losses, self._history.weights))
