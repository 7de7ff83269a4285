"""What people change of the library's artifacts: aliases, descriptions, tags, what is put away; audited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from maestro_jupyter.errors import Conflict
from maestro_jupyter.store import audit, word_index
from maestro_jupyter.store.changes import record_library_change
from maestro_jupyter.store.library import (
    Reference,
    find_artifact,
    find_version,
    newest_of,
    tags_of,
    version_row,
)
from maestro_jupyter.store.rows import insert_new, text_of, upsert
from maestro_jupyter.store.schema import library_aliases, library_artifacts, library_tags, library_versions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from maestro_jupyter.models import ArtifactVersion
    from maestro_jupyter.store.audit import Anchor
    from maestro_jupyter.store.engine import Store


def set_alias(
    store: Store, anchor: Anchor, reference: Reference, alias: str, actor: str, *, user: str | None = None
) -> ArtifactVersion:
    """Let an alias point at a version, wherever it pointed before.

    Raises
    ------
    NotFound
        If there is no such version.
    Conflict
        If it was purged.
    """
    with audit.audited(store, anchor) as connection:
        version = find_version(connection, reference, user)
        _check_not_purged(version)
        row = version_row(connection, version.registration)
        pointed = select(library_versions.c.version).join(
            library_aliases, library_aliases.c.version == library_versions.c.id
        )
        here = (library_aliases.c.artifact == row.artifact, library_aliases.c.alias == text_of(alias, 64))
        before = connection.scalar(pointed.where(*here))
        point_aliases(connection, row.artifact, row.id, [alias])
        named = f"{version.name}@{alias}"
        _note(connection, actor, "alias artifact", row.artifact, named, before, version.version)
        return find_version(connection, Reference(version.name, version.version), user)


def drop_alias(
    store: Store, anchor: Anchor, name: str, alias: str, actor: str, *, user: str | None = None
) -> ArtifactVersion:
    """Take an alias away; give the version that it pointed at.

    Raises
    ------
    NotFound
        If there is none of that name.
    """
    with audit.audited(store, anchor) as connection:
        version = find_version(connection, Reference(name, alias=alias), user)
        artifact = find_artifact(connection, name, user)
        here = (library_aliases.c.artifact == artifact.id, library_aliases.c.alias == alias)
        connection.execute(library_aliases.delete().where(*here))
        _note(connection, actor, "alias artifact", artifact.id, f"{name}@{alias}", version.version, None)
        return find_version(connection, Reference(name, version.version), user)


def describe(
    store: Store,
    anchor: Anchor,
    name: str,
    actor: str,
    *,
    description: str | None = None,
    tags: Iterable[str] | None = None,
    user: str | None = None,
) -> ArtifactVersion:
    """Change an artifact's description or tags; None leaves them.

    Raises
    ------
    NotFound
        If there is no such artifact.
    """
    with audit.audited(store, anchor) as connection:
        artifact = find_artifact(connection, name, user, write=True)
        before = (artifact.description, tags_of(connection, [artifact.id]).get(artifact.id, []))
        if description is not None:
            here = library_artifacts.c.id == artifact.id
            connection.execute(
                library_artifacts.update().where(here).values(description=text_of(description))
            )
        if tags is not None:
            connection.execute(library_tags.delete().where(library_tags.c.artifact == artifact.id))
            add_tags(connection, artifact.id, tags)
        word_index.index_text(connection, artifact.id)
        after = (
            before[0] if description is None else description,
            before[1] if tags is None else sorted(set(tags)),
        )
        _note(connection, actor, "describe artifact", artifact.id, name, before, after)
        return newest_of(connection, artifact.id)


def set_archived(
    store: Store,
    anchor: Anchor,
    reference: Reference,
    actor: str,
    *,
    archived: bool,
    user: str | None = None,
) -> ArtifactVersion:
    """Put an artifact or (with a version or alias) one version away, or take it out again; give it then.

    Raises
    ------
    NotFound
        If there is none.
    Conflict
        If the version was purged.
    """
    with audit.audited(store, anchor) as connection:
        artifact = find_artifact(connection, reference.name, user, write=True)
        if reference.version is None and reference.alias is None:
            version = newest_of(connection, artifact.id)
            table, here = library_artifacts, library_artifacts.c.id == artifact.id
        else:
            version = find_version(connection, reference, user)
            _check_not_purged(version)
            table, here = library_versions, library_versions.c.registration == version.registration
        before = connection.scalar(select(table.c.archived).where(here))
        connection.execute(table.update().where(here).values(archived=archived))
        _note(connection, actor, "archive artifact", artifact.id, str(reference), before, archived)
        return find_version(connection, Reference(version.name, version.version), user)


def _check_not_purged(version: ArtifactVersion) -> None:
    if version.purged:
        msg = f"{version.reference} was purged: nothing is left of it to be used."
        raise Conflict(msg)


def point_aliases(connection: Connection, artifact: int, version: int, aliases: Iterable[str]) -> None:
    """Let aliases point at a version, wherever they pointed before."""
    rows = [{"artifact": artifact, "alias": alias, "version": version} for alias in sorted(set(aliases))]
    upsert(connection, library_aliases, ("artifact", "alias"), rows)


def add_tags(connection: Connection, artifact: int, tags: Iterable[str]) -> None:
    """Add tags to an artifact's."""
    insert_new(connection, library_tags, [{"artifact": artifact, "tag": tag} for tag in sorted(set(tags))])


def _note(
    connection: Connection,
    actor: str,
    action: str,
    artifact: int,
    resource: str,
    before: object,
    after: object,
) -> None:
    digests = (None if each is None else audit.digest_of(each) for each in (before, after))
    audit.record(connection, actor, action, f"artifacts/{resource}", *digests)
    record_library_change(connection, [artifact])
