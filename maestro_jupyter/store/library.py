"""The library's rows: artifacts with their versions, aliases, tags and uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec
from sqlalchemy import and_, func, or_, select, true

from maestro_jupyter.errors import Invalid, NotFound
from maestro_jupyter.models import ArtifactUse, ArtifactVersion
from maestro_jupyter.store import audit, word_index
from maestro_jupyter.store.batch import microseconds
from maestro_jupyter.store.changes import record_library_change
from maestro_jupyter.store.dataflow import Flow, contributing
from maestro_jupyter.store.rows import clean, insert_new, numbers_of, pieces, text_of, upsert
from maestro_jupyter.store.runs import to_time
from maestro_jupyter.store.schema import (
    cells,
    library_aliases,
    library_artifacts,
    library_tags,
    library_uses,
    library_versions,
    projects,
    runs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from maestro_jupyter.events import ArtifactRegistered, ArtifactUsed
    from maestro_jupyter.store.audit import Anchor
    from maestro_jupyter.store.engine import Store


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


def add_registered(connection: Connection, registered: Sequence[ArtifactRegistered]) -> list[int]:
    """Write versions, in the order in which they were registered.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction of the writing engine.
    registered : sequence of ArtifactRegistered

    Returns
    -------
    list of int
        The artifacts' numbers, for `record_library_change`.
    """
    if not registered:
        return []
    of_project = numbers_of(connection, projects, {event.project for event in registered})
    return [_add_version(connection, event, of_project[event.project]) for event in registered]


def add_used(connection: Connection, used: Sequence[ArtifactUsed]) -> None:
    """Write uses of versions that are there: the first of each version, project and run, or else cell."""
    versions = _version_ids(connection, {event.registration for event in used})
    known = [event for event in used if event.registration in versions]
    if not known:
        return
    of_project = numbers_of(connection, projects, {event.project for event in known})
    rows = [
        {
            "version": versions[event.registration],
            "project": of_project[event.project],
            "run": event.run or "",
            "execution": event.execution or "",
            "user": event.user,
            "time": microseconds(event.time),
        }
        for event in known
    ]
    insert_new(connection, library_uses, rows)


def link_uses(connection: Connection, journal: str, executions: Iterable[str]) -> None:
    """Add uses for the runs of cells that build on what earlier cells used.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction of the writing engine.
    journal : str
        Whose cells they are.
    executions : iterable of str
        Cells whose names have become known.
    """
    used = _uses_in(connection, journal)
    if not used:
        return
    flows, places = _flows(connection, journal)
    begun = _runs_of(connection, executions)
    rows = []
    for execution, started in begun.items():
        if execution not in places:
            continue
        base = {flows[place].execution for place in contributing(flows, places[execution])}
        rows += [
            {
                "version": use.version,
                "project": run.project,
                "run": run.run_id,
                "execution": None,
                "user": run.user,
                "time": run.start_time,
            }
            for run in started
            for use in used
            if use.execution in base and use.time <= run.start_time
        ]
    insert_new(connection, library_uses, rows)


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
        return _get(connection, reference, user)


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
        artifact = _artifact(connection, name, user)
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
        artifact = _artifact(connection, name, user)
        statement = (
            select(library_uses, library_versions.c.version.label("number"), projects.c.name.label("named"))
            .join(library_versions, library_versions.c.id == library_uses.c.version)
            .join(projects, projects.c.id == library_uses.c.project)
            .where(library_versions.c.artifact == artifact.id)
            .order_by(library_uses.c.time.desc(), library_uses.c.id.desc())
            .limit(limit)
            .offset(start)
        )
        return [_use(artifact.name, row) for row in connection.execute(statement)]


def set_alias(
    store: Store, anchor: Anchor, reference: Reference, alias: str, actor: str, *, user: str | None = None
) -> ArtifactVersion:
    """Let an alias point at a version, wherever it pointed before.

    Raises
    ------
    NotFound
        If there is no such version.
    """
    with audit.audited(store, anchor) as connection:
        version = _get(connection, reference, user)
        row = _version_row(connection, version.registration)
        pointed = select(library_versions.c.version).join(
            library_aliases, library_aliases.c.version == library_versions.c.id
        )
        here = (library_aliases.c.artifact == row.artifact, library_aliases.c.alias == text_of(alias, 64))
        before = connection.scalar(pointed.where(*here))
        _point(connection, row.artifact, row.id, [alias])
        named = f"{version.name}@{alias}"
        _note(connection, actor, "alias artifact", row.artifact, named, before, version.version)
        return _get(connection, Reference(version.name, version.version), user)


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
        version = _get(connection, Reference(name, alias=alias), user)
        artifact = _artifact(connection, name, user)
        here = (library_aliases.c.artifact == artifact.id, library_aliases.c.alias == alias)
        connection.execute(library_aliases.delete().where(*here))
        _note(connection, actor, "alias artifact", artifact.id, f"{name}@{alias}", version.version, None)
        return _get(connection, Reference(name, version.version), user)


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
        artifact = _artifact(connection, name, user, write=True)
        before = (artifact.description, _tags(connection, [artifact.id]).get(artifact.id, []))
        if description is not None:
            here = library_artifacts.c.id == artifact.id
            connection.execute(
                library_artifacts.update().where(here).values(description=text_of(description))
            )
        if tags is not None:
            connection.execute(library_tags.delete().where(library_tags.c.artifact == artifact.id))
            _tag(connection, artifact.id, tags)
        word_index.index_text(connection, artifact.id)
        after = (
            before[0] if description is None else description,
            before[1] if tags is None else sorted(set(tags)),
        )
        _note(connection, actor, "describe artifact", artifact.id, name, before, after)
        return _newest(connection, artifact.id)


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
    """
    with audit.audited(store, anchor) as connection:
        artifact = _artifact(connection, reference.name, user, write=True)
        if reference.version is None and reference.alias is None:
            version = _newest(connection, artifact.id)
            table, here = library_artifacts, library_artifacts.c.id == artifact.id
        else:
            version = _get(connection, reference, user)
            table, here = library_versions, library_versions.c.registration == version.registration
        before = connection.scalar(select(table.c.archived).where(here))
        connection.execute(table.update().where(here).values(archived=archived))
        _note(connection, actor, "archive artifact", artifact.id, str(reference), before, archived)
        return _get(connection, Reference(version.name, version.version), user)


