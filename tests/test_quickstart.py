"""The tours: they run, what they tell is true, and Maestro has all of it; what ``make demo`` prints is whole."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import nbformat
import pytest

import maestro_jupyter as maestro

# The kernel's own libraries are at fault, in the process that runs the notebook.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default::DeprecationWarning"),
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.filterwarnings("default::pytest.PytestUnraisableExceptionWarning"),
]

DEMO = Path(__file__).parents[1] / "notebooks" / "demo.py"


def demo() -> Any:
    spec = importlib.util.spec_from_file_location("demo", DEMO)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_demo(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    module = demo()
    monkeypatch.setattr(module, "BUILD", tmp_path / "demo")
    assert module.run() == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    for said in ("Everything that was recorded", "★", "What changed", "max_depth: 3 → None", "▲ better",
                 "What to try on X_train, y_train", "Forecast and outcome: balanced_accuracy"):  # fmt: skip
        assert said in printed.out
    assert len([line for line in printed.out.splitlines() if line[:3] in {"1  ", "2  ", "3  "}]) == 3

    notebook = nbformat.read(tmp_path / "demo" / "quickstart.ipynb", as_version=4)
    mistake = "RandomForestClassifier(n_estimators=10).fit(X_train, y_test)"
    assert failed_of(notebook) == [mistake]
    page = (tmp_path / "demo" / "quickstart.html").read_text(encoding="utf-8")
    assert "HistGradientBoostingClassifier" in page

    found = maestro.search_runs("attributes.parent_id is null", order_by="start_time")
    assert found["name"].tolist() == [
        "Pipeline",
        "HistGradientBoostingClassifier",
        *["RandomForestClassifier"] * 3,
        "GridSearchCV",
        "digits by hand",
        *["Ridge"] * 3,
        found["tags.suggestion.config"].iloc[-1],
    ]
    assert found["status"].tolist() == ["FINISHED"] * 4 + ["FAILED"] + ["FINISHED"] * 6
    assert "inconsistent numbers of samples" in found["status_reason"][4]
    assert found["metrics.accuracy_score_y_test"].notna().tolist() == [True] * 4 + [False, True] + [False] * 5
    assert found["params.alpha"][7:10].tolist() == [0.01, 0.1, 1.0]
    assert found["metrics.cv_balanced_accuracy_mean"].iloc[-1] > 0.9
    assert len(maestro.search_runs(f"attributes.parent_id = '{found['run_id'][5]}'")) == 6
    assert maestro.metric_history(found["run_id"][6], "loss")["step"].tolist() == list(range(30))
    change = maestro.diff(found["run_id"][2], found["run_id"][3])
    assert [each.name for each in change.params] == ["max_depth"]


def test_the_tour_of_the_library(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = demo()
    monkeypatch.setattr(module, "BUILD", tmp_path)
    module.execute("library")
    notebook = nbformat.read(tmp_path / "library.ipynb", as_version=4)
    assert failed_of(notebook) == []
    said = {cell.id: text_of(cell) for cell in notebook.cells if cell.cell_type == "code"}
    told = "\n".join(said.values())
    for part in (
        "'irregularity:1'",
        "The library has screening-recipe:1, of the type model_template.",
        "('screening-model:1', 'skops', True)",
        "type: feature_pipeline 1, model 1, model_template 1",
        "its description mentions 'uneven'",
        "MEASUREMENTS = [",
        "In 1 project, by 2 runs.",
        "Unknown: 1 project with it and 2 without can be compared, and 3 of each are needed.",
        "Unknown: it was registered only 0 days ago.",
        "'irregularity:2'",
        "irregularity@champion is irregularity:2 now.",
        "3 artifacts.",
    ):
        assert part in told
    assert [text for text in said.values() if text in {"True", "np.True_"}] == ["np.True_", "True"]

    library = maestro.current().api().library
    names = {run["run_id"]: run["name"] for _, run in maestro.search_runs().iterrows()}
    users = [names[use.run_id] for use in library.uses("irregularity") if use.run_id]
    assert sorted(users) == ["HistGradientBoostingClassifier", "RandomForestClassifier"]
    assert sorted(names.values()) == [
        "HistGradientBoostingClassifier",
        "Pipeline",
        *["RandomForestClassifier"] * 2,
    ]
    assert {use.project for use in library.uses("irregularity")} == {"prognosis", "screening"}


def test_the_tour_of_suggestions(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = demo()
    monkeypatch.setattr(module, "BUILD", tmp_path)
    module.execute("suggestions")
    notebook = nbformat.read(tmp_path / "suggestions.ipynb", as_version=4)
    assert failed_of(notebook) == []
    told = "\n".join(text_of(cell) for cell in notebook.cells if cell.cell_type == "code")
    for part in (
        "What to try on X, y",
        "On the datasets that are most alike it had",
        "ridge(alpha=1.0)",
        "decision_tree(min_samples_leaf=1)",
        "Forecast and outcome: r2",
        "Of 10 forecasts that were tried,",
        "ForecastRecord(count=10,",
        "What mattered for cv_score_mean",
        "Too little history: only 0 datasets of regression are known.",
    ):
        assert part in told
    tried = maestro.search_runs("tags.`suggestion.config` != ''", order_by="start_time")
    assert set(tried["status"]) == {"FINISHED"}
    assert tried["name"].nunique() == len(tried) == 10, "none is suggested twice"
    own = maestro.search_runs("attributes.source = 'cross_validation'")["metrics.cv_r2_mean"]
    assert tried["metrics.cv_r2_mean"].max() > own.max(), (
        "what was suggested is better than the first attempts"
    )

    # The text says what the regrets show: half as many trials as by lot; the picture is drawn.
    shown = next(cell for cell in notebook.cells if "METHODS = [" in cell.source)
    rows = [[float(word) for word in line.split()] for line in text_of(shown).splitlines()[-4:]]
    assert [row[0] for row in rows] == [1, 3, 5, 10]
    for ours, lot in ((1, 3), (4, 6)):
        assert rows[2][ours] <= rows[3][lot]
        assert all(row[ours] < row[lot] for row in rows)
    (picture,) = next(cell for cell in notebook.cells if "plt.subplots" in cell.source).outputs
    assert "image/png" in picture.data


@pytest.mark.parametrize("name", ["quickstart", "library", "suggestions"])
def test_tours_are_kept_without_outputs(name: str) -> None:
    notebook = nbformat.read(DEMO.with_name(f"{name}.ipynb"), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in code] == [[]] * len(code)
    assert {cell.execution_count for cell in code} == {None}


def text_of(cell: Any) -> str:
    return "".join(
        output.text if output.output_type == "stream" else output.data["text/plain"]
        for output in cell.outputs
    )


def failed_of(notebook: Any) -> list[str]:
    """Give the cells that failed, after seeing that each question was answered."""
    failed = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        failed += [cell.source for output in cell.outputs if output.output_type == "error"]
        assert not [output.text for output in cell.outputs if output.get("name") == "stderr"]
        if cell.source.startswith("%maestro"):
            *waiting, output = cell.outputs
            assert {line.data["text/plain"] for line in waiting} <= {""}, "what took long is cleared away"
            assert {"text/plain", "text/html"} <= set(output.data), cell.source
            assert "Traceback" not in output.data["text/plain"]
            assert "problem" not in output.data["text/plain"]  # as the status would say
    return failed
