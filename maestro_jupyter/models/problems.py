"""What went wrong in Maestro itself."""

from __future__ import annotations

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """A failure inside Maestro; `time` is in seconds since the epoch."""

    where: str
    time: float
    error: str
    traceback: str
