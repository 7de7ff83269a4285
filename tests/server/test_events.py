"""Live events: by number and pushed, to those who may, ten times a second at most, and never lost."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from journals import journal_of, started
from sqlalchemy import delete, insert
from tornado.httpclient import HTTPClientError
from tornado.ioloop import IOLoop

from maestro_jupyter.config import Maestro
from maestro_jupyter.server import events
from maestro_jupyter.server.routes import SOCKETS
from maestro_jupyter.store import schema
from maestro_jupyter.store.changes import changes_since, latest_change, record_changes
from maestro_jupyter.store.collector import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OWNERS, MEMBERS = "0001" * 8, "0004" * 8


def happen(store, *told, warnings=()) -> None:
    """Let something happen to runs, in one transaction each."""
    for run, *kinds in told:
        with store.write.begin() as connection:
            record_changes(connection, {run: kinds})
    for warning in warnings:
        with store.write.begin() as connection:
            record_changes(connection, {}, [warning])


@pytest.fixture
def follow(jp_ws_fetch, store) -> Iterator[Callable[..., object]]:
    """Give a function that opens a WebSocket as somebody."""
    opened = []

    async def begin(user="ada", *, headers=None, **query):
        named = {"Authorization": f"token {user}"} if user else {"Authorization": ""}
        path = ("maestro/api/v1/events/live",)
        socket = await jp_ws_fetch(*path, headers=named | (headers or {}), params=query)
        opened.append(socket)
        return socket

    yield begin
    for socket in opened:
        socket.close()


async def said(socket) -> dict:
    return json.loads(await socket.read_message())


async def test_events_by_number(ask, store) -> None:
    happen(store, (OWNERS, "started"), (MEMBERS, "metrics", "ended"), warnings=["A journal is damaged."])
    status, _, body = await ask("events")
    assert status == 200
    assert [(one["run_id"], one["kinds"], one["text"]) for one in body["items"]] == [
        (OWNERS, ["started"], None),
        (MEMBERS, ["metrics", "ended"], None),
        (None, ["warning"], "A journal is damaged."),
    ]
    first = body["items"][0]["number"]
    assert (body["last"], body["reset"]) == (first + 2, False)
    _, _, body = await ask("events", after=first, limit="1")
    assert ([one["run_id"] for one in body["items"]], body["last"]) == ([MEMBERS], first + 1)
    _, _, body = await ask("events", after=first + 2)
    assert body == {"items": [], "last": first + 2, "reset": False}


async def test_a_member_is_told_of_their_own_runs_and_can_go_on(ask, store) -> None:
    happen(store, (OWNERS, "started"), (MEMBERS, "ended"), (OWNERS, "ended"), warnings=["Something."])
    _, _, body = await ask("events", user="bob")
    assert [one["run_id"] for one in body["items"]] == [MEMBERS]
    assert body["last"] == latest_change(store)


async def test_a_gap_is_said(ask, store) -> None:
    happen(store, *[(OWNERS, "metrics")] * 5)
    last = latest_change(store)
    with store.write.begin() as connection:
        connection.execute(delete(schema.changes).where(schema.changes.c.id < last))
    for after in (0, last - 2, last + 1):
        _, _, body = await ask("events", after=after)
        assert body == {"items": [], "last": last, "reset": True}
    _, _, body = await ask("events", after=last - 1)
    assert ([one["number"] for one in body["items"]], body["reset"]) == ([last], False)


async def test_what_happens_is_pushed_with_how_the_run_is(follow, store) -> None:
    happen(store, (OWNERS, "started"))
    last = latest_change(store)
    socket = await follow()
    assert await said(socket) == {"type": "ready", "last": last}
    happen(store, (OWNERS, "metrics"))
    message = await said(socket)
    assert (message["type"], message["last"]) == ("events", last + 1)
    (item,) = message["items"]
    assert (item["run_id"], item["kinds"], item["status"]) == (OWNERS, ["metrics"], "FINISHED")
    assert (item["name"], item["project"], item["metrics"]) == ("run 1", "p", {"loss": 0.5})


async def test_one_goes_on_where_one_was(follow, store) -> None:
    happen(store, (OWNERS, "started"))
    seen = latest_change(store)
    happen(store, (OWNERS, "metrics"), (MEMBERS, "started"), (OWNERS, "ended"))
    socket = await follow(after=seen)
    assert await said(socket) == {"type": "ready", "last": seen}
    message = await said(socket)
    assert [(one["run_id"], one["kinds"]) for one in message["items"]] == [
        (MEMBERS, ["started"]),
        (OWNERS, ["metrics", "ended"]),
    ]
    assert message["last"] == seen + 3


async def test_a_gap_is_pushed_as_a_reset(follow, store) -> None:
    happen(store, *[(OWNERS, "metrics")] * 5)
    last = latest_change(store)
    with store.write.begin() as connection:
        connection.execute(delete(schema.changes).where(schema.changes.c.id < last))
    socket = await follow(after=1)
    assert (await said(socket))["type"] == "ready"
    assert await said(socket) == {"type": "reset", "last": last}
    happen(store, (OWNERS, "ended"))
    assert (await said(socket))["last"] == last + 1


async def test_a_member_is_pushed_their_own(follow, store) -> None:
    socket = await follow("bob")
    await said(socket)
    happen(store, (OWNERS, "started"), warnings=["Something."])
    happen(store, (MEMBERS, "ended"))
    message = await said(socket)
    assert [one["run_id"] for one in message["items"]] == [MEMBERS]


async def test_however_much_happens_ten_messages_a_second_come(follow, store) -> None:
    socket = await follow()
    last = (await said(socket))["last"]
    loop = IOLoop.current()
    start, messages, target = loop.time(), [], last + 3000

    def pour() -> None:
        for _ in range(300):
            with store.write.begin() as connection:
                rows = [{"time": 1, "kinds": "metrics", "run": OWNERS, "text": None}] * 10
                connection.execute(insert(schema.changes), rows)

    pouring = loop.run_in_executor(None, pour)
    while not messages or messages[-1]["last"] < target:
        messages.append(await said(socket))
    await pouring
    elapsed = loop.time() - start
    assert len(messages) <= elapsed / events.SECONDS + 1
    assert all(len(message["items"]) == 1 for message in messages)


async def test_a_slow_subscriber_has_no_queue(follow, store, jp_serverapp) -> None:
    socket = await follow()
    await said(socket)
    (subscriber,) = _subscribers(jp_serverapp)._all
    held = asyncio.get_running_loop().create_future()
    subscriber._sending = held  # as a browser that does not read
    before = subscriber.position
    for _ in range(3):
        happen(store, (OWNERS, "metrics"))
        await asyncio.sleep(2 * events.SECONDS)
    assert subscriber.position == before
    held.set_result(None)
    message = await said(socket)
    assert (len(message["items"]), message["last"]) == (1, before + 3)


@pytest.mark.parametrize("user", [None, "mallory"])
async def test_strangers_are_refused(follow, user) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await follow(user)
    assert refused.value.code == 403


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:{port}.evil.example",
        "http://localhost:{port}0",
        "http://localhost",
        "http://xlocalhost:{port}",
        "http://localhost:{port}@evil.example",
        "http://evil.example/localhost:{port}",
        "file://localhost:{port}",
        "null",
        "",
        "http://user@localhost:{port}",
    ],
)
async def test_pages_of_other_origins_are_refused(follow, jp_http_port, origin) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await follow(headers={"Origin": origin.format(port=jp_http_port)})
    assert refused.value.code == 403


async def test_pages_of_this_origin_are_let_in(follow, jp_http_port) -> None:
    socket = await follow(headers={"Origin": f"http://localhost:{jp_http_port}"})
    assert (await said(socket))["type"] == "ready"


@pytest.mark.parametrize("after", ["x", "-1", "1e3", "9" * 30, ""])
async def test_a_number_that_is_none_is_refused(follow, after) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await follow(after=after)
    assert refused.value.code == 400
    assert json.loads(refused.value.response.body)["reason"] == "invalid"


async def test_one_user_cannot_have_every_socket(follow, monkeypatch) -> None:
    monkeypatch.setattr(events, "PER_USER", 2)
    first, second = await follow(), await follow()
    await said(first)
    await said(second)
    with pytest.raises(HTTPClientError) as refused:
        await follow()
    assert (refused.value.code, refused.value.response.headers["Retry-After"]) == (429, "10")
    assert (await said(await follow("bob")))["type"] == "ready"


async def test_a_server_that_stops_says_goodbye(follow, jp_serverapp) -> None:
    socket = await follow()
    await said(socket)
    subscribers = _subscribers(jp_serverapp)
    subscribers.close()
    assert await socket.read_message() is None
    assert (socket.close_code, len(subscribers)) == (1001, 0)


async def test_a_subscriber_that_leaves_is_forgotten(follow, jp_serverapp) -> None:
    socket = await follow()
    await said(socket)
    socket.close()
    while len(_subscribers(jp_serverapp)):
        await asyncio.sleep(0.01)


def test_the_socket_says_which_permission_it_needs() -> None:
    (route,) = SOCKETS
    assert [(verb, declared.action) for verb, declared in route.operations()] == [("get", "follow changes")]


def test_damage_and_kills_are_told(home, store) -> None:
    config = Maestro()
    config.journals.mkdir(parents=True)
    journal = journal_of(config, "j1")
    journal.append(started("a" * 32))
    journal.abandon()
    (path,) = config.journals.iterdir()
    path.write_bytes(path.read_bytes() + b"damaged\n")
    Collector(store, config).collect()
    told = changes_since(store, 0)
    assert [("warning" in one.kinds, one.run_id is None) for one in told] == [
        (False, False), (True, True), (True, False),
    ]  # fmt: skip


def _subscribers(server):
    (app,) = server.extension_manager.extension_apps["maestro_jupyter"]
    return app.services.subscribers
