"""What a surface may ask, and the answers of a local store: the one place where permissions are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from maestro_jupyter.provenance.diff import RunDiff, diff
from maestro_jupyter.store import details, frames, histories, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from maestro_jupyter.models import Project, Run, RunDetail
    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.histories import History

ACTIONS: dict[str, str] = {
    "read runs": "See runs with their parameters, metrics, cells, data profiles, environment and code.",
    "read artifacts": "Fetch the bytes of the files kept with runs.",
}
"""Every action that needs a permission, and what it lets one do. The owner of a local store may do all."""


class Api(Protocol):
    """What a surface may ask. A run is named by its id or an unambiguous beginning of it."""

    def search(
        self,
        filter_string: str = "",
        *,
        project: str | None = None,
        order_by: str | Sequence[str] | None = None,
        max_results: int | None = runs.RESULTS,
    ) -> list[Run]:
        """Give the runs that match a filter."""

    def search_frame(
        self,
        filter_string: str = "",
        *,
        project: str | None = None,
        order_by: str | Sequence[str] | None = None,
        max_results: int | None = runs.RESULTS,
    ) -> pd.DataFrame:
        """Give the table of the runs that match a filter."""

    def count(self, filter_string: str = "", *, project: str | None = None) -> int:
        """Give how many runs match a filter."""

    def get(self, run_id: str) -> Run:
        """Give one run."""

    def detail(self, run_id: str) -> RunDetail:
        """Give everything that is known about a run."""

    def children(self, run_id: str) -> list[Run]:
        """Give the runs that this one is the parent of."""

    def history(self, run_id: str, key: str, *, max_points: int | None = None) -> History:
        """Give the steps, times (microseconds) and values of a metric."""

    def metric_keys(self, run_id: str | None = None) -> list[str]:
        """Give the names of a run's metrics, or of all metrics."""

    def projects(self) -> list[Project]:
        """Give every project, the one with the latest run first."""

    def diff(self, a: str, b: str) -> RunDiff:
        """Give what changed from one run to another."""

    def artifact_bytes(self, sha256: str) -> bytes:
        """Give the bytes of an artifact."""


class LocalApi:
    """The answers of a store on this machine, whose owner may do everything.

    Parameters
    ----------
    store : Store
    actor : str
        Who asks.
    read_artifact : callable
        Gives the bytes that are kept under a sha256.
    """

    def __init__(self, store: Store, actor: str, read_artifact: Callable[[str], bytes]) -> None:
        self.store = store
        self.actor = actor
        self._read_artifact = read_artifact

    def search(
        self,
        filter_string: str = "",
        *,
        project: str | None = None,
        order_by: str | Sequence[str] | None = None,
        max_results: int | None = runs.RESULTS,
    ) -> list[Run]:
        """Give the runs that match a filter."""
        return runs.search(self.store, filter_string, project, order_by, max_results)

    def search_frame(
        self,
        filter_string: str = "",
        *,
        project: str | None = None,
        order_by: str | Sequence[str] | None = None,
        max_results: int | None = runs.RESULTS,
    ) -> pd.DataFrame:
        """Give the table of the runs that match a filter."""
        return frames.search_frame(self.store, filter_string, project, order_by, max_results)

    def count(self, filter_string: str = "", *, project: str | None = None) -> int:
        """Give how many runs match a filter."""
        return runs.count(self.store, filter_string, project)

    def get(self, run_id: str) -> Run:
        """Give one run."""
        return runs.get(self.store, run_id)

    def detail(self, run_id: str) -> RunDetail:
        """Give everything that is known about a run."""
        return details.detail(self.store, self.get(run_id))

    def children(self, run_id: str) -> list[Run]:
        """Give the runs that this one is the parent of."""
        return runs.children(self.store, self.get(run_id).run_id)

    def history(self, run_id: str, key: str, *, max_points: int | None = None) -> History:
        """Give the steps, times (microseconds) and values of a metric."""
        return histories.history(self.store, self.get(run_id), key, max_points)

    def metric_keys(self, run_id: str | None = None) -> list[str]:
        """Give the names of a run's metrics, or of all metrics."""
        return runs.metric_keys(self.store, None if run_id is None else self.get(run_id).run_id)

    def projects(self) -> list[Project]:
        """Give every project, the one with the latest run first."""
        return runs.list_projects(self.store)

    def diff(self, a: str, b: str) -> RunDiff:
        """Give what changed from one run to another."""
        return diff(self.detail(a), self.detail(b))

    def artifact_bytes(self, sha256: str) -> bytes:
        """Give the bytes of an artifact."""
        return self._read_artifact(sha256)
