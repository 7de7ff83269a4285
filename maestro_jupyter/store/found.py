"""What a search of the library gives: hits with their reasons, and counts of all that was found."""

from __future__ import annotations

import msgspec

from maestro_jupyter.models import ArtifactVersion


class Hit(msgspec.Struct):
    """An artifact that was found.

    Attributes
    ----------
    artifact : ArtifactVersion
        Its newest version that is not archived.
    score : float
        From 0 to 1; 1 where it is the first by words and by meaning, or its name was asked for. 0 where
        nothing was asked but filters.
    why : list of str
        What of it matches.
    """

    artifact: ArtifactVersion
    score: float
    why: list[str]


class Found(msgspec.Struct):
    """What a search found.

    Attributes
    ----------
    hits : list of Hit
        The best first.
    total : int
        How many there are in all.
    facets : dict
        By ``type``, ``tag``, ``project`` and ``owner``: how many of all that were found have each value.
    semantic : bool
        Whether it was searched by meaning, too.
    note : str
        What kept the search from finding more; empty if nothing did.
    """

    hits: list[Hit]
    total: int
    facets: dict[str, dict[str, int]]
    semantic: bool
    note: str
