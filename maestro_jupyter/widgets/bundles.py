"""The scripts and styles of widgets, as `make widgets` bundles them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from maestro_jupyter.errors import Unavailable

FOLDER = Path(__file__).with_name("static")


class Bundle(NamedTuple):
    """One script with everything that it needs, and its style."""

    script: str
    style: str


def bundle(kind: str) -> Bundle:
    """Read what shows one kind of widget.

    Parameters
    ----------
    kind : str

    Raises
    ------
    Unavailable
        If it was not built, as in a fresh clone.
    """
    try:
        return Bundle(*((FOLDER / f"{kind}.{suffix}").read_text("utf-8") for suffix in ("js", "css")))
    except FileNotFoundError:
        msg = "The live form was not built, so this is the static one."
        raise Unavailable(msg, hint="Run `make widgets` in Maestro's sources.") from None
