"""A shell with Maestro loaded."""

from __future__ import annotations

import warnings

import pytest
from IPython.core.interactiveshell import InteractiveShell
from shells import let_go
from traitlets.config import Config


class Cells:
    """Runs cells, and keeps what they display."""

    def __init__(self, shell, capsys):
        self.shell, self._capsys = shell, capsys

    def __call__(self, source):
        """Run a cell that must succeed; give what it prints."""
        result = self.result(source)
        result.raise_error()
        return self._capsys.readouterr().out

    def result(self, source):
        self._capsys.readouterr()
        return self.shell.run_cell(source, store_history=True)

    def magic(self, line):
        return self(f"%maestro {line}")

    def html(self, line):
        """Give the HTML that a line displays."""
        from IPython.utils.capture import capture_output

        with capture_output() as caught:
            self.shell.run_line_magic("maestro", line)
        return "".join(output.data["text/html"] for output in caught.outputs)


@pytest.fixture
def shell(home):
    InteractiveShell.clear_instance()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = InteractiveShell.instance(
            config=Config({"HistoryManager": {"enabled": True, "hist_file": ":memory:"}})
        )
    made.colors = "nocolor"
    yield made
    made.run_cell("%unload_ext maestro_jupyter", silent=True)
    let_go(made)


@pytest.fixture
def cells(shell, capsys):
    made = Cells(shell, capsys)
    made("%load_ext maestro_jupyter\nimport maestro_jupyter as maestro")
    return made


@pytest.fixture
def runs(cells):
    """Three runs: first, second and one that failed."""
    cells(
        "%%maestro run first\nmaestro.log_params({'depth': 1})\nfor k in range(9):\n    maestro.log({'loss': 1 / (k + 1), 'acc': k / 10})"
    )
    cells("%%maestro run second\nmaestro.log_params({'depth': 2})\nmaestro.log({'loss': 0.5, 'acc': 0.95})")
    cells.result("%%maestro run bad\nraise KeyError('gone')")
    return cells
