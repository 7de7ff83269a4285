"""The table of runs in JupyterLab: very many runs, the keyboard alone, live runs, reloads, and texts that attack."""

from __future__ import annotations

import re
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
RUNS = "%maestro runs"


@pytest.fixture(scope="module")
def lab(start: Callable[..., Lab]) -> Lab:
    return start()


@pytest.fixture(scope="module")
def lab_of_many(start: Callable[..., Lab]) -> Lab:
    return start(fill_with_many)


def table_in(notebook: Notebook, place: int) -> Locator:
    table = notebook.run(place).locator(".maestro-widget")
    expect(table.locator("[role=row][data-row]").first).to_be_visible(timeout=30_000)
    return table


def cell(table: Locator, row: int, column: int) -> Locator:
    return table.locator(f"[data-row='{row}'] [data-column='{column}']")


def test_very_many_runs_are_filtered_ordered_and_scrolled(
    lab_of_many: Lab, browser: Browser, axe: Callable[[Locator], None]
) -> None:
    notebook = lab_of_many.open(browser, LOAD, RUNS)
    notebook.run(0)
    table = table_in(notebook, 1)
    grid = table.get_by_role("grid")
    expect(table.get_by_text("100,000 runs.")).to_be_visible()
    expect(grid).to_have_attribute("aria-rowcount", str(MANY + 1))
    expect(cell(table, 0, 0)).to_have_text(f"run {MANY - 1}")
    # The best is at the end of another order; its mark is where it stands.
    expect(cell(table, 0, 5)).to_contain_text("★")
    axe(table)

    grid.evaluate("grid => { grid.scrollTop = grid.scrollHeight }")
    expect(cell(table, MANY - 1, 0)).to_have_text("run 0")
    assert grid.locator("[data-row]").count() < 60

    accuracy = table.get_by_role("columnheader", name="accuracy")
    accuracy.click()
    expect(accuracy).to_have_attribute("aria-sort", "descending")
    expect(cell(table, 0, 0)).to_have_text(f"run {MANY - 1}")
    accuracy.click()
    expect(accuracy).to_have_attribute("aria-sort", "ascending")
    expect(cell(table, 0, 0)).to_have_text("run 0")

    box = table.get_by_label("Filter of the runs")
    box.fill("metrics.accuracy >= 0.5 and params.depth = 3")
    box.press("Enter")
    expect(table.get_by_text(re.compile(r"2,94\d runs\."))).to_be_visible()
    box.fill("metrics.accuracy >> 0.5")
    box.press("Enter")
    said = "The filter is wrong at character 19: expected a number or a text in quotes, found '>'."
    expect(table.get_by_role("alert")).to_have_text(said)
    expect(box).to_have_attribute("aria-invalid", "true")
    assert box.evaluate("box => box.selectionStart") == 18
    expect(table.get_by_text(re.compile(r"2,94\d runs\."))).to_be_visible()
    assert notebook.errors == []
    notebook.close()


def test_the_keyboard_does_everything(lab: Lab, browser: Browser, axe: Callable[[Locator], None]) -> None:
    fit = "for n in range(40):\n    with maestro.start_run(f'run {n}', params={'n': n}): maestro.log({'acc': n / 40})"
    notebook = lab.open(browser, f"{LOAD}\n{fit}", RUNS)
    notebook.run(0)
    table = table_in(notebook, 1)
    press = notebook.page.keyboard.press
    focused = notebook.page.locator("*:focus")

    table.get_by_label("Filter of the runs").focus()
    for _ in range(3):
        press("Tab")
    expect(focused).to_have_attribute("role", "columnheader")
    press("ArrowDown")
    expect(focused).to_have_text("run 39")
    press("Control+End")
    expect(focused).to_have_attribute("data-column", "6")
    expect(table.locator("[data-row='39'] :focus")).to_be_visible()
    press("Home")
    expect(focused).to_have_text("run 0")
    press("PageUp")
    press("PageUp")
    press("PageUp")
    press("PageUp")
    expect(focused).to_have_text("run 39")
    press("Space")
    press("ArrowDown")
    press("Space")
    expect(table.get_by_text("40 runs. 2 runs chosen.")).to_be_visible()
    expect(table.locator("[aria-selected=true]")).to_have_count(2)
    press("Tab")
    expect(focused).to_have_text("Diff")
    press("Enter")
    panel = table.get_by_role("region", name="What changed")
    expect(panel).to_contain_text("0.975")
    axe(table)
    press("Escape")
    expect(panel).to_be_hidden()
    expect(focused).to_have_text("Diff")
    press("Tab")
    press("Tab")
    press("Enter")
    expect(focused).to_have_attribute("aria-label", "note")
    notebook.page.keyboard.type("worth another look")
    press("Enter")
    expect(table.get_by_text("Note: saved for 2 runs.")).to_be_visible()
    press("Shift+Tab")
    # A letter is none of the notebook's commands while the table has the focus.
    cell(table, 1, 0).focus()
    press("d")
    press("d")
    press("Enter")
    expect(table.get_by_role("region", name="run 38")).to_contain_text("worth another look")
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == 2
    assert notebook.errors == []
    notebook.close()


