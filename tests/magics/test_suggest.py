"""Suggestions end to end: real data in a real shell, real training, and what is known of it afterwards."""

from __future__ import annotations

import signal
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from IPython.core.error import UsageError
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.svm import SVC

import maestro_jupyter as maestro
from maestro_jupyter import trying
from maestro_jupyter.errors import Conflict, Invalid, Unavailable
from maestro_jupyter.models import Status
from maestro_jupyter.recommend.asking import Wanted
from maestro_jupyter.recommend.recorded_configs import CONFIG_TAG
from maestro_jupyter.suggestions import GO_ON, suggest
from maestro_jupyter.views.suggestions import record_said

WINE = "from sklearn.datasets import load_wine\nfeatures, kinds = load_wine(return_X_y=True, as_frame=True)"

# Data of a few dozen rows make estimators warn, in cells as anywhere.
pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def mixed_frame(rows=120):
    """Give a table with numbers, categories, texts, dates and holes, and classes that follow from it."""
    rng = np.random.default_rng(0)
    size = rng.normal(size=rows)
    kind = rng.choice(["red", "green", "blue"], rows)
    words = [
        "fine weather on the coast",
        "heavy rain in the hills",
        "snow and ice up north",
        "fog over the bay",
    ]
    frame = pd.DataFrame(
        {
            "size": np.where(rng.random(rows) < 0.1, np.nan, size),
            "kind": pd.Series(kind).where(rng.random(rows) > 0.1, None),
            "text": [f"{words[n % 4]} number {n}" for n in range(rows)],
            "day": pd.date_range("2024-01-01", periods=rows),
        }
    )
    return frame, np.where(size + (kind == "red") > 0.3, "yes", "no")


def polars_frame(frame):
    """Give the same as Polars has it, and kinds of columns that only Polars has."""
    count = np.arange(len(frame))
    return pl.from_pandas(frame).with_columns(
        pl.col("kind").cast(pl.Categorical).alias("categorical"),
        pl.col("kind").cast(pl.Enum(["red", "green", "blue"])).alias("enum"),
        pl.col("day").dt.date().alias("date"),
        pl.col("day").dt.replace_time_zone("UTC").alias("zoned"),
        pl.Series("whole", [None if number % 7 == 0 else number for number in count]),
        pl.Series("flag", count % 3 == 0),
        pl.Series("decimal", count / 4).cast(pl.Decimal(10, 2)),
        pl.lit(None).alias("nothing"),
    )


def test_a_session(cells):
    """Suggest, run a suggested cell, try another, and ask again."""
    cells(WINE)
    shown = cells("found = maestro.suggest(features, kinds, n=3)\nfound")
    assert shown.startswith("Out[")
    assert "What to try on features, kinds" in shown
    found = cells.shell.user_ns["found"]
    assert len(found) == 3
    assert maestro.search_runs().empty, "what is fitted to measure the data is none of the user's runs"
    assert [one.forecast for one in found] == found.found.models
    for one in found:
        forecast = one.forecast
        assert 0 < forecast.low <= forecast.mean <= forecast.high <= 1
        assert forecast.seconds > 0
        assert forecast.similar
    # The cell works as it stands, and its run is known as a trial of the config.
    said = cells(found[0].code)
    assert said.startswith("balanced_accuracy: 0.")
    score = float(said.split()[1])
    again = maestro.suggest(cells.shell.user_ns["features"], cells.shell.user_ns["kinds"], n=50)
    (tried,) = [one for one in again.found.tried if one.score is not None]
    assert (tried.config, round(tried.score, 3)) == (found[0].forecast.config, score)
    assert tried.config not in {one.forecast.config for one in again}
    # Trying does what the cell of the suggestion does, and says how it came out.
    shown = cells("found.try_next()")
    assert "Forecast and outcome: balanced_accuracy" in shown
    (outcome,) = found.outcomes
    assert (outcome.config, round(outcome.score, 3)) == (found[0].forecast.config, score)
    cells("import gc; tried = found.try_all()")
    assert [one.config for one in found.outcomes] == [one.forecast.config for one in found]
    with pytest.raises(Conflict, match="All suggestions were tried"):
        found.try_next()
    assert len(maestro.search_runs()) == 2 + 3, (
        "the cell's cross-validation and fit, and those that were tried"
    )
    runs = maestro.search_runs(f"tags.`{CONFIG_TAG}` != ''", order_by="start_time")
    assert runs["name"].tolist() == [one.forecast.config for one in found]
    assert set(runs["status"]) == {"FINISHED"}
    one = maestro.get_run(runs["run_id"][1])
    assert one.params["estimator"] == found[1].forecast.estimator
    assert one.metrics["cv_balanced_accuracy_mean"] == pytest.approx(found.outcomes[1].score)
    assert float(one.tags["suggestion.low"]) == found[1].forecast.low
    assert maestro.search_runs("attributes.source = 'cross_validation'")["run_id"].size == 1, (
        "no run within a run"
    )
    after = maestro.suggest(cells.shell.user_ns["features"], cells.shell.user_ns["kinds"], n=3)
    names = {one.config for one in after.found.tried}
    assert {one.forecast.config for one in found} <= names
    assert not names & {one.forecast.config for one in after}
    assert after.found.described
    assert "3 forecasts were tried: too few" in record_said(after.record)
    assert after.record.share is None
    assert not maestro.current().recorder.problems.counts()


