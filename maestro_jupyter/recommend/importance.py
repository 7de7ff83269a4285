"""Which parameters mattered: how much of what differs between runs each explains, and where it is best.

A forest of regression trees learns how good runs were from their parameters. Each tree divides the space into
boxes, so that the mean over all other parameters, and with it the share of the variance that is due to one
parameter alone or to two together, is a sum over its leaves: functional analysis of variance, as in
F. Hutter, H. Hoos, K. Leyton-Brown, An Efficient Approach for Assessing Hyperparameter Importance, ICML 2014.

Three things keep the figures honest. The shares are of what the forest explains of runs that it has not seen.
Each parameter competes with copies of all parameters whose values were shuffled, as in M. B. Kursa,
W. R. Rudnicki, Feature Selection with the Boruta Package, Journal of Statistical Software 36 (2010). And all
of it is repeated on resampled runs, from which the intervals come.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from maestro_jupyter.errors import Unavailable
from maestro_jupyter.models import ParameterEffect, ParameterImportance, ParameterInsight, ParameterPair
from maestro_jupyter.recommend.direction import choice_of, direction_of
from maestro_jupyter.recommend.parameter_space import axes_of
from maestro_jupyter.recording.calls import own_work

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from maestro_jupyter.models import Outcome
    from maestro_jupyter.recommend.parameter_space import Axis, Floats

LEAST_RUNS = 20
"""Fewer runs than these say nothing."""

MOST_RUNS = 2000
"""Of more, as many are drawn."""

LEAST_OF_DATA = 3
"""So many runs have to be on the same data, for only there can they be compared."""

RESAMPLED, TREES = 30, 12
LOW, HIGH = 0.1, 0.9
"""The interval's ends: 80 %."""

MOST_PARAMETERS = 40
_PAIRED = 5
_PAIRS = 3
_GOOD = 0.75
"""What lies in the upper quarter of a parameter's effect is promising."""


class _Resampled(NamedTuple):
    """What one forest says.

    Attributes
    ----------
    explained : float
        The share of the variance of unseen runs that it predicts; below 0 if it predicts worse than the mean.
    shares : array of float, shape (parameters,)
        Of the trees' variance, by one parameter alone.
    shuffled : float
        The largest share of a shuffled copy.
    pairs : dict
        By two parameters, their share together beyond their own.
    effects : list of array
        By parameter, the mean over all others for each cell.
    """

    explained: float
    shares: Floats
    shuffled: float
    pairs: dict[tuple[int, int], float]
    effects: list[Floats]


def importance(outcomes: Sequence[Outcome], *, metric: str, seed: int = 0) -> ParameterInsight:
    """Tell which parameters mattered for a metric.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Runs with their parameters, their data and how good they were; higher is better.
    metric : str
        Its name, for the answer.
    seed : int

    Returns
    -------
    ParameterInsight
        With a sentence instead of parameters where the runs are too few or too alike, or say nothing that
        holds for runs that were left out.
    """
    rng = np.random.default_rng(seed)
    kept = _comparable(outcomes)
    if len(kept) > MOST_RUNS:
        kept = [kept[place] for place in np.sort(rng.permutation(len(kept))[:MOST_RUNS])]
    datasets = len({outcome.dataset for outcome in kept})
    nothing = ParameterInsight(metric=metric, runs=len(kept), datasets=datasets)
    if len(kept) < LEAST_RUNS:
        nothing.note = (
            f"Too little history: {len(kept)} runs with {metric} share their data with "
            f"{LEAST_OF_DATA - 1} others or more; {LEAST_RUNS} are needed."
        )
        return nothing
    axes = axes_of([outcome.params for outcome in kept])
    values = _centred(kept)
    if not axes or np.ptp(values) == 0:
        what = "parameter" if not axes else "value"
        nothing.note = f"The {len(kept)} runs have the same {what}s: nothing can be told apart."
        return nothing
    axes = _most_telling(axes, values)
    repeated = [_resample(axes, values, rng) for _ in range(RESAMPLED)]
    return _summarised(nothing, axes, repeated)


