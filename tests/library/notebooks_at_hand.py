"""What the suggestions from the library are judged by: notebooks, and which of the search's artifacts fit each.

To nearly half of them nothing fits: other subjects, and what every notebook begins with. Notebooks at even places
were used for choosing the weights and bounds, those at odd places never.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from maestro_jupyter.at_hand import imports_of, recent_cells
from maestro_jupyter.models import NotebookAtHand, TableAtHand

FILE = Path(__file__).with_suffix(".txt")


class Judged(NamedTuple):
    name: str
    fits: set[str]
    notebook: NotebookAtHand


def notebooks() -> list[Judged]:
    """Give the notebooks.

    In the file, ``=`` begins a table's name and columns, ``@`` the project's name and description, and ``%%``
    stands between cells.
    """
    entries = FILE.read_text(encoding="utf-8").removeprefix("## ").split("\n## ")
    return [_judged(*entry.partition("\n")[::2]) for entry in entries]


def _judged(head: str, body: str) -> Judged:
    name, _, fits = head.partition("|")
    lines = body.splitlines()
    project, _, description = next((line[2:] for line in lines if line.startswith("@ ")), "").partition(": ")
    code = "\n".join(line for line in lines if not line.startswith(("= ", "@ ")))
    cells = code.split("\n%%\n")
    notebook = NotebookAtHand(
        imports=imports_of(cells),
        cells=recent_cells(cells, str),
        tables=[_table(line[2:]) for line in lines if line.startswith("= ")],
        project=project,
        description=description,
    )
    return Judged(name.strip(), set(fits.split()), notebook)


def _table(line: str) -> TableAtHand:
    name, _, columns = line.partition(": ")
    return TableAtHand(name=name, columns=dict(column.rsplit(" ", 1) for column in columns.split(", ")))
