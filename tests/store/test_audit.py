"""The audit's chain: whatever is done to its lines is found, and the first bad line is named."""

from __future__ import annotations

import stat
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from maestro_jupyter.errors import Invalid
from maestro_jupyter.store import audit
from maestro_jupyter.store.audit import Anchor, Head, audited, digest_of, record, verify
from maestro_jupyter.store.schema import audit as table

if TYPE_CHECKING:
    from pathlib import Path

    from maestro_jupyter.store.engine import Store

LINES = 6
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def add_lines(store: Store, anchor: Anchor, count: int = LINES) -> None:
    for number in range(count):
        with audited(store, anchor) as connection:
            record(connection, f"user {number}", "tag run", f"runs/{number}", None, digest_of({"a": number}))


def rows_of(store: Store) -> list[dict[str, object]]:
    with store.read.connect() as connection:
        return [row._asdict() for row in connection.execute(select(table).order_by(table.c.number))]


def put_rows(store: Store, rows: list[dict[str, object]]) -> None:
    with store.write.begin() as connection:
        connection.execute(delete(table))
        if rows:
            connection.execute(insert(table), rows)


def test_lines_follow_each_other(store: Store, tmp_path: Path) -> None:
    anchor = Anchor(tmp_path)
    add_lines(store, anchor)
    found = verify(store, anchor)
    assert (found.lines, found.fault, found.anchored) == (LINES, None, True)
    assert found.head == anchor.read()
    lines = audit.lines(store, after=2, limit=3)
    assert [line.number for line in lines] == [3, 4, 5]
    assert lines[0].previous == audit.lines(store, after=1, limit=1)[0].digest
    assert stat.S_IMODE(anchor.path.stat().st_mode) == 0o600


def test_a_long_audit_is_read_in_pages_and_checked_to_its_end(store: Store, tmp_path: Path) -> None:
    anchor, count = Anchor(tmp_path), 2300
    with audited(store, anchor) as connection:
        for number in range(count):
            record(connection, "ada", "tag run", f"runs/{number}", None, digest_of(number))
    assert verify(store, anchor).lines == count
    read: list[int] = []
    while page := audit.lines(store, after=read[-1] if read else 0, limit=1000):
        read += [line.number for line in page]
    assert read == list(range(1, count + 1))
    with store.write.begin() as connection:
        connection.execute(update(table).where(table.c.number == 2100).values(actor="bob"))
    found = verify(store, anchor)
    assert found.fault is not None
    assert "2100" in found.fault.replace(",", "")


def test_texts_that_no_database_holds_are_recorded(store: Store, tmp_path: Path) -> None:
    with audited(store, Anchor(tmp_path)) as connection:
        record(connection, "a\0\ud800" * 300, "x" * 100, "é\n", None, None)
    assert verify(store, Anchor(tmp_path)).fault is None


def test_a_change_that_is_taken_back_leaves_no_line(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), audited(store, Anchor(tmp_path)) as connection:
        record(connection, "ada", "tag run", "runs/1", None, None)
        raise ZeroDivisionError
    assert audit.lines(store) == []


@st.composite
def tampered(draw: st.DrawFn, rows: list[dict[str, object]]) -> tuple[list[dict[str, object]], int]:
    """Give the rows after somebody has been at them, and the first number that is wrong."""
    rows = [dict(row) for row in rows]
    at = draw(st.integers(0, len(rows) - 1))
    match draw(st.sampled_from(["edit", "remove", "swap", "insert", "renumber", "rehash"])):
        case "edit":
            name = draw(st.sampled_from(["actor", "action", "resource", "before", "after", "time"]))
            old = rows[at][name]
            values = st.integers(0, 2**62) if name == "time" else texts
            rows[at][name] = draw(values.filter(lambda value: value != old))
            return rows, at + 1
        case "remove":
            del rows[at]
            return rows, at + 1
        case "swap":
            other = draw(st.integers(0, len(rows) - 1).filter(lambda value: value != at))
            rows[at]["number"], rows[other]["number"] = rows[other]["number"], rows[at]["number"]
            return rows, min(at, other) + 1
        case "insert":
            for row in rows[at:]:
                row["number"] += 1
            rows.append({**rows[at], "number": at + 1})
            # A copy of the line itself is in its own place; the line after it is the wrong one.
            return rows, at + 2
        case "renumber":
            rows[at]["number"] = LINES + draw(st.integers(2, 9))
            return rows, at + 1
        case _:
            # An edit whose own digest is made right: the next line then says otherwise, or the anchor.
            rows[at]["resource"] = "other"
            rows[at]["digest"] = audit._digest(rows[at])
            return rows, min(at + 2, LINES)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(data=st.data())
def test_whatever_is_done_to_the_lines_is_found(store: Store, tmp_path: Path, data: st.DataObject) -> None:
    anchor = Anchor(tmp_path)
    put_rows(store, [])
    anchor.path.unlink(missing_ok=True)
    add_lines(store, anchor)
    rows, wrong = data.draw(tampered(rows_of(store)))
    put_rows(store, rows)
    found = verify(store, anchor)
    assert found.fault is not None
    assert f"ine {wrong} of the audit" in found.fault
    # What was found is not covered up by what is recorded afterwards.
    with audited(store, anchor) as connection:
        record(connection, "eve", "tag run", "runs/9", None, None)
    assert verify(store, anchor).fault is not None


@pytest.mark.parametrize("left", [0, 1, LINES - 1])
def test_a_cut_off_end_is_found_through_the_anchor_only(store: Store, tmp_path: Path, left: int) -> None:
    anchor = Anchor(tmp_path)
    add_lines(store, anchor)
    put_rows(store, rows_of(store)[:left])
    assert verify(store, None).fault is None
    assert verify(store, anchor).fault == (
        f"Line {left + 1} of the audit is missing: the anchor knows lines up to {LINES}."
    )
    assert not anchor.advance(store)
    add_lines(store, anchor, LINES - left)
    assert f"Line {LINES} of the audit is another than the anchor knows" in str(verify(store, anchor).fault)


def test_an_end_noted_elsewhere_finds_a_chain_that_was_made_anew(store: Store, tmp_path: Path) -> None:
    anchor = Anchor(tmp_path)
    add_lines(store, anchor)
    noted = Head.parse(str(anchor.read()))
    put_rows(store, [])
    anchor.path.unlink()
    add_lines(store, anchor)
    assert verify(store, anchor).fault is None
    assert "another" in str(verify(store, noted).fault)


@pytest.mark.parametrize("said", ["", "x", "1:", "1:zz", "-1:" + "a" * 64, "²:" + "a" * 64, "1:" + "A" * 64])
def test_an_end_that_is_none_is_refused(said: str, store: Store, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="64 hexadecimal digits"):
        Head.parse(said)
    Anchor(tmp_path).path.write_text(said)
    assert "anchor cannot be read" in str(verify(store, Anchor(tmp_path)).fault)


def test_several_may_record_at_once(store: Store, tmp_path: Path) -> None:
    anchor = Anchor(tmp_path)
    threads = [threading.Thread(target=add_lines, args=(store, anchor)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (verify(store, anchor).lines, verify(store, anchor).fault) == (4 * LINES, None)
    anchor.advance(store)
    assert anchor.read() == verify(store, anchor).head


def test_a_digest_is_of_the_value_whatever_its_order() -> None:
    assert digest_of({"a": 1, "b": [1, 2]}) == digest_of({"b": [1, 2], "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 1.0})
    assert digest_of([1, 2]) != digest_of([2, 1])
