"""Live events: what happens to runs, asked for by number or pushed over a WebSocket."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import msgspec
from jupyter_server.auth.decorator import authorized, ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import origin_matches_pat
from msgspec import Meta
from sqlalchemy.exc import SQLAlchemyError
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from maestro_jupyter.api import ACTIONS, RESOURCE, Actor, require
from maestro_jupyter.errors import Invalid, MaestroError, TooMany
from maestro_jupyter.models import EventsPage, LiveEvent
from maestro_jupyter.server.encoding import to_json
from maestro_jupyter.server.handler import Handler
from maestro_jupyter.server.logged import Logged
from maestro_jupyter.server.operation import OPERATION, Operation, operation
from maestro_jupyter.store.changes import latest_change

if TYPE_CHECKING:
    from maestro_jupyter.models import Changes
    from maestro_jupyter.server.handler import Request
    from maestro_jupyter.server.services import Services

SECONDS = 0.1
"""Between two messages to one subscriber, at least: ten a second, whatever happens."""

PER_USER = 20
"""How many subscribers one user may have."""

_ACTION = "follow changes"
_LARGEST = (1 << 63) - 1
_GOING_AWAY = 1001
_ANY_OWNER = Actor("", owner=True)


class EventsQuery(msgspec.Struct, forbid_unknown_fields=True):
    """From where on."""

    after: Annotated[int, Meta(ge=0, le=_LARGEST, description="The last number that was seen.")] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 1000


class ReadyMessage(msgspec.Struct, tag_field="type", tag="ready"):
    """The first message: what happens after this number will be told."""

    last: int


class EventsMessage(msgspec.Struct, tag_field="type", tag="events"):
    """What has happened since the message before, and the number to go on from."""

    items: list[LiveEvent]
    last: int


class ResetMessage(msgspec.Struct, tag_field="type", tag="reset"):
    """More has happened than is kept: what was shown has to be read anew."""

    last: int


class Events(Handler):
    """For those who ask again and again, where a WebSocket cannot be had."""

    @operation(_ACTION, query=EventsQuery, answer=EventsPage)
    def get(self, request: Request) -> EventsPage:
        """Give what has happened since a number, oldest first, and the number to go on from."""
        return request.api.events_page(request.query.after, request.query.limit)


class Subscribers:
    """All WebSockets of a server, fed by one look at the store.

    None has a queue: each has the number that it has been told of, and is told of what came since once it has
    taken the message before. One that is slow costs nothing, and gets more in one message.

    Parameters
    ----------
    services : Services
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._all: set[Live] = set()
        self._task: asyncio.Task[None] | None = None
        self._log = logging.getLogger(__name__)

    def __len__(self) -> int:
        return len(self._all)

    def check(self, actor: Actor) -> None:
        """Refuse one subscriber more than a user may have.

        Raises
        ------
        TooMany
        """
        if sum(one.actor.name == actor.name for one in self._all) >= PER_USER:
            msg = f"You follow the changes {PER_USER} times already."
            raise TooMany(msg, hint="Close a tab, or ask for events by number.", seconds=10)

    def add(self, subscriber: Live) -> None:
        """Tell a subscriber from now on."""
        self._all.add(subscriber)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def remove(self, subscriber: Live) -> None:
        """Tell a subscriber no more."""
        self._all.discard(subscriber)

    def close(self) -> None:
        """Say goodbye to all."""
        for subscriber in list(self._all):
            subscriber.close(_GOING_AWAY, "The server stops.")
        self._all.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        failed = False
        while self._all:
            try:
                newest = await asyncio.to_thread(self._newest)
                await self._tell(newest)
                failed = False
            except (MaestroError, SQLAlchemyError) as error:
                if not failed:
                    self._log.warning("Maestro cannot tell what happens: %s", error)
                failed = True
            await asyncio.sleep(SECONDS)

    def _newest(self) -> int:
        return latest_change(self._services.app.store())

    async def _tell(self, newest: int) -> None:
        told: dict[tuple[Actor, int], bytes] = {}
        lasts: dict[tuple[Actor, int], int] = {}
        for subscriber in list(self._all):
            position = subscriber.position
            if position == newest or subscriber.busy:
                continue
            key = (subscriber.actor if not subscriber.actor.owner else _ANY_OWNER, position)
            if key not in told:
                found = await asyncio.to_thread(self._services.api(subscriber.actor).follow, position)
                lasts[key], told[key] = found.last, _message(found)
            subscriber.position = lasts[key]
            if told[key]:
                subscriber.tell(told[key])


