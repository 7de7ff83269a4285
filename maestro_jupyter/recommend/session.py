"""A new dataset, from no trial to many: what to try next, what came of it, and what to expect of the rest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from maestro_jupyter.errors import Conflict, Invalid
from maestro_jupyter.recommend import forecast, policy, suspicion
from maestro_jupyter.recommend.policy import Told

if TYPE_CHECKING:
    from maestro_jupyter.recommend.history import Array
    from maestro_jupyter.recommend.intervals import Widths
    from maestro_jupyter.recommend.policy import Hypotheses
    from maestro_jupyter.recommend.suspicion import Foreseen


class Learnt(NamedTuple):
    """What an engine knows of a new dataset before its first trial.

    Attributes
    ----------
    supposed : Hypotheses
    weights : ndarray of shape (n,)
        How far each past dataset is believed to be like the new one, for choosing.
    foreseen : Foreseen
        What is expected of scores.
    widths : Widths
    upright, turned : Foreseen
        What regrets make one expect, and would, were the history turned round.
    ends : tuple of float
        How many deviations below and above these means intervals end before any trial.
    regardless : float
        The share of a config's value for which it does not matter what was told.
    groups : int
        How many groups of past datasets are believed.
    """

    supposed: Hypotheses
    weights: Array
    foreseen: Foreseen
    widths: Widths
    upright: Foreseen
    turned: Foreseen
    ends: tuple[float, float]
    regardless: float
    groups: int


class Session:
    """Trials on one dataset. Made by `Engine.start`.

    Attributes
    ----------
    is_far : bool
        Whether the dataset is farther from all history than past datasets are from each other: intervals
        need not hold.
    is_calibrated : bool
        Whether the history had enough groups of datasets to calibrate the intervals.
    """

    def __init__(self, learnt: Learnt, candidates: Array, *, is_far: bool, is_calibrated: bool) -> None:
        self.is_far = is_far
        self.is_calibrated = is_calibrated
        self._learnt = learnt
        self._candidates = candidates
        self._trials: dict[int, float] = {}

    @property
    def weights(self) -> Array:
        """How far each past dataset is believed to be like the new one before any trial.

        One for each row of the history that has a score, in their order; they sum to 1.
        """
        return self._learnt.weights.copy()

    def next(self, seconds: Array | None = None) -> int:
        """Give the config to try next; the same one until something is told.

        Parameters
        ----------
        seconds : ndarray of shape (m,), optional
            How long each config takes, where time is limited: then more is expected of what takes longer.

        Returns
        -------
        int
            Its column.

        Raises
        ------
        Conflict
            If each candidate was told.
        """
        allowed = self._candidates.copy()
        allowed[list(self._trials)] = False
        if not allowed.any():
            msg = f"None of the {np.count_nonzero(self._candidates)} candidates is left to try."
            raise Conflict(msg, hint="Start a session with more candidates.")
        known, told = self._learnt, self._told()
        gained = policy.values(
            known.supposed,
            known.weights,
            told,
            turned=suspicion.turned(known.upright, known.turned, known.ends, told, known.groups),
            regardless=known.regardless,
        )
        if seconds is not None:
            gained = policy.for_their_time(gained, seconds)
        return policy.best_value(gained, allowed)

    def tell(self, config: int, score: float | None) -> None:
        """Say what came of a trial.

        Parameters
        ----------
        config : int
            Its column, proposed or not. What was told of it before is replaced.
        score : float or None
            Higher is better. NaN, None and minus infinity are failures, such as a time-out.

        Raises
        ------
        Invalid
            If there is no such config, or the score is plus infinity.
        """
        count = len(self._candidates)
        column: Any = config  # whatever the caller gave
        if column not in range(count):
            msg = f"There is no config {column!s:.40}."
            raise Invalid(msg, hint=f"Configs are columns, from 0 to {count - 1}.")
        value = math.nan if score is None else float(score)
        if value == math.inf:
            msg = f"The score of config {config} is infinite."
            raise Invalid(msg, hint="Tell a failed trial as NaN.")
        self._trials[int(config)] = value if math.isfinite(value) else math.nan

    def predict(self) -> tuple[Array, Array, Array]:
        """Forecast the score of every config.

        Returns
        -------
        mean, low, high : ndarray of shape (m,)
            On the score's scale: what to expect, and the ends of the 80 % interval. A config that was told
            has its score in all three.
        """
        known = self._learnt
        told = self._told()
        mean, deviation = forecast.after(*known.foreseen, told)
        below, above = known.widths.at(len(self._trials))
        low, high = mean + below * deviation, mean + above * deviation
        for config, score in self._trials.items():
            if not math.isnan(score):
                mean[config] = low[config] = high[config] = score
        return mean, low, high

    def _told(self) -> Told:
        return Told(list(self._trials), list(self._trials.values()))
