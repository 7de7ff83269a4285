"""Fills in what was never tried, and tells how far the filled-in can be believed.

Scores of different datasets differ in offset and scale; what is left has low rank. So each dataset's scores
are fitted as offset + slope x the configs' common profile, and what that leaves unexplained is completed by
soft-thresholded singular values (Mazumder, Hastie, Tibshirani 2010, "Spectral regularization algorithms for
learning large incomplete matrices"), with the threshold chosen on cells that were held out. The profile of
configs that were seldom tried leans on configs with similar features.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from maestro_jupyter.recommend.history import Array

_ROUNDS = 6
_SOFT_ROUNDS = 25
_LEAN = 2.0
"""How many datasets' worth of belief a fit is given that says nothing special of a row or a config."""

_LEAST_SLOPE = 0.1
_HELD_OUT = 0.1
_THRESHOLDS = (0.2, 0.4, 0.7)
"""Shares of the largest singular value below which structure is taken for noise."""


class Completed(NamedTuple):
    """A table without gaps.

    Attributes
    ----------
    scores : ndarray of shape (n, m)
        What was tried as it was; the rest filled in.
    doubt : ndarray of shape (n, m)
        Variance of the filled-in, on the scale of the scores; 0 where it was tried.
    """

    scores: Array
    doubt: Array


class _Lines(NamedTuple):
    """Lines that lead from the common profile to the scores of each dataset, columns of shape (n, 1).

    Attributes
    ----------
    offset, slope : ndarray
        scores = offset + slope x profile + rest.
    unit : ndarray
        The standard deviation of each dataset's scores, in which its rest is measured.
    """

    offset: Array
    slope: Array
    unit: Array

    def rest(self, scores: Array, tried: Array, profile: Array) -> Array:
        """Give what the lines leave unexplained, in units; 0 where nothing was tried."""
        left = (scores - self.offset - self.slope * profile) / self.unit
        return np.where(tried, left, 0.0)


class Completion:
    """Fills in what is NaN.

    Parameters
    ----------
    scores : ndarray of shape (n, m)
        With NaN where a config was not tried; each row has a score.
    config_features : ndarray of shape (m, p), optional
        Standardised, without NaN.
    seed : int
        Of the choice of held-out cells.

    Examples
    --------
    >>> table = np.array([[1.0, 2, 3, 4], [10, 20, 30, 40], [5, 6, 7, np.nan], [1, 2, 3, 4]])
    >>> filled = Completion(table).complete(table)
    >>> bool(7 < filled.scores[2, 3] < 9), bool(filled.doubt[2, 3] > 0), float(filled.doubt[0, 0])
    (True, True, 0.0)
    """

    def __init__(self, scores: Array, config_features: Array | None = None, seed: int = 0) -> None:
        tried = ~np.isnan(scores)
        alike = None if config_features is None else likeness(config_features)
        self._profile = _common_profile(scores, tried, alike)
        rest = _lines(scores, tried, self._profile).rest(scores, tried, self._profile)
        share, self._variance = (1.0, 0.0) if tried.all() else _threshold(rest, tried, seed)
        self._directions = _structure(rest, tried, share)

    def complete(self, scores: Array) -> Completed:
        """Fill in datasets of the history, or further ones."""
        tried = ~np.isnan(scores)
        if tried.all():
            return Completed(scores, np.zeros_like(scores))
        lines = _lines(scores, tried, self._profile)
        rest = _projected(lines.rest(scores, tried, self._profile), tried, self._directions)
        guess = lines.offset + lines.slope * self._profile + lines.unit * rest
        doubt = np.where(tried, 0.0, self._variance * lines.unit**2)
        return Completed(np.where(tried, scores, guess), doubt)


def likeness(features: Array) -> Array:
    """Give how alike configs are by their features, between 0 and 1."""
    square = ((features[:, None, :] - features[None, :, :]) ** 2).sum(axis=2)
    typical = np.median(square[square > 0]) if (square > 0).any() else 1.0
    alike: Array = np.exp(-2 * square / typical)
    return alike


def _common_profile(scores: Array, tried: Array, alike: Array | None) -> Array:
    """Fit the profile and the lines in turn."""
    profile = np.zeros(scores.shape[1])
    for _ in range(_ROUNDS):
        profile = _profile(_lines(scores, tried, profile), scores, tried, alike)
    return profile


