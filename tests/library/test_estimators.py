"""Estimators come back with the same predictions, and no code runs that was not trusted."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import skops.io
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification, make_regression
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils import all_estimators

from maestro_jupyter.errors import Forbidden, Invalid
from maestro_jupyter.library.loading import load
from maestro_jupyter.library.sources import content_of

if TYPE_CHECKING:
    from pathlib import Path

NEED_OTHERS = {
    "ClassifierChain": {"estimator": LogisticRegression()},
    "RegressorChain": {"estimator": Ridge()},
    "MultiOutputClassifier": {"estimator": LogisticRegression()},
    "MultiOutputRegressor": {"estimator": Ridge()},
    "OneVsOneClassifier": {"estimator": LogisticRegression()},
    "OneVsRestClassifier": {"estimator": LogisticRegression()},
    "OutputCodeClassifier": {"estimator": LogisticRegression()},
    "FixedThresholdClassifier": {"estimator": LogisticRegression()},
    "TunedThresholdClassifierCV": {"estimator": LogisticRegression()},
    "SelfTrainingClassifier": {"estimator": LogisticRegression()},
    "StackingClassifier": {"estimators": [("a", LogisticRegression())]},
    "StackingRegressor": {"estimators": [("a", Ridge())]},
    "VotingClassifier": {"estimators": [("a", LogisticRegression())]},
    "VotingRegressor": {"estimators": [("a", Ridge())]},
}
CLASSES = [(kind, name, cls) for kind in ("classifier", "regressor") for name, cls in all_estimators(kind)]


def data_of(kind: str) -> tuple[Any, Any]:
    if kind == "classifier":
        return make_classification(80, 6, n_informative=4, n_redundant=0, random_state=0)
    return make_regression(80, 6, noise=1, random_state=0)


@pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore::FutureWarning",
    "ignore::UserWarning",
    "ignore::RuntimeWarning",
)
@pytest.mark.parametrize(
    ("kind", "name", "cls"), CLASSES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_classifier_and_regressor_comes_back(kind: str, name: str, cls: type) -> None:
    model = cls(
        **{
            key: clone(value) if hasattr(value, "fit") else value
            for key, value in NEED_OTHERS.get(name, {}).items()
        }
    )
    X, y = data_of(kind)
    if name == "IsotonicRegression":
        X = X[:, 0]
    elif name in {"ComplementNB", "MultinomialNB", "CategoricalNB", "GammaRegressor", "PoissonRegressor"}:
        X, y = abs(X), abs(y) + (kind == "regressor")
    if "MultiTask" in name or "MultiOutput" in name or "Chain" in name or name in {"CCA", "PLSCanonical"}:
        y = np.column_stack([y, y[::-1]])
    if name == "RadiusNeighborsClassifier":
        model.set_params(radius=100.0)
    model.fit(X, y)
    content = content_of(model)
    back = load(content.format, io.BytesIO(content.data), content.about)
    assert (content.format, content.trusted_only) == ("skops", False)
    np.testing.assert_array_equal(back.predict(X), model.predict(X))
    assert content.type == "model"
    assert content.about["class"].endswith(name)
    assert content.about["fitted"]


def fitted(model: Any, kind: str = "classifier") -> Any:
    return model.fit(*data_of(kind))


def test_a_pipeline_comes_back_with_what_is_known_of_it() -> None:
    import pandas as pd

    table = pd.DataFrame({"age": [1.0, 2, 3, 4], "town": list("abab")})
    steps = make_column_transformer((StandardScaler(), ["age"]), (OneHotEncoder(), ["town"]))
    model = make_pipeline(steps, LogisticRegression(C=0.5)).fit(table, [0, 1, 0, 1])
    before = pickle.dumps(model)
    content = content_of(model, type="mine")
    assert pickle.dumps(model) == before
    assert (content.type, content.format, content.trusted_only) == ("mine", "skops", False)
    assert content.about["params"]["logisticregression__C"] == 0.5
    assert content.about["features"] == ["age", "town"]
    assert "town" in content.text
    assert set(content.about["requirements"]) >= {"scikit-learn", "python"}
    back = load("skops", io.BytesIO(content.data), content.about)
    assert back.predict(table).tolist() == model.predict(table).tolist()


def test_what_is_not_fitted_is_a_template_and_what_only_transforms_a_feature_pipeline() -> None:
    assert content_of(Ridge()).type == "model_template"
    assert content_of(make_pipeline(StandardScaler(), Ridge())).type == "model_template"
    assert content_of(fitted(StandardScaler())).type == "feature_pipeline"
    assert content_of(fitted(GridSearchCV(Ridge(), {"alpha": [1, 2]}), "regressor")).type == "model"


class Own(Ridge):
    """Not of scikit-learn."""


def test_other_types_are_pickled_and_need_trust() -> None:
    content = content_of(fitted(Own(), "regressor"))
    assert (content.format, content.suffix, content.trusted_only) == ("cloudpickle", ".pkl", True)
    with pytest.raises(Forbidden, match=r"a pickle may run any code when it is loaded\. If you trust"):
        load("cloudpickle", io.BytesIO(content.data), content.about)
    assert load("cloudpickle", io.BytesIO(content.data), content.about, trust=True).coef_.shape == (6,)


def test_a_model_that_holds_a_function_of_the_users_is_pickled() -> None:
    content = content_of(make_pipeline(FunctionTransformer(lambda X: X), Ridge()).fit([[1], [2]], [1, 2]))
    assert content.trusted_only


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(
    "format_",
    ["skops", "cloudpickle", "joblib", "parquet", "pandera", "json", "folder", "source", "nonsense"],
)
def test_a_pickle_never_runs_without_trust_whatever_it_claims_to_be(format_: str, tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    data = pickle.dumps(Trap(trap))
    for about in ({}, {"kind": "ndarray", "dtype": "O", "shape": [1]}, {"kind": "cell"}):
        with pytest.raises((Forbidden, Invalid)):
            load(format_, io.BytesIO(data), about)
    assert not trap.exists()
    pickle.loads(data)
    assert trap.exists(), "the trap does not work"


def skops_file(schema: dict[str, Any], **files: bytes) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("schema.json", json.dumps({"protocol": 0, "_skops_version": "0.16", **schema}))
        for name, data in files.items():
            archive.writestr(name, data)
    return io.BytesIO(out.getvalue())


def calling(module: str, name: str, argument: str) -> io.BytesIO:
    text = {
        "__class__": "str",
        "__module__": "builtins",
        "__loader__": "JsonNode",
        "content": json.dumps(argument),
        "is_json": True,
    }
    arguments = {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": [text]}
    return skops_file(
        {
            "__class__": name,
            "__module__": module,
            "__loader__": "ConstructorFromReduceNode",
            "content": arguments,
        }
    )


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "mkdir"),
        ("sklearn.utils._testing", "assert_run_python_script_without_output"),
        ("sklearn.utils._testing", "mkdir"),
        ("sklearn.datasets._base", "load_files"),
        ("builtins", "eval"),
    ],
)
def test_a_file_that_names_what_is_to_be_called_is_refused(module: str, name: str, tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    argument = str(trap) if name == "mkdir" else f"__import__('os').mkdir({str(trap)!r})"
    with pytest.raises(Forbidden, match=rf"^The model holds {module}.{name}, which may run code"):
        load("skops", calling(module, name, argument), {})
    assert not trap.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"PK\x03\x04" + b"x" * 100,
        skops_file({}).getvalue(),
        skops_file({"__loader__": "None"}).getvalue(),
    ],
    ids=["empty", "short", "noise", "no model", "no such loader"],
)
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        load("skops", io.BytesIO(data), {})


def test_a_compressed_model_is_refused_since_it_could_be_of_any_size() -> None:
    data = skops.io.dumps(Ridge(), compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(Invalid, match="a member is compressed"):
        load("skops", io.BytesIO(data), {})


def tampered(model: Any, field: str, value: int) -> io.BytesIO:
    """Write a model whose trees have been made to lead out of their bounds."""
    tree = model.tree_ if hasattr(model, "tree_") else model.estimators_.ravel()[0].tree_
    state = tree.__getstate__()
    state["nodes"][field][0] = value
    tree.__setstate__(state)
    return io.BytesIO(skops.io.dumps(model))


@pytest.mark.parametrize(
    ("field", "value"), [("left_child", 10**6), ("right_child", 0), ("feature", 99), ("feature", -1)]
)
@pytest.mark.parametrize(
    "model",
    [DecisionTreeRegressor(random_state=0), GradientBoostingClassifier(n_estimators=2, random_state=0)],
)
def test_a_tree_that_leads_out_of_its_bounds_is_refused(model: Any, field: str, value: int) -> None:
    with pytest.raises(Forbidden, match="trees lead out of their bounds"):
        load("skops", tampered(fitted(clone(model)), field, value), {})


def test_trees_that_take_more_features_than_their_model_are_refused() -> None:
    model = fitted(DecisionTreeRegressor(random_state=0), "regressor")
    model.n_features_in_ = 2
    with pytest.raises(Forbidden, match="trees lead out of their bounds"):
        load("skops", io.BytesIO(skops.io.dumps(model)), {})
    boosted = fitted(GradientBoostingClassifier(n_estimators=2))
    boosted.n_trees_per_iteration_ = 3
    with pytest.raises(Forbidden, match="trees lead out of their bounds"):
        load("skops", io.BytesIO(skops.io.dumps(boosted)), {})


def test_boosted_and_neighbours_trees_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    boosted = fitted(HistGradientBoostingRegressor(max_iter=2), "regressor")
    boosted._predictors[0][0].nodes["left"][0] = 10**6
    with pytest.raises(Forbidden, match="trees lead out of their bounds"):
        load("skops", io.BytesIO(skops.io.dumps(boosted)), {})
    near = fitted(KNeighborsClassifier(algorithm="kd_tree"))
    state = list(near._tree.__getstate__())
    state[1] = state[1] + 1000
    near._tree.__setstate__(tuple(state))
    with pytest.raises(Forbidden, match="trees lead out of their bounds"):
        load("skops", io.BytesIO(skops.io.dumps(near)), {})


def test_with_trust_what_cannot_be_told_to_be_sound_is_loaded() -> None:
    model = fitted(RandomForestClassifier(n_estimators=3, random_state=0))
    model.estimators_[0].n_features_in_ = 7
    back = load("skops", io.BytesIO(skops.io.dumps(model)), {}, trust=True)
    assert len(back.estimators_) == 3
