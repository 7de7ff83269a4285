"""The library's rows: what is registered is there once, numbered, and whoever may not see it does not."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from registering import Shelf

from maestro_jupyter import events
from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import NotFound
from maestro_jupyter.operations.backup import back_up
from maestro_jupyter.operations.doctor import examine
from maestro_jupyter.operations.prune import Request, prune
from maestro_jupyter.store import audit, library, library_edits
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.changes import latest_change
from maestro_jupyter.store.collector import Collector
from maestro_jupyter.store.engine import Store, open_store
from maestro_jupyter.store.library import Reference


@pytest.fixture
def shelf(config: Maestro, store: Store) -> Shelf:
    return Shelf(config, store)


def test_versions_are_numbered_and_keep_what_was_said(shelf):
    first = shelf.register(
        "scaler", b"one", tags=["scaling", "tabular"], description="Scales.", aliases=["champion"],
        run="ab" * 16, about={"signature": "(X)"},
    )  # fmt: skip
    shelf.register("scaler", b"two", user="bob", type="model", project="fraud")
    shelf.collect()
    newest, oldest = library.versions(shelf.store, "scaler")
    assert (newest.version, newest.type, newest.creator, newest.owner) == (2, "model", "bob", "ada")
    assert (oldest.version, oldest.registration, oldest.run_id) == (1, first, "ab" * 16)
    assert (oldest.tags, oldest.description, oldest.project) == (["scaling", "tabular"], "Scales.", "churn")
    assert (oldest.aliases, newest.aliases, oldest.about) == (["champion"], [], {"signature": "(X)"})
    assert oldest.sha256 == hashlib.sha256(b"one").hexdigest()
    assert Blobs(shelf.config.artifact_url).is_intact(oldest.sha256)
    assert library.by_registration(shelf.store, first) == oldest
    assert library.by_registration(shelf.store, "f" * 32) is None


def test_a_reference_names_a_number_an_alias_or_the_newest(shelf):
    shelf.register("scaler", b"one", aliases=["champion"])
    shelf.register("scaler", b"two")
    shelf.collect()
    assert shelf.get(Reference("scaler")).version == 2
    assert shelf.get(Reference("scaler", 1)).version == 1
    assert shelf.get(Reference("scaler", alias="champion")).reference == "scaler:1"
    with pytest.raises(NotFound, match="no 'scaler:7' in the library") as refused:
        shelf.get(Reference("scaler", 7))
    assert refused.value.hint == "There are scaler:2, scaler:1, scaler@champion."
    with pytest.raises(NotFound, match="no 'scaler@other'"):
        shelf.get(Reference("scaler", alias="other"))
    with pytest.raises(NotFound, match="no artifact 'nothing'"):
        shelf.get(Reference("nothing"))


def test_an_alias_points_at_one_version(shelf):
    shelf.register("scaler", b"one", aliases=["champion"])
    shelf.register("scaler", b"two", aliases=["champion"])
    shelf.collect()
    assert shelf.get(Reference("scaler", alias="champion")).version == 2
    moved = library_edits.set_alias(shelf.store, shelf.anchor, Reference("scaler", 1), "champion", "ada")
    assert moved.aliases == ["champion"]
    library_edits.drop_alias(shelf.store, shelf.anchor, "scaler", "champion", "ada")
    with pytest.raises(NotFound):
        library_edits.drop_alias(shelf.store, shelf.anchor, "scaler", "champion", "ada")
    assert [line.action for line in audit.lines(shelf.store)] == ["alias artifact"] * 2


def test_what_is_put_away_is_not_the_newest(shelf):
    shelf.register("scaler", b"one")
    shelf.register("scaler", b"two")
    shelf.collect()
    away = {"actor": "ada", "archived": True}
    library_edits.set_archived(shelf.store, shelf.anchor, Reference("scaler", 2), **away)
    assert shelf.get(Reference("scaler")).version == 1
    assert shelf.get(Reference("scaler", 2)).archived
    library_edits.set_archived(shelf.store, shelf.anchor, Reference("scaler", 1), **away)
    with pytest.raises(NotFound, match="Every version of 'scaler' is archived"):
        shelf.get(Reference("scaler"))
    library_edits.set_archived(shelf.store, shelf.anchor, Reference("scaler", 1), actor="ada", archived=False)
    assert not shelf.get(Reference("scaler")).archived
    library_edits.set_archived(shelf.store, shelf.anchor, Reference("scaler"), **away)
    assert shelf.get(Reference("scaler")).archived


def test_descriptions_and_tags_change_and_the_version_of_the_data_with_them(shelf):
    shelf.register("scaler", tags=["old"], description="Old.")
    shelf.register("scaler", tags=["added"])
    shelf.collect()
    assert shelf.get(Reference("scaler")).tags == ["added", "old"]
    before = latest_change(shelf.store)
    changed = library_edits.describe(
        shelf.store, shelf.anchor, "scaler", "ada", description="New.", tags=["new"]
    )
    assert (changed.description, changed.tags) == ("New.", ["new"])
    assert library_edits.describe(shelf.store, shelf.anchor, "scaler", "ada").tags == ["new"]
    assert latest_change(shelf.store) > before


def test_a_use_counts_once_for_each_version_project_and_run(shelf):
    first = shelf.register("scaler", b"one")
    second = shelf.register("scaler", b"two")
    for _ in range(3):
        shelf.use(first, "aa" * 16)
        shelf.use(first)
        shelf.use(first, project="fraud")
        shelf.use(second, "aa" * 16)
        shelf.use("f" * 32)
    shelf.collect()
    found = {(use.version, use.project, use.run_id) for use in library.uses(shelf.store, "scaler")}
    assert found == {
        (1, "churn", "aa" * 16), (1, "churn", None), (1, "fraud", None), (2, "churn", "aa" * 16),
    }  # fmt: skip
    assert len(library.uses(shelf.store, "scaler")) == 4


def cell(shelf, number, reads="", writes="", *, then=()):
    """Run a cell: what happens in it, then its names."""
    execution = f"{number:032x}"
    shelf.journal.append(events.CellStarted(execution, None, number, number, 300.0 + number, "source"))
    for event in then:
        shelf.journal.append(event)
    shelf.journal.append(events.CellEnded(execution, 300.5 + number, success=True))
    shelf.journal.append(events.CellNames(execution, reads.split(), writes.split()))


def begun(number, cell_number):
    return events.RunStarted(
        f"{number:032x}", "n", 300.2 + cell_number, "p", "ada", "fit", None, f"{cell_number:032x}"
    )


def used_in(registration, cell_number):
    return events.ArtifactUsed(registration, "p", "ada", 300.1 + cell_number, None, f"{cell_number:032x}")


@pytest.mark.parametrize("at_once", [True, False])
def test_a_run_that_builds_on_what_a_cell_used_has_used_it(shelf, at_once):
    scaler, other = shelf.register("scaler", b"one"), shelf.register("other", b"two")
    said = [
        lambda: cell(shelf, 1, "", "scale", then=[used_in(scaler, 1)]),
        lambda: cell(shelf, 2, "", "unrelated", then=[used_in(other, 2)]),
        lambda: cell(shelf, 3, "scale df", "df"),
        lambda: cell(shelf, 4, "df y model", "", then=[begun(1, 4)]),
        lambda: cell(shelf, 5, "", "df"),
        lambda: cell(shelf, 6, "df model", "", then=[begun(2, 6)]),
    ]
    for say in said:
        say()
        if not at_once:
            shelf.collect()
    shelf.collect()
    assert [use.run_id for use in library.uses(shelf.store, "scaler") if use.run_id] == [f"{1:032x}"]
    assert [use.run_id for use in library.uses(shelf.store, "other") if use.run_id] == []


@pytest.mark.parametrize("at_once", [True, False])
def test_a_later_cell_that_uses_the_same_again_is_what_its_runs_build_on(shelf, at_once):
    """As after reading the source first, or in another session."""
    scaler = shelf.register("scaler", b"one")
    for number, then in ((1, [used_in(scaler, 1)]), (2, [used_in(scaler, 2)])):
        cell(shelf, number, "", "" if number == 1 else "scale", then=then)
        if not at_once:
            shelf.collect()
    cell(shelf, 3, "scale", "", then=[begun(1, 3)])
    cell(shelf, 4, "other", "", then=[begun(2, 4)])
    shelf.collect()
    uses = library.uses(shelf.store, "scaler")
    assert sorted(use.run_id or "" for use in uses) == ["", "", f"{1:032x}"]


def test_what_is_private_does_not_exist_for_others(shelf):
    shelf.register("scaler", b"ada's", private=True)
    shelf.register("scaler", b"everyone's", user="bob")
    shelf.register("secret", b"x", private=True)
    shelf.collect()
    ours = shelf.get(Reference("scaler"), user="bob")
    assert (ours.private, ours.sha256) == (False, hashlib.sha256(b"everyone's").hexdigest())
    assert shelf.get(Reference("scaler"), user="ada").private
    for ask in (
        lambda: shelf.get(Reference("secret"), user="bob"),
        lambda: library.versions(shelf.store, "secret", user="bob"),
        lambda: library.uses(shelf.store, "secret", user="bob"),
        lambda: library_edits.set_alias(
            shelf.store, shelf.anchor, Reference("secret"), "mine", "bob", user="bob"
        ),
        lambda: library_edits.describe(shelf.store, shelf.anchor, "secret", "bob", tags=["x"], user="bob"),
        lambda: library_edits.set_archived(
            shelf.store, shelf.anchor, Reference("secret"), "bob", archived=True, user="bob"
        ),
    ):
        with pytest.raises(NotFound, match="no artifact 'secret'"):
            ask()
    assert shelf.get(Reference("secret")).owner == "ada"


def test_two_people_register_one_name_at_once(config, store, tmp_path):
    """From two hosts: no lock but the database's keeps them apart."""
    rounds = 15
    homes = [
        Maestro(environ={"MAESTRO_HOME": str(tmp_path / name), "MAESTRO_DATABASE_URL": config.database_url})
        for name in ("one", "two")
    ]
    for number, home in enumerate(homes):
        shelf = Shelf(home, store, f"journal{number}")
        for index in range(rounds):
            registration = f"{number:016x}{index:016x}"
            shelf.journal.append(shelf.event(registration, "scaler", f"{number} {index}".encode()))
        shelf.journal.close(events.JournalClosed(300.0))
    stores = [open_store(config.database_url) for _ in homes]
    with ThreadPoolExecutor(2) as pool:
        collectors = map(Collector, stores, homes)
        list(pool.map(lambda collector: collector.collect(), collectors))
    for opened in stores:
        opened.close()
    found = library.versions(store, "scaler")
    assert [version.version for version in found] == list(range(2 * rounds, 0, -1))
    assert len({version.registration for version in found}) == 2 * rounds


def test_ten_thousand_tags(shelf):
    shelf.register("scaler", tags=[f"tag {number}" for number in range(10_000)])
    shelf.collect()
    assert len(shelf.get(Reference("scaler")).tags) == 10_000


def test_the_bytes_are_looked_after(shelf, tmp_path):
    shelf.register("scaler", b"kept")
    shelf.collect()
    digest = shelf.get(Reference("scaler")).sha256
    assert back_up(shelf.store, shelf.config, tmp_path / "backup").blobs == 1
    prune(shelf.store, shelf.config, "ada", Request(grace=-60.0), dry_run=False)
    blobs = Blobs(shelf.config.artifact_url)
    assert blobs.is_intact(digest)
    blobs.remove(digest, untouched_since=2e12)
    wrong = [finding for finding in examine(shelf.config) if finding.check == "blobs"]
    assert [finding.level for finding in wrong] == ["problem"]
