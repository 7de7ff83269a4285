"""What people write on cards: it holds from a version on, and nobody's is replaced unseen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from registering import Shelf
from sqlalchemy import text

from maestro_jupyter import events
from maestro_jupyter.errors import Conflict, NotFound
from maestro_jupyter.operations.backup import back_up
from maestro_jupyter.operations.restore import restore
from maestro_jupyter.store import audit, engine, library
from maestro_jupyter.store.changes import latest_change
from maestro_jupyter.store.engine import HEAD, open_store
from maestro_jupyter.store.library import Reference
from maestro_jupyter.store.library_cards import CardEdit, card_texts, card_use, text_digest, write_card

NOTHING = text_digest("")


@pytest.fixture
def shelf(config, store):
    made = Shelf(config, store)
    for content in (b"one", b"two", b"three"):
        made.register("scaler", content)
    made.collect()
    return made


def version(shelf, number):
    return shelf.get(Reference("scaler", number))


def write(shelf, number, section, said, expected=NOTHING, actor="ada"):
    edits = {section: CardEdit(said, expected)}
    write_card(shelf.store, shelf.anchor, version(shelf, number), edits, actor)


def texts(shelf, number):
    return {key: each.text for key, each in card_texts(shelf.store, version(shelf, number)).items()}


def test_a_text_holds_from_its_version_on(shelf):
    write(shelf, 2, "limitations", "Not for loans.")
    assert [texts(shelf, number) for number in (1, 2, 3)] == [
        {},
        *[{"limitations": "Not for loans."}] * 2,
    ]
    found = card_texts(shelf.store, version(shelf, 3))["limitations"]
    assert (found.version, found.editor) == (2, "ada")
    shelf.register("scaler", b"four")
    shelf.collect()
    assert texts(shelf, 4) == {"limitations": "Not for loans."}


def test_a_later_version_may_have_one_of_its_own_or_none(shelf):
    write(shelf, 1, "limitations", "First.")
    write(shelf, 2, "limitations", "Second.", text_digest("First."), actor="bob")
    write(shelf, 3, "limitations", "", text_digest("Second."))
    assert [texts(shelf, number) for number in (1, 2, 3)] == [
        {"limitations": "First."},
        {"limitations": "Second."},
        {},
    ]
    write(shelf, 1, "limitations", "Changed.", text_digest("First."))
    assert [texts(shelf, number).get("limitations") for number in (1, 2, 3)] == ["Changed.", "Second.", None]
    write(shelf, 3, "limitations", "Back.")
    assert texts(shelf, 3) == {"limitations": "Back."}


def test_other_sections_and_other_artifacts_are_left_alone(shelf):
    shelf.register("other")
    shelf.collect()
    write(shelf, 1, "limitations", "One.")
    write(shelf, 1, "citation", "Two.")
    assert texts(shelf, 1) == {"limitations": "One.", "citation": "Two."}
    assert card_texts(shelf.store, shelf.get(Reference("other"))) == {}


def test_a_text_that_was_changed_meanwhile_is_not_replaced(shelf):
    write(shelf, 1, "limitations", "Bob's.", actor="bob")
    for number in (1, 2):
        with pytest.raises(Conflict, match=r"'limitations' of scaler:. has been changed by bob") as refused:
            write(shelf, number, "limitations", "Ada's.")
        assert "Read the card again" in refused.value.hint
    edits = {"citation": CardEdit("New.", NOTHING), "limitations": CardEdit("Ada's.", "0" * 64)}
    with pytest.raises(Conflict):
        write_card(shelf.store, shelf.anchor, version(shelf, 1), edits, "ada")
    assert texts(shelf, 1) == {"limitations": "Bob's."}
    assert len(audit.lines(shelf.store)) == 1


def test_each_edit_is_one_line_of_the_audit_and_one_that_changes_nothing_none(shelf):
    before = latest_change(shelf.store)
    edits = {"citation": CardEdit("C.", NOTHING), "limitations": CardEdit("L.", NOTHING)}
    write_card(shelf.store, shelf.anchor, version(shelf, 2), edits, "ada")
    (line,) = audit.lines(shelf.store)
    assert (line.actor, line.action, line.resource) == ("ada", "edit card", "artifacts/scaler:2/card")
    assert (line.before, line.after) == (
        audit.digest_of({}),
        audit.digest_of({"citation": "C.", "limitations": "L."}),
    )
    after = latest_change(shelf.store)
    assert after > before
    write(shelf, 2, "citation", "C.", text_digest("C."))
    write(shelf, 3, "citation", "C.", text_digest("C."))
    assert (len(audit.lines(shelf.store)), latest_change(shelf.store)) == (1, after)
    assert audit.verify(shelf.store, shelf.anchor).fault is None


def test_two_who_edit_at_once_do_not_lose_each_others_text(shelf, config):
    """From two processes' stores, all beginning with what they read: one of each round is refused."""
    stores = [open_store(config.database_url) for _ in range(2)]
    meant = version(shelf, 1)

    def edit(number, there, round_):
        said = f"{there}{number}"
        try:
            write_card(
                stores[number],
                shelf.anchor,
                meant,
                {"limitations": CardEdit(said, text_digest(there))},
                f"u{number}",
            )
        except Conflict:
            return round_, None
        return round_, number

    there, won = "", ""
    with ThreadPoolExecutor(2) as pool:
        for round_ in range(10):
            done = list(pool.map(edit, (0, 1), (there, there), (round_, round_)))
            winners = [number for _, number in done if number is not None]
            assert len(winners) == 1, done
            won += str(winners[0])
            there = texts(shelf, 1)["limitations"]
    for opened in stores:
        opened.close()
    assert there == won
    assert len(audit.lines(shelf.store)) == 10


