"""How much one user may ask of the server: token buckets."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from maestro_jupyter.errors import TooMany

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_USERS = 10_000


class Bucket:
    """A bucket that fills steadily and from which each request takes one token.

    Examples
    --------
    >>> bucket = Bucket(rate=2, size=1, now=0.0)
    >>> bucket.take(0.0), bucket.take(0.1), bucket.take(0.6)
    (0.0, 0.4, 0.0)
    """

    def __init__(self, rate: float, size: float, now: float) -> None:
        self._rate = rate
        self._size = size
        self._tokens = size
        self._at = now

    def take(self, now: float) -> float:
        """Take a token; give 0, or the seconds until there is one."""
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate


class Limits:
    """The buckets of all users.

    Parameters
    ----------
    rates : mapping
        By the permission's verb: how many requests a second go on being answered, and how many at once.
    clock : callable
        Gives the seconds.
    """

    def __init__(
        self, rates: Mapping[str, tuple[float, float]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rates = rates
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()

    def take(self, user: str, verb: str) -> None:
        """Count one request.

        Raises
        ------
        TooMany
            If the user has none left; it says when there is one.
        """
        now = self._clock()
        key = (user, verb)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(*self._rates[verb], now)
            if len(self._buckets) > _USERS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        seconds = bucket.take(now)
        if seconds > 0:
            msg = "You ask faster than this server answers."
            raise TooMany(msg, hint=f"Ask again in {seconds:.1f} seconds.", seconds=seconds)
