"""`%maestro promote` and `%maestro use`, and functions that cells have defined."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.error import UsageError

import maestro_jupyter as maestro


def test_a_function_of_the_notebook(cells):
    cells("import math\nSCALE = 2")
    cells("def helper(x): return math.sqrt(x * SCALE)")
    cells("def feature(x):\n    'Widen.'\n    return helper(x)")
    cells("version = maestro.register('feature', feature)")
    assert cells.shell.user_ns["version"].type == "feature_pipeline"
    cells("del helper, SCALE, math\nfound = maestro.use('feature')")
    assert cells.shell.user_ns["found"](8) == 4.0


def test_the_last_cell_becomes_a_template_that_is_inserted(cells):
    cells("import math")
    cells("width = math.pi * 2\nprint(width)")
    assert cells.magic("promote circle") == "The library has circle:1, of the type model_template.\n"
    shown = cells.magic("use circle")
    assert "import math" in shown
    assert "width = math.pi * 2" in shown
    cells.magic("use circle --insert")
    (inserted,) = [said["text"] for said in cells.shell.payload_manager.read_payload() if "text" in said] or [
        cells.shell.rl_next_input
    ]
    assert "width = math.pi * 2" in inserted


def test_the_cell_of_a_run(cells):
    cells("%%maestro run first\nmaestro.log({'m': 1})")
    cells("1")
    assert "loop:1" in cells.magic("promote latest loop")
    version = maestro.app.current().api().library.get("loop")
    assert version.run_id == maestro.search_runs().iloc[0]["run_id"]
    assert "maestro.log({'m': 1})" in cells.magic("use loop")


def test_uses_are_those_of_the_runs_that_build_on_them(cells):
    maestro.register("limits", {"high": 1})
    cells("limits = maestro.use('limits')")
    cells("high = limits['high']")
    cells("%%maestro run builds\nmaestro.log({'m': high})")
    cells("%%maestro run other\nmaestro.log({'m': 2})")
    maestro.app.current().recorder.settle()
    maestro.flush()
    names = {run["run_id"]: run["name"] for _, run in maestro.search_runs().iterrows()}
    uses = maestro.app.current().api().library.uses("limits")
    assert [names[use.run_id] for use in uses if use.run_id] == ["builds"]


def test_searching(cells):
    maestro.register("limits", {"high": 1}, description="Where incomes are cut.", tags=list("abcdefg"))
    shown = cells.magic("search incomes cut")
    assert "limits:1" in shown
    assert "and 2 more" in shown
    assert "1 artifact." in shown
    assert "<table" in cells.html("search incomes")
    maestro.register("evil", {"a": 1}, description="<script>alert(1)</script>")
    assert "<script" not in cells.html("search alert")


def test_searching_in_pages_with_counts(cells):
    for number in range(23):
        maestro.register(f"limits {number}", {"n": number}, tags=["odd"] if number % 2 else ["even", "low"])
    maestro.register("town", {"n": 1}, type="schema")
    shown = cells.magic("search limits --type dataset")
    assert "1 to 20 of 23 artifacts. More: `%maestro search limits --type dataset --page 2`." in shown
    assert "tag: even 12, low 12, odd 11" in shown
    assert "type:" not in shown  # all are of one
    assert "21 to 23 of 23 artifacts." in cells.magic("search limits --type dataset --page 2")
    assert "There are no further ones: 23" in cells.magic("search limits --type dataset --page 3")
    assert "12 artifacts." in cells.magic("search limits --tag even,low")
    assert "type: dataset 23, schema 1" in cells.magic("search")
    html = cells.html("search limits")
    assert "tag: even 12" in html
    assert "--page 2" in html
    assert "<script" not in html


def test_what_is_used(cells):
    assert "Nobody has used anything" in cells.magic("search --top")
    assert "Nothing of the library was used" in cells.magic("search --trending")
    maestro.register("limits", {"high": 1})
    with maestro.start_run(project="churn"):
        maestro.use("limits")
    assert "An association, not a cause." in cells.magic("search --top")
    assert "registered only 0 days ago" in cells.magic("search --trending")
    assert "Nothing has been unused for 90 days." in cells.magic("search --unused")
    assert "<table" in cells.html("search --top")


def test_a_notebook_is_put_here_once(cells, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "source.ipynb").write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    maestro.register("tour", tmp_path / "source.ipynb")
    assert "here as tour-v1.ipynb" in cells.magic("use tour")
    placed = tmp_path / "tour-v1.ipynb"
    assert '"nbformat": 4' in placed.read_text()
    placed.write_text("worked on")
    assert "here as tour-v1.ipynb" in cells.magic("use tour:1")
    assert placed.read_text() == "worked on"
    maestro.flush()
    assert len(maestro.app.current().api().library.uses("tour")) == 2  # once for each cell
    with pytest.raises(UsageError, match="no source"):
        cells.shell.run_line_magic("maestro", "use tour --insert")


def test_of_a_file_there_is_a_copy(cells, tmp_path):
    (tmp_path / "a.txt").write_text("kept")
    maestro.register("notes", tmp_path / "a.txt")
    shown = cells.magic("use notes")
    copy = Path(shown.removeprefix("A copy of notes is at ").rstrip().removesuffix("."))
    assert copy.read_text() == "kept"


def test_what_is_in_the_library_completes(cells):
    maestro.register("limits", {"high": 1})
    with provisionalcompleter():
        found = list(cells.shell.Completer.completions("%maestro use li", 15))
    assert "limits" in {one.text for one in found}


@pytest.mark.parametrize(
    "line",
    ["search --page 0", "search --page x", "search --top x", "search --top --unused", "search x --bogus",
     "search --type", "search --page 99999999999999999999"],
)  # fmt: skip
def test_a_wrong_search_gets_one_line(cells, line):
    with pytest.raises(UsageError, match="Usage: %maestro search"):
        cells.shell.run_line_magic("maestro", line)


@pytest.mark.parametrize("line", ["promote", "promote a b c", "use", "use a b", "use none", "promote ../x"])
def test_a_wrong_line_gets_one_line(cells, line):
    with pytest.raises(UsageError):
        cells.shell.run_line_magic("maestro", line)


def test_the_card_and_the_lineage(cells):
    cells(
        "%%maestro run training\nmaestro.log({'m': 1})\nmaestro.register('limits', {'high': 1}, tags=['<b>'])"
    )
    cells("%%maestro run later\nfound = maestro.use('limits')")
    cells("card = maestro.card('limits').edit('limitations', 'Only **euros**.')")
    shown = cells.magic("card limits")
    for part in ("limits:1: dataset", "run training", "Only **euros**.", "Not written yet."):
        assert part in shown
    assert "<strong>euros</strong>" in cells.html("card limits:1")
    for reference in ("limits", "limits:1", "training", "previous"):
        shown = cells.magic(f"lineage {reference}")
        assert "run training" in shown
        assert "run later" in shown
    assert "<svg" in cells.html("lineage limits")
    assert "<b>" not in cells.html("card limits")


@pytest.mark.parametrize(
    "line", ["card", "card a b", "card none", "lineage", "lineage none", "lineage a:7", "lineage a:b:c"]
)
def test_a_wrong_line_about_cards_gets_one_line(cells, line):
    with pytest.raises(UsageError):
        cells.shell.run_line_magic("maestro", line)
