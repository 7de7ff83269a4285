"""Suggestions in JupyterLab: their code goes where it can go, and one is tried from its card."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab import MARKS
from playwright.sync_api import expect

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
