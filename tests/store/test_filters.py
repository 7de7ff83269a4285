"""Filters: what they mean, in SQL and in Python alike, and what a bad one says."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from filter_strategies import FILTERS, some_runs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from maestro_jupyter.errors import Invalid
from maestro_jupyter.models import Run, Status
from maestro_jupyter.store.filter_sql import compile_filter
from maestro_jupyter.store.filters import EPOCH, matches, parse
from maestro_jupyter.store.schema import runs as table


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(some_runs(), st.lists(FILTERS, min_size=1, max_size=5))
def test_sql_says_what_python_says(store_of, runs, filters):
    store = store_of(runs)
    with store.read.connect() as connection:
        for tree in filters:
            expected = {run.run_id for run in runs if matches(tree, run)}
            for seek in (True, False):
                where = compile_filter(tree, seek=seek)
                assert set(connection.scalars(select(table.c.run_id).where(where))) == expected


RUN = Run(
    run_id="ab" * 16,
    name="First try",
    project="churn",
    user="ada",
    source="fit",
    status=Status.FINISHED,
    start_time=EPOCH + timedelta(days=20_000),
    end_time=EPOCH + timedelta(days=20_000, seconds=90),
    params={"model": "rf", "depth": 3, "a b": "x", "flag": True},
    metrics={"accuracy": 0.95, "bad": math.nan, "val/loss": math.inf},
    tags={"team": "It's"},
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "metrics.accuracy > 0.9 and params.model = 'rf'",
        "metric.accuracy >= .95 AND parameters.depth == 3",
        'params.`a b` = "x" and params."a b" like \'_\'',
        "metrics.val/loss = inf and metrics.bad != 1 and not metrics.bad > 0",
        "not metrics.absent > 1 and metrics.absent is null and params.model is not null",
        "params.depth in (1, 3) and params.depth = '3' and params.model not in ('svm', 2)",
        "tags.team = 'It''s' or tags.team = 'no'",
        r"tags.team = 'It\'s'",
        "name ilike 'first%' and name not like 'first%'",
        "attributes.status = 'finished' and run.project = 'churn' and user_id = 'ada'",
        "start_time >= '2024-10-04' and start_time < '2024-10-04T00:00:01Z' and start_time = 1728000000000",
        "duration > 60 and (duration < 60 or end_time is not null)",
        "not (status = 'FAILED' or not params.flag = 'True')",
    ],
)
def test_matches(store_of, text):
    tree = parse(text)
    assert matches(tree, RUN)
    store = store_of([RUN])
    with store.read.connect() as connection:
        assert list(connection.scalars(select(table.c.id).where(compile_filter(tree)))) == [1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("metrics.a >", "ends too early, at character 12: expected a number or a text in quotes"),
        ("metrics.a > 'x'", "character 13: expected a number, found"),
        ("params.b = 2 params.c = 3", "character 14: expected AND, OR or the end, found 'params'"),
        ("(name = 'a'", "ends too early, at character 12: expected AND, OR or ')'"),
        ("colour = 'a'", "character 1: expected metrics.…, params.…, tags.… or one of run_id"),
        ("name = 3", "character 8: expected a text in quotes, found '3'"),
        ("start_time > 'soon'", "character 14: expected milliseconds"),
        ("start_time > 1e300", "character 14: expected milliseconds"),
        ("start_time like 'x'", "character 1: expected a text to compare"),
        ("name = 'a\0'", "character 10: expected Unicode text"),
        ("(" * 40 + "name = 'a'" + ")" * 41, "character 91: expected"),
        ("not " * 40 + "name = 'a'", "too large"),
        (" or ".join(["name='a'"] * 201), "too large"),
        ("a" * 10_001, "10001 characters"),
    ],
)
def test_says_what_is_wrong_and_where(text, message):
    with pytest.raises(Invalid) as caught:
        parse(text)
    assert message in str(caught.value)


def test_the_largest_filter_is_answered(store_of):
    store = store_of([RUN])
    one = "(metrics.accuracy > 0 and params.model like 'r%')"
    deep = "not (" * 14 + " or ".join([one] * 90) + ")" * 14
    with store.read.connect() as connection:
        assert list(connection.scalars(select(table.c.id).where(compile_filter(parse(deep))))) == [1]


WORDS = st.sampled_from(
    ["metrics.a", "params.`", "`", "'", '"', "name", "=", "<", "like", "in", "not", "is", "null", "(", ")", ",", "or",
     "and", "1", "inf", "nan", "'x'", "1e999", "9" * 5000, "start_time", ".", "\\", "run.", "tags.é", "\ud800"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.text(), st.lists(WORDS, max_size=12).map(" ".join), st.lists(WORDS, max_size=8).map("".join))
)
def test_any_text_is_a_filter_or_invalid(text):
    try:
        tree = parse(text)
    except Invalid:
        return
    matches(tree, RUN)
    str(compile_filter(tree))