# Rows


def _add_version(connection: Connection, event: ArtifactRegistered, project: int) -> int:
    """Write a version, if it is not there; give the artifact's number."""
    artifact = _artifact_of(connection, event, project)
    if _version_ids(connection, {event.registration}):
        return int(artifact.id)
    version = _insert_version(connection, event, artifact.id)
    # A version is welcome; what the artifact is called and said to be is its owner's.
    if artifact.owner == text_of(event.user, 255):
        _say(connection, event, artifact.id, version)
    word_index.index_text(connection, artifact.id, event.text)
    return int(artifact.id)


def _say(connection: Connection, event: ArtifactRegistered, artifact: int, version: int) -> None:
    """Write what an owner says of the artifact with a version."""
    if event.description is not None:
        here = library_artifacts.c.id == artifact
        described = text_of(event.description)
        connection.execute(library_artifacts.update().where(here).values(description=described))
    _tag(connection, artifact, event.tags)
    _point(connection, artifact, version, event.aliases)


def _insert_version(connection: Connection, event: ArtifactRegistered, artifact: int) -> int:
    """Write the next version of an artifact; give its row's number."""
    number = 1 + (
        connection.scalar(
            select(func.max(library_versions.c.version)).where(library_versions.c.artifact == artifact)
        )
        or 0
    )
    row = {
        "artifact": artifact,
        "version": number,
        "registration": event.registration,
        "type": event.type,
        "format": event.format,
        "sha256": event.sha256,
        "size": event.size,
        "media_type": event.media_type,
        "run": event.run,
        "execution": event.execution,
        "creator": event.user,
        "created": microseconds(event.time),
        "about": msgspec.msgpack.encode(event.about),
        "archived": False,
    }
    connection.execute(library_versions.insert(), clean(library_versions, [row]))
    return int(_version_row(connection, event.registration).id)


def _artifact_of(connection: Connection, event: ArtifactRegistered, project: int) -> Row[Any]:
    """Give the artifact's row, and hold it, so that two versions never get one number."""
    space = event.user if event.private else ""
    row = {
        "space": space,
        "name": event.name,
        "owner": event.user,
        "project": project,
        "description": "",
        "archived": False,
        "created": microseconds(event.time),
    }
    insert_new(connection, library_artifacts, [row])
    table = library_artifacts.c
    mine = (table.space == text_of(space, 255), table.name == text_of(event.name, 128))
    statement: Select[Any] = select(table.id, table.owner).where(*mine).with_for_update()
    return connection.execute(statement).one()


def _point(connection: Connection, artifact: int, version: int, aliases: Iterable[str]) -> None:
    rows = [{"artifact": artifact, "alias": alias, "version": version} for alias in sorted(set(aliases))]
    upsert(connection, library_aliases, ("artifact", "alias"), rows)


def _tag(connection: Connection, artifact: int, tags: Iterable[str]) -> None:
    insert_new(connection, library_tags, [{"artifact": artifact, "tag": tag} for tag in sorted(set(tags))])


