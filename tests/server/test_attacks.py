"""Requests that are out of all measure: refused in a sentence, at once, and never an error of ours."""

from __future__ import annotations

import gzip
import json

import pytest
from live_server import MEMBER, OWNER, PREFIX

RUN = "runs/" + "0001" * 8
JSON = {"Content-Type": "application/json"}
BODIES = {
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"tags":' * 50_000,
    "closed deep": b"[" * 100_000 + b"]" * 100_000,
    "nan": b"NaN",
    "nothing": b"",
    "surrogate": b'{"note": "\\ud800"}',
    "no utf-8": b'{"note": "\xff"}',
    "huge number": b"1" * 100_000,
    "twice": b'{"note": "a"} {"note": "b"}',
    "many keys": json.dumps({"tags": {f"k{n}": 1 for n in range(5000)}}).encode(),
    "unknown": b'{"state": "FINISHED"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_bodies(live, body):
    before = live.digest()
    said = live.ask("PATCH", RUN, user=OWNER, headers=JSON, body=body)
    assert said.status == 400, said
    assert live.digest() == before


def test_a_compressed_body_is_not_unpacked(live):
    bomb = gzip.compress(b" " * (100 << 20))
    said = live.ask("PATCH", RUN, user=OWNER, headers=JSON | {"Content-Encoding": "gzip"}, body=bomb)
    assert said.status == 400


def test_a_body_in_chunks_is_cut_off_at_the_limit(live):
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    headers = JSON | {"Transfer-Encoding": "chunked"}
    said = live.ask("PATCH", RUN, user=OWNER, headers=headers, body=chunk * 40 + b"0\r\n\r\n")
    assert said.status in {0, 413}


@pytest.mark.parametrize(
    "length",
    ["-1", "abc", "1,2", "1, 1", "0x10", "1e3", "+5", "9" * 30, "\u00b2".encode().decode("latin-1"), ""],
)
def test_lengths_that_are_none(live, length):
    said = live.ask("PATCH", RUN, user=OWNER, headers=JSON | {"Content-Length": length}, body=b"{")
    assert said.status in {0, 400, 413}


QUERIES = {
    "deep parentheses": "filter=" + "(" * 4000 + "a" + ")" * 4000,
    "deep not": "filter=" + "not+" * 2000 + "metrics.a+=+1",
    "many terms": "filter=" + "+and+".join(["metrics.a=1"] * 600),
    "many alternatives": "filter=" + "+or+".join(["params.a='b'"] * 500),
    "many values": "filter=params.a+in+(" + ",".join(["'b'"] * 2000) + ")",
    "wild": "filter=params.lr+like+'" + "%25a" * 2000 + "'",
    "wilder": "filter=name+like+'" + "%25" * 5000 + "x'",
    "nul": "filter=params.a+=+'%00'",
    "nul project": "project=%00",
    "no utf-8": "filter=%ff",
    "no utf-8 of the server's": "no_track_activity=%ff",
    "no utf-8 token": "token=%ff",
    "order": "order_by=" + ",".join(["metrics.loss"] * 150),
    "order by sql": "order_by=name;drop+table+runs",
    "fields": "fields=" + ",".join(["metrics.loss"] * 150),
    "limit": "limit=99999999999999999999",
    "cursor": "cursor=%F0%9F%98%80",
    "long": "filter=" + "a" * 20_000,
    "twice": "limit=1&limit=2",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_queries(live, query):
    said = live.ask("GET", f"runs?{query}", user=OWNER)
    assert 200 <= said.status < 500, said
    assert live.ask("GET", "health/live").status == 200


def test_a_cursor_that_was_changed_is_refused(live):
    cursor = live.ask("GET", "runs?limit=1", user=OWNER).json()["cursor"]
    for place in range(len(cursor)):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        said = live.ask("GET", f"runs?limit=1&cursor={changed}", user=OWNER)
        assert said.status in {200, 400}
        assert all(run["user"] for run in said.json().get("items", []))
    assert live.ask("GET", f"runs?limit=1&cursor={cursor}", user=MEMBER).status == 400


def test_errors_repeat_no_secret(live):
    secret = "s3cr3t" * 6
    for said in (
        live.ask("GET", f"runs?token={secret}"),
        live.ask("GET", "runs", headers={"Authorization": f"token {secret}"}),
        live.ask("PATCH", RUN, user=OWNER, headers=JSON, body=f'{{"note": 1, "x": "{secret}"}}'.encode()),
    ):
        assert said.status >= 400
        assert secret not in said.body.decode()
    assert secret not in live.log.read_text()
    assert live.ask("GET", f"{PREFIX}runs", raw_path=True, headers={"X-Long": "x" * 60_000}).status < 500
