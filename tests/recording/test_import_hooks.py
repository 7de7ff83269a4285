"""Actions after an import: once, in time, and without a trace in tracebacks or modules."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import subprocess
import sys
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from maestro_jupyter.recording.guard import Problems
from maestro_jupyter.recording.import_hooks import ImportHooks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "maestro_example_module"


@pytest.fixture
def module_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / f"{NAME}.py"
    path.write_text("def answer():\n    return 42\n")
    yield path
    sys.modules.pop(NAME, None)


@pytest.fixture
def hooks() -> Iterator[ImportHooks]:
    hooks = ImportHooks(Problems())
    yield hooks
    hooks.restore()


def test_a_module_that_is_imported_later(hooks: ImportHooks, module_file: Path) -> None:
    seen: list[Any] = []
    hooks.when(NAME, lambda module: seen.append(module.answer()))
    assert seen == []
    module = importlib.import_module(NAME)
    importlib.import_module(NAME)
    assert seen == [42]
    assert vars(module.__spec__.loader).keys() == {"name", "path"}
    assert "return 42" in inspect.getsource(module.answer)
    importlib.reload(module)
    assert seen == [42, 42]


def test_a_module_that_is_there_already(hooks: ImportHooks, module_file: Path) -> None:
    importlib.import_module(NAME)
    seen: list[Any] = []
    hooks.when(NAME, lambda module: seen.append(module.__name__))
    assert seen == [NAME]


def test_a_failing_action_does_not_fail_the_import(hooks: ImportHooks, module_file: Path) -> None:
    hooks.when(NAME, lambda module: module.absent)
    assert importlib.import_module(NAME).answer() == 42
    assert hooks.problems.counts() == {"import": 1}


def test_after_restoring_nothing_happens(hooks: ImportHooks, module_file: Path) -> None:
    seen: list[Any] = []
    finders = list(sys.meta_path)
    hooks.when(NAME, seen.append)
    found = importlib.util.find_spec(NAME)
    hooks.restore()
    importlib.import_module(NAME)
    assert found is not None
    assert seen == []
    assert sys.meta_path == finders


@pytest.mark.parametrize("source", ["1 / 0", "import maestro_absent_module", "x ="])
def test_tracebacks_of_imports_are_the_same(hooks: ImportHooks, module_file: Path, source: str) -> None:
    module_file.write_text(source)

    def attempt() -> str:
        try:
            import maestro_example_module  # noqa: F401
        except (ZeroDivisionError, ImportError, SyntaxError):
            return traceback.format_exc()
        return ""

    before = attempt()
    hooks.when(NAME, print)
    assert attempt() == before
    assert "Error" in before


SCRIPT = """
import sys
from maestro_jupyter.config import Maestro
from maestro_jupyter.recording.estimators import EstimatorCapture
from maestro_jupyter.recording.recorder import Recorder

recorder = Recorder(Maestro())
capture = EstimatorCapture(recorder)
capture.install()
assert not {"sklearn", "numpy", "pandas", "catboost"} & set(sys.modules)
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
model = LinearRegression().fit([[1.0], [2.0], [4.0]], [1.0, 2.0, 3.0])
truth = [1.0, 2.0, 3.0]
r2_score(truth, model.predict([[1.0], [2.0], [4.0]]))
print(recorder.counts["runs"], recorder.counts["points"], recorder.problems.counts())
"""


def test_estimators_that_are_imported_later() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("1 1 {}\n", "")
