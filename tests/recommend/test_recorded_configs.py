"""Which config a run tried: told from real recorded parameters, of pipelines and searches too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier, VotingClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier

from maestro_jupyter.errors import NotFound
from maestro_jupyter.recommend.columns import schema_of
from maestro_jupyter.recommend.pipelines import recipe
from maestro_jupyter.recommend.portfolio import configs_for
from maestro_jupyter.recommend.recorded_configs import CONFIG_TAG, config_from, tried_config
from maestro_jupyter.recording.estimator_params import estimator_params, plain_params


def name_of(estimator, task="classification", tags=None):
    found = tried_config(task, estimator_params(estimator), tags or {})
    return None if found is None else found.name


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("form", ["array", "frame"])
def test_the_pipelines_of_the_portfolio_are_known_again(task, form):
    X = np.random.default_rng(0).normal(size=(30, 3))
    X[0, 0] = np.nan
    table = X if form == "array" else pd.DataFrame(X, columns=list("abc")).assign(town=["x", "y"] * 15)
    schema = schema_of(table)
    for config in configs_for(task):
        assert name_of(recipe(config, schema).pipeline(), task) == config.name


def test_steps_may_have_any_name():
    assert name_of(Pipeline([("first", StandardScaler()), ("last", SVC(C=10))])) == "svm(C=10.0)"


def test_what_hardly_changes_a_score_does_not_matter():
    assert name_of(SVC(C=1, cache_size=500, random_state=3, verbose=True)) == "svm(C=1.0)"


@pytest.mark.parametrize("cv", [5, "KFold"])
def test_how_it_was_validated_does_not_matter(cv):
    kept = {"cv": cv, **estimator_params(SVC(C=10))}  # as a run of cross_val_score(SVC(C=10), X, y, cv=cv)
    assert tried_config("classification", kept, {}).name == "svm(C=10.0)"
    assert name_of(LogisticRegressionCV(cv=3)) != name_of(LogisticRegressionCV())


def test_other_parameters_make_another_config():
    assert name_of(SVC(C=3)) == "SVC(C=3)"
    found = tried_config("classification", estimator_params(RandomForestClassifier(max_depth=3)), {})
    assert (found.name, found.family) == ("RandomForestClassifier(max_depth=3)", "random_forest")
    assert found.params == {"max_depth": 3}


def test_what_is_made_of_others_is_no_config():
    assert name_of(VotingClassifier([("a", SVC()), ("b", LogisticRegression())])) is None
    assert name_of(AdaBoostClassifier(DecisionTreeClassifier(max_depth=2))) is None
    assert name_of(AdaBoostClassifier()) is not None


def test_preprocessing_that_does_more_makes_it_unknown():
    assert name_of(make_pipeline(SelectKBest(k=3), SVC(C=1))) is None
    assert name_of(make_pipeline(make_column_transformer((PCA(2), [0, 1])), SVC(C=1))) == "svm(C=1.0)"


def test_features_made_of_features_are_another_config():
    logistic = LogisticRegression(C=0.003, max_iter=200)
    assert name_of(make_pipeline(PolynomialFeatures(), logistic)) == "logistic_interactions(C=0.003)"
    assert name_of(logistic) == "LogisticRegression(C=0.003, max_iter=200)"


def test_a_scaled_target_makes_a_difference():
    scaled = TransformedTargetRegressor(SVR(C=10.0), transformer=StandardScaler())
    assert name_of(scaled, "regression") == "svm(C=10.0)"
    assert name_of(SVR(C=10.0), "regression") == "SVR(C=10.0)"
    assert (
        name_of(TransformedTargetRegressor(SVR(C=10.0), func=np.log, inverse_func=np.exp), "regression")
        is None
    )


def test_the_task_is_the_estimators():
    assert name_of(Ridge(), "classification") is None
    assert name_of(SVC(), "regression") is None


def test_candidates_are_told_by_their_search():
    search = GridSearchCV(make_pipeline(StandardScaler(), SVC()), {"svc__C": [0.1, 10]})
    around = estimator_params(search)
    candidate = {"estimator": "sklearn.pipeline.Pipeline", "svc__C": 10}
    assert tried_config("classification", candidate, {}, around).name == "svm(C=10.0)"
    around = estimator_params(GridSearchCV(SVC(), {"C": [100]}))
    candidate = {"estimator": "sklearn.svm._classes.SVC", "C": 100}
    assert tried_config("classification", candidate, {}, around).name == "svm(C=100.0)"


def test_a_suggestion_says_which_it_was():
    assert name_of(SVC(C=3), tags={CONFIG_TAG: "lda()"}) == "lda()"
    assert name_of(SVC(C=3), tags={CONFIG_TAG: "none such"}) == "SVC(C=3)"


@pytest.mark.parametrize(
    "said", ["os.system", "sklearn.svm._classes.Nothing", "", "builtins.print", "x" * 1000, "..", "Pipeline"]
)
def test_nothing_is_imported_because_a_run_says_so(said):
    assert tried_config("classification", {"estimator": said, "C": 1}, {}) is None


def test_a_config_of_ones_own_can_be_made_again():
    forest = RandomForestClassifier(max_depth=3, n_estimators=20)
    found = tried_config("classification", estimator_params(forest), {})
    config = config_from("classification", found.name, found.estimator, plain_params(found.params))
    made = recipe(config, schema_of(np.zeros((4, 2)))).pipeline()[-1]
    assert (type(made), made.max_depth, made.n_estimators) == (RandomForestClassifier, 3, 20)
    with pytest.raises(NotFound):
        config_from("classification", "system()", "os.system", {})
