"""The library in JupyterLab: found as one types, looked at, and inserted; descriptions that attack do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab import MARKS
from lab_homes import attacks
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab import Lab
    from playwright.sync_api import Browser, Locator

pytestmark = MARKS


def test_the_library_is_searched_as_one_types(
    start: Callable[..., Lab], browser: Browser, axe: Callable[[Locator], None]
) -> None:
    register = (
        "%load_ext maestro_jupyter\nimport maestro_jupyter as maestro\n"
        "scaler = maestro.register('scaler', {'low': 0}, description='Scales incomes.')\n"
        f"attacks = {attacks()!r}\n"
        "for number, attack in enumerate(attacks):\n"
        "    version = maestro.register(f'part {number}', {'n': number}, description=attack)"
    )
    notebook = start().open(browser, register, "%maestro search")
    dialogs: list[str] = []
    notebook.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    notebook.run(0)
    library = notebook.run(1).locator(".maestro-widget")
    expect(library.get_by_role("listitem")).to_have_count(20, timeout=30_000)
    library.get_by_role("button", name="Show more").click()
    expect(library.get_by_role("listitem")).to_have_count(100)
    library.get_by_role("button", name="Preview").last.click()
    expect(library.get_by_role("region")).to_be_visible()
    axe(library)

    library.get_by_label("Search the library").press_sequentially("incomes")
    # Where it is searched by meaning, too, a model is loaded first, and there are more hits.
    expect(library.get_by_role("listitem").first).to_contain_text("scaler:1", timeout=90_000)
    library.get_by_role("button", name="Preview scaler:1").click()
    expect(library.get_by_role("region", name="scaler:1")).to_contain_text("Scales incomes.")
    library.get_by_role("button", name="Insert scaler:1").click()
    expect(library.get_by_text("The code ")).to_be_visible()
    assert dialogs == []
    assert notebook.errors == []
    notebook.close()
