"""The library's search: what is found, counted and said, by whom, and that the indexes keep in step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from registering import Shelf
from sqlalchemy import inspect

from maestro_jupyter.errors import Invalid, Unavailable
from maestro_jupyter.operations.backup import back_up
from maestro_jupyter.operations.restore import restore
from maestro_jupyter.store import library_edits, word_index
from maestro_jupyter.store.engine import open_store
from maestro_jupyter.store.library import Reference
from maestro_jupyter.store.library_search import Found, search
from maestro_jupyter.store.words import parse, words_of

if TYPE_CHECKING:
    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store


@pytest.fixture
def shelf(config: Maestro, store: Store) -> Shelf:
    return Shelf(config, store)


@pytest.fixture
def filled(shelf: Shelf) -> Shelf:
    shelf.register("robust_scaler", description="Scaling by the median.", tags=["scaling", "tabular"])
    shelf.register("z_scores", text="class StandardScaler: ...", tags=["scaling"], user="bob")
    shelf.register("churn_model", type="model", project="fraud", description="Who leaves.", tags=["tabular"])
    shelf.register("secret_scaler", private=True, user="bob", tags=["hidden"])
    shelf.collect()
    return shelf


def names(found: Found) -> list[str]:
    return [hit.artifact.name for hit in found.hits]


def test_words_are_found_in_names_descriptions_and_contents_and_it_is_said_where(filled):
    found = search(filled.store, "scaler", user="ada")
    assert names(found) == ["robust_scaler", "z_scores"]
    assert [hit.why for hit in found.hits] == [
        ["its name matches 'scaler'"], ["its content mentions 'scaler'"],
    ]  # fmt: skip
    assert (found.total, found.semantic) == (2, False)
    assert found.note == "Searched by words alone: install maestro-jupyter[semantic] for search by meaning."
    why = search(filled.store, "median scaled", user="ada").hits[0].why
    assert why == ["its description mentions 'median', 'scaled'", "tag scaling"]


def test_without_a_query_everything_is_there_the_newest_first(filled):
    found = search(filled.store, user="ada")
    assert names(found) == ["churn_model", "z_scores", "robust_scaler"]
    assert found.note == ""
    assert names(search(filled.store, "?!", user="ada", limit=1, offset=1)) == ["z_scores"]
    assert search(filled.store, limit=1, offset=7).hits == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"types": ["model"]}, {"churn_model"}),
        ({"types": ["model", "feature_pipeline"]}, {"robust_scaler", "z_scores", "churn_model"}),
        ({"types": ["nothing"]}, set()),
        ({"tags_any": ["scaling", "tabular"]}, {"robust_scaler", "z_scores", "churn_model"}),
        ({"tags_all": ["scaling", "tabular"]}, {"robust_scaler"}),
        ({"tags_all": ["scaling", "nothing"]}, set()),
        ({"project": "fraud"}, {"churn_model"}),
        ({"owner": "bob"}, {"z_scores"}),
        ({"owner": "' OR 1=1 --"}, set()),
    ],
)
def test_filters(filled, filters, expected):
    found = search(filled.store, user="ada", **filters)
    assert set(names(found)) == expected
    assert found.total == len(expected)
    assert sum(found.facets["type"].values()) == len(expected)


def test_facets_count_all_that_was_found(filled):
    assert search(filled.store, user="ada", limit=1).facets == {
        "type": {"feature_pipeline": 2, "model": 1},
        "project": {"churn": 2, "fraud": 1},
        "owner": {"ada": 2, "bob": 1},
        "tag": {"scaling": 2, "tabular": 2},
    }
    assert search(filled.store, "scaler", user="ada").facets["tag"] == {"scaling": 2, "tabular": 1}


def test_what_is_private_is_neither_found_nor_counted(filled):
    for query in ("", "secret", "scaler"):
        found = search(filled.store, query, user="ada")
        assert "secret_scaler" not in names(found)
        assert "hidden" not in found.facets["tag"]
    assert names(search(filled.store, "secret", user="bob")) == ["secret_scaler"]
    assert search(filled.store, user="bob").total == 4


def test_phrases_have_to_be_there(filled):
    assert names(search(filled.store, '"standard scaler"')) == ["z_scores"]
    assert names(search(filled.store, '"scaler standard"')) == []
    assert names(search(filled.store, '"by the median" leaves')) == ["robust_scaler"]


def test_what_is_archived_is_not_found(filled):
    away = {"actor": "ada", "archived": True}
    filled.register("z_scores", text="def other(): ...", user="bob", type="model")
    filled.collect()
    assert names(search(filled.store, "scaler", user="ada")) == ["robust_scaler"]
    assert search(filled.store, "other").hits[0].artifact.version == 2
    library_edits.set_archived(filled.store, filled.anchor, Reference("z_scores", 2), **away)
    assert search(filled.store, "z scores", limit=1).hits[0].artifact.version == 1
    library_edits.set_archived(filled.store, filled.anchor, Reference("z_scores"), **away)
    assert "z_scores" not in names(search(filled.store))
    assert search(filled.store, "z scores").total == 0


def test_a_change_is_found_at_once(filled):
    assert search(filled.store, "gaussian").total == 0
    library_edits.describe(
        filled.store, filled.anchor, "churn_model", "ada", description="Gaussian.", tags=["new"]
    )
    found = search(filled.store, "gaussian")
    assert (names(found), found.facets["tag"]) == (["churn_model"], {"new": 1})
    assert search(filled.store, "leaves").total == 0
    filled.register("later", text="gaussian")
    filled.collect()
    assert set(names(search(filled.store, "gaussian"))) == {"churn_model", "later"}


def test_another_process_finds_the_same(filled):
    other = open_store(filled.config.database_url)
    assert names(search(other, "scaler", user="ada")) == names(search(filled.store, "scaler", user="ada"))
    other.close()


def test_a_missing_index_is_made_again(filled):
    with filled.store.write.begin() as connection:
        word_index.drop(connection)
    other = open_store(filled.config.database_url)
    assert names(search(other, "scaler", user="ada")) == ["robust_scaler", "z_scores"]
    other.close()


def test_a_restore_brings_back_what_was_found(filled, tmp_path):
    back_up(filled.store, filled.config, tmp_path / "backup")
    filled.register("later_scaler")
    filled.collect()
    assert "later_scaler" in names(search(filled.store, "scaler"))
    restore(filled.store, filled.config, tmp_path / "backup", "ada", force=True)
    tables = inspect(filled.store.read).get_table_names()
    assert not [name for name in tables if name.startswith(("library_words", "library_vectors"))]
    assert names(search(filled.store, "scaler", user="ada")) == ["robust_scaler", "z_scores"]


def test_a_restore_of_what_was_searched_before_is_searched(filled, tmp_path):
    before = names(search(filled.store, "scaler"))
    back_up(filled.store, filled.config, tmp_path / "backup")
    restore(filled.store, filled.config, tmp_path / "backup", "ada", force=True)
    assert names(search(filled.store, "scaler")) == before


def test_the_only_artifact_may_be_archived(shelf):
    shelf.register("scaler")
    shelf.collect()
    library_edits.set_archived(shelf.store, shelf.anchor, Reference("scaler"), "ada", archived=True)
    assert search(shelf.store, "scaler").hits == []


def test_bad_pages_are_refused(store):
    for page in ({"limit": 0}, {"limit": 1001}, {"offset": -1}):
        with pytest.raises(Invalid, match="limit must be 1 to 1000"):
            search(store, **page)


def test_an_empty_library_has_nothing(store):
    assert search(store, "scaler").hits == search(store).hits == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(), st.text(alphabet="\"'*()-+:^&|!<>~{}\\ anorNEAR\0%_", max_size=40)))
def test_no_query_is_an_error(filled, query):
    found = search(filled.store, query, user="ada")
    assert "secret_scaler" not in names(found)
    assert found.total == len(found.hits)


@given(st.text())
def test_a_text_is_found_by_its_own_words(text):
    words = words_of(text)
    assert set(parse(text).words) <= set(words)
    assert all(word.isalnum() for word in words)


def test_without_full_text_it_is_said(filled, monkeypatch):
    if filled.store.read.dialect.name != "sqlite":
        pytest.skip("PostgreSQL always has it")
    monkeypatch.setattr(word_index, "_sqlite_has_fts5", lambda: False)
    with pytest.raises(Unavailable, match="FTS5"):
        search(filled.store, "scaler")
    assert search(filled.store).total == 4
