"""The interpreter, its packages and the machine, once a session."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
from typing import Any

import msgspec

from maestro_jupyter.events import EnvironmentSeen

_METADATA = (".dist-info", ".egg-info")


def environment() -> EnvironmentSeen:
    """Describe this interpreter; imports nothing and starts no process.

    Returns
    -------
    EnvironmentSeen
        Its digest covers all the rest.
    """
    python = f"{platform.python_implementation()} {platform.python_version()}"
    system, machine, found = platform.platform(), hardware(), packages()
    content = msgspec.json.encode([python, system, machine, found], order="sorted")
    return EnvironmentSeen(hashlib.sha256(content).hexdigest(), python, system, machine, found)


def packages() -> dict[str, str]:
    """Give the installed packages' versions by normalised name.

    The names of the metadata folders say both. `importlib.metadata` would parse every file in them, which
    takes some hundred milliseconds during which no cell runs.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            entries = os.listdir(folder or ".")  # noqa: PTH208 - of a Path it would be slower
        except OSError:
            continue
        for entry in entries:
            name, end = os.path.splitext(entry)  # noqa: PTH122 - as above
            if end in _METADATA and "-" in name:
                package, version = name.split("-")[:2]
                found.setdefault(re.sub(r"[-_.]+", "-", package).lower(), version)
    return dict(sorted(found.items()))


def hardware() -> dict[str, str | int | float | None]:
    """Give the number of processors, the memory in bytes, and the names of the GPUs in use."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        memory = None
    return {"machine": platform.machine(), "cpus": os.cpu_count(), "memory": memory, "gpus": _gpus()}


def _gpus() -> str | None:
    cuda: Any = getattr(sys.modules.get("torch"), "cuda", None)
    # Asking an idle CUDA would initialise it, and break the processes that the user forks later.
    if cuda is None or not cuda.is_initialized():
        return None
    return ", ".join(cuda.get_device_name(index) for index in range(cuda.device_count()))