def test_a_run_appears_while_its_cell_is_running(lab: Lab, browser: Browser) -> None:
    loop = (
        "import time\n"
        "with maestro.start_run('live one', project='live'):\n"
        "    for step in range(600):\n"
        "        maestro.log({'loss': 1 / (step + 1)}, step=step); time.sleep(0.1)"
    )
    setup = f"{LOAD}\n%maestro project live\nwith maestro.start_run('before'): maestro.log({{'loss': 1.0}})"
    notebook = lab.open(browser, setup, RUNS, loop)
    notebook.run(0)
    table = table_in(notebook, 1)
    notebook.start(2)
    expect(cell(table, 0, 0)).to_have_text("live one", timeout=30_000)
    expect(cell(table, 0, 2)).to_have_text("● running")
    expect(notebook.cell(2).locator(".jp-InputArea-prompt")).to_have_text("[*]:")
    notebook.page.locator(".jp-NotebookPanel-toolbar").get_by_title("Interrupt the kernel").click()
    expect(cell(table, 0, 2)).to_have_text("■ killed", timeout=30_000)
    assert notebook.errors == []
    notebook.close()


def test_what_is_saved_is_static_and_what_is_loaded_anew_is_as_it_was(lab: Lab, browser: Browser) -> None:
    fit = "for loss in (2.0, 1.0):\n    with maestro.start_run('kept', project='kept'): maestro.log({'loss': loss})"
    notebook = lab.open(browser, f"{LOAD}\n%maestro project kept\n{fit}", RUNS)
    notebook.run(0)
    table = table_in(notebook, 1)
    table.get_by_label("Filter of the runs").fill("metrics.loss = 1")
    table.get_by_role("button", name="Filter").click()
    expect(table.get_by_text("1 run.")).to_be_visible()

    saved = notebook.save()
    assert "widgets" not in saved.metadata
    assert set(saved.cells[1].outputs[0].data) == {"text/html", "text/plain"}
    assert "kept" in saved.cells[1].outputs[0].data["text/html"]
    assert "<script" not in saved.cells[1].outputs[0].data["text/html"]

    notebook.reload()
    table = notebook.output(1).locator(".maestro-widget")
    expect(table.get_by_label("Filter of the runs")).to_have_value("metrics.loss = 1", timeout=30_000)
    expect(cell(table, 0, 0)).to_have_text("kept")

    notebook.restart()
    expect(notebook.output(1).locator(".maestro-widget")).to_have_count(0, timeout=30_000)
    expect(notebook.output(1).locator("table.maestro-table")).to_be_visible()
    notebook.reload()
    expect(notebook.output(1).locator("table.maestro-table")).to_contain_text("kept")
    expect(notebook.output(1)).not_to_contain_text("Error")
    assert notebook.errors == []
    notebook.close()


def test_no_text_that_attacks_runs(start: Callable[..., Lab], browser: Browser) -> None:
    assert len(attacks()) >= 100
    notebook = start(fill_with_attacks).open(browser, LOAD, f"{RUNS} -n 200", "%maestro best accuracy")
    dialogs: list[str] = []
    notebook.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    notebook.run(0)
    table = table_in(notebook, 1)
    grid = table.get_by_role("grid")
    table.get_by_role("button", name="Columns").click()
    for box in table.get_by_role("checkbox").all():
        box.check()
    table.get_by_role("button", name="Columns").click()
    for place in range(0, len(attacks()), 8):
        grid.evaluate("(grid, place) => { grid.scrollTop = place * 28 }", place)
        expect(cell(table, place, 0)).not_to_have_text("…")
    cell(table, place, 0).click()
    cell(table, place - 1, 0).click(modifiers=["Control"])
    for button, title in (("Diff", "What changed"), ("Compare", "Side by side")):
        table.get_by_role("button", name=button).click()
        expect(table.get_by_role("region", name=title)).to_be_visible()
    for attack in attacks()[:4]:
        table.get_by_role("button", name="Note…").click()
        table.get_by_role("textbox", name="note").fill(attack)
        table.get_by_role("button", name="Save").click()
        expect(table.locator(".maestro-panel")).to_be_hidden()
    cell(table, place, 0).dblclick()
    expect(table.get_by_role("region")).to_contain_text("onerror=alert(")
    table_in(notebook, 2)
    notebook.page.wait_for_timeout(500)
    assert dialogs == []
    assert (
        notebook.page.locator(".maestro-widget :is(img, script, iframe, object, embed, base, link)").count()
        == 0
    )
    assert notebook.errors == []
    notebook.close()
