"""Folds of a cross-validation by hand: rows of one table, which count as one dataset, and never for the table."""

from __future__ import annotations

import msgspec
import pytest
from histories_of_tries import put_data, small_prior, svm_run
from store_of_runs import fill_with

from maestro_jupyter.models import ModelQuestion
from maestro_jupyter.recommend.folds import groups
from maestro_jupyter.recommend.suggesting import Suggester
from maestro_jupyter.recommend.team import told
from maestro_jupyter.store.attempts import Attempts

PRIOR = small_prior()
ROWS = [240, 240, 241, 241, 242]
"""Of the folds of 301 rows, if some classes do not divide by five."""


def put(store, rows, executions):
    """Say that a config of the prior's was tried on data of so many rows each, by executions of cells."""
    config = PRIOR.configs[0]
    params = {"estimator": config.estimator, **config.params}
    runs = [
        svm_run(number, 1, 0.9, params=params, execution_id=execution)
        for number, execution in enumerate(executions, 1)
    ]
    fill_with(store.write, runs)
    for number, (run, count) in enumerate(zip(runs, rows, strict=True), 1):
        put_data(store, [run], number, rows=count)


def ask(store, rows=301.0, columns=8.0, classes=2.0, suggester=None):
    known = {"nr_inst": rows, "nr_attr": columns, "nr_class": classes, "log_nr_inst": 2.5}
    question = ModelQuestion(task="classification", metafeatures=known, data=["x0:y0"])
    return (suggester or Suggester({"classification": PRIOR})).answer(Attempts().read(store), question)


def grouped(store):
    tries = {}
    for attempt in Attempts().read(store).values():
        tries.setdefault(attempt.data.fingerprint, []).append(told(attempt, "classification"))
    return list(groups(tries).values())


def test_folds_of_one_table_are_one_group(store):
    put(store, ROWS, ["loop"] * 5)
    assert grouped(store) == ["y1"] * 5
    together = ask(store, 2025.0, 10.0)
    put(store, ROWS, list("abcde"))
    assert grouped(store) == ["y1", "y2", "y3", "y4", "y5"]
    apart = ask(store, 2025.0, 10.0)
    assert together.team_datasets == apart.team_datasets == 5
    assert [(one.config, one.mean) for one in together.models] != [
        (one.config, one.mean) for one in apart.models
    ]


@pytest.fixture
def store(tmp_path):
    from maestro_jupyter.store.engine import open_store

    opened = open_store(f"sqlite:///{tmp_path}/maestro.db")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("rows", "executions", "expected"),
    [
        ([200, 201, 900], ["loop"] * 3, ["y1", "y1", "y3"]),
        ([200, 201, 201], ["loop", "loop", None], ["y1", "y1", "y3"]),
        ([200, 201], [None, None], ["y1", "y2"]),
        ([200, 400, 440], ["loop"] * 3, ["y1", "y2", "y2"]),
    ],
)
def test_what_has_other_rows_or_is_of_another_cell_is_another_group(store, rows, executions, expected):
    put(store, rows, executions)
    assert grouped(store) == expected


def test_loops_with_a_fold_in_common_are_one_group_and_an_engine_learns_that(store):
    suggester = Suggester({"classification": PRIOR})
    put(store, ROWS, ["first", "first", "first", "second", "second"])
    assert grouped(store) == ["y1", "y1", "y1", "y4", "y4"]
    apart = ask(store, 2025.0, 10.0, suggester=suggester)
    put(store, ROWS, ["first"] * 5)
    together = ask(store, 2025.0, 10.0, suggester=suggester)
    assert msgspec.json.encode(together) == msgspec.json.encode(ask(store, 2025.0, 10.0))
    assert msgspec.json.encode(together) != msgspec.json.encode(apart)


def test_folds_are_no_evidence_for_their_table(store):
    nothing = ask(store)
    put(store, ROWS, ["loop"] * 5)
    assert sum(301 - rows for rows in ROWS) == 301
    assert msgspec.json.encode(ask(store)) == msgspec.json.encode(nothing)
    for other in ({"rows": 302.0}, {"columns": 9.0}, {"classes": 3.0}, {"rows": 240.0}):
        assert ask(store, **other).team_datasets == 5
    twice = [*ROWS, 240, 241, 241, 241, 241]
    put(store, twice, ["loop"] * 10)
    assert ask(store).team_datasets == 0, "cross-validated twice"
    put(store, ROWS[:4], ["loop"] * 4)
    assert ask(store).team_datasets == 4, "who knows of what these are a part"
