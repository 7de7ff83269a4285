"""The base of every handler: who asks, what they ask, one call, and an answer or an error in JSON."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

import msgspec
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.iostream import StreamClosedError

from maestro_jupyter.api import ACTIONS, require
from maestro_jupyter.errors import Forbidden, Invalid, MaestroError, TooLarge, TooMany
from maestro_jupyter.server.answers import Kept, keep
from maestro_jupyter.server.encoding import to_json
from maestro_jupyter.server.logged import Logged
from maestro_jupyter.server.operation import OPERATION
from maestro_jupyter.server.sites import comes_from_elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from maestro_jupyter.api import LocalApi
    from maestro_jupyter.server.operation import Operation
    from maestro_jupyter.server.services import Services

BODY_LIMIT = 1 << 20
"""The longest JSON body that is read, in bytes."""

QUERY_LIMIT = 16 << 10
"""The longest query that is read, in bytes."""

ANSWER_LIMIT = 64 << 20
"""The longest answer that is given, but for files, in bytes."""

PIECE = 1 << 20
"""How much of a file is held in memory at once, in bytes."""

_VERBS = ("get", "head", "post", "put", "patch", "delete")
_READING = {"GET", "HEAD"}

_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
"""What a page of another site can have a browser send without asking us first."""

_FOREIGN = {"token", "_xsrf", "no_track_activity"}
"""Parameters that are the Jupyter server's own."""

_WORDS = {
    400: "The request cannot be understood.",
    403: "You may not do that here.",
    404: "There is nothing here.",
    405: "This cannot be done here.",
    413: "The request is too large.",
}


class Request(NamedTuple):
    """What somebody asks, checked.

    Attributes
    ----------
    api : LocalApi
        What they may ask.
    query, body : object
        Of the types that the operation declares.
    """

    api: LocalApi
    query: Any
    body: Any


class Answer(NamedTuple):
    """An answer with more to it than a body.

    Attributes
    ----------
    body : object
        Bytes are sent as they are, and so are those of a `Stream`.
    """

    body: Any
    headers: Mapping[str, str] = MappingProxyType({})
    status: int | None = None


class Stream(NamedTuple):
    """A file that is sent piece by piece.

    Attributes
    ----------
    file : file object
        Closed when it is sent.
    size : int
        In bytes.
    """

    file: BinaryIO
    size: int