def _lines(scores: Array, tried: Array, profile: Array) -> _Lines:
    """Fit each row's line, where few scores leave the slope at the row's spread."""
    count = tried.sum(axis=1, keepdims=True)
    known = np.where(tried, scores, 0.0)
    y_mean = known.sum(axis=1, keepdims=True) / count
    y_rest = np.where(tried, scores - y_mean, 0.0)
    spread = np.sqrt((y_rest**2).sum(axis=1, keepdims=True) / count)
    usual = np.median(spread[spread > 0]) if (spread > 0).any() else 1.0
    spread = np.where(spread > 0, spread, usual)
    x_mean = np.where(tried, profile, 0.0).sum(axis=1, keepdims=True) / count
    x_rest = np.where(tried, profile - x_mean, 0.0)
    slope = ((x_rest * y_rest).sum(axis=1, keepdims=True) + _LEAN * spread) / (
        (x_rest**2).sum(axis=1, keepdims=True) + _LEAN
    )
    slope = np.maximum(slope, _LEAST_SLOPE * spread)
    return _Lines(y_mean - slope * x_mean, slope, spread)


def _profile(lines: _Lines, scores: Array, tried: Array, alike: Array | None) -> Array:
    """Fit the profile to the lines; configs tried on few datasets lean on those alike, or on nothing."""
    slope = np.where(tried, lines.slope / lines.unit, 0.0)
    count = (slope**2).sum(axis=0)
    total = (slope * np.where(tried, (scores - lines.offset) / lines.unit, 0.0)).sum(axis=0)
    lean = np.zeros(len(count))
    if alike is not None:
        near = alike - np.diag(np.diag(alike))
        lean = (near @ total) / (near @ count + _LEAN)
    profile: Array = (total + _LEAN * lean) / (count + _LEAN)
    deviation = profile.std()
    return (profile - profile.mean()) / deviation if deviation > 0 else profile


def _threshold(rest: Array, tried: Array, seed: int) -> tuple[float, float]:
    """Choose the threshold that predicts held-out cells best; give it and its squared error."""
    rng = np.random.default_rng(seed)
    held = tried & (rng.random(tried.shape) < _HELD_OUT)
    kept = tried & ~held
    if not held.any() or not kept.any():
        return 1.0, float((rest[tried] ** 2).mean()) if tried.any() else 1.0
    errors = {1.0: float((rest[held] ** 2).mean())}
    for share in _THRESHOLDS:
        guess = _projected(rest, kept, _structure(np.where(kept, rest, 0.0), kept, share))
        errors[share] = float(((guess - rest)[held] ** 2).mean())
    best = min(errors, key=errors.__getitem__)
    return best, errors[best]


class _Directions(NamedTuple):
    """What the rests of datasets have in common: directions of configs, and how far each is believed."""

    vectors: Array
    precision: Array


def _structure(rest: Array, tried: Array, share: float) -> _Directions:
    """Find the directions by soft-thresholded singular values; a share of 1 leaves none."""
    if share >= 1:
        return _Directions(np.zeros((rest.shape[1], 0)), np.zeros(0))
    guess, threshold = np.zeros_like(rest), None
    for _ in range(_SOFT_ROUNDS):
        filled = np.where(tried, rest, guess)
        squares, vectors = np.linalg.eigh(filled.T @ filled)
        sizes = np.sqrt(np.maximum(squares, 0.0))
        threshold = share * sizes[-1] if threshold is None else threshold
        kept = sizes > threshold
        sizes, vectors = sizes[kept], vectors[:, kept]
        guess = (filled @ vectors * (1 - threshold / sizes)) @ vectors.T
    return _Directions(vectors, threshold / (sizes - threshold))


def _projected(rest: Array, tried: Array, directions: _Directions) -> Array:
    """Give each row's place along the directions, by its tried cells alone: a ridge regression each.

    The ridge is what makes a complete row come out shrunk as the soft threshold shrinks it.
    """
    found = np.zeros_like(rest)
    vectors, precision = directions
    if not len(precision):
        return found
    for row in range(len(rest)):
        seen = vectors[tried[row]]
        found[row] = vectors @ np.linalg.solve(
            seen.T @ seen + np.diag(precision), seen.T @ rest[row, tried[row]]
        )
    return found
