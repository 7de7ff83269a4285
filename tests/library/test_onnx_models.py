"""ONNX models come back as they were, and run; what is none, or names other files, is refused."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import maestro_jupyter as maestro
from maestro_jupyter.errors import Invalid, Unavailable
from maestro_jupyter.library import onnx_models
from maestro_jupyter.library.loading import load
from maestro_jupyter.library.sources import content_of

if TYPE_CHECKING:
    from pathlib import Path

X = np.random.default_rng(0).normal(size=(40, 3)).astype("f4")
y = (X[:, 0] > 0).astype(int)


@pytest.fixture(scope="module")
def pipeline() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)


@pytest.fixture
def model(pipeline: Any) -> Any:
    return to_onnx(pipeline, X[:1])


def predicted(model: Any) -> Any:
    session = onnxruntime.InferenceSession(model if isinstance(model, str) else model.SerializeToString())
    return session.run(None, {"X": X})[0]


def test_a_converted_model_is_registered_and_predicts_the_same(home: Path, pipeline: Any, model: Any) -> None:
    version = maestro.register("classifier", model, description="As ONNX.")
    assert (version.type, version.format, version.media_type) == ("model", "onnx", "application/onnx")
    found = maestro.use("classifier")
    assert isinstance(found, onnx.ModelProto)
    assert (predicted(found) == pipeline.predict(X)).all()
    assert maestro.search_artifacts("LinearClassifier")["name"].tolist() == ["classifier"]


def test_a_file_of_one_stays_a_file(home: Path, pipeline: Any, model: Any, tmp_path: Path) -> None:
    onnx.save(model, tmp_path / "model.onnx")
    version = maestro.register("file", tmp_path / "model.onnx")
    assert (version.type, version.format, version.media_type) == ("model", "file", "application/onnx")
    assert (predicted(str(maestro.use("file"))) == pipeline.predict(X)).all()


def test_what_is_known_of_it(model: Any) -> None:
    model.doc_string = "Tells the sign."
    helper.set_model_props(model, {"author": "Ada"})
    content = content_of(model)
    about = content.about
    assert about["producer"].startswith("skl2onnx")
    assert about["inputs"] == [{"name": "X", "type": "float[?, 3]"}]
    assert about["outputs"][0] == {"name": "output_label", "type": "int64[?]"}
    assert about["outputs"][1]["type"] == "sequence"
    assert {"Scaler", "LinearClassifier"} <= set(about["operators"])
    assert about["opsets"].keys() == {"ai.onnx", "ai.onnx.ml"}
    assert about["metadata"] == {"author": "Ada"}
    assert "Tells the sign." in content.text
    assert not content.trusted_only


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfejunk", b"PK\x03\x04", onnx.ModelProto(ir_version=9).SerializeToString()]
)
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="no ONNX model"):
        load("onnx", io.BytesIO(data), {})


def elsewhere(place: str) -> Any:
    """Make a model with a tensor that is said to be in another file."""
    tensor = numpy_helper.from_array(np.zeros(4, "f4"), "w")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    out = helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, [4])
    if place == "weights":
        nodes, weights = [helper.make_node("Identity", ["w"], ["out"])], [tensor]
    elif place == "constant":
        nodes, weights = [helper.make_node("Constant", [], ["out"], value=tensor)], []
    else:
        inner = helper.make_graph([helper.make_node("Identity", ["w"], ["in"])], "inner", [], [], [tensor])
        nodes, weights = [helper.make_node("If", ["c"], ["out"], then_branch=inner, else_branch=inner)], []
    return helper.make_model(helper.make_graph(nodes, "graph", [], [out], weights))


@pytest.mark.parametrize("place", ["weights", "constant", "graph in a node"])
def test_a_model_that_names_other_files_is_neither_kept_nor_given(place: str) -> None:
    model = elsewhere(place)
    with pytest.raises(Invalid, match="weights in other files"):
        content_of(model)
    with pytest.raises(Invalid, match="weights in other files"):
        load("onnx", io.BytesIO(model.SerializeToString()), {})


def test_without_onnx_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(onnx_models, "import_module", absent)
    with pytest.raises(Unavailable, match=r"maestro-jupyter\[onnx\]"):
        load("onnx", io.BytesIO(b"x"), {})
