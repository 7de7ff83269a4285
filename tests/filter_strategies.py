"""Any runs, and any filters on them, for property tests."""

from __future__ import annotations

import math
from datetime import timedelta

from hypothesis import strategies as st

from maestro_jupyter.models import Run, Status
from maestro_jupyter.store.filters import EPOCH, And, Comparison, Field, Not, Or

KEYS = ("a", "a b", 'q"`', "é/🎯")
TEXTS = st.one_of(
    st.sampled_from(
        ["rf", "RF", "a%b", "a_b", "[x]*?", "", "\\", "É", "é", "3", "a\nb", "x" * 64, "x" * 63, "x" * 65]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4),
)
NUMBERS = st.one_of(st.sampled_from([0.0, 1.0, -1.5, math.inf, -math.inf, math.nan]), st.floats())
MOMENTS = st.integers(0, 5).map(lambda seconds: EPOCH + timedelta(seconds=seconds))


@st.composite
def some_runs(draw):
    keys = st.sampled_from(KEYS)
    return [
        Run(
            run_id=f"{number:032x}",
            name=draw(TEXTS),
            project=draw(st.sampled_from(["p", "Q"])),
            user="u",
            source="api",
            status=draw(st.sampled_from(Status)),
            start_time=draw(MOMENTS),
            end_time=draw(st.none() | MOMENTS),
            parent_id=draw(st.none() | st.just("ab")),
            notebook=draw(st.none() | st.just("n.ipynb")),
            params=draw(
                st.dictionaries(keys, st.one_of(TEXTS, NUMBERS, st.booleans(), st.none(), st.integers(0, 3)))
            ),
            metrics=draw(st.dictionaries(keys, NUMBERS)),
            tags=draw(st.dictionaries(keys, TEXTS)),
            archived=draw(st.none() | MOMENTS),
        )
        for number in range(draw(st.integers(1, 6)))
    ]


def comparisons():
    keys = st.sampled_from(KEYS)
    numeric = st.sampled_from(["=", "<", "<=", ">", ">=", "present"])
    textual = st.sampled_from(["=", "<", "<=", ">", ">=", "present", "like", "ilike"])
    numbers, texts = st.lists(NUMBERS, min_size=1, max_size=2), st.lists(TEXTS, min_size=1, max_size=2)
    moments = st.lists(st.integers(-1, 6).map(lambda s: s * 1_000_000), min_size=1, max_size=2)

    def build(fields, signs, values):
        return st.builds(Comparison, fields, signs, values.map(tuple), st.booleans())

    def attribute(*names):
        return st.sampled_from([Field("attribute", name) for name in names])

    return st.one_of(
        build(keys.map(lambda key: Field("metric", key)), numeric, numbers),
        build(keys.map(lambda key: Field("param", key)), numeric, numbers),
        build(keys.map(lambda key: Field("param", key)), textual, texts),
        build(keys.map(lambda key: Field("tag", key)), textual, texts),
        build(attribute("name", "status", "project", "parent_id", "notebook", "run_id"), textual, texts),
        build(attribute("start_time", "end_time", "archived"), numeric, moments),
        build(attribute("duration"), numeric, numbers),
    ).map(lambda test: Comparison(test.field, "present") if test.operator == "present" else test)


FILTERS = st.recursive(
    comparisons(),
    lambda item: st.one_of(
        st.builds(Not, item),
        st.builds(And, st.lists(item, max_size=3).map(tuple)),
        st.builds(Or, st.lists(item, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)
