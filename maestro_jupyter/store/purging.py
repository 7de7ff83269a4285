"""Purging a version: what it said and held is gone for good, and its number is never given again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from maestro_jupyter.errors import Invalid
from maestro_jupyter.store import audit, vector_index, word_index
from maestro_jupyter.store.artifacts import remove_unneeded
from maestro_jupyter.store.changes import record_library_change
from maestro_jupyter.store.library import PURGED, find_artifact, find_version, version_row
from maestro_jupyter.store.schema import (
    library_aliases,
    library_artifacts,
    library_card_texts,
    library_tags,
    library_versions,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from maestro_jupyter.models import ArtifactVersion
    from maestro_jupyter.store.audit import Anchor
    from maestro_jupyter.store.blobs import Blobs
    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.library import Reference

_ANY_AGE = float("inf")


def purge(
    store: Store, anchor: Anchor, blobs: Blobs, reference: Reference, actor: str, *, user: str | None = None
) -> ArtifactVersion:
    """Take a version away for good; give what is left of it.

    Its number, type, creator, time and registration stay, so that the number is not given again, uses of it
    can be read, and a journal that is collected once more does not bring it back. Its bytes go with it,
    unless a row still names them.

    Parameters
    ----------
    store : Store
    anchor : Anchor
        Of the audit.
    blobs : Blobs
    reference : Reference
        With a number: nothing is purged by an alias, which may point elsewhere by now.
    actor : str
        Who does it.
    user : str, optional
        Who asks: what is private to others does not exist.

    Raises
    ------
    Invalid
        If no number is given.
    NotFound
        If there is no such version.
    Unavailable
        If the bytes cannot be removed now: the rest is gone, and `prune` takes them away later.
    """
    if reference.version is None:
        msg = f"{str(reference)!r:.200} names no version by its number."
        raise Invalid(msg, hint=f"Only a version can be purged, such as {reference.name}:1.")
    with audit.audited(store, anchor) as connection:
        find_artifact(connection, reference.name, user, write=True)
        version = find_version(connection, reference, user)
        if not version.purged:
            _purge_rows(connection, version)
            before = audit.digest_of(msgspec.to_builtins(version))
            resource = f"artifacts/{version.reference}"
            audit.record(connection, actor, "purge artifact", resource, before, None)
        left = find_version(connection, reference, user)
    if version.sha256:
        remove_unneeded(store, blobs, [version.sha256], _ANY_AGE)
    return left


def _purge_rows(connection: Connection, version: ArtifactVersion) -> None:
    row, columns = version_row(connection, version.registration), library_versions.c
    others = select(func.max(columns.version)).where(
        columns.artifact == row.artifact, columns.format != PURGED, columns.id != row.id
    )
    newest = connection.scalar(others)
    connection.execute(
        library_versions.update()
        .where(columns.id == row.id)
        .values(
            format=PURGED, sha256="", size=0, media_type="", about=msgspec.msgpack.encode({}), archived=True
        )
    )
    for of_version in (library_aliases, library_card_texts):
        connection.execute(of_version.delete().where(of_version.c.version == row.id))
    if newest is None:  # nothing is left that the words could be about
        connection.execute(library_tags.delete().where(library_tags.c.artifact == row.artifact))
        here = library_artifacts.c.id == row.artifact
        connection.execute(library_artifacts.update().where(here).values(description=""))
    # What is searched is what the newest version says: of those before it, nothing is kept.
    said = "" if newest is None or newest < row.version else None
    word_index.index_text(connection, row.artifact, said)
    if said is not None:
        vector_index.forget(connection, row.artifact)
    record_library_change(connection, [row.artifact])
