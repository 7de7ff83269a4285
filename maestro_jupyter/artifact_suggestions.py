"""What of the library fits the notebook at hand, as a notebook shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from maestro_jupyter.at_hand import notebook_at_hand
from maestro_jupyter.errors import Invalid
from maestro_jupyter.models import ArtifactFit
from maestro_jupyter.views.fits import fits_frame, fits_view

if TYPE_CHECKING:
    import pandas as pd

    from maestro_jupyter.app import App
    from maestro_jupyter.models import ArtifactFits
    from maestro_jupyter.views import View

MOST = 100
"""So many may be asked for at once."""


class ArtifactSuggestions(Sequence[ArtifactFit]):
    """Artifacts that fit the notebook, the best first. Made by `maestro_jupyter.suggest_artifacts`.

    Parameters
    ----------
    found : ArtifactFits

    Attributes
    ----------
    found : ArtifactFits
        All that was answered: also among how many it was looked, and whether by meaning, too.
    """

    def __init__(self, found: ArtifactFits) -> None:
        self.found = found

    @overload
    def __getitem__(self, place: int) -> ArtifactFit: ...
    @overload
    def __getitem__(self, place: slice) -> list[ArtifactFit]: ...
    def __getitem__(self, place: int | slice) -> ArtifactFit | list[ArtifactFit]:
        return self.found.fits[place]

    def __len__(self) -> int:
        return len(self.found.fits)

    @property
    def note(self) -> str:
        """Why there is none, or what kept it from finding more; empty if all is well."""
        return self.found.note

    def frame(self) -> pd.DataFrame:
        """Give them as a table, with what is said of all in its ``attrs``."""
        return fits_frame(self.found)

    def view(self) -> View:
        """Show them."""
        return fits_view(self.found)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return self.view()._repr_mimebundle_()

    def __repr__(self) -> str:
        return self.view().text


def suggest_artifacts(app: App, n: int = 5, about: str = "") -> ArtifactSuggestions:
    """Say what of the library fits the notebook; see `maestro_jupyter.suggest_artifacts`."""
    count: Any = n  # whatever the user gave
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST:
        msg = f"n is {n!r:.40}; expected a number from 1 to {MOST}."
        raise Invalid(msg)
    said: Any = about
    if not isinstance(said, str):
        msg = f"about is a {type(said).__name__}; expected a text."
        raise Invalid(msg)
    asked = notebook_at_hand(app, n, about)
    return ArtifactSuggestions(app.api().recommendations.artifacts(asked))
