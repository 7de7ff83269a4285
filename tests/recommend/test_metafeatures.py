"""Meta-features: pymfe's values where definitions coincide, whatever the order, and of any data at all."""

from __future__ import annotations

import io
import json
import math
import warnings
from contextlib import redirect_stderr, redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from maestro_jupyter.errors import Invalid
from maestro_jupyter.recommend.metafeatures import GROUPS, NAMES, metafeatures
from maestro_jupyter.recommend.metafeatures_sample import MOST_ROWS
from maestro_jupyter.recommend.recorded_data import recorded_metafeatures
from maestro_jupyter.recording.datasets import describe
from maestro_jupyter.store.attempts import Data

LOADERS = {"iris": load_iris, "wine": load_wine, "breast_cancer": load_breast_cancer}

PYMFE = Path(__file__).with_name("pymfe_values.json")
"""What pymfe 0.4.4 measures, by balanced accuracy and with seed 0. The package itself is not among the
requirements: it installs a package named `tests` that would stand in the way of ours."""

EXACT = [
    name
    for name in NAMES
    if name.split(".")[0]
    in {
        *("nr_inst", "nr_attr", "nr_num", "nr_cat", "nr_bin", "nr_class", "attr_to_inst", "inst_to_attr"),
        *("cat_to_num", "num_to_cat", "freq_class", "skewness", "kurtosis", "sparsity", "cor", "nr_cor_attr"),
        *("nr_outliers", "can_cor", "w_lambda", "p_trace"),
        *("class_ent", "attr_ent", "joint_ent", "mut_inf", "eq_num_attr", "ns_ratio"),
    }
]
"""What pymfe has, with the same definition."""

NEAR = ["best_node.mean", "linear_discr.mean", "naive_bayes.mean"]
"""The same models, on other folds: pymfe takes ten, in the order of the rows."""

SCALED = ["one_nn.mean", "elite_nn.mean", "t4"]
"""Columns have variance 1 here, and the scale that they come with in pymfe."""

OURS = set(NAMES) - set(EXACT) - set(NEAR) - set(SCALED)


def same(left: dict[str, float], right: dict[str, float], but: tuple[str, ...] = ()) -> bool:
    return all(
        left[name] == right[name] or (math.isnan(left[name]) and math.isnan(right[name]))
        for name in NAMES
        if name not in but
    )