def test_the_magic(cells):
    cells(WINE)
    said = cells.magic("suggest features kinds -n 2")
    assert "What to try on features, kinds" in said
    assert "model.fit(features, kinds)" in said
    assert len([line for line in said.splitlines() if line[:2] in {"1 ", "2 ", "3 "}]) == 2
    assert "<svg" in cells.html("suggest features kinds -n 1 --seconds 60")
    assert "r2" in cells.magic("suggest features kinds --task regression -n 1")
    for line in ("suggest --seconds 3", "suggest features", "suggest features kinds more", "suggest features nothing",
                 "suggest features kinds -n 0", "suggest features kinds --seconds soon",
                 "suggest features kinds --seconds -3", "suggest features kinds --try 0", "suggest features kinds --try=all", "suggest features kinds --task ranking"):  # fmt: skip
        error = cells.result(f"%maestro {line}").error_in_exec
        assert isinstance(error, UsageError), line
        assert "Usage: %maestro suggest [X y]" in str(error)
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ('features[["alcohol","ash"]] kinds', ('features[["alcohol","ash"]]', "kinds")),
        ("wine.drop(columns='kind of wine') wine[\"kind of wine\"]",
         ("wine.drop(columns='kind of wine')", 'wine["kind of wine"]')),
        ("features-1 kinds.to_numpy()%2", ("(features-1)", "(kinds.to_numpy()%2)")),
        ("features[[c for c in features if c != 'ash']] kinds.isin([0, 1])",
         ("features[[c for c in features if c != 'ash']]", "kinds.isin([0, 1])")),
        ("features - features.mean() kinds", ("(features - features.mean())", "kinds")),
    ],
)  # fmt: skip
def test_the_magic_takes_expressions(cells, given, names):
    cells(WINE)
    cells("wine = features.assign(**{'kind of wine': kinds})")
    said = cells.magic(f"suggest {given} -n 1 --try")
    x, y = names
    assert f"What to try on {x}, {y}" in said
    assert f"model.fit({x}, {y})" in said
    assert "Forecast and outcome: balanced_accuracy" in said
    found = suggest(maestro.current(), *(cells.shell.ev(name) for name in names), Wanted(n=1), names)
    assert cells(found[0].code).startswith("balanced_accuracy: 0.")


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ('features[["alcohol", "ash"]], kinds', ("features[['alcohol', 'ash']]", "kinds")),
        ('y=wine["kind of wine"], X=wine.drop(columns="kind of wine")',
         ("wine.drop(columns='kind of wine')", "wine['kind of wine']")),
        ("features - 1,\n    kinds % 2", ("(features - 1)", "(kinds % 2)")),
    ],
)  # fmt: skip
def test_a_cell_has_the_data_as_they_were_given(cells, given, names):
    cells(WINE)
    cells("wine = features.assign(**{'kind of wine': kinds})\nX, y = features, kinds")
    cells(f"found = maestro.suggest({given}, n=1)\ncame = found.try_next()")
    namespace = cells.shell.user_ns
    assert "What to try on {}, {}".format(*names) in repr(namespace["found"])
    said = cells(namespace["found"][0].code)
    assert float(said.split()[1]) == round(namespace["came"][0].score, 3)
    assert "model.fit({}, {})".format(*names) in namespace["found"][0].code


@pytest.mark.parametrize(
    "given", ["features, kinds", "features ,kinds", "features , kinds", "features,kinds"]
)
def test_the_magic_takes_a_comma_as_python_does(cells, given):
    cells(WINE)
    assert "What to try on features, kinds" in cells.magic(f"suggest {given} -n 1")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('features["nothing"] kinds', "features[\"nothing\"] cannot be worked out: KeyError: 'nothing'."),
        ("features.nothing kinds", "features.nothing cannot be worked out: AttributeError: "),
        ("features[[ kinds", "features[[ cannot be worked out: SyntaxError: "),
        ('features["alcohol kinds', "cannot be worked out: SyntaxError: "),
        ("1/0 kinds", "1/0 cannot be worked out: ZeroDivisionError: division by zero."),
        ("features[unheard] kinds", "features[unheard] cannot be worked out: NameError: "),
        ("unheard kinds", "There is no variable 'unheard'."),
        ("features kinds kinds", "Expected X and y"),
        ("int('\\n') kinds", "cannot be worked out: ValueError: "),
    ],
)
def test_expressions_that_cannot_be_worked_out_are_one_line(cells, given, said):
    cells(WINE)
    error = cells.result(f"%maestro suggest {given}").error_in_exec
    assert isinstance(error, UsageError)
    assert said in str(error)
    assert "\n" not in str(error)
    assert "Usage: %maestro suggest [X y]" in str(error)


