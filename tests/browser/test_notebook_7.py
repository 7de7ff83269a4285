"""Notebook 7, which has one notebook in a page: the live forms work in it, and so do the extension's parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab import MARKS
from playwright.sync_api import expect
from side import Side, command, switch, view

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab import Lab
    from playwright.sync_api import Browser

pytestmark = MARKS

FITS = """from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
X, y = load_wine(return_X_y=True, as_frame=True)
for C in (0.01, 10.0):
    model = LogisticRegression(C=C, max_iter=5000).fit(X[::2], y[::2])
    accuracy_score(y[1::2], model.predict(X[1::2]))"""


def test_live_forms_and_the_extension_work_beside_the_one_notebook(
    start: Callable[..., Lab], browser: Browser
) -> None:
    lab = start(program="notebook")
    notebook = lab.open(
        browser,
        "%load_ext maestro_jupyter",
        FITS,
        "%maestro runs",
        "%maestro suggest X y -n 2",
        "%maestro compare latest previous",
    )
    page, cells = notebook.page, notebook.page.locator(".jp-Notebook .jp-Cell")
    expect(switch(page)).to_have_attribute("data-recording", "not loaded")
    for place in range(5):
        notebook.run(place)
    expect(switch(page)).to_be_checked()
    expect(page.locator(".maestro-mark")).to_have_accessible_name(re.compile("^Run LogisticRegression"))

    table = notebook.output(2).locator(".maestro-widget")
    expect(table.get_by_role("row")).to_have_count(3)
    table.get_by_role("row").nth(1).click()
    table.get_by_role("button", name="Open notebook").click()
    expect(cells).to_have_count(5)
    expect(
        notebook.output(4).locator(".maestro-widget").get_by_role("row", name=re.compile("^C 10 0.01"))
    ).to_be_visible()

    suggestions = notebook.output(3).locator(".maestro-widget")
    card = suggestions.get_by_role("listitem").first
    card.get_by_role("button", name="Insert code").click()
    expect(notebook.cell(4).locator(".jp-InputArea-editor")).to_contain_text("cross_val_score")
    card.get_by_role("button", name="Try it").click()
    link = card.locator(".maestro-run-link")
    expect(link).to_be_visible(timeout=60_000)
    link.click()
    expect(view(page)).to_contain_text("suggestion.config")

    # Notebook 7 itself would close the notebook that is asked for, and open it in another tab.
    view(page).get_by_role("button", name=notebook.name).click()
    expect(cells).to_have_count(6)
    assert page.context.pages == [page]

    side = Side(page)
    expect(side.count).to_have_text("3 runs")
    side.run(1).click()
    side.run(2).click(modifiers=["Control"])
    side.button("Compare").click()
    expect(view(page).get_by_role("row", name=re.compile("^C 0.01 10$"))).to_be_visible()
    command(page, "Open the Dashboard")
    expect(view(page)).to_contain_text("Best accuracy_score so far")
    assert notebook.errors == []

    other = lab.open(browser, "1")
    side = Side(other.page)
    side.scope("All")
    side.run(0).dblclick()
    with other.page.context.expect_page() as opened:
        view(other.page).get_by_role("button", name=notebook.name).click()
    expect(opened.value.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=30_000)
    assert other.errors == []
    other.close()
    notebook.close()
