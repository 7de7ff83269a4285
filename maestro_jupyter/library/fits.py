"""Which artifacts fit a notebook, how well, and why: judged by meaning, words, imports and columns together.

Nothing fits unless it is likely to: the weights are those of a logistic regression on half of the labelled
notebooks in the tests, and the bounds were chosen on that half, too.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from maestro_jupyter.library.clues import column_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from maestro_jupyter.library.clues import Clues
    from maestro_jupyter.models import ArtifactVersion, Impact, TableAtHand
    from maestro_jupyter.store.library_likeness import Likeness
    from maestro_jupyter.store.word_index import Document


class Weights(NamedTuple):
    """What each kind of evidence adds to the logarithm of the odds that an artifact fits."""

    meaning: float
    words: float
    imports: float
    columns: float
    base: float
    least: float
    """How likely it has to be."""


WITH_MEANING = Weights(meaning=5.7, words=3.8, imports=1.1, columns=2.65, base=-5.85, least=0.27)
BY_WORDS = Weights(meaning=0.0, words=5.4, imports=1.5, columns=3.1, base=-5.4, least=0.3)

FURTHER, OF_THEM = 100, 2
"""A word is as rare as if there were so many further artifacts, and so many of them had it: in a small
library every word would be rare."""

STRONGEST = 1.0
"""Beyond this effect, an impact counts no more."""

_EARLIER = 0.95
"""What being near to a cell counts, against the cell after it."""

_COMMON_COLUMNS = re.compile(
    "id|name|date|time|datetime|timestamp|value|text|label|target|class|type|category|count|number|index|title|"
    "year|month|day|key|code|status|.?"
)
_COMMON = 0.3
"""What a column that very many tables have counts, against others."""

_LISTS_COLUMNS = frozenset({"dataset", "feature_view", "model", "schema"})
"""The types of what names columns in its content, rather than in literals of a program."""

_LITERAL = re.compile(r"""["']([^"'\n]{1,100})["']""")
_IDENTIFIER = re.compile(r"\w+")
_SHOWN = 5


class Evidence(NamedTuple):
    """What speaks for each artifact, shape (artifacts,) each.

    Attributes
    ----------
    meaning : array of float
        The mean of the cosines with what is nearest, with all that is at hand, and on average; NaN if it is
        not known.
    nearest : array of float
        The largest cosine.
    words, imports, columns : array of float
        Logarithms of 1 and the sum over those that it shares, rare ones more.
    """

    meaning: NDArray[np.float64]
    nearest: NDArray[np.float64]
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


class _Shared(NamedTuple):
    """Columns of one table that an artifact names, and how much they count in all."""

    table: str
    of: int
    names: list[str]
    weight: float


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
    rare = _rarity(likeness)
    shared = [
        _shared(tables, named_columns(*both), rare)
        for both in zip(likeness.artifacts, likeness.documents, strict=True)
    ]
    evidence = weigh(clues, likeness, shared, rare)
    scores, least = chances(evidence)
    found = []
    for place in np.argsort(-scores, kind="stable").tolist():
        if scores[place] >= least[place]:
            columns = [] if shared[place] is None else shared[place].names
            reasons = _reasons(clues, likeness, evidence, shared[place], rare, place)
            found.append(Fit(likeness.artifacts[place], round(float(scores[place]), 4), reasons, columns))
    return found


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


def named_columns(artifact: ArtifactVersion, document: Document) -> dict[str, str]:
    """Give the columns that an artifact names, as they are compared, with their types where these are known.

    Those of a table or schema are known from when it was registered; of a program, its string literals are.
    """
    about = artifact.about
    known = about.get("columns")
    if isinstance(known, list) and known:
        return {_compared(name): dtype for name, dtype in map(_column, known)}
    names = [str(name) for name in _listed(about)]
    names += _LITERAL.findall(document.text)
    if artifact.type in _LISTS_COLUMNS:
        names += _IDENTIFIER.findall(document.text)
        names += document.text.splitlines()
    return dict.fromkeys(map(_compared, names), "")


def weigh(
    clues: Clues, likeness: Likeness, shared: Sequence[_Shared | None], rare: Mapping[str, float]
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
    columns = np.array([0.0 if each is None else each.weight for each in shared])
    meaning, nearest = _nearness(clues, likeness.cosines)
    return Evidence(meaning, nearest, np.log1p(words), np.log1p(imports), np.log1p(columns))


def chances(evidence: Evidence) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give how likely each artifact is to fit, and how likely it has to be."""
    known = np.isfinite(evidence.meaning)
    odds = np.where(known, _odds(evidence, WITH_MEANING), _odds(evidence, BY_WORDS))
    return 1 / (1 + np.exp(-odds)), np.where(known, WITH_MEANING.least, BY_WORDS.least)


def _odds(evidence: Evidence, weights: Weights) -> NDArray[np.float64]:
    return (
        weights.base
        + weights.meaning * np.nan_to_num(evidence.meaning)
        + weights.words * evidence.words
        + weights.imports * evidence.imports
        + weights.columns * evidence.columns
    )