class Live(Logged, WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One subscriber.

    It is sent a `ReadyMessage` first, then an `EventsMessage` whenever something has happened, or a
    `ResetMessage`, as JSON.
    """

    def initialize(self, services: Services) -> None:
        """Take what the handlers share."""
        self.begin(services)
        self.position = 0
        self._sending: Any = None

    @property
    def busy(self) -> bool:
        """Whether the message before is still on its way."""
        return self._sending is not None and not self._sending.done()

    def check_origin(self, origin: str | None = None) -> bool:
        """Let in pages of this very origin, of those that the settings allow, and what is no page."""
        origin = self.get_origin() if origin is None else origin
        if origin is None or self.allow_origin == "*":
            return True
        parts = urlsplit(origin.lower())
        host = self.request.headers.get("Host", "").lower()
        if parts.scheme in {"http", "https"} and host and parts.netloc == host:
            return True
        if self.allow_origin:
            return bool(self.allow_origin.lower() == origin.lower())
        return bool(self.allow_origin_pat and origin_matches_pat(self.allow_origin_pat, origin))

    @ws_authenticated
    @authorized(ACTIONS[_ACTION].verb, resource=RESOURCE)  # type: ignore[untyped-decorator]  # it has no types
    async def get(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]  # as the line above
        """Follow what happens to runs, as a WebSocket."""
        origin = self.get_origin()
        if origin is not None and not self.check_origin(origin):  # tornado asks for some origins only
            raise web.HTTPError(403)
        require(self.actor, _ACTION)
        self.services.limits.take(self.actor.name, ACTIONS[_ACTION].verb)
        self.services.subscribers.check(self.actor)
        after = _number(self.get_query_argument("after", None))
        newest = await asyncio.to_thread(latest_change, self.services.app.store())
        self.position = newest if after is None else after
        await super().get(*args, **kwargs)

    def open(self, *args: str, **kwargs: str) -> None:
        """Begin to tell."""
        super().open(*args, **kwargs)
        self.tell(to_json(ReadyMessage(self.position)))
        self.services.subscribers.add(self)

    def on_message(self, message: str | bytes) -> None:
        """Take no orders."""

    def on_close(self) -> None:
        """Tell no more."""
        pings: Any = self.ping_callback
        if pings is not None:
            pings.stop()
        self.services.subscribers.remove(self)

    def tell(self, message: bytes) -> None:
        """Send a message; the next one waits until it is taken."""
        self._sending = asyncio.ensure_future(self._send(message))

    async def _send(self, message: bytes) -> None:
        try:
            await self.write_message(message.decode())
        except WebSocketClosedError:
            self.services.subscribers.remove(self)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say why there is no WebSocket, as the routes do."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        said = error if isinstance(error, MaestroError) else None
        self.set_status(said.status if said else status_code)
        if isinstance(said, TooMany):
            self.set_header("Retry-After", str(max(1, round(said.seconds))))
        self.set_header("Content-Type", "application/json")
        self.finish(
            to_json(
                {
                    "message": said.message if said else self._reason,
                    "reason": said.reason if said else self._reason.lower().replace(" ", "_"),
                    "hint": said.hint if said else "",
                }
            )
        )


setattr(
    Live.get,
    OPERATION,
    Operation(
        _ACTION,
        "Follow what happens to runs, as a WebSocket.",
        query=None,
        body=None,
        answer=ReadyMessage | EventsMessage | ResetMessage,
        status=101,
        media_type="",
    ),
)


def _message(found: Changes) -> bytes:
    if found.reset:
        return to_json(ResetMessage(found.last))
    if not found.items:
        return b""
    return to_json(EventsMessage(found.items, found.last))


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:20]) <= _LARGEST):
        msg = "The parameter 'after' is no number."
        raise Invalid(msg, hint="Give the number of the last event that was seen.")
    return int(text)
