"""Which runs suggestions learn from and know as tried, and what they do where none can be read."""

from __future__ import annotations

import pytest
from data_for_suggestions import FEW_ROWS, WINE
from locked_databases import locked
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.svm import SVC

import maestro_jupyter as maestro
from maestro_jupyter.errors import Unavailable

pytestmark = FEW_ROWS


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


def test_a_locked_store_keeps_nobody_waiting(cells, home):
    """Who waits longer than a few seconds, waits for the test's time-out."""
    cells(WINE)
    cells("from sklearn.model_selection import cross_val_score\nfrom sklearn.naive_bayes import GaussianNB")
    scored = "cross_val_score(GaussianNB(), features, kinds, scoring='balanced_accuracy')"
    cells(f"{scored}\nmaestro.flush()")
    with locked(home / "maestro.db"):
        cells(scored.replace("GaussianNB()", "GaussianNB(var_smoothing=1e-5)"))
        found = cells("found = maestro.suggest(features, kinds, n=2)\nfound")
        assert "The latest runs may be missing, as they could not be collected: The database " in found
        assert "maestro.db is locked by another process." in found
        assert [one.config for one in cells.shell.user_ns["found"].found.tried] == ["naive_bayes()"]
        with pytest.raises(Unavailable, match="is locked by another process"):
            maestro.flush(timeout=0.1)


def test_where_no_run_can_be_read_the_prior_answers(cells, home):
    cells(WINE)
    cells("from sklearn.svm import SVC\nSVC().fit(features, kinds)\nmaestro.flush()")
    cells("%unload_ext maestro_jupyter")
    with locked(home / "maestro.db", "PRAGMA locking_mode=EXCLUSIVE"):
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
