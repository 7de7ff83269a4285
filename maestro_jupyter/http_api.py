"""What a surface may ask of a store elsewhere: the answers of a Maestro server, over REST."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode, urlsplit
from zlib import crc32

import msgspec

from maestro_jupyter import errors
from maestro_jupyter.errors import Forbidden, Invalid, MaestroError, NotFound, TooMany, Unavailable
from maestro_jupyter.models import (
    AuditLine,
    BestSoFar,
    FilePlace,
    JournalPlace,
    Page,
    Project,
    Run,
    RunDetail,
    RunEvent,
    RunHistory,
)
from maestro_jupyter.store.lineage_graph import USUAL, Lineage
from maestro_jupyter.store.runs import RESULTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from http.client import HTTPConnection

    import pandas as pd

    from maestro_jupyter.http_library import HttpLibrary
    from maestro_jupyter.http_recommend import HttpRecommendations
    from maestro_jupyter.provenance.diff import RunDiff
    from maestro_jupyter.store.histories import History
    from maestro_jupyter.store.lineage_graph import Extent

TIMEOUT = 30.0
"""How many seconds to wait for a server, unless told."""

PAGE = 1000
"""How many runs, events or lines are fetched at once."""

PATIENCE = 60.0
"""How many seconds to wait in all, unless told, where the server says to come again later."""

POINTS = 1_000_000
"""How many points of a metric are fetched at once."""

_PREFIX = "maestro/api/v1"
_KINDS: dict[str, type[MaestroError]] = {
    kind.reason: kind for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "reason")
}
_BY_STATUS = {kind.status: kind for kind in reversed(_KINDS.values())}  # the general before the special
_JSON = "application/json"
_BYTES = "application/octet-stream"
_CURSORS = 1000
_ATTEMPTS = 5

Content = TypeVar("Content")
Item = TypeVar("Item")


class _Reply(NamedTuple):
    """What the server has answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Runs(msgspec.Struct):
    """A page of runs."""

    items: list[Run]
    cursor: str | None


class _Count(msgspec.Struct):
    """How many there are."""

    count: int


class _Events(msgspec.Struct):
    """What has happened."""

    items: list[RunEvent]