def mixed(rows: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "number": rng.normal(size=rows),
            "gaps": np.where(rng.uniform(size=rows) < 0.3, np.nan, rng.normal(size=rows)),
            "infinite": np.where(rng.uniform(size=rows) < 0.1, np.inf, rng.normal(size=rows)),
            "constant": 1.0,
            "empty": None,
            "flag": rng.uniform(size=rows) < 0.5,
            "town": rng.choice(["Ulm", "Bonn", "Kiel"], size=rows),
            "kind": pd.Categorical(rng.choice(["a", "b"], size=rows)),
            "objects": [1, "one", None, [1], 2.5] * (rows // 5),
            "day": pd.date_range("2024-01-01", periods=rows),
            "zoned": pd.date_range("2024-01-01", periods=rows, tz="Europe/Berlin"),
            "whole": pd.array([1, None] * (rows // 2), dtype="Int64"),
            "said": [f"a sentence with number {number} in it" for number in range(rows)],
        }
    )


@pytest.mark.parametrize("name", LOADERS)
def test_values_are_those_of_pymfe_where_definitions_coincide(name: str) -> None:
    X, y = LOADERS[name](return_X_y=True)
    expected = {
        feature: math.nan if value is None else value
        for feature, value in json.loads(PYMFE.read_text())[name].items()
    }
    found = metafeatures(X, y)
    for feature in EXACT:
        assert found[feature] == pytest.approx(expected[feature], rel=1e-4, abs=1e-6, nan_ok=True), feature
    for feature in NEAR:
        assert found[feature] == pytest.approx(expected[feature], abs=0.06), feature


def test_every_name_belongs_to_a_group_and_is_given_for_all_data() -> None:
    assert sum(len(names) for names in GROUPS.values()) == len(set(NAMES)) == len(NAMES)
    assert OURS.issuperset({"missing", "nr_text", "target_skewness", "forest"})
    for X, y in ((mixed(), list("ab") * 30), (np.eye(5), np.arange(5.0)), ([[1]], [0])):
        assert tuple(metafeatures(X, y)) == NAMES


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_of_mixed_columns_all_kinds_are_counted(task: str) -> None:
    X = mixed()
    y = np.where(X["number"] > 0, "high", "low") if task == "classification" else X["number"] * 2 + 1
    found = metafeatures(X, y)
    kinds = {name: found[name] for name in ("nr_attr", "nr_num", "nr_cat", "nr_text", "nr_date")}
    assert kinds == {"nr_attr": 13, "nr_num": 5, "nr_cat": 4, "nr_text": 1, "nr_date": 2}
    assert found["constant_attr"] == pytest.approx(3 / 13)  # constant, empty, and a whole number or nothing
    assert found["missing_attr"] == pytest.approx(5 / 13)
    assert 0.1 < found["missing"] < 0.3
    assert found["words.mean"] == 7
    assert math.isnan(found["nr_class"]) == (task == "regression")
    assert found["forest"] > 0.6


def test_of_a_number_it_says_how_the_target_is_spread_and_what_goes_with_it() -> None:
    X, y = load_diabetes(return_X_y=True)
    found = metafeatures(X, y)
    expected = np.abs(np.corrcoef(X, y, rowvar=False)[-1, :-1])
    assert found["cor_target.max"] == pytest.approx(expected.max())
    assert found["cor_target.mean"] == pytest.approx(expected.mean())
    assert found["target_skewness"] == pytest.approx(pd.Series(y).skew(), rel=0.02)
    assert found["can_cor.max"] ** 2 == pytest.approx(0.5177, abs=1e-3)  # the R² of least squares
    assert found["linear_regr.mean"] > found["worst_node.mean"]


def test_landmarks_tell_what_kind_of_model_a_problem_wants() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 4))
    plain = metafeatures(X, X @ [1.0, 2.0, 0.0, 0.0] > 0)
    parity = metafeatures(X, X[:, 0] * X[:, 1] > 0)
    assert plain["linear_discr.mean"] > 0.9
    assert parity["linear_discr.mean"] < 0.65
    assert parity["forest"] > 0.8
    assert plain["forest_gain"] < 0.05
    assert parity["forest_gain"] > 0.2


@settings(max_examples=40)
@given(data=st.data(), classes=st.booleans())
def test_neither_the_order_of_rows_nor_that_of_columns_nor_names_matter(
    data: st.DataObject, classes: bool
) -> None:
    shape = data.draw(st.tuples(st.integers(1, 30), st.integers(1, 6)))
    values = st.sampled_from([0.0, 1.0, 2.0, -1.5, math.nan, math.inf, 1e6])
    X = pd.DataFrame(data.draw(hnp.arrays(float, shape, elements=values))).add_prefix("x")
    X["town"] = data.draw(st.lists(st.sampled_from(["a", "b", None]), min_size=shape[0], max_size=shape[0]))
    drawn = data.draw(
        st.lists(
            st.sampled_from(["u", "v", "w"]) if classes else st.floats(-5, 5),
            min_size=shape[0],
            max_size=shape[0],
        )
    )
    y = np.array(drawn)
    task = "classification" if classes else "regression"
    rows = data.draw(st.permutations(range(shape[0])))
    columns = data.draw(st.permutations(range(X.shape[1])))
    moved = X.iloc[list(rows), list(columns)].set_axis(list(range(X.shape[1])), axis=1)
    moved = moved.set_axis([f"r{row}" for row in rows])
    assert same(metafeatures(X, y, task=task), metafeatures(moved, y[list(rows)], task=task))