def test_the_magic_tries_what_it_suggests(cells):
    cells(WINE)
    said = cells.magic("suggest features kinds -n 2 --try")
    assert "What to try on features, kinds" in said
    table = said.partition("Forecast and outcome: balanced_accuracy")[2].splitlines()
    runs = maestro.search_runs(f"tags.`{CONFIG_TAG}` != ''")
    assert len(runs) == 1
    (line,) = [line for line in table if runs["name"][0] in line]
    assert f"{runs['metrics.cv_balanced_accuracy_mean'][0]:.3f} ±" in line
    assert "1 forecast was tried" in said
    shown = cells.html("suggest features kinds --try 6 -n 2")
    assert shown.count("came out at") == 6
    assert "Forecast and outcome" in shown
    assert len(maestro.search_runs(f"tags.`{CONFIG_TAG}` != ''")) == 7
    said = cells.magic("suggest features kinds --try --seconds 0.000001")
    assert "Nothing is expected to be done" in said
    assert "Forecast and outcome" not in said


def test_ones_own_cross_validations_are_trials(cells):
    cells(WINE)
    cells(
        "from sklearn.model_selection import KFold, cross_val_score\n"
        "from sklearn.naive_bayes import GaussianNB\n"
        "from sklearn.svm import SVC\n"
        "for model, cv in ((SVC(C=10.0), 3), (GaussianNB(), KFold(3, shuffle=True, random_state=0))):\n"
        "    cross_val_score(model, features, kinds, cv=cv, scoring='balanced_accuracy')"
    )
    names = cells.shell.user_ns
    found = maestro.suggest(names["features"], names["kinds"], n=1).found
    assert {one.config for one in found.tried} == {"svm(C=10.0)", "naive_bayes()"}
    assert all(one.score is not None for one in found.tried)


def test_ones_own_models_are_known_as_the_portfolios(cells):
    """More trees, more steps of a solver and what xgboost calls missing make no other config."""
    pytest.importorskip("xgboost")
    cells(WINE)
    untold = {
        one.forecast.config: one.forecast.mean
        for one in maestro.suggest(cells.shell.user_ns["features"], cells.shell.user_ns["kinds"], n=100)
    }
    cells(
        "from sklearn.ensemble import RandomForestClassifier\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "from sklearn.model_selection import cross_val_score\n"
        "from xgboost import XGBClassifier\n"
        "for model in (RandomForestClassifier(random_state=1), LogisticRegression(C=10.0, max_iter=10_000), "
        "XGBClassifier(), RandomForestClassifier(n_estimators=5)):\n"
        "    cross_val_score(model, features, kinds, cv=3, scoring='balanced_accuracy')"
    )
    found = maestro.suggest(cells.shell.user_ns["features"], cells.shell.user_ns["kinds"], n=100)
    tried = {one.config: one.score for one in found.found.tried}
    mine = {"random_forest()", "logistic(C=10.0)", "xgboost()"}
    assert tried.keys() == {*mine, "RandomForestClassifier(n_estimators=5)"}
    assert not mine & {one.forecast.config for one in found}
    assert found[0].forecast.mean != untold[found[0].forecast.config]


@pytest.mark.parametrize("y", ["kinds", "kinds.to_numpy()", "np.ravel(kinds)"])
@pytest.mark.parametrize("x", ["features", "features.to_numpy()", "features.values"])
def test_runs_on_the_same_values_as_arrays_are_trials(cells, x, y):
    cells(WINE)
    cells(
        "import numpy as np\n"
        "from sklearn.model_selection import cross_val_score\n"
        "from sklearn.naive_bayes import GaussianNB\n"
        f"cross_val_score(GaussianNB(), {x}, {y}, scoring='balanced_accuracy')"
    )
    names = cells.shell.user_ns
    for given in (names["kinds"], names["kinds"].to_frame()):
        found = maestro.suggest(names["features"], given, n=1).found
        assert [one.config for one in found.tried] == ["naive_bayes()"]
        assert found.team_datasets == 0


def test_past_runs_on_other_data_are_evidence(cells):
    cells(
        "from sklearn.datasets import load_breast_cancer\n"
        "from sklearn.metrics import balanced_accuracy_score\n"
        "from sklearn.svm import SVC\n"
        "X, y = load_breast_cancer(return_X_y=True)\n"
        "even, odd = slice(0, None, 2), slice(1, None, 2)\n"
        "X_even, y_even = X[even], y[even]\n"
        "X_test, y_test = X[odd], y[odd]\n"
        "mine = SVC(C=10.0).fit(X_even, y_even)\n"
        "balanced_accuracy_score(y_test, mine.predict(X_test))"
    )
    names = cells.shell.user_ns
    X, y = names["X_test"], names["y_test"]
    found = maestro.suggest(X, y, n=100)
    assert found.found.team_datasets == 1
    run = maestro.search_runs("attributes.name = 'SVC'")["run_id"][0]
    (svm,) = [one.forecast for one in found if one.forecast.config == "svm(C=10.0)"]
    near = [each for each in svm.similar if each.runs]
    assert [(each.name, each.runs) for each in near] == [("X_even of default", [run])]
    link = f'data-commandlinker-command="maestro-jupyter:open-run" data-commandlinker-args="{{&quot;run&quot;: &quot;{run}'
    assert link in found.view().html
    # Asked about these very data, they are a trial instead.
    own = maestro.suggest(names["X_even"], names["y_even"], n=100)
    assert own.found.team_datasets == 0
    assert [(one.config, one.run_id) for one in own.found.tried] == [("svm(C=10.0)", run)]
    # What was measured of the data when that was asked is known from now on.
    assert maestro.suggest(names["X_even"], names["y_even"]).found.described


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


