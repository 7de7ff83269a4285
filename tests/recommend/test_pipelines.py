"""The portfolio, the pipelines that it becomes, and the code of cells that makes the same."""

from __future__ import annotations

import warnings
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.base import is_classifier, is_regressor
from sklearn.model_selection import KFold, cross_val_score

from maestro_jupyter.errors import Invalid, NotFound
from maestro_jupyter.recommend.columns import schema_of
from maestro_jupyter.recommend.metafeatures import metafeatures
from maestro_jupyter.recommend.pipelines import recipe
from maestro_jupyter.recommend.portfolio import PORTFOLIO, TASKS, Config, config_of, configs_for

ROWS = 120
RNG = np.random.default_rng(0)
TOWNS = RNG.choice(["Ulm", "Bonn", "Kiel"], size=ROWS)


def frame() -> pd.DataFrame:
    numbers = RNG.normal(size=(ROWS, 2))
    return pd.DataFrame(
        {
            "number": numbers[:, 0],
            "gaps": np.where(RNG.uniform(size=ROWS) < 0.2, np.nan, numbers[:, 1]),
            "infinite": np.where(RNG.uniform(size=ROWS) < 0.1, -np.inf, 1.0 + numbers[:, 1]),
            "whole": pd.array([1, None, 3] * (ROWS // 3), dtype="Int64"),
            "flag": RNG.uniform(size=ROWS) < 0.5,
            "town": TOWNS,
            "unsure": pd.Series([None, "a", np.nan, "b"] * (ROWS // 4), dtype=object),
            "kind": pd.Categorical(RNG.choice(["a", "b"], size=ROWS)),
            "objects": pd.Series([1, "one", None, [1]] * (ROWS // 4), dtype=object),
            "day": pd.Series(pd.date_range("2024-01-01", periods=ROWS)).where(RNG.uniform(size=ROWS) < 0.9),
            "empty": None,
            "said": pd.Series(
                [None, *(f"the town of {town} has day {day}" for day, town in enumerate(TOWNS[1:]))],
                dtype=object,
            ),
            "heard": [f"words of the day {day} and of {town}" for day, town in enumerate(TOWNS)],
        }
    )


def named_by_numbers() -> pd.DataFrame:
    return pd.DataFrame(RNG.normal(size=(ROWS, 3)), columns=["a", "a", "b [1]<2>"]).assign(town=TOWNS)


DATA: dict[str, Any] = {
    "array": RNG.normal(size=(ROWS, 4)),
    "array with gaps": np.where(RNG.uniform(size=(ROWS, 4)) < 0.2, np.nan, RNG.normal(size=(ROWS, 4))),
    "infinite array": np.where(RNG.uniform(size=(ROWS, 4)) < 0.2, np.inf, RNG.normal(size=(ROWS, 4))),
    "mixed frame": frame(),
    "doubled names": named_by_numbers(),
    "zoned dates": pd.DataFrame(
        {"at": pd.date_range("2024-01-01", periods=ROWS, tz="Europe/Berlin"), "x": 1.0}
    ),
    "dates here and everywhere": pd.DataFrame(
        {
            "at": pd.date_range("2024-01-01", periods=ROWS, tz="UTC"),
            "day": pd.Series(pd.date_range("2024-01-01", periods=ROWS)).where(RNG.uniform(size=ROWS) < 0.9),
            "x": RNG.normal(size=ROWS),
        }
    ),
    "dates of the calendar": pd.DataFrame(
        {
            "day": pd.Series([None, *pd.date_range("2024-01-01", periods=ROWS - 1).date], dtype=object),
            "until": pd.Series([date(9999, 12, 31), date(1, 1, 1)] * (ROWS // 2), dtype=object),
            "time": pd.Series(pd.date_range("2024-01-01", periods=ROWS).to_pydatetime(), dtype=object),
            "month": pd.PeriodIndex([pd.NaT, *pd.period_range("2024-01", periods=ROWS - 1, freq="M")]),
            "quarter": pd.period_range("1524-01", periods=ROWS, freq="Q"),
            "arrow": pd.Series(
                pd.date_range("2024-01-01", periods=ROWS).date, dtype=pd.ArrowDtype(pa.date32())
            ),
            "x": RNG.normal(size=ROWS),
        }
    ),
    "dates alone": pd.DataFrame({"day": pd.Series(pd.date_range("2024-01-01", periods=ROWS).date)}),
    "lengths of time": pd.DataFrame(
        {
            "took": pd.to_timedelta(RNG.uniform(size=ROWS) * 1000, "s"),
            "waited": pd.Series(pd.to_timedelta(RNG.uniform(size=ROWS), "D")).where(
                RNG.uniform(size=ROWS) < 0.9
            ),
            "x": RNG.normal(size=ROWS),
        }
    ),
    "missing values of pandas": pd.DataFrame(
        {
            "flag": pd.array([True, None, False] * (ROWS // 3), dtype="boolean"),
            "town": pd.array([None, *TOWNS[1:]], dtype="string"),
            "kind": pd.Series(["a", pd.NA, "b"] * (ROWS // 3), dtype=object),
            "number or letter": pd.Categorical([1, "a", None] * (ROWS // 3)),
            "x": RNG.normal(size=ROWS),
        }
    ),
    "missing values of Arrow": frame()[["gaps", "whole", "unsure", "day"]].convert_dtypes(
        dtype_backend="pyarrow"
    ),
    "lists": [[float(number), town] for number, town in enumerate(TOWNS)],
    "objects": np.column_stack([TOWNS, RNG.normal(size=ROWS)]).astype(object),
    "booleans": RNG.uniform(size=(ROWS, 4)) < 0.5,
    "sparse": sparse.random(ROWS, 40, density=0.2, format="csr", random_state=0),
    "few sparse columns": sparse.random(ROWS, 5, density=0.2, format="csr", random_state=0),
    "texts": pd.Series([f"the town of {town} has day {day}" for day, town in enumerate(TOWNS)]),
}
TARGETS = {"classification": np.where(TOWNS == "Ulm", "yes", "no"), "regression": RNG.normal(size=ROWS)}


def first_of_each_family() -> list[Config]:
    return list({(config.task, config.family): config for config in reversed(PORTFOLIO)}.values())


def state(model: Any) -> str:
    """Say all that is set of an unfitted estimator."""
    return repr({name: repr(value) for name, value in model.get_params(deep=True).items()})


@pytest.mark.parametrize("task", TASKS)
def test_lightgbm_takes_the_threads_that_it_is_given(task: str) -> None:
    """Else it begins one for each core, which is very slow where there are fewer for it."""
    pytest.importorskip("lightgbm")
    for config in configs_for(task):
        if config.family == "lightgbm":
            assert recipe(config, schema_of(DATA["array"])).pipeline()[-1].n_jobs == 0


def test_the_portfolio_has_enough_of_both_tasks() -> None:
    for task in TASKS:
        configs = configs_for(task)
        assert len(configs) >= 80
        assert len({config.family for config in configs}) >= 10
        assert len({config.name for config in configs}) == len(configs)


def test_a_configuration_is_found_by_its_name() -> None:
    assert config_of("regression", "ridge(alpha=1.0)").params == {"alpha": 1.0}
    with pytest.raises(NotFound, match="no configuration 'ridge"):
        config_of("regression", "ridge(alpha=2.0)")


@pytest.mark.parametrize("config", PORTFOLIO, ids=lambda config: f"{config.task}-{config.name}")
def test_every_configuration_can_be_made_by_its_code(config: Config) -> None:
    pytest.importorskip(config.about.estimator.partition(".")[0])
    described = recipe(config, schema_of(DATA["array"]))
    space: dict[str, Any] = {}
    exec(described.code(), space)
    assert state(space["model"]) == state(described.pipeline())
    told = is_classifier if config.task == "classification" else is_regressor
    assert told(space["model"])


def cases() -> list[Any]:
    """Give every family the frame that has everything, and some of each kind all data."""
    on_all = {
        "logistic_splines",
        "naive_bayes",
        "random_forest",
        "xgboost",
        "ridge_interactions",
        "gaussian_process",
    }
    # Classes of fewer rows than columns have no covariance of their own.
    left_out = {("qda", "mixed frame")}
    return [
        pytest.param(config, data, id=f"{config.task}-{config.family}-{data}")
        for config in first_of_each_family()
        for data in DATA
        if (data == "mixed frame" or config.family in on_all) and (config.family, data) not in left_out
    ]


@pytest.mark.parametrize(("config", "data"), cases())
def test_a_cell_works_as_it_stands_and_makes_the_same(
    config: Config, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip(config.about.estimator.partition(".")[0])
    X, y = DATA[data], TARGETS[config.task]
    before = X.copy()
    described = recipe(config, schema_of(X))
    space: dict[str, Any] = {"data": X, "answers": y}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence, on so few rows
        exec(described.cell("data", "answers"), space)
    assert state(space["model"]) == state(described.pipeline())
    assert np.isfinite(space["scores"]).all()
    assert len(space["scores"]) == 5
    assert len(space["model"].predict(described.ready(X))) == ROWS
    assert f"{space['scores'].mean():.3f}" in capsys.readouterr().out
    assert same_data(X, before)


def same_data(left: Any, right: Any) -> bool:
    if sparse.issparse(left):
        return (left != right).nnz == 0
    return pd.DataFrame(left).equals(pd.DataFrame(right))


def test_a_cell_reads_well() -> None:
    X = pd.DataFrame({"age": [31.0, np.nan], "town": ["Ulm", "Bonn"]})
    cell = recipe(config_of("classification", "logistic(C=1.0)"), schema_of(X)).cell()
    assert cell == (
        "from sklearn.compose import make_column_transformer\n"
        "from sklearn.impute import SimpleImputer\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "from sklearn.model_selection import StratifiedKFold, cross_val_score\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import OneHotEncoder, StandardScaler\n"
        "\n"
        "model = make_pipeline(\n"
        "    make_column_transformer(\n"
        "        (make_pipeline(SimpleImputer(strategy='median', add_indicator=True), StandardScaler()), ['age']),\n"
        "        (OneHotEncoder(handle_unknown='infrequent_if_exist', max_categories=20, sparse_output=False), "
        "['town']),\n"
        "    ),\n"
        "    LogisticRegression(max_iter=500, C=1.0),\n"
        ")\n"
        "folds = StratifiedKFold(5, shuffle=True, random_state=0)\n"
        'scores = cross_val_score(model, X, y, cv=folds, scoring="balanced_accuracy")\n'
        'print(f"balanced_accuracy: {scores.mean():.3f} ± {scores.std():.3f}")\n'
        "model.fit(X, y)"
    )


@pytest.mark.parametrize("task", TASKS)
def test_a_cell_does_not_warn_of_what_it_is_meant_to_do(task: str) -> None:
    """A perceptron that stops early says so in each of six fits."""
    y = TARGETS[task]
    config = next(one for one in configs_for(task) if one.family == "perceptron")
    space: dict[str, Any] = {"X": DATA["array"], "y": y}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        recipe(config, schema_of(DATA["array"])).pipeline().fit(DATA["array"], y)
        assert [str(one.message) for one in caught if "converged" in str(one.message)]
        caught.clear()
        exec(recipe(config, schema_of(DATA["array"])).cell(), space)
    assert [str(one.message) for one in caught] == []


def test_columns_keep_names_that_will_do() -> None:
    assert schema_of(pd.DataFrame({"a": [1.0], "b": [2.0]})).by_place is False
    assert schema_of(pd.DataFrame([[1.0, 2.0]])).by_place is False
    assert schema_of(pd.DataFrame([[1.0, 2.0]], columns=["a", 1])).by_place is True


def test_lengths_of_time_are_numbers() -> None:
    """As categories, nearly each value would be one of its own."""
    X = DATA["lengths of time"]
    model = recipe(config_of("classification", "random_forest()"), schema_of(X)).pipeline()
    y = X["took"] > X["took"].median()
    assert cross_val_score(model, X, y).mean() > 0.9


@pytest.mark.parametrize("column", ["day", "month", "quarter", "time", "arrow"])
def test_dates_of_the_calendar_are_times(column: str) -> None:
    """As categories, nearly each value would be one of its own."""
    X = DATA["dates of the calendar"][[column]].iloc[1:]
    model = recipe(config_of("classification", "random_forest()"), schema_of(X)).pipeline()
    y = np.arange(len(X)) > len(X) / 2
    folds = KFold(5, shuffle=True, random_state=0)
    assert cross_val_score(model, X, y, cv=folds).mean() > 0.9
    assert metafeatures(X, y)["nr_date"] == 1


def test_dates_that_are_no_times_stay_categories() -> None:
    zoned = pd.Series(pd.date_range("2024-01-01", periods=ROWS, tz="UTC"), dtype=object)
    objects = pd.Series(list(pd.period_range("2024-01-01", periods=ROWS)), dtype=object)
    assert schema_of(pd.DataFrame({"a": zoned, "b": objects})).mixed == ("a", "b")


def test_a_table_without_any_value_is_refused() -> None:
    with pytest.raises(Invalid, match="no column with a value"):
        recipe(PORTFOLIO[0], schema_of(pd.DataFrame({"empty": [None, None]})))


@pytest.mark.parametrize("X", [np.empty((20, 0)), pd.DataFrame(index=range(20)), sparse.csr_matrix((20, 0))])
def test_a_table_without_columns_is_refused(X: Any) -> None:
    with pytest.raises(Invalid, match="no column with a value"):
        recipe(PORTFOLIO[0], schema_of(X))


def test_infinite_values_of_sparse_matrices_are_refused() -> None:
    with pytest.raises(Invalid, match="infinite values, which sparse matrices"):
        recipe(PORTFOLIO[0], schema_of(sparse.csr_matrix([[1.0, np.inf]])))


@pytest.mark.parametrize(
    "X",
    [
        pd.DataFrame({"wave": [1.0 + 2.0j, 1.0]}),
        np.array([[1.0 + 2.0j, 1.0]]),
        sparse.csr_matrix(np.array([[1.0 + 2.0j, 1.0]])),
        [[1.0 + 2.0j, 1.0]],
    ],
)
def test_complex_numbers_are_refused(X: Any) -> None:
    with pytest.raises(Invalid, match="complex numbers"):
        schema_of(X)


def test_few_words_again_and_again_are_categories() -> None:
    """Of so few words no topics can be made."""
    orders = [" ".join(RNG.permutation(["fine", "cold", "wet", "windy"])) for _ in range(ROWS)]
    schema = schema_of(pd.DataFrame({"weather": orders}))
    assert (schema.categories, schema.texts) == (("weather",), ())


@pytest.mark.parametrize(
    "X",
    [
        [1.0, 2.0],
        ["good", "bad"],
        ("good", "bad"),
        np.array(["good", "bad"]),
        pd.Series(["good", "bad"]),
        pd.Index([1, 2]),
    ],
)
def test_one_dimension_that_is_no_text_is_refused_and_the_hint_makes_a_table_of_it(X: Any) -> None:
    with pytest.raises(Invalid, match="X has one dimension") as refused:
        schema_of(X)
    made = refused.value.hint.removeprefix("Give ").removesuffix(".").removesuffix(" or a DataFrame")
    schema = schema_of(eval(made, {"X": X, "pd": pd}))
    assert len(schema.numbers + schema.categories) == 1
