"""JupyterLab and Notebook 7 as somebody uses them: a server with a real token, a notebook in a real browser."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import subprocess
import sys
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from free_ports import free_port
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

MARKS = [
    pytest.mark.browser,
    # The server's and the browser's libraries are at fault.
    pytest.mark.filterwarnings("default::DeprecationWarning"),
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.filterwarnings("default::pytest.PytestUnraisableExceptionWarning"),
]
"""The marks of every file of browser tests."""

BASE = "/a%40b/"
PLAIN = "plain.test"
"""Another name of the server's host, whose pages browsers take for insecure: what they give only to others is missing."""

RESTARTED = "Could not restore the debugger state: Canceled future"
"""What JupyterLab's own debugger says if the kernel is restarted while it asks."""

_PACKAGE = Path(str(find_spec("maestro_jupyter").origin)).parent


class Lab:
    """A server on a folder of notebooks, and the data folder beside it."""

    def __init__(
        self, folder: Path, *, dark: bool = False, maestro: bool = True, program: str = "jupyterlab"
    ) -> None:
        self.folder = folder
        self.program = program
        self.home = folder / "maestro"
        self.notebooks = folder / "notebooks"
        self.notebooks.mkdir(parents=True)
        self._set("notification", {"fetchNews": "false", "checkForUpdates": False})
        self._set("themes", {"theme": "JupyterLab Dark" if dark else "JupyterLab Light"})
        self._link()
        self.token = secrets.token_hex(16)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}{BASE}"
        folders = {
            f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")
        }
        own = {
            "MAESTRO_HOME": str(self.home),
            "PYTHONPATH": str(_PACKAGE.parent),
            "JUPYTER_PREFER_ENV_PATH": "0",  # this extension, not another that the environment has
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        }
        self.log = folder / "lab.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", program, "--no-browser", "--allow-root"),
                    f"--ServerApp.port={self.port}",
                    "--ServerApp.port_retries=0",
                    f"--ServerApp.base_url={BASE}",
                    f"--ServerApp.local_hostnames={PLAIN}",
                    f"--ServerApp.root_dir={self.notebooks}",
                    f"--IdentityProvider.token={self.token}",
                    f"--ServerApp.jpserver_extensions={{'maestro_jupyter': {maestro}}}",
                    "--LabApp.extension_manager=readonly",
                ],
                env=os.environ | folders | own,
                stdout=log,
                stderr=log,
            )
        self._wait()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def open(self, browser: Browser, *cells: str, name: str = "", url: str = "") -> Notebook:
        """Open a notebook with these cells in a page of its own, by another address than the usual one if told."""
        name = self.write(*cells, name=name)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        kind = Notebook7 if self.program == "notebook" else Notebook
        return kind(self, page, name, url or self.url)

    def write(self, *cells: str, name: str = "") -> str:
        """Write a notebook with these cells, and give its name."""
        name = name or f"{secrets.token_hex(4)}.ipynb"
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(made, self.notebooks / name)
        return name

    def _set(self, name: str, values: dict[str, object]) -> None:
        """Set something of JupyterLab's own."""
        path = self.folder / "settings" / "@jupyterlab" / "apputils-extension" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))

    def _link(self) -> None:
        """Put the extension where this JupyterLab looks for it, as `make lab` does."""
        link = self.folder / "data" / "labextensions" / "maestro-jupyter"
        link.parent.mkdir(parents=True)
        link.symlink_to(_PACKAGE / "labextension", target_is_directory=True)

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}api?token={self.token}"):
                return
            time.sleep(0.1)
        self.stop()
        raise AssertionError(self.log.read_text())


class Notebook:
    """A notebook that is open in a page."""

    path = "lab/tree/"
    own_errors: tuple[str, ...] = (RESTARTED,)
    """What the program says that shows it, without any extension."""

    def __init__(self, lab: Lab, page: Page, name: str, url: str) -> None:
        self.lab = lab
        self.page = page
        self.name = name
        self.errors: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._failed(str(error)))
        page.goto(f"{url}{self.path}{name}?token={lab.token}&reset")
        self.ready()

    def ready(self) -> None:
        """Wait until the kernel can be asked."""
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=20_000)
        status = self.page.locator("#jp-main-statusbar").get_by_text("Python 3 (ipykernel) | Idle")
        status.wait_for(timeout=60_000)

    def run(self, place: int) -> Locator:
        """Run a cell and give its output, once it is done."""
        self.start(place)
        expect(self._prompt(place)).to_have_text(re.compile(r"\[\d+\]:"), timeout=30_000)
        return self.output(place)

    def start(self, place: int) -> None:
        """Run a cell, and wait for nothing but its beginning."""
        before = self._prompt(place).inner_text()
        # A page takes keys before its kernel is connected for good, and forgets them then.
        for _ in range(20):
            self.cell(place).locator(".jp-InputArea-editor").click()
            self.page.keyboard.press("Control+Enter")
            self.page.wait_for_timeout(300)
            if self._prompt(place).inner_text() != before:
                return
        raise AssertionError(before)

    def type(self, place: int, text: str) -> None:
        """Type a cell, as the one after those that are there if it is none of them."""
        if self.page.locator(".jp-Notebook .jp-Cell").count() == place:
            self.cell(place - 1).locator(".jp-InputPrompt").click()
            self.page.keyboard.press("b")
        self.cell(place).locator(".cm-content").fill(text)

    def _prompt(self, place: int) -> Locator:
        return self.cell(place).locator(".jp-InputArea-prompt")

    def cell(self, place: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(place)

    def output(self, place: int) -> Locator:
        return self.cell(place).locator(".jp-OutputArea")

    def save(self) -> nbformat.NotebookNode:
        """Save it, and give what is in its file."""
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".lm-DockPanel-tabBar .jp-mod-dirty")).to_have_count(0, timeout=30_000)
        return nbformat.read(self.lab.notebooks / self.name, 4)

    def reload(self) -> None:
        self.page.reload()
        self.ready()

    def restart(self) -> None:
        """Begin with a new kernel."""
        self.page.locator(".jp-NotebookPanel-toolbar").get_by_title("Restart the kernel", exact=True).click()
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.ready()

    def close(self) -> None:
        self.page.close()

    def _said(self, message) -> None:
        if message.type == "error":
            print(message.text, message.location["url"])
            self._failed(message.text)

    def _failed(self, error: str) -> None:
        if not error.startswith(self.own_errors):
            self.errors.append(error)


class Notebook7(Notebook):
    """A notebook that is open in Notebook 7, in a page that has nothing else."""

    path = "notebooks/"
    own_errors = (
        "Cannot read properties of undefined (reading 'schema')",
        # It lets go of a notebook at once that it opens in another tab.
        "Cannot read properties of null (reading 'updateRenderOption')",
    )

    def ready(self) -> None:
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=20_000)
        self.page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
        # The toolbar says idle before there is a kernel.
        self.page.locator(".maestro-toggle button:not([data-recording='no kernel'])").wait_for()
