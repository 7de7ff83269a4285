"""What changed between two runs."""

from __future__ import annotations

import math
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from maestro_jupyter.events import Column
from maestro_jupyter.models import CellExecution, Code, Dataset, Environment, Run, RunDetail, Status
from maestro_jupyter.provenance import diff
from maestro_jupyter.store.filters import EPOCH


def a_run(**fields):
    return Run(
        run_id="ab" * 16, name="r", project="p", user="u", source="fit", status=Status.FINISHED, start_time=EPOCH,
        end_time=EPOCH + timedelta(seconds=2), **fields,
    )  # fmt: skip


def cells(*sources, ids=None):
    return [
        CellExecution(
            execution_id=str(n),
            cell_id=ids[n] if ids else None,
            number=n,
            count=n,
            source=source,
            start_time=EPOCH,
        )
        for n, source in enumerate(sources)
    ]


def data(rows, columns, fingerprint):
    return Dataset(
        role="X", name="X", kind="DataFrame", fingerprint=fingerprint, sampled=False, shape=[rows, len(columns)],
        columns=[Column(name, dtype) for name, dtype in columns.items()],
    )  # fmt: skip


def environment(**packages):
    return Environment(digest="d", python="3.11.9", platform="linux", hardware={}, packages=packages)


def test_says_at_a_glance_what_changed():
    a = RunDetail(
        run=a_run(params={"max_depth": 3, "old": 1}, metrics={"acc": 0.951, "gone": 1.0, "nan": math.nan}),
        cells=cells("import x", "model = Tree(3)\nmodel.fit(X)", ids=["i", "j"]),
        datasets=[data(569, {"p": "float64", "q": "int64"}, "f1")],
        environment=environment(numpy="2.0", sklearn="1.8"),
        code=Code(digest="1", commit="a" * 40, branch="main", remote=None, dirty=False),
    )
    b = RunDetail(
        run=a_run(params={"max_depth": 5}, metrics={"acc": 0.965, "nan": math.nan}),
        cells=cells("import x", "model = Tree(5)\nmodel.fit(X)", "print(1)", ids=["i", "j", "k"]),
        datasets=[data(455, {"p": "float32", "r": "int64"}, "f2")],
        environment=environment(numpy="2.0", sklearn="1.9"),
        code=Code(digest="2", commit="b" * 40, branch="main", remote=None, dirty=True, diff="+x"),
    )
    found = diff(a, b)
    assert not found.same
    assert found.summary() == [
        "params.max_depth: 3 → 5",
        "params.old: removed (1)",
        "acc: 0.951 → 0.965 (+0.014)",
        "gone: removed (1)",
        "X has another fingerprint (569 × 2 → 455 × 2), 1 column added, 1 column removed, 1 column of another dtype",
        "1 cell changed",
        "1 cell added",
        "sklearn: 1.8 → 1.9",
        "commit: aaaaaaaa → bbbbbbbb",
        "dirty: False → True",
        "the uncommitted diff differs",
    ]
    changed = found.cells[0]
    assert "-model = Tree(3)\n+model = Tree(5)" in changed.diff
    assert "import x" not in changed.diff


def test_a_run_is_the_same_as_itself():
    one = RunDetail(run=a_run(metrics={"m": math.nan, "i": math.inf}), cells=cells("a", "a", "b"))
    assert diff(one, one).same
    assert diff(one, one).summary() == []


def test_missing_is_not_zero():
    found = diff(RunDetail(run=a_run()), RunDetail(run=a_run(metrics={"m": 0.0})))
    (metric,) = found.metrics
    assert (metric.kind, metric.a, metric.b, metric.difference) == ("added", None, 0.0, None)


def test_cells_without_ids_are_aligned_by_their_source():
    a = cells("import numpy", "x = load('train.csv')\ny = x.pop('y')", "Tree(max_depth=3).fit(x, y)")
    b = cells("import numpy", "print('hello')", "Tree(max_depth=5).fit(x, y)")
    kinds = [
        change.kind for change in diff(RunDetail(run=a_run(), cells=a), RunDetail(run=a_run(), cells=b)).cells
    ]
    assert sorted(kinds) == ["added", "changed", "removed"]


def test_cells_that_are_the_same_are_counted():
    a = cells("import x", "x = 1", "%maestro runs", "gone()")
    b = cells("import x", "x = 1", "import x")
    assert diff(RunDetail(run=a_run(), cells=a), RunDetail(run=a_run(), cells=b)).same_cells == 2
    assert diff(RunDetail(run=a_run()), RunDetail(run=a_run(), cells=b)).same_cells == 0


def test_a_cell_counts_with_its_latest_source():
    a = cells("x = 1", "x = 2", ids=["i", "i"])
    b = cells("x = 2", ids=["i"])
    assert diff(RunDetail(run=a_run(), cells=a), RunDetail(run=a_run(), cells=b)).same


def test_cells_that_only_ask_maestro_are_no_change():
    a = RunDetail(run=a_run(), cells=cells("fit()", "%maestro runs"))
    b = RunDetail(
        run=a_run(), cells=cells("fit()", "\n %maestro best acc\n%maestro diff a b\n", "1 % maestro")
    )
    assert [(change.kind, change.b) for change in diff(a, b).cells] == [("added", "1 % maestro")]


def test_huge_notebooks_are_bounded():
    a, b = (cells(*(f"{word}{n} = 1\n" * 200 for n in range(300))) for word in ("a", "b"))
    assert len(diff(RunDetail(run=a_run(), cells=a), RunDetail(run=a_run(), cells=b)).cells) >= 300


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
PARAMS = st.dictionaries(st.sampled_from("abc"), VALUES)
SOURCES = st.lists(st.text("ab\n =", max_size=8), max_size=5)


@given(PARAMS, PARAMS, SOURCES, SOURCES)
def test_it_is_the_same_both_ways_but_for_direction(p, q, s, t):
    a, b = (RunDetail(run=a_run(params=x), cells=cells(*y)) for x, y in ((p, s), (q, t)))
    there, back = diff(a, b), diff(b, a)
    assert there.same == back.same
    swap = {"added": "removed", "removed": "added", "changed": "changed"}
    assert [(c.name, swap[c.kind]) for c in there.params] == [(c.name, c.kind) for c in back.params]
    assert diff(a, a).same
