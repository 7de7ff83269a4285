"""Show a view below the cell that runs, in whatever form its front end takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maestro_jupyter.views import View


def show(view: View) -> None:
    """Show a view."""
    from IPython.display import display

    display(view)  # type: ignore[no-untyped-call]  # IPython has no types here
