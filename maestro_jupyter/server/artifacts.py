"""The library over REST: artifacts with their versions, aliases, bytes and uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from maestro_jupyter.models import ArtifactUse, ArtifactVersion
from maestro_jupyter.server.files import attachment
from maestro_jupyter.server.handler import Answer, Handler
from maestro_jupyter.server.operation import operation

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


class PartQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which part of a list to give."""

    start: Annotated[int, Meta(ge=0, le=(1 << 53) - 1, description="How many to leave out.")] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 1000


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
        return request.api.library.get(_reference(name, version))

    @operation("change library", body=VersionEdit, answer=ArtifactVersion)
    def patch(self, request: Request, name: str, version: str) -> ArtifactVersion:
        """Put a version away, or take it out again."""
        return request.api.library.archive(_reference(name, version), archived=request.body.archived)


class VersionContent(Handler):
    """The bytes of a version."""

    @operation("read library", answer=bytes, media_type="application/octet-stream")
    def get(self, request: Request, name: str, version: str) -> Answer:
        """Give a version's bytes, to be saved and never to be shown in this origin, or a part of them."""
        found, file = request.api.library.open(_reference(name, version))
        return attachment(found.name, found.media_type, found.sha256, found.size, file)


class Usage(Handler):
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


def _reference(name: str, version: str) -> str:
    if version == "newest":
        return name
    return f"{name}{version}" if version.startswith("@") else f"{name}:{version}"