def _version_ids(connection: Connection, registrations: set[str]) -> dict[str, int]:
    columns = library_versions.c
    found: dict[str, int] = {}
    for some in pieces(sorted(registrations)):
        statement = select(columns.registration, columns.id).where(columns.registration.in_(some))
        found.update((row.registration, row.id) for row in connection.execute(statement))
    return found


def _version_row(connection: Connection, registration: str) -> Row[Any]:
    here = library_versions.c.registration == text_of(registration, 32)
    return connection.execute(select(library_versions).where(here)).one()


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


def _uses_in(connection: Connection, journal: str) -> Sequence[Row[Any]]:
    columns = library_uses.c
    statement: Select[Any] = (
        select(columns.version, columns.execution, columns.time)
        .join(cells, cells.c.execution == columns.execution)
        .where(cells.c.journal == journal)
    )
    return connection.execute(statement).all()


def _flows(connection: Connection, journal: str) -> tuple[list[Flow], dict[str, int]]:
    """Give the names of a journal's cells in the order in which they ran, and each one's place."""
    statement = (
        select(cells.c.execution, cells.c.names).where(cells.c.journal == journal).order_by(cells.c.number)
    )
    flows = []
    for row in connection.execute(statement):
        reads, writes = ([], []) if row.names is None else msgspec.msgpack.decode(row.names)
        flows.append(Flow(row.execution, frozenset(reads), frozenset(writes)))
    return flows, {flow.execution: place for place, flow in enumerate(flows)}


def _runs_of(connection: Connection, executions: Iterable[str]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    columns = runs.c
    for some in pieces(sorted(executions)):
        statement: Select[Any] = select(
            columns.run_id, columns.project, columns.user, columns.start_time, columns.execution
        ).where(columns.execution.in_(some))
        for row in connection.execute(statement):
            found.setdefault(row.execution, []).append(row)
    return found


# Reading


def seen_by(user: str | None) -> ColumnElement[bool]:
    """Give the condition for the artifacts that a user may see."""
    return true() if user is None else library_artifacts.c.space.in_(["", user])


def _artifact(connection: Connection, name: str, user: str | None, *, write: bool = False) -> Row[Any]:
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


def _get(connection: Connection, reference: Reference, user: str | None) -> ArtifactVersion:
    artifact = _artifact(connection, reference.name, user)
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


def _newest(connection: Connection, artifact: int) -> ArtifactVersion:
    return _read(connection, library_versions.c.artifact == artifact, limit=1)[0]


def _no_version(connection: Connection, reference: Reference, artifact: int) -> NotFound:
    columns = library_versions.c
    numbers = connection.scalars(
        select(columns.version).where(columns.artifact == artifact).order_by(columns.version.desc()).limit(5)
    ).all()
    aliases = connection.scalars(
        select(library_aliases.c.alias)
        .where(library_aliases.c.artifact == artifact)
        .order_by(library_aliases.c.alias)
        .limit(20)
    ).all()
    if reference.version is None and reference.alias is None:
        msg = f"Every version of {reference.name!r} is archived."
        return NotFound(msg, hint=f"Name one, such as {reference.name}:{numbers[0]}.")
    msg = f"There is no {str(reference)!r:.200} in the library."
    there = [f"{reference.name}:{number}" for number in numbers]
    there += [f"{reference.name}@{alias}" for alias in aliases]
    return NotFound(msg, hint=f"There are {', '.join(there)}.")


def _read(
    connection: Connection, where: ColumnElement[bool], *, start: int = 0, limit: int | None = None
) -> list[ArtifactVersion]:
    """Give versions, the newest of an artifact first."""
    return list(_read_numbered(connection, where, start=start, limit=limit).values())


def _read_numbered(
    connection: Connection, where: ColumnElement[bool], *, start: int = 0, limit: int | None = None
) -> dict[int, ArtifactVersion]:
    statement = (
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
        .where(where)
        .order_by(library_versions.c.artifact, library_versions.c.version.desc())
        .limit(limit)
        .offset(start)
    )
    rows = connection.execute(statement).all()
    tags = _tags(connection, {row.artifact for row in rows})
    aliases = _aliases(connection, [row.id for row in rows])
    return {row.id: _version(row, tags.get(row.artifact, []), aliases.get(row.id, [])) for row in rows}


def _tags(connection: Connection, artifacts: Iterable[int]) -> dict[int, list[str]]:
    return _grouped(connection, library_tags.c.artifact, library_tags.c.tag, artifacts)


def _aliases(connection: Connection, versions: Iterable[int]) -> dict[int, list[str]]:
    return _grouped(connection, library_aliases.c.version, library_aliases.c.alias, versions)


def _grouped(connection: Connection, key: Any, value: Any, keys: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for some in pieces(sorted(keys)):
        statement = select(key, value).where(key.in_(some)).order_by(value)
        for number, text in connection.execute(statement):
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
    )
