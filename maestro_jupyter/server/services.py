"""What the handlers of one server share."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from maestro_jupyter.api import Actor
from maestro_jupyter.errors import MaestroError
from maestro_jupyter.server.answers import Answers
from maestro_jupyter.server.collecting import Collecting
from maestro_jupyter.server.events import Subscribers
from maestro_jupyter.server.indexing import Indexing
from maestro_jupyter.server.limits import Limits
from maestro_jupyter.server.metrics import Counters
from maestro_jupyter.server.request_log import RequestLog
from maestro_jupyter.server.threads import Threads
from maestro_jupyter.store.changes import LatestChange, latest_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_server.auth import User

    from maestro_jupyter.api import LocalApi
    from maestro_jupyter.app import App
    from maestro_jupyter.store.engine import Store


class Services:
    """The objects behind the routes.

    Parameters
    ----------
    app : App
        The store and its settings.
    owners : sequence of str
        The users who own the store; empty if everyone does whom the Jupyter server lets in.
    """

    def __init__(self, app: App, owners: Sequence[str] = ()) -> None:
        self.app = app
        self.limits = Limits(
            {
                "read": (app.config.read_rate, app.config.read_burst),
                "write": (app.config.write_rate, app.config.write_burst),
            }
        )
        self.answers = Answers()
        self.threads = Threads()
        self.description: dict[str, Any] = {}
        """The OpenAPI document."""
        self.paths: dict[type, str] = {}
        """By handler, its route's path with the parameters in braces."""
        self.collecting = Collecting(app)
        self.indexing = Indexing(app, self.collecting)
        self.subscribers = Subscribers(self)
        self.counters = Counters(self.collecting, self.subscribers)
        self.requests = RequestLog(self.redact, everything=app.config.request_log == "all")
        self._owners = frozenset(owners)
        self._opened: Store | None = None
        self._latest: LatestChange | None = None
        self._stopping = False

    def actor(self, user: User | None) -> Actor:
        """Give who a user of the Jupyter server is to Maestro."""
        if user is None or not user.username:
            return Actor("")
        if self._owners:
            return Actor(user.username, owner=user.username in self._owners)
        # Who comes with the token alone has another made-up name in each request.
        anonymous = (user.name or "").startswith("Anonymous ")
        return Actor(self.app.recorder.user if anonymous else user.username, owner=True)

    def redact(self, text: str) -> str:
        """Take the secrets out of a text."""
        return self.app.recorder.redactor.text(text)

    def api(self, actor: Actor) -> LocalApi:
        """Give what somebody may ask."""
        return self.app.api_for(actor)

    async def version(self) -> int | None:
        """Give the version of the store's data; None if it cannot be said now.

        SQLite says so at once. Another database is asked in a thread, so that one that hangs holds up
        nobody else.
        """
        if self._stopping:
            return None
        try:
            if self._opened is None:
                self._opened = await asyncio.to_thread(self.app.store)
            if self._opened.read.dialect.name != "sqlite":
                return await asyncio.to_thread(latest_change, self._opened)
            if self._latest is None:
                self._latest = LatestChange(self._opened)
            return self._latest.number()
        except (MaestroError, SQLAlchemyError, sqlite3.Error):
            return None

    def parts(self) -> dict[str, str]:
        """Say of each part whether it works."""
        return {"store": self._store(), "collector": self.collecting.state()}

    def stop_answering(self) -> None:
        """Work nothing more out; in the thread of the event loop, where the version is asked for."""
        self._stopping = True
        self.threads.close()
        latest, self._latest = self._latest, None
        if latest is not None:
            latest.close()

    def close(self) -> None:
        """Collect what is left, let go of the store, and write what waits to be logged."""
        self.stop_answering()
        with contextlib.ExitStack() as last:  # each is ended, whatever becomes of the others
            last.callback(self.requests.close)
            last.callback(self.app.shutdown)
            last.callback(self.collecting.stop)
            last.callback(self.indexing.stop)

    def _store(self) -> str:
        try:
            latest_change(self.app.store())
        except (MaestroError, SQLAlchemyError) as error:
            return f"The store cannot be read ({type(error).__name__})."
        return "ok"