class HttpApi:
    """The answers of a Maestro server; the same as those of `maestro_jupyter.api.LocalApi` over its store.

    It may be used by several threads; each has a connection of its own, which is used again. Redirects are
    not followed, so that the token goes to the server that it is for and to no other.

    Parameters
    ----------
    url : str
        The Jupyter server's or the Hub service's, such as ``http://localhost:8888/``.
    token : str
        The server's.
    timeout : float
        How many seconds to wait for each answer.
    patience : float
        How many seconds to wait in all, in each question, where the server says to come again later; what
        would take longer is refused at once, with `TooMany`.
    insecure : bool
        Send the token over a network without encryption.

    Raises
    ------
    Invalid
        If the URL is none of a server, or leads over a network without encryption.

    Examples
    --------
    >>> HttpApi("http://example.org/", "token")
    Traceback (most recent call last):
        ...
    maestro_jupyter.errors.Invalid: http://example.org would send the token unencrypted. Use https://.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = TIMEOUT,
        patience: float = PATIENCE,
        insecure: bool = False,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            msg = "The URL of a server is expected, such as https://example.org/user/ada/."
            raise Invalid(msg)
        if parts.scheme == "http" and not (insecure or _is_loopback(parts.hostname)):
            msg = f"http://{parts.hostname} would send the token unencrypted."
            raise Invalid(msg, hint="Use https://.")
        if not token.isascii() or not token.isprintable():
            msg = "The token has characters that no token has."
            raise Invalid(msg)
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._path = f"{parts.path.rstrip('/')}/{_PREFIX}"
        self._token = token
        self._timeout = timeout
        self._patience = patience
        self._mine = threading.local()
        self._cursors: OrderedDict[tuple[int, int], str] = OrderedDict()
        self._numbered = 0
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close this thread's connection; the next question opens another."""
        connection: HTTPConnection | None = getattr(self._mine, "connection", None)
        self._mine.connection = None
        if connection is not None:
            connection.close()

    def search(
        self,
        filter_string: str = "",
        *,
        project: str | None = None,
        order_by: str | Sequence[str] | None = None,
        max_results: int | None = RESULTS,
    ) -> list[Run]:
        """Give the runs that match a filter."""
        found: list[Run] = []
        wanted = PAGE if max_results is None else max(1, min(PAGE, max_results))
        cursor: str | None = None
        while True:
            page = self._page(filter_string, project, order_by, wanted, cursor)
            found += page.items
            cursor = page.cursor
            if cursor is None or (max_results is not None and len(found) >= max_results):
                return found[:max_results]

    def search_frame(
        self,
        filter_string: str = "",
        *,
        project: str | None = None,
        order_by: str | Sequence[str] | None = None,
        max_results: int | None = RESULTS,
    ) -> pd.DataFrame:
        """Give the table of the runs that match a filter."""
        from maestro_jupyter.store.frames import frame

        return frame(self.search(filter_string, project=project, order_by=order_by, max_results=max_results))

    def page(
        self,
        filter_string: str = "",
        *,
        project: str | None = None,
        order_by: str | Sequence[str] | None = None,
        limit: int = 50,
        start: tuple[int, int] | None = None,
    ) -> Page:
        """Give one page of the runs that match a filter; `start` is what this object's page before gave."""
        cursor = None if start is None else self._cursors.get(start)
        if start is not None and cursor is None:
            msg = "The place to go on from is not known any more."
            raise Invalid(msg, hint="Leave it out to begin this list.")
        found = self._page(filter_string, project, order_by, limit, cursor)
        return Page(found.items, None if found.cursor is None else self._place(found.cursor))

    def count(self, filter_string: str = "", *, project: str | None = None) -> int:
        """Give how many runs match a filter."""
        return self._get("runs", "count", kind=_Count, filter=filter_string, project=project).count

    def get(self, run_id: str) -> Run:
        """Give one run."""
        return self._get("runs", run_id, "itself", kind=Run)

    def detail(self, run_id: str) -> RunDetail:
        """Give everything that is known about a run."""
        return self._get("runs", run_id, kind=RunDetail)

    def children(self, run_id: str) -> list[Run]:
        """Give the runs that this one is the parent of."""
        return self.every("runs", run_id, "children", kind=list[Run])

    def history(self, run_id: str, key: str, *, max_points: int | None = None) -> History:
        """Give the steps, times (microseconds) and values of a metric."""
        import numpy as np

        if max_points is None:
            return self._points(run_id, key)
        found = self._get("runs", run_id, "metrics", key, kind=dict[str, Any], max_points=max_points)
        return (
            np.array(found["steps"], dtype=np.int64),
            np.array(found["times"], dtype=np.int64),
            np.array([float(value) for value in found["values"]], dtype=np.float64),
        )

    def metric_keys(self, run_id: str | None = None) -> list[str]:
        """Give the names of a run's metrics, or of all metrics."""
        path = ("runs", "metrics") if run_id is None else ("runs", run_id, "metrics")
        return self.every(*path, kind=list[str])

    def projects(self) -> list[Project]:
        """Give every project, the one with the latest run first."""
        return self.every("projects", kind=list[Project])

    def run_history(self, project: str | None = None, *, utc_offset: int = 0) -> RunHistory:
        """Tell how runs went over time; days begin so many minutes before they do in UTC."""
        return self._get("runs", "history", kind=RunHistory, project=project, utc_offset=utc_offset)

    def best_so_far(self, metric: str, project: str | None = None, *, lower: bool = False) -> BestSoFar:
        """Tell how the best value of a metric changed over time."""
        said = str(lower).lower()
        return self._get("runs", "best", kind=BestSoFar, metric=metric, project=project, lower=said)

    def diff(self, a: str, b: str) -> RunDiff:
        """Give what changed from one run to another."""
        from maestro_jupyter.provenance.diff import RunDiff

        return self._get("runs", a, "diff", b, kind=RunDiff)

    def lineage(self, run_id: str, extent: Extent = USUAL) -> Lineage:
        """Give what a run came from and what came of it."""
        return self._get("runs", run_id, "lineage", kind=Lineage, **msgspec.structs.asdict(extent))

    def artifact_bytes(self, sha256: str) -> bytes:
        """Give the bytes of an artifact."""
        return self._ask("GET", ("files", sha256)).body

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
        edit: dict[str, Any] = {"tags": dict(tags or {}), "note": note, "archived": archived}
        if status is not None:  # a server that does not know it refuses nothing else
            edit["status"] = status
        body = msgspec.json.encode(edit)
        return _read(self._ask("PATCH", ("runs", run_id), body=body).body, Run)

    def events(self, after: int, limit: int = 1000) -> list[RunEvent]:
        """Give what has happened since a number, oldest first."""
        found: list[RunEvent] = []
        while True:
            wanted = min(PAGE, limit - len(found))
            items = self._get("events", kind=_Events, after=after, limit=max(1, wanted)).items
            found += items
            if len(items) < wanted or len(found) >= limit:
                return found[:limit]
            after = items[-1].number

    def audit(self, after: int = 0, limit: int = 100) -> list[AuditLine]:
        """Give the lines of the audit after a number."""
        found: list[AuditLine] = []
        while True:
            wanted = min(PAGE, limit - len(found))
            lines = self._get("audit", kind=list[AuditLine], after=after, limit=max(1, wanted))
            found += lines
            if len(lines) < wanted or len(found) >= limit:
                return found[:limit]
            after = lines[-1].number

    @property
    def library(self) -> HttpLibrary:
        """What one may ask of the library."""
        from maestro_jupyter.http_library import HttpLibrary

        return HttpLibrary(self)

    @property
    def recommendations(self) -> HttpRecommendations:
        """What one may ask of what was tried before."""
        from maestro_jupyter.http_recommend import HttpRecommendations

        return HttpRecommendations(self)

    def journal(self, journal: str) -> JournalPlace:
        """Say how far a journal has been shipped."""
        return self._get("journals", journal, kind=JournalPlace)

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
        query = {"segment": segment, "offset": offset, "before": before, "final": str(final).lower()}
        return _read(self.send("POST", ("journals", journal), query, data), JournalPlace)

    def ship_file(self, journal: str, sha256: str, offset: int, size: int, data: bytes) -> FilePlace:
        """Ship a piece of a file that a journal speaks of, before the journal does."""
        path = ("journals", journal, "files", sha256)
        return _read(self.send("PUT", path, {"offset": offset, "size": size}, data), FilePlace)

    def send(self, verb: str, path: Sequence[str], query: Mapping[str, Any], data: bytes) -> bytes:
        """Send bytes with their checksum; give the answer's body."""
        checked = {**query, "crc32": f"{crc32(data):08x}"}
        return self._ask(verb, path, checked, data, _BYTES).body

    def _page(
        self,
        filter_string: str,
        project: str | None,
        order_by: str | Sequence[str] | None,
        limit: int,
        cursor: str | None,
    ) -> _Runs:
        order = order_by if order_by is None or isinstance(order_by, str) else ", ".join(order_by)
        return self._get(
            "runs",
            kind=_Runs,
            filter=filter_string,
            project=project,
            order_by=order,
            limit=limit,
            cursor=cursor,
        )

    def _place(self, cursor: str) -> tuple[int, int]:
        with self._lock:
            self._numbered += 1
            place = (self._numbered, 0)
            self._cursors[place] = cursor
            while len(self._cursors) > _CURSORS:
                self._cursors.popitem(last=False)
        return place

    def _points(self, run_id: str, key: str) -> History:
        """Fetch every point; begin again if points came in between."""
        for _ in range(_ATTEMPTS):
            pieces = self._pieces(run_id, key)
            if pieces is not None:
                return pieces
        msg = f"The metric {key!r:.100} grows faster than it can be fetched."
        raise Unavailable(msg, hint="Ask for fewer points with max_points.")

    def _pieces(self, run_id: str, key: str) -> History | None:
        import numpy as np

        steps: list[Any] = []
        times: list[Any] = []
        values: list[Any] = []
        got, total = 0, -1
        while got != total:
            path = ("runs", run_id, "metrics", key, "points")
            reply = self._ask("GET", path, {"start": got, "limit": POINTS})
            now = int(reply.headers["X-Maestro-Total"])
            count = len(reply.body) // 24
            if total not in {-1, now} or (count == 0 and got < now):
                return None
            total, got = now, got + count
            for place, (parts, form) in enumerate(((steps, "<i8"), (times, "<i8"), (values, "<f8"))):
                parts.append(np.frombuffer(reply.body, form, count, place * count * 8))
        return (
            np.concatenate(steps).astype(np.int64),
            np.concatenate(times).astype(np.int64),
            np.concatenate(values).astype(np.float64),
        )

    def every(self, *path: str, kind: type[list[Item]]) -> list[Item]:
        """Fetch a list part by part."""
        found: list[Item] = []
        while True:
            items = self._get(*path, kind=kind, start=len(found), limit=PAGE)
            found += items
            if len(items) < PAGE:
                return found

    def ask(
        self,
        verb: str,
        path: Sequence[str],
        *,
        query: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Ask something, with a body of JSON if any, and give the body of the answer."""
        return self._ask(verb, path, query, body, headers=headers).body

    def _get(self, *path: str, kind: type[Content], **query: Any) -> Content:
        return _read(self._ask("GET", path, query).body, kind)

    def _ask(
        self,
        verb: str,
        path: Sequence[str],
        query: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        kind: str = _JSON,
        headers: Mapping[str, str] | None = None,
    ) -> _Reply:
        given = urlencode({name: value for name, value in (query or {}).items() if value is not None})
        target = "/".join((self._path, *map(_segment, path))) + (f"?{given}" if given else "")
        patience = self._patience
        while True:
            reply = self._exchange(verb, target, body, {"Content-Type": kind, **(headers or {})})
            if 200 <= reply.status < 300:
                return reply
            error = _error(reply)
            # What was refused for coming too fast has changed nothing, so that it may be asked again.
            if not isinstance(error, TooMany) or error.seconds > patience:
                raise error
            patience -= error.seconds
            time.sleep(error.seconds)

    def _exchange(self, verb: str, target: str, body: bytes | None, given: Mapping[str, str]) -> _Reply:
        """Ask once; once more if it is a question and the kept connection turned out to be closed."""
        from http.client import HTTPException

        headers = {"Authorization": f"token {self._token}", "Accept-Encoding": "gzip", **given}
        kept = getattr(self._mine, "connection", None) is not None
        while True:
            try:
                connection = self._connection()
                connection.request(verb, target, body, headers)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, HTTPException) as error:
                self.close()
                if kept and verb == "GET" and not isinstance(error, TimeoutError):
                    kept = False
                    continue
                msg = f"The server {self._host} cannot be reached ({type(error).__name__}: {error})."
                raise Unavailable(msg, hint="See that it runs, and that the URL is right.") from error
            said = dict(answer.headers.items())
            return _Reply(answer.status, said, _unpacked(content, said))

    def _connection(self) -> HTTPConnection:
        from http.client import HTTPConnection, HTTPSConnection

        connection: HTTPConnection | None = getattr(self._mine, "connection", None)
        if connection is None:
            made = HTTPSConnection if self._secure else HTTPConnection
            connection = made(self._host, self._port, timeout=self._timeout)
            self._mine.connection = connection
        return connection


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _segment(text: str) -> str:
    """Write one part of a path, in which a name such as ``..`` stays a name."""
    if not text:
        msg = "An empty name names nothing."
        raise NotFound(msg)
    return quote(text, safe="").replace(".", "%2E") if set(text) == {"."} else quote(text, safe="")


def _unpacked(content: bytes, headers: Mapping[str, str]) -> bytes:
    import gzip

    return gzip.decompress(content) if headers.get("Content-Encoding") == "gzip" else content


def _read(body: bytes, kind: type[Content]) -> Content:
    try:
        return msgspec.convert(msgspec.json.decode(body), kind, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        msg = f"The server's answer cannot be understood: {error}."
        raise Unavailable(msg, hint="Its version of Maestro may be another one.") from error


def _error(reply: _Reply) -> MaestroError:
    """Give the error that the server tells of."""
    said: dict[str, Any] = {}
    try:
        decoded = msgspec.json.decode(reply.body)
        said = decoded if isinstance(decoded, dict) else {}
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass  # not from Maestro, such as a proxy's page
    message, hint = str(said.get("message") or ""), str(said.get("hint") or "")
    if 300 <= reply.status < 400:
        message = "The server answers with a redirect, which is not followed."
        return Forbidden(message, hint="Give the server's own URL, and its token.")
    if reply.status in {401, 403}:
        return Forbidden(message or "The server does not know this token.", hint=hint or "Check the token.")
    kind = _KINDS.get(str(said.get("reason")), _BY_STATUS.get(reply.status, Unavailable))
    message = message or f"The server answers with status {reply.status}."
    if kind is TooMany:
        waiting = reply.headers.get("Retry-After") or "1"
        return TooMany(message, hint, max(1.0, float(waiting)) if waiting.isdecimal() else 1.0)
    return kind(message, hint)
