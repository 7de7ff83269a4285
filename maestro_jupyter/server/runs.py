"""Runs over REST: lists, one run, its curves and files, and what differs between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from maestro_jupyter.errors import Invalid
from maestro_jupyter.models import BestSoFar, Run, RunDetail, RunHistory
from maestro_jupyter.provenance.diff import RunDiff
from maestro_jupyter.server.cursors import read_cursor, write_cursor
from maestro_jupyter.server.encoding import plain
from maestro_jupyter.server.handler import Answer, Handler
from maestro_jupyter.server.operation import operation

if TYPE_CHECKING:
    from maestro_jupyter.server.handler import Request

ITEMS = 1000
"""How many items each list of a run's details has at most."""

_DOCUMENTS = ("params", "metrics", "tags")


class RunsQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which runs, in which order, how many, and what of them."""

    filter: Annotated[str, Meta(max_length=10_000, description="See docs/filters.md.")] = ""
    project: Annotated[str, Meta(max_length=255, description="Only this project's runs.")] | None = None
    order_by: (
        Annotated[str, Meta(max_length=2_000, description="Such as `metrics.accuracy DESC`.")] | None
    ) = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 50
    cursor: (
        Annotated[str, Meta(max_length=200, description="From the page before, with the same filter.")] | None
    ) = None
    fields: (
        Annotated[
            str,
            Meta(
                max_length=2_000,
                description="What to give of each run, such as `run_id,name,metrics.accuracy`.",
            ),
        ]
        | None
    ) = None


ListedRun = msgspec.defstruct(
    "ListedRun",
    [(field.name, field.type | msgspec.UnsetType, msgspec.UNSET) for field in msgspec.structs.fields(Run)],
    namespace={"__doc__": "A run, or those of its fields that were asked for."},
)


class RunsPage(msgspec.Struct):
    """A page of runs."""

    items: list[ListedRun]  # type: ignore[valid-type]  # made of the fields of Run
    cursor: str | None
    """Where the next page begins; null on the last."""


class CountQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which runs to count."""

    filter: Annotated[str, Meta(max_length=10_000)] = ""
    project: str | None = None


class Count(msgspec.Struct):
    """How many there are."""

    count: int


class RunHistoryQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which runs to add up, and by which days."""

    project: Annotated[str, Meta(max_length=255, description="Only this project's runs.")] | None = None
    utc_offset: Annotated[
        int, Meta(ge=-1440, le=1440, description="How many minutes before they do in UTC days begin.")
    ] = 0


class BestQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Of which metric, and which direction is better."""

    metric: Annotated[str, Meta(min_length=1, max_length=255)]
    project: Annotated[str, Meta(max_length=255, description="Only this project's runs.")] | None = None
    lower: Annotated[bool, Meta(description="Whether lower is better.")] = False


