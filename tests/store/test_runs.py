"""Searching runs: the order, the limits, one run by a prefix of its id, and the table."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maestro_jupyter.errors import Conflict, Invalid, NotFound
from maestro_jupyter.models import Run, Status
from maestro_jupyter.store import runs as queries
from maestro_jupyter.store.filters import EPOCH
from maestro_jupyter.store.frames import frame, search_frame


def a_run(number, **fields):
    return Run(
        run_id=f"{number:04x}" * 8, name=f"run {number}", project="pq"[number % 2], user="u", source="api",
        status=Status.FINISHED, start_time=EPOCH + timedelta(seconds=number), **fields,
    )  # fmt: skip


@pytest.fixture
def filled(store_of):
    return store_of(
        [
            a_run(1, metrics={"m": 0.5}, params={"lr": 0.1}),
            a_run(2, metrics={"m": math.nan}, params={"lr": "auto"}, tags={"k": "v"}),
            a_run(3, metrics={"m": math.inf}, end_time=EPOCH + timedelta(seconds=5)),
            a_run(4),
            a_run(5, metrics={"m": -1.0}, params={"lr": 3, "a b": True}),
        ]
    )


@pytest.fixture
def with_archived(store_of):
    return store_of(
        [a_run(1), a_run(2, archived=EPOCH), a_run(3, archived=EPOCH + timedelta(days=1)), a_run(4)]
    )


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("", [4, 1]),
        ("name != 'x'", [4, 1]),
        ("archived is null", [4, 1]),
        ("archived is not null", [3, 2]),
        ("archived > '1970-01-01T12:00'", [3]),
        ("archived is null or name = 'run 2'", [4, 2, 1]),
        (f"run_id in ('{'0001' * 8}', '{'0002' * 8}')", [2, 1]),
    ],
)
@pytest.mark.parametrize("few", [0, 1000])
def test_what_was_put_away_is_left_out_unless_the_filter_speaks_of_it(
    with_archived, monkeypatch, question, expected, few
):
    monkeypatch.setattr(queries, "_FEW", few)
    assert numbers(queries.search(with_archived, question)) == expected
    assert queries.count(with_archived, question) == len(expected)
    assert len(search_frame(with_archived, question)) == len(expected)


def test_projects_count_what_was_not_put_away(with_archived):
    found = {project.name: project.runs for project in queries.list_projects(with_archived)}
    assert found == {"p": 1, "q": 1}
    assert {p.name for p in queries.list_projects(with_archived, user="u")} == {"p", "q"}


def test_a_run_that_was_put_away_is_found_by_its_id(with_archived):
    assert queries.get(with_archived, "0002").archived == EPOCH


def numbers(found):
    return [int(run.name.split()[1]) for run in found]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (None, [5, 4, 3, 2, 1]),
        ("start_time", [1, 2, 3, 4, 5]),
        ("metrics.m DESC", [3, 1, 5, 4, 2]),
        (["metrics.m asc", "start_time"], [5, 1, 3, 2, 4]),
        ("params.lr", [1, 5, 2, 4, 3]),
        ("params.lr desc, name", [5, 1, 2, 3, 4]),
        ("duration", [3, 5, 4, 2, 1]),
        ("project, start_time DESC", [4, 2, 5, 3, 1]),
    ],
)
@pytest.mark.parametrize("few", [0, 1000])
def test_order(filled, monkeypatch, order, expected, few):
    monkeypatch.setattr(queries, "_FEW", few)
    assert numbers(queries.search(filled, order_by=order)) == expected
    assert numbers(queries.search(filled, order_by=order, max_results=2, offset=2)) == expected[2:4]


def test_search_and_count(filled):
    assert numbers(queries.search(filled, "params.lr > 0", "q")) == [5, 1]
    assert queries.count(filled, "metrics.m is null") == 1
    assert queries.search(filled, project="nobody's") == []
    assert [(found.name, found.runs) for found in queries.list_projects(filled)] == [("q", 3), ("p", 2)]
    assert queries.metric_keys(filled) == ["m"]


@pytest.mark.parametrize(
    "arguments", [{"max_results": -1}, {"offset": -1}, {"order_by": "m up"}, {"order_by": "("}]
)
def test_bad_arguments(filled, arguments):
    with pytest.raises(Invalid):
        queries.search(filled, **arguments)


def test_get_by_prefix(store_of):
    store = store_of([a_run(0x1234), a_run(0x1235)])
    assert queries.get(store, "1234").name == "run 4660"
    with pytest.raises(Conflict, match="several"):
        queries.get(store, "123")
    with pytest.raises(NotFound):
        queries.get(store, "ff")
    with pytest.raises(NotFound):
        queries.get(store, "'; drop")


def test_tables(filled):
    table = search_frame(filled, order_by="start_time")
    assert list(table.columns) == [
        "run_id", "name", "project", "user", "status", "status_reason", "start_time", "end_time", "duration",
        "params.a b", "params.lr", "metrics.m", "tags.k",
    ]  # fmt: skip
    assert table.equals(frame(queries.search(filled, order_by="start_time")))
    assert str(table.start_time.dt.tz) == "UTC"
    assert table.duration[2] == 2.0
    assert table.end_time.isna().sum() == 4
    assert table["metrics.m"].dtype == float
    assert len(search_frame(filled, "name = 'none'")) == 0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats() | st.none(), max_size=12), st.booleans())
def test_missing_values_come_last(store_of, values, descending):
    store = store_of([a_run(n, metrics={} if v is None else {"m": v}) for n, v in enumerate(values)])
    found = [
        run.metrics.get("m")
        for run in queries.search(store, order_by=f"metrics.m {'desc' if descending else ''}")
    ]
    there = [value for value in found if value is not None and not math.isnan(value)]
    assert there == sorted(there, reverse=descending) == found[: len(there)]
    assert len(found) == len(values)
