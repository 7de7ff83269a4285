"""The side panel of the lab extension, as somebody sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


class Side:
    """The panel of a page, shown."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.element = page.locator("#maestro-jupyter-panel")
        if not self.element.is_visible():
            self.page.keyboard.press("Control+Alt+m")
        expect(self.element).to_be_visible()
        self.box = self.element.get_by_label("Filter of the runs")
        self.alert = self.element.locator(".maestro-runs [role=alert]")
        self.count = self.element.locator(".maestro-runs [role=status]")

    def run(self, place: int) -> Locator:
        return self.element.get_by_role("option").nth(place)

    def filter(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def scope(self, name: str) -> None:
        self.element.get_by_role("button", name=name, exact=True).click()

    def scroll_to(self, place: int) -> None:
        """Scroll until the run at this place is there: as far as goes each time, while more are fetched."""
        self.page.wait_for_function(
            """([rows, place]) => {
                rows.scrollTop = place * 46;
                return rows.querySelector(`[aria-posinset="${place + 1}"]`) !== null;
            }""",
            arg=[self.element.get_by_role("listbox").element_handle(), place],
        )

    def tab(self, name: str) -> None:
        self.element.get_by_role("tab", name=name).click()

    def button(self, name: str) -> Locator:
        return self.element.get_by_role("button", name=name, exact=True)


def status(page: Page) -> Locator:
    """Give Maestro's item in the status bar."""
    return page.locator(".maestro-status button")


def switch(page: Page) -> Locator:
    """Give the switch in the toolbar of the notebook that is seen."""
    return page.get_by_role("switch").and_(page.locator(".maestro-toggle button")).first


def view(page: Page) -> Locator:
    """Give the page in the main area that is seen."""
    return page.locator(".maestro-view-page:visible")


def command(page: Page, name: str) -> None:
    """Run a command from the palette."""
    page.keyboard.press("Control+Shift+c")
    page.locator(".lm-CommandPalette-input:visible, .jp-SearchIconGroup input:visible").fill(name)
    page.locator(".lm-CommandPalette-item:visible").filter(has_text=name).click()
