"""What runs tried and what came of it, by the data that they were on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from maestro_jupyter.errors import Invalid
from maestro_jupyter.models import Outcome, Status
from maestro_jupyter.store.goodness import goodness, is_of_training
from maestro_jupyter.store.runs import read_metrics, read_params, search_rows
from maestro_jupyter.store.schema import datasets, runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from maestro_jupyter.store.engine import Store

MOST_RUNS = 20_000
"""How many of the newest are looked at."""

HALVING = frozenset({"iter", "n_resources"})
"""What a candidate of a halving search keeps beside its parameters: its round, and how much it was given."""

_BATCH = 500


def outcomes(
    store: Store,
    metric: str,
    filter_string: str = "",
    project: str | None = None,
    *,
    lower: bool,
    user: str | None = None,
) -> list[Outcome]:
    """Give what finished runs tried and how good they were by one metric.

    Parameters
    ----------
    store : Store
    metric : str
        Its key.
    filter_string : str
        Only runs that match.
    project : str, optional
        Only this project's.
    lower : bool
        Whether lower is better, where Maestro does not know the metric.
    user : str, optional
        Who asks: runs of others do not exist.

    Returns
    -------
    list of Outcome
        Errors as the negative of their logarithm, so that ratios are compared. The data is told by its
        target, or by X where there is none; a search's candidates have the search's.

    Raises
    ------
    Invalid
        If the metric is measured on training data, or the filter cannot be read.
    """
    if is_of_training(metric):
        msg = f"{metric!r:.80} is measured on training data, which does not say how good a run is."
        raise Invalid(msg, hint="Name a metric of held-out data or of cross-validation.")
    rows = search_rows(store, filter_string, project, max_results=MOST_RUNS, user=user)
    finished = [row for row in rows if row.status == Status.FINISHED.value]
    with store.read.connect() as connection:
        data = _data(connection, finished)
    found = []
    for row in finished:
        value = read_metrics(row.metrics).get(metric)
        if value is None:
            continue
        params = read_params(row.params)
        said = goodness(metric, value, task=None, source=row.source, params=params)
        good = said.value if said is not None else -value if lower else value
        given = None
        if row.source == "candidate" and params.keys() >= HALVING:
            given = params["n_resources"]
            params = {key: chosen for key, chosen in params.items() if key not in HALVING}
        found.append(Outcome(row.run_id, params, data.get(row.run_id, ""), good, given))
    return found


def _data(connection: Connection, rows: Iterable[object]) -> dict[str, str]:
    """Give by run id what tells its data."""
    parents = {row.run_id: row.parent for row in rows}  # type: ignore[attr-defined]
    known = _fingerprints(connection, {*parents, *filter(None, parents.values())})
    return {run: known.get(run) or known.get(parent or "", "") for run, parent in parents.items()}


def _fingerprints(connection: Connection, run_ids: set[str]) -> dict[str, str]:
    statement = (
        select(runs.c.run_id, datasets.c.role, datasets.c.fingerprint)
        .join_from(runs, datasets, datasets.c.run == runs.c.id)
        .where(runs.c.run_id.in_(bindparam("ids", expanding=True)), datasets.c.role.in_(["X", "y"]))
        .order_by(datasets.c.role)  # X before y, which counts where it is there
    )
    found: dict[str, str] = {}
    wanted = sorted(run_ids)
    for begin in range(0, len(wanted), _BATCH):
        rows = connection.execute(statement, {"ids": wanted[begin : begin + _BATCH]})
        found |= {row.run_id: row.fingerprint for row in rows if row.fingerprint}
    return found
