"""What is slow holds up nobody else: questions that take too long, and bodies that never end."""

from __future__ import annotations

import contextlib
import socket
from urllib.parse import urlencode

import pytest
from live_server import OWNER, PREFIX, read_answer
from store_of_runs import a_run, fill_with

from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import TooSlow
from maestro_jupyter.http_api import HttpApi
from maestro_jupyter.store.engine import open_store

RUN = "runs/" + "0001" * 8
NOTE = {"headers": {"Content-Type": "application/json"}, "body": b'{"note": "x"}'}
SLOW = " or ".join(f"tags.a like '%{number}%b%c%'" for number in range(200))
TEXT = "0123456789b" * 500


@pytest.fixture(scope="module")
def hasty(serve):
    """Give a server that answers within half a second and waits a second for a body, with much to search."""
    live = serve(config={"Maestro": {"query_seconds": 0.5, "body_seconds": 1.0, "request_log": "all"}})
    opened = open_store(Maestro(environ={"MAESTRO_HOME": str(live.home)}).database_url)
    fill_with(opened.write, (a_run(number, tags={"a": f"{TEXT}{number}"}) for number in range(3000)))
    opened.close()
    return live


def test_a_question_that_takes_too_long_is_stopped(hasty):
    for path in ("runs", "runs/count"):
        said = hasty.ask("GET", f"{path}?{urlencode({'filter': SLOW})}", user=OWNER)
        assert (said.status, said.json()["reason"]) == (422, "too_slow")
        assert said.json()["message"] == "The question took longer than 0.5 seconds, and was stopped."
        assert hasty.ask("GET", "runs?limit=1", user=OWNER).status == 200


def test_the_client_says_so_as_well(hasty):
    with contextlib.closing(HttpApi(f"http://{hasty.host}/a%40b/", OWNER)) as api, pytest.raises(TooSlow):
        api.search(SLOW)


def begin(live, head, user=OWNER):
    """Begin a request whose body is still to come."""
    connection = socket.create_connection(("127.0.0.1", live.port), timeout=60)
    lines = [
        f"PATCH {PREFIX}{RUN} HTTP/1.1",
        f"Host: {live.host}",
        f"Authorization: token {user}",
        "Content-Type: application/json",
        *head,
    ]
    connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
    return connection


SENDERS = {
    "length": (("Content-Length: 1000000",), b"{"),
    "chunks": (("Transfer-Encoding: chunked",), b"1\r\n{\r\n"),
}


@pytest.mark.parametrize(("head", "piece"), SENDERS.values(), ids=SENDERS)
@pytest.mark.parametrize("user", [OWNER, "nobody"])
def test_a_body_that_comes_slowly_is_cut_off(hasty, user, head, piece):
    with begin(hasty, head, user) as connection:
        connection.settimeout(0.1)
        said = b""
        with contextlib.suppress(ConnectionError):
            while True:
                connection.sendall(piece)
                with contextlib.suppress(TimeoutError):
                    received = connection.recv(1 << 16)
                    if not received:
                        break
                    said += received
    assert read_answer(said).status == (0 if user == OWNER else 403)


def test_bodies_that_never_end_hold_up_nobody(hasty):
    with contextlib.ExitStack() as stack:
        waiting = [
            stack.enter_context(begin(hasty, ("Content-Length: 10", f"X-Request-Id: slow-{number}")))
            for number in range(100)
        ]
        assert hasty.ask("GET", "runs?limit=1", user=OWNER).status == 200
        assert hasty.ask("PATCH", RUN, user=OWNER, **NOTE).status == 200
        assert [connection.recv(1) for connection in waiting] == [b""] * 100
    slow = [f"slow-{number}" for number in range(100)]
    assert {line["status"] for line in hasty.lines(*slow).values()} == {408}
    assert hasty.ask("GET", "health/ready", user=OWNER).json()["ready"]


def test_a_body_in_time_is_taken_however_it_is_cut(hasty):
    with begin(hasty, ("Content-Length: 13", "Connection: close")) as connection:
        for piece in (b'{"no', b'te": ', b'"x"'):
            connection.sendall(piece)
        connection.sendall(b"}")
        said = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert read_answer(said).status == 200
