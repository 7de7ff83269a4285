"""Which notebook or script this process runs, in which kernel."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def notebook_path(user_ns: Mapping[str, object] | None = None) -> str | None:
    """Give the path of the notebook, as its front end tells it, or of the script.

    Parameters
    ----------
    user_ns : mapping, optional
        The names of the kernel; none in a script.

    Returns
    -------
    str or None
        None where the front end does not tell.
    """
    if user_ns is None:
        return sys.argv[0] or None if sys.argv else None
    in_vscode = user_ns.get("__vsc_ipynb_file__")
    if isinstance(in_vscode, str) and in_vscode:
        return in_vscode
    return os.environ.get("JPY_SESSION_NAME") or None


def kernel_id(shell: Any) -> str | None:
    """Give the id that a Jupyter server knows this kernel by.

    Parameters
    ----------
    shell : InteractiveShell or None

    Returns
    -------
    str or None
        None outside of a kernel, and in one that no server has started.

    Examples
    --------
    >>> kernel_id(None) is None
    True
    """
    kernel = getattr(shell, "kernel", None)
    file = getattr(getattr(kernel, "parent", None), "connection_file", "") or ""
    name = Path(file).stem
    return name.removeprefix("kernel-") if name.startswith("kernel-") else None
