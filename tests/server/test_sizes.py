"""No answer grows without bound: lists come in parts, and what is too long is refused in a sentence."""

from __future__ import annotations

import typing

import msgspec
import pytest
from store_of_runs import a_run, fill_with

from maestro_jupyter.server.handler import Handler
from maestro_jupyter.server.routes import ROUTES

PAGED = [
    (route.path, declared)
    for route in ROUTES
    for _, declared in route.operations()
    if typing.get_origin(declared.answer) is list
    or "items" in getattr(declared.answer, "__annotations__", {})
]
"""The routes whose answer is a list, or a page of one."""


def test_every_list_has_a_limit():
    assert len(PAGED) >= 6
    for path, declared in PAGED:
        assert declared.query is not None, path
        limit = msgspec.json.schema(declared.query)["$defs"][declared.query.__name__]["properties"]["limit"]
        assert limit["maximum"] <= 1000, path
        assert limit["default"] <= 1000, path


@pytest.fixture
def many(store):
    """Make a run with 1,100 metrics, and 1,200 children in as many projects."""
    parent = a_run(1, metrics={f"k{key:04}": 1.0 for key in range(1100)})
    children = [a_run(number, project=f"p{number}", parent_id=parent.run_id) for number in range(2, 1202)]
    fill_with(store.write, [parent, *children])


@pytest.mark.parametrize(
    ("path", "size"),
    [("projects", 1201), ("runs/metrics", 1100), ("runs/0001/metrics", 1100), ("runs/0001/children", 1200)],
)
async def test_lists_come_in_parts(ask, many, path, size):
    _, _, first = await ask(path)
    _, _, rest = await ask(path, start="1000", limit="1000")
    assert (len(first), len(rest)) == (1000, size - 1000)
    assert not [item for item in rest if item in first]
    assert (await ask(path, start="2", limit="3"))[2] == first[2:5]
    assert (await ask(path, start=str(size)))[2] == []
    for wrong in ({"limit": "1001"}, {"limit": "0"}, {"start": "-1"}):
        assert (await ask(path, **wrong))[0] == 400


async def test_the_lists_of_a_run_are_cut(ask, many):
    _, _, body = await ask("runs/0001")
    assert (len(body["metrics"]), len(body["children"])) == (1000, 1000)
    assert body["cut"] == ["metrics", "children"]
    assert (await ask("runs/0002"))[2]["cut"] == []


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("path", ["runs", "runs/0001", "projects", "openapi.json"])
async def test_what_is_too_long_is_refused_in_a_sentence(ask, many, monkeypatch, path, encoding):
    monkeypatch.setattr(Handler, "answer_limit", 4000)
    status, _, body = await ask(path, headers={"Accept-Encoding": encoding})
    assert (status, body["reason"]) == (413, "too_large")
    assert body["message"] == "The answer would be longer than 4000 bytes."
    assert (await ask("runs", limit="1", project="p2"))[0] == 200
