"""Leave one group out: every method proposes, is told, and proposes again; the engine forecasts besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.recommend.baselines import BASELINES, New, past
from maestro_jupyter.recommend import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.pool import Pool

    from benchmarks.recommend.baselines import Told
    from benchmarks.recommend.tables import Array, Table

BUDGETS = (1, 3, 5, 10)
FORECASTS = (0, 1, 3, 5, 9)
OURS = "Maestro"


class Fold(NamedTuple):
    """A group that is left out, what the methods may know instead, which are asked, and their seed."""

    history: Table
    new: Table
    methods: tuple[str, ...]
    seed: int = 0


class Outcome(NamedTuple):
    """One dataset: by method the regret after each trial; by number of trials how good the forecast was.

    `covered` is the share of the scores that were not told yet and lie within their 80 % interval, `width`
    the mean width of the intervals and `error` the mean absolute error of the mean.
    """

    group: int
    regrets: dict[str, Array]
    covered: Array
    width: Array
    error: Array


def leave_out(
    table: Table,
    methods: Sequence[str],
    pool: Pool,
    history: Callable[[Table], Table] = lambda known: known,
    folds: int | None = None,
    most: int | None = None,
    seeds: int = 1,
) -> list[Outcome]:
    """Ask methods about each dataset, of whose group they know nothing.

    One group is left out at a time, or so many that there are `folds`; all groups are, or `most` of them.
    `history` may change what is known. Every method begins with each of so many `seeds` anew.
    """
    groups = np.random.default_rng(0).permutation(np.unique(table.groups))[:most]
    parts = np.array_split(groups, len(groups) if folds is None else min(folds, len(groups)))
    cut = [np.isin(table.groups, part) for part in parts]
    asked = [
        Fold(history(table.rows(~new)), table.rows(new), tuple(methods), seed)
        for seed in range(seeds)
        for new in cut
    ]
    return [outcome for found in pool.imap(ask, asked, chunksize=1) for outcome in found]


def drawn(
    table: Table, sizes: Sequence[int], methods: Sequence[str], pool: Pool, draws: int, most: int
) -> dict[int, list[Outcome]]:
    """Ask methods that know datasets drawn by lot about the same others, of groups that no history has.

    Of each draw the shorter histories are part of the longer ones, and its groups are named apart.
    """
    found: dict[int, list[Outcome]] = {size: [] for size in sizes}
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        known = rng.permutation(_whole_groups(table, max(sizes), rng))
        others = np.setdiff1d(table.groups, table.groups[known])
        new = table.rows(np.isin(table.groups, rng.permutation(others)[:most]))
        apart = new._replace(groups=new.groups + draw * (table.groups.max() + 1))
        _grow(found, table.rows(known), apart, methods, pool)
    return found


def in_a_row(
    table: Table, sizes: Sequence[int], methods: Sequence[str], pool: Pool, starts: int
) -> dict[int, list[Outcome]]:
    """Ask methods that know datasets in the table's own order about all of groups that no history has.

    From each start, of so many that are spread evenly, the shorter histories are part of the longer ones.
    After the last dataset comes the first. Where no group is left for new there is nothing to ask.
    """
    found: dict[int, list[Outcome]] = {size: [] for size in sizes}
    places = np.arange(len(table.groups))
    for start in range(starts):
        turned = table.rows(np.roll(places, -(start * len(places) // starts)))
        known = turned.rows(places < max(sizes))
        new = turned.rows(~np.isin(turned.groups, known.groups))
        if len(new.groups):
            _grow(found, known, new, methods, pool)
    return found


def _grow(
    found: dict[int, list[Outcome]], known: Table, new: Table, methods: Sequence[str], pool: Pool
) -> None:
    """Ask about the same new datasets with the first of what is known, more and more of it."""
    asked = [Fold(known.rows(np.arange(size)), new, tuple(methods)) for size in found]
    for outcomes, answered in zip(found.values(), pool.imap(ask, asked, chunksize=1), strict=True):
        outcomes.extend(answered)


def _whole_groups(table: Table, size: int, rng: np.random.Generator) -> Array:
    """Draw groups until there are so many datasets; the last one may be cut."""
    groups = rng.permutation(np.unique(table.groups))
    return np.concatenate([np.flatnonzero(table.groups == group) for group in groups])[:size]


def ask(fold: Fold) -> list[Outcome]:
    """Let every method try its configs on the datasets of a fold."""
    known = fold.history
    others = [method for method in fold.methods if method != OURS]
    before, standardise = past(
        known.scores, known.metafeatures, np.unique(known.groups, return_inverse=True)[1], fold.seed
    )
    engine = Engine(seed=fold.seed)
    if OURS in fold.methods:
        engine.fit(known.scores, known.metafeatures, groups=known.groups)
    found = []
    for place, (scores, features) in enumerate(zip(fold.new.scores, fold.new.metafeatures, strict=True)):
        candidates = ~np.isnan(scores)
        rng = np.random.default_rng((int(fold.new.groups[place]), place, fold.seed))
        new = New(standardise(features), candidates, rng)
        regrets = {}
        for method in others:
            choose = BASELINES[method](before, new)
            regrets[method] = _tried(choose, scores, candidates)
        forecasts = np.full((3, len(FORECASTS)), np.nan)
        if OURS in fold.methods:
            regrets[OURS], forecasts = _ours(engine, features, scores, candidates)
        found.append(Outcome(int(fold.new.groups[place]), regrets, *forecasts))
    return found


def _tried(choose: Callable[[Told], Array], scores: Array, candidates: Array) -> Array:
    allowed, told = candidates.copy(), []
    for _ in range(min(max(BUDGETS), int(allowed.sum()))):
        config = int(np.where(allowed, choose(told), -np.inf).argmax())
        allowed[config] = False
        told.append((config, float(scores[config])))
    return _regret(told, scores, candidates)


def _ours(engine: Engine, features: Array, scores: Array, candidates: Array) -> tuple[Array, Array]:
    session = engine.start(features, candidates)
    open_, told = candidates.copy(), []
    forecasts = np.full((3, len(FORECASTS)), np.nan)
    for trials in range(min(max(BUDGETS), int(candidates.sum()))):
        if trials in FORECASTS:
            mean, low, high = (end[open_] for end in session.predict())
            truth = scores[open_]
            held = (low <= truth) & (truth <= high)
            forecasts[:, FORECASTS.index(trials)] = (
                held.mean(),
                (high - low).mean(),
                np.abs(mean - truth).mean(),
            )
        config = session.next()
        session.tell(config, scores[config])
        open_[config] = False
        told.append((config, float(scores[config])))
    return _regret(told, scores, candidates), forecasts


def _regret(told: Told, scores: Array, candidates: Array) -> Array:
    """Give (best - best found) / (best - worst) after each trial; the last once everything was tried."""
    best, worst = scores[candidates].max(), scores[candidates].min()
    found = np.maximum.accumulate([score for _, score in told])
    found = np.append(found, np.full(max(BUDGETS) - len(found), found[-1]))
    return (best - found) / (best - worst)
