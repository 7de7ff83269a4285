"""What is asked of the library: artifacts with their versions, aliases, tags and uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec
from sqlalchemy import and_, bindparam, func, or_, select, true

from maestro_jupyter.errors import Invalid, NotFound
from maestro_jupyter.models import ArtifactUse, ArtifactVersion
from maestro_jupyter.store.rows import pieces, text_of
from maestro_jupyter.store.runs import to_time
from maestro_jupyter.store.schema import (
    library_aliases,
    library_artifacts,
    library_tags,
    library_uses,
    library_versions,
    projects,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import BindParameter, ColumnElement, Connection, Row, Select

    from maestro_jupyter.store.engine import Store


PURGED = "purged"
"""The format of a version whose content was taken away for good."""

# Made once: to make a statement takes SQLAlchemy longer than to execute it.
_VERSIONS: Select[Any] = (
    select(
        library_versions,
        library_artifacts.c.name,
        library_artifacts.c.owner,
        library_artifacts.c.space,
        library_artifacts.c.description,
        library_artifacts.c.archived.label("put_away"),
        projects.c.name.label("project"),
    )
    .join(library_artifacts, library_artifacts.c.id == library_versions.c.artifact)
    .join(projects, projects.c.id == library_artifacts.c.project)
    .order_by(library_versions.c.artifact, library_versions.c.version.desc())
)
_ARE_THESE: BindParameter[Any] = bindparam("keys", expanding=True)
_TAGS = (
    select(library_tags.c.artifact, library_tags.c.tag)
    .where(library_tags.c.artifact.in_(_ARE_THESE))
    .order_by(library_tags.c.tag)
)
_ALIASES = (
    select(library_aliases.c.version, library_aliases.c.alias)
    .where(library_aliases.c.version.in_(_ARE_THESE))
    .order_by(library_aliases.c.alias)
)


class Reference(NamedTuple):
    """Which version is meant: a number, an alias, or, with neither, the newest that is not archived."""

    name: str
    version: int | None = None
    alias: str | None = None

    def __str__(self) -> str:
        if self.version is not None:
            return f"{self.name}:{self.version}"
        return self.name if self.alias is None else f"{self.name}@{self.alias}"


def read_reference(text: str) -> Reference:
    """Read what a user wrote.

    Parameters
    ----------
    text : str
        ``name``, ``name:3`` or ``name@champion``.

    Raises
    ------
    Invalid
        If it is none of these.

    Examples
    --------
    >>> read_reference("scaler:3")
    Reference(name='scaler', version=3, alias=None)
    >>> read_reference("scaler@champion").alias
    'champion'
    """
    name, sign, rest = text, "", ""
    for mark in ":@":
        if mark in text:
            name, sign, rest = text.partition(mark)
    named = bool(name.strip())
    if named and sign == ":" and rest.isascii() and rest.isdecimal() and 0 < len(rest) < 10:
        return Reference(name, int(rest))
    if named and sign == "@" and rest and not set(":@") & set(rest + name):
        return Reference(name, alias=rest)
    if named and not sign:
        return Reference(name)
    msg = f"{text!r:.200} names no artifact."
    raise Invalid(msg, hint="Use a name, name:3 for a version, or name@champion for an alias.")


def get(store: Store, reference: Reference, *, user: str | None = None) -> ArtifactVersion:
    """Give one version.

    Parameters
    ----------
    store : Store
    reference : Reference
    user : str, optional
        Who asks: what is private to others does not exist. None sees everything.

    Raises
    ------
    NotFound
        If there is no such artifact, version or alias.
    """
    with store.read.connect() as connection:
        return find_version(connection, reference, user)


def by_registration(store: Store, registration: str, *, user: str | None = None) -> ArtifactVersion | None:
    """Give the version that was registered under an id; None if it is not there (yet)."""
    with store.read.connect() as connection:
        found = _read(connection, and_(library_versions.c.registration == registration, seen_by(user)))
    return found[0] if found else None


def names(store: Store, *, user: str | None = None) -> list[str]:
    """Give the names of all artifacts that are not archived, each once."""
    columns = library_artifacts.c
    statement = select(columns.name).where(columns.archived.is_(False), seen_by(user)).distinct()
    with store.read.connect() as connection:
        return list(connection.scalars(statement.order_by(columns.name)))


def by_numbers(
    connection: Connection, numbers: Iterable[int], *, user: str | None = None
) -> dict[int, ArtifactVersion]:
    """Give the versions of some numbers that a user may see."""
    here = library_versions.c.id.in_(list(numbers))
    return _read_numbered(connection, and_(here, seen_by(user)))


def versions(
    store: Store, name: str, *, user: str | None = None, start: int = 0, limit: int | None = None
) -> list[ArtifactVersion]:
    """Give the versions of an artifact, or a part of them, the newest first.

    Raises
    ------
    NotFound
        If there is no such artifact.
    """
    with store.read.connect() as connection:
        artifact = find_artifact(connection, name, user)
        return _read(connection, library_versions.c.artifact == artifact.id, start=start, limit=limit)


def archived(
    store: Store,
    *,
    type: str | None = None,  # noqa: A002 - the contract's name
    tags: Iterable[str] = (),
    project: str | None = None,
    owner: str | None = None,
    user: str | None = None,
    start: int = 0,
    limit: int | None = None,
) -> list[ArtifactVersion]:
    """Give the artifacts that are archived, or have no version that is not, each as its newest version.

    Parameters
    ----------
    store : Store
    type, project, owner : str, optional
        Only those of this type, of this project, of this owner.
    tags : iterable of str
        Only those with all of these.
    user : str, optional
        Who asks; see `get`.
    start, limit : int, optional
        Which part of them, the longest registered first.
    """
    artifact, version = library_artifacts.c, library_versions.c
    numbers = select(func.max(version.id)).group_by(version.artifact)
    in_use = select(version.artifact).where(version.archived.is_(False))
    where = [
        version.id.in_(numbers),
        or_(artifact.archived.is_(True), artifact.id.not_in(in_use)),
        seen_by(user),
    ]
    for column, wanted in ((version.type, type), (projects.c.name, project), (artifact.owner, owner)):
        where += [] if wanted is None else [column == text_of(wanted, 255)]
    for tag in dict.fromkeys(tags):
        where.append(artifact.id.in_(select(library_tags.c.artifact).where(library_tags.c.tag == tag)))
    with store.read.connect() as connection:
        return _read(connection, and_(*where), start=start, limit=limit)


def uses(
    store: Store, name: str, *, user: str | None = None, start: int = 0, limit: int | None = None
) -> list[ArtifactUse]:
    """Give the uses of an artifact's versions, or a part of them, the latest first.

    Raises
    ------
    NotFound
        If there is no such artifact.
    """
    with store.read.connect() as connection:
        artifact = find_artifact(connection, name, user)
        statement = (
            select(
                library_uses,
                library_versions.c.version.label("number"),
                library_versions.c.format,
                projects.c.name.label("named"),
            )
            .join(library_versions, library_versions.c.id == library_uses.c.version)
            .join(projects, projects.c.id == library_uses.c.project)
            .where(library_versions.c.artifact == artifact.id)
            .order_by(library_uses.c.time.desc(), library_uses.c.id.desc())
            .limit(limit)
            .offset(start)
        )
        return [_use(artifact.name, row) for row in connection.execute(statement)]


def visible(connection: Connection, registrations: set[str], user: str) -> set[str]:
    """Give those of the registrations that are there for a user."""
    columns = library_versions.c
    statement = select(columns.registration).join(
        library_artifacts, library_artifacts.c.id == columns.artifact
    )
    found: set[str] = set()
    for some in pieces(sorted(registrations)):
        found.update(connection.scalars(statement.where(columns.registration.in_(some), seen_by(user))))
    return found


def seen_by(user: str | None) -> ColumnElement[bool]:
    """Give the condition for the artifacts that a user may see."""
    return true() if user is None else library_artifacts.c.space.in_(["", user])


# In a connection


def find_artifact(connection: Connection, name: str, user: str | None, *, write: bool = False) -> Row[Any]:
    """Give an artifact's row; where a private and a common one have the name, the private one."""
    statement: Select[Any] = (
        select(library_artifacts)
        .where(library_artifacts.c.name == text_of(name), seen_by(user))
        .order_by(library_artifacts.c.space.desc())
        .limit(1)
    )
    row = connection.execute(statement.with_for_update() if write else statement).first()
    if row is None:
        msg = f"There is no artifact {name!r:.140} in the library."
        raise NotFound(msg, hint="See `%maestro search`, or `maestro library list`.")
    return row


