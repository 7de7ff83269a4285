"""What people have written on the model cards of artifacts: a text for each section, from a version on."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, NamedTuple, cast

import msgspec
from sqlalchemy import func, select, true

from maestro_jupyter.errors import Conflict, NotFound
from maestro_jupyter.store import audit
from maestro_jupyter.store.changes import record_library_change
from maestro_jupyter.store.rows import text_of, upsert
from maestro_jupyter.store.runs import to_time
from maestro_jupyter.store.schema import (
    library_artifacts,
    library_card_texts,
    library_uses,
    library_versions,
    runs,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection, Row, Select

    from maestro_jupyter.models import ArtifactVersion
    from maestro_jupyter.store.audit import Anchor
    from maestro_jupyter.store.engine import Store


class CardText(NamedTuple):
    """What somebody has written on a card.

    Attributes
    ----------
    version : int
        The number of the version that it was written for.
    """

    text: str
    editor: str
    time: datetime
    version: int


class CardEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new text for a section of a card.

    Attributes
    ----------
    text : str
        Empty takes the text away.
    expected : str
        The `text_digest` of the text that it replaces, so that nobody's is replaced unseen.
    """

    text: str
    expected: str


class CardUse(NamedTuple):
    """How many runs of how many projects have used a version."""

    runs: int
    projects: int


def text_digest(text: str) -> str:
    """Give the sha256 of a text.

    Examples
    --------
    >>> text_digest("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def card_texts(store: Store, version: ArtifactVersion) -> dict[str, CardText]:
    """Give the texts that hold for a version, by section: its own, or else those of the version before.

    Parameters
    ----------
    store : Store
    version : ArtifactVersion

    Returns
    -------
    dict of str to CardText
        Without those that were taken away.
    """
    with store.read.connect() as connection:
        found = _texts(connection, _row(connection, version))
    return {section: each for section, each in found.items() if each.text}


def write_card(
    store: Store, anchor: Anchor, version: ArtifactVersion, edits: Mapping[str, CardEdit], actor: str
) -> None:
    """Write texts of sections, all or none.

    Parameters
    ----------
    store : Store
    anchor : Anchor
        Of the audit.
    version : ArtifactVersion
        From which on they hold.
    edits : mapping of str to CardEdit
        By section.
    actor : str
        Who writes them.

    Raises
    ------
    Conflict
        If a text is not the one that was expected any more.
    NotFound
        If the version is gone.
    """
    with audit.audited(store, anchor) as connection:
        row = _row(connection, version, write=True)
        there = _texts(connection, row)
        for section, edit in edits.items():
            _check(version, section, there.get(section), edit)
        before = {section: each.text for section, each in there.items()}
        after = before | {section: text_of(edit.text) for section, edit in edits.items()}
        changed = [section for section in edits if after[section] != before.get(section, "")]
        if not changed:
            return
        now = time.time_ns() // 1000
        rows = [
            {"version": row.id, "section": section, "text": after[section], "editor": actor, "time": now}
            for section in changed
        ]
        upsert(connection, library_card_texts, ("version", "section"), rows)
        digests = audit.digest_of(before), audit.digest_of(after)
        audit.record(connection, actor, "edit card", f"artifacts/{version.reference}/card", *digests)
        record_library_change(connection, [row.artifact])


def card_use(store: Store, version: ArtifactVersion, *, user: str | None = None) -> CardUse:
    """Count the runs that have used a version, and their projects; only a user's runs if one asks."""
    mine = true() if user is None else runs.c.user == user
    statement = (
        select(func.count(runs.c.id.distinct()), func.count(runs.c.project.distinct()))
        .select_from(library_uses)
        .join(library_versions, library_versions.c.id == library_uses.c.version)
        .join(runs, runs.c.run_id == library_uses.c.run)
        .where(library_versions.c.registration == version.registration, mine)
    )
    with store.read.connect() as connection:
        return CardUse(*connection.execute(statement).one())


def _check(version: ArtifactVersion, section: str, there: CardText | None, edit: CardEdit) -> None:
    if text_digest("" if there is None else there.text) == edit.expected:
        return
    who = f" by {there.editor}" if there is not None else ""
    msg = f"The section {section!r} of {version.reference} has been changed{who} since it was read."
    raise Conflict(msg, hint="Read the card again, and work your change into what it says now.")


def _row(connection: Connection, version: ArtifactVersion, *, write: bool = False) -> Row[Any]:
    """Give the version's row; to write, hold its artifact, so that one edit is made after another."""
    columns = library_versions.c
    here = columns.registration == version.registration
    statement: Select[Any] = select(columns.id, columns.artifact, columns.version).where(here)
    row = connection.execute(statement).one_or_none()
    if row is None:
        msg = f"{version.reference} is not in the library any more."
        raise NotFound(msg)
    if write:
        held = select(library_artifacts.c.id).where(library_artifacts.c.id == row.artifact)
        connection.execute(held.with_for_update())
    return row


def _texts(connection: Connection, row: Row[Any]) -> dict[str, CardText]:
    """Give the latest text of each section up to a version, the empty ones, too."""
    columns = library_card_texts.c
    statement = (
        select(columns.section, columns.text, columns.editor, columns.time, library_versions.c.version)
        .join(library_versions, library_versions.c.id == columns.version)
        .where(library_versions.c.artifact == row.artifact, library_versions.c.version <= row.version)
        .order_by(library_versions.c.version)
    )
    return {
        each.section: CardText(each.text, each.editor, cast("datetime", to_time(each.time)), each.version)
        for each in connection.execute(statement)
    }
