"""Who shows what: JupyterLab a page that finds its widgets, VS Code an output that names them, others neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest
from kernel import Kernel
from nbclient import NotebookClient

if TYPE_CHECKING:
    from pathlib import Path

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.mark.filterwarnings("default::DeprecationWarning", "default::ResourceWarning")
def test_a_notebook_that_nobody_looks_at_holds_no_widget(home: Path) -> None:
    cells = ["%load_ext maestro_jupyter", "%maestro runs"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    assert set(notebook.cells[1].outputs[0].data) == {"text/html", "text/plain"}
    assert "widgets" not in notebook.metadata


def test_in_vscode_an_output_names_its_widget(home: Path) -> None:
    kernel = Kernel(home, session=None)
    try:
        assert kernel.run("%maestro runs").widgets == {}
        shown = kernel.run("__vsc_ipynb_file__ = '/a.ipynb'\n%maestro runs")
    finally:
        kernel.stop()
    (comm,) = shown.widgets
    assert shown.bundles[0][WIDGET]["model_id"] == comm
    assert {"text/html", "text/plain"} < set(shown.bundles[0])


def test_questions_are_answered_while_a_cell_runs(home: Path) -> None:
    kernel = Kernel(home)
    try:
        kernel.run("import threading; go = threading.Event()")
        table = kernel.widget("%maestro runs")
        kernel.use_subshell()
        # From its first answer on, a widget is asked beside the cells.
        kernel.ask(table, "setup", filter="")
        running = kernel.begin(
            "with maestro.start_run('busy'):\n    maestro.log({'x': 1.0})\n    assert go.wait(60)"
        )
        while not (found := kernel.ask(table, "rows", filter="", columns=[], offset=0, limit=9).said["rows"]):
            pass
        assert [(row["name"], row["status"]) for row in found] == [("busy", "RUNNING")]
        kernel.send_cell("go.set()")
        assert kernel.finish(running).errors == []
    finally:
        kernel.stop()
