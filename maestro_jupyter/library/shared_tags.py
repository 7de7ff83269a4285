"""Which tags an artifact has in common with others that surely fit a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SUREST = 10
"""With so many of those that surely fit, the others are compared."""


class SharedTags(NamedTuple):
    """What an artifact has in common with one that surely fits.

    Attributes
    ----------
    weight : float
        The share of the tags of either that both have, times how likely the other is to fit.
    other : int
        Its place.
    tags : list of str
    """

    weight: float
    other: int
    tags: list[str]


def shared_tags(
    tags: Sequence[Sequence[str]], chances: NDArray[np.float64], surely: NDArray[np.bool_]
) -> list[SharedTags | None]:
    """Give for each artifact the one that surely fits with which its tags count the most, if any does.

    Parameters
    ----------
    tags : sequence of sequence of str
        Of each artifact.
    chances : array of float, shape (artifacts,)
        How likely each is to fit.
    surely : array of bool, shape (artifacts,)

    Examples
    --------
    >>> shared_tags([["churn"], ["churn", "bands"]], np.array([0.8, 0.1]), np.array([True, False]))
    [None, SharedTags(weight=0.4, other=0, tags=['churn'])]
    """
    sure = [place for place in np.argsort(-chances, kind="stable").tolist() if surely[place]][:SUREST]
    known = [frozenset(each) for each in tags]
    found: list[SharedTags | None] = []
    for place, own in enumerate(known):
        pairs = [
            (len(own & known[other]) / len(own | known[other]) * float(chances[other]), other)
            for other in sure
            if other != place and own & known[other]
        ]
        weight, other = max(pairs, default=(0.0, place), key=lambda pair: pair[0])
        both = [tag for tag in tags[place] if tag in known[other]]
        found.append(SharedTags(weight, other, both) if pairs else None)
    return found
