"""Functions and classes become modules that run in an empty process."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import sklearn.base
from IPython.core.inputtransformer2 import TransformerManager
from notebook import in_empty_process, run
from shapes import SHAPES, Shape
from sklearn.feature_extraction.text import TfidfVectorizer

from maestro_jupyter.errors import Invalid
from maestro_jupyter.library.code import cell_content, code_content

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from maestro_jupyter.library.content import Content


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name.replace(" ", "_"))
def test_a_shape_of_code_runs_in_an_empty_process(shape: Shape, tmp_path: Path) -> None:
    namespace = run(shape.cells)
    content = code_content(namespace[shape.entry], shape.cells, namespace)
    assert content.about["entry"] == shape.entry
    there = in_empty_process(content.data, shape.question, tmp_path)
    assert there == repr(eval(shape.question, namespace))


def registered(cells: list[str], entry: str) -> Content:
    namespace = run(cells)
    return code_content(namespace[entry], cells, namespace)


DATA = "import pandas as pd\nimport numpy as np\ntable = pd.DataFrame({'a': range(5)})\nrows = [table]"
REFUSED = [
    (["def f(): return len(table)"], "'f' needs 'table', which holds data (DataFrame). Pass it as an argument"),
    (["def f(): return rows"], "'f' needs 'rows', which holds data (list of DataFrame)."),
    (["def g(): return table", "def f(): return g()"], "'g' needs 'table', which holds data (DataFrame)."),
    (["def f(x=table): return x"], "'f' needs 'table', which holds data (DataFrame)."),
    (["big = np.load('big.npy')", "def f(): return big.sum()"], "'f' needs 'big', which holds data (ndarray)."),
    (
        ["from sklearn.linear_model import Ridge\nmodel = Ridge().fit(table, table.a)", "def f(x): return model.predict(x)"],
        "'f' needs 'model', which holds data (fitted Ridge).",
    ),
    (["import pathlib\nwords = pathlib.Path('words.txt').read_text()", "def f(): return words"], "'f' needs 'words', which is too long for a constant"),
    (["items = list(range(100_000))", "def f(): return items"], "'f' needs 'items', which is too long for a constant (100,000"),
    (["def f(): return nowhere"], "'f' needs 'nowhere', which is not defined."),
    (["exec('hidden = object()')", "def f(): return hidden"], "'f' needs 'hidden', whose definition is not in"),
    (["def f(): return get_ipython().run_line_magic('ls', '')"], "'f' uses IPython itself or a magic"),
    (["def f():\n    !ls"], "'f' uses IPython itself or a magic"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "said"), REFUSED, ids=lambda value: value[:40] if isinstance(value, str) else ""
)
def test_what_cannot_stand_alone_is_refused_in_one_sentence(
    cells: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np

    monkeypatch.chdir(tmp_path)
    np.save("big.npy", np.zeros(5000))
    (tmp_path / "words.txt").write_text("word " * 50_000)
    with pytest.raises(Invalid) as refused:
        registered([DATA, *cells], "f")
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


def test_what_has_no_name_and_no_definition_is_refused() -> None:
    import functools

    with pytest.raises(
        Invalid, match=r"^The partial has no name in the notebook. Assign it to a name first.$"
    ):
        code_content(functools.partial(max, 3), [], {})
    with pytest.raises(Invalid, match="made inside the installed module"):
        code_content(TfidfVectorizer().build_tokenizer, None, None)


ANONYMOUS = [
    ("lambda x: x + K", "function", "(2)"),
    ("[lambda x: x + 1, lambda x: x * K][1]", "function", "(2)"),
    ("make(5)", "inner", "(2)"),
    ("make('a\\nb')", "inner", "('c')"),
    ("(lambda n: lambda x: x * n)(3)", "function", "(2)"),
    ("make_named()", "inner", "(2)"),
]


@pytest.mark.parametrize(("expression", "entry", "question"), ANONYMOUS)
def test_a_function_without_a_name_keeps_what_it_has_closed_over(
    expression: str, entry: str, question: str, tmp_path: Path
) -> None:
    cells = [
        "K = 10\ndef make(n):\n    def inner(x):\n        '''Says\n        it.'''\n        return x + n\n    return inner",
        "def make_named():\n    def inner(x): return x if x < K else inner(x - 1)\n    return inner",
        f"hold = [{expression}]",
    ]
    namespace = run(cells)
    function = namespace["hold"][0]
    content = code_content(function, cells, namespace)
    assert content.about["entry"] == entry
    assert in_empty_process(content.data, f"{entry}{question}", tmp_path) == repr(
        eval(f"hold[0]{question}", namespace)
    )


def test_a_function_that_closes_over_an_object_is_refused() -> None:
    cells = ["def make(n):\n    return lambda x: n", "hold = [make(object())]"]
    namespace = run(cells)
    with pytest.raises(
        Invalid, match=r"^'function' has closed over 'n', which is no plain value \(object\)\."
    ):
        code_content(namespace["hold"][0], cells, namespace)


@pytest.fixture
def own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Files of the user's beside the notebook."""
    folder = tmp_path / "beside"
    (folder / "steps").mkdir(parents=True)
    (folder / "cleaning.py").write_text(
        "from math import floor\nfrom sharing import FACTOR as F\nLIMIT = 3\n"
        "def clip(x):\n    return min(floor(x), LIMIT) * F\ndef unused(): return other\n"
    )
    (folder / "sharing.py").write_text("FACTOR = 100\nLIMIT = 4\n")
    (folder / "steps" / "__init__.py").write_text("from .first import begin\nfrom . import first\n")
    (folder / "steps" / "first.py").write_text(
        "from ..sharing2 import x\n" * 0 + "def begin(x): return [x]\n"
    )
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    for name in set(sys.modules) - before:
        if name.split(".")[0] in {"cleaning", "sharing", "steps"}:
            del sys.modules[name]