def find_version(connection: Connection, reference: Reference, user: str | None) -> ArtifactVersion:
    """Give one version; see `get`."""
    artifact = find_artifact(connection, reference.name, user)
    columns = library_versions.c
    where = [columns.artifact == artifact.id]
    if reference.version is not None:
        where.append(columns.version == reference.version)
    elif reference.alias is not None:
        pointed = select(library_aliases.c.version).where(
            library_aliases.c.artifact == artifact.id, library_aliases.c.alias == text_of(reference.alias)
        )
        where.append(columns.id == pointed.scalar_subquery())
    else:
        where.append(columns.archived.is_(False))
    found = _read(connection, and_(*where), limit=1)
    if not found:
        raise _no_version(connection, reference, artifact.id)
    return found[0]


def newest_of(connection: Connection, artifact: int) -> ArtifactVersion:
    """Give the newest version of an artifact, archived or not."""
    return _read(connection, library_versions.c.artifact == artifact, limit=1)[0]


def version_row(connection: Connection, registration: str) -> Row[Any]:
    """Give the row of the version that was registered under an id."""
    here = library_versions.c.registration == text_of(registration, 32)
    return connection.execute(select(library_versions).where(here)).one()


def tags_of(connection: Connection, artifacts: Iterable[int]) -> dict[int, list[str]]:
    """Give the tags of some artifacts, by their numbers, in order."""
    return _grouped(connection, _TAGS, artifacts)


