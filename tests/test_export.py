"""The table of runs as a file: what a spreadsheet would run as a formula stays text."""

from __future__ import annotations

import csv

import pandas as pd
import pytest
from store_of_runs import a_run

from maestro_jupyter.export import export_table
from maestro_jupyter.store.frames import frame

FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|'/C calc'!A0", "\t=1+1", "\r=1+1", "\n=1+1", "|calc", "%0A=1",
    "  =1+1", "\t", "\rx", "\u00a0=1", "\ufeff=1", "\u200b=1", "\0=1", "＝1", "＋1", "－1", "＠SUM", "-", "=", '="a"',
]  # fmt: skip
HARMLESS = [
    "a\r=1",
    "a\r\n=1",
    '"=1',
    "a=b",
    "1-1",
    "x@y",
    "",
    " ",
    "'",
    "run 1",
    "5%",
    "a\tb",
    "a\n=1",
    "é",
    "1e-5",
]


def written(tmp_path, *runs):
    """Give the cells of the CSV file of runs."""
    path = export_table(frame(runs), tmp_path / "runs.csv", force=True)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_with_a_formula(tmp_path, text):
    told = a_run(
        1, name=text, project=text, user=text, status_reason=text, params={"p": text, text: 1},
        tags={"t": text, text: text}, metrics={text: 1.0},
    )  # fmt: skip
    plain = a_run(2, params={"p": 7})
    first, second = written(tmp_path, told, plain)
    columns = ("name", "project", "user", "status_reason", "params.p", "tags.t", f"tags.{text}")
    assert [first[column] for column in columns] == [f"'{text}"] * len(columns)
    assert second["params.p"] == "7"
    for row in (first, second):
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in (*row, *row.values()))


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_formula_stays_as_it_is(tmp_path, text):
    (row,) = written(tmp_path, a_run(1, name=text, params={"p": text}))
    assert (row["name"], row["params.p"]) == (text, text)


def test_numbers_stay_numbers(tmp_path):
    rows = written(
        tmp_path,
        a_run(1, params={"a": -1, "b": -0.5, "c": True}, metrics={"m": -2.0, "inf": float("-inf")}),
        a_run(2, params={"a": "-1", "b": None}, metrics={"m": float("nan")}),
    )
    assert [(row["params.a"], row["params.b"], row["params.c"]) for row in rows] == [
        ("-1", "-0.5", "True"),
        ("'-1", "", ""),
    ]
    assert [row["metrics.m"] for row in rows] == ["-2.0", ""]


@pytest.mark.parametrize("kind", ["string", "category", "object"])
def test_a_column_of_any_kind_is_looked_at(tmp_path, kind):
    table = pd.DataFrame({"a": pd.Series(["=1", "b"], dtype=kind)})
    text = export_table(table, tmp_path / "x.csv").read_text(encoding="utf-8")
    assert text.splitlines() == ["a", "'=1", "b"]


def test_a_name_of_a_column_is_looked_at(tmp_path):
    table = pd.DataFrame({"=1": ["x"], "-2": [3.0]})
    assert export_table(table, tmp_path / "x.csv").read_text().splitlines() == ["'=1,'-2", "x,3.0"]