OWN = [
    (["from cleaning import clip", "def f(x): return clip(x) + 1"], "f(7.5)"),
    (["from cleaning import clip as cut", "def f(x): return cut(x)"], "f(7.5)"),
    (["from cleaning import *", "def f(x): return clip(x)"], "f(7.5)"),
    (["from cleaning import clip as f"], "clip(7.5)"),
    (["from steps import begin", "def f(x): return begin(x)"], "f(1)"),
]


@pytest.mark.parametrize(("cells", "question"), OWN, ids=lambda value: str(value)[:50])
def test_what_comes_from_files_of_the_users_is_taken_along(
    cells: list[str], question: str, own_files: Path, tmp_path: Path
) -> None:
    namespace = run(cells)
    content = code_content(namespace["f"], cells, namespace)
    answer = eval(question, {**namespace, "clip": namespace.get("f")})
    assert in_empty_process(content.data, question, tmp_path) == repr(answer)
    assert b"other" not in content.data


def test_files_of_the_users_that_cannot_be_taken_along_are_named(own_files: Path) -> None:
    with pytest.raises(Invalid, match=r"^'f' needs the module 'cleaning', which is a file of your own"):
        registered(["import cleaning", "def f(x): return cleaning.clip(x)"], "f")
    with pytest.raises(Invalid, match=r"^'f' needs the module 'cleaning', which is a file of your own"):
        registered(["import cleaning", "def f(x):\n    import cleaning\n    return cleaning.clip(x)"], "f")
    with pytest.raises(Invalid, match=r"^'f' needs the module 'steps.first'"):
        registered(["from steps import first", "def f(x): return first.begin(x)"], "f")
    with pytest.raises(
        Invalid, match=r"^The name 'LIMIT' means different things in cleaning and the notebook."
    ):
        registered(["from cleaning import clip\nLIMIT = 8", "def f(x): return clip(x) + LIMIT"], "f")


def test_a_function_of_a_file_needs_no_cells(own_files: Path, tmp_path: Path) -> None:
    import cleaning

    content = code_content(cleaning.clip)
    assert in_empty_process(content.data, "clip(9)", tmp_path) == "300"


def test_a_function_of_an_installed_package_is_an_import() -> None:
    content = code_content(sklearn.base.clone, [], {})
    assert content.data == b"from sklearn.base import clone\n"
    assert set(content.about["requirements"]) == {"python", "scikit-learn"}


