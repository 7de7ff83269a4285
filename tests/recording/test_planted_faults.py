"""An exception planted in every function that a hook runs: no cell changes, and it is counted.

Nobody lists the hooks: a session that uses all of them says which functions of the package run in it. Each
of these is then made to fail in the cells that run it. A new hook is found by itself as soon as a cell
here uses it, and `test_every_hook_has_failed_here` fails for one that no cell uses.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import io
import subprocess
import sys
import threading
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from IPython.core.interactiveshell import InteractiveShell
from shells import let_go
from traitlets.config import Config

import maestro_jupyter as maestro
from maestro_jupyter import app
from maestro_jupyter.magics import completion
from maestro_jupyter.recording.cells import CellCapture
from maestro_jupyter.recording.secret_names import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

PACKAGE = Path(maestro.__file__).parent
ROOMS = ("recording", "magics/cells.py", "magics/completion.py", "events.py", "journal_format.py")
"""Where what runs by itself in a cell lives; the rest runs when the user asks for it."""

PREPARED = """
import base64, logging, sys, threading, warnings
import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.figure import Figure
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import accuracy_score, mean_squared_error
from sklearn.model_selection import (GridSearchCV, cross_val_predict, cross_val_score, cross_validate, learning_curve,
                                     permutation_test_score)
