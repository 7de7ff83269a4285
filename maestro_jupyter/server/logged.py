"""What every handler does for the logs: an id for the request, one line, and nothing that it said."""

from __future__ import annotations

import contextlib
import logging
import time
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.prometheus.log_functions import prometheus_log_method
from tornado import web
from tornado.httputil import HTTPHeaders

from maestro_jupyter.errors import MaestroError
from maestro_jupyter.server.request_log import Answered, request_id

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from maestro_jupyter.api import Actor
    from maestro_jupyter.server.services import Services

REQUEST_ID = "X-Request-Id"
"""The header with a request's id: taken from the request, and given back in the answer."""


class _Discreet(logging.LoggerAdapter[logging.Logger]):
    """Writes what Jupyter says of a request without what the request said: its path, origin or host."""

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        kwargs.setdefault("stacklevel", 2)
        super().log(level, msg, *("…" if isinstance(one, str) else one for one in args), **kwargs)

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        return msg, kwargs


class Logged(JupyterHandler):
    """A handler whose requests have an id and a line in the log, and leave no secret in any log."""

    services: Services
    request_id = ""
    _failure: BaseException | None = None

    def begin(self, services: Services) -> None:
        """Take what the handlers share, and the request's id."""
        self.services = services
        self.request_id = request_id(self.request.headers.get(REQUEST_ID, ""), services.redact)
        self.set_header(REQUEST_ID, self.request_id)

    def set_default_headers(self) -> None:
        """Keep the request's id where an error clears all other headers."""
        super().set_default_headers()
        if self.request_id:
            self.set_header(REQUEST_ID, self.request_id)

    @property
    def log(self) -> Any:
        """The Jupyter server's log, which is told nothing that the request said."""
        return _Discreet(super().log, {})

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.services.actor(self.current_user)

    @property
    def route(self) -> str:
        """The route's own path, with the parameters in braces."""
        return self.services.paths.get(type(self), "none")

    @property
    def verb(self) -> str:
        """The request's method, if it is one."""
        return str(self.request.method) if self.request.method in self.SUPPORTED_METHODS else "other"

    def on_finish(self) -> None:
        """Write a line of the request."""
        super().on_finish()
        self._write_line()

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Keep what is a bug for the request's line; what the caller can mend is told to the caller."""
        if _status(value) < 500:
            return
        self._failure = value
        if self._finished:
            self._write_line()

    def _log(self) -> None:
        # The Jupyter server's own line gives the whole address, and headers of what failed. Of what went
        # well it would say nothing but to who debugs it, and ours is written already.
        self.request.method = self.verb
        if self.get_status() < 400:
            if self._counts():
                prometheus_log_method(self)  # type: ignore[no-untyped-call]
            return
        self.request.uri, self.request.headers = f"maestro:{self.route}", HTTPHeaders()
        super()._log()

    def _counts(self) -> bool:
        """Tell whether the Jupyter server counts requests for Prometheus."""
        server = self.settings.get("serverapp")
        return bool(server is not None and server.record_http_request_metrics)

    def _write_line(self) -> None:
        self.services.requests.add(
            Answered(
                time=time.time(),
                request_id=self.request_id,
                method=self.verb,
                route=self.route,
                status=self.get_status(),
                seconds=self.request.request_time(),
                size=int(self._headers.get("Content-Length", 0)),
                user=self._user(),
                failure=self._failure,
            )
        )

    def _user(self) -> str:
        with contextlib.suppress(RuntimeError):  # refused before anybody looked who it is
            return self.actor.name
        return ""


def _status(error: Any) -> int:
    if isinstance(error, MaestroError):
        return error.status
    return error.status_code if isinstance(error, web.HTTPError) else 500
