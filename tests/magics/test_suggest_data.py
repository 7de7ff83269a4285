"""What data suggestions can be asked for: the cells for them, and the sentences that refuse others."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from data_for_suggestions import FEW_ROWS, mixed_frame, polars_frame
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

import maestro_jupyter as maestro
from maestro_jupyter.errors import Invalid

pytestmark = FEW_ROWS


@pytest.mark.parametrize(
    "kind",
    [
        "mixed",
        "sparse",
        "texts",
        "regression",
        "labels",
        "positions",
        "lists",
        "arrow",
        "polars",
        "polars numbers",
        "polars target",
        "numbers as objects",
        "classes as objects",
        "bytes",
        "columns by name",
    ],
)
def test_cells_work_as_they_stand(kind):
    frame, answers = mixed_frame()
    rng = np.random.default_rng(0)
    X, y = {
        "mixed": lambda: (frame, answers),
        "sparse": lambda: (sparse.random(90, 40, 0.2, "csr", random_state=rng), rng.integers(0, 2, 90)),
        "texts": lambda: (frame["text"].tolist(), np.arange(120) % 4),
        "regression": lambda: load_diabetes(return_X_y=True),
        "labels": lambda: (load_wine().data, np.array(["a", "b", "c"])[load_wine().target]),
        "lists": lambda: (frame[["size", "kind"]].values.tolist(), answers.tolist()),
        "arrow": lambda: (
            pa.table({"a": frame["size"], "b": frame["kind"], "since": frame["day"] - frame["day"][0]}),
            pa.chunked_array([answers[:50], answers[50:]]),
        ),
        "polars": lambda: (polars_frame(frame), pl.Series("kind", answers)),
        "polars numbers": lambda: (pl.DataFrame(load_diabetes().data), pl.Series(load_diabetes().target)),
        "polars target": lambda: (frame, pl.Series(answers).cast(pl.Categorical)),
        "numbers as objects": lambda: (load_diabetes().data, load_diabetes().target.astype(object)),
        "classes as objects": lambda: (load_wine().data, load_wine().target.astype(object)),
        "bytes": lambda: (load_wine().data, load_wine().target.astype(bytes)),
        "columns by name": lambda: (
            dict(zip("abcdefghijklm", load_wine().data.T, strict=True)),
            load_wine().target,
        ),
        "positions": lambda: (pd.DataFrame(load_wine().data[:, :2], columns=[0, 0]), load_wine().target),
    }[kind]()
    found = maestro.suggest(X, y, n=4)
    assert len(found) == 4
    assert found.found.task == (
        "regression" if kind in {"regression", "numbers as objects", "polars numbers"} else "classification"
    )
    outcomes = found.try_all()
    assert len(maestro.suggest(X, y).found.tried) == 4
    for one, outcome in zip(found, outcomes, strict=True):
        names: dict[str, object] = {"X": X, "y": y}
        exec(compile(one.code, "cell", "exec"), names)
        assert outcome.error == ""
        assert names["scores"].mean() == pytest.approx(outcome.score, abs=1e-6)
        assert len(names["model"].predict(names.get("columns", X))) == len(y)


@pytest.mark.parametrize("kind", ["table", "texts", "array", "lists", "numbers as objects"])
def test_a_target_in_a_table_of_one_column_makes_no_warnings(kind):
    X, y = load_diabetes(return_X_y=True)
    high = y > np.median(y)
    given = {
        "table": lambda: pd.DataFrame({"high": high}),
        "texts": lambda: pd.DataFrame({"how": np.where(high, "high", "low")}),
        "array": lambda: y.reshape(-1, 1),
        "lists": lambda: y.reshape(-1, 1).tolist(),
        "numbers as objects": lambda: pd.DataFrame({"y": y.astype(object)}),
    }[kind]()
    found = maestro.suggest(X, given, n=100)
    places = {one.forecast.family: place for place, one in enumerate(found)}
    for family in ("extra_trees", "svm", "linear_svm", "xgboost"):
        one, outcome = found[places[family]], found.try_one(places[family])
        names = {"X": X, "given": given}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            exec(compile(one.code, "cell", "exec"), names)
        assert [str(one.message) for one in caught if "column" in str(one.message)] == []
        assert names["scores"].mean() == pytest.approx(outcome.score, abs=1e-6)
    assert len(maestro.suggest(X, given).found.tried) == 4


@pytest.mark.parametrize("names", [["0", "1", "2"], ["07", "-2e3", "none"]])
def test_classes_whose_names_look_like_numbers_are_classes(names):
    """Forests that weigh classes take such names for numbers, and then miss them among the classes."""
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X[::3], np.array(names)[y[::3]], n=100)
    assert found.found.task == "classification"
    for place in {
        one.forecast.family: place for place, one in enumerate(found) if "balanced" in one.code
    }.values():
        assert found.try_one(place).error == ""


def with_rarest(rows, rarest):
    """Give numbers with three classes: the middle one has few rows."""
    rng = np.random.default_rng(0)
    classes = np.repeat([0, 1, 2], [rows - rarest - rows // 2, rarest, rows // 2])
    return rng.normal(size=(rows, 3)), classes


@pytest.mark.parametrize(
    "kind", ["ten rows", "ten rows, numbers", "wide", "wide, numbers", "one of a class", "two of a class"]
)
def test_what_is_suggested_can_be_fitted_on_few(kind):
    rng = np.random.default_rng(0)
    X, y = {
        "ten rows": lambda: (rng.normal(size=(10, 2)), np.arange(10) % 2),
        "ten rows, numbers": lambda: (rng.normal(size=(10, 2)), rng.normal(size=10)),
        "wide": lambda: (rng.normal(size=(20, 40)), np.arange(20) % 2),
        "wide, numbers": lambda: (rng.normal(size=(20, 40)), rng.normal(size=20)),
        "one of a class": lambda: with_rarest(60, 1),
        "two of a class": lambda: with_rarest(60, 2),
    }[kind]()
    found = maestro.suggest(X, y, n=100)
    demanding = ("knn", "pls", "qda", "xgboost", "perceptron")
    tried = [
        found.try_one(place)
        for place, one in enumerate(found)
        if one.forecast.family.endswith(("_splines", "_interactions")) or one.forecast.family in demanding
    ]
    assert len(found) > 60
    assert "knn" in {one.forecast.family for one in found}
    assert [(one.config, one.error) for one in tried if one.error] == []


def test_what_holds_rows_of_each_class_back_needs_enough_of_each():
    families = {
        rarest: {one.forecast.family for one in maestro.suggest(*with_rarest(12_000, rarest), n=100)}
        for rarest in (2, 3)
    }
    assert families[3] - families[2] == {"hist_gradient_boosting"}


@pytest.mark.parametrize(
    ("X", "y", "said"),
    [
        (np.eye(20), np.zeros(19), "X has 20 rows and y has 19 values"),
        (np.eye(9), np.arange(9) % 2, "There are 9 rows; at least 10"),
        (np.eye(20), ["a"] * 20, "one class only"),
        (np.eye(20), [f"name {n}" for n in range(20)], "No class has 5 rows"),
        (np.eye(20), [0.5, None] * 10, "y is missing in 10 of 20 rows"),
        (np.eye(20), [None] * 20, "no value that a model could learn"),
        (np.arange(20.0), np.arange(20) % 2, "X has one dimension"),
        (np.eye(20), np.eye(20)[:, :3], "y has 2 dimensions"),
        (pl.DataFrame({"a": range(20)}).lazy(), np.arange(20) % 2,
         "X is a LazyFrame, which has no rows. Give X.collect()."),
        (pl.DataFrame({"a": range(20)}), pl.col("a"), "y is a Expr, which has no rows. Give a table and"),
        (pl.DataFrame({"a": range(20)}), pl.Series([None, *[0.5, 0.7] * 9, 1.0]), "y is missing in 1 of 20"),
        (pl.DataFrame({"a": range(20)}, schema={"a": pl.Int128}), np.arange(20) % 2,
         "The polars.DataFrame cannot be read, as its to_pandas() raises ArrowInvalid: "),
        (pl.Series(range(20)), np.arange(20) % 2, "X has one dimension; a table has two. Give X.to_frame()."),
        (3, 4, "X is a int, which has no rows"),
        (np.eye(20), None, "y is None"),
        (None, np.arange(20) % 2, "X is None"),
        (np.zeros((20, 3, 2)), np.arange(20) % 2, "X has 3 dimensions; a table has two"),
        (np.empty((20, 0)), np.arange(20) % 2, "X has no column with a value"),
        (np.full((20, 2), np.nan), np.arange(20) % 2, "X has no column with a value"),
        (np.eye(20) + 1j, np.arange(20) % 2, "X holds complex numbers"),
        (np.eye(20), np.arange(20) + 1j, "y holds complex numbers"),
        (np.eye(50), pd.date_range("2024", periods=50), "y holds dates or times, and no class has 5 rows"),
        (
            np.eye(50),
            pd.date_range("2024", periods=50).date,
            "y holds dates or times, and no class has 5 rows",
        ),
        (np.eye(20), sparse.csr_matrix(np.eye(20)[:, :1]), "y is a sparse matrix"),
        (np.eye(20), np.append(np.arange(19) / 7, np.inf), "y is infinite in 1 of 20 rows"),
        (np.eye(20), pd.Series(["a", 1] * 10), "y holds values of several types"),
        (pd.DataFrame({"a": range(20), "kind": range(20)}), "kind", "y is the text 'kind', and no column"),
        (np.eye(6), "target", "y is the text 'target', and no column"),
        (np.asmatrix(np.eye(20)), np.arange(20) % 2, "X is a numpy.matrix"),
        (np.eye(20), np.asmatrix(np.arange(20) % 2).T, "y is a numpy.matrix"),
        (sparse.csr_matrix([[np.inf, 1.0]] * 20), np.arange(20) % 2, "X holds infinite values"),
        (np.eye(20) * 1e300, np.arange(20) % 2, "X holds numbers as large as 1e+300"),
        (pd.DataFrame(np.eye(20) * -1e39), np.arange(20) % 2, "X holds numbers as large as 1e+39"),
        (sparse.csr_matrix(np.eye(20) * 1e300), np.arange(20) % 2, "X holds numbers as large as 1e+300"),
        (np.eye(20), np.arange(20) * 1e200, "y holds numbers as large as 2e+201"),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_with_is_one_sentence(X, y, said):
    with warnings.catch_warnings(), pytest.raises(Invalid) as refused:
        warnings.simplefilter("error")
        maestro.suggest(X, y)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_polars_without_arrow_is_one_sentence(home):
    script = (
        "import sys\n"
        "sys.modules['pyarrow'] = None\n"
        "import maestro_jupyter as maestro, numpy as np, polars as pl\n"
        "X, y = np.random.default_rng(0).normal(size=(50, 3)), np.arange(50) % 2\n"
        "for given in ((pl.DataFrame(X), y), (X, pl.Series(y))):\n"
        "    try:\n"
        "        maestro.suggest(*given)\n"
        "    except maestro.MaestroError as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        f"To read a polars.{kind} takes the package pyarrow, which is not installed. pip install pyarrow"
        for kind in ("DataFrame", "Series")
    ]


@pytest.mark.parametrize(
    ("y", "task"),
    [
        (np.full(50, 1.5), None),
        (np.full(50, 1.5, dtype=object), None),
        (np.where(np.arange(50) % 2, 0.3, 0.1 + 0.2), None),
        (np.ones(50), "regression"),
        (np.zeros(50, dtype=int), "regression"),
        (np.ones(50, dtype=bool), "regression"),
    ],
    ids=range(6),
)
def test_of_a_target_that_is_everywhere_the_same_there_is_nothing_to_learn(y, task):
    X = np.random.default_rng(0).random((50, 3))
    with pytest.raises(Invalid) as refused:
        maestro.suggest(X, y, task=task)
    assert str(refused.value) == f"y is {float(y[0]):g} in each of 50 rows; there is nothing to learn."
    maestro.suggest(X, np.append(y[1:], [2.5]), task="regression", n=1)


@pytest.mark.parametrize(
    "y",
    [
        pd.date_range("2024", periods=50, tz="UTC"),
        pd.date_range("2024", periods=50).to_series().to_numpy(),
        pd.Series(pd.date_range("2024", periods=50)).astype(object),
        pd.date_range("2024", periods=50).date,
        pd.to_timedelta(range(50), "D"),
        pd.period_range("2024", periods=50, freq="D"),
        [None, *pd.date_range("2024", periods=49)],
    ],
    ids=range(7),
)
def test_dates_are_no_numbers(y):
    X = np.random.default_rng(0).random((50, 3))
    with pytest.raises(Invalid) as refused:
        maestro.suggest(X, y, task="regression")
    assert "y holds dates or times, and a regression needs numbers" in str(refused.value)
    assert "days" in refused.value.hint


@pytest.mark.parametrize(
    ("task", "y", "said"),
    [
        (None, np.arange(300) % 20, "20 different whole numbers, which are taken for classes"),
        (None, pd.Series(np.arange(300) % 20, dtype="Int64"), "taken for classes: say task='regression'"),
        (None, np.arange(900) % 60 * 1.0, "60 different whole numbers, which are taken for amounts"),
        ("classification", np.arange(300) % 20, ""),
        ("regression", np.arange(300) % 20, ""),
        (None, np.arange(300) % 10, ""),
        (None, np.arange(300), ""),
        (None, np.arange(300) % 7 / 3, ""),
        (None, (np.arange(300) % 20).astype(str), ""),
    ],
)
def test_what_whole_numbers_are_taken_for_is_said(task, y, said):
    X = np.random.default_rng(0).normal(size=(len(y), 2))
    note = maestro.suggest(X, y, task=task, n=1).note
    assert said in note
    assert ("whole numbers" in note) == bool(said)


@pytest.mark.parametrize("kind", ["the target", "its classes under other names", "numbers", "array"])
def test_what_gives_the_target_away_is_said(kind):
    wine, diabetes = load_wine(as_frame=True), load_diabetes(as_frame=True)
    kinds = wine.target.map({0: "a", 1: "b", 2: "c"})
    X, y, column = {
        "the target": lambda: (wine.frame, wine.target, "'target'"),
        "its classes under other names": lambda: (wine.data.assign(kind=kinds), wine.target, "'kind'"),
        "numbers": lambda: (diabetes.frame, diabetes.target, "'target'"),
        "array": lambda: (wine.frame.to_numpy(), wine.target.to_numpy(), "13"),
    }[kind]()
    found = maestro.suggest(X, y, n=1)
    assert found.note.startswith(f"Column {column} of X tells y, value by value: leave it out if it was made")
    assert found.note in repr(found)
    without = X.iloc[:, :-1] if hasattr(X, "iloc") else X[:, :-1]
    assert (
        "tells y"
        not in maestro.suggest(without.assign(id=range(len(X))) if kind != "array" else without, y, n=1).note
    )


GUESSING = "Quick models do no better on these data than guessing: X may say nothing of y."


@pytest.mark.parametrize("classes", [0, 2, 4])
def test_of_data_of_which_nothing_can_be_told_little_is_expected(classes):
    """Also of chance: of ten tables drawn by lot, two may look as if there were something."""
    said, low = 0, 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        rows = 60 + 60 * seed
        y = rng.integers(classes, size=rows).astype(str) if classes else rng.normal(size=rows)
        found = maestro.suggest(rng.normal(size=(rows, 2 + seed)), y, n=1)
        said += GUESSING in found.note
        low += found[0].forecast.low < (1 / classes if classes else 0.0)
    assert said >= 8
    assert low >= 8 or classes > 2, "of more classes, too much is expected still"


@pytest.mark.parametrize("load", [load_wine, load_diabetes, load_breast_cancer])
def test_data_of_which_something_can_be_told_are_not_said_to_be_guessed(load):
    X, y = load(return_X_y=True)
    assert GUESSING not in maestro.suggest(X, y, n=1).note
    assert GUESSING not in maestro.suggest(X[::9], y[::9], n=1).note


def test_a_few_dates_are_classes():
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, pd.date_range("2024", periods=3)[y], n=1)
    assert found.found.task == "classification"
    assert found.try_next()[0].score > 0.5