@pytest.mark.parametrize("x", ["model", "columns", "features"])
@pytest.mark.parametrize("y", ["labels", "scores", "numbers", "target", "folds.y"])
def test_a_cell_leaves_alone_what_it_reads(x, y):
    """Else a second run of the cell would be on something else, or the first fail."""
    wine = load_wine(as_frame=True)
    X = wine.data.iloc[:, :3].set_axis(["a", "a", "b"], axis=1)
    given = pd.DataFrame({"y": wine.target_names[wine.target]})
    found = suggest(maestro.current(), X, given, Wanted(n=100), (x, y))
    space = {x: X, y.partition(".")[0]: given}
    before = dict(space)
    for family in ("xgboost", "lda"):
        code = next(one.code for one in found if one.forecast.family == family)
        exec(compile(code, "cell", "exec"), space)
        assert all(space[name] is value for name, value in before.items())


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


def test_a_few_dates_are_classes():
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, pd.date_range("2024", periods=3)[y], n=1)
    assert found.found.task == "classification"
    assert found.try_next()[0].score > 0.5


@pytest.mark.parametrize("mode", ["offline", "disabled"])
def test_what_was_tried_is_known_without_being_collected(mode, monkeypatch):
    monkeypatch.setenv("MAESTRO_MODE", mode)
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=2)
    first, second = (one.forecast.config for one in found)
    failing = type(found[1].pipeline()[-1])
    found.try_next()

    def refuse(self, X, y=None, **more):
        msg = "no luck"
        raise ValueError(msg)

    with monkeypatch.context() as patched:
        patched.setattr(failing, "fit", refuse)
        found.try_all()
    with pytest.raises(Conflict, match="it knows what came of them"):
        found.try_next()
    again = {one.forecast.config: one.forecast.mean for one in maestro.suggest(X, y, n=100)}
    assert not {first, second} & again.keys()
    elsewhere = maestro.suggest(X[::2], y[::2], n=100)
    assert {first, second} <= {one.forecast.config for one in elsewhere}
    assert elsewhere.found.tried == []


def test_what_a_skipped_cell_tried_is_known(cells):
    cells(WINE)
    cells("found = maestro.suggest(features, kinds, n=1)")
    cells("%%maestro skip\ncame = found.try_next()")
    names = cells.shell.user_ns
    assert maestro.search_runs().empty
    assert names["came"][0].run_id == ""
    assert "as forecast  not recorded" in repr(names["came"])
    assert "open-run" not in names["came"].view().html
    again = maestro.suggest(names["features"], names["kinds"], n=100)
    assert names["came"][0].config not in {one.forecast.config for one in again}


@pytest.mark.parametrize(
    "more", [{"n": 0}, {"n": "many"}, {"n": 1000}, {"seconds": 0}, {"seconds": "soon"}, {"seconds": True}, {"task": "ranking"},
             {"metric": "accuracy"}, {"metric": "r2"}]
)  # fmt: skip
def test_bad_wishes_are_refused(more):
    X, y = load_wine(return_X_y=True)
    with pytest.raises(Invalid):
        maestro.suggest(X, y, **more)


def test_numbers_may_be_those_of_numpy():
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=np.int64(2), seconds=np.float32(60))
    assert len(found) == 2
    assert len(found.try_all(np.int32(1))) == 1


def test_a_config_that_fails_is_a_failed_run_and_is_not_suggested_again(monkeypatch):
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=2)
    failing = type(found[0].pipeline()[-1])

    def refuse(self, X, y=None, **more):
        msg = "no <luck>"
        raise ValueError(msg)

    monkeypatch.setattr(failing, "fit", refuse)
    outcomes = found.try_all()
    assert (outcomes[0].score, outcomes[0].error) == (None, "ValueError: no <luck>")
    assert "no &lt;luck&gt;" in outcomes._repr_mimebundle_()["text/html"]
    assert outcomes[1].score > 0.5
    run = maestro.get_run(outcomes[0].run_id)
    assert (run.status, run.status_reason) == (Status.FAILED, "ValueError: no <luck>")
    again = maestro.suggest(X, y, n=100)
    assert found[0].forecast.config not in {one.forecast.config for one in again}
    assert [(one.config, one.status) for one in again.found.tried if one.score is None] == [
        (found[0].forecast.config, Status.FAILED)
    ]
    assert (again.record.count, again.record.failed) == (1, 1)


