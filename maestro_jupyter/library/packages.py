"""Where modules come from: an installed distribution, Python itself, or the user's own files."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import site
import sys
import sysconfig
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable


LOADED = "maestro_library_"
"""How the names of modules begin that the library has made of source: what is in them is the user's."""


def is_own(module: str) -> bool:
    """Tell whether a module is a file of the user's: imported, and neither Python's nor installed.

    Examples
    --------
    >>> is_own("json"), is_own("sys"), is_own("no.such.module")
    (False, False, False)
    """
    if module.startswith(LOADED):
        return module in sys.modules
    file = getattr(sys.modules.get(module), "__file__", None)
    known = {*sys.stdlib_module_names, __name__.partition(".")[0], "__main__"}
    if module.partition(".")[0] in known or not isinstance(file, str):
        return False
    path = Path(file).resolve()
    return not any(path.is_relative_to(folder) for folder in _installed_folders())


def requirements(modules: Iterable[str]) -> dict[str, str]:
    """Give the distributions that modules come from, with their versions, and Python's own.

    Examples
    --------
    >>> sorted(requirements(["json", "numpy.linalg"]))
    ['numpy', 'python']
    """
    tops = {module.partition(".")[0] for module in modules}
    found = {"python": platform.python_version()}
    tops -= sys.stdlib_module_names
    if not tops <= set(_distributions()):
        _distributions.cache_clear()  # one may have been installed since
    for top in sorted(tops):
        for distribution in _distributions().get(top, []):
            found[distribution] = importlib.metadata.version(distribution)
    return found


@lru_cache(maxsize=1)
def _distributions() -> dict[str, list[str]]:
    return {top: sorted(set(names)) for top, names in importlib.metadata.packages_distributions().items()}


@lru_cache(maxsize=1)
def _installed_folders() -> tuple[Path, ...]:
    paths = sysconfig.get_paths()
    folders = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {*site.getsitepackages(), site.getusersitepackages()}
    return tuple(Path(folder).resolve() for folder in folders | set(_editable_folders()))


def _editable_folders() -> Iterable[str]:
    """Give the folders of distributions that are installed from where they are worked on."""
    for distribution in importlib.metadata.distributions():
        text = distribution.read_text("direct_url.json")
        if text is None:
            continue
        told = json.loads(text)
        if told.get("dir_info", {}).get("editable"):
            yield from _package_folders(Path(unquote(urlsplit(told["url"]).path)), distribution.name)


def _package_folders(root: Path, distribution: str) -> Iterable[str]:
    """Give where a project has its package; beside it are tests and scripts, which nobody else imports."""
    name = distribution.replace("-", "_").replace(".", "_")
    found = [folder for folder in (root / name, root / "src" / name) if folder.is_dir()]
    yield from map(str, found or [root])
