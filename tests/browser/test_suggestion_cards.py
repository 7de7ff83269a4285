"""Suggestions in JupyterLab: their code goes where it can go, and one is tried from its card."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab import MARKS
from playwright.sync_api import expect
from side import view

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab import Lab
    from playwright.sync_api import Browser, Locator

pytestmark = MARKS

DATA = """%load_ext maestro_jupyter
from sklearn.datasets import load_wine
X, y = load_wine(return_X_y=True, as_frame=True)"""


def test_a_card_is_inserted_and_tried(
    start: Callable[..., Lab], browser: Browser, axe: Callable[[Locator], None]
) -> None:
    notebook = start(dark=True).open(browser, DATA, "%maestro suggest X y -n 2")
    notebook.run(0)
    cards = notebook.run(1).locator(".maestro-widget")
    card = cards.get_by_role("listitem").first
    expect(card.get_by_text(re.compile("^expected 0"))).to_be_visible(timeout=30_000)
    card.get_by_text("Evidence").click()
    expect(card.get_by_text(re.compile("datasets that are most alike"))).to_be_visible()
    axe(cards)

    card.get_by_role("button", name="Insert code").click()
    expect(cards.get_by_text("The code is in the cell below.")).to_be_visible()
    expect(notebook.cell(2).locator(".jp-InputArea-editor")).to_contain_text("model.fit(X, y)")
    expect(notebook.run(2)).to_contain_text("balanced_accuracy: ")

    card.get_by_role("button", name="Try it").click()
    card.get_by_role("button", name="Stop").click()
    expect(cards.get_by_text(re.compile("^Stopped "))).to_be_visible(timeout=60_000)
    expect(card.get_by_role("button", name="Try it")).to_be_focused()
    card.get_by_role("button", name="Try it").click()
    expect(card.get_by_text(re.compile(r"the interval \(run [0-9a-f]{8}\)"))).to_be_visible(timeout=60_000)
    expect(card.get_by_role("button", name="Try it")).to_be_hidden()
    axe(cards)
    assert notebook.errors == []
    notebook.close()


def test_the_links_to_runs_open_them_from_cards_and_outputs(
    start: Callable[..., Lab], browser: Browser
) -> None:
    outputs = "maestro.suggest(X, y, n=1).try_all()"
    notebook = start().open(
        browser, f"{DATA}\nimport maestro_jupyter as maestro", outputs, "maestro.suggest(X, y, n=1)"
    )
    page = notebook.page
    notebook.run(0)
    link = notebook.run(1).locator(".maestro-run-link")
    look = "link => { const { color, textDecorationLine } = getComputedStyle(link); return [color, textDecorationLine]; }"
    around = notebook.output(1).locator("td").first.evaluate(look)
    assert link.evaluate(look)[0] != around[0]
    assert link.evaluate(look)[1] == "underline"
    run = link.inner_text()
    link.click()
    expect(view(page)).to_contain_text(run)
    page.locator(".lm-DockPanel-tabBar").get_by_text(notebook.name).click()

    tried = notebook.run(2).get_by_role("table").locator(".maestro-run-link")
    expect(tried).to_have_text(run, timeout=30_000)
    page.keyboard.press("Tab")
    expect(tried).to_have_attribute("role", "link")
    tried.focus()
    page.keyboard.press("Enter")
    expect(view(page)).to_contain_text("suggestion.config")
    assert notebook.errors == []
    notebook.close()


def test_code_keeps_its_lines(start: Callable[..., Lab], browser: Browser) -> None:
    notebook = start().open(browser, DATA, "%maestro suggest X y -n 1")
    notebook.run(0)
    card = notebook.run(1).locator(".maestro-widget").get_by_role("listitem")
    expect(
        card.get_by_text(re.compile("^expected 0[.][0-9]{3} .0[.][0-9]{3} to [01][.][0-9]{3}[)],"))
    ).to_be_visible(timeout=30_000)
    card.get_by_text("Code", exact=True).click()
    # A line that wraps has several boxes.
    boxes = """code => {
        const lines = document.createRange();
        lines.selectNodeContents(code);
        return new Set([...lines.getClientRects()].map(box => box.top)).size;
    }"""
    code = card.locator("code")
    written = [line for line in code.inner_text().splitlines() if line]
    assert any(len(line) > 60 for line in written), "short lines wrap nowhere"
    assert code.evaluate(boxes) <= len(code.inner_text().splitlines())
    notebook.close()
