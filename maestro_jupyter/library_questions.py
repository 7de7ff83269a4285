"""The questions about the library that several surfaces ask: each puts together what the interface gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.models import ArtifactDetail, Standing

if TYPE_CHECKING:
    from maestro_jupyter.library_api import LibraryApi

_MOST_USED = 1000


def detail(library: LibraryApi, reference: str) -> ArtifactDetail:
    """Give everything that is known about an artifact.

    Parameters
    ----------
    library : LibraryApi
    reference : str
        ``name``, ``name:3`` or ``name@champion``.

    Raises
    ------
    NotFound
        If there is none.
    """
    meant = library.get(reference)
    impacts = {impact.name: impact for impact in library.impacts()}
    return ArtifactDetail(
        artifact=meant,
        versions=library.versions(meant.name),
        uses=library.uses(meant.name),
        impact=impacts.get(meant.name),
    )


def top(library: LibraryApi, limit: int = 20) -> list[Standing]:
    """Rank artifacts by what they contributed; those of which that is unknown by how much they are used.

    Parameters
    ----------
    library : LibraryApi
    limit : int
        How many at most.

    Returns
    -------
    list of Standing
        Without what nobody used.
    """
    used = {usage.name: usage for usage in library.used(limit=_MOST_USED)}
    known = [impact for impact in library.impacts() if impact.name in used]
    standings = [Standing(impact=impact, usage=used[impact.name]) for impact in known]
    return sorted(standings, key=_place)[:limit]


def _place(standing: Standing) -> tuple[bool, float, int, int, str]:
    impact, usage = standing.impact, standing.usage
    return impact.low is None, -(impact.low or 0.0), -usage.projects, -usage.runs, usage.name
