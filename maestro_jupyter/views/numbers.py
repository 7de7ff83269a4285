"""Numbers, times and sizes as people read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

DIGITS = 4
"""How many significant digits a number has unless it must be told from another."""

_MOST_DIGITS = 8


def number(value: Any, digits: int = DIGITS) -> str:
    """Show a value; a float with few significant digits, anything else as it is.

    Examples
    --------
    >>> number(0.1 + 0.2), number(123456.789), number(1e-7), number(float("nan")), number(3)
    ('0.3', '123457', '1e-07', 'NaN', '3')
    """
    if not isinstance(value, float):
        return str(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if 10**digits <= abs(value) < 1e9:
        return f"{value:.0f}"
    return f"{value:.{digits}g}"


def digits_for(values: Iterable[Any]) -> int:
    """Give how many digits it takes to tell values apart, from 4 to 8.

    Examples
    --------
    >>> digits_for([0.98242, 0.98244]), digits_for([1.0, 2.0])
    (5, 4)
    """
    distinct = {value for value in values if isinstance(value, float) and math.isfinite(value)}
    for digits in range(DIGITS, _MOST_DIGITS):
        if len({number(value, digits) for value in distinct}) == len(distinct):
            return digits
    return _MOST_DIGITS


def duration(seconds: float | None) -> str:
    """Show how long something took.

    Examples
    --------
    >>> duration(0.0123), duration(75.2), duration(7384), duration(None)
    ('12 ms', '1 min 15 s', '2 h 3 min', '')
    """
    if seconds is None:
        return ""
    if seconds < 0.0005:  # what would be rounded to 0 ms
        return "<1 ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def ago(time: datetime, now: datetime | None = None) -> str:
    """Show when something was.

    Examples
    --------
    >>> now = datetime(2025, 3, 1, 12, tzinfo=UTC)
    >>> ago(datetime(2025, 3, 1, 11, tzinfo=UTC), now), ago(datetime(2024, 1, 1, tzinfo=UTC), now)
    ('1 h ago', '2024-01-01')
    """
    seconds = ((now or datetime.now(UTC)) - time).total_seconds()
    if seconds < 45:
        return "just now"
    for limit, size, unit in ((3600, 60, "min"), (86_400, 3600, "h"), (30 * 86_400, 86_400, "days")):
        if seconds < limit:
            count = max(1, int(seconds // size))
            return f"{count} {'day' if unit == 'days' and count == 1 else unit} ago"
    return time.date().isoformat()


def size(count: int) -> str:
    """Show a number of bytes.

    Examples
    --------
    >>> size(512), size(204800)
    ('512 B', '200 kB')
    """
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1024:
            return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"
        value /= 1024
    return f"{value:.3g} TB"


def many(count: int, noun: str) -> str:
    """Show a count with its noun.

    Examples
    --------
    >>> many(1, "run"), many(1200, "run")
    ('1 run', '1,200 runs')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
