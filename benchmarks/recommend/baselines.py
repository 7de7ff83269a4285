"""What others do: one function each, that is given the past and a new dataset and says what to try next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor

Array = np.ndarray[Any, np.dtype[Any]]

TRIALS = 10
NEIGHBOURS = 10
_TIE = 1e-9
"""Where no config adds anything to a portfolio, the best on average is next."""


class Past(NamedTuple):
    """The history of one fold, gaps filled with the configs' means.

    `scores` as they were, `losses` the shares of the range that each lacks to its dataset's best, `features`
    standardised metafeatures, `forest` and `leaves` what a forest of the metafeatures says.
    """

    scores: Array
    losses: Array
    features: Array
    groups: Array
    forest: ExtraTreesRegressor
    leaves: Array


class New(NamedTuple):
    """A new dataset: its standardised metafeatures, which configs may be tried, and its own generator."""

    features: Array
    candidates: Array
    rng: np.random.Generator


Told = list[tuple[int, float]]
Chooser = Callable[[Told], Array]
"""From what was told so far to a value for each config: the highest that was not tried is next."""

Baseline = Callable[[Past, New], Chooser]


def past(
    scores: Array, metafeatures: Array, groups: Array, seed: int
) -> tuple[Past, Callable[[Array], Array]]:
    """Prepare a history, and give how to standardise a new dataset's metafeatures."""
    filled = np.where(np.isnan(scores), np.nan_to_num(np.nanmean(scores, axis=0)), scores)
    best, worst = filled.max(axis=1, keepdims=True), filled.min(axis=1, keepdims=True)
    losses = (best - filled) / np.where(best > worst, best - worst, 1)
    median = np.array([_median(values) for values in metafeatures.T])
    known = np.where(np.isnan(metafeatures), median, metafeatures)
    low, high = np.percentile(known, [5, 95], axis=0)
    clipped = np.clip(known, low, high)
    mean, size = clipped.mean(axis=0), clipped.std(axis=0)

    def standardise(row: Array) -> Array:
        return (np.clip(np.where(np.isnan(row), median, row), low, high) - mean) / np.where(size > 0, size, 1)

    features = standardise(metafeatures)
    forest = ExtraTreesRegressor(
        100, min_samples_leaf=3, max_features=0.33, bootstrap=True, random_state=seed
    )
    rest = losses - losses.mean(axis=0)
    forest.fit(features, rest @ np.linalg.svd(rest, full_matrices=False)[2][:10].T)
    return Past(filled, losses, features, groups, forest, forest.apply(features)), standardise


def random(_known: Past, new: New) -> Chooser:
    """Try anything."""
    return _order(new.rng.permutation(len(new.candidates)), new)


def best_on_average(known: Past, new: New) -> Chooser:
    """Go by the mean regret."""
    return _order(np.argsort(known.losses.mean(axis=0), kind="stable"), new)


def portfolio(known: Past, new: New) -> Chooser:
    """Go by a greedy portfolio (Feurer et al. 2022, auto-sklearn 2)."""
    return _order(_greedy(known.losses, np.full(len(known.losses), 1.0), new.candidates), new)


def portfolio_of_groups(known: Past, new: New) -> Chooser:
    """Go by a greedy portfolio in which each group counts as one."""
    return _order(_greedy(known.losses, 1 / np.bincount(known.groups)[known.groups], new.candidates), new)


def nearest(known: Past, new: New) -> Chooser:
    """Try what was best on the nearest dataset, then on the next (Feurer et al. 2015, auto-sklearn 1)."""
    near = np.argsort(np.abs(known.features - new.features).sum(axis=1), kind="stable")
    return _order((int(known.losses[place].argmin()) for place in near), new)


def near_portfolio(known: Past, new: New) -> Chooser:
    """Go by a greedy portfolio in which near datasets count for more."""
    distance = np.abs(known.features - new.features).sum(axis=1)
    weights = np.exp(-distance / (np.sort(distance)[: 2 * NEIGHBOURS].mean() / 2 + 1e-12))
    return _order(_greedy(known.losses, weights / weights.sum() + 0.2 / len(weights), new.candidates), new)


def factorisation(known: Past, _: New) -> Chooser:
    """Try the best on average, then what a factorisation of rank 5 expects (La Cava et al. 2020, Aliro)."""
    mean = known.scores.mean(axis=0)
    rest = known.scores - mean
    _, sizes, directions = np.linalg.svd(rest - rest.mean(axis=1, keepdims=True), full_matrices=False)
    factors = directions[:5] * sizes[:5, None] / np.sqrt(len(known.scores))

    def choose(told: Told) -> Array:
        if not told:
            return -known.losses.mean(axis=0)
        configs, scores = [config for config, _ in told], np.array([score for _, score in told])
        seen = factors[:, configs]
        left = scores - mean[configs]
        place = np.linalg.solve(seen @ seen.T + 1e-3 * np.eye(len(seen)), seen @ (left - left.mean()))
        return mean + place @ factors

    return choose


