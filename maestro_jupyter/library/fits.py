"""Which artifacts fit a notebook, and how well: judged by meaning, words, imports and columns together.

Nothing fits unless it is likely to: the weights are those of a logistic regression on half of the labelled
notebooks in the tests, and the bounds were chosen on that half, too.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from maestro_jupyter.library.fit_reasons import reasons
from maestro_jupyter.library.shared_columns import named_columns, shared_columns
from maestro_jupyter.library.shared_tags import shared_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from maestro_jupyter.library.clues import Clues
    from maestro_jupyter.library.shared_columns import SharedColumns
    from maestro_jupyter.models import ArtifactVersion, Impact, TableAtHand
    from maestro_jupyter.store.library_likeness import Likeness


class Weights(NamedTuple):
    """What each kind of evidence adds to the logarithm of the odds that an artifact fits."""

    meaning: float
    words: float
    imports: float
    columns: float
    base: float
    least: float
    """How likely it has to be."""


WITH_MEANING = Weights(meaning=5.6, words=3.6, imports=1.1, columns=2.1, base=-5.9, least=0.27)
BY_WORDS = Weights(meaning=0.0, words=5.1, imports=1.5, columns=2.5, base=-5.5, least=0.3)

BESIDE = 0.3
"""Where something fits, what is so likely, against the likeliest, is shown, too: what a notebook can use is
often of one kind, and three quarters of what this adds fit."""

TAGS = 2.0
"""What it adds to the logarithm of the odds to have all tags in common with what surely fits."""

FURTHER, OF_THEM = 100, 1
"""A word is as rare as if there were so many further artifacts, and so many of them had it: in a small
library every word would be rare."""

MOST_COLUMNS = 4.0
"""So many rare columns are as good as more."""

STRONGEST = 1.0
"""Beyond this effect, an impact counts no more."""

EARLIER = 0.95
"""What being near to a cell counts, against the cell after it."""


class Evidence(NamedTuple):
    """What speaks for each artifact.

    Attributes
    ----------
    cosines : array of float, shape (texts, artifacts)
        Those with earlier cells are made smaller.
    meaning : array of float, shape (artifacts,)
        The mean of the cosines with what is nearest, with all that is at hand or the project, and on average;
        NaN if it is not known.
    words, imports : array of float, shape (artifacts,)
        Logarithms of 1 and the sum over those that it shares, rare ones more.
    columns : array of float, shape (artifacts,)
        How much those count that it names, up to `MOST_COLUMNS`.
    """

    cosines: NDArray[np.float64]
    meaning: NDArray[np.float64]
    words: NDArray[np.float64]
    imports: NDArray[np.float64]
    columns: NDArray[np.float64]


class Fit(NamedTuple):
    """An artifact that fits.

    Attributes
    ----------
    artifact : ArtifactVersion
    score : float
        How likely it is to fit.
    reasons : list of str
    columns : list of str
        Of the notebook's tables.
    """

    artifact: ArtifactVersion
    score: float
    reasons: list[str]
    columns: list[str]


def fits(clues: Clues, tables: Sequence[TableAtHand], likeness: Likeness) -> list[Fit]:
    """Give the artifacts that fit, the likeliest first; none where none does.

    Parameters
    ----------
    clues : Clues
    tables : sequence of TableAtHand
        Of the notebook.
    likeness : Likeness
        What may be like the clues.
    """
    rare = rarity(likeness)
    shared = [
        shared_columns(tables, named_columns(artifact, document), rare)
        for artifact, document in zip(likeness.artifacts, likeness.documents, strict=True)
    ]
    evidence = weigh(clues, likeness, shared, rare)
    alone, least = chances(evidence)
    surely = alone >= least
    if not surely.any():
        return []
    tags = shared_tags([artifact.tags for artifact in likeness.artifacts], alone, surely)
    scores = _likelier(alone, TAGS * np.array([0.0 if each is None else each.weight for each in tags]))
    shown = surely | (scores >= BESIDE * scores[surely].max())
    order = np.argsort(-scores, kind="stable")
    return [
        Fit(
            likeness.artifacts[place],
            round(float(scores[place]), 4),
            reasons(clues, likeness, place, shared[place], rare, evidence.cosines[:, place], tags[place]),
            [] if (columns := shared[place]) is None else columns.names,
        )
        for place in order[shown[order]].tolist()
    ]


def by_impact(found: Iterable[Fit], impacts: Mapping[str, Impact]) -> list[Fit]:
    """Put those that fit in order of how well they do, times what is known of their impact.

    Parameters
    ----------
    found : iterable of Fit
    impacts : mapping of str to Impact
        By name.
    """
    return sorted(found, key=lambda fit: -fit.score * factor(impacts.get(fit.artifact.name)))


def factor(impact: Impact | None) -> float:
    """Give what an impact counts: by the end of its interval that is nearer to none, so that 1 is unknown.

    Examples
    --------
    >>> from maestro_jupyter.models import Impact
    >>> helps = Impact(name="a", status="estimated", effect=0.5, low=0.2, high=0.8)
    >>> open_ = Impact(name="b", status="estimated", effect=0.3, low=-0.1, high=0.7)
    >>> harms = Impact(name="c", status="estimated", effect=-0.5, low=-0.8, high=-0.2)
    >>> [round(factor(impact), 2) for impact in (helps, open_, None, harms)]
    [1.22, 1.0, 1.0, 0.82]
    """
    if impact is None or impact.low is None or impact.high is None:
        return 1.0
    return math.exp(min(max(impact.low, 0.0), STRONGEST) + max(min(impact.high, 0.0), -STRONGEST))


def rarity(likeness: Likeness) -> dict[str, float]:
    """Give how rare each word is: from 1, where one artifact has it, to 0, where all do."""
    number = likeness.looked + FURTHER
    rarest = math.log(number / (1 + OF_THEM))
    return {
        word: max(math.log(number / (spread + OF_THEM)) / rarest, 0.0)
        for word, spread in likeness.spread.items()
    }


def weigh(
    clues: Clues, likeness: Likeness, shared: Sequence[SharedColumns | None], rare: Mapping[str, float]
) -> Evidence:
    """Give what speaks for each artifact."""
    words = np.zeros(len(likeness.artifacts))
    imports = np.zeros(len(likeness.artifacts))
    of_imports = {word for some in clues.imports.values() for word in some}
    for word, has in likeness.heads.items():
        if word in clues.words:
            words += clues.words[word] * rare[word] ** 2 * has
        if word in of_imports:
            imports += rare[word] ** 2 * (has | likeness.contents[word])
    columns = np.array([0.0 if each is None else min(each.weight, MOST_COLUMNS) for each in shared])
    cosines = likeness.cosines.astype(np.float64)
    cosines[: clues.cells] *= EARLIER ** np.arange(len(cosines[: clues.cells]))[:, None]
    return Evidence(cosines, _meaning(clues, cosines), np.log1p(words), np.log1p(imports), columns)


def chances(evidence: Evidence) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give how likely each artifact is to fit, and how likely it has to be."""
    known = np.isfinite(evidence.meaning)
    odds = np.where(known, _odds(evidence, WITH_MEANING), _odds(evidence, BY_WORDS))
    return 1 / (1 + np.exp(-odds)), np.where(known, WITH_MEANING.least, BY_WORDS.least)


def _likelier(chance: NDArray[np.float64], by: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give chances after more is added to the logarithms of their odds."""
    more = chance * np.exp(by)
    found: NDArray[np.float64] = more / (1 - chance + more)
    return found


def _odds(evidence: Evidence, weights: Weights) -> NDArray[np.float64]:
    return (
        weights.base
        + weights.meaning * np.nan_to_num(evidence.meaning)
        + weights.words * evidence.words
        + weights.imports * evidence.imports
        + weights.columns * evidence.columns
    )


def _meaning(clues: Clues, cosines: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(cosines):
        return np.full(cosines.shape[1], np.nan)
    said = cosines[clues.whole :].max(axis=0)
    mean: NDArray[np.float64] = (cosines.max(axis=0) + said + cosines.mean(axis=0)) / 3
    return mean
