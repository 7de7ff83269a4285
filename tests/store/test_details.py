"""Everything that is known about a run, whole or in measure."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select
from store_of_runs import a_run

from maestro_jupyter.store import runs, schema
from maestro_jupyter.store.details import detail


@pytest.fixture
def session(store_of):
    """Give the store of a run in the ninth of ten cells, with nine notes."""
    store = store_of([a_run(1, execution_id="e9", metrics={"a": 1.0, "b": 2.0})])
    with store.write.begin() as connection:
        journal = connection.scalar(select(schema.journals.c.id))
        cells = [
            {
                "execution": f"e{number}",
                "journal": journal,
                "number": number,
                "source": "x",
                "start_time": number,
            }
            for number in range(1, 11)
        ]
        notes = [{"run": 1, "time": number, "text": f"n{number}"} for number in range(1, 10)]
        connection.execute(insert(schema.cells), cells)
        connection.execute(insert(schema.notes), notes)
    return store


def test_all_of_it(session):
    found = detail(session, runs.get(session, "0001"))
    assert [cell.number for cell in found.cells] == list(range(1, 10))
    assert [note.text for note in found.notes] == [f"n{number}" for number in range(1, 10)]
    assert (found.cell.number, found.cut) == (9, [])


@pytest.mark.parametrize(
    ("most", "cells", "notes", "cut"),
    [
        (9, range(1, 10), range(1, 10), []),
        (8, range(2, 10), range(1, 9), ["cells", "notes"]),
        (1, [9], [1], ["cells", "metrics", "notes"]),
    ],
)
def test_the_last_cells_and_the_first_of_all_else(session, most, cells, notes, cut):
    found = detail(session, runs.get(session, "0001"), most=most)
    assert [cell.number for cell in found.cells] == list(cells)
    assert [note.text for note in found.notes] == [f"n{number}" for number in notes]
    assert (found.cell.number, found.cut) == (9, cut)