def _no_version(connection: Connection, reference: Reference, artifact: int) -> NotFound:
    columns = library_versions.c
    numbers = connection.scalars(
        select(columns.version)
        .where(columns.artifact == artifact, columns.format != PURGED)
        .order_by(columns.version.desc())
        .limit(5)
    ).all()
    aliases = connection.scalars(
        select(library_aliases.c.alias)
        .where(library_aliases.c.artifact == artifact)
        .order_by(library_aliases.c.alias)
        .limit(20)
    ).all()
    if reference.version is None and reference.alias is None:
        msg = f"Every version of {reference.name!r} is archived{'' if numbers else ' or purged'}."
        return NotFound(msg, hint=f"Name one, such as {reference.name}:{numbers[0]}." if numbers else "")
    msg = f"There is no {str(reference)!r:.200} in the library."
    there = [f"{reference.name}:{number}" for number in numbers]
    there += [f"{reference.name}@{alias}" for alias in aliases]
    return NotFound(msg, hint=f"There are {', '.join(there)}." if there else "")


def purged_away(version: ArtifactVersion) -> NotFound:
    """Say that a version has no content any more."""
    msg = f"The content of {version.reference} was purged: it is gone for good."
    return NotFound(msg, hint="See `%maestro search` for what there is.")


def _read(
    connection: Connection, where: ColumnElement[bool], *, start: int = 0, limit: int | None = None
) -> list[ArtifactVersion]:
    """Give versions, the newest of an artifact first."""
    return list(_read_numbered(connection, where, start=start, limit=limit).values())


def _read_numbered(
    connection: Connection, where: ColumnElement[bool], *, start: int = 0, limit: int | None = None
) -> dict[int, ArtifactVersion]:
    statement = _VERSIONS.where(where).limit(limit).offset(start)
    rows = connection.execute(statement).all()
    tags = tags_of(connection, {row.artifact for row in rows})
    aliases = _grouped(connection, _ALIASES, [row.id for row in rows])
    return {row.id: _version(row, tags.get(row.artifact, []), aliases.get(row.id, [])) for row in rows}


def _grouped(connection: Connection, statement: Select[Any], keys: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for some in pieces(sorted(keys)):
        for number, text in connection.execute(statement, {"keys": some}):
            found.setdefault(number, []).append(text)
    return found


def _version(row: Row[Any], tags: list[str], aliases: list[str]) -> ArtifactVersion:
    return ArtifactVersion(
        name=row.name,
        version=row.version,
        type=row.type,
        format=row.format,
        project=row.project,
        owner=row.owner,
        creator=row.creator,
        created=cast("datetime", to_time(row.created)),
        description=row.description,
        tags=tags,
        aliases=aliases,
        private=bool(row.space),
        archived=row.archived or row.put_away,
        purged=row.format == PURGED,
        sha256=row.sha256,
        size=row.size,
        media_type=row.media_type,
        run_id=row.run,
        execution_id=row.execution,
        registration=row.registration,
        about=_about(row.about),
    )


def _about(content: bytes) -> dict[str, Any]:
    return msgspec.msgpack.decode(content, type=dict[str, Any])


def _use(name: str, row: Row[Any]) -> ArtifactUse:
    return ArtifactUse(
        name=name,
        version=row.number,
        project=row.named,
        user=row.user,
        time=cast("datetime", to_time(row.time)),
        run_id=row.run or None,
        purged=row.format == PURGED,
    )