def test_an_interrupt_ends_the_run_that_goes_on(monkeypatch):
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=3)
    second = type(found[1].pipeline()[-1])

    def interrupt(self, X, y=None, **more):
        raise KeyboardInterrupt

    assert type(found[0].pipeline()[-1]) is not second
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(second, "fit", interrupt)
        found.try_all()
    runs = maestro.search_runs(order_by="start_time")
    assert runs["status"].tolist() == ["FINISHED", "KILLED"]
    assert runs["status_reason"].tolist() == ["", "interrupted"]
    assert [one.config for one in found.outcomes] == [found[0].forecast.config]
    assert len(found.try_all()) == 2, "the interrupted one is tried again"
    SVC().fit(X, y)
    assert maestro.current().recorder.scopes.call() is None


def interrupting(suggestion, monkeypatch):
    """Have whoever fits a suggestion press Ctrl-C."""
    estimator = type(suggestion.pipeline()[-1])

    def fit(self, X, y=None, **more):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(estimator, "fit", fit)


def test_an_interrupted_magic_shows_what_there_is_and_stops_its_cell(cells, monkeypatch, capsys):
    cells(WINE)
    names = cells.shell.user_ns
    first, second = maestro.suggest(names["features"], names["kinds"], n=2)
    with monkeypatch.context() as patched:
        interrupting(second, patched)
        result = cells.result("%maestro suggest features kinds -n 2 --try 2\nafterwards = True")
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    assert "afterwards" not in names
    said = capsys.readouterr().out
    assert "What to try on features, kinds" in said
    table = said.partition("Forecast and outcome: balanced_accuracy")[2]
    (line,) = [line for line in table.splitlines() if line.startswith(first.forecast.config)]
    (score,) = maestro.search_runs("attributes.status = 'FINISHED'")["metrics.cv_balanced_accuracy_mean"]
    assert f"{score:.3f} ±" in line
    assert f"Interrupted: 1 of 2 was tried to the end. {GO_ON}" in table
    assert "sklearn" not in table, "where it was interrupted is no news"


def test_an_interrupted_trial_of_all_shows_what_came_so_far(cells, monkeypatch, capsys):
    cells(WINE)
    cells("found = maestro.suggest(features, kinds, n=3)")
    found = cells.shell.user_ns["found"]
    for place, said in ((0, "0 of 3 were"), (1, "1 of 3 was")):
        with monkeypatch.context() as patched:
            interrupting(found[place], patched)
            result = cells.result("came = found.try_all()\nafterwards = True")
        assert isinstance(result.error_in_exec, KeyboardInterrupt)
        shown = capsys.readouterr().out
        assert f"Interrupted: {said} tried to the end. {GO_ON}" in shown
        assert ("Forecast and outcome" in shown) == bool(place)
        assert "sklearn" not in shown
    assert not {"came", "afterwards"} & cells.shell.user_ns.keys()
    shown = cells("came = found.try_all()\ncame")
    assert "Interrupted" not in shown
    assert len(cells.shell.user_ns["came"]) == 2


def test_an_interrupted_script_ends_as_scripts_do(home, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import signal\n"
        "import maestro_jupyter as maestro\n"
        "from sklearn.datasets import load_wine\n"
        "found = maestro.suggest(*load_wine(return_X_y=True), n=2)\n"
        "type(found[1].pipeline()[-1]).fit = lambda *given: signal.raise_signal(signal.SIGINT)\n"
        "found.try_all()\n"
        "print('afterwards')\n"
    )
    ended = subprocess.run([sys.executable, script], check=False, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGINT, "which shells tell as 130"
    assert "afterwards" not in ended.stdout
    assert maestro.search_runs()["status"].value_counts().to_dict() == {"FINISHED": 1, "KILLED": 1}


@pytest.mark.parametrize("changed", ["column", "rows", "target"])
def test_what_was_forecast_is_not_tried_on_data_that_were_changed(changed):
    X, y = load_wine(return_X_y=True, as_frame=True)
    found = maestro.suggest(X, y, n=2)
    found.try_next()
    if changed == "column":
        X["noise"] = 1.0
    elif changed == "rows":
        X.loc[len(X)] = X.loc[0]
    else:
        y[:9] = 2
    for attempt in (found.try_next, found.try_all, lambda: found.try_one(1)):
        with pytest.raises(Conflict, match="X or y was changed"):
            attempt()
    assert len(maestro.search_runs()) == 1, "no run says of other data what was forecast of these"


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer])
def test_the_most_promising_comes_first(load):
    X, y = load(return_X_y=True)
    means = [one.forecast.mean for one in maestro.suggest(X, y, n=6)]
    assert means == sorted(means, reverse=True)


def test_one_is_stopped_between_folds_and_may_be_tried_again():
    X, y = load_wine(return_X_y=True)
    found, asked = maestro.suggest(X, y, n=1), []

    def two_folds():
        asked.append(len(asked))
        return len(asked) <= 2

    assert found.try_one(0, two_folds) is None
    assert asked == [0, 1, 2]
    assert found.outcomes == []
    assert found.try_one(0).score > 0.5
    runs = maestro.search_runs(order_by="start_time")
    assert runs["status"].tolist() == ["KILLED", "FINISHED"]
    assert runs["status_reason"].tolist() == ["stopped", ""]


