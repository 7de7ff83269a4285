"""Searching by words and by meaning finds what people ask for, better than by either alone."""

from __future__ import annotations

import math
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np
import pytest
from search_corpus import Question, listed, questions, register

from maestro_jupyter.library.embeddings import PACKAGED, SentenceEncoder
from maestro_jupyter.store import vector_index
from maestro_jupyter.store.library_search import search

if TYPE_CHECKING:
    from maestro_jupyter.store.engine import Store

pytestmark = pytest.mark.frameworks

TUNED, HELD_OUT = questions()[::2], questions()[1::2]


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(PACKAGED)


@pytest.fixture
def filled(store: Store) -> Store:
    register(store, listed())
    return store


def gain(names: list[str], relevance: dict[str, int]) -> float:
    """Give the nDCG of the first ten.

    K. Järvelin, J. Kekäläinen, Cumulated gain-based evaluation of IR techniques, TOIS 20 (4), 2002.
    """
    ideal = discounted(sorted(relevance.values(), reverse=True))
    return discounted([relevance.get(name, 0) for name in names]) / ideal


def discounted(grades: list[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades[:10]))


def recall(names: list[str], relevance: dict[str, int]) -> float:
    """Give how many of the good answers, or of five of them, are among the first five."""
    good = {name for name, grade in relevance.items() if grade >= 2}
    return len(good.intersection(names[:5])) / min(len(good), 5)


def by_meaning(store: Store, encoder: SentenceEncoder, query: str) -> list[str]:
    ids, meant = np.arange(1, len(listed()) + 1), encoder.query(query)
    with store.read.connect() as connection:
        if vector_index.is_in_database(connection, encoder):
            nearest, _ = vector_index.nearest_in_database(connection, encoder, meant, ids, 10, narrow=False)
        else:
            meanings = vector_index.Meanings(encoder.size)
            meanings.put(vector_index.read(connection, encoder))
            nearest, _ = vector_index.nearest_in_memory(meanings, meant, ids, 10)
    names = [one.name for one in listed()]
    return [names[number - 1] for number in nearest.tolist()]


def judged(store: Store, encoder: SentenceEncoder, asked: list[Question]) -> dict[str, tuple[float, float]]:
    """Give recall@5 and nDCG@10 of each way to search."""
    ways = {
        "words": lambda text: [hit.artifact.name for hit in search(store, text).hits],
        "meaning": lambda text: by_meaning(store, encoder, text),
        "both": lambda text: [hit.artifact.name for hit in search(store, text, encoder=encoder).hits],
    }
    found: dict[str, tuple[float, float]] = {}
    for way, ask in ways.items():
        answers = [(ask(one.text), one.relevance) for one in asked]
        found[way] = fmean(recall(*one) for one in answers), fmean(gain(*one) for one in answers)
    return found


def test_both_together_are_at_least_as_good_as_either(filled, encoder) -> None:
    vector_index.bring_up_to_date(filled, encoder)
    print()
    for title, asked in (("tuned on", TUNED), ("held out", HELD_OUT), ("all", questions())):
        found = judged(filled, encoder, asked)
        for way, (recalled, gained) in found.items():
            print(f"{title:9} {way:8} recall@5 {recalled:.3f}  nDCG@10 {gained:.3f}")
        for measure in (0, 1):
            values = {way: both[measure] for way, both in found.items()}
            assert values["both"] >= max(values.values()), (title, values)


def test_the_labelled_set_is_whole() -> None:
    names = [one.name for one in listed()]
    assert len(names) == len(set(names)) >= 150
    assert len(questions()) >= 60
    assert {name for one in questions() for name in one.relevance} <= set(names)


def test_a_name_finds_its_artifact_first(filled, encoder) -> None:
    for one in listed():
        found = search(filled, one.name, encoder=encoder, limit=1)
        assert (found.hits[0].artifact.name, found.hits[0].score) == (one.name, 1.0)
