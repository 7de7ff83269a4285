"""What a surface may ask, and the answers of a local store: the one place where permissions are checked."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from maestro_jupyter.errors import Forbidden, Invalid
from maestro_jupyter.models import Page, Status
from maestro_jupyter.provenance.diff import RunDiff, diff
from maestro_jupyter.store import (
    artifacts,
    audit,
    changes,
    details,
    edits,
    following,
    frames,
    histories,
    run_history,
    runs,
)
from maestro_jupyter.store.lineage_graph import USUAL
from maestro_jupyter.store.receiving import Shipper
from maestro_jupyter.store.run_ends import End

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

    import pandas as pd

    from maestro_jupyter.library_api import LibraryApi, LocalLibrary
    from maestro_jupyter.models import (
        Artifact,
        AuditLine,
        BestSoFar,
        Changes,
        EventsPage,
        FilePlace,
        JournalPlace,
        Project,
        Run,
        RunDetail,
        RunEvent,
        RunHistory,
    )
    from maestro_jupyter.recommend_api import LocalRecommendations, RecommendApi
    from maestro_jupyter.store.audit import Anchor
    from maestro_jupyter.store.blobs import Blobs
    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.histories import History
    from maestro_jupyter.store.lineage_graph import Extent, Lineage
    from maestro_jupyter.store.receiving import Receiver
    from maestro_jupyter.store.vector_index import Encoder


class Action(NamedTuple):
    """What a permission is for.

    Attributes
    ----------
    verb : str
        ``read`` or ``write``: what a Jupyter server's own authorizer is asked for.
    member : bool
        Whether members may do it, with what is their own; if not, the store's owner alone may.
    help : str
        What it lets one do.
    """

    verb: Literal["read", "write"]
    member: bool
    help: str


ACTIONS: dict[str, Action] = {
    "read runs": Action(
        "read",
        member=True,
        help="See runs with their parameters, metrics, cells, data profiles, environment and code, and the "
        "projects that they are in.",
    ),
    "change runs": Action(
        "write",
        member=True,
        help="Tag runs, add remarks to them, put them away or take them back, and end those whose host is "
        "gone.",
    ),
    "read files": Action("read", member=True, help="Fetch the bytes of the files kept with runs."),
    "follow changes": Action("read", member=True, help="Be told of new runs, values and statuses."),
    "read journals": Action(
        "read", member=True, help="See how far the journals that one ships from another host are here."
    ),
    "ship journals": Action(
        "write",
        member=True,
        help="Ship what was recorded on another host, and the files kept there. A journal belongs to whoever "
        "ships it first, and the runs in it, too; it can say nothing of other people's.",
    ),
    "read audit": Action("read", member=False, help="See who changed what."),
    "read health": Action("read", member=True, help="See whether the server is ready, and if not, why."),
    "read operation": Action("read", member=False, help="Read the server's counters, for Prometheus."),
    "read description": Action("read", member=True, help="Read the description of this interface."),
    "read library": Action(
        "read",
        member=True,
        help="See and fetch what the library holds, but for what is private to others, and who used it.",
    ),
    "register in library": Action(
        "write",
        member=True,
        help="Upload files, and register versions from them. What is on its way is one's own alone.",
    ),
    "purge library": Action(
        "write",
        member=True,
        help="Take versions of what one has registered oneself away for good, with their bytes.",
    ),
    "change library": Action(
        "write",
        member=True,
        help="Name, describe and put away what one has registered oneself, and write on its cards.",
    ),
    "read recommendations": Action(
        "read", member=True, help="Be told what was learned from the runs that one may see."
    ),
}
"""Every action that needs a permission. Whoever is neither owner nor member may do nothing."""

RESOURCE = "maestro"
"""What a Jupyter server's authorizer is asked about."""


class Actor(NamedTuple):
    """Who asks.

    Attributes
    ----------
    name : str
        As in `Run.user`.
    owner : bool
        Whether the store is theirs. Anyone else is a member, for whom the runs of others do not exist.
    """

    name: str
    owner: bool = False


def require(actor: Actor, action: str) -> None:
    """Refuse what somebody may not do.

    Parameters
    ----------
    actor : Actor
    action : str
        One of `ACTIONS`.

    Raises
    ------
    Forbidden
        If they may not.

    Examples
    --------
    >>> require(Actor("ada", owner=True), "read audit")
    >>> require(Actor("bob"), "read audit")
    Traceback (most recent call last):
        ...
    maestro_jupyter.errors.Forbidden: You may not read audit. Ask the owner of this store.
    """
    known = ACTIONS.get(action)
    if known is None or not (actor.owner or (known.member and actor.name)):
        msg = f"You may not {action}."
        raise Forbidden(msg, hint="Ask the owner of this store.")


