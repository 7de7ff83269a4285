"""One configuration tried on one dataset: the same folds for every configuration, a score for each fold."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.recommend.calls import made
from maestro_jupyter.recommend.columns import schema_of
from maestro_jupyter.recommend.pipelines import FOLDS, Recipe, recipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maestro_jupyter.recommend.datasets import Problem
    from maestro_jupyter.recommend.portfolio import Config

FEW_ROWS = 100
"""Folds of fewer rows are drawn twice, since one draw of them says little."""

WORST = -1.0
"""R² of a fold counts as no less than this: how much worse than useless a model is, is no news."""


_THREADED = {"lightgbm", "xgboost"}


class Fold(NamedTuple):
    """One fit and how it did on what was held out.

    Attributes
    ----------
    score : float
        Balanced accuracy, or R².
    seconds : float
        Preprocessing and fitting.
    """

    score: float
    seconds: float


class Trials:
    """A dataset ready for many configurations.

    What configurations share is prepared once: the folds, and each way of preprocessing them.

    Parameters
    ----------
    problem : Problem
    seed : int
        Of the folds.
    """

    def __init__(self, problem: Problem, seed: int = 0) -> None:
        self.problem = problem
        self.X, target = problem.sample()
        self.y = _encoded(target) if problem.task == "classification" else target.to_numpy(dtype=float)
        self.schema = schema_of(self.X)
        self.folds = list(_splitter(problem.task, len(self.y), seed).split(self.X, self.y))
        self._prepared: dict[tuple[str, int], tuple[Any, Any, float]] = {}

    def run(self, config: Config) -> Iterator[Fold]:
        """Fit a configuration on each fold.

        Parameters
        ----------
        config : Config

        Yields
        ------
        Fold
            Whatever its estimator raises is raised.
        """
        described = recipe(config, self.schema)
        for number, (train, test) in enumerate(self.folds):
            seen, unseen, seconds = self._prepare(described, number)
            model = _on_one_thread(made(described.estimator))
            begun = time.perf_counter()
            model.fit(seen, self.y[train])
            seconds += time.perf_counter() - begun
            yield Fold(score(self.problem.task, self.y[test], model.predict(unseen)), seconds)

    def _prepare(self, described: Recipe, number: int) -> tuple[Any, Any, float]:
        key = (repr(described.steps), number)
        if key not in self._prepared:
            from sklearn.pipeline import make_pipeline

            train, test = self.folds[number]
            seen, unseen = self.X.iloc[train], self.X.iloc[test]
            begun = time.perf_counter()
            seconds = 0.0
            if described.steps:
                steps = make_pipeline(*map(made, described.steps))
                seen = steps.fit_transform(seen, self.y[train])
                seconds = time.perf_counter() - begun
                unseen = steps.transform(unseen)
            self._prepared[key] = (seen, unseen, seconds)
        return self._prepared[key]


def score(task: str, truth: Any, guess: Any) -> float:
    """Score predictions: balanced accuracy of classes, R² of numbers (not below `WORST`).

    Examples
    --------
    >>> score("classification", [0, 0, 0, 1], [0, 0, 0, 0])
    0.5
    >>> score("regression", [1.0, 2.0, 3.0], [100.0, 0.0, -100.0])
    -1.0
    """
    import numpy as np

    truth, guess = np.asarray(truth), np.asarray(guess).ravel()
    if task == "regression":
        spread = float(((truth - truth.mean()) ** 2).sum())
        left = float(((truth - guess) ** 2).sum())
        return max(1 - left / spread, WORST) if spread else float(left == 0)
    right = truth == guess
    return float(np.mean([right[truth == label].mean() for label in np.unique(truth)]))


def _encoded(target: Any) -> Any:
    from sklearn.preprocessing import LabelEncoder

    return LabelEncoder().fit_transform(target)


def _splitter(task: str, rows: int, seed: int) -> Any:
    from sklearn import model_selection

    kind = "RepeatedStratifiedKFold" if task == "classification" else "RepeatedKFold"
    repeats = 2 if rows < FEW_ROWS else 1
    return getattr(model_selection, kind)(n_splits=FOLDS, n_repeats=repeats, random_state=seed)


def _on_one_thread(model: Any) -> Any:
    """Keep to one thread: scikit-learn does by default, and the packages of boosting do not."""
    package = type(model).__module__.partition(".")[0]
    return model.set_params(n_jobs=1) if package in _THREADED else model