class Edit(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of a run."""

    tags: dict[
        Annotated[str, Meta(min_length=1, max_length=255)], Annotated[str, Meta(max_length=65_536)] | None
    ] = {}
    """Null takes a tag away."""
    note: Annotated[str, Meta(max_length=65_536)] = ""
    """A remark to add."""
    archived: bool | None = None
    """Whether the run and its parts are put away, so that lists leave them out; null leaves it."""
    status: Literal["FINISHED", "FAILED", "KILLED"] | None = None
    """How the run ends, and its open parts, where the host that recorded it is gone; null leaves it."""


class HistoryQuery(msgspec.Struct, forbid_unknown_fields=True):
    """How finely to give a curve."""

    max_points: Annotated[int, Meta(ge=4, le=1_000_000)] = 2000


class PointsQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which of a metric's points."""

    start: Annotated[int, Meta(ge=0, le=(1 << 53) - 1, description="How many to leave out.")] = 0
    limit: Annotated[int, Meta(ge=1, le=1_000_000)] = 1_000_000


class PartQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which part of a list."""

    start: Annotated[int, Meta(ge=0, le=(1 << 53) - 1, description="How many to leave out.")] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 1000


class Curve(msgspec.Struct):
    """A metric's values; a value that is no finite number is `"nan"`, `"inf"` or `"-inf"`."""

    key: str
    steps: list[int]
    times: list[int]
    """Microseconds since 1970, UTC."""
    values: list[float]


class Runs(Handler):
    """Lists of runs."""

    @operation("read runs", query=RunsQuery, answer=RunsPage, kept=True)
    def get(self, request: Request) -> Any:
        """Give a page of the runs that match a filter, newest first unless told."""
        query: RunsQuery = request.query
        question = "\n".join(
            (self.actor.name, query.filter, query.project or "", query.order_by or "", str(query.limit))
        )
        place = None if query.cursor is None else read_cursor(question, query.cursor)
        page = request.api.page(
            query.filter, project=query.project, order_by=query.order_by, limit=query.limit, start=place
        )
        cursor = None if page.more is None else write_cursor(question, page.more)
        if query.fields is None:
            return RunsPage(page.runs, cursor)
        fields = _fields(query.fields)
        return {"items": [_part(plain(run), fields) for run in page.runs], "cursor": cursor}


class RunCount(Handler):
    """How many runs there are."""

    @operation("read runs", query=CountQuery, answer=Count, kept=True)
    def get(self, request: Request) -> Count:
        """Count the runs that match a filter."""
        return Count(request.api.count(request.query.filter, project=request.query.project))


class MetricKeys(Handler):
    """The names of metrics."""

    @operation("read runs", query=PartQuery, answer=list[str], kept=True)
    def get(self, request: Request) -> list[str]:
        """Give the names of all metrics."""
        return request.api.metric_keys(start=request.query.start, limit=request.query.limit)


class HistoryOfRuns(Handler):
    """How runs went over time."""

    # It is not kept: while a run goes on, the hours do, too.
    @operation("read runs", query=RunHistoryQuery, answer=RunHistory)
    def get(self, request: Request) -> RunHistory:
        """Tell how runs went over time: how many a day, how they ended, and how long they took."""
        query: RunHistoryQuery = request.query
        return request.api.run_history(query.project, utc_offset=query.utc_offset)


class BestOfRuns(Handler):
    """The best of a metric."""

    @operation("read runs", query=BestQuery, answer=BestSoFar, kept=True)
    def get(self, request: Request) -> BestSoFar:
        """Tell how the best value of a metric changed over time."""
        query: BestQuery = request.query
        return request.api.best_so_far(query.metric, query.project, lower=query.lower)


class OneRun(Handler):
    """One run, by its id or an unambiguous beginning of it."""

    @operation("read runs", answer=RunDetail, kept=True)
    def get(self, request: Request, run_id: str) -> RunDetail:
        """Give everything that is known about a run."""
        return request.api.detail(run_id, most=ITEMS)

    @operation("change runs", body=Edit, answer=Run)
    def patch(self, request: Request, run_id: str) -> Run:
        """Set or take away tags of a run, add a remark, put it away or take it back, end it."""
        body: Edit = request.body
        return request.api.edit(
            run_id, tags=body.tags, note=body.note, archived=body.archived, status=body.status
        )


class RunItself(Handler):
    """One run, without what belongs to it."""

    @operation("read runs", answer=Run, kept=True)
    def get(self, request: Request, run_id: str) -> Run:
        """Give a run alone."""
        return request.api.get(run_id)


class Children(Handler):
    """The parts of a run, such as a search's candidates."""

    @operation("read runs", query=PartQuery, answer=list[Run], kept=True)
    def get(self, request: Request, run_id: str) -> list[Run]:
        """Give the runs that this one is the parent of, oldest first."""
        return request.api.children(run_id, start=request.query.start, limit=request.query.limit)


class RunMetrics(Handler):
    """The names of a run's metrics."""

    @operation("read runs", query=PartQuery, answer=list[str], kept=True)
    def get(self, request: Request, run_id: str) -> list[str]:
        """Give the names of a run's metrics."""
        return request.api.metric_keys(run_id, start=request.query.start, limit=request.query.limit)


class History(Handler):
    """A metric of a run."""

    @operation("read runs", query=HistoryQuery, answer=Curve, kept=True)
    def get(self, request: Request, run_id: str, key: str) -> Curve:
        """Give a metric's curve, thinned out so that it looks the same."""
        steps, times, values = request.api.history(run_id, key, max_points=request.query.max_points)
        return Curve(key, steps.tolist(), times.tolist(), values.tolist())


class Points(Handler):
    """A metric of a run, with every point."""

    @operation("read runs", query=PointsQuery, answer=bytes, media_type="application/octet-stream")
    def get(self, request: Request, run_id: str, key: str) -> Answer:
        """Give a metric's points: all steps, then all times, then all values, of 8 bytes, little-endian.

        Steps and times (microseconds since 1970) are integers, values are floats. The header
        ``X-Maestro-Total`` says how many points there are in all.
        """
        query: PointsQuery = request.query
        steps, times, values = request.api.history(run_id, key)
        part = slice(query.start, query.start + query.limit)
        packed = (steps[part].astype("<i8"), times[part].astype("<i8"), values[part].astype("<f8"))
        return Answer(b"".join(one.tobytes() for one in packed), {"X-Maestro-Total": str(len(steps))})


class Diff(Handler):
    """Two runs."""

    @operation("read runs", answer=RunDiff, kept=True)
    def get(self, request: Request, run_id: str, other: str) -> RunDiff:
        """Tell what changed from a run to another."""
        return request.api.diff(run_id, other)


def _fields(text: str) -> list[str]:
    fields = [field.strip() for field in text.split(",") if field.strip()]
    for field in fields:
        if field not in Run.__struct_fields__ and field.partition(".")[0] not in _DOCUMENTS:
            msg = f"A run has no field {field!r:.60}."
            raise Invalid(msg, hint=f"It has {', '.join(Run.__struct_fields__)}, and metrics.KEY and so on.")
    return fields


def _part(run: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    part: dict[str, Any] = {}
    for field in fields:
        document, dot, key = field.partition(".")
        if not dot:
            part[field] = run[field]
        elif key in run[document]:
            part.setdefault(document, {})[key] = run[document][key]
    return part
