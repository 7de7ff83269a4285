"""The live router: every verb of every route of ours is declared, guarded and described, or does not answer."""

from __future__ import annotations

import re
import warnings

import pytest
from jupyter_server.auth import authorized
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from tornado import web
from tornado.websocket import WebSocketHandler

from maestro_jupyter.api import ACTIONS
from maestro_jupyter.server.handler import Handler, Nowhere
from maestro_jupyter.server.operation import OPERATION, operation
from maestro_jupyter.server.routes import PREFIX, ROUTES, SOCKETS

VERBS = ("get", "head", "post", "put", "patch", "delete", "options")
OPEN = {f"/a%40b/{PREFIX}/health/live"}
"""What answers anybody."""


def rules(router):
    for rule in router.rules:
        if isinstance(rule.target, web.Application) or hasattr(rule.target, "rules"):
            yield from rules(rule.target)
        else:
            yield rule


def ours(app):
    """Give the path's pattern and the handler of every route under our prefix, whoever registered it."""
    for rule in rules(app.default_router):
        pattern = getattr(getattr(rule.matcher, "regex", None), "pattern", "")
        if "maestro" in pattern or rule.target.__module__.startswith("maestro_jupyter"):
            yield pattern, rule.target


def answers(handler, verb):
    """Tell whether a handler does anything for a verb but to refuse it."""
    method = getattr(handler, verb)
    return method is not web.RequestHandler._unimplemented_method


def wrappers(method):
    """Give the code that runs before a method, outermost first."""
    while method is not None:
        yield method.__code__
        method = getattr(method, "__wrapped__", None)


AUTHENTICATED = web.authenticated(lambda handler: None).__code__


WS_AUTHENTICATED = ws_authenticated(lambda handler: None).__code__


AUTHORIZED = authorized("read", resource="x")(lambda handler: None).__code__


def faults(app, description):
    """Give what is wrong with our routes of an application."""
    found = []
    known = {f"/a%40b/{PREFIX}/{route.pattern()}".replace("\\", ""): route for route in (*ROUTES, *SOCKETS)}
    for pattern, handler in ours(app):
        bare = re.sub(r"\\(.)", r"\1", pattern.removesuffix("$"))
        if not issubclass(handler, JupyterHandler):
            found.append(f"{bare}: knows no identity")
        if handler is Nowhere:
            continue
        if bare not in known or known[bare].handler is not handler:
            found.append(f"{bare}: is not in ROUTES")
            continue
        described = description["paths"].get(f"/{known[bare].path}", {})
        for verb in VERBS:
            if answers(handler, verb):
                found += [f"{verb} {bare}: {said}" for said in verb_faults(handler, verb, bare, described)]
        if issubclass(handler, WebSocketHandler):
            found += websocket_faults(handler, bare)
    return found


def verb_faults(handler, verb, bare, described):
    """Give what is wrong with a verb that answers."""
    declared = getattr(getattr(handler, verb), OPERATION, None)
    if declared is None:
        yield "is not declared"
        return
    if verb not in described and not issubclass(handler, WebSocketHandler):
        yield "is not described"
    if declared.action is None:
        if bare not in OPEN:
            yield "is open"
        return
    if declared.action not in ACTIONS:
        yield "has no such action"
    around = list(wrappers(getattr(handler, verb)))
    if around[0] not in {AUTHENTICATED, WS_AUTHENTICATED}:
        yield "is not authenticated first"
    if AUTHORIZED not in around:
        yield "is not authorized"


def websocket_faults(handler, said):
    if getattr(getattr(handler, "get", None), OPERATION, None) is None:
        return [f"websocket {said}: is not declared"]
    if handler.check_origin is WebSocketHandler.check_origin and not issubclass(handler, Handler):
        return [f"websocket {said}: has no origin check of ours"]
    return []


def test_every_permission_is_for_something():
    used = {declared.action for route in ROUTES for _, declared in route.operations()}
    assert used - {None} == set(ACTIONS)


@pytest.fixture
def described(jp_serverapp):
    from maestro_jupyter.server.openapi import document

    return document()


def test_every_verb_of_every_route_is_declared_guarded_and_described(jp_web_app, described):
    routes = list(ours(jp_web_app))
    assert len(routes) == len(ROUTES) + len(SOCKETS) + 1, (
        "the walk sees every route, and what answers elsewhere"
    )
    assert faults(jp_web_app, described) == []


class Undeclared(Handler):
    def get(self):
        self.finish("here")


class Stray(APIHandler):
    def post(self):
        self.finish("here")


class Loose(web.RequestHandler):
    def get(self):
        self.finish("here")


class Wide(Handler):
    @operation(None, answer=str)
    async def get(self, request):
        """Answer anybody."""
        return "here"


@operation("change runs")
def guarded(self, request):
    """Do nothing."""


class Halfway(Handler):
    async def delete(self):
        self.finish("gone")

    setattr(delete, OPERATION, getattr(guarded, OPERATION))


class Socket(WebSocketHandler):
    def on_message(self, message):
        self.write_message(message)


def plant(app, handler):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the Jupyter server sees some of it, too
        app.add_handlers(".*", [(f"/a%40b/{PREFIX}/planted", handler)])


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (Undeclared, "is not in ROUTES"),
        (Stray, "is not in ROUTES"),
        (Loose, "knows no identity"),
        (Socket, "knows no identity"),
    ],
)
def test_the_walk_sees_what_is_registered_beside_the_list(jp_web_app, described, handler, said):
    plant(jp_web_app, handler)
    assert any(said in fault for fault in faults(jp_web_app, described))


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (Undeclared, "get /a%40b/maestro/api/v1/planted: is not declared"),
        (Wide, "get /a%40b/maestro/api/v1/planted: is open"),
        (Halfway, "delete /a%40b/maestro/api/v1/planted: is not authenticated first"),
        (Halfway, "delete /a%40b/maestro/api/v1/planted: is not authorized"),
        (Halfway, "delete /a%40b/maestro/api/v1/planted: is not described"),
    ],
)
def test_the_walk_sees_what_is_in_the_list_but_not_guarded(jp_web_app, described, monkeypatch, handler, said):
    from maestro_jupyter.server.routes import Route

    monkeypatch.setitem(globals(), "ROUTES", (*ROUTES, Route("planted", handler)))
    plant(jp_web_app, handler)
    assert said in faults(jp_web_app, described)