def test_a_budget_is_kept(monkeypatch):
    X, y = load_breast_cancer(return_X_y=True)
    found = maestro.suggest(X, y, n=10, seconds=2.0)
    assert 0 < sum(6 * one.forecast.seconds for one in found) <= 2.0
    begun = [0.0]
    monkeypatch.setattr("maestro_jupyter.suggestions.time.monotonic", lambda: begun[0])
    try_out = trying.try_out

    def slowly(*args):
        begun[0] += 1.9
        return try_out(*args)

    monkeypatch.setattr("maestro_jupyter.suggestions.try_out", slowly)
    assert 0 < len(found.try_all()) < len(found), "what takes longer than was expected ends it sooner"
    none = maestro.suggest(X, y, seconds=1e-9)
    assert len(none) == 0
    assert "Nothing is expected to be done" in none.note
    assert "Nothing is expected" in repr(none)
    with pytest.raises(Conflict, match="no suggestion to try"):
        none.try_next()


def test_a_fit_that_takes_all_the_time_is_stopped_between_folds(monkeypatch):
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=10, seconds=2.0)
    begun, first = [0.0], type(found[0].pipeline()[-1])
    fit = first.fit

    def slowly(*args, **more):
        begun[0] += 1.1
        return fit(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr("maestro_jupyter.suggestions.time.monotonic", lambda: begun[0])
        patched.setattr(first, "fit", slowly)
        assert len(found.try_all()) == 0
    assert begun == [2.2], "the third fold was not begun"
    assert maestro.search_runs()["status"].tolist() == ["KILLED"]
    assert found.try_next()[0].config == found[0].forecast.config, "it may be tried again"


def test_one_by_itself_says_what_to_expect_what_came_of_it_and_where_its_code_is(cells):
    cells(WINE)
    cells("found = maestro.suggest(features, kinds, n=2)")
    one = cells.shell.user_ns["found"][0]
    forecast = one.forecast
    expected = (
        f"Expected balanced_accuracy: {forecast.mean:.3f} (80 % interval: {forecast.low:.3f} to "
        f"{forecast.high:.3f}); a fit takes about "
    )
    head, score, evidence, tried, at_hand = repr(one).splitlines()
    assert head == forecast.config
    assert score.startswith(expected)
    assert evidence.startswith("On the datasets that are most alike it had")
    assert tried == "It was not tried yet."
    assert at_hand == "Its cell is .code, to be printed; .pipeline() makes the unfitted estimator."
    assert cells("print(found[0])") == f"{one!r}\n"
    assert repr(one) in cells("found[0]")
    marked = one._repr_mimebundle_()["text/html"]
    assert one._repr_html_() == marked
    assert expected in marked
    assert "&quot;balanced_accuracy&quot;" in marked, "the cell is behind a click"
    cells("found.try_next()")
    (outcome,) = cells.shell.user_ns["found"].outcomes
    came = f"It was tried: {outcome.score:.3f} ± {outcome.spread:.3f}, "
    assert came in repr(one)
    assert came in one._repr_html_()
    assert f"run {outcome.run_id[:8]}" in repr(one)
    assert "It was not tried yet." in repr(cells.shell.user_ns["found"][1])
    assert repr(cells.shell.user_ns["found"][:2]).count("It was ") == 2


def test_a_table_of_them():
    X, y = load_diabetes(return_X_y=True)
    table = maestro.suggest(X, y, metric="r2", n=2).frame()
    assert list(table) == ["config", "mean", "low", "high", "seconds", "estimator", "similar", "code"]
    assert table["code"][0].endswith("model.fit(X, y)")
    assert table.attrs["score"] == "r2"


def test_the_forecasts_that_were_tried_are_counted():
    for number in range(12):
        tags = {CONFIG_TAG: "x", "suggestion.metric": "r2", "suggestion.low": 0.5, "suggestion.high": 0.7}
        with maestro.start_run(tags=tags) as run:
            run.log({"cv_r2_mean": 0.6 if number < 9 else 0.8})
    record = trying.record_of(maestro.current().api())
    assert (record.count, record.inside, record.share) == (12, 9, 0.75)
    assert "12 forecasts that were tried, 9 lay in their interval: 75 %" in record_said(record)


def test_nothing_tried_is_told_with_its_reason(home):
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=1, seconds=60)
    assert repr(found.outcomes) == "Nothing was tried yet."
    assert len(found.try_all()) == 1
    assert repr(found.try_all()) == "All suggestions were tried."
    with pytest.raises(Invalid, match="at least 1"):
        found.try_all(0)


def test_the_picture_says_what_it_shows(home):
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=1)
    assert "the bar its 80 % interval." in found.view().html
    found.try_all()
    assert "the stroke across it what came of it." in found.view().html


