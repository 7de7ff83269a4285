"""What a surface may ask of a library elsewhere: the answers of a Maestro server, over REST."""

from __future__ import annotations

import hashlib
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

import msgspec

from maestro_jupyter import uploading
from maestro_jupyter.errors import Invalid, Unavailable
from maestro_jupyter.library.card import CardDocument
from maestro_jupyter.models import ArtifactUse, ArtifactVersion, Impact, Trend, Upload, Usage
from maestro_jupyter.store.found import Found
from maestro_jupyter.store.library import purged_away, read_reference
from maestro_jupyter.store.lineage_graph import USUAL, Lineage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from maestro_jupyter.http_api import HttpApi
    from maestro_jupyter.models import Registration
    from maestro_jupyter.store.library import Reference
    from maestro_jupyter.store.library_cards import CardEdit
    from maestro_jupyter.store.lineage_graph import Extent

Ranking = TypeVar("Ranking")

MOST_RANKED = 1000
"""How many artifacts are ranked by what they contributed."""

PIECE = 8 << 20
"""How many bytes of an artifact are fetched at once."""


class HttpLibrary:
    """The library of a Maestro server; the same as `maestro_jupyter.library_api.LocalLibrary` over its store.

    Parameters
    ----------
    server : HttpApi
    """

    def __init__(self, server: HttpApi) -> None:
        self._server = server

    def get(self, reference: str) -> ArtifactVersion:
        """Give one version."""
        return _version(self._server.ask("GET", _path_of_version(read_reference(reference))))

    def search(
        self,
        query: str = "",
        *,
        types: Iterable[str] = (),
        tags_any: Iterable[str] = (),
        tags_all: Iterable[str] = (),
        project: str | None = None,
        owner: str | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> Found:
        """Find artifacts by words and by meaning, with the reasons and the counts of what was found.

        Raises
        ------
        Invalid
            If more than one type is asked for, which a server is not asked at once.
        """
        wanted = list(types)
        if len(wanted) > 1:
            msg = "A server is asked for one type at a time."
            raise Invalid(msg)
        asked = {
            "q": query,
            "type": wanted[0] if wanted else None,
            "tags": ",".join(tags_all),
            "any_tags": ",".join(tags_any),
            "project": project,
            "owner": owner,
            "limit": limit,
            "offset": offset,
        }
        return msgspec.json.decode(self._server.ask("GET", ("artifacts", "search"), query=asked), type=Found)

    def impacts(self) -> list[Impact]:
        """Give what artifacts contributed, the highest lower end first, what is unknown last; a thousand."""
        body = self._server.ask("GET", ("artifacts", "top"), query={"limit": MOST_RANKED})
        return msgspec.json.decode(body, type=list[Impact])

    def used(self, limit: int = 20, project: str | None = None) -> list[Usage]:
        """Give the artifacts that most projects used; among equals, those that most runs did.

        With a project, only its uses count.
        """
        return self._ranking("used", list[Usage], limit=limit, project=project)

    def trending(self, limit: int = 20) -> list[Trend]:
        """Compare the uses of the last 7 days with those of the 28 days before."""
        return self._ranking("trending", list[Trend], limit=limit)

    def unused(self, days: int = 90, limit: int = 20) -> list[Usage]:
        """Give the artifacts that nobody has used for so many days."""
        return self._ranking("unused", list[Usage], days=days, limit=limit)

    def archived(
        self,
        *,
        type: str | None = None,  # noqa: A002 - the contract's name
        tags: Iterable[str] = (),
        project: str | None = None,
        owner: str | None = None,
        limit: int = 20,
        start: int = 0,
    ) -> list[ArtifactVersion]:
        """Give the artifacts that are put away, each as its newest version."""
        return self._ranking(
            "archived",
            list[ArtifactVersion],
            type=type,
            tags=",".join(tags),
            project=project,
            owner=owner,
            limit=limit,
            start=start,
        )

    def versions(self, name: str) -> list[ArtifactVersion]:
        """Give every version of an artifact, the newest first."""
        return self._server.every("artifacts", name, kind=list[ArtifactVersion])

    def uses(self, name: str) -> list[ArtifactUse]:
        """Give the uses of an artifact, the latest first."""
        return self._server.every("artifacts", name, "usage", kind=list[ArtifactUse])

    def lineage(self, reference: str, extent: Extent = USUAL) -> Lineage:
        """Give what a version came from and what came of it."""
        path = (*_path_of_version(read_reference(reference)), "lineage")
        body = self._server.ask("GET", path, query=msgspec.structs.asdict(extent))
        return msgspec.json.decode(body, type=Lineage)

    def card(self, reference: str) -> CardDocument:
        """Give the model card of a version."""
        return _card(self._server.ask("GET", (*_path_of_version(read_reference(reference)), "card")))

    def edit_card(self, reference: str, edits: Mapping[str, CardEdit]) -> CardDocument:
        """Write in sections of a version's card, by their keys: all or none; give the card then."""
        path = (*_path_of_version(read_reference(reference)), "card")
        return _card(self._server.ask("PATCH", path, body=msgspec.json.encode({"sections": edits})))

    def open(self, reference: str) -> tuple[ArtifactVersion, BinaryIO]:
        """Give a version and its bytes, fetched piece by piece into a file that goes away when it is closed.

        Raises
        ------
        Unavailable
            If what comes is not what was registered.
        """
        version = self.get(reference)
        if version.purged:
            raise purged_away(version)
        file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - whoever asked closes it
        try:
            self._fetch(version, file)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return version, file

    def _ranking(self, which: str, kind: type[Ranking], **asked: Any) -> Ranking:
        return msgspec.json.decode(self._server.ask("GET", ("artifacts", which), query=asked), type=kind)

    def _fetch(self, version: ArtifactVersion, file: BinaryIO) -> None:
        path = (*_path_of_version(read_reference(version.reference)), "content")
        digest = hashlib.sha256()
        for begin in range(0, version.size, PIECE):
            asked = {"Range": f"bytes={begin}-{min(begin + PIECE, version.size) - 1}"}
            piece = self._server.ask("GET", path, headers=asked)
            digest.update(piece)
            file.write(piece)
        if digest.hexdigest() != version.sha256:
            msg = f"The bytes of {version.reference} are not those that were registered."
            raise Unavailable(msg, hint="Ask whoever runs the server for `maestro doctor`.")

    def alias(self, reference: str, alias: str) -> ArtifactVersion:
        """Let an alias point at a version."""
        meant = self.get(reference)
        body = msgspec.json.encode({"version": meant.version})
        return _version(self._server.ask("PUT", ("artifacts", meant.name, "aliases", alias), body=body))

    def drop_alias(self, name: str, alias: str) -> ArtifactVersion:
        """Take an alias away; give the version that it pointed at."""
        return _version(self._server.ask("DELETE", ("artifacts", name, "aliases", alias)))

    def describe(
        self, name: str, *, description: str | None = None, tags: Iterable[str] | None = None
    ) -> ArtifactVersion:
        """Change an artifact's description or tags; None leaves them."""
        edit = {"description": description, "tags": None if tags is None else list(tags)}
        return self._edit(("artifacts", name), {key: said for key, said in edit.items() if said is not None})

    def archive(self, reference: str, *, archived: bool = True) -> ArtifactVersion:
        """Put an artifact, or with a version or alias that version, away; or take it out again."""
        meant = read_reference(reference)
        whole = meant.version is None and meant.alias is None
        path = ("artifacts", meant.name) if whole else _path_of_version(meant)
        return self._edit(path, {"archived": archived})

    def purge(self, reference: str) -> ArtifactVersion:
        """Take a version away for good, named by its number; give what is left of it."""
        path = _path_of_version(read_reference(reference))
        return _version(self._server.ask("DELETE", path, query={"purge": "true"}))

    def begin_upload(self, size: int, sha256: str) -> Upload:
        """Begin to upload a file."""
        body = msgspec.json.encode({"size": size, "sha256": sha256})
        return _upload(self._server.ask("POST", ("uploads",), body=body))

    def upload(self, upload: str) -> Upload:
        """Say how far an upload of one's own is."""
        return _upload(self._server.ask("GET", ("uploads", upload)))

    def add_to_upload(self, upload: str, offset: int, data: bytes) -> Upload:
        """Send the next piece of a file."""
        return _upload(self._server.send("PATCH", ("uploads", upload), {"offset": offset}, data))

    def drop_upload(self, upload: str) -> Upload:
        """Give an upload up; give how far it was."""
        return _upload(self._server.ask("DELETE", ("uploads", upload)))

    def register_upload(self, upload: str, registration: Registration) -> ArtifactVersion:
        """Register a version from an upload that is complete; asked once more, give that version."""
        body = msgspec.json.encode(registration)
        return _version(self._server.ask("POST", ("artifacts",), query={"upload": upload}, body=body))

    def register_file(
        self, path: Path, registration: Registration, *, upload: str | None = None
    ) -> ArtifactVersion:
        """Upload a file and register a version from it; see `maestro_jupyter.uploading.register_file`."""
        return uploading.register_file(self, path, registration, upload=upload)

    def _edit(self, path: Sequence[str], edit: Mapping[str, Any]) -> ArtifactVersion:
        return _version(self._server.ask("PATCH", path, body=msgspec.json.encode(edit)))


def _path_of_version(meant: Reference) -> tuple[str, ...]:
    if meant.version is not None:
        return ("artifacts", meant.name, "versions", str(meant.version))
    return ("artifacts", meant.name, "versions", "newest" if meant.alias is None else f"@{meant.alias}")


def _version(body: bytes) -> ArtifactVersion:
    return msgspec.json.decode(body, type=ArtifactVersion)


def _card(body: bytes) -> CardDocument:
    return msgspec.json.decode(body, type=CardDocument)


def _upload(body: bytes) -> Upload:
    return msgspec.json.decode(body, type=Upload)
