"""`%maestro suggest` without data, and what of a notebook it goes by: in a real shell, never more than is asked."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from IPython.core.error import UsageError

import maestro_jupyter as maestro
from maestro_jupyter import at_hand
from maestro_jupyter.app import App, current, forget
from maestro_jupyter.errors import Invalid
from maestro_jupyter.events import ArtifactRegistered
from maestro_jupyter.store import registering
from maestro_jupyter.store.changes import record_library_change

if TYPE_CHECKING:
    from maestro_jupyter.models import NotebookAtHand

FRAME = (
    "import pandas as pd\n"
    "telco = pd.DataFrame({'tenure': [1], 'Contract': ['monthly'], 'MonthlyCharges': [20.0]})"
)
BANDS = """def bands(frame):
    return frame["tenure"] // 12, frame["MonthlyCharges"].round(), frame.groupby("Contract")
"""


@pytest.fixture(autouse=True)
def by_words(monkeypatch):
    """Do without a model, as without the extra: what is compared by meaning has tests of its own."""
    monkeypatch.setattr(App, "encoder", lambda self: None)


def put(*names: str, user: str = "carl", **more: object) -> None:
    """Put something into the library that this session has not registered."""
    known = {"description": "Bands of tenure and charges.", "text": BANDS, "about": {"trusted_only": True}}
    with current().store().write.begin() as connection:
        numbers = registering.add_registered(
            connection,
            [
                ArtifactRegistered(
                    f"{abs(hash(name)):032x}"[:32], name, "feature_pipeline", "source", "0" * 64, 1, "text/x-python",
                    "churn", user, 1.0, **(known | more),
                )
                for name in names
            ],
        )  # fmt: skip
        record_library_change(connection, numbers)


def gathered() -> NotebookAtHand:
    return at_hand.notebook_at_hand(current(), 5)


def names() -> list[str]:
    return [fit.artifact.name for fit in maestro.suggest_artifacts()]


# A session


def test_a_session(cells):
    cells(FRAME)
    assert "The library has nothing that the notebook has not used already." in cells.magic("suggest")
    put("tenure bands")
    shown = cells.magic("suggest")
    for part in (
        "tenure bands:1 · feature_pipeline",
        "It names all 3 columns of 'telco': 'tenure', 'Contract', 'MonthlyCharges'.",
        "What it contributes is unknown: 0 projects with it and 0 without can be compared",
        "Nobody has used it yet.",
        "%maestro use 'tenure bands' --insert\n  maestro.use('tenure bands', trust=True)",
        "1 artifact of 1, by how well they fit",
        "Searched by words alone: install maestro-jupyter[semantic]",
    ):
        assert part in shown, shown
    assert "<ul" in cells.html("suggest -n 1")
    shown = cells("found = maestro.suggest_artifacts(n=3)\nfound")
    assert "tenure bands:1" in shown
    found = cells.shell.user_ns["found"]
    assert (len(found), found[0].columns, found[:5]) == (
        1,
        ["tenure", "Contract", "MonthlyCharges"],
        [*found],
    )
    table = found.frame()
    assert table[["name", "version", "owner", "projects"]].values.tolist() == [["tenure bands", 1, "carl", 0]]
    assert table.attrs["looked"] == 1
    assert not current().recorder.problems.counts()


def test_nothing_where_nothing_fits(cells):
    put("tenure bands")
    cells("import pandas as pd\ndf = pd.DataFrame({'a': [1], 'name': ['x']})\ndf.head()")
    assert "Nothing of the 1 artifact fits what is at hand." in cells.magic("suggest")
    found = maestro.suggest_artifacts()
    assert (list(found), bool(found), found.frame().empty) == ([], False, True)
    assert found.note.startswith("Nothing of the 1 artifact fits")
    assert [fit.artifact.name for fit in maestro.suggest_artifacts("bands of charges by tenure")] == [
        "tenure bands"
    ]


def test_what_was_registered_here_is_left_out(cells):
    cells(FRAME)
    put("first", "second")
    cells(BANDS)
    cells("maestro.register('bands', bands, description='Bands of tenure and charges.')")
    assert set(names()) == {"first", "second"}


def test_what_is_used_is_left_out_also_after_a_restart():
    columns = {"tenure": 1, "Contract": 2, "MonthlyCharges": 3}
    about = "tenure contract monthly charges"
    for name in ("one", "two", "three"):
        maestro.register(name, columns, description=about, tags=["churn"])
    with maestro.start_run():
        maestro.use("one")
    maestro.flush()
    forget()
    current().recorder.notebook = "churn.ipynb"
    asked = f"# churn: {about}"
    found = maestro.suggest_artifacts(asked)
    assert {fit.artifact.name for fit in found} == {"one", "two", "three"}, "another notebook had used it"
    with maestro.start_run():
        maestro.use("two")
    assert {fit.artifact.name for fit in maestro.suggest_artifacts(asked)} == {"one", "three"}
    maestro.flush()
    forget()
    current().recorder.notebook = "churn.ipynb"
    assert {fit.artifact.name for fit in maestro.suggest_artifacts(asked)} == {"one", "three"}
    current().recorder.notebook = "other.ipynb"
    assert {fit.artifact.name for fit in maestro.suggest_artifacts(asked)} == {"one", "two", "three"}


def test_what_is_archived_is_left_out(cells):
    cells(FRAME)
    put("first", "second")
    current().api().library.archive("first")
    assert names() == ["second"]


# What is at hand


def test_it_goes_by_imports_cells_and_columns(cells):
    cells("import json, os.path as p\nfrom collections import Counter")
    cells(FRAME)
    cells("%maestro status")
    cells("%%maestro run tried\nmaestro.log({'m': 1})  # a run")
    cells("2 + 2")
    cells("maestro.suggest_artifacts()")
    notebook = gathered()
    assert {"json", "os.path", "collections.Counter", "pandas"} <= set(notebook.imports)
    assert notebook.cells[-3:] == [FRAME, "maestro.log({'m': 1})  # a run", "2 + 2"]
    (table,) = notebook.tables
    assert (table.name, list(table.columns)) == ("telco", ["tenure", "Contract", "MonthlyCharges"])
    assert table.columns["tenure"] == "int64"
    assert (notebook.project, notebook.description) == ("", "")
    cells("%maestro project churn")
    assert gathered().project == "churn"


def test_values_and_secrets_stay_where_they_are(cells, monkeypatch):
    monkeypatch.setenv("DB_PASSWORD", "correct-horse-battery")
    cells(
        "import pandas as pd\npassword = 'hunter2hunter2'\n"
        "people = pd.DataFrame({'name': ['Ada Lovelace'], 'correct-horse-battery': [1]})"
    )
    cells("%maestro project correct-horse-battery")
    cells(f"x = '{'y' * 19_000}'\ntoken = 'ghp_{'a1B2' * 9}'")
    said = repr(at_hand.notebook_at_hand(current(), 5, about="the correct-horse-battery"))
    for secret in ("hunter2", "correct-horse", "ghp_"):
        assert secret not in said
    assert "Ada Lovelace" not in repr(gathered().tables)


def test_huge_cells_and_many_of_them(cells):
    put("tenure bands")
    for number in range(40):
        cells(f"value_{number} = {number}")
    cells(f"big = '{'x' * 3_000_000}'")
    cells("\n" * 200_000 + "after = 'a long pause'")
    cells("#" * 100_000)
    cells(FRAME)
    cells("\n".join(f"line_{number} = {number}  # of many" for number in range(5_000)))
    notebook = gathered()
    assert len(notebook.cells) == at_hand.CELLS
    assert max(map(len, notebook.cells)) <= at_hand.CELL_LENGTH
    assert names() == ["tenure bands"]


def test_odd_namespaces(cells):
    cells(FRAME)
    cells(
        """
