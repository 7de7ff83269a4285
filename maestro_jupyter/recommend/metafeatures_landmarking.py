"""Landmarking meta-features: how well quick and simple models do on a few of the rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from maestro_jupyter.recommend.metafeatures_statistical import standardised
from maestro_jupyter.recommend.trials import score
from maestro_jupyter.recording.calls import own_work

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from maestro_jupyter.recommend.metafeatures_sample import Sample

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

LANDMARKING: tuple[str, ...] = (
    "best_node.mean",
    "random_node.mean",
    "worst_node.mean",
    "one_nn.mean",
    "elite_nn.mean",
    "linear_discr.mean",
    "naive_bayes.mean",
    "linear_regr.mean",
    "decision_tree.mean",
    "forest",
    "forest_gain",
)

ROWS = 400
FEATURES = 100
FOLDS = 4
_LEVELS = 8
_HASHED = 64
_DOCUMENT = 2000
_LEAST_ROWS = 8
_TREES = 20


@own_work()
def landmarking(sample: Sample) -> dict[str, float]:
    """Measure the landmarking group: balanced accuracy, or R² not below -1, of what was held out.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    dict of str to float
        Some of `LANDMARKING`; what is absent is unknown.
    """
    import numpy as np
    from sklearn import config_context

    rows = _balanced(sample)
    features = _features(sample, rows)
    target = sample.target[rows]
    if len(rows) < _LEAST_ROWS or features.shape[1] == 0 or len(np.unique(target)) < 2:
        return {}
    splits = _splits(target, sample.task)
    with config_context(assume_finite=True, skip_parameter_validation=True):
        trial = _Trial(sample.task, features, target, splits)
        found = _landmarks(trial, sample.seed)
    linear = found.get("linear_discr.mean", found.get("linear_regr.mean", math.nan))
    found["forest_gain"] = found.get("forest", math.nan) - linear
    return found


class _Trial(NamedTuple):
    """What simple models are tried on."""

    task: str
    features: Array
    target: Array
    splits: list[tuple[Array, Array]]


def _landmarks(trial: _Trial, seed: int) -> dict[str, float]:
    import numpy as np
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import Ridge
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    regression = trial.task == "regression"
    tree: Any = DecisionTreeRegressor if regression else DecisionTreeClassifier
    near: Any = KNeighborsRegressor if regression else KNeighborsClassifier
    whole = slice(None)
    # Which column a tree of the training rows needs most and least, in each split.
    ranks = [
        np.argsort(tree(random_state=0).fit(*_training(trial, train)).feature_importances_, kind="stable")
        for train, _ in trial.splits
    ]
    best, worst = [rank[-1:] for rank in ranks], [rank[:1] for rank in ranks]
    chosen = np.random.default_rng(seed).integers(trial.features.shape[1], size=1)
    found = {
        "best_node.mean": _held_out(trial, lambda: tree(max_depth=1, random_state=0), [whole]),
        "random_node.mean": _held_out(trial, lambda: tree(max_depth=1, random_state=0), [chosen]),
        "worst_node.mean": _held_out(trial, lambda: tree(max_depth=1, random_state=0), worst),
        "one_nn.mean": _held_out(trial, lambda: near(n_neighbors=1, algorithm="brute"), [whole]),
        "elite_nn.mean": _held_out(trial, lambda: near(n_neighbors=1), best),
        "decision_tree.mean": _held_out(trial, lambda: tree(random_state=0), [whole]),
        "forest": _out_of_bag(trial),
    }
    if regression:
        return found | {"linear_regr.mean": _held_out(trial, lambda: Ridge(alpha=1.0), [whole])}
    return found | {
        "linear_discr.mean": _held_out(trial, LinearDiscriminantAnalysis, [whole]),
        "naive_bayes.mean": _held_out(trial, GaussianNB, [whole]),
    }


def _training(trial: _Trial, train: Array) -> tuple[Array, Array]:
    return trial.features[train], trial.target[train]


def _held_out(trial: _Trial, make: Callable[[], Any], columns: list[Any]) -> float:
    """Give the mean score over the splits, each on its columns; NaN if a model cannot be fitted."""
    import numpy as np

    scores = []
    for place, (train, test) in enumerate(trial.splits):
        kept = trial.features[:, columns[place % len(columns)]]
        try:
            model = make().fit(kept[train], trial.target[train])
            scores.append(score(trial.task, trial.target[test], model.predict(kept[test])))
        except Exception:  # noqa: BLE001 - what cannot be fitted says nothing, whatever it raises
            return math.nan
    return float(np.mean(scores))


def _out_of_bag(trial: _Trial) -> float:
    """Give the score of a small forest on the rows that its trees have not seen."""
    import numpy as np
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    regression = trial.task == "regression"
    forest: Any = ExtraTreesRegressor if regression else ExtraTreesClassifier
    model = forest(_TREES, bootstrap=True, oob_score=True, random_state=0, min_samples_leaf=2)
    model.fit(trial.features, trial.target)
    if regression:
        guess = model.oob_prediction_
        return score(trial.task, trial.target, guess)
    votes = np.nan_to_num(model.oob_decision_function_)
    return score(trial.task, trial.target, model.classes_[votes.argmax(axis=1)])


def _balanced(sample: Sample) -> Array:
    """Take the first rows (their order is that of digests: random), of rare classes at least some."""
    import numpy as np

    if len(sample.target) <= ROWS or sample.task == "regression":
        return np.arange(min(len(sample.target), ROWS))
    place = _place_in_class(sample.target)
    least = max(ROWS // (2 * sample.counts.size), 2)
    first = np.argsort(np.where(place < least, -1, np.arange(len(place))), kind="stable")
    found: Array = np.sort(first[:ROWS])
    return found


def _place_in_class(target: Array) -> Array:
    """Give each row its number within its class."""
    import numpy as np

    order = np.argsort(target, kind="stable")
    starts = np.searchsorted(target[order], target[order], side="left")
    place = np.empty(len(target), dtype=int)
    place[order] = np.arange(len(target)) - starts
    return place


def _splits(target: Array, task: str) -> list[tuple[Array, Array]]:
    import numpy as np

    place = np.arange(len(target)) if task == "regression" else _place_in_class(target)
    part = place % FOLDS
    pairs = [(np.flatnonzero(part != fold), np.flatnonzero(part == fold)) for fold in range(FOLDS)]
    return [(train, test) for train, test in pairs if len(test) and len(np.unique(target[train])) > 1]


def _features(sample: Sample, rows: Array) -> Array:
    """Give numbers of variance 1, the commonest levels as columns, and words hashed into a few."""
    import numpy as np

    parts = [standardised(sample.numbers[rows])[0]]
    parts += [
        (column[:, None] == np.arange(_LEVELS)).astype(float)[:, : max(int(column.max()) + 1, 1)]
        for column in sample.codes[rows].T[:FEATURES]
    ]
    parts += [_hashed(texts[rows]) for texts in sample.texts[:2]]
    features = np.column_stack(parts)
    moving = features[:, np.ptp(features, axis=0) > 0] if len(rows) else features[:, :0]
    found: Array = moving[:, :FEATURES]
    return found


def _hashed(texts: Array) -> Array:
    from sklearn.feature_extraction.text import HashingVectorizer

    vectors = HashingVectorizer(n_features=_HASHED, alternate_sign=False)
    found: Array = vectors.transform([text[:_DOCUMENT] for text in texts.tolist()]).toarray()
    return found
