"""What is purged is gone from every place, and what is left says no more than that it was there."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from journals import journal_of
from registering import Shelf
from sqlalchemy import select, text

from maestro_jupyter import events
from maestro_jupyter.errors import Conflict, Invalid, NotFound
from maestro_jupyter.operations.backup import back_up
from maestro_jupyter.operations.doctor import examine
from maestro_jupyter.store import (
    audit,
    library,
    library_cards,
    library_edits,
    library_search,
    schema,
    vector_index,
)
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.library import Reference
from maestro_jupyter.store.purging import purge

SECRET = b"a secret nobody should have registered"


@pytest.fixture
def shelf(config, store) -> Shelf:
    return Shelf(config, store)


def purged(shelf, reference: Reference, **named):
    return purge(shelf.store, shelf.anchor, Blobs(shelf.config.artifact_url), reference, "ada", **named)


def rows(shelf) -> str:
    """Give everything that the tables and the index of words say."""
    said = []
    with shelf.store.read.connect() as connection:
        for table in schema.metadata.sorted_tables:
            said += [repr(tuple(row)) for row in connection.execute(select(table))]
        if shelf.store.read.dialect.name == "sqlite":
            said += [repr(tuple(row)) for row in connection.execute(text("SELECT * FROM library_words"))]
        else:
            said += [repr(row) for row in connection.scalars(text("SELECT words::text FROM library_words"))]
    return "\n".join(said)


class Letters:
    """Encodes a text by its letters."""

    model, size = "letters", 26

    def query(self, words):
        return self._vector(words)

    def documents(self, documents):
        return np.array([self._vector(f"{each.name} {each.text}") for each in documents], np.float32)

    def _vector(self, words):
        counts = np.array([words.count(chr(97 + place)) for place in range(26)], np.float32)
        return counts / (np.linalg.norm(counts) or 1.0)


def test_what_it_said_and_held_is_gone(shelf):
    shelf.register(
        "leak", SECRET, text="zymurgy", description="Xenolith.", tags=["quokka"], aliases=["champion"],
        about={"doc": "wobbegong"},
    )  # fmt: skip
    shelf.collect()
    encoder = Letters()
    assert library_search.search(shelf.store, "zymurgy", encoder=encoder).hits
    edit = {"limitations": library_cards.CardEdit("Abracadabra.", library_cards.text_digest(""))}
    version = library.get(shelf.store, Reference("leak", 1))
    library_cards.write_card(shelf.store, shelf.anchor, version, edit, "ada")
    words = ("bracadabra", "zymurgy", "zymurgi", "enolith", "quokka", "wobbegong")
    before = rows(shelf)
    assert all(word in before for word in words if word != "zymurgi")
    left = purged(shelf, Reference("leak", 1))
    assert (left.purged, left.archived, left.size, left.sha256, left.about) == (True, True, 0, "", {})
    assert (left.description, left.tags, left.aliases) == ("", [], [])
    assert not [word for word in words if word in rows(shelf)]
    assert list(Blobs(shelf.config.artifact_url).kept()) == []
    with shelf.store.read.connect() as connection:
        assert list(vector_index.read(connection, encoder)) == []
    assert library_search.search(shelf.store, "zymurgy", encoder=encoder).hits == []
    assert library_search.search(shelf.store).hits == []
    line = audit.lines(shelf.store)[-1]
    assert (line.actor, line.action, line.resource) == ("ada", "purge artifact", "artifacts/leak:1")
    assert audit.verify(shelf.store, shelf.anchor).fault is None


def test_numbers_are_not_given_again_and_uses_stay(shelf):
    first = shelf.register("scaler", b"one")
    shelf.use(first, "aa" * 16)
    shelf.collect()
    purged(shelf, Reference("scaler", 1))
    (use,) = library.uses(shelf.store, "scaler")
    assert (use.version, use.run_id, use.purged) == (1, "aa" * 16, True)
    shelf.register("scaler", b"two")
    shelf.collect()
    assert shelf.get(Reference("scaler")).version == 2
    assert [version.purged for version in library.versions(shelf.store, "scaler")] == [False, True]
    purged(shelf, Reference("scaler", 2))
    with pytest.raises(NotFound, match="Every version of 'scaler' is archived or purged"):
        shelf.get(Reference("scaler"))
    shelf.register("scaler", b"three")
    shelf.collect()
    assert shelf.get(Reference("scaler")).version == 3
    assert [hit.artifact.version for hit in library_search.search(shelf.store, "scaler").hits] == [3]


def test_a_journal_that_is_collected_again_does_not_bring_it_back(shelf):
    event = shelf.event("ab" * 16, "leak", SECRET, text="zymurgy")
    for name in ("b", "c"):  # as after a restore: the same line in another journal
        journal = journal_of(shelf.config, name)
        journal.append(event)
        journal.close(events.JournalClosed(300.0))
        (shelf.config.spool / event.sha256).write_bytes(SECRET)
        shelf.collect()
        purged(shelf, Reference("leak", 1))
        assert [version.purged for version in library.versions(shelf.store, "leak")] == [True]
        assert "zymurgy" not in rows(shelf)
    assert library.by_registration(shelf.store, "ab" * 16).purged


def test_bytes_that_another_row_names_stay(shelf):
    shelf.register("one", b"shared bytes")
    shelf.register("other", b"shared bytes")
    shelf.journal.append(
        events.ArtifactLogged(
            None, None, "f", "file", hashlib.sha256(b"kept with a run").hexdigest(), 15, "x/y", 1.0
        )
    )
    shelf.register("third", b"kept with a run")
    shelf.collect()
    blobs = Blobs(shelf.config.artifact_url)
    purged(shelf, Reference("one", 1))
    purged(shelf, Reference("third", 1))
    assert {one.sha256 for one in blobs.kept()} == {
        hashlib.sha256(data).hexdigest() for data in (b"shared bytes", b"kept with a run")
    }
    purged(shelf, Reference("other", 1))
    assert [one.size for one in blobs.kept()] == [15]


def test_an_older_version_leaves_the_newest_as_it_is(shelf):
    shelf.register("scaler", b"one", text="zymurgy", aliases=["champion"])
    shelf.register("scaler", b"two", text="wobbegong", description="Scales.", tags=["scaling"])
    shelf.collect()
    purged(shelf, Reference("scaler", 1))
    (hit,) = library_search.search(shelf.store, "wobbegong").hits
    assert (hit.artifact.version, hit.artifact.tags, hit.artifact.description) == (2, ["scaling"], "Scales.")
    with pytest.raises(NotFound, match="no 'scaler@champion'") as refused:
        shelf.get(Reference("scaler", alias="champion"))
    assert refused.value.hint == "There are scaler:2."
    purged(shelf, Reference("scaler", 2))
    assert library_search.search(shelf.store, "wobbegong").hits == []


def test_what_is_purged_cannot_be_pointed_at_or_taken_out_again(shelf):
    shelf.register("scaler", b"one")
    shelf.collect()
    purged(shelf, Reference("scaler", 1))
    assert purged(shelf, Reference("scaler", 1)).purged, "purging it once more changes nothing"
    with pytest.raises(Conflict, match="scaler:1 was purged"):
        library_edits.set_alias(shelf.store, shelf.anchor, Reference("scaler", 1), "x", "ada")
    with pytest.raises(Conflict, match="scaler:1 was purged"):
        library_edits.set_archived(shelf.store, shelf.anchor, Reference("scaler", 1), "ada", archived=False)
    for wrong in (Reference("scaler"), Reference("scaler", alias="champion")):
        with pytest.raises(Invalid, match="names no version by its number"):
            purged(shelf, wrong)
    with pytest.raises(NotFound):
        purged(shelf, Reference("nothing", 1))


def test_what_is_left_is_in_order(shelf, tmp_path):
    shelf.register("scaler", b"one")
    shelf.register("scaler", b"two")
    shelf.collect()
    purged(shelf, Reference("scaler", 1))
    assert back_up(shelf.store, shelf.config, tmp_path / "backup").missing == []
    wrong = {one.check for one in examine(shelf.config) if one.level != "ok"}
    assert wrong.isdisjoint({"database", "revision", "blobs", "audit"})


def test_somebody_elses_private_artifact_is_not_there_to_be_purged(shelf):
    shelf.register("scaler", b"ada's", private=True)
    shelf.collect()
    with pytest.raises(NotFound):
        purged(shelf, Reference("scaler", 1), user="bob")
    assert not shelf.get(Reference("scaler", 1)).purged
