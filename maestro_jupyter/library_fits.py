"""What of the library fits a notebook: judged, put in order, and told with what is known of each."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from maestro_jupyter.library.clues import clues_of
from maestro_jupyter.library.fits import by_impact, fits
from maestro_jupyter.models import ArtifactFit, ArtifactFits

if TYPE_CHECKING:
    from maestro_jupyter.library.fits import Fit
    from maestro_jupyter.library_api import LocalLibrary
    from maestro_jupyter.models import ArtifactVersion, NotebookAtHand

_NOTHING_AT_HAND = "There is nothing to go by yet: no cell, import or table tells what the notebook is about."


def fitting(library: LocalLibrary, notebook: NotebookAtHand, user: str) -> ArtifactFits:
    """Say what of the library fits a notebook.

    Parameters
    ----------
    library : LocalLibrary
        As whoever asks may see it.
    notebook : NotebookAtHand
    user : str
        Who asks: code of others takes trust.

    Returns
    -------
    ArtifactFits
    """
    clues = clues_of(notebook)
    if not clues.texts:
        return ArtifactFits(note=_NOTHING_AT_HAND)
    near = library.likeness(clues.texts, clues.looked_for, names=notebook.used, notebook=notebook.notebook)
    found = fits(clues, notebook.tables, near)
    told = _told(library, found, notebook.n, user) if found else []
    note = " ".join(filter(None, ["" if told else _none_fits(near.looked), near.note]))
    return ArtifactFits(fits=told, looked=near.looked, semantic=near.semantic, note=note)


def ways_to_use(version: ArtifactVersion, user: str) -> list[str]:
    """Give the lines that use something, the one first that suits it best.

    Parameters
    ----------
    version : ArtifactVersion
    user : str
        Who is to use it.
    """
    others = version.format != "source" or version.creator != user
    trust = ", trust=True" if version.about.get("trusted_only") and others else ""
    line, name = f"maestro.use({version.name!r}{trust})", shlex.quote(version.name)
    if version.format == "source":
        return [f"%maestro use {name} --insert", line]
    return [f"%maestro use {name}", line] if version.format == "notebook" else [line]


def _told(library: LocalLibrary, found: list[Fit], n: int, user: str) -> list[ArtifactFit]:
    known = library.standings(fit.artifact for fit in found)
    ranked = by_impact(found, {name: standing.impact for name, standing in known.items()})
    return [
        ArtifactFit(
            artifact=fit.artifact,
            score=fit.score,
            reasons=fit.reasons,
            columns=fit.columns,
            impact=known[fit.artifact.name].impact,
            usage=known[fit.artifact.name].usage,
            how=ways_to_use(fit.artifact, user),
        )
        for fit in ranked[:n]
    ]


def _none_fits(looked: int) -> str:
    if not looked:
        return "The library has nothing that the notebook has not used already."
    return f"Nothing of the {looked:,} artifact{'s' if looked > 1 else ''} fits what is at hand."
