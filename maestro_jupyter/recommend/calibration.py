"""Chooses by replaying the history how far to trust metafeatures, and how wide intervals are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from maestro_jupyter.recommend import replay
from maestro_jupyter.recommend.forecast import after, before, correlation
from maestro_jupyter.recommend.history import levels, opposite
from maestro_jupyter.recommend.intervals import CHECKPOINTS, LEAST_GROUPS, calibrated, ends, normal_widths
from maestro_jupyter.recommend.left_out import blended, left_out, trust
from maestro_jupyter.recommend.policy import Told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_jupyter.recommend.history import Array, History
    from maestro_jupyter.recommend.intervals import Widths
    from maestro_jupyter.recommend.left_out import LeftOut
    from maestro_jupyter.recommend.prior import Forest
    from maestro_jupyter.recommend.replay import Case

_MOST_COMPARED = 400
"""Datasets whose forecasts' errors tell how configs deviate together."""


class Calibration(NamedTuple):
    """What replaying taught.

    Attributes
    ----------
    trust : float
        How much of what metafeatures say of losses comes true, from 0 to 1.
    level_trust : float
        How much of what they say of scores does.
    strength : float
        Of the metafeatures, as far as they are trusted, against equal weights when choosing.
    alike : ndarray of shape (m, m)
        The correlation of forecast errors between configs.
    widths : Widths
    alike_upright, alike_turned : ndarray of shape (m, m)
        What `alike` is for forecasts by what regrets tell, and had all scores been turned round besides.
    ends : tuple of float
        What `widths` are for these forecasts, before any trial.
    is_calibrated : bool
        Whether there were enough datasets to replay.
    """

    trust: float
    level_trust: float
    strength: float
    alike: Array
    widths: Widths
    alike_upright: Array
    alike_turned: Array
    ends: tuple[float, float]
    is_calibrated: bool


class _Errors(NamedTuple):
    """Standardised errors of forecasts from metafeatures alone, of some datasets of the history."""

    places: Array
    rests: Array


def calibrate(history: History, forest: Forest, by_level: Forest, tried: Array, seed: int) -> Calibration:
    """Replay the history; too small a one leaves what is sound without."""
    places = np.random.default_rng(seed).permutation(len(history.scores))[:_MOST_COMPARED]
    by_regret = left_out(history, forest, places)
    trusted = trust(history, history.losses, by_regret, tried)
    upright, turned = (
        _alike(history, _errors(one, by_regret, trusted)) for one in (history, opposite(history))
    )
    apart = left_out(history, by_level, places)
    level_trust = trust(history, levels(history.scores), apart, tried)
    errors = _errors(history, apart, level_trust)
    alike = _alike(history, errors)
    cases = replay.cases(history, forest, tried, seed)
    if len(cases) < LEAST_GROUPS:
        widths = normal_widths()
        return Calibration(
            trusted, level_trust, 1.0, alike, widths, upright, turned, widths.at(0), is_calibrated=False
        )
    played = list(
        zip(*(replay.replayed(history, case, trusted, tried[case.place]) for case in cases), strict=True)
    )
    strength = replay.hedged(
        [
            [
                replay.regret(history, case, told, tried[case.place])
                for case, told in zip(cases, each, strict=True)
            ]
            for each in played
        ]
    )
    nearest = int(np.argmin(np.abs(np.subtract(replay.STRENGTHS, strength))))
    widths = calibrated(
        _forecast_errors(history, by_level, errors, cases, level_trust, played[nearest], tried)
    )
    off = ends([_first_errors(history, case, trusted, tried) for case in cases])
    return Calibration(
        trusted, level_trust, strength, alike, widths, upright, turned, off, is_calibrated=True
    )


def _errors(history: History, apart: LeftOut, trusted: float) -> _Errors:
    rests = np.zeros((len(apart.places), history.scores.shape[1]))
    for row, place in enumerate(apart.places):
        prior = before(history, blended(apart.even[row], apart.near[row], trusted))
        rests[row] = (history.scores[place] - prior.mean) / prior.deviation
    return _Errors(apart.places, rests)


def _alike(history: History, errors: _Errors) -> Array:
    return correlation(errors.rests, history.weights[errors.places])


def _first_errors(history: History, case: Case, trusted: float, tried: Array) -> Array:
    """Give the standardised errors of a case's forecasts by what regrets tell, before any trial."""
    mean, deviation = before(history, blended(case.even, case.near, trusted))
    errors: Array = ((history.scores[case.place] - mean) / deviation)[tried[case.place]]
    return errors


def _forecast_errors(
    history: History,
    by_level: Forest,
    errors: _Errors,
    cases: Sequence[Case],
    trusted: float,
    played: Sequence[Told],
    tried: Array,
) -> list[list[Array]]:
    """Give, by checkpoint, each case's standardised errors of forecasts of what was tried, but not told."""
    found: list[list[Array]] = [[] for _ in CHECKPOINTS]
    apart = left_out(history, by_level, np.array([case.place for case in cases]))
    for row, (case, told) in enumerate(zip(cases, played, strict=True)):
        others = history.groups[errors.places] != history.groups[case.place]
        alike = correlation(errors.rests[others], history.weights[errors.places][others])
        prior = before(history, blended(apart.even[row], apart.near[row], trusted))
        for at, trials in enumerate(CHECKPOINTS):
            if trials > len(told.configs):
                continue
            part = Told(told.configs[:trials], told.scores[:trials])
            open_ = tried[case.place].copy()
            open_[part.configs] = False
            mean, deviation = after(prior, alike, part)
            found[at].append(((history.scores[case.place] - mean) / deviation)[open_])
    return found