class Api(Protocol):
    """What a surface may ask. A run is named by its id or an unambiguous beginning of it."""

    @property
    def library(self) -> LibraryApi:
        """What one may ask of the library."""

    @property
    def recommendations(self) -> RecommendApi:
        """What one may ask of what was tried before."""

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

    def run_history(self, project: str | None = None, *, utc_offset: int = 0) -> RunHistory:
        """Tell how runs went over time; days begin so many minutes before they do in UTC."""

    def best_so_far(self, metric: str, project: str | None = None, *, lower: bool = False) -> BestSoFar:
        """Tell how the best value of a metric changed over time."""

    def diff(self, a: str, b: str) -> RunDiff:
        """Give what changed from one run to another."""

    def lineage(self, run_id: str, extent: Extent = USUAL) -> Lineage:
        """Give what a run came from and what came of it."""

    def artifact_bytes(self, sha256: str) -> bytes:
        """Give the bytes of an artifact."""

    def edit(
        self,
        run_id: str,
        *,
        tags: Mapping[str, str | None] | None = None,
        note: str = "",
        archived: bool | None = None,
        status: str | None = None,
    ) -> Run:
        """Set or (with None) remove tags of a run, add a remark, put it away with its parts or take it back.

        With a status, end it with its open parts: for runs whose host is gone. Give the run as it is then.
        """

    def page(
        self,
        filter_string: str = "",
        *,
        project: str | None = None,
        order_by: str | Sequence[str] | None = None,
        limit: int = 50,
        start: tuple[int, int] | None = None,
    ) -> Page:
        """Give one page of the runs that match a filter; `start` is where the page before said to go on."""

    def events(self, after: int, limit: int = 1000) -> list[RunEvent]:
        """Give what has happened since a number, oldest first."""

    def audit(self, after: int = 0, limit: int = 100) -> list[AuditLine]:
        """Give the lines of the audit after a number."""

    def journal(self, journal: str) -> JournalPlace:
        """Say how far a journal has been shipped."""

    def ship(
        self,
        journal: str,
        segment: int,
        offset: int,
        data: bytes,
        *,
        before: int | None = None,
        final: bool = False,
    ) -> JournalPlace:
        """Ship a segment's bytes from an offset on.

        What begins a further segment says with `before` how long the one before is; `final` says that the
        journal ends with these bytes.
        """

    def ship_file(self, journal: str, sha256: str, offset: int, size: int, data: bytes) -> FilePlace:
        """Ship a piece of a file that a journal speaks of, before the journal does."""