@web.stream_request_body
class Handler(Logged, APIHandler):
    """Answers the verbs that `operation` declares, and no others.

    The body is read only once it is known who sends it and how long it says it is.
    """

    body_limit = BODY_LIMIT
    answer_limit = ANSWER_LIMIT

    def initialize(self, services: Services) -> None:
        """Take what the handlers share."""
        self.begin(services)
        self._body = bytearray()
        self._arrived = False
        self._etag: str | None = None

    # No other origin is told what it may ask: that is what a preflight is for.
    options = web.RequestHandler.options  # type: ignore[assignment]  # refuses, as other verbs do

    async def prepare(self) -> None:  # type: ignore[override]  # APIHandler's has the same form
        """Check origin and identity, and what is too large, before the body is read."""
        # First of all: a body that nobody wants may come slowly, too.
        self.request.connection.set_body_timeout(self.services.app.config.body_seconds)  # type: ignore[union-attr]
        await super().prepare()
        declared = getattr(getattr(self, str(self.request.method).lower()), OPERATION, None)
        if declared is None or declared.action is not None:
            if self.current_user is None:
                raise web.HTTPError(403)
            self._check_site()
        if len(self.request.query) > QUERY_LIMIT:
            msg = f"The query is longer than {QUERY_LIMIT} bytes."
            raise TooLarge(msg)
        said = self.request.headers.get("Content-Length", "")
        if said.isdecimal() and int(said) > self.body_limit:
            raise self._too_large()
        # A longer body in chunks is refused in `data_received`: tornado's own refusal says nothing.
        self.request.connection.set_max_body_size(2 * self.body_limit)  # type: ignore[union-attr]

    def data_received(self, chunk: bytes) -> None:
        """Take a piece of the body."""
        if len(self._body) + len(chunk) <= self.body_limit:
            self._body += chunk
        elif not self._finished:
            error = self._too_large()
            self.send_error(error.status, exc_info=(type(error), error, None))

    def update_api_activity(self) -> None:
        """Note that somebody is there, unless the request that says otherwise cannot be read."""
        with contextlib.suppress(web.HTTPError):
            super().update_api_activity()

    async def carry_out(
        self, declared: Operation, method: Callable[..., Any], parameters: tuple[str, ...]
    ) -> None:
        """Answer one declared verb."""
        self._arrived = True
        if self._finished:
            return
        if declared.action is not None:
            require(self.actor, declared.action)
            self.services.limits.take(self.actor.name, ACTIONS[declared.action].verb)
        query = self._query(declared.query)
        question = (self.actor, self.request.path, msgspec.json.encode(query)) if declared.kept else None
        version = None if question is None else await self.services.version()
        if version is not None:
            kept = self.services.answers.get(question, version)
            if kept is not None:
                await self._send_kept(kept, declared)
                return
        body = self._read_body(declared.body)
        if inspect.iscoroutinefunction(method):
            answer = await method(self, Request(self.services.api(self.actor), query, body), *parameters)
        else:
            work = functools.partial(self._call, method, query, body, parameters, kept=version is not None)
            answer = await self.services.threads.run(self.actor.name, work)
        if isinstance(answer, Kept):
            self.services.answers.put(question, cast("int", version), answer)
            await self._send_kept(answer, declared)
        else:
            await self._send(answer if isinstance(answer, Answer) else Answer(answer), declared)

    def on_finish(self) -> None:
        """Count the request."""
        super().on_finish()
        self.services.counters.answered(self.route, self.verb, self.get_status(), self.request.request_time())

    def on_connection_close(self) -> None:
        """Count a request whose body never came, too."""
        super().on_connection_close()
        if not (self._arrived or self._finished):
            self.set_status(408)
            self.on_finish()

    def compute_etag(self) -> str | None:
        """Give the tag of a kept answer, or work one out."""
        return self._etag or super().compute_etag()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say what went wrong: ``{"message", "reason", "hint"}``, never a traceback."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        said = error if isinstance(error, MaestroError) else None
        if said is not None:
            self.set_status(said.status)
        if isinstance(said, TooMany):
            self.set_header("Retry-After", str(max(1, round(said.seconds + 0.5))))
        if status_code == 405:
            self.set_header("Allow", ", ".join(self._allowed()))
        self.clear_header("ETag")
        self._etag = None
        self.finish(
            to_json(
                {
                    "message": said.message if said else self._message(status_code),
                    "reason": said.reason if said else self._reason.lower().replace(" ", "_"),
                    "hint": said.hint if said else "",
                }
            )
        )

    def _message(self, status: int) -> str:
        if status < 500:
            return _WORDS.get(status, self._reason)
        return f"Something went wrong inside Maestro; the server's log has more, by id {self.request_id}."

    def _check_site(self) -> None:
        """Refuse what another site has a browser send, whoever its user is."""
        changes = self.request.method not in _READING
        if comes_from_elsewhere(
            self.request.headers, changes=changes, allowed=self.allow_origin, pattern=self.allow_origin_pat
        ):
            msg = "Another site may not ask that here."
            raise Forbidden(msg, hint="See ServerApp.allow_origin, if the site is yours.")

    def _allowed(self) -> list[str]:
        return [verb.upper() for verb in _VERBS if hasattr(getattr(self, verb), OPERATION)]

    def _query(self, kind: type | None) -> Any:
        given: dict[str, str] = {}
        for name, values in self.request.query_arguments.items():
            if name in _FOREIGN:
                continue
            if len(values) > 1:
                msg = f"The parameter {name!r:.40} is given {len(values)} times."
                raise Invalid(msg, hint="Give it once.")
            try:
                given[name] = values[0].decode()
            except UnicodeDecodeError as error:
                msg = f"The parameter {name!r:.40} is no UTF-8."
                raise Invalid(msg) from error
        if kind is None and not given:
            return None
        if kind is None:
            msg = f"There are no parameters here; {next(iter(given))!r:.40} is one."
            raise Invalid(msg)
        return _checked(given, kind, "parameter", strict=False)

    def _read_body(self, kind: type | None) -> Any:
        if kind is None:
            return None
        said = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if said in _FORMS or (kind is not bytes and said != "application/json"):
            msg = f"The body is said to be {said or 'nothing'!r:.60}."
            wanted = "application/octet-stream" if kind is bytes else "application/json"
            raise Invalid(msg, hint=f"Send it with Content-Type: {wanted}.")
        if kind is bytes:
            return bytes(self._body)
        try:
            given = msgspec.json.decode(self._body)
        except RecursionError as error:
            msg = "The body is nested too deeply."
            raise Invalid(msg) from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            msg = f"The body is no JSON: {error}."
            raise Invalid(msg) from error
        return _checked(given, kind, "body", strict=True)

    def _call(
        self, method: Callable[..., Any], query: Any, body: Any, parameters: tuple[str, ...], *, kept: bool
    ) -> Any:
        """Work an answer out; one that is to be kept is made ready for that in the same thread."""
        answer = method(self, Request(self.services.api(self.actor), query, body), *parameters)
        return keep(self._bounded(to_json(answer))) if kept and not isinstance(answer, Answer) else answer

    async def _send_kept(self, kept: Kept, declared: Operation) -> None:
        self._etag = kept.etag
        body, headers = kept.body, {"Vary": "Accept-Encoding"}
        if kept.packed is not None and "gzip" in self.request.headers.get("Accept-Encoding", ""):
            body = kept.packed
            headers["Content-Encoding"] = "gzip"
        await self._send(Answer(body, headers), declared)

    async def _send(self, answer: Answer, declared: Operation) -> None:
        self.set_status(answer.status or declared.status)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "private, no-cache")
        kind = answer.headers.get("Content-Type", declared.media_type)
        for name, value in answer.headers.items():
            self.set_header(name, value)
        if self.get_status() == 204:
            self.finish(set_content_type=kind)
            self.clear_header("Content-Type")
            return
        if isinstance(answer.body, Stream):
            await self._send_file(answer.body, kind)
            return
        body = b"" if answer.body is None else answer.body
        packed = body if isinstance(body, bytes) else to_json(body)
        self.finish(self._bounded(packed), set_content_type=kind)

    async def _send_file(self, stream: Stream, kind: str) -> None:
        """Send a file; its last piece only once its end says that it is what it should be."""
        with contextlib.closing(stream.file), contextlib.suppress(StreamClosedError):
            if self.check_etag_header():
                self.set_status(304)
                self.finish()
                return
            self.set_header("Content-Type", kind)
            part = asked_part(self.request.headers, stream.size, self._headers.get("ETag", ""))
            if part is not None:
                await self._send_part(stream, part)
                self.finish(set_content_type=kind)
                return
            self.set_header("Content-Length", str(stream.size))
            held = await asyncio.to_thread(stream.file.read, PIECE)
            while held and (piece := await asyncio.to_thread(stream.file.read, PIECE)):
                self.write(held)
                await self.flush()
                held = piece
            self.write(held)
            await self.flush()
            self.finish(set_content_type=kind)

    async def _send_part(self, stream: Stream, part: tuple[int, int]) -> None:
        """Send a part of a file; whoever puts parts together checks the whole against the ETag."""
        begin, end = part
        self.set_status(206)
        self.set_header("Content-Length", str(end - begin))
        self.set_header("Content-Range", f"bytes {begin}-{end - 1}/{stream.size}")
        await asyncio.to_thread(stream.file.seek, begin)
        left = end - begin
        while left and (piece := await asyncio.to_thread(stream.file.read, min(PIECE, left))):
            self.write(piece)
            await self.flush()
            left -= len(piece)

    def _bounded(self, body: bytes) -> bytes:
        if len(body) <= self.answer_limit:
            return body
        msg = f"The answer would be longer than {self.answer_limit} bytes."
        raise TooLarge(msg, hint="Ask for less of it, or for its parts; openapi.json says how.")

    def _too_large(self) -> TooLarge:
        msg = f"The body is longer than {self.body_limit} bytes."
        return TooLarge(msg)


