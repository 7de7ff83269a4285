"""Why an artifact fits a notebook, in words: columns, imports, words, what it is similar to, and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maestro_jupyter.store.library_search import SIMILAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from maestro_jupyter.library.clues import Clues
    from maestro_jupyter.library.shared_columns import SharedColumns
    from maestro_jupyter.library.shared_tags import SharedTags
    from maestro_jupyter.store.library_likeness import Likeness

_SHOWN = 5

_TELLING = 0.25
"""Tags in common that count less are hardly a reason."""


def reasons(
    clues: Clues,
    likeness: Likeness,
    place: int,
    shared: SharedColumns | None,
    rare: Mapping[str, float],
    cosines: NDArray[np.float64],
    tags: SharedTags | None,
) -> list[str]:
    """Say what of a notebook an artifact goes with, the strongest kind of reason first.

    Parameters
    ----------
    clues : Clues
    likeness : Likeness
    place : int
        Of the artifact in it.
    shared : SharedColumns or None
    rare : mapping of str to float
        How rare each word is.
    cosines : array of float, shape (texts,)
        With each of the clues' texts, later cells more; NaN if unknown.
    tags : SharedTags or None
    """
    found = [] if shared is None else [_columns(shared)]
    imported = [name for name, words in clues.imports.items() if _any_in(likeness, words, place)]
    if imported:
        found.append(f"It has to do with {_some(imported)}, which the notebook imports.")
    words = _words(clues, likeness, rare, place)
    if words:
        found.append(f"Its name, tags or description have words of the notebook: {_some(words)}.")
    nearest = cosines.max(initial=-1.0)
    if nearest >= SIMILAR:
        called = clues.called[int(np.argmax(cosines))]
        found.append(f"It is similar in meaning to {called} ({nearest:.2f}).")
    if tags is not None and tags.weight >= _TELLING:
        found.append(_tags(tags, likeness.artifacts[tags.other].name))
    return found


def _tags(shared: SharedTags, other: str) -> str:
    named = "the tag" if len(shared.tags) == 1 else "the tags"
    return f"It has {named} {_some(map(repr, shared.tags))} in common with {other!r}, which fits."


def _columns(shared: SharedColumns) -> str:
    number = len(shared.names)
    share = f"all {number}" if number == shared.of > 1 else f"{number} of the {shared.of}"
    return f"It names {share} columns of {shared.table!r}: {_some(map(repr, shared.names))}."


def _any_in(likeness: Likeness, words: Iterable[str], place: int) -> bool:
    return any(
        word in likeness.heads and (likeness.heads[word][place] or likeness.contents[word][place])
        for word in words
    )


def _words(clues: Clues, likeness: Likeness, rare: Mapping[str, float], place: int) -> list[str]:
    """Give the words that count the most, each once, as it is written."""
    there = [word for word in clues.words if word in likeness.heads and likeness.heads[word][place]]
    there.sort(key=lambda word: -clues.words[word] * rare[word] ** 2)
    return list(dict.fromkeys(repr(clues.written[word]) for word in there))


def _some(names: Iterable[str]) -> str:
    given = list(names)
    more = len(given) - _SHOWN
    return ", ".join(given[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