class LocalApi:
    """The answers of a store on this machine.

    Parameters
    ----------
    store : Store
    actor : Actor
        Who asks. For a member, runs of others do not exist: not in lists, counts, projects, names or events.
    blobs : callable
        Gives the place where bytes are kept.
    redact : callable
        Takes secrets out of a text before it is written.
    anchor : Anchor
        Of the audit.
    receiver : Receiver
        Takes what other hosts ship.
    encoder : callable
        Gives what searches the library by meaning; None where that is not installed.
    encoded : int, optional
        How many artifacts without a vector a search encodes first; None for its usual measure.
    knowledge : sequence of Path
        Files of knowledge from which suggestions learn beside what ships.
    """

    def __init__(
        self,
        store: Store,
        actor: Actor,
        blobs: Callable[[], Blobs],
        redact: Callable[[str], str],
        anchor: Anchor,
        receiver: Receiver,
        encoder: Callable[[], Encoder | None] = lambda: None,
        encoded: int | None = None,
        knowledge: Sequence[Path] = (),
    ) -> None:
        self.store = store
        self.actor = actor
        self._blobs = blobs
        self._redact = redact
        self._anchor = anchor
        self._receiver = receiver
        self._encoder = encoder
        self._encoded = encoded
        self._knowledge = knowledge
        self._shipper = Shipper(actor.name, actor.owner)
        self._user = None if actor.owner else actor.name

    def search(
        self,
        filter_string: str = "",
        *,
        project: str | None = None,
        order_by: str | Sequence[str] | None = None,
        max_results: int | None = runs.RESULTS,
    ) -> list[Run]:
        """Give the runs that match a filter."""
        require(self.actor, "read runs")
        return runs.search(self.store, filter_string, project, order_by, max_results, user=self._user)

    def search_frame(
        self,
        filter_string: str = "",
        *,
        project: str | None = None,
        order_by: str | Sequence[str] | None = None,
        max_results: int | None = runs.RESULTS,
    ) -> pd.DataFrame:
        """Give the table of the runs that match a filter."""
        require(self.actor, "read runs")
        return frames.search_frame(self.store, filter_string, project, order_by, max_results, user=self._user)

    def page(
        self,
        filter_string: str = "",
        *,
        project: str | None = None,
        order_by: str | Sequence[str] | None = None,
        limit: int = 50,
        start: tuple[int, int] | None = None,
    ) -> Page:
        """Give one page of the runs that match a filter; runs that are added later do not move the pages."""
        require(self.actor, "read runs")
        newest, offset = start or (self.newest(), 0)
        found = runs.search(
            self.store,
            filter_string,
            project,
            order_by,
            limit + 1,
            offset,
            user=self._user,
            newest=newest,
        )
        more = (newest, offset + limit) if len(found) > limit else None
        return Page(found[:limit], more)

    def newest(self) -> int:
        """Give the number of the run that was added last, from which `page` can go on."""
        require(self.actor, "read runs")
        return runs.newest_id(self.store, user=self._user)

    def count(self, filter_string: str = "", *, project: str | None = None) -> int:
        """Give how many runs match a filter."""
        require(self.actor, "read runs")
        return runs.count(self.store, filter_string, project, user=self._user)

    def get(self, run_id: str) -> Run:
        """Give one run."""
        require(self.actor, "read runs")
        return runs.get(self.store, run_id, user=self._user)

    def detail(self, run_id: str, *, most: int | None = None) -> RunDetail:
        """Give everything that is known about a run; of each list, `most` items if that is said."""
        return details.detail(self.store, self.get(run_id), user=self._user, most=most)

    def children(self, run_id: str, *, start: int = 0, limit: int | None = None) -> list[Run]:
        """Give the runs that this one is the parent of; without the first `start`, and `limit` at most."""
        own = self.get(run_id).run_id
        return runs.children(self.store, own, user=self._user, start=start, limit=limit)

    def history(self, run_id: str, key: str, *, max_points: int | None = None) -> History:
        """Give the steps, times (microseconds) and values of a metric."""
        return histories.history(self.store, self.get(run_id), key, max_points)

    def metric_keys(
        self, run_id: str | None = None, *, start: int = 0, limit: int | None = None
    ) -> list[str]:
        """Give the names of a run's metrics, or of all; without the first `start`, and `limit` at most."""
        require(self.actor, "read runs")
        known = None if run_id is None else self.get(run_id).run_id
        return runs.metric_keys(self.store, known, user=self._user, start=start, limit=limit)

    def projects(self, *, start: int = 0, limit: int | None = None) -> list[Project]:
        """Give the projects, the latest first; without the first `start`, and `limit` at most."""
        require(self.actor, "read runs")
        return runs.list_projects(self.store, user=self._user, start=start, limit=limit)

    def run_history(self, project: str | None = None, *, utc_offset: int = 0) -> RunHistory:
        """Tell how runs went over time; days begin so many minutes before they do in UTC."""
        require(self.actor, "read runs")
        return run_history.run_history(self.store, project, utc_offset=utc_offset, user=self._user)

    def best_so_far(self, metric: str, project: str | None = None, *, lower: bool = False) -> BestSoFar:
        """Tell how the best value of a metric changed over time."""
        require(self.actor, "read runs")
        return run_history.best_so_far(self.store, metric, project, lower=lower, user=self._user)

    def diff(self, a: str, b: str) -> RunDiff:
        """Give what changed from one run to another."""
        return diff(self.detail(a), self.detail(b))

    def lineage(self, run_id: str, extent: Extent = USUAL) -> Lineage:
        """Give what a run came from and what came of it."""
        from maestro_jupyter.store import lineage

        require(self.actor, "read library")
        return lineage.lineage_of_run(self.store, self.get(run_id).run_id, extent, user=self._user)

    def artifact_bytes(self, sha256: str) -> bytes:
        """Give the bytes of an artifact."""
        with contextlib.closing(self.open_artifact(sha256)[1]) as file:
            return file.read()

    def open_artifact(self, sha256: str, run_id: str | None = None) -> tuple[Artifact, BinaryIO]:
        """Give what is known of an artifact (of a run, if one is named), and its bytes as a file to read."""
        require(self.actor, "read files")
        run = None if run_id is None else self.get(run_id)
        known = artifacts.find(self.store, sha256, user=self._user, run=run)
        return known, self._blobs().open(sha256)

    def edit(
        self,
        run_id: str,
        *,
        tags: Mapping[str, str | None] | None = None,
        note: str = "",
        archived: bool | None = None,
        status: str | None = None,
    ) -> Run:
        """Set or (with None) remove tags of a run, add a remark, put it away with its parts or take it back.

        With a status, end it with its open parts: for runs whose host is gone. Give the run as it is then.
        """
        require(self.actor, "change runs")
        run = self.get(run_id)
        edits.edit_run(
            self.store,
            self._anchor,
            run.run_id,
            self.actor.name,
            tags={self._key(key): self._clean(value) for key, value in (tags or {}).items()},
            note=self._redact(note),
            archived=archived,
            end=None if status is None else End(_ending(status), self._receiver.is_written_here),
        )
        return self.get(run.run_id)

    def events(self, after: int, limit: int = 1000) -> list[RunEvent]:
        """Give what has happened since a number, oldest first."""
        require(self.actor, "follow changes")
        return changes.changes_since(self.store, after, limit, user=self._user)

    def events_page(self, after: int, limit: int = 1000) -> EventsPage:
        """Give what has happened since a number, oldest first, and the number to go on from."""
        require(self.actor, "follow changes")
        return following.page(self.store, after, limit, user=self._user)

    def follow(self, after: int, limit: int = 200) -> Changes:
        """Give what has happened since a number, put together by run, with how each run is now."""
        require(self.actor, "follow changes")
        return following.follow(self.store, after, limit, user=self._user)

    def audit(self, after: int = 0, limit: int = 100) -> list[AuditLine]:
        """Give the lines of the audit after a number."""
        require(self.actor, "read audit")
        return audit.lines(self.store, after, limit)

    @property
    def library(self) -> LocalLibrary:
        """What one may ask of the library."""
        from maestro_jupyter.library_api import LocalLibrary

        return LocalLibrary(
            self.store,
            self.actor,
            self._blobs,
            self._redact,
            self._anchor,
            self._encoder,
            self._receiver.uploads,
            self._encoded,
        )

    @property
    def recommendations(self) -> LocalRecommendations:
        """What one may ask of what was tried before."""
        from maestro_jupyter.recommend_api import LocalRecommendations

        return LocalRecommendations(self.store, self.actor, self.library, self._knowledge)

    def journal(self, journal: str) -> JournalPlace:
        """Say how far a journal has been shipped."""
        require(self.actor, "read journals")
        return self._receiver.place(journal, self._shipper)

    def ship(
        self,
        journal: str,
        segment: int,
        offset: int,
        data: bytes,
        *,
        before: int | None = None,
        final: bool = False,
    ) -> JournalPlace:
        """Ship a segment's bytes from an offset on.

        What begins a further segment says with `before` how long the one before is; `final` says that the
        journal ends with these bytes.
        """
        require(self.actor, "ship journals")
        return self._receiver.append(
            journal, self._shipper, segment, offset, data, before=before, final=final
        )

    def ship_file(self, journal: str, sha256: str, offset: int, size: int, data: bytes) -> FilePlace:
        """Ship a piece of a file that a journal speaks of, before the journal does."""
        require(self.actor, "ship journals")
        return self._receiver.add_file(journal, self._shipper, sha256, offset, size, data)

    def _key(self, key: str) -> str:
        if not key or len(key) > edits.KEY_LIMIT or self._redact(key) != key:
            msg = f"A tag cannot have the key {key[:20]!r}."
            raise Invalid(msg, hint=f"Use 1 to {edits.KEY_LIMIT} characters that hold no secret.")
        return key

    def _clean(self, value: str | None) -> str | None:
        return None if value is None else self._redact(value)


def _ending(status: str) -> Status:
    ended = [one for one in Status if one is not Status.RUNNING]
    if status not in ended:
        msg = f"A run cannot end with the status {status!r:.40}."
        raise Invalid(msg, hint=f"Use one of {', '.join(ended)}.")
    return Status(status)
