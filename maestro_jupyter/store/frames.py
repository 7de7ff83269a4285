"""Runs as a pandas DataFrame, with the columns that MLflow's users know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maestro_jupyter.store.filters import microseconds
from maestro_jupyter.store.runs import RESULTS, read_metrics, read_params, read_tags, search_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from maestro_jupyter.models import Run
    from maestro_jupyter.store.engine import Store

_TEXTS = ("run_id", "name", "project", "user", "status", "status_reason")


def frame(runs: Sequence[Run]) -> pd.DataFrame:
    """Show runs as a table.

    Parameters
    ----------
    runs : list of Run

    Returns
    -------
    pandas.DataFrame
        ``run_id, name, project, user, status, status_reason, start_time, end_time, duration`` (seconds),
        then ``params.*``, ``metrics.*`` and ``tags.*``, each group by name. Times are in UTC. A missing
        metric is NaN; a missing parameter or tag is None, or NaN in a column of numbers.

    Examples
    --------
    >>> list(frame([]).columns)[:3]
    ['run_id', 'name', 'project']
    """
    return _table(
        {name: [getattr(run, name) for run in runs] for name in _TEXTS[:4]}
        | {
            "status": [run.status.value for run in runs],
            "status_reason": [run.status_reason for run in runs],
        },
        [microseconds(run.start_time) for run in runs],
        [None if run.end_time is None else microseconds(run.end_time) for run in runs],
        [run.params for run in runs],
        [run.metrics for run in runs],
        [run.tags for run in runs],
    )


def search_frame(
    store: Store,
    filter_string: str = "",
    project: str | None = None,
    order_by: str | Sequence[str] | None = None,
    max_results: int | None = RESULTS,
    offset: int = 0,
    *,
    user: str | None = None,
) -> pd.DataFrame:
    """Give the table of the runs that match, as `runs.search` and `frame` would, but faster."""
    rows = search_rows(store, filter_string, project, order_by, max_results, offset, user=user)
    return _table(
        {name: [getattr(row, name) for row in rows] for name in _TEXTS},
        [row.start_time for row in rows],
        [row.end_time for row in rows],
        [read_params(row.params) for row in rows],
        [read_metrics(row.metrics) for row in rows],
        [read_tags(row.tags) for row in rows],
    )


def _table(
    texts: dict[str, list[str]],
    starts: list[int],
    ends: list[int | None],
    params: list[dict[str, Any]],
    metrics: list[dict[str, float]],
    tags: list[dict[str, str]],
) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    start = np.array(starts, dtype=np.int64)
    never = np.iinfo(np.int64).min
    end = np.array([never if time is None else time for time in ends], dtype=np.int64)
    columns: dict[str, Any] = {name: pd.array(values, dtype=object) for name, values in texts.items()}
    columns["start_time"] = pd.DatetimeIndex(start.view("M8[us]")).tz_localize("UTC")
    columns["end_time"] = pd.DatetimeIndex(end.view("M8[us]")).tz_localize("UTC")
    with np.errstate(over="ignore"):
        columns["duration"] = np.where(end == never, np.nan, (end - start) / 1e6)
    for key in _keys(params):
        columns[f"params.{key}"] = pd.Series([doc.get(key) for doc in params], dtype=object).infer_objects()
    nan = float("nan")
    for key in _keys(metrics):
        columns[f"metrics.{key}"] = np.array([doc.get(key, nan) for doc in metrics], dtype=np.float64)
    for key in _keys(tags):
        columns[f"tags.{key}"] = pd.array([doc.get(key) for doc in tags], dtype=object)
    return pd.DataFrame(columns, copy=False)


def _keys(documents: list[dict[str, Any]]) -> list[str]:
    return sorted(set().union(*documents))
