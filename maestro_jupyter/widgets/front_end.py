"""Which front end shows this kernel's output, as far as a live form needs to know."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


def front_end(shell: Any, environ: Mapping[str, str] = os.environ) -> Literal["page", "output"] | None:
    """Say how a live form comes into a notebook.

    Parameters
    ----------
    shell : InteractiveShell
    environ : mapping
        Of this process.

    Returns
    -------
    str or None
        ``page``: JupyterLab or Notebook, which run a widget as soon as its comm is opened. It finds its
        place in the page itself, and the notebook's file holds the static form alone: whoever opens it
        without this kernel reads that, where an output that names a widget would be "model not found".
        ``output``: VS Code and Colab, which run a widget only where an output names it.
        None where nobody is known to look on: nbclient, nbconvert, papermill and consoles. They would keep
        a widget's state, with its script, in the notebook's metadata.

    Examples
    --------
    >>> front_end(None, {}) is None
    True
    """
    if getattr(shell, "kernel", None) is None:
        return None
    if "__vsc_ipynb_file__" in shell.user_ns or "google.colab" in sys.modules:
        return "output"
    return "page" if environ.get("JPY_SESSION_NAME") else None
