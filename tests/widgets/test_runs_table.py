"""The table of runs over real comms: the kernel shows it, and answers what its script asks."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from kernel import Kernel

ID = {"entity": "attribute", "key": "id"}
ACCURACY = {"entity": "metric", "key": "accuracy"}
DEPTH = {"entity": "param", "key": "depth"}


@pytest.fixture(scope="module")
def table(kernel: Kernel) -> str:
    return kernel.widget("%maestro runs")


def rows(kernel: Kernel, table: str, **given: object):
    asked = {"filter": "", "columns": [ACCURACY], "offset": 0, "limit": 50} | given
    return kernel.ask(table, "rows", **asked).said


def ids(kernel: Kernel, table: str) -> dict[str, str]:
    return {row["name"]: row["id"] for row in rows(kernel, table)["rows"]}


def test_what_is_shown_holds_the_static_form_and_the_place_of_the_live_one(kernel: Kernel) -> None:
    shown = kernel.run("%maestro runs metrics.accuracy > 0.5 --sort metrics.loss")
    (bundle,) = shown.bundles
    ((_, state),) = shown.widgets.items()
    assert set(bundle) == {"text/html", "text/plain"}
    assert f'<div class="{state["place"]}">' in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
    assert "run 7" in bundle["text/html"]
    assert "run 7" in bundle["text/plain"]
    assert state["given"] == {
        "filter": "metrics.accuracy > 0.5",
        "project": "default",
        "sort": "metrics.loss",
        "lower": None,
    }
    assert "@keyframes maestro-placed" in state["_css"]


def test_the_columns_that_tell_most_are_shown_first(kernel: Kernel, table: str) -> None:
    said = kernel.ask(table, "setup", filter="").said
    assert [column["key"] for column in said["shown"]] == [
        *("id", "status", "start_time", "duration"),
        *("accuracy", "loss", "depth"),
    ]
    assert {"entity": "tag", "key": "team"} in said["known"]
    assert {"entity": "metric", "key": "loss", "ranked": True, "lower": True} in said["known"]
    assert said["sort"] is None


def test_rows_come_in_parts_that_later_runs_do_not_move(kernel: Kernel, table: str) -> None:
    first = rows(kernel, table, limit=3)
    assert (first["total"], [row["name"] for row in first["rows"]]) == (9, ["strange", "run 7", "run 6"])
    kernel.run("with maestro.start_run('late', project='other'): maestro.log({'accuracy': 0.1})")
    kernel.run("maestro.flush()")
    then = rows(kernel, table, offset=3, limit=2, newest=first["newest"])
    assert [row["name"] for row in then["rows"]] == ["run 5", "run 4"]
    assert "total" not in then


def test_rows_are_filtered_and_ordered(kernel: Kernel, table: str) -> None:
    said = rows(
        kernel,
        table,
        filter="params.depth >= 5",
        columns=[ID, ACCURACY, DEPTH],
        sort={"column": DEPTH, "descending": True},
    )
    assert [row["cells"][1:] for row in said["rows"]] == [[0.74, 7], [0.64, 6], [0.54, 5]]
    assert all(row["cells"][0] == row["id"] for row in said["rows"])
    strange = rows(kernel, table, filter="name = 'strange'")
    assert strange["rows"][0]["cells"] == ["∞"]


def test_a_wrong_filter_is_told_with_its_place(kernel: Kernel, table: str) -> None:
    said = kernel.ask(table, "rows", filter="metrics.a >> 1", columns=[], offset=0, limit=1).content
    assert said["error"] == {
        "message": "The filter is wrong at character 12: expected a number or a text in quotes, found '>'.",
        "reason": "invalid",
        "hint": "",
    }


def test_the_best_run_is_named_whatever_is_seen(kernel: Kernel, table: str) -> None:
    best = kernel.ask(table, "best", filter="", metrics=["accuracy", "loss", "gone", "epoch"]).said["best"]
    assert set(best) == {"accuracy", "loss"}
    assert best["accuracy"] == best["loss"] == ids(kernel, table)["run 7"]


@pytest.mark.parametrize(("way", "best", "lower"), [("--min", "run 0", True), ("--max", "run 7", False)])
def test_the_best_is_the_end_that_was_asked_for(kernel: Kernel, way: str, best: str, lower: bool) -> None:
    table = kernel.widget(f"%maestro best accuracy {way}")
    said = kernel.ask(table, "best", filter="", metrics=["accuracy", "loss"]).said["best"]
    known = ids(kernel, table)
    assert said == {"accuracy": known[best], "loss": known["run 7"]}
    columns = {column["key"]: column for column in kernel.ask(table, "setup", filter="").said["known"]}
    assert (columns["accuracy"]["lower"], columns["loss"]["lower"]) == (lower, True)


def test_small_curves_come_as_bytes(kernel: Kernel, table: str) -> None:
    known = ids(kernel, table)
    asked = [known["run 1"], known["strange"], known["run 2"]]
    answer = kernel.ask(table, "sparks", runs=asked, metric="accuracy")
    assert answer.said == {"counts": [5, 0, 5]}
    assert struct.unpack("10d", answer.buffers[0])[:5] == pytest.approx((0.1, 0.11, 0.12, 0.13, 0.14))


def test_changes_are_told_once(kernel: Kernel, table: str) -> None:
    last = kernel.ask(table, "changes", after=-1).said["last"]
    kernel.run("with maestro.start_run('new') as new: maestro.log({'accuracy': 0.2})")
    said = kernel.ask(table, "changes", after=last).said
    (bundle,) = kernel.run("new.run_id").bundles
    assert [f"'{run}'" for run in said["runs"]] == [bundle["text/plain"]]
    assert kernel.ask(table, "changes", after=said["last"]).said["runs"] == []


def test_a_choice_is_shown_and_marked(kernel: Kernel, table: str) -> None:
    known = ids(kernel, table)
    two = [known["run 1"], known["run 2"]]
    assert "run 1" in kernel.ask(table, "show", runs=two[:1]).said["html"]
    assert kernel.ask(table, "tag", runs=two, key="stage", value="good").said == {"count": 2}
    assert kernel.ask(
        table, "note", runs=two, text="Look: sk-proj-abcdefghijklmnopqrstuvwxyz012345"
    ).said == {"count": 2}
    tagged = rows(kernel, table, filter="tags.stage = 'good'", columns=[{"entity": "tag", "key": "stage"}])
    assert {row["name"]: row["cells"] for row in tagged["rows"]} == {"run 1": ["good"], "run 2": ["good"]}
    noted = kernel.ask(table, "show", runs=two[:1]).said["text"]
    assert "Look:" in noted
    assert "abcdefghijklmnop" not in noted


def test_a_choice_is_put_away_and_taken_back(kernel: Kernel, table: str) -> None:
    known = ids(kernel, table)
    away = [known["run 1"], known["run 2"]]
    assert kernel.ask(table, "archive", runs=away, archived=True).said == {"count": 2}
    assert set(ids(kernel, table)) == set(known) - {"run 1", "run 2"}
    found = rows(kernel, table, filter="archived is not null", columns=[])["rows"]
    assert [(row["name"], row["archived"]) for row in found] == [("run 2", True), ("run 1", True)]
    assert kernel.ask(table, "archive", runs=away, archived=False).said == {"count": 2}
    assert ids(kernel, table) == known


def test_no_more_is_given_at_once_than_is_meant(kernel: Kernel, table: str) -> None:
    for kind, given_ in (
        ("rows", {"filter": "", "columns": [], "offset": 0, "limit": 501}),
        ("tag", {"runs": ["a"] * 51, "key": "a", "value": "b"}),
        ("sparks", {"runs": ["a"] * 201, "metric": "loss"}),
    ):
        assert kernel.ask(table, kind, **given_).content["error"]["reason"] == "invalid"


@settings(max_examples=40)
@given(
    st.sampled_from(["rows", "best", "sparks", "show", "compared", "tag", "changes", "setup"]),
    st.dictionaries(
        st.sampled_from(["filter", "columns", "offset", "limit", "runs", "metrics", "key", "after", "x"]),
        st.none() | st.integers() | st.text(max_size=30) | st.lists(st.text(max_size=5), max_size=3),
    ),
)
def test_no_message_harms_the_kernel(kernel: Kernel, table: str, kind: str, given: dict) -> None:
    said = kernel.ask(table, kind, **given).content
    assert "said" in said or said["error"]["reason"] in {"invalid", "not_found", "conflict"}
    assert kernel.run("1 + 1").bundles[0]["text/plain"] == "2"


def test_what_cannot_be_shown_is_refused(kernel: Kernel) -> None:
    said = kernel.run(
        "from maestro_jupyter.app import current\n"
        "from maestro_jupyter.widgets.runs import RunsTable\n"
        "RunsTable(current(), fliter='x')"
    )
    assert said.errors == ["There is no 'fliter' here; known are filter, project, sort, lower."]
    assert kernel.run("RunsTable(current(), filter=3)").errors == [
        "Expected `str`, got `int` - at `$.filter`."
    ]


def test_the_oldest_display_goes_back_to_its_static_form(kernel: Kernel) -> None:
    first = kernel.widget("%maestro runs")
    kernel.run("for _ in range(30): get_ipython().run_line_magic('maestro', 'runs')")
    kernel.run("1")
    assert first in kernel.closed


def test_without_its_script_a_view_says_so(kernel: Kernel) -> None:
    kernel.run("from pathlib import Path\nfrom maestro_jupyter.widgets import bundles")
    kernel.run("kept, bundles.FOLDER = bundles.FOLDER, Path('nowhere')")
    shown = kernel.run("%maestro runs")
    kernel.run("bundles.FOLDER = kept")
    assert shown.widgets == {}
    said = "The live form was not built, so this is the static one. Run `make widgets` in Maestro's sources."
    assert said in shown.bundles[0]["text/plain"]
    assert said.replace("'", "&#x27;") in shown.bundles[0]["text/html"]


def test_unloading_leaves_nothing(kernel: Kernel) -> None:
    opened = kernel.widget("%maestro runs")
    kernel.run("formatter = get_ipython().display_formatter.mimebundle_formatter")
    kernel.run("from maestro_jupyter.views import View")
    assert kernel.run("%unload_ext maestro_jupyter").errors == []
    assert opened in kernel.closed
    assert kernel.run("View in formatter.type_printers").bundles[0]["text/plain"] == "False"
    kernel.run("%load_ext maestro_jupyter")
