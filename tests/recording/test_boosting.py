"""The scikit-learn classes of xgboost, lightgbm and catboost."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from capturing import Capturing, capturing, two_classes
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import GridSearchCV

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["capturing"]
pytestmark = pytest.mark.frameworks

X, y = two_classes()
X_test, y_test = two_classes(60, seed=1)


@pytest.fixture
def model(request: pytest.FixtureRequest, tmp_path: Path, capturing: Capturing) -> Any:
    match request.param:
        case "xgboost":
            from xgboost import XGBClassifier

            return XGBClassifier(n_estimators=4, max_depth=2, n_jobs=1, eval_metric="logloss")
        case "lightgbm":
            from lightgbm import LGBMClassifier

            return LGBMClassifier(n_estimators=4, max_depth=2, n_jobs=1, verbose=-1)
        case _:
            from catboost import CatBoostClassifier

            return CatBoostClassifier(iterations=4, max_depth=2, verbose=0, train_dir=str(tmp_path))


NAMES = {"xgboost": "XGBClassifier", "lightgbm": "LGBMClassifier", "catboost": "CatBoostClassifier"}
CURVES = {
    "xgboost": "validation_0_logloss",
    "lightgbm": "valid_0_binary_logloss",
    "catboost": "validation_Logloss",
}


@pytest.mark.parametrize(("model", "library"), [(name, name) for name in NAMES], indirect=["model"])
def test_a_fit_with_its_evaluations(capturing: Capturing, model: Any, library: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y, eval_set=[(X_test, y_test)])
        accuracy_score(y_test, model.predict(X_test))
        roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])
        model.score(X_test, y_test)
    (run,) = capturing.recorded().runs
    assert (run.name, run.status, run.source) == (NAMES[library], "FINISHED", "fit")
    assert run.params["max_depth"] == 2
    assert [step for step, _ in run.history[CURVES[library]]] == [0, 1, 2, 3]
    assert {"accuracy_score_y_test", "roc_auc_score_y_test", "score_X_test"} <= set(run.metrics)
    assert set(run.data) == {"X", "y", "valid_0"}


@pytest.mark.parametrize("model", ["xgboost", "lightgbm"], indirect=True)
def test_a_search_over_them(capturing: Capturing, model: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        GridSearchCV(model, {"max_depth": [1, 2]}, cv=2).fit(X, y)
    parent, *candidates = capturing.recorded().runs
    assert parent.source == "search"
    assert [run.params["max_depth"] for run in candidates] == [1, 2]


def test_uninstalling_leaves_catboost_alone(home: object) -> None:
    from catboost import CatBoost, CatBoostClassifier

    before = [dict(vars(cls)) for cls in (CatBoost, CatBoostClassifier)]
    capturing = Capturing()
    during = [dict(vars(cls)) for cls in (CatBoost, CatBoostClassifier)]
    capturing.stop()
    assert during != before
    assert [dict(vars(cls)) for cls in (CatBoost, CatBoostClassifier)] == before
    assert np.shape(X) == (80, 5)