class Nowhere(Handler):
    """Answers whatever has no route."""

    async def prepare(self) -> None:  # type: ignore[override]  # as above
        """Say that there is nothing, to those who may know."""
        await super().prepare()
        raise web.HTTPError(404)


def asked_part(headers: Mapping[str, str], size: int, etag: str) -> tuple[int, int] | None:
    """Give where the part that is asked for begins and ends; None for the whole.

    What is no single part of these very bytes is answered with the whole, as HTTP allows (RFC 9110, 14.2).

    Examples
    --------
    >>> asked_part({"Range": "bytes=10-"}, 30, ""), asked_part({"Range": "bytes=10-19"}, 30, "")
    ((10, 30), (10, 20))
    >>> asked_part({"Range": "bytes=30-"}, 30, "") is None
    True
    """
    asked = re.fullmatch(r"bytes=(\d{1,18})-(\d{0,18})", headers.get("Range", ""), re.ASCII)
    if asked is None or headers.get("If-Range", etag) != etag:
        return None
    begin, end = int(asked[1]), min(int(asked[2]) + 1, size) if asked[2] else size
    return (begin, end) if begin < end else None


def _checked(given: Any, kind: type, what: str, *, strict: bool) -> Any:
    try:
        return msgspec.convert(given, kind, strict=strict)
    except msgspec.ValidationError as error:
        msg = f"The {what} is not as expected: {str(error).rstrip('.')}."
        raise Invalid(msg, hint="See openapi.json.") from error
