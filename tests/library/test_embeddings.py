"""The encoder gives unit vectors of meanings, the index of them keeps in step, and what cannot be had is said."""

from __future__ import annotations

import numpy as np
import pytest
from registering import Shelf
from search_corpus import listed
from sqlalchemy import text

from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import Unavailable
from maestro_jupyter.library.embeddings import PACKAGED, SentenceEncoder, encoder_for
from maestro_jupyter.operations.backup import back_up
from maestro_jupyter.operations.restore import restore
from maestro_jupyter.store import library_edits, vector_index
from maestro_jupyter.store.engine import open_store
from maestro_jupyter.store.library import Reference
from maestro_jupyter.store.library_search import search
from maestro_jupyter.store.word_index import Document

pytestmark = pytest.mark.frameworks


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(PACKAGED)


@pytest.fixture
def shelf(config, store) -> Shelf:
    shelf = Shelf(config, store)
    shelf.register("telco", type="dataset", description="Subscribers who cancelled.", project="churn")
    shelf.register("night_sky", description="Photographs of galaxies.", project="astro")
    shelf.register("ledger", description="Bookings of accounts.", private=True, user="bob")
    shelf.collect()
    return shelf


def test_queries_and_artifacts_have_unit_vectors_of_one_kind(encoder):
    documents = [Document(one.name, one.type, one.description, one.tags, one.text) for one in listed()[:5]]
    vectors = encoder.documents(documents)
    assert (vectors.dtype, vectors.shape) == (np.float32, (5, encoder.size))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert int(np.argmax(vectors @ encoder.query("squash values between zero and one"))) == 2
    assert np.isfinite(encoder.query("\ud800")).all()
    assert np.isfinite(encoder.documents([Document("x", "", "", [], "")])).all()


def test_a_long_content_counts_to_its_end(encoder):
    filler = "value = value + 1\n" * 200
    long = [
        Document("notes", "", "", [], filler),
        Document("notes", "", "", [], f"{filler}# Harvest of olives"),
    ]
    plain, about_olives = encoder.documents(long) @ encoder.query("olive harvest")
    assert about_olives > plain


def test_what_is_hidden_is_not_among_those_that_wait(shelf, encoder):
    for user, left in (("ada", 2), ("bob", 3), (None, 3)):
        found = search(shelf.store, "galaxies", user=user, encoder=encoder, encoded=0)
        assert found.note == f"{left} artifacts are not indexed by meaning yet."


def test_the_meaning_is_found_where_no_word_is(shelf, encoder):
    assert search(shelf.store, "customer churn astronomy", user="ada").total == 0
    found = search(shelf.store, "astronomy", user="ada", encoder=encoder)
    assert found.hits[0].artifact.name == "night_sky"
    assert found.hits[0].why[-1].startswith("similar in meaning (0.")
    assert (found.semantic, found.note) == (True, "")
    with_filter = search(shelf.store, "astronomy", user="ada", encoder=encoder, project="churn")
    assert "night_sky" not in [hit.artifact.name for hit in with_filter.hits]
    private = search(shelf.store, "accounting", user="ada", encoder=encoder)
    assert "ledger" not in [hit.artifact.name for hit in private.hits]
    assert search(shelf.store, "accounting", user="bob", encoder=encoder).hits[0].artifact.name == "ledger"


def test_vectors_follow_what_changes_and_survive(shelf, encoder):
    assert "telco" not in [
        hit.artifact.name for hit in search(shelf.store, "vineyards", encoder=encoder).hits
    ]
    library_edits.describe(shelf.store, shelf.anchor, "telco", "ada", description="Wines and grapes.")
    shelf.register("cheese", description="Dairy products.")
    shelf.collect()
    assert search(shelf.store, "vineyards", encoder=encoder).hits[0].artifact.name == "telco"
    assert search(shelf.store, "milk and butter", encoder=encoder).hits[0].artifact.name == "cheese"
    library_edits.set_archived(shelf.store, shelf.anchor, Reference("cheese"), "ada", archived=True)
    assert "cheese" not in [
        hit.artifact.name for hit in search(shelf.store, "milk and butter", encoder=encoder).hits
    ]
    again = open_store(shelf.config.database_url)
    assert vector_index.bring_up_to_date(again, encoder, most=0) == 0
    assert search(again, "vineyards", encoder=encoder).hits[0].artifact.name == "telco"
    again.close()


def test_what_is_not_encoded_yet_is_said(shelf, encoder):
    for _ in range(2):
        assert search(shelf.store, "galaxies", encoder=encoder, encoded=0).note.startswith("3 artifacts")
    notes = [search(shelf.store, "galaxies", encoder=encoder, encoded=1).note for _ in range(4)]
    assert notes == [f"{left} artifacts are not indexed by meaning yet." for left in (2, 1)] + ["", ""]


def test_postgresql_compares_vectors_itself(shelf, encoder):
    search(shelf.store, "galaxies", encoder=encoder)
    with shelf.store.read.connect() as connection:
        inside = connection.dialect.name == "postgresql"
        assert vector_index.is_in_database(connection, encoder) == inside
        if inside:
            assert (
                connection.scalar(text("SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%hnsw%'")) == 1
            )


def test_without_pgvector_vectors_are_compared_in_memory(shelf, encoder, monkeypatch):
    monkeypatch.setattr(vector_index, "_has_pgvector", lambda connection: False)
    assert search(shelf.store, "astronomy", user="ada", encoder=encoder).hits[0].artifact.name == "night_sky"
    with shelf.store.read.connect() as connection:
        assert not vector_index.is_in_database(connection, encoder)


def test_vectors_are_made_again_after_a_restore(shelf, encoder, tmp_path):
    for _ in range(2):  # the second finds nothing left to encode
        search(shelf.store, "astronomy", encoder=encoder)
    back_up(shelf.store, shelf.config, tmp_path / "backup")
    restore(shelf.store, shelf.config, tmp_path / "backup", "ada", force=True)
    assert search(shelf.store, "astronomy", encoder=encoder).hits[0].artifact.name == "night_sky"


def test_a_model_that_cannot_be_had_leaves_the_words(shelf, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    empty = tmp_path / "model"
    empty.mkdir()
    with pytest.raises(Unavailable, match="cannot be had"):
        SentenceEncoder(str(empty)).query("x")
    found = search(shelf.store, "galaxies", encoder=SentenceEncoder(str(empty)))
    assert [hit.artifact.name for hit in found.hits] == ["night_sky"]
    assert not found.semantic
    assert found.note.startswith("Searched by words alone: The embedding model")


def test_the_settings_name_the_model():
    default = encoder_for(Maestro(environ={}))
    assert default is not None
    assert default.model == PACKAGED
    assert encoder_for(Maestro(environ={"MAESTRO_EMBEDDING_MODEL": "~/other"})).model == "~/other"
    assert encoder_for(Maestro(environ={})) is default