def test_a_version_that_is_gone(shelf):
    meant = version(shelf, 1)
    meant.registration = "f" * 32
    with pytest.raises(NotFound, match="not in the library any more"):
        write_card(shelf.store, shelf.anchor, meant, {"citation": CardEdit("x", NOTHING)}, "ada")


def test_texts_that_no_database_holds(shelf):
    write(shelf, 1, "citation", "a\0b\udcff é 模型")
    assert texts(shelf, 1) == {"citation": "a\ufffdb\ufffd é 模型"}


def test_uses_are_counted_by_runs_that_may_be_seen(shelf):
    first = version(shelf, 1).registration
    for number, (user, project) in enumerate([("ada", "p"), ("ada", "q"), ("bob", "q")], 1):
        run = f"{number:04x}" * 8
        shelf.journal.append(events.RunStarted(run, "n", 300.0, project, user, "fit"))
        shelf.use(first, run, project=project)
        shelf.use(first, run, project="other")
    shelf.use(first)
    shelf.use(first, "dead" * 8)
    shelf.collect()
    assert card_use(shelf.store, version(shelf, 1)) == (3, 2)
    assert card_use(shelf.store, version(shelf, 1), user="bob") == (1, 1)
    assert card_use(shelf.store, version(shelf, 2)) == (0, 0)


OLD_ROWS = """
INSERT INTO projects (id, name) VALUES (1, 'p');
INSERT INTO library_artifacts (id, space, name, owner, project, description, archived, created)
VALUES (1, '', 'scaler', 'ada', 1, 'Scales.', {false}, 5);
INSERT INTO library_versions (id, artifact, version, registration, type, format, sha256, size, media_type,
creator, created, about, archived)
SELECT 1, 1, 1, 'r', 'model', 'file', 's', 1, 'm', 'ada', 5, x, {false} FROM (SELECT {empty} AS x) AS one
"""


def test_a_library_of_an_earlier_release_can_be_written_on(database_url, config):
    store = engine.connect(database_url)
    with store.write.begin() as connection:
        engine.migrate(connection, "0004")
        sqlite = connection.dialect.name == "sqlite"
        values = {"empty": "x'80'" if sqlite else r"'\x80'::bytea", "false": "0" if sqlite else "false"}
        for statement in OLD_ROWS.split(";"):
            connection.exec_driver_sql(statement.format(**values))
    store.close()
    opened = open_store(database_url)
    assert engine.revision_of(opened) == HEAD
    found = library.get(opened, Reference("scaler"))
    assert (found.description, card_texts(opened, found)) == ("Scales.", {})
    write_card(opened, audit.Anchor(config.home_path), found, {"citation": CardEdit("New.", NOTHING)}, "ada")
    assert card_texts(opened, found)["citation"].text == "New."
    with opened.write.begin() as connection:
        connection.execute(text("DELETE FROM library_artifacts"))
        assert connection.scalar(text("SELECT count(*) FROM library_card_texts")) == 0
    opened.close()


def test_a_backup_has_them(shelf, config, tmp_path):
    write(shelf, 2, "limitations", "Not for loans.")
    done = back_up(shelf.store, config, tmp_path / "backup")
    write(shelf, 2, "limitations", "Lost.", text_digest("Not for loans."))
    restore(shelf.store, config, done.path, "ada", force=True)
    assert texts(shelf, 3) == {"limitations": "Not for loans."}
