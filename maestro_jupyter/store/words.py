"""The words of a text as the library's search knows them: identifiers in their parts, English ones by stem.

Both sides of the search and both databases go by these words, so that they find the same.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Any, NamedTuple

MOST = 32
"""How many different words of a query are looked for."""

_LONGEST = 64
_RUN = re.compile(r"\w+")
_SEAM = re.compile(r"_+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_QUOTED = re.compile(r'"([^"]*)"')
_EMPTY = re.compile(
    "a|about|all|am|an|and|any|are|as|at|be|been|but|by|can|could|did|do|does|for|from|had|has|have|he|her|here|"
    "his|how|i|if|in|into|is|it|its|me|my|no|nor|not|of|on|or|our|she|should|so|some|than|that|the|their|them|"
    "then|there|these|they|this|those|to|us|was|we|were|what|when|where|which|who|why|will|with|would|you|your"
)
"""English words that tell nothing of what is looked for."""


class Query(NamedTuple):
    """What a query looks for.

    Attributes
    ----------
    words : dict of str to str
        What was written, by the word that it is looked for as.
    phrases : list of list of str
        What was written in quotation marks: has to be there, in this order.
    """

    words: dict[str, str]
    phrases: list[list[str]]

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)


def parts_of(text: str) -> list[str]:
    """Give the words that people read in a text, in lower case and without accents.

    Examples
    --------
    >>> parts_of("StandardScaler of sales_per_day, in pd.DataFrame")
    ['standard', 'scaler', 'of', 'sales', 'per', 'day', 'in', 'pd', 'data', 'frame']
    """
    return [part for run in _runs(text) for part in run]


def words_of(text: str) -> list[str]:
    """Give the words that a text is found by, in their order; the identifiers that have parts follow, whole.

    Examples
    --------
    >>> words_of("Scales with StandardScaler.")
    ['scale', 'with', 'standard', 'scaler', 'standardscal']
    """
    runs = _runs(text)
    return [_stem(part) for run in runs for part in run] + [_stem("".join(run)) for run in runs if run[1:]]


def identifiers_of(text: str) -> list[str]:
    """Give the words of a text that are no parts of others, such as the names of columns.

    Examples
    --------
    >>> identifiers_of("MonthlyCharges tenure")
    ['monthlycharg', 'tenur']
    """
    return [_stem("".join(run)) for run in _runs(text)]


def written_words(text: str) -> dict[str, str]:
    """Give the words that a text is found by and that tell something, and how the first of each is written.

    Examples
    --------
    >>> written_words("What is in the StandardScaler?")
    {'standard': 'standard', 'scaler': 'scaler', 'standardscal': 'standardscaler'}
    """
    written: dict[str, str] = {}
    for part in _named(text):
        if not _EMPTY.fullmatch(part):
            written.setdefault(_stem(part), part)
    return written


def parse(query: str) -> Query:
    """Read a query: plain words, and phrases in quotation marks. There is no other syntax, so no wrong one.

    Examples
    --------
    >>> parse('scaling of "missing values"')
    Query(words={'scale': 'scaling', 'miss': 'missing', 'valu': 'values'}, phrases=[['miss', 'valu']])
    """
    phrases = [[_stem(part) for part in parts_of(quoted)][:MOST] for quoted in _QUOTED.findall(query)]
    written = {_stem(part): part for part in reversed(_named(query))}
    telling = {word: part for word, part in written.items() if not _EMPTY.fullmatch(part)} or written
    return Query(dict(reversed([*telling.items()][-MOST:])), [phrase for phrase in phrases if phrase][:MOST])


def _named(query: str) -> list[str]:
    runs = _runs(query)
    return [part for run in runs for part in run] + ["".join(run) for run in runs if run[1:]]


def _runs(text: str) -> list[list[str]]:
    plain = text if text.isascii() else _without_accents(text)
    split = ([part.casefold() for part in _SEAM.split(run) if part] for run in _RUN.findall(plain))
    return [run for run in split if run]


def _without_accents(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))


@functools.lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word)) if word.isascii() and len(word) <= _LONGEST else word[:_LONGEST]


@functools.cache
def _stemmer() -> Any:
    import snowballstemmer  # type: ignore[import-untyped]

    return snowballstemmer.stemmer("english")
