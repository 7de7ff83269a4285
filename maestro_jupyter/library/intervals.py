"""An interval for a cross-validated mean, from what is recorded of it: mean, standard deviation and folds."""

from __future__ import annotations

import math

LEVEL = 0.95
"""How often such an interval is to hold the truth."""

_HALVINGS = 60


def cross_validated(mean: float, std: float, folds: int, level: float = LEVEL) -> tuple[float, float]:
    """Give an interval for what k-fold cross-validation estimates.

    The folds' models are trained on overlapping data, so that their scores are not independent: the variance
    of the mean is taken to be ``(1/k + 1/(k - 1))`` of the folds', not ``1/k``.

    Parameters
    ----------
    mean : float
    std : float
        Over the folds, as ``numpy.std`` gives it.
    folds : int
        At least 2; each is taken to be one in so many of the rows.
    level : float

    Returns
    -------
    tuple of float
        The lower and the upper end.

    References
    ----------
    C. Nadeau, Y. Bengio, Inference for the Generalization Error, Machine Learning 52, 2003.

    Examples
    --------
    >>> low, high = cross_validated(0.9, 0.02, 5)
    >>> round(low, 4), round(high, 4)
    (0.8584, 0.9416)
    """
    variance = std**2 * folds / (folds - 1)
    reach = student_quantile((1 + level) / 2, folds - 1) * math.sqrt(variance * (1 / folds + 1 / (folds - 1)))
    return mean - reach, mean + reach


def student_quantile(chance: float, freedom: int) -> float:
    """Give a quantile of Student's t distribution, from its median up.

    Examples
    --------
    >>> round(student_quantile(0.975, 4), 4), round(student_quantile(0.975, 9), 4)
    (2.7764, 2.2622)
    """
    low, high = 0.0, 1.0
    while _below(high, freedom) < chance:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _below(middle, freedom) < chance else (low, middle)
    return (low + high) / 2


def _below(t: float, freedom: int) -> float:
    """Give the chance of a value below t >= 0: M. Abramowitz, I. Stegun, 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for number in range(2 + odd, freedom - 1, 2):
        term *= cosine**2 * (number - 1) / number
        total += term
    inside = 2 / math.pi * (angle + sine * total) if odd else sine * total
    return 0.5 + inside / 2
