"""A cell under `%%maestro` is a plain cell, recorded as one run or not at all."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

import maestro_jupyter as maestro


def test_the_body_is_one_run(cells):
    assert cells("%%maestro run 'the first'\nmaestro.log({'m': 1})\n40 + 2") == "Out[2]: 42\n"
    assert cells.shell.user_ns["Out"][2] == 42
    run = maestro.search_runs().iloc[0]
    assert (run["name"], run["status"], run["metrics.m"]) == ("the first", "FINISHED", 1.0)
    assert maestro.active_run() is None


def test_a_name_is_not_needed_and_variables_are_expanded(cells):
    cells("%%maestro run\n1")
    cells("kind = 'forest'")
    cells("%%maestro run {kind}\n1")
    assert maestro.search_runs().iloc[0]["name"] == "forest"
    assert len(maestro.search_runs()) == 2


def test_an_error_fails_the_cell_and_the_run(cells, capsys):
    result = cells.result("%%maestro run broken\nx = 1\nraise ValueError('gone wrong')")
    assert isinstance(result.error_in_exec, ValueError)
    shown = capsys.readouterr().out
    assert shown.count("ValueError: gone wrong") == 1
    assert "line 3" in shown
    run = maestro.search_runs().iloc[0]
    assert (run["status"], run["status_reason"]) == ("FAILED", "ValueError: gone wrong")


def test_a_body_that_is_no_python_fails_the_run(cells):
    assert isinstance(cells.result("%%maestro run broken\nx = = 1").error_before_exec, SyntaxError)
    assert maestro.search_runs().iloc[0]["status"] == "FAILED"


def test_an_interrupt_kills_the_run(cells):
    assert not cells.result("%%maestro run stopped\nraise KeyboardInterrupt").success
    assert maestro.search_runs().iloc[0]["status"] == "KILLED"


def test_await_and_other_magics_work_inside(cells):
    assert cells("%%maestro run a\nimport asyncio\nawait asyncio.sleep(0, 'slept')") == "Out[2]: 'slept'\n"
    assert "Wall time" in cells("%%maestro run b\n%%time\n3")
    assert cells("%%maestro run c\nfrom __future__ import annotations\n%precision\n5") == "Out[4]: 5\n"


def test_a_skipped_cell_runs_unrecorded(cells):
    assert cells("%%maestro skip\nmaestro.log({'m': 1})\n'done'") == "Out[2]: 'done'\n"
    cells("%%maestro run later\n1")
    assert len(maestro.search_runs()) == 1


def test_a_nested_call_tells_its_outer_cell_of_the_failure(cells):
    cells("get_ipython().run_cell_magic('maestro', 'run inner', 'y = 3')")
    assert cells.shell.user_ns["y"] == 3
    assert not cells.result("get_ipython().run_cell_magic('maestro', 'run worse', '1/0')").success
    assert list(maestro.search_runs()["status"]) == ["FAILED", "FINISHED"]


@pytest.mark.parametrize("line", ["", "walk", "skip this"])
def test_a_bad_line_is_refused_in_one_line(cells, line):
    result = cells.result(f"%%maestro {line}\nraise RuntimeError")
    error = result.error_in_exec
    assert isinstance(error, UsageError)
    assert "Usage: %%maestro run [NAME]" in str(error)
    assert "\n" not in str(error)
    assert len(maestro.search_runs()) == 0
