"""Metric points on their way into the store: a chunk per batch and a summary for each run and key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from maestro_jupyter.store.chunks import CHUNK_POINTS, pack, unpack
from maestro_jupyter.store.rows import pieces, upsert
from maestro_jupyter.store.schema import metric_chunks, run_metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from maestro_jupyter.store.batch import Series

_LATEST = 1 << 60


def add_metrics(
    connection: Connection, batch: Mapping[int, Mapping[str, Series]], keys: Mapping[str, int]
) -> dict[int, dict[str, float]]:
    """Write the points of a batch.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    batch : mapping
        By the run's number and the key's name.
    keys : mapping
        The keys' numbers.

    Returns
    -------
    dict
        By the run's number and the key's name: the values that are the last now, where they have changed.
    """
    known = _summaries(connection, list(batch))
    chunks, summaries = [], []
    changed: dict[int, dict[str, float]] = {}
    for run, metrics in batch.items():
        for name, series in metrics.items():
            steps, times, values = _columns(series)
            chunks.append(_chunk(run, keys[name], steps, times, values))
            before = known.get((run, keys[name]))
            summary = _summary(run, keys[name], steps, times, values, before)
            # Two names that are cut to the same key share a summary.
            known[run, keys[name]] = summary
            summaries.append(summary)
            if before is None or int(steps.max()) >= before["last_step"]:
                value = summary["last"]
                changed.setdefault(run, {})[name] = float("nan") if value is None else value
    if chunks:
        connection.execute(insert(metric_chunks), chunks)
    upsert(connection, run_metrics, ("run", "key"), summaries)
    return changed


def merge_chunks(connection: Connection, run: int) -> None:
    """Put the chunks of each of a run's metrics together, in the order they were logged."""
    columns = metric_chunks.c
    crowded = (
        select(columns.key, func.count(), func.sum(columns.count))
        .where(columns.run == run)
        .group_by(columns.key)
        .having(func.count() > 1)
    )
    for key, number, points in connection.execute(crowded).all():
        if number > -(-int(points) // CHUNK_POINTS):
            _merge(connection, run, key)


def _merge(connection: Connection, run: int, key: int) -> None:
    import numpy as np

    columns = metric_chunks.c
    one = (columns.run == run) & (columns.key == key)
    parts = [
        unpack(data) for data in connection.scalars(select(columns.data).where(one).order_by(columns.id))
    ]
    steps, times, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    connection.execute(delete(metric_chunks).where(one))
    for begin in range(0, len(steps), CHUNK_POINTS):
        some = slice(begin, begin + CHUNK_POINTS)
        connection.execute(insert(metric_chunks), _chunk(run, key, steps[some], times[some], values[some]))


def _summaries(connection: Connection, runs: list[int]) -> dict[tuple[int, int], dict[str, Any]]:
    return {
        (row.run, row.key): dict(row._mapping)
        for some in pieces(runs)
        for row in connection.execute(select(run_metrics).where(run_metrics.c.run.in_(some)))
    }


def _columns(series: Series) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    import numpy as np

    seconds = np.asarray(series[1], np.float64)
    times = np.rint(np.clip(seconds * 1e6, -_LATEST, _LATEST)).astype(np.int64)
    return np.asarray(series[0], np.int64), times, np.asarray(series[2], np.float64)


def _chunk(
    run: int, key: int, steps: NDArray[np.int64], times: NDArray[np.int64], values: NDArray[np.float64]
) -> dict[str, Any]:
    return {
        "run": run,
        "key": key,
        "count": len(steps),
        "first_step": int(steps.min()),
        "last_step": int(steps.max()),
        "data": pack(steps, times, values),
    }


def _summary(
    run: int,
    key: int,
    steps: NDArray[np.int64],
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    before: dict[str, Any] | None,
) -> dict[str, Any]:
    import numpy as np

    at = len(steps) - 1 - int(np.argmax(steps[::-1]))
    plain = values[~np.isnan(values)]
    extremes = (float(plain.min()), float(plain.max())) if len(plain) else (None, None)
    last = float(values[at])
    summary: dict[str, Any] = {
        "run": run,
        "key": key,
        "count": len(steps),
        "first": _known(float(values[0])),
        "last": _known(last),
        "min": extremes[0],
        "max": extremes[1],
        "last_step": int(steps[at]),
        "last_time": int(times[at]),
        "last_form": int(last != last),  # noqa: PLR0124 - only NaN differs from itself
    }
    return summary if before is None else _joined(before, summary)


def _joined(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    later = after if after["last_step"] >= before["last_step"] else before
    lows = [low for low in (before["min"], after["min"]) if low is not None]
    highs = [high for high in (before["max"], after["max"]) if high is not None]
    return later | {
        "count": before["count"] + after["count"],
        "first": before["first"],
        "min": min(lows, default=None),
        "max": max(highs, default=None),
    }


def _known(value: float) -> float | None:
    return value if value == value else None  # noqa: PLR0124 - only NaN differs from itself
