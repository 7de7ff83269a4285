"""How much one user may ask: refused with the time to come again, each user and each verb apart."""

from __future__ import annotations

import asyncio
import contextlib
import re

import pytest
from live_server import MEMBER, OWNER

from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import Invalid, TooMany
from maestro_jupyter.http_api import HttpApi

RUN = "runs/" + "0004" * 8
NOTE = {"headers": {"Content-Type": "application/json"}, "body": b'{"note": "x"}'}
SLOW = {"read_rate": 0.5, "read_burst": 5, "write_rate": 0.5, "write_burst": 2}


@pytest.fixture
def slow(serve):
    """Give a server that lets a user ask five times, and change something twice, and then every two seconds."""
    return serve(config={"Maestro": SLOW})


def flood(live, user, verb="GET", path="runs/count", **about):
    """Ask until it is refused; give how often it was answered, and the refusal."""
    for answered in range(100):
        said = live.ask(verb, path, user=user, **about)
        if said.status != 200:
            return answered, said
    raise AssertionError("never refused")


def test_a_flood_is_refused_with_the_time_to_come_again(slow):
    answered, said = flood(slow, OWNER)
    assert answered >= SLOW["read_burst"]
    assert (said.status, said.json()["reason"]) == (429, "too_many")
    assert re.fullmatch("[1-3]", said.headers["Retry-After"])
    assert said.json()["message"].count(".") == 1


def test_users_and_verbs_are_apart(slow):
    flood(slow, MEMBER)
    assert slow.ask("GET", "runs/count", user=OWNER).status == 200
    assert slow.ask("PATCH", RUN, user=MEMBER, **NOTE).status == 200
    flood(slow, OWNER, "PATCH", RUN, **NOTE)
    assert slow.ask("GET", "runs/count", user=OWNER).status == 200
    assert slow.ask("GET", "health/live").status == 200


async def test_who_waits_as_told_is_answered(slow):
    _, said = flood(slow, OWNER)
    await asyncio.sleep(int(said.headers["Retry-After"]))
    assert slow.ask("GET", "runs/count", user=OWNER).status == 200


def test_the_client_waits_as_told_and_goes_on(slow):
    flood(slow, OWNER)
    with contextlib.closing(HttpApi(f"http://{slow.host}/a%40b/", OWNER)) as api:
        assert api.count() == 4
        flood(slow, OWNER, "PATCH", RUN, **NOTE)
        assert api.edit("0004", tags={"k": "v"}).tags == {"k": "v"}


def test_the_client_says_at_once_what_would_take_too_long(serve):
    live = serve(config={"Maestro": SLOW | {"read_rate": 0.01}})
    flood(live, OWNER)
    with (
        contextlib.closing(HttpApi(f"http://{live.host}/a%40b/", OWNER, patience=1.0)) as api,
        pytest.raises(TooMany) as refused,
    ):
        api.count()
    assert refused.value.seconds > 1


async def test_the_client_waits_no_longer_than_it_should():
    asked = []

    async def refuse(reader, writer):
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 429 Too Many\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def ask():
        with contextlib.closing(HttpApi(url, "t", patience=1.5)) as api, pytest.raises(TooMany):
            api.count()

    async with server:
        await asyncio.to_thread(ask)
    assert len(asked) == 2


RATES = ("READ_RATE", "WRITE_RATE", "READ_BURST", "WRITE_BURST")


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("value", ["fast", "0", "-1", "nan", "inf", "1e999", "1,5", "[1]", "None"])
def test_a_bad_limit_is_said_in_one_sentence(name, value):
    with pytest.raises(Invalid) as refused:
        Maestro(environ={f"MAESTRO_{name}": value})
    assert refused.value.message == (
        f"The variable MAESTRO_{name} is {value!r}, which the setting {name.lower()} cannot be."
    )


@pytest.mark.parametrize("name", RATES)
def test_a_limit_can_be_set(name):
    assert getattr(Maestro(environ={f"MAESTRO_{name}": "7"}), name.lower()) == 7


def test_a_server_with_a_bad_limit_does_not_start(serve):
    with pytest.raises(AssertionError, match=r"read_rate is -1\.0; expected a number from 0\.001\."):
        serve(config={"Maestro": {"read_rate": -1.0}})
