"""The library over REST: artifacts with their versions, aliases, bytes and uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import msgspec
from msgspec import Meta

from maestro_jupyter.models import ArtifactUse, ArtifactVersion, Impact, Registration, Trend, Usage
from maestro_jupyter.server.cursors import read_cursor, write_cursor
from maestro_jupyter.server.files import attachment
from maestro_jupyter.server.handler import Answer, Handler
from maestro_jupyter.server.operation import operation
from maestro_jupyter.store.found import Found

if TYPE_CHECKING:
    from maestro_jupyter.server.handler import Request


class ArtifactEdit(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of an artifact; what is left out stays."""

    description: Annotated[str, Meta(max_length=65_536)] | None = None
    tags: Annotated[list[Annotated[str, Meta(max_length=128)]], Meta(max_length=10_000)] | None = None
    """The tags that it is to have."""
    archived: bool | None = None


class VersionEdit(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of a version."""

    archived: bool


class Pointed(msgspec.Struct, forbid_unknown_fields=True):
    """What an alias points at."""

    version: Annotated[int, Meta(ge=1, le=(1 << 31) - 1)]


class SearchQuery(msgspec.Struct, forbid_unknown_fields=True):
    """What to look for."""

    q: Annotated[str, Meta(max_length=2_000, description="Plain words; phrases in quotation marks.")] = ""
    type: Annotated[str, Meta(max_length=64)] | None = None
    tags: Annotated[str, Meta(max_length=2_000, description="All of these, separated by commas.")] = ""
    any_tags: Annotated[str, Meta(max_length=2_000, description="One of these, separated by commas.")] = ""
    project: Annotated[str, Meta(max_length=255)] | None = None
    owner: Annotated[str, Meta(max_length=255)] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 20
    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class ListQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which artifacts, and how many."""

    type: Annotated[str, Meta(max_length=64)] | None = None
    project: Annotated[str, Meta(max_length=255)] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 50
    cursor: Annotated[str, Meta(max_length=200, description="From the page before.")] | None = None


class RegisterQuery(msgspec.Struct, forbid_unknown_fields=True):
    """What is registered."""

    upload: Annotated[str, Meta(pattern="^[0-9a-f]{32}$", description="Of an upload that is complete.")]


class DeleteQuery(msgspec.Struct, forbid_unknown_fields=True):
    """How a version goes."""

    purge: Annotated[bool, Meta(description="For good, with its bytes; else it is put away.")] = False


class ArtifactsPage(msgspec.Struct):
    """A page of artifacts, each as its newest version."""

    items: list[ArtifactVersion]
    cursor: str | None
    """Where the next page begins; null on the last."""


class TopQuery(msgspec.Struct, forbid_unknown_fields=True):
    """How many to give."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 20


class UsedQuery(TopQuery, forbid_unknown_fields=True):
    """Where, and how many to give."""

    project: Annotated[str, Meta(max_length=255, description="Only uses in this project.")] | None = None


class UnusedQuery(TopQuery, forbid_unknown_fields=True):
    """For how long, and how many to give."""

    days: Annotated[int, Meta(ge=1, le=36_500)] = 90


class ArchivedQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which of the archived artifacts, and which part of the list."""

    type: Annotated[str, Meta(max_length=64)] | None = None
    tags: Annotated[str, Meta(max_length=2_000, description="All of these, separated by commas.")] = ""
    project: Annotated[str, Meta(max_length=255)] | None = None
    owner: Annotated[str, Meta(max_length=255)] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 20
    start: Annotated[int, Meta(ge=0, le=(1 << 53) - 1, description="How many to leave out.")] = 0


class PartQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which part of a list to give."""

    start: Annotated[int, Meta(ge=0, le=(1 << 53) - 1, description="How many to leave out.")] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 1000


class Artifacts(Handler):
    """The library."""

    @operation("read library", query=ListQuery, answer=ArtifactsPage, kept=True)
    def get(self, request: Request) -> ArtifactsPage:
        """Give a page of the artifacts that are not archived, the newest first."""
        query: ListQuery = request.query
        question = "\n".join((self.actor.name, "artifacts", query.type or "", query.project or ""))
        _, offset = (0, 0) if query.cursor is None else read_cursor(question, query.cursor)
        found = request.api.library.search(
            types=_listed(query.type), project=query.project, limit=query.limit, offset=offset
        )
        after = offset + len(found.hits)
        cursor = write_cursor(question, (0, after)) if found.hits and after < found.total else None
        return ArtifactsPage([hit.artifact for hit in found.hits], cursor)

    @operation(
        "register in library", query=RegisterQuery, body=Registration, answer=ArtifactVersion, status=201
    )
    def post(self, request: Request) -> Answer:
        """Register a version from what was uploaded; once more, it gives the version that there is."""
        version = request.api.library.register_upload(request.query.upload, request.body)
        where = f"{self.request.path}/{quote(version.name)}/versions/{version.version}"
        return Answer(version, {"Location": where})


class Search(Handler):
    """Searching the library."""

    @operation("read library", query=SearchQuery, answer=Found, kept=True)
    def get(self, request: Request) -> Found | Answer:
        """Find artifacts by words and, where that is installed, by meaning, with reasons and counts."""
        query: SearchQuery = request.query
        found = request.api.library.search(
            query.q,
            types=_listed(query.type),
            tags_all=_split(query.tags),
            tags_any=_split(query.any_tags),
            project=query.project,
            owner=query.owner,
            limit=query.limit,
            offset=query.offset,
        )
        # What could not be searched by meaning may be the next time: that answer is not kept.
        return found if found.semantic or not query.q else Answer(found)


class Top(Handler):
    """What has contributed most."""

    @operation("read library", query=TopQuery, answer=list[Impact], kept=True)
    def get(self, request: Request) -> list[Impact]:
        """Give what artifacts contributed, by the lower end of the interval; an association, no cause."""
        return request.api.library.impacts()[: request.query.limit]


class Used(Handler):
    """What is used most."""

    @operation("read library", query=UsedQuery, answer=list[Usage])
    def get(self, request: Request) -> list[Usage]:
        """Give the artifacts that most projects used; among equals, those that most runs did."""
        return request.api.library.used(request.query.limit, request.query.project)


class Trending(Handler):
    """What is used more than before."""

    @operation("read library", query=TopQuery, answer=list[Trend])
    def get(self, request: Request) -> list[Trend]:
        """Compare the uses of the last 7 days with those of the 28 days before, what rises most first."""
        return request.api.library.trending(request.query.limit)


class Unused(Handler):
    """What is not used any more."""

    @operation("read library", query=UnusedQuery, answer=list[Usage])
    def get(self, request: Request) -> list[Usage]:
        """Give the artifacts that were there before so many days, and that nobody has used since."""
        return request.api.library.unused(request.query.days, request.query.limit)


class Archived(Handler):
    """What was put away."""

    @operation("read library", query=ArchivedQuery, answer=list[ArtifactVersion])
    def get(self, request: Request) -> list[ArtifactVersion]:
        """Give the artifacts that are put away, each as its newest version, the first registered first."""
        query: ArchivedQuery = request.query
        return request.api.library.archived(
            type=query.type,
            tags=_split(query.tags),
            project=query.project,
            owner=query.owner,
            limit=query.limit,
            start=query.start,
        )


class Versions(Handler):
    """One artifact."""

    @operation("read library", query=PartQuery, answer=list[ArtifactVersion], kept=True)
    def get(self, request: Request, name: str) -> list[ArtifactVersion]:
        """Give the versions of an artifact, the newest first."""
        return request.api.library.versions(name, limit=request.query.limit, start=request.query.start)

    @operation("change library", body=ArtifactEdit, answer=ArtifactVersion)
    def patch(self, request: Request, name: str) -> ArtifactVersion:
        """Describe an artifact, put it away or take it out again; give its newest version."""
        edit: ArtifactEdit = request.body
        library = request.api.library
        if edit.archived is None:
            return library.describe(name, description=edit.description, tags=edit.tags)
        if edit.description is not None or edit.tags is not None:
            library.describe(name, description=edit.description, tags=edit.tags)
        return library.archive(name, archived=edit.archived)


class OneVersion(Handler):
    """One version of an artifact: by its number, by an alias after ``@``, or ``newest``."""

    @operation("read library", answer=ArtifactVersion, kept=True)
    def get(self, request: Request, name: str, version: str) -> ArtifactVersion:
        """Give a version."""
        return request.api.library.get(reference(name, version))

    @operation("change library", body=VersionEdit, answer=ArtifactVersion)
    def patch(self, request: Request, name: str, version: str) -> ArtifactVersion:
        """Put a version away, or take it out again."""
        return request.api.library.archive(reference(name, version), archived=request.body.archived)

    @operation("purge library", query=DeleteQuery, answer=ArtifactVersion)
    def delete(self, request: Request, name: str, version: str) -> ArtifactVersion:
        """Put a version away or, with `purge=true`, take it away for good; give what is left of it."""
        library, meant = request.api.library, reference(name, version)
        if request.query.purge:
            return library.purge(meant)
        return library.archive(library.get(meant).reference)  # the newest alone, not all of them


class VersionContent(Handler):
    """The bytes of a version."""

    @operation("read library", answer=bytes, media_type="application/octet-stream")
    def get(self, request: Request, name: str, version: str) -> Answer:
        """Give a version's bytes, to be saved and never to be shown in this origin, or a part of them."""
        found, file = request.api.library.open(reference(name, version))
        return attachment(found.name, found.media_type, found.sha256, found.size, file)


class Uses(Handler):
    """Who used an artifact."""

    @operation("read library", query=PartQuery, answer=list[ArtifactUse], kept=True)
    def get(self, request: Request, name: str) -> list[ArtifactUse]:
        """Give the uses of an artifact, the latest first: one for each version, project and run."""
        return request.api.library.uses(name, limit=request.query.limit, start=request.query.start)


class Alias(Handler):
    """An alias of an artifact."""

    @operation("change library", body=Pointed, answer=ArtifactVersion)
    def put(self, request: Request, name: str, alias: str) -> ArtifactVersion:
        """Let an alias point at a version."""
        return request.api.library.alias(f"{name}:{request.body.version}", alias)

    @operation("change library", answer=ArtifactVersion)
    def delete(self, request: Request, name: str, alias: str) -> ArtifactVersion:
        """Take an alias away; give the version that it pointed at."""
        return request.api.library.drop_alias(name, alias)


def _listed(type_: str | None) -> tuple[str, ...]:
    return () if type_ is None else (type_,)


def _split(tags: str) -> list[str]:
    return [tag.strip() for tag in tags.split(",") if tag.strip()]


def reference(name: str, version: str) -> str:
    """Give the reference that an address means.

    Examples
    --------
    >>> reference("scaler", "3"), reference("scaler", "@champion"), reference("scaler", "newest")
    ('scaler:3', 'scaler@champion', 'scaler')
    """
    if version == "newest":
        return name
    return f"{name}{version}" if version.startswith("@") else f"{name}:{version}"
