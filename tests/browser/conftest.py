"""A browser, and a JupyterLab that the tests of a module share."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import PLAIN, Lab

from maestro_jupyter.widgets.bundles import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "maestro_jupyter" / "labextension" / "package.json"
AXE = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """Leave the event loop to the browser."""


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """Clean up nothing: no server is in this process."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("The browser tests need chromium: install it, as with apt-get install chromium.")
    if not (FOLDER / "runs.js").exists():
        pytest.fail("The widgets were not built: run `make widgets`.")
    if not EXTENSION.exists():
        pytest.fail("The lab extension was not built: run `make labextension`.")
    # Chromium's own sandbox cannot be used by root.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    options.append(f"--host-resolver-rules=MAP {PLAIN} 127.0.0.1")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=options)
        yield started
        started.close()


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Lab]]:
    """Give a function that starts a server, once its data folder is filled."""
    started = []

    def begin(fill: Callable[[Path], None] = lambda _: None, **options: object) -> Lab:
        folder = tmp_path_factory.mktemp("lab")
        fill(folder / "maestro")
        started.append(Lab(folder, **options))
        return started[-1]

    yield begin
    for lab in started:
        lab.stop()


@pytest.fixture
def axe() -> Callable[[Locator], None]:
    """Give a function that looks for what keeps people from using an element."""
    script = AXE.read_text(encoding="utf-8")

    def look(element: Locator) -> None:
        page = element.page
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(script)
        found = element.evaluate("async element => (await axe.run(element)).violations")
        serious = [one for one in found if one["impact"] in {"serious", "critical"}]
        assert not serious, json.dumps(serious, indent=1)[:4000]

    return look
