"""The lines of requests: what each says, and that no log ever says what was secret in a request."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import threading
import time
from datetime import datetime

import pytest
from live_server import MEMBER, OWNER, PREFIX
from sqlalchemy import text

from maestro_jupyter.api import LocalApi
from maestro_jupyter.server.request_log import LOGGER, Answered, RequestLog
from maestro_jupyter.server.routes import ROUTES

RUN = "0001" * 8
JSON = {"Content-Type": "application/json"}
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
HEADERS = ("Authorization", "Cookie", "Referer", "User-Agent", "Origin", "Accept", "X-XSRFToken")
SECRET = "correct-horse-battery-staple"


@pytest.fixture(scope="module")
def told(serve):
    """Give a server that logs everything there is to log."""
    return serve(config={"ServerApp": {"log_level": "DEBUG"}, "Maestro": {"request_log": "all"}})


def test_a_line_says_how_a_request_went(told):
    asked = told.ask("GET", f"runs/{RUN}", user=OWNER, headers={"X-Request-Id": "one"})
    told.ask("GET", "runs/ffff", user=MEMBER, headers={"X-Request-Id": "absent"})
    told.ask("GET", "nothing/here", user=MEMBER, headers={"X-Request-Id": "nowhere"})
    told.ask("GET", "runs", headers={"X-Request-Id": "nobody"})
    told.ask("BREW", "runs", user=OWNER, headers={"X-Request-Id": "odd"})
    told.ask(
        "PATCH", f"runs/{RUN}", user=OWNER, headers=JSON | {"X-Request-Id": "last"}, body=b'{"note":"x"}'
    )
    found = told.lines("one", "absent", "nowhere", "nobody", "odd", "last")
    line = found["one"]
    assert datetime.fromisoformat(line["time"]).tzinfo is not None
    assert line["duration_ms"] > 0
    assert line["bytes"] == len(asked.body)
    said = {name: tuple(found[name][key] for key in ("method", "route", "status", "user")) for name in found}
    assert said == {
        "one": ("GET", "runs/{run_id}", 200, OWNER),
        "absent": ("GET", "runs/{run_id}", 404, MEMBER),
        "nowhere": ("GET", "none", 404, MEMBER),
        "nobody": ("GET", "runs", 403, ""),
        "odd": ("other", "runs", 405, ""),
        "last": ("PATCH", "runs/{run_id}", 200, OWNER),
    }
    assert set(line) == {
        *("time", "request_id", "method", "route", "status"),
        *("duration_ms", "bytes", "user"),
    }


@pytest.mark.parametrize("given", [None, "two words", "x" * 65, "{}", "", "-", "ghp_" + "aB3" * 12])
def test_a_request_without_an_id_worth_the_name_gets_one(told, given):
    asked = {} if given is None else {"X-Request-Id": given}
    said = told.ask("GET", "runs/count", user=OWNER, headers=asked).headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", said)
    assert told.lines(said)[said]["route"] == "runs/count"


def test_an_id_comes_back_with_every_answer(told):
    for path, status in (("runs", 200), ("runs/ffff", 404), ("nothing", 404), ("runs?limit=0", 400)):
        said = told.ask("GET", path, user=OWNER, headers={"X-Request-Id": "mine"})
        assert (said.status, said.headers["X-Request-Id"]) == (status, "mine")


def test_a_websocket_has_a_line(told):
    said = told.ask("GET", "events/live?after=x", user=OWNER, headers={"X-Request-Id": "no-number"})
    assert (said.status, said.headers["X-Request-Id"]) == (400, "no-number")
    with socket.create_connection(("127.0.0.1", told.port)) as connection:
        asked = UPGRADE | {"Host": told.host, "Authorization": f"token {OWNER}", "X-Request-Id": "socket"}
        head = "".join(f"{name}: {value}\r\n" for name, value in asked.items())
        connection.sendall(f"GET {PREFIX}events/live HTTP/1.1\r\n{head}\r\n".encode())
        assert b" 101 " in connection.recv(1 << 16).splitlines()[0]
        line = told.lines("socket")["socket"]
    assert (line["route"], line["status"], line["user"]) == ("events/live", 101, OWNER)


def test_logging_that_is_set_up_takes_the_lines_elsewhere(serve, tmp_path):
    file = tmp_path / "requests.jsonl"
    logging_config = {
        "handlers": {"requests": {"class": "logging.FileHandler", "filename": str(file)}},
        "loggers": {LOGGER: {"level": "INFO", "handlers": ["requests"]}},
    }
    live = serve(config={"ServerApp": {"logging_config": logging_config}, "Maestro": {"request_log": "all"}})
    live.ask("GET", "runs", user=OWNER)
    live.stop()
    said = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["route"] for line in said if line["route"] != "health/live"] == ["runs"]
    assert '{"time"' not in live.log.read_text()


def places(secret):
    """Give requests that have a secret somewhere."""
    owner = {"user": OWNER}
    yield "GET", f"runs?token={secret}", {}
    yield "GET", f"runs?filter=params.a+=+'{secret}'", owner
    yield "GET", f"runs?filter={secret}+%3E", owner
    yield "GET", f"runs?{secret}=1", owner
    yield "GET", f"runs/{secret}", owner
    yield "GET", f"projects/{secret}", owner
    yield "GET", f"{secret}/x", owner
    yield "GET", f"runs/%ff{secret}", owner
    yield secret.upper(), "runs", owner
    for name in HEADERS:
        yield "GET", "runs", {"headers": {name: f"http://{secret}/{secret}?a={secret}"}}
    for name in ("Host", *HEADERS):  # what is no host is refused before there is a route
        yield "GET", "runs", owner | {"headers": {name: secret}}
        yield "PATCH", f"runs/{RUN}", {"headers": JSON | {name: secret}, "body": b'{"note": 1}'}
    for body in (f'{{"note": 1, "x": "{secret}"}}', secret, f'{{"note": "{secret}"}}', f'{{"{secret}": 1}}'):
        yield "PATCH", f"runs/{RUN}", owner | {"headers": JSON, "body": body.encode()}
    yield "PATCH", f"runs/{RUN}", owner | {"headers": {"Content-Type": secret}, "body": b"{}"}
    yield "GET", f"events/live?after={secret}", owner
    yield "GET", f"events/live?token={secret}", {"headers": {"Origin": f"http://{secret}"}}


def test_no_log_says_what_a_request_said(told):
    statuses = set()
    for verb, path, about in places(SECRET):
        statuses.add(told.ask(verb, path, **about).status)
    assert {200, 400, 403, 404, 405} <= statuses
    told.ask("GET", "runs", user=OWNER, headers={"X-Request-Id": "the-end"})
    told.lines("the-end")
    log = told.log.read_text()
    assert "maestro:runs" in log, "the Jupyter server has lines of its own"
    for part in (SECRET, SECRET.upper(), "horse", RUN):
        assert part not in log


async def line_in(caplog, request):
    while True:
        for record in caplog.records:
            if record.name == LOGGER and json.loads(record.getMessage())["request_id"] == request:
                return record.levelname, json.loads(record.getMessage())
        await asyncio.sleep(0.01)


async def test_a_failure_is_told_with_its_traceback_and_without_secrets(ask, monkeypatch, caplog):
    def fail(self, *args, **kwargs):
        msg = f"cannot connect to postgresql://ada:{SECRET}@db/x"
        raise RuntimeError(msg)

    monkeypatch.setattr(LocalApi, "count", fail)
    status, headers, body = await ask("runs/count", headers={"X-Request-Id": "boom"})
    assert (status, headers["X-Request-Id"], body["reason"]) == (500, "boom", "internal_server_error")
    assert "boom" in body["message"]
    assert "connect" not in body["message"]
    level, line = await line_in(caplog, "boom")
    assert (level, line["route"], line["status"], line["user"]) == ("ERROR", "runs/count", 500, "ada")
    assert "in fail" in line["traceback"]
    assert "RuntimeError: cannot connect to postgresql://ada:[redacted]@db/x" in line["traceback"]
    assert SECRET not in caplog.text


async def test_a_database_that_fails_repeats_no_value_of_a_query(ask, store, caplog):
    with store.write.begin() as connection:
        connection.execute(text("DROP TABLE run_params"))
    await ask("runs", filter=f"params.a = '{SECRET}'", headers={"X-Request-Id": "broken"})
    _, line = await line_in(caplog, "broken")
    assert "no such table" in line["traceback"]
    assert SECRET not in caplog.text


async def test_only_failures_have_lines_unless_told(ask, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    await ask("runs", headers={"X-Request-Id": "good"})
    monkeypatch.setattr(LocalApi, "count", None)
    await ask("runs/count", headers={"X-Request-Id": "bad"})
    await line_in(caplog, "bad")
    said = [json.loads(record.getMessage()) for record in caplog.records if record.name == LOGGER]
    assert [line["request_id"] for line in said] == ["bad"]


def test_requests_do_not_wait_for_whoever_takes_the_lines(caplog):
    caplog.set_level(logging.INFO)
    go, taken = threading.Event(), []

    class Slow(logging.Handler):
        def emit(self, record):
            go.wait()
            taken.append(json.loads(record.getMessage()))

    handler = Slow()
    logging.getLogger(LOGGER).addHandler(handler)
    log = RequestLog(str, everything=True)
    log.start()
    try:
        for number in range(20_000):
            log.add(Answered(0.0, f"r{number}", "GET", ROUTES[0].path, 200, 0.001, 2, "ada"))
        go.set()
        while len(taken) < 10_000:
            time.sleep(0.01)
        log.add(Answered(0.0, "after", "GET", ROUTES[0].path, 200, 0.001, 2, "ada"))
    finally:
        go.set()
        log.close()
        logging.getLogger(LOGGER).removeHandler(handler)
    assert taken[-1]["request_id"] == "after"
    assert len(taken) + sum(line.get("lost", 0) for line in taken) == 20_001
    assert sum(line.get("lost", 0) for line in taken) > 0