random = np.random.default_rng(0)
X = pd.DataFrame(random.normal(size=(40, 3)), columns=list('abc'))
y = (X['a'] > 0).astype(int)
X_test, y_test = X[:20] + 0.01, y[:20]
model = LogisticRegression().fit(X, y)
"""

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

CELLS = [
    "print('printed')\nsys.stderr.write('to the other\\n')\n2 + 2",
    "print('much\\n' * 2000)",
    "def broken(): return 1 / 0\nbroken()",
    "x = = 3",
    f"display({{'image/png': {PNG!r}, 'text/plain': 'a figure'}}, raw=True)",
    "Figure().savefig('figure.png')",
    "mine = LogisticRegression(C=0.5).fit(X, y)\nlabels = mine.predict(X_test)\naccuracy_score(y_test, labels)",
    "own = LogisticRegression(C=0.4).fit(X, y)\naccuracy_score(y_test, own.predict_proba(X_test).argmax(1))",
    "own = LogisticRegression(C=0.4).fit(X, y)\nown.score(X_test, y_test), own.score(X, y)",
    "accuracy_score(y_test, 1 - y_test)",
    "LogisticRegression().fit(X, y[:3])",
    "GridSearchCV(LogisticRegression(), {'C': [1, 2]}, cv=2).fit(X, y).predict(X_test)",
    "cross_val_score(LogisticRegression(), X, y, cv=2)",
    "cross_validate(LogisticRegression(), X, y, cv=2)['test_score']",
    "cross_val_predict(LogisticRegression(), X, y, cv=2)",
    "learning_curve(LogisticRegression(), X, y, cv=2, train_sizes=[0.9])[1]",
    "permutation_test_score(LogisticRegression(), X, y, cv=2, n_permutations=2, random_state=0)[0]",
    "KMeans(2, n_init=1, random_state=0).fit_predict(X)",
    "GradientBoostingClassifier(n_estimators=2, random_state=0).fit(X.to_numpy(), y.tolist()).train_score_",
    "SGDClassifier(random_state=0).partial_fit(X, y, classes=[0, 1]).coef_",
    "class Late(BaseEstimator):\n    def fit(self, X, y=None): return self\nLate().fit([[1, 'x'], [2, None]])",
    "thread = threading.Thread(target=lambda: LogisticRegression().fit(X, y))\nthread.start()\nthread.join()",
    "import asyncio\nawait asyncio.sleep(0)\nLogisticRegression().fit(X, y).coef_.shape",
    "import late_module\nlate_module.VALUE",
    "import pickle\npickle.loads(pickle.dumps(model)).predict(X_test[:3])",
    "%%maestro run named\nprint('inside')\nLogisticRegression().fit(X, y).classes_",
    "%%maestro run named\n1 / 0",
    "%%maestro skip\nLogisticRegression().fit(X, y).classes_",
    "get_ipython().run_cell('print(\"nested\")', store_history=True).success",
    "get_ipython().complete('', '%maestro ', 9)[0]",
]

AS_A_RUN = CELLS.index("%%maestro run named\n1 / 0")

ALLOWED = {
    "recording.guard.Problems.add": "the guard itself",
    "recording.guard.Problems.caught": "the guard itself",
    "recording.guard.Problems.counts": "the guard itself",
    "recording.guard._message": "the guard itself",
    "recording.background.Background.drain": "the test waits with it",
    # These stand at the border and hold the guard; all that they call inside of it is planted.
    "magics.cells.read_line": "reads what the user asks for: then the magic itself fails",
    "magics.cells.CellMagics._begin": "a border",
    "magics.cells.CellMagics._end": "a border",
    "magics.cells.CellMagics.transform": "a border",
    "recording.estimators.EstimatorCapture.observe_class": "a border",
    "recording.estimators._NewSubclass.__get__": "a border",
    "recording.import_hooks.ImportHooks.find_spec": "a border",
    "recording.interpose.Method.__get__": "a border",
    "recording.interpose.Observer.failed": "the guard itself",
    "recording.interpose._NoLoop.get_debug": "raises the user's own exception",
    "recording.interpose._ObservedType.__signature__": "answers the library's own question",
    "recording.scope.ThreadStart.__get__": "a border",
}
"""What may fail a cell, or fail unseen, with the reason."""

QUIET = {
    "recording.columnar.": "whatever users pass to fit is described as far as it lets itself be",
    "recording.datasets.": "the same",
    "recording.truth_names.": "without a name a metric's key has no suffix",
}
"""What degrades without being counted, with the reason; no cell may change for it all the same."""

ELSEWHERE = {
    "journal": "test_disk_faults.py",
    "artifacts": "test_disk_faults.py",
    "import": "test_import_hooks.py",
    "cells.present": "below",
    "cells.snapshot": "test_cells.py",
    "magics.complete": "below",
    "lightgbm": "loops/test_lightgbm_train.py",
    "xgboost": "loops/test_xgboost_train.py",
    "keras": "loops/test_keras_fit.py",
    "lightning": "loops/test_lightning_fit.py",
    "transformers": "loops/test_transformers_train.py",
    "background": "test_background.py",
}
"""Where other hooks are made to fail."""


class Outcome(NamedTuple):
    """What a user sees of a cell."""

    success: bool
    error: str
    printed: str


class PlantedError(RuntimeError):
    pass


class Fuse:
    """Stands for a function from before the session begins, and fails while it is armed."""

    def __init__(self) -> None:
        self.armed = False

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def fused(*args: Any, **kwargs: Any) -> Any:
            if self.armed:
                msg = "planted"
                raise PlantedError(msg)
            return function(*args, **kwargs)

        return fused

    def inside(self, value: Any) -> Any:
        """Give what stands for an attribute of a module or a class."""
        if isinstance(value, property):
            return property(self.around(value.fget))
        if isinstance(value, staticmethod | classmethod):
            return type(value)(self.around(value.__func__))
        return self.around(value)


@contextmanager
def a_session(folder: Path) -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    kept = sys.displayhook, sys.excepthook, sys.modules["__main__"]
    shell = InteractiveShell.instance(config=config, ipython_dir=str(folder / "ipython"))
    shell.user_ns.update(_prepared())
    is_secret_name.cache_clear()  # what is remembered is not run
    try:
        yield shell
    finally:
        maestro.unload_ipython_extension(shell)
        let_go(shell)
        sys.displayhook, sys.excepthook, sys.modules["__main__"] = kept


_names: dict[str, Any] = {}


def _prepared() -> dict[str, Any]:
    if not _names:
        exec(PREPARED, _names)
    return {name: value for name, value in _names.items() if not name.startswith("__")}


def run(shell: InteractiveShell, cell: str) -> Outcome:
    sys.modules.pop("late_module", None)
    with redirect_stdout(io.StringIO()) as printed, redirect_stderr(printed):
        result = shell.run_cell(cell, store_history=True)
    problem = result.error_before_exec or result.error_in_exec
    return Outcome(result.success, repr(problem), printed.getvalue())


def load(shell: InteractiveShell) -> None:
    outcome = run(shell, "%load_ext maestro_jupyter")
    assert outcome == Outcome(True, "None", ""), outcome


def settle() -> None:
    assert app.current().recorder.background.drain(20)


def watch(into: set[CodeType]) -> None:
    """See which functions of the package run in this thread from now on."""
    within = tuple(str(PACKAGE / room) for room in ROOMS)

    def see(frame: Any, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(within):
            into.add(frame.f_code)

    sys.setprofile(see)


@contextmanager
def watched(into: set[CodeType]) -> Iterator[None]:
    """See which functions of the package run in this thread, and in those that it starts."""
    threading.setprofile(lambda *_: watch(into))
    watch(into)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


class Place(NamedTuple):
    """Where a function is looked up."""

    name: str
    holder: Any
    attribute: str

    def everywhere(self) -> list[tuple[Any, str]]:
        """Give all places: other modules have imported the name of a function."""
        function = vars(self.holder)[self.attribute]
        if inspect.isclass(self.holder):
            return [(self.holder, name) for name, value in vars(self.holder).items() if value is function]
        return [
            (module, name)
            for at, module in list(sys.modules.items())
            if at.startswith("maestro_jupyter")
            for name, value in vars(module).items()
            if value is function
        ]


def places() -> dict[CodeType, Place]:
    """Give every function and method of the rooms by its code."""
    found: dict[CodeType, Place] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE)
        if not str(inside).startswith(ROOMS) or "loops" in inside.parts:
            continue
        name = ".".join(inside.with_suffix("").parts).removesuffix(".__init__")
        module = importlib.import_module(f"maestro_jupyter.{name}")
        for holder in [module, *(each for each in vars(module).values() if inspect.isclass(each))]:
            if getattr(holder, "__module__", module.__name__) != module.__name__:
                continue
            for attribute, value in vars(holder).items():
                _add(found, holder, attribute, value, name)
    return found


def _add(found: dict[CodeType, Place], holder: Any, attribute: str, value: Any, name: str) -> None:
    if isinstance(value, property):
        value = value.fget
    elif isinstance(value, staticmethod | classmethod):
        value = value.__func__
    value = inspect.unwrap(value) if callable(value) else value
    if isinstance(value, FunctionType) and value.__module__ == f"maestro_jupyter.{name}":
        found.setdefault(value.__code__, Place(f"{name}.{value.__qualname__}", holder, attribute))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    work = tmp_path / "work"
    work.mkdir()
    (work / "late_module.py").write_text("VALUE = 3\n")
    subprocess.run(["git", "init", "-q", "."], cwd=work, check=True)
    monkeypatch.chdir(work)
    monkeypatch.syspath_prepend(str(work))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path


def learn(folder: Path) -> tuple[list[Outcome], list[set[CodeType]]]:
    """Run every cell unharmed in a session of its own: what is seen, and which functions run in it."""
    outcomes, running = [], []
    for cell in CELLS:
        seen: set[CodeType] = set()
        with a_session(folder) as shell:
            load(shell)
            settle()
            with watched(seen):
                app.current().recorder.background.submit("watch", functools.partial(watch, seen))
                outcomes.append(run(shell, cell))
                settle()
            assert app.current().recorder.problems.latest() == []
        running.append(seen)
    return outcomes, running


def plant(folder: Path, place: Place, number: int, expected: Outcome) -> tuple[list[str], dict[str, int]]:
    """Let a function fail in a cell; give what went wrong, and what was counted."""
    wrong, fuse = [], Fuse()
    with pytest.MonkeyPatch.context() as patch:
        for holder, attribute in place.everywhere():
            patch.setattr(holder, attribute, fuse.inside(vars(holder)[attribute]))
        with a_session(folder) as shell:
            load(shell)
            settle()
            fuse.armed = True
            seen = run(shell, CELLS[number])
            with suppress(PlantedError):
                settle()
            fuse.armed = False
            settle()
            counts = app.current().recorder.problems.counts()
    if seen != expected:
        wrong.append(f"{place.name} changes cell {number}: {seen} is not {expected}")
    if not counts and not place.name.startswith(tuple(QUIET)):
        wrong.append(f"{place.name} fails unseen in cell {number}")
    return wrong, counts


@pytest.mark.timeout(600)
def test_no_cell_changes_whatever_fails(folder: Path) -> None:
    expected, running = learn(folder)
    counted: set[str] = set()
    wrong: list[str] = []
    tried = 0
    for code, place in places().items():
        cells = [number for number, seen in enumerate(running) if code in seen]
        if not cells or place.name in ALLOWED:
            continue
        for number in {cells[0], cells[-1], *({AS_A_RUN} & set(cells))}:
            said, counts = plant(folder, place, number, expected[number])
            wrong += said
            counted |= counts.keys()
        tried += 1
    assert tried > 150
    assert not wrong, "\n".join(wrong)
    missing = hooks() - counted - ELSEWHERE.keys()
    assert not missing, f"No cell lets these fail: {sorted(missing)}"


def test_loading_goes_on_whatever_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fuse = Fuse()
    fuse.armed = True
    monkeypatch.setattr(CellCapture, "_begin_present_cell", fuse.around(CellCapture._begin_present_cell))
    with a_session(folder) as shell:
        load(shell)
        assert run(shell, "1 + 1").success
        assert app.current().recorder.problems.counts() == {"cells.present": 1}


def test_completion_goes_on_whatever_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fuse = Fuse()
    monkeypatch.setattr(completion, "complete", fuse.around(completion.complete))
    with a_session(folder) as shell:
        load(shell)
        fuse.armed = True
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # IPython's own name for it is provisional
            shell.complete("", "%maestro ", 9)
        assert app.current().recorder.problems.counts() == {"magics.complete": 1}


def hooks() -> set[str]:
    """Give the names under which hooks count their failures, as the code writes them."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if not str(path.relative_to(PACKAGE)).startswith(ROOMS):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in {"caught", "add", "submit", "_guarded", "__init__", "PartOfALoop"}:
                on = getattr(getattr(node.func, "value", None), "attr", "")
                if name == "add" and on not in {"problems", "_problems"}:
                    continue
                found |= {
                    each.value
                    for each in node.args[:2]
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }
    return found
