"""Suggestions in the side panel: what of the library fits the notebook, and what was tried in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab import MARKS
from lab_homes import attacks
from playwright.sync_api import expect
from side import Side, command

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab import Lab
    from playwright.sync_api import Browser, Locator

pytestmark = MARKS

LOAD = "%load_ext maestro_jupyter\nimport maestro_jupyter as maestro"
SHELF = f"""{LOAD}
maestro.register('wine ageing', {{'years': 3}}, description='How long barrels of claret age', tags=['barrels'])
maestro.register('limits', {{'low': 0}}, description='Where incomes are cut.');"""
DATA = """from sklearn.datasets import load_wine
X, y = load_wine(return_X_y=True, as_frame=True)"""


def fits(side: Side) -> Locator:
    return side.element.locator(".maestro-fits [data-artifact]")


def test_what_fits_the_notebook_is_told_with_its_reasons_and_inserted(
    start: Callable[..., Lab], browser: Browser, axe: Callable[[Locator], None]
) -> None:
    lab = start()
    shelf = lab.open(browser, SHELF)
    shelf.run(0)
    shelf.close()
    notebook = lab.open(browser, "''", LOAD, DATA)
    page = notebook.page
    command(page, "Show Suggestions")
    side = Side(page)
    expect(side.element.get_by_role("tab", name="Suggestions")).to_have_attribute("aria-selected", "true")
    nothing = side.element.get_by_text("Nothing that the library holds fits this notebook.")
    # Where it is looked by meaning, too, a model is loaded first.
    expect(nothing).to_be_visible(timeout=90_000)

    notebook.type(0, "# claret in barrels: how long does it age?\nclaret_barrels = 3")
    expect(fits(side)).to_have_count(1, timeout=30_000)
    expect(fits(side)).to_contain_text("wine ageing:1")
    expect(fits(side)).to_contain_text(re.compile("words of the notebook: .*claret"))
    fits(side).get_by_text("Preview").click()
    expect(fits(side)).to_contain_text("Nobody has used it yet.")
    expect(fits(side).get_by_role("heading").first).to_be_visible()
    axe(side.element)
    notebook.cell(0).locator(".jp-InputPrompt").click()
    side.button("Insert wine ageing:1").click()
    expect(notebook.cell(1)).to_contain_text('wine_ageing = maestro.use("wine ageing:1")')
    # What the notebook uses is not suggested to it.
    expect(nothing).to_be_visible(timeout=30_000)

    side.button("Insert %maestro suggest X y").click()
    expect(notebook.cell(2)).to_contain_text("%load_ext maestro_jupyter")
    expect(notebook.cell(2)).to_contain_text("%maestro suggest X y")
    notebook.run(3)
    page.reload()
    notebook.ready()
    expect(side.element.get_by_role("tab", name="Suggestions")).to_have_attribute("aria-selected", "true")
    expect(side.element.get_by_role("region", name="Models to try")).to_be_visible()
    assert notebook.errors == []
    notebook.close()


def test_what_was_tried_is_shown_beside_its_forecast(
    start: Callable[..., Lab], browser: Browser, axe: Callable[[Locator], None]
) -> None:
    notebook = start(dark=True).open(browser, f"{LOAD}\n1", f"{DATA}\n1", "")
    page = notebook.page
    side = Side(page)
    side.element.get_by_role("tab", name="Runs").focus()
    page.keyboard.press("ArrowLeft")
    expect(side.element.get_by_role("tab", name="Suggestions")).to_be_focused()
    models = side.element.get_by_role("region", name="Models to try")
    notebook.run(0)
    notebook.run(1)
    expect(models.get_by_text("%maestro suggest X y", exact=True)).to_be_visible(timeout=30_000)
    notebook.type(2, "%maestro suggest X y -n 2 --try 1")
    notebook.run(2)
    tried = models.get_by_role("listitem")
    expect(tried).to_have_count(1, timeout=60_000)
    expect(tried).to_contain_text(re.compile(r"balanced_accuracy expected: 0\.\d+ \(0\.\d+ to [01]\.?\d*\)"))
    expect(tried).to_contain_text(re.compile(r"came out at [01]\.?\d*, . \w+ the interval"))
    axe(side.element)
    tried.get_by_role("button").click()
    expect(page.locator(".maestro-view-page:visible")).to_contain_text("suggestion.config")
    assert notebook.errors == []
    notebook.close()


def test_without_names_or_a_notebook_it_is_said_what_to_do(
    start: Callable[..., Lab], browser: Browser
) -> None:
    notebook = start().open(browser, "")
    side = Side(notebook.page)
    side.tab("Suggestions")
    expect(side.element.get_by_text("The notebook is empty: there is nothing to go by yet.")).to_be_visible()
    models = side.element.get_by_role("region", name="Models to try")
    expect(models).to_contain_text("Run %maestro suggest with the names of a table and of its target")
    command(notebook.page, "Insert a Cell That Suggests Models")
    expect(notebook.page.locator(".jp-Notebook .jp-Cell")).to_have_count(1)
    notebook.type(0, "model.fit(table, labels)")
    expect(models).to_contain_text("%maestro suggest table labels", timeout=30_000)
    command(notebook.page, "Insert a Cell That Suggests Models")
    expect(notebook.cell(1)).to_contain_text("%maestro suggest table labels")
    assert notebook.errors == []
    notebook.close()


def test_no_text_that_attacks_runs(start: Callable[..., Lab], browser: Browser) -> None:
    assert len(attacks()) >= 100
    words = ["claret", "barrels", "vintage", "tannin", "cellars"]
    register = f"""{LOAD}
attacks = {attacks()!r}
for n, word in enumerate({words!r}):
    maestro.register(f'part {{n}}', {{'a': n}}, description=' '.join([word, *attacks[n::5]]), tags=[attacks[n][:60]])"""
    tried = f"""{LOAD}
for attack in {attacks()[::40]!r}:
    tags = {{'suggestion.config': attack, 'suggestion.metric': attack, 'suggestion.mean': attack}}
    try:
        with maestro.start_run(attack, tags=tags): raise ValueError(attack)
    except ValueError: pass"""
    lab = start()
    shelf = lab.open(browser, register)
    expect(shelf.run(0)).not_to_contain_text("Error")
    shelf.close()
    notebook = lab.open(browser, tried, "\n".join(f"{word} = {n}" for n, word in enumerate(words)))
    page = notebook.page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    notebook.run(0)
    side = Side(page)
    side.tab("Suggestions")
    expect(fits(side)).to_have_count(len(words), timeout=90_000)
    for fit in fits(side).all():
        fit.get_by_text("Preview", exact=True).click()
        expect(fit.get_by_role("heading").first).to_be_visible()
    expect(fits(side).first).to_contain_text("onerror=alert(")
    models = side.element.get_by_role("region", name="Models to try")
    expect(models.get_by_role("listitem")).to_have_count(min(5, len(attacks()[::40])))
    page.wait_for_timeout(500)
    assert dialogs == []
    inside = ".maestro-widget :is(img, script, iframe, object, embed, base, link)"
    assert page.locator(inside).count() == 0
    assert notebook.errors == []
    notebook.close()