def oboe(known: Past, _: New) -> Chooser:
    """Try what tells most, then the best of a low-rank fit, in turn (Yang et al. 2019, OBOE)."""
    mean = known.scores.mean(axis=0)
    left, sizes, directions = np.linalg.svd(known.scores, full_matrices=False)
    rank = int(np.count_nonzero(sizes > 0.03 * sizes[0])) or 1
    factors = directions[:rank] * sizes[:rank, None] / np.sqrt(len(left))

    def choose(told: Told) -> Array:
        if not told:
            return mean
        configs, scores = [config for config, _ in told], np.array([score for _, score in told])
        seen = factors[:, configs]
        inverse = np.linalg.inv(seen @ seen.T + 1e-3 * np.eye(rank))
        if len(told) % 2:
            return (factors * (inverse @ factors)).sum(axis=0)
        return (inverse @ seen @ scores) @ factors

    return choose


def gaussian_process(known: Past, new: New) -> Chooser:
    """Update a Gaussian process over configs: the mean from metafeatures, the covariance from the past."""
    mean = _near(known, new) @ known.losses
    rest = known.losses - known.losses.mean(axis=0)
    shared = rest.T @ rest / len(rest)

    def choose(told: Told) -> Array:
        if not told:
            return -mean
        configs, scores = [config for config, _ in told], np.array([score for _, score in told])
        lost = _on_the_scale(scores, mean[configs])
        gain = shared[:, configs] @ np.linalg.inv(
            shared[np.ix_(configs, configs)] + 0.01 * np.eye(len(configs))
        )
        expected = mean + gain @ (lost - mean[configs])
        deviation = np.sqrt(np.maximum(np.diag(shared) - (gain * shared[:, configs]).sum(axis=1), 1e-9))
        return _improvement(lost.min() - expected, deviation)

    return choose


def forest_hypotheses(known: Past, new: New) -> Chooser:
    """Weigh datasets by a forest times how well their profile fits, and go on with the portfolio of those."""
    prior = 0.8 * _near(known, new) + 0.2 / len(known.losses)

    def choose(told: Told) -> Array:
        if not told:
            return -(prior @ known.losses)
        configs, scores = [config for config, _ in told], np.array([score for _, score in told])
        supposed = known.losses[:, configs]
        spans = np.ptp(known.scores, axis=1)
        rest = -scores / np.where(spans > 0, spans, 1)[:, None] - supposed
        rest = rest - np.median(rest, axis=1, keepdims=True)
        belief = np.log(prior) - 2.5 * np.log1p((rest / 0.1) ** 2 / 4).sum(axis=1)
        belief = np.exp(belief - belief.max())
        return -((belief / belief.sum()) @ np.minimum(supposed.min(axis=1)[:, None], known.losses))

    return choose


BASELINES: dict[str, Baseline] = {
    "random": random,
    "best on average": best_on_average,
    "greedy portfolio": portfolio,
    "greedy portfolio, groups count as one": portfolio_of_groups,
    "nearest datasets' best": nearest,
    "portfolio weighted to near datasets": near_portfolio,
    "matrix factorisation": factorisation,
    "OBOE": oboe,
    "Gaussian process, metafeature mean": gaussian_process,
    "forest prior x profile likelihood": forest_hypotheses,
}


def _median(values: Array) -> float:
    """Give the median of what is known; what nobody knows tells nothing."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else 0.0


def _order(configs: Iterable[int], new: New) -> Chooser:
    """Give a chooser that goes by an order, whatever it is told; what is not in it comes last."""
    values = np.full(len(new.candidates), -np.inf)
    for place, config in enumerate(dict.fromkeys(configs)):
        values[config] = -place
    return lambda _: np.maximum(values, -1e9)


def _greedy(losses: Array, weights: Array, candidates: Array) -> list[int]:
    weights = weights / weights.sum()
    best, chosen, average = np.full(len(losses), 1.0), [], weights @ losses
    allowed = candidates.copy()
    for _ in range(min(TRIALS, int(allowed.sum()))):
        left = weights @ np.minimum(best[:, None], losses) + _TIE * average
        config = int(np.where(allowed, left, np.inf).argmin())
        allowed[config] = False
        chosen.append(config)
        best = np.minimum(best, losses[:, config])
    return chosen


def _near(known: Past, new: New) -> Array:
    together = known.forest.apply(new.features[None, :]) == known.leaves
    weights = (together / np.maximum(together.sum(axis=0), 1)).sum(axis=1)
    return weights / weights.sum()


def _on_the_scale(scores: Array, losses: Array) -> Array:
    """Bring scores to the scale of losses by what was expected of them."""
    lost = scores.max() - scores
    scale = np.ptp(losses) / lost.max() if len(scores) > 1 and lost.max() > 0 else 0.0
    lost = lost * (scale or 1.0)
    return lost + (losses - lost).mean()


def _improvement(lacking: Array, deviation: Array) -> Array:
    from scipy.stats import norm

    z = lacking / deviation
    return deviation * (z * norm.cdf(z) + norm.pdf(z))
