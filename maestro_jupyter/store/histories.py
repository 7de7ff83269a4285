"""Histories: every value of one metric of one run, downsampled where that is asked for."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import bindparam, select

from maestro_jupyter.errors import Invalid, NotFound
from maestro_jupyter.store.runs import metric_keys
from maestro_jupyter.store.schema import keys, metric_chunks, run_metrics, runs

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from maestro_jupyter.models import Run
    from maestro_jupyter.store.engine import Store

    History: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]

MIN_POINTS = 4
"""The fewest points that a curve can be reduced to: its ends, its lowest and its highest."""

# Made once: thousands of histories are asked for.
_NUMBERS = (
    select(run_metrics.c.run, run_metrics.c.key)
    .join(runs, runs.c.id == run_metrics.c.run)
    .join(keys, keys.c.id == run_metrics.c.key)
    .where(runs.c.run_id == bindparam("run_id"), keys.c.name == bindparam("name"))
)
_CHUNKS = (
    select(metric_chunks.c.data)
    .where(metric_chunks.c.run == bindparam("run"), metric_chunks.c.key == bindparam("key"))
    .order_by(metric_chunks.c.id)
)


def history(store: Store, run: Run, key: str, max_points: int | None = None) -> History:
    """Give the values of a metric, by step and then by time.

    Parameters
    ----------
    store : Store
    run : Run
    key : str
        The metric's name.
    max_points : int, optional
        At most so many points, chosen so that the curve looks the same (min-max LTTB); a NaN is kept as
        the gap that it is, where it fits.

    Returns
    -------
    steps : numpy.ndarray of int64
    times : numpy.ndarray of int64
        Microseconds since the epoch, UTC.
    values : numpy.ndarray of float64
        Points that share a step are all there.

    Raises
    ------
    NotFound
        If the run has no such metric; the hint names the nearest.
    Invalid
        If `max_points` is below 4.
    """
    if max_points is not None and max_points < MIN_POINTS:
        msg = f"max_points is {max_points}; expected at least {MIN_POINTS}."
        raise Invalid(msg)
    steps, times, values = _in_order(*_read(store, run, key))
    if max_points is None or len(steps) <= max_points:
        return steps, times, values
    chosen = choose(values, max_points)
    return steps[chosen], times[chosen], values[chosen]


def _read(store: Store, run: Run, key: str) -> History:
    import numpy as np

    from maestro_jupyter.store.chunks import unpack

    with store.read.connect() as connection:
        ids = connection.execute(_NUMBERS, {"run_id": run.run_id, "name": key}).one_or_none()
        if ids is None:
            raise _no_metric(store, run, key)
        parts = [unpack(data) for data in connection.scalars(_CHUNKS, {"run": ids.run, "key": ids.key})]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    steps, times, values = zip(*parts, strict=True)
    return np.concatenate(steps), np.concatenate(times), np.concatenate(values)


def _in_order(steps: NDArray[np.int64], times: NDArray[np.int64], values: NDArray[np.float64]) -> History:
    import numpy as np

    ahead = steps[1:] > steps[:-1]
    if ahead.all() or (ahead | ((steps[1:] == steps[:-1]) & (times[1:] >= times[:-1]))).all():
        return steps, times, values
    order = np.lexsort((times, steps))
    return steps[order], times[order], values[order]


def choose(values: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Choose the points that keep a curve's look, by their order and not by their step.

    LTTB measures areas, so it sees finite values only: an infinity stands at the curve's edge for it.

    Parameters
    ----------
    values : numpy.ndarray of float64
        More than `count`.
    count : int
        At least `MIN_POINTS`.

    Returns
    -------
    numpy.ndarray of intp
        Their places, ascending; `count` at most.
    """
    import numpy as np
    from tsdownsample import MinMaxLTTBDownsampler

    thin: Callable[..., NDArray[np.intp]] = MinMaxLTTBDownsampler().downsample  # type: ignore[no-untyped-call]
    finite = np.isfinite(values)
    if finite.all():
        return thin(values, n_out=count).astype(np.intp)
    strange = np.flatnonzero(~finite)
    strange = strange[np.linspace(0, len(strange) - 1, min(len(strange), count // 4), dtype=np.intp)]
    plain = np.flatnonzero(finite)
    room = count - len(strange)
    if len(plain) > room:
        plain = plain[thin(values[plain], n_out=room).astype(np.intp)]
    return np.sort(np.concatenate((plain, strange)))


def _no_metric(store: Store, run: Run, key: str) -> NotFound:
    names = metric_keys(store, run.run_id)
    near = difflib.get_close_matches(key, names, n=3, cutoff=0.4) or names[:3]
    shown = ", ".join(repr(name) for name in near)
    msg = f"Run {run.run_id[:8]} has no metric {key!r:.100}."
    return NotFound(msg, hint=f"It has {shown}." if near else "It has none.")