def test_what_maestro_fits_itself_is_no_run(cells):
    """Neither the forests that learn, nor the small models that measure data."""
    cells(WINE)
    cells(
        "from sklearn.model_selection import GridSearchCV\n"
        "from sklearn.tree import DecisionTreeClassifier\n"
        "depths, leaves = list(range(1, 7)), [1, 5, 20, 60]\n"
        "GridSearchCV(DecisionTreeClassifier(), {'max_depth': depths, 'min_samples_leaf': leaves}, cv=3)"
        ".fit(features, kinds)"
    )
    maestro.flush()
    recorded = len(maestro.search_runs())
    assert recorded > 24
    cells("%maestro importance cv_score_mean")
    cells("import numpy as np\nfrom maestro_jupyter.recommend import Engine\nscores = np.eye(6)")
    cells("Engine(seed=0).fit(scores, scores).start(scores[0])")
    cells("from maestro_jupyter.recommend.metafeatures import metafeatures\nmetafeatures(features, kinds)")
    maestro.flush()
    assert len(maestro.search_runs()) == recorded
    cells("DecisionTreeClassifier().fit(features, kinds)")
    maestro.flush()
    assert len(maestro.search_runs()) == recorded + 1


@pytest.mark.parametrize("package", ["polars", "arrow"])
def test_fits_on_tables_that_are_not_of_pandas_are_known(cells, package):
    cells(WINE)
    cells(
        "import polars as pl\n"
        "from sklearn.metrics import balanced_accuracy_score\n"
        "from sklearn.model_selection import GridSearchCV, cross_val_score\n"
        "from sklearn.naive_bayes import GaussianNB\n"
        "from sklearn.svm import SVC\n"
        "table, answers = pl.from_pandas(features), pl.Series('kind', kinds.to_numpy())"
    )
    if package == "arrow":
        cells("table, answers = table.to_arrow(), answers.to_arrow()")
    cells(
        "cross_val_score(GaussianNB(), table, answers, cv=3, scoring='balanced_accuracy')\n"
        "GridSearchCV(SVC(), {'C': [1.0, 10.0]}, scoring='balanced_accuracy', cv=3).fit(table, answers)"
    )
    cells(
        "mine = SVC().fit(table, answers)\n"
        "mine.score(table, answers)\n"
        "balanced_accuracy_score(answers, mine.predict(table))"
    )
    names = cells.shell.user_ns
    found = maestro.suggest(names["table"], names["answers"], n=1).found
    assert {one.config for one in found.tried} >= {"naive_bayes()", "svm(C=1.0)", "svm(C=10.0)"}
    run = maestro.get_run(maestro.search_runs("attributes.name = 'SVC'")["run_id"][0])
    assert set(run.metrics) >= {"training_score_table", "training_balanced_accuracy_score_answers"}
    assert "alcohol" in cells.html(f"show {run.run_id}")
    assert not maestro.current().recorder.problems.counts()


LOOP = """
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import {splitter}
from sklearn.naive_bayes import GaussianNB
for train, test in {splitter}({folds}, shuffle=True).split(features, kinds):
    model = GaussianNB().fit(features{at}[train], kinds{at}[train])
    balanced_accuracy_score(kinds{at}[test], model.predict(features{at}[test]))
"""


@pytest.mark.parametrize(
    ("splitter", "folds", "at"), [("KFold", 5, ""), ("StratifiedKFold", 5, ".iloc"), ("KFold", 2, "")]
)
def test_a_cross_validation_by_hand_is_no_history_of_its_table(cells, splitter, folds, at):
    cells(WINE if at else WINE.replace(", as_frame=True", ""))
    namespace = cells.shell.user_ns
    before = maestro.suggest(namespace["features"], namespace["kinds"])
    cells(LOOP.format(splitter=splitter, folds=folds, at=at))
    after = maestro.suggest(namespace["features"], namespace["kinds"])
    assert len(maestro.search_runs()) == folds
    assert after.found == before.found
    elsewhere = maestro.suggest(*load_breast_cancer(return_X_y=True))
    assert elsewhere.found.team_datasets == folds


LOCKING = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute(sys.argv[2])
database.execute("BEGIN EXCLUSIVE")
database.execute("CREATE TABLE IF NOT EXISTS while_locked (n INTEGER)")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def lock_store(home):
    """Give a function that makes another process lock the database, until the test is over."""
    lockers = []

    def lock(first="SELECT 1"):
        command = [sys.executable, "-c", LOCKING, str(home / "maestro.db"), first]
        lockers.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert lockers[-1].stdout.readline() == b"locked\n"

    yield lock
    for locker in lockers:
        locker.communicate()


def test_a_locked_store_keeps_nobody_waiting(cells, lock_store):
    """Who waits longer than a few seconds, waits for the test's time-out."""
    cells(WINE)
    cells("from sklearn.model_selection import cross_val_score\nfrom sklearn.naive_bayes import GaussianNB")
    scored = "cross_val_score(GaussianNB(), features, kinds, scoring='balanced_accuracy')"
    cells(f"{scored}\nmaestro.flush()")
    lock_store()
    cells(scored.replace("GaussianNB()", "GaussianNB(var_smoothing=1e-5)"))
    found = cells("found = maestro.suggest(features, kinds, n=2)\nfound")
    assert "The latest runs may be missing, as they could not be collected: The database " in found
    assert "maestro.db is locked by another process." in found
    assert [one.config for one in cells.shell.user_ns["found"].found.tried] == ["naive_bayes()"]
    with pytest.raises(Unavailable, match="is locked by another process"):
        maestro.flush(timeout=0.1)


