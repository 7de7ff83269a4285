"""Registering and using, as one does in a notebook and in a script."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

import maestro_jupyter as maestro
from maestro_jupyter.app import current
from maestro_jupyter.artifact_names import checked_name
from maestro_jupyter.errors import Conflict, Forbidden, Invalid, MaestroWarning, NotFound, Unavailable

X = np.random.default_rng(0).normal(size=(40, 3))
y = (X[:, 0] > 0).astype(int)


def test_a_model_comes_back(home):
    with maestro.start_run("training") as run:
        model = LogisticRegression(C=0.5).fit(X, y)
        version = maestro.register("classifier", model, tags=["tabular"], description="Tells.")
    assert (version.reference, version.type, version.run_id) == ("classifier:1", "model", run.run_id)
    found = maestro.use("classifier")
    assert (found.predict(X) == model.predict(X)).all()
    assert found is not model


def test_a_table_comes_back_and_a_file_as_a_copy(home, tmp_path):
    table = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert maestro.register("table", table).type == "dataset"
    pd.testing.assert_frame_equal(maestro.use("table"), table)
    file = tmp_path / "notes.txt"
    file.write_text("kept")
    maestro.register("notes", file)
    copy = maestro.use("notes")
    assert (copy.read_text(), copy != file) == ("kept", True)


@pytest.mark.parametrize("kind", ["table", "array", "folder", "file", "plain", "model", "pickled", "code"])
def test_altered_bytes_are_not_given(home, tmp_path, kind):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.txt").write_text("kept")
    sources = {
        "table": pd.DataFrame({"a": [1, 2]}),
        "array": X,
        "folder": tmp_path / "parts",
        "file": tmp_path / "parts" / "a.txt",
        "plain": {"high": 1},
        "model": LogisticRegression().fit(X, y),
        "pickled": FunctionTransformer(checked_name),
        "code": checked_name,
    }
    version = maestro.register("part", sources[kind])
    assert (version.format == "cloudpickle") == (kind == "pickled")
    (kept,) = Path(current().config.artifact_url).rglob(version.sha256)
    data = bytearray(kept.read_bytes())
    data[-1] ^= 1
    kept.write_bytes(data)
    with pytest.raises(Unavailable, match="have changed"):
        maestro.use("part", trust=True)


def test_versions_and_aliases(home):
    maestro.register("limits", {"high": 1}, aliases=["champion"])
    assert maestro.register("limits", {"high": 2}).version == 2
    assert [maestro.use(one) for one in ("limits", "limits:1", "limits@champion")] == [
        {"high": 2},
        {"high": 1},
        {"high": 1},
    ]
    with pytest.raises(NotFound, match="no 'limits:3'"):
        maestro.use("limits:3")


def test_uses_are_noted_once_with_the_run(home):
    maestro.register("limits", {"high": 1})
    with maestro.start_run() as run:
        for _ in range(3):
            maestro.use("limits")
    maestro.use("limits")
    maestro.flush()
    with maestro.start_run(project="churn") as other:
        maestro.use("limits")
    maestro.flush()
    uses = current().api().library.uses("limits")
    noted = {(use.run_id, use.project) for use in uses}
    assert noted == {(None, "default"), (run.run_id, "default"), (other.run_id, "churn")}
    assert len(uses) == 3


def test_what_cannot_be_registered_is_said_and_nothing_is_lost(home, monkeypatch):
    for name in ("", "../x", "a/b", "x" * 129, "a:b", "a@b", ".", None, "tab\t"):
        with pytest.raises(Invalid, match="artifact name"):
            maestro.register(name, {"a": 1})
    for name in ("search", "top", "used", "trending", "unused", "archived"):
        with pytest.raises(Invalid, match="something else in addresses"):
            maestro.register(name, {"a": 1})
    with pytest.raises(Invalid, match="tag"):
        maestro.register("ok", {"a": 1}, tags=["new\nline"])
    with pytest.raises(Invalid, match="alias"):
        maestro.register("ok", {"a": 1}, aliases=["not one"])
    with pytest.raises(Invalid, match="cannot be registered"):
        maestro.register("ok", object())
    with pytest.raises(NotFound):
        maestro.use("ok")
    monkeypatch.setattr(current().config, "artifact_limit", 10)
    with pytest.raises(Invalid, match="at most 10 are kept"):
        maestro.register("ok", {"a": "x" * 100})


def test_a_secret_does_not_go_into_the_library(home):
    version = maestro.register(
        "settings", {"api_key": "sk-" + "a1B2" * 10}, description="password=hunter2hunter2"
    )
    assert "hunter2" not in version.description
    assert "a1B2" not in str(maestro.use("settings"))


def test_offline_it_is_recorded_and_collected_later(home, monkeypatch):
    monkeypatch.setenv("MAESTRO_MODE", "offline")
    with pytest.raises(Unavailable, match="gets its number when"):
        maestro.register("limits", {"high": 1})
    monkeypatch.setattr(current().config, "mode", "on")
    assert maestro.use("limits") == {"high": 1}


def test_what_is_anothers_is_called_by_its_owner(home, monkeypatch):
    maestro.register("limits", {"high": 1}, aliases=["champion"], description="Mine.")
    monkeypatch.setattr(current().recorder, "user", "eve")
    with pytest.warns(MaestroWarning, match="to say"):
        version = maestro.register("limits", {"high": 9}, aliases=["champion"], description="Eve's.")
    assert (version.version, version.aliases, version.description) == (2, [], "Mine.")


SCRIPT = """
import maestro_jupyter as maestro
print(maestro.use({reference!r}, trust={trust})(3))
"""


def test_a_function_is_used_in_another_process(home, tmp_path):
    module = tmp_path / "session.py"
    module.write_text(
        "import math\nimport maestro_jupyter as maestro\nSCALE = 2\n"
        "def helper(x):\n    return math.sqrt(x * SCALE)\n"
        "def feature(x):\n    return helper(x) + 1\n"
        "print(maestro.register('feature', feature).reference)\n"
    )
    ran = subprocess.run([sys.executable, module], capture_output=True, text=True, check=True)
    assert ran.stdout == "feature:1\n"
    script = SCRIPT.format(reference="feature@champion", trust=False)
    refused = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "no 'feature@champion' in the library" in refused.stderr
    script = SCRIPT.format(reference="feature", trust=False)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert float(ran.stdout) == pytest.approx(6**0.5 + 1)


def test_code_of_others_needs_trust(home, tmp_path, monkeypatch):
    module = tmp_path / "session.py"
    module.write_text(
        "import maestro_jupyter as maestro\ndef feature(x):\n    return x + 1\n"
        "maestro.current().recorder.user = 'eve'\nmaestro.register('feature', feature)\n"
    )
    subprocess.run([sys.executable, module], check=True)
    with pytest.raises(Forbidden, match="a program, which runs when it is loaded"):
        maestro.use("feature")
    assert maestro.use("feature", trust=True)(1) == 2


def test_searching(home):
    maestro.register("income limits", {"low": 0}, description="Where incomes are cut.", tags=["demo", "x"])
    maestro.register("other", {"a": 1}, tags=["demo"])
    found = maestro.search_artifacts("incomes")
    assert found["name"].tolist()[0] == "income limits"
    assert "incomes" in found["why"][0]
    assert maestro.search_artifacts(tags=["demo", "x"])["name"].tolist() == ["income limits"]
    assert maestro.search_artifacts(type="model").empty
    assert set(maestro.search_artifacts(limit=1)["name"]) == {"other"}
    unknown = maestro.search_artifacts(min_impact=0.0)
    assert unknown.empty
    assert list(unknown.columns)[-3:] == ["impact", "impact_low", "impact_high"]


def test_a_card_is_filled_in_written_on_and_read_back(home):
    model = LogisticRegression(C=0.5)
    with maestro.start_run("training", params={"C": 0.5}) as run:
        maestro.log({"accuracy": 0.9})
        maestro.register("classifier", model.fit(X, y), description="Tells.")
    card = maestro.card("classifier")
    assert run.run_id[:8] in card.document.section("training").said[0]
    assert [metric.key for metric in card.document.metrics] == ["accuracy"]
    first = card.edit("limitations", "Not for loans.")
    assert (card["limitations"], first["limitations"]) == ("", "Not for loans.")
    with pytest.raises(Conflict, match="has been changed by"):
        card.edit("limitations", "Mine.")
    assert card.edit("citation", "None.")["limitations"] == "Not for loans."
    maestro.register("classifier", model.fit(X, 1 - y))
    later = maestro.card("classifier:2")
    assert later["limitations"] == "Not for loans."
    assert later.edit("limitations", "")["limitations"] == ""
    assert maestro.card("classifier:1")["limitations"] == "Not for loans."
    with pytest.raises(Invalid, match="no section"):
        later.edit("nothing", "x")


def test_a_card_is_edited_as_a_file(home):
    maestro.register("limits", {"high": 1})
    card = maestro.card("limits").edit("limitations", "One.").edit("citation", "Two.")
    markdown = card.markdown().replace("> One.", "> One\n> more.").replace("> Two.\n", "")
    changed = card.update(markdown)
    assert (changed["limitations"], changed["citation"]) == ("One\nmore.", "")
    assert changed.update(changed.markdown()) is changed
    for stale in (card, maestro.card("limits")):
        with pytest.raises(Conflict):
            stale.edit("contact", "Ada.").update(markdown)
    maestro.register("other", {"high": 1})
    with pytest.raises(Conflict, match="of something else"):
        maestro.card("other").update(maestro.card("limits").markdown())
    assert len(json.loads(changed.json())["sections"]) == len(changed.document.sections)
    assert changed.html().startswith("<!doctype html>")
    assert "One" in repr(changed)
    assert "maestro-view" in changed._repr_html_()
    assert set(changed._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_lineage_of_runs_and_artifacts(home):
    with maestro.start_run("training") as run:
        maestro.register("limits", {"high": 1})
    with maestro.start_run("later"):
        maestro.use("limits")
    found = maestro.lineage("limits")
    assert {node.name for node in found.lineage.nodes} == {"limits:1", "training", "later"}
    assert found.svg.startswith("<svg")
    assert "<svg" in found._repr_html_()
    for of in (run, run.run_id, run.run_id[:8], "training"):
        assert maestro.lineage(of).lineage.root == f"run:{run.run_id}"
    assert len(maestro.lineage("limits:1", depth=1, width=1, limit=2).lineage.nodes) == 2
    with pytest.raises(NotFound, match="neither an artifact nor a run 'nothing'"):
        maestro.lineage("nothing")
    with pytest.raises(NotFound, match="no 'limits:7'"):
        maestro.lineage("limits:7")
    with pytest.raises(Invalid, match="depth is 51"):
        maestro.lineage("limits", depth=51)
