"""What each verb of each route is: declared once, checked on every call, shown in the OpenAPI document."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from jupyter_server.auth.decorator import allow_unauthenticated, authorized
from tornado import web

from maestro_jupyter.api import ACTIONS, RESOURCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

OPERATION = "__maestro_operation__"
"""The attribute of a handler's method that holds its `Operation`."""


class Operation(NamedTuple):
    """One verb of one route.

    Attributes
    ----------
    action : str or None
        The permission it needs, of `maestro_jupyter.api.ACTIONS`; None is open to all.
    summary : str
        What it does: the first line of the method's docstring.
    query, body : type or None
        The msgspec Struct of the query's parameters and of the JSON body; `bytes` for a body of plain bytes.
    answer : type or None
        What the body of a good answer holds; None where there is no body.
    status : int
        The status of a good answer.
    media_type : str
        Of the answer.
    kept : bool
        Whether the answer may be given again while the store's data has not changed.
    other_media_type : str or None
        Of the answer in another form than JSON, where it may be asked for in one.
    """

    action: str | None
    summary: str
    query: type | None
    body: type | None
    answer: Any
    status: int
    media_type: str
    kept: bool = False
    other_media_type: str | None = None

    @property
    def in_parts(self) -> bool:
        """Whether a part of the answer may be asked for."""
        return self.answer is bytes and self.action in {"read files", "read library"}


def operation(
    action: str | None,
    *,
    query: type | None = None,
    body: type | None = None,
    answer: Any = None,
    status: int = 200,
    media_type: str = "application/json",
    kept: bool = False,
    other_media_type: str | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Awaitable[None]]]:
    """Declare a handler's verb; see `Operation`.

    The method gets a `maestro_jupyter.server.handler.Request` and the route's parameters, and returns what
    the answer holds. It runs in a thread unless it is a coroutine. Without this decoration no verb answers.
    """

    def decorate(method: Callable[..., Any]) -> Callable[..., Awaitable[None]]:
        declared = Operation(
            action,
            (method.__doc__ or "").strip().splitlines()[0],
            query,
            body,
            answer,
            status,
            media_type,
            kept,
            other_media_type,
        )

        @functools.wraps(method)
        async def verb(handler: Any, *parameters: str) -> None:
            await handler.carry_out(declared, method, parameters)

        guarded: Any
        if action is None:
            guarded = allow_unauthenticated(verb)
        else:
            guarded = web.authenticated(authorized(ACTIONS[action].verb, resource=RESOURCE)(verb))
        setattr(guarded, OPERATION, declared)
        return cast("Callable[..., Awaitable[None]]", guarded)

    return decorate