@pytest.mark.parametrize("seed", range(20))
def test_columns_that_are_alike_but_for_their_rows_may_change_places(seed: int) -> None:
    """Each has its 2 in another row, as indicators of what is rare have."""
    rng = np.random.default_rng(seed)
    count, width = rng.integers(8, 30), rng.integers(2, 7)
    X = np.zeros((count, width))
    X[rng.permutation(count)[:width], np.arange(width)] = 2.0
    y = rng.choice(["u", "w"], count)
    rows, columns = rng.permutation(count), rng.permutation(width)
    assert same(metafeatures(X, y), metafeatures(X[rows][:, columns], y[rows]))


@settings(max_examples=60)
@given(data=st.data())
def test_any_table_has_metafeatures_and_stays_as_it_is(data: st.DataObject) -> None:
    rows = data.draw(st.integers(0, 12))
    cells = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.dates(),
        st.binary(max_size=3),
        st.lists(st.integers(), max_size=2),
    )
    names = data.draw(st.lists(st.sampled_from(["a", "b", "", "a b"]), max_size=4))
    columns = [data.draw(st.lists(cells, min_size=rows, max_size=rows)) for _ in names]
    X = (
        pd.concat([pd.Series(c, dtype=object) for c in columns], axis=1)
        if names
        else pd.DataFrame(index=range(rows))
    )
    X.columns = pd.Index(names, dtype=object)
    y = pd.Series(
        data.draw(
            st.lists(
                st.one_of(st.none(), st.booleans(), st.text(max_size=2), st.floats()),
                min_size=rows,
                max_size=rows,
            )
        ),
        dtype=object,
    )
    before, answers = repr(X.to_numpy().tolist()), repr(y.tolist())
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(out), warnings.catch_warnings():
        warnings.simplefilter("error")
        found = metafeatures(X, y)
    assert out.getvalue() == ""
    assert tuple(found) == NAMES
    assert not any(math.isinf(value) for value in found.values())
    assert (repr(X.to_numpy().tolist()), repr(y.tolist())) == (before, answers)