def test_where_no_run_can_be_read_the_prior_answers(cells, home, lock_store):
    cells(WINE)
    cells("from sklearn.svm import SVC\nSVC().fit(features, kinds)\nmaestro.flush()")
    cells("%unload_ext maestro_jupyter")
    lock_store("PRAGMA locking_mode=EXCLUSIVE")
    found = maestro.suggest(*load_wine(return_X_y=True), n=2)
    assert len(found) == 2
    assert found.note.startswith(
        "Your team's runs could not be read, so that none counts here: The database "
    )
    assert "maestro.db is locked by another process." in found.note
    assert "Your team's runs could not be read" in repr(found)
    with pytest.raises(Unavailable, match="is locked by another process"):
        _ = found.record


def test_where_there_is_no_folder_for_data_the_prior_answers(home, monkeypatch):
    maestro.forget()
    home.parent.mkdir(parents=True, exist_ok=True)
    (home.parent / "a_file").write_text("")
    monkeypatch.setenv("MAESTRO_HOME", str(home.parent / "a_file" / "home"))
    X, y = load_wine(return_X_y=True)
    with maestro.start_run("lost"):
        SVC().fit(X, y)
    found = maestro.suggest(X, y, n=2)
    assert len(found) == 2
    assert found.note.startswith("Your team's runs could not be read, so that none counts here: ")
    (outcome,) = found.try_next()
    assert outcome.score > 0.8
    with pytest.raises(Unavailable, match="let the folder be written"):
        maestro.flush()
    maestro.forget()


HALVING = """
from sklearn.experimental import enable_halving_search_cv
from sklearn.model_selection import {search}
from sklearn.neighbors import KNeighborsRegressor
from sklearn.datasets import load_diabetes
X, y = load_diabetes(return_X_y=True)
search = {search}(KNeighborsRegressor(), {{"n_neighbors": [3, 7, 11, 19, 29]}}, random_state=0, {more}).fit(X, y)
"""


@pytest.mark.parametrize("search", ["HalvingGridSearchCV", "HalvingRandomSearchCV"])
def test_candidates_of_a_halving_search_count_once_they_saw_all_rows(cells, search):
    cells(
        HALVING.format(
            search=search, more="n_candidates=5, min_resources='exhaust'" if "Random" in search else ""
        )
    )
    namespace = cells.shell.user_ns
    halving, found = namespace["search"], maestro.suggest(namespace["X"], namespace["y"], n=50)
    results = halving.cv_results_
    came = sorted(
        zip(results["n_resources"].tolist(), results["mean_test_score"].tolist(), strict=True), reverse=True
    )
    most = halving.n_resources_[-1]
    assert 400 <= most < 442, "the last iteration sees nearly all rows"
    tried = [one for one in found.found.tried if one.config is not None]
    assert len(tried) == len(came)
    counted = [one.score for one in tried if one.score is not None]
    assert sorted(counted, reverse=True) == pytest.approx(
        sorted((score for rows, score in came if rows == most), reverse=True)
    )
    assert sorted(one.rows for one in tried if one.score is None) == sorted(
        rows for rows, _ in came if rows < most
    )
    few = min(halving.n_resources_)
    assert f"saw {few} rows only, not counted: cv_score_mean" in repr(found)
    assert "only r2 counts here" not in repr(found)


def test_a_score_that_does_not_count_is_told_with_the_reason(cells):
    cells(WINE)
    cells(
        "from sklearn.feature_selection import SelectKBest\nfrom sklearn.model_selection import cross_val_score\n"
        "from sklearn.naive_bayes import GaussianNB\nfrom sklearn.pipeline import make_pipeline\n"
        "cross_val_score(make_pipeline(SelectKBest(k=3), GaussianNB()), features, kinds, scoring='balanced_accuracy')\n"
        "cross_val_score(GaussianNB(), features, kinds, scoring='accuracy')"
    )
    shown = cells.magic("suggest features kinds -n 1")
    assert "; its config is not known" in shown
    (accuracy,) = [line for line in shown.splitlines() if "only balanced_accuracy counts here" in line]
    assert "cv_accuracy_mean" in accuracy


def test_candidates_of_a_search_that_halves_something_else_saw_all_rows(cells):
    cells(
        HALVING.format(
            search="HalvingGridSearchCV",
            more="resource='leaf_size', max_resources=40, min_resources=10, factor=2",
        )
    )
    namespace = cells.shell.user_ns
    tried = [
        one
        for one in maestro.suggest(namespace["X"], namespace["y"], n=1).found.tried
        if one.config is not None
    ]
    assert len(tried) == len(namespace["search"].cv_results_["params"])
    assert all(one.score is not None and one.rows is None for one in tried)