def _comparable(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Keep finite values of runs that share their data with others."""
    finite = [outcome for outcome in outcomes if np.isfinite(outcome.value)]
    counts = Counter(map(_alike, finite))
    return [outcome for outcome in finite if counts[_alike(outcome)] >= LEAST_OF_DATA]


def _alike(outcome: Outcome) -> str:
    """Name the runs that a run can be compared with."""
    return f"{outcome.dataset} {outcome.given}"


def _centred(outcomes: Sequence[Outcome]) -> Floats:
    """Give how much better each run was than the others on its data.

    Values far off are drawn in to three times the usual distance: one run that diverged is not to explain
    everything.
    """
    values = np.array([outcome.value for outcome in outcomes], np.float64)
    names = np.array([_alike(outcome) for outcome in outcomes])
    for name in np.unique(names):
        same = names == name
        values[same] -= np.median(values[same])
    spread = 1.4826 * float(np.median(np.abs(values)))
    return np.clip(values, -3 * spread, 3 * spread) if spread > 0 else values


def _most_telling(axes: list[Axis], values: Floats) -> list[Axis]:
    """Keep the axes that a forest uses most, where there are very many."""
    if len(axes) <= MOST_PARAMETERS:
        return axes
    forest = _forest(np.column_stack([axis.places for axis in axes]), values, seed=0, trees=100)
    first = np.argsort(-forest.feature_importances_, kind="stable")[:MOST_PARAMETERS]
    return [axes[place] for place in np.sort(first)]


def _resample(axes: Sequence[Axis], values: Floats, rng: np.random.Generator) -> _Resampled:
    table = np.column_stack([axis.places for axis in axes])
    shuffled = np.column_stack([rng.permutation(column) for column in table.T])
    drawn = rng.integers(len(values), size=len(values))
    left = np.setdiff1d(np.arange(len(values)), drawn)
    both = np.hstack([table, shuffled])
    forest = _forest(both[drawn], values[drawn], int(rng.integers(1 << 31)), TREES)
    explained = _explained(values[left], forest.predict(both[left]), float(np.mean(values[drawn])))
    grids = [*axes, *axes]
    trees = [_Boxes.of(tree.tree_, grids) for tree in forest.estimators_]
    number = len(axes)
    variances = np.mean([tree.variances() for tree in trees], axis=0)
    total = max(float(np.mean([tree.variance for tree in trees])), 1e-300)
    shares = variances / total
    first = np.argsort(-shares[:number], kind="stable")[:_PAIRED]
    pairs = {
        (int(a), int(b)): float(np.mean([tree.together(int(a), int(b)) for tree in trees])) / total
        for a, b in itertools.combinations(np.sort(first), 2)
    }
    effects = [np.mean([tree.effect(place) for tree in trees], axis=0) for place in range(number)]
    return _Resampled(explained, shares[:number], float(shares[number:].max()), pairs, effects)


@own_work()
def _forest(table: Floats, values: Floats, seed: int, trees: int) -> Any:
    try:
        from sklearn.ensemble import RandomForestRegressor
    except ImportError as error:
        msg = "To learn from runs takes scikit-learn, which is not installed."
        raise Unavailable(msg, hint="pip install scikit-learn.") from error
    return RandomForestRegressor(trees, min_samples_leaf=2, random_state=seed).fit(table, values)


def _explained(values: Floats, predicted: Floats, mean: float) -> float:
    if not len(values):
        return 0.0
    before = float(np.sum((values - mean) ** 2))
    return 1 - float(np.sum((values - predicted) ** 2)) / before if before > 0 else 0.0


class _Boxes(NamedTuple):
    """The leaves of one tree as boxes.

    Attributes
    ----------
    values : array of float, shape (leaves,)
    inside : list of array of bool, shape (leaves, cells)
        By axis, which cells lie in the box.
    weights : list of array of float, shape (cells,)
        By axis.
    widths : array of float, shape (leaves, axes)
        Which share of each axis the box spans.
    """

    values: Floats
    inside: list[NDArray[np.bool_]]
    weights: list[Floats]
    widths: Floats

    @classmethod
    def of(cls, tree: Any, axes: Sequence[Axis]) -> _Boxes:
        lows, highs, values = _leaves(tree, len(axes))
        inside, weights, widths = [], [], np.empty((len(values), len(axes)))
        for number, axis in enumerate(axes):
            places = np.array([cell.place for cell in axis.cells])
            weight = np.array([cell.weight for cell in axis.cells])
            weight /= weight.sum()
            within = (places > lows[:, [number]]) & (places <= highs[:, [number]])
            inside.append(within)
            weights.append(weight)
            widths[:, number] = within @ weight
        return cls(values, inside, weights, widths)

    @property
    def mean(self) -> float:
        return float(self.values @ self.widths.prod(axis=1))

    @property
    def variance(self) -> float:
        return float((self.values - self.mean) ** 2 @ self.widths.prod(axis=1))

    def effect(self, axis: int) -> Floats:
        """Give the mean over all other axes for each cell of one."""
        others = np.delete(self.widths, axis, axis=1).prod(axis=1)
        found: Floats = (self.values * others) @ self.inside[axis]
        return found

    def variances(self) -> Floats:
        """Give the variance that is due to each axis alone."""
        mean = self.mean
        return np.array(
            [(self.effect(axis) - mean) ** 2 @ weight for axis, weight in enumerate(self.weights)]
        )

    def together(self, a: int, b: int) -> float:
        """Give the variance that is due to two axes beyond what is due to each."""
        others = np.delete(self.widths, [a, b], axis=1).prod(axis=1)
        both = np.einsum("l,li,lj->ij", self.values * others, self.inside[a], self.inside[b], optimize=True)
        rest = both - self.effect(a)[:, None] - self.effect(b)[None] + self.mean
        return float(self.weights[a] @ rest**2 @ self.weights[b])


def _leaves(tree: Any, axes: int) -> tuple[Floats, Floats, Floats]:
    """Give the lower and upper corner of each leaf's box, and its value."""
    left, right = tree.children_left, tree.children_right
    feature, threshold = tree.feature, tree.threshold
    value = tree.value[:, 0, 0]
    found: list[tuple[Floats, Floats, float]] = []
    waiting = [(0, np.full(axes, -np.inf), np.full(axes, np.inf))]
    while waiting:
        node, low, high = waiting.pop()
        if left[node] < 0:
            found.append((low, high, float(value[node])))
            continue
        below, above = high.copy(), low.copy()
        below[feature[node]] = min(high[feature[node]], threshold[node])
        above[feature[node]] = max(low[feature[node]], threshold[node])
        waiting += [(left[node], low, below), (right[node], above, high)]
    lows, highs, values = zip(*found, strict=True)
    return np.array(lows), np.array(highs), np.array(values)


def _summarised(
    insight: ParameterInsight, axes: Sequence[Axis], repeated: Sequence[_Resampled]
) -> ParameterInsight:
    explained = np.array([one.explained for one in repeated])
    insight.explained = _middle(explained)
    insight.explained_low, insight.explained_high = _interval(explained)
    if insight.explained_low <= 0:
        insight.note = (
            "Unknown: the parameters of these runs do not foretell how good a run is that was left out."
        )
        return insight
    scale = np.clip(explained, 0, None)
    shares = np.array([one.shares for one in repeated]) * scale[:, None]
    shuffled = np.array([one.shuffled for one in repeated]) * scale
    beats = np.mean(shares > shuffled[:, None], axis=0)
    for number, axis in enumerate(axes):
        low, high = _interval(shares[:, number])
        matters = bool(beats[number] >= HIGH)
        effects = np.array([one.effects[number] for one in repeated])
        insight.parameters.append(
            ParameterImportance(
                name=axis.name,
                share=_middle(shares[:, number]),
                low=low,
                high=high,
                matters=matters,
                direction=direction_of(axis, effects) if matters else None,
                choice=choice_of(axis, effects) if matters else None,
                effects=_effects(axis, effects),
            )
        )
    insight.parameters.sort(key=lambda one: (not one.matters, -one.share, one.name))
    insight.pairs = _pairs(axes, repeated, scale)
    if not any(one.matters for one in insight.parameters):
        insight.note = "No parameter is told from chance."
    return insight


def _effects(axis: Axis, effects: Floats) -> list[ParameterEffect]:
    """Give each cell's effect with its interval, and whether it is promising."""
    effects = effects - effects.mean(axis=1, keepdims=True)
    bound = _GOOD * effects.max(axis=1, keepdims=True) + (1 - _GOOD) * effects.min(axis=1, keepdims=True)
    promising = np.mean(effects >= bound, axis=0) > 1 / 2
    return [
        ParameterEffect(
            label=cell.label,
            low_value=cell.low,
            high_value=cell.high,
            effect=_middle(effects[:, place]),
            low=_interval(effects[:, place])[0],
            high=_interval(effects[:, place])[1],
            promising=bool(promising[place]),
        )
        for place, cell in enumerate(axis.cells)
    ]


def _pairs(axes: Sequence[Axis], repeated: Sequence[_Resampled], scale: Floats) -> list[ParameterPair]:
    """Give the pairs that were looked at in most repetitions, the strongest first."""
    found = []
    for a, b in sorted({pair for one in repeated for pair in one.pairs}):
        shares = np.array(
            [one.pairs[a, b] * by for one, by in zip(repeated, scale, strict=True) if (a, b) in one.pairs]
        )
        if 2 * len(shares) > len(repeated):
            low, high = _interval(shares)
            found.append(ParameterPair((axes[a].name, axes[b].name), _middle(shares), low, high))
    return sorted(found, key=lambda pair: -pair.share)[:_PAIRS]


def _middle(values: Floats) -> float:
    return float(np.median(values))


def _interval(values: Floats) -> tuple[float, float]:
    low, high = np.quantile(values, [LOW, HIGH])
    return float(low), float(high)