def _nearness(clues: Clues, cosines: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    number = cosines.shape[1]
    if not len(cosines):
        return np.full(number, np.nan), np.full(number, np.nan)
    faded = cosines.astype(np.float64)
    faded[: clues.cells] *= _EARLIER ** np.arange(clues.cells)[:, None]
    whole = faded[min(clues.cells, len(faded) - 1)]
    nearest = faded.max(axis=0)
    return (nearest + whole + faded.mean(axis=0)) / 3, nearest


def _rarity(likeness: Likeness) -> dict[str, float]:
    """Give how rare each word is, from 0 for what all have to 1."""
    number = likeness.looked + FURTHER
    return {
        word: max(math.log(number / (spread + OF_THEM)) / math.log(number / OF_THEM), 0.0)
        for word, spread in likeness.spread.items()
    }


# Columns


def _shared(
    tables: Iterable[TableAtHand], named: Mapping[str, str], rare: Mapping[str, float]
) -> _Shared | None:
    """Give the table of which most columns are named, as far as they tell something."""
    best = None
    for table in tables:
        names = [
            name
            for name, dtype in table.columns.items()
            if (known := named.get(_compared(name))) is not None and _alike(dtype, known)
        ]
        weight = sum(_column_weight(name, rare) for name in names)
        if names and (best is None or weight > best.weight):
            best = _Shared(table.name, len(table.columns), names, weight)
    return best


def _column_weight(name: str, rare: Mapping[str, float]) -> float:
    word = column_word(name)
    common = _COMMON_COLUMNS.fullmatch(_compared(name))
    return rare.get(word, 1.0) * (_COMMON if common else 1.0)


def _compared(name: str) -> str:
    return "_".join(name.casefold().split())


def _listed(about: Mapping[str, Any]) -> list[Any]:
    """Give the names that stand in what is known of a schema or an estimator."""
    schema = about.get("schema")
    found = []
    if isinstance(schema, dict):
        for key in ("properties", "columns"):
            found += [*schema[key]] if isinstance(schema.get(key), dict | list) else []
    features = about.get("features")
    return found + (features if isinstance(features, list) else [])


def _column(said: Any) -> tuple[str, str]:
    if isinstance(said, dict):
        return str(said.get("name", "")), str(said.get("dtype", ""))
    return str(said), ""


def _alike(dtype: str, other: str) -> bool:
    """Tell whether columns of these types may hold the same; where a type tells nothing, they may."""
    kinds = {_kind(dtype), _kind(other)} - {""}
    return len(kinds) < 2


def _kind(dtype: str) -> str:
    said = dtype.lower()
    if said.startswith(("int", "uint", "float", "decimal", "double")):
        return "number"
    if said.startswith(("date", "time", "period")):
        return "time"
    return "text" if said.startswith(("str", "large_string", "utf8")) else ""


# Reasons


def _reasons(
    clues: Clues,
    likeness: Likeness,
    evidence: Evidence,
    shared: _Shared | None,
    rare: Mapping[str, float],
    place: int,
) -> list[str]:
    reasons = []
    if shared is not None:
        reasons.append(
            f"It names {len(shared.names)} of the {shared.of} columns of {shared.table!r}: "
            f"{_some(map(repr, shared.names))}."
        )
    imported = _imported(clues, likeness, place)
    if imported:
        reasons.append(f"It works with {_some(imported)}, as the notebook does.")
    words = _words_in_common(clues, likeness, rare, place)
    if words:
        reasons.append(
            f"Its name, tags or description have words of the notebook: {_some(map(repr, words))}."
        )
    nearest = evidence.nearest[place]
    if np.isfinite(nearest):
        reasons.append(f"It is similar in meaning to {_what(clues, likeness, place)} ({nearest:.2f}).")
    return reasons


def _imported(clues: Clues, likeness: Likeness, place: int) -> list[str]:
    return [
        name
        for name, words in clues.imports.items()
        if any(
            word in likeness.heads and (likeness.heads[word][place] or likeness.contents[word][place])
            for word in words
        )
    ]


def _words_in_common(clues: Clues, likeness: Likeness, rare: Mapping[str, float], place: int) -> list[str]:
    """Give the words that count the most, once each as they are written."""
    there = [word for word in clues.words if word in likeness.heads and likeness.heads[word][place]]
    counted: dict[str, float] = defaultdict(float)
    for word in there:
        counted[clues.written[word]] = max(counted[clues.written[word]], clues.words[word] * rare[word] ** 2)
    return sorted(counted, key=lambda part: -counted[part])


def _what(clues: Clues, likeness: Likeness, place: int) -> str:
    """Name the text that an artifact is the nearest to."""
    faded = likeness.cosines[:, place].copy()
    faded[: clues.cells] *= _EARLIER ** np.arange(clues.cells)
    best = int(np.argmax(faded))
    if best < clues.cells:
        return "the last cell" if best == 0 else f"the last cell but {best}"
    return "what the notebook has done last" if best == clues.cells else "the project"


def _some(names: Iterable[str]) -> str:
    given = list(names)
    more = len(given) - _SHOWN
    return ", ".join(given[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