def test_what_is_known_of_a_function() -> None:
    content = registered(
        [
            "import pandas as pd\nimport math\nN = len('abc')",
            "def f(x: int, *, by=2):\n    '''Scales.'''\n    return pd, N",
        ],
        "f",
    )
    about = content.about
    assert (about["kind"], about["signature"], about["docstring"]) == (
        "function",
        "(x: int, *, by=2)",
        "Scales.",
    )
    assert set(about["requirements"]) == {"pandas", "python"}
    assert about["frozen"] == ["N"]
    assert content.data.startswith(b"import pandas as pd\n\nN = 3\n\n\ndef f(")
    assert content.trusted_only
    assert "Scales." in content.text


def test_long_sources_are_refused_and_long_docstrings_are_cut() -> None:
    with pytest.raises(Invalid, match="definition is not in the notebook's cells"):
        registered([f"def f():\n    '''{'a' * (10 << 20)}'''\n    return 1"], "f")
    cells = ["def f(): return 1"]
    namespace = run(cells)
    namespace["f"].__doc__ = "a" * (10 << 20)
    content = code_content(namespace["f"], cells, namespace)
    assert len(content.about["docstring"]) <= 10_000
    assert len(content.text) <= 64 << 10


def test_a_cell_is_a_template_with_what_it_needs(tmp_path: Path) -> None:
    cells = [
        "import numpy as np\nimport math\ntable = np.arange(2000) * 1\nALPHA = 2\nWORDS = list(range(5000))",
        "def scaled(x): return x * ALPHA",
        "%matplotlib_is_no_matter inline\nresult = scaled(table).sum()\nfor i in range(2):\n    total = i + result + WORDS[0]",
    ]
    namespace = run(cells)
    content = cell_content(cells[2], cells, namespace)
    assert content.about["inputs"] == ["WORDS", "table"]
    assert content.type == "model_template"
    assert not content.trusted_only
    text = content.data.decode()
    assert text.endswith(cells[2] + "\n")
    assert "math" not in text
    plain = text.replace("%matplotlib_is_no_matter inline", "").encode()
    there = in_empty_process(
        b"import numpy as np\ntable = np.arange(2000)\nWORDS = [0]\n" + plain, "int(result)", tmp_path
    )
    assert there == repr(int(namespace["result"]))


@pytest.mark.parametrize(
    ("source", "said"), [("x = = 1", "The cell is no Python code."), ("  # nothing", "The cell is empty.")]
)
def test_a_cell_that_is_no_code_is_refused(source: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        cell_content(source, [], {})


def test_nothing_of_the_users_is_changed() -> None:
    cells = ["STEPS = {'a': [1]}\nK = []\nK.append(1)", "def f(): return STEPS, K"]
    namespace = run(cells)
    before = {name: repr(value) for name, value in namespace.items()}
    code_content(namespace["f"], cells, namespace)
    assert {name: repr(value) for name, value in namespace.items()} == before


def test_cells_may_be_given_as_ipython_has_made_them() -> None:
    typed = ["%time K = 3", "%%time\ndef f(x): return x * K", "1 / 0\ndef f(x): return 2"]
    namespace = run(typed)
    made = [TransformerManager().transform_cell(cell) for cell in typed]
    assert "run_cell_magic" in made[1]
    content = code_content(namespace["f"], made, namespace)
    assert content.data == code_content(namespace["f"], typed, namespace).data
    assert content.data == b"K = 3\n\n\ndef f(x): return x * K\n"


IN_IPYTHON = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in ["K = 3", "%%time\\ndef f(x):\\n    display(x)\\n    return x * K", "1 / 0\\ndef f(x): return 2"]:
    shell.run_cell(cell, store_history=True)
from maestro_jupyter.library.code import code_content
typed = shell.history_manager.input_hist_raw
contents = [code_content(shell.user_ns["f"], cells, shell.user_ns) for cells in (typed, shell.user_ns["In"])]
assert contents[0] == contents[1]
print("-" * 9 + contents[0].data.decode())
"""


def test_in_ipython_itself(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", IN_IPYTHON], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    source = ran.stdout.rpartition("-" * 9)[2]
    assert "from IPython.display import display\n" in source
    assert in_empty_process(source.encode(), "f(2)", tmp_path) == "6"