@pytest.mark.parametrize(
    ("X", "y"),
    [
        (np.zeros((20, 3)), [0, 1] * 10),
        (np.arange(60.0).reshape(20, 3), ["one"] * 20),
        ([[1.0, 2.0], [2.0, 3.0], [4.0, 1.0]], [0, 1, 0]),
        ([[1.0, 2.0], [2.0, 3.0], [4.0, 1.0]], [0.5, 1.5, 2.5]),
        (np.full((20, 2), np.inf), [0, 1] * 10),
        (np.full((20, 2), np.nan), np.arange(20.0)),
        (np.array([[1e300, -1e300]] * 20) * np.arange(20)[:, None], np.arange(20.0)),
        (np.ones((20, 3)), np.full(20, np.nan)),
        (np.empty((0, 3)), []),
        (np.empty((5, 0)), [1, 2, 1, 2, 1]),
        (pd.DataFrame([[1, 2], [3, 4], [5, 6]] * 5, columns=["a", "a"]), pd.Categorical(list("xyz") * 5)),
        (np.array([["a", 1], ["b", None]] * 10, dtype=object), [True, False] * 10),
        (sparse.random(50, 30, density=0.1, random_state=0), np.arange(50) % 3),
        (sparse.csc_array(np.eye(10)), np.arange(10.0)),
        (["a first text of some words", "another text, of other words"] * 30, ["x", "y"] * 30),
        (pd.Series(["a first text of some words"] * 20), list(range(20))),
        (np.random.default_rng(0).normal(size=(30, 2)), np.arange(30.0).reshape(-1, 1)),
        (np.random.default_rng(0).normal(size=(30, 2)), pd.array([1, 0, None] * 10, dtype="Int64")),
        (np.random.default_rng(0).normal(size=(30, 2)), [Decimal(number) / 7 for number in range(30)]),
        (np.random.default_rng(0).normal(size=(30, 2)), [10**400 + number for number in range(30)]),
        (np.random.default_rng(0).normal(size=(30, 2)), pd.Series([1.0, np.nan, np.inf] * 10)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_odd_data_have_metafeatures(X: Any, y: Any) -> None:
    found = metafeatures(X, y)
    assert not math.isnan(found["nr_inst"])
    assert same(found, metafeatures(X, y))


def test_what_is_unknown_is_not_zero() -> None:
    one_class = metafeatures(np.arange(60.0).reshape(20, 3), ["one"] * 20)
    assert math.isnan(one_class["linear_discr.mean"])
    numbers = metafeatures(np.random.default_rng(0).normal(size=(30, 3)), np.arange(30.0))
    assert math.isnan(numbers["levels.mean"])
    assert math.isnan(numbers["class_ent"])
    assert numbers["missing"] == 0


def test_long_and_wide_data_are_sampled_by_the_seed() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3 * MOST_ROWS, 400)).astype(np.float32)
    y = np.where(X[:, 0] > 1.5, "rare", "common")
    found = metafeatures(X, y, seed=1)
    assert same(found, metafeatures(X, y, seed=1))
    assert not same(found, metafeatures(X, y, seed=2))
    assert (found["nr_inst"], found["nr_attr"], found["nr_num"]) == (3 * MOST_ROWS, 400, 400)
    assert found["freq_class.min"] == (y == "rare").mean()
    assert metafeatures(X, y, seed=2)["kurtosis.mean"] == pytest.approx(found["kurtosis.mean"], abs=0.1)


def test_the_order_of_classes_names_is_that_of_the_names() -> None:
    X, y = load_iris(return_X_y=True)
    named = np.array(["setosa", "versicolor", "virginica"])[y]
    assert same(metafeatures(X, y), metafeatures(pd.DataFrame(X), pd.Series(named)))


@pytest.mark.parametrize(
    ("X", "y", "task", "message"),
    [
        ([[1], [2]], [1, 2, 3], None, "X has 2 rows and y has 3 values"),
        ([[1], [2]], [[1, 2], [3, 4]], None, "one value is expected"),
        ([[1], [2]], [1, 2], "ranking", "neither classification nor regression"),
        (object(), [1], None, "X is no table"),
        (None, [1], None, "X is None"),
        ([[1], [2]], None, None, "y is None"),
        ([[1], [2]], 3, None, "y is a int"),
        (np.zeros((2, 3, 4)), [1, 2], None, "X has 3 dimensions; a table has two"),
        ([[1], [2j]], [1, 2], None, "X holds complex numbers"),
        ([[1], [2]], [1, 2j], None, "y holds complex numbers"),
    ],
)
def test_what_is_no_dataset_is_refused(X: Any, y: Any, task: str | None, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        metafeatures(X, y, task=task)


@pytest.mark.parametrize("package", ["pandas", "polars", "arrow"])
def test_the_profile_of_a_run_counts_columns_as_they_are_measured(package: str) -> None:
    day = pl.Series("day", np.arange(60)).cast(pl.Datetime("us"))
    frame = pl.DataFrame({"number": np.arange(60.0), "whole": np.arange(60), "flag": [True, False] * 30})
    kind = pl.Series("kind", ["a", None] * 30)
    made = frame.with_columns(day, kind.cast(pl.Categorical))
    X, y = (
        {"pandas": made.to_pandas, "polars": made.clone, "arrow": made.to_arrow}[package](),
        np.arange(60) % 2,
    )
    seen = describe(X)
    data = Data("x:y", "y", "X", tuple(seen.shape), tuple(seen.columns), seen.missing, {}, {})
    told, measured = recorded_metafeatures(data, "classification"), metafeatures(X, y)
    names = ["nr_inst", "nr_attr", "nr_num", "nr_cat", "nr_date", "nr_text", "cat_to_num", "missing"]
    assert [told[name] for name in names] == pytest.approx([measured[name] for name in names])
    assert (told["nr_num"], told["nr_cat"], told["nr_date"]) == (2, 2, 1)
