"""The dashboard in JupyterLab: a project and a metric are chosen, and what happens meanwhile is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lab import MARKS
from lab_homes import MANY, attacks, fill_with_attacks, fill_with_many
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab import Lab, Notebook
    from playwright.sync_api import Browser, Locator

pytestmark = MARKS

LOAD = "%load_ext maestro_jupyter\nimport maestro_jupyter as maestro"
RUNS = """for n, score in enumerate([0.5, 0.9, 0.7]):
    with maestro.start_run(f'run {n}'): maestro.log({'accuracy': score, 'loss': 1 - score})
with maestro.start_run('elsewhere', project='other'): maestro.log({'rmse': 3.0})"""
LATER = "with maestro.start_run('fails'): 1 / 0"


def board_in(notebook: Notebook, place: int) -> Locator:
    board = notebook.run(place).locator(".maestro-widget")
    expect(board.get_by_role("heading").first).to_be_visible(timeout=30_000)
    return board


@pytest.mark.parametrize("dark", [False, True])
def test_a_project_and_a_metric_are_chosen_and_runs_are_seen_to_go_on(
    start: Callable[..., Lab], browser: Browser, axe: Callable[[Locator], None], dark: bool
) -> None:
    notebook = start(dark=dark).open(browser, f"{LOAD}\n{RUNS}", "%maestro dashboard", LATER)
    notebook.run(0)
    board = board_in(notebook, 1)
    expect(board.get_by_role("img", name="The best accuracy went from 0.5 to 0.9")).to_be_visible()
    axe(board)
    metric, project = board.get_by_label("Metric"), board.get_by_label("Project", exact=True)
    metric.select_option("loss")
    expect(board.get_by_role("img", name="The best loss went from 0.5 to 0.1")).to_be_visible()
    expect(board.get_by_text("Lower is better, as guessed from the name.")).to_be_visible()
    project.select_option("other")
    expect(board.get_by_role("heading", name="Best rmse so far")).to_be_visible()
    expect(metric).to_have_value("rmse")
    project.select_option("All projects")
    expect(board.get_by_role("table", name="Projects")).to_contain_text("other")
    expect(board.get_by_role("img", name="4 runs on 1 day, at most 4 a day")).to_be_visible()
    # What nobody sees does not ask.
    notebook.run(2)
    board.scroll_into_view_if_needed()
    expect(board.get_by_role("table", name="Latest failures")).to_contain_text("ZeroDivisionError")
    expect(board.get_by_text("1 (20 %)").first).to_be_visible()
    axe(board)

    saved = notebook.save()
    assert "<script" not in saved.cells[1].outputs[0].data["text/html"]
    assert "Best accuracy so far" in saved.cells[1].outputs[0].data["text/plain"]
    notebook.reload()
    board = notebook.output(1).locator(".maestro-widget")
    expect(board.get_by_label("Project", exact=True)).to_have_value("", timeout=30_000)
    expect(board.get_by_role("heading", name="Experiments in all projects")).to_be_visible()
    assert notebook.errors == []
    notebook.close()


def test_all_of_very_many_runs_are_counted(start: Callable[..., Lab], browser: Browser) -> None:
    notebook = start(fill_with_many).open(browser, LOAD, "%maestro dashboard --all")
    notebook.run(0)
    board = board_in(notebook, 1)
    expect(board.locator(".maestro-large").first).to_have_text(f"{MANY:,}")
    assert notebook.errors == []
    notebook.close()


def test_no_text_that_attacks_runs(start: Callable[..., Lab], browser: Browser) -> None:
    assert len(attacks()) >= 100
    notebook = start(fill_with_attacks).open(browser, LOAD, "%maestro dashboard --all")
    dialogs: list[str] = []
    notebook.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    notebook.run(0)
    board = board_in(notebook, 1)
    metric = board.get_by_label("Metric")
    for name in metric.locator("option").all_inner_texts():
        metric.select_option(label=name)
        expect(board).not_to_have_attribute("aria-busy", "true")
    notebook.page.wait_for_timeout(500)
    assert dialogs == []
    inside = ".maestro-widget :is(img, script, iframe, object, embed, base, link)"
    assert notebook.page.locator(inside).count() == 0
    assert notebook.errors == []
    notebook.close()
