"""`%maestro promote` and `%maestro use`, and functions that cells have defined."""

from __future__ import annotations

import pytest
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


@pytest.mark.parametrize("line", ["promote", "promote a b c", "use", "use a b", "use none", "promote ../x"])
def test_a_wrong_line_gets_one_line(cells, line):
    with pytest.raises(UsageError):
        cells.shell.run_line_magic("maestro", line)