import pandas as pd
class Liar:
    @property
    def __class__(self): raise RuntimeError('class')
    def __repr__(self): raise RuntimeError('repr')
    def __getattr__(self, name): raise RuntimeError(name)
    def __eq__(self, other): raise RuntimeError('eq')
class Broken(pd.DataFrame):
    @property
    def columns(self): raise RuntimeError('columns')
class Label:
    def __str__(self): raise RuntimeError('str')
    def __hash__(self): return 1
liar, broken = Liar(), Broken()
labelled = pd.DataFrame([[1]], columns=pd.Index([Label()], dtype=object))
deep = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([('a', 'x'), ('a', 'y')]))
double = pd.DataFrame([[1, 2.5]], columns=['same', 'same'])
wide = pd.DataFrame([range(3000)])
empty, same = pd.DataFrame(), telco
"""
    )
    cells.shell.user_ns[3] = pd.DataFrame({"x": [1]})
    tables = {table.name: table.columns for table in gathered().tables}
    assert tables["deep"] == {"a x": "int64", "a y": "int64"}
    assert list(tables["double"]) == ["same"]
    assert len(tables["wide"]) == at_hand.COLUMNS
    assert len({"telco", "same"} & tables.keys()) == 1, "what has two names is one table"
    assert not {"liar", "broken", "labelled", "empty", "Liar", 3} & tables.keys()
    put("tenure bands")
    assert names() == ["tenure bands"]


def test_tables_that_the_last_cells_speak_of_come_first(cells):
    cells("import pandas as pd\nfor n in range(60): globals()[f'table_{n}'] = pd.DataFrame({f'c{n}': [1]})")
    cells("table_7.sum()")
    cells("table_31.sum()")
    tables = [table.name for table in gathered().tables]
    assert len(tables) == at_hand.TABLES
    assert tables[:2] == ["table_31", "table_7"]


def test_what_users_wrote_stays_text(cells):
    cells(FRAME.replace("'Contract'", "'<img src=x onerror=alert(1)>'"))
    put("bands", description="<script>alert(1)</script> of tenure and charges", text=BANDS.replace(
        '"Contract"', '"<img src=x onerror=alert(1)>"'))  # fmt: skip
    html = cells.html("suggest")
    assert "&lt;img src=x" in html
    assert "&lt;script&gt;" in html
    assert "<img" not in html
    assert "<script" not in html


def test_a_script_goes_by_its_own_file(home, tmp_path):
    script = tmp_path / "churn.py"
    script.write_text(
        f"{FRAME}\nimport maestro_jupyter as maestro\n"
        "from maestro_jupyter.app import current\nfrom maestro_jupyter import at_hand\n"
        "print(at_hand.notebook_at_hand(current(), 5))\n"
    )
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert "'tenure': 'int64'" in ran.stdout
    assert "imports=['pandas'" in ran.stdout


def test_nothing_is_gathered_before_it_is_asked(home):
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "for cell in ('%load_ext maestro_jupyter', 'import pandas as pd', 'df = pd.DataFrame({1: [2]})'):\n"
        "    shell.run_cell(cell, store_history=True).raise_error()\n"
        "import sys\n"
        "gather = ('maestro_jupyter.at_hand', 'maestro_jupyter.library')\n"
        "print([name for name in sys.modules if name.startswith(gather)])\n"
        "shell.run_cell('%maestro suggest').raise_error()\n"
        "print('maestro_jupyter.at_hand' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = ran.stdout.splitlines()
    assert lines[-1] == "True"
    assert "[]" in lines[-3:]


@pytest.mark.parametrize("n", [0, 101, True, "3", 2.0])
def test_a_wrong_number_is_refused(n):
    with pytest.raises(Invalid, match="expected a number from 1 to 100"):
        maestro.suggest_artifacts(n=n)


def test_a_wrong_text_is_refused():
    with pytest.raises(Invalid, match="about is a int; expected a text"):
        maestro.suggest_artifacts(3)


@pytest.mark.parametrize("line", ["suggest -n 0", "suggest -n many", "suggest -n 101", "suggest --bogus",
                                  "suggest --task regression"])  # fmt: skip
def test_a_wrong_line_gets_one_line(cells, line):
    with pytest.raises(UsageError) as refused:
        cells.shell.run_line_magic("maestro", line)
    assert "Usage: %maestro suggest [X y]" in str(refused.value)
    assert "\n" not in str(refused.value)
