"""What a surface may ask of the library, and the answers of a local store; permissions as in `api`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, cast

import msgspec

from maestro_jupyter import uploading
from maestro_jupyter.api import require
from maestro_jupyter.artifact_names import checked_alias, checked_name, checked_tag
from maestro_jupyter.errors import Conflict, Forbidden, NotFound
from maestro_jupyter.events import ArtifactRegistered
from maestro_jupyter.models import Impact, Standing, Usage
from maestro_jupyter.store import library, library_edits, purging, registering, runs
from maestro_jupyter.store.library import Reference, read_reference
from maestro_jupyter.store.lineage_graph import USUAL

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from maestro_jupyter.api import Actor
    from maestro_jupyter.library.card import CardDocument
    from maestro_jupyter.models import (
        ArtifactUse,
        ArtifactVersion,
        Registration,
        RunDetail,
        Trend,
        Upload,
    )
    from maestro_jupyter.store.audit import Anchor
    from maestro_jupyter.store.blobs import Blobs
    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.found import Found
    from maestro_jupyter.store.library_cards import CardEdit
    from maestro_jupyter.store.library_likeness import Likeness
    from maestro_jupyter.store.lineage_graph import Extent, Lineage
    from maestro_jupyter.store.uploads import Uploads
    from maestro_jupyter.store.vector_index import Encoder

_OF_RUN = 200
"""How many metrics, datasets and candidates of a run a card is made of at most."""

_ALL = 1_000_000

_PUT_AWAY = "Unknown: what is archived is not compared."


class LibraryApi(Protocol):
    """What a surface may ask of the library.

    A reference is ``name``, ``name:3`` or ``name@champion``; what is private to others does not exist.
    """

    def get(self, reference: str) -> ArtifactVersion:
        """Give one version."""

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
        """Find artifacts by words and by meaning, with the reasons and the counts of what was found."""

    def impacts(self) -> list[Impact]:
        """Give what artifacts contributed, by the lower end of the interval; what is unknown last."""

    def used(self, limit: int = 20, project: str | None = None) -> list[Usage]:
        """Give the artifacts that most projects used; among equals, those that most runs did.

        With a project, only its uses count.
        """

    def trending(self, limit: int = 20) -> list[Trend]:
        """Compare the uses of the last 7 days with those of the 28 days before."""

    def unused(self, days: int = 90, limit: int = 20) -> list[Usage]:
        """Give the artifacts that nobody has used for so many days."""

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

    def versions(self, name: str) -> list[ArtifactVersion]:
        """Give every version of an artifact, the newest first."""

    def uses(self, name: str) -> list[ArtifactUse]:
        """Give the uses of an artifact, the latest first."""

    def lineage(self, reference: str, extent: Extent = USUAL) -> Lineage:
        """Give what a version came from and what came of it."""

    def card(self, reference: str) -> CardDocument:
        """Give the model card of a version."""

    def edit_card(self, reference: str, edits: Mapping[str, CardEdit]) -> CardDocument:
        """Write in sections of a version's card, by their keys: all or none; give the card then."""

    def open(self, reference: str) -> tuple[ArtifactVersion, BinaryIO]:
        """Give a version and its bytes; reading their end fails if they have changed."""

    def alias(self, reference: str, alias: str) -> ArtifactVersion:
        """Let an alias point at a version."""

    def drop_alias(self, name: str, alias: str) -> ArtifactVersion:
        """Take an alias away; give the version that it pointed at."""

    def describe(
        self, name: str, *, description: str | None = None, tags: Iterable[str] | None = None
    ) -> ArtifactVersion:
        """Change an artifact's description or tags; None leaves them."""

    def archive(self, reference: str, *, archived: bool = True) -> ArtifactVersion:
        """Put an artifact, or with a version or alias that version, away; or take it out again."""

    def purge(self, reference: str) -> ArtifactVersion:
        """Take a version away for good, named by its number; give what is left of it."""

    def begin_upload(self, size: int, sha256: str) -> Upload:
        """Begin to upload a file."""

    def upload(self, upload: str) -> Upload:
        """Say how far an upload of one's own is."""

    def add_to_upload(self, upload: str, offset: int, data: bytes) -> Upload:
        """Send the next piece of a file."""

    def drop_upload(self, upload: str) -> Upload:
        """Give an upload up; give how far it was."""

    def register_upload(self, upload: str, registration: Registration) -> ArtifactVersion:
        """Register a version from an upload that is complete; asked once more, give that version."""

    def register_file(
        self, path: Path, registration: Registration, *, upload: str | None = None
    ) -> ArtifactVersion:
        """Upload a file and register a version from it; see `maestro_jupyter.uploading.register_file`."""


class LocalLibrary:
    """The library of a store on this machine.

    Parameters
    ----------
    store : Store
    actor : Actor
        Who asks.
    blobs : callable
        Gives the place where bytes are kept.
    redact : callable
        Takes secrets out of a text before it is written.
    anchor : Anchor
        Of the audit.
    encoder : callable
        Gives what searches by meaning; None where that is not installed.
    uploads : Uploads
        Files on their way.
    encoded : int, optional
        How many artifacts without a vector a search encodes first; None for its usual measure.
    """

    def __init__(
        self,
        store: Store,
        actor: Actor,
        blobs: Callable[[], Blobs],
        redact: Callable[[str], str],
        anchor: Anchor,
        encoder: Callable[[], Encoder | None],
        uploads: Uploads,
        encoded: int | None = None,
    ) -> None:
        self._store = store
        self._actor = actor
        self._blobs = blobs
        self._uploads = uploads
        self._redact = redact
        self._anchor = anchor
        self._encoder = encoder
        self._encoded = encoded
        self._user = None if actor.owner else actor.name

    def get(self, reference: str) -> ArtifactVersion:
        """Give one version."""
        require(self._actor, "read library")
        return library.get(self._store, read_reference(reference), user=self._user)

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
        """Find artifacts by words and by meaning, with the reasons and the counts of what was found."""
        from maestro_jupyter.store import library_search

        require(self._actor, "read library")
        return library_search.search(
            self._store,
            query,
            types=types,
            tags_any=tags_any,
            tags_all=tags_all,
            project=project,
            owner=owner,
            limit=limit,
            offset=offset,
            user=self._user,
            encoder=self._encoder(),
            encoded=library_search.ENCODED if self._encoded is None else self._encoded,
        )

    def likeness(
        self,
        texts: Sequence[str],
        words: Mapping[str, float],
        *,
        names: Collection[str] = (),
        notebook: str = "",
    ) -> Likeness:
        """Find what may be like texts and words, without these names and what a notebook has used."""
        from maestro_jupyter.store import library_likeness, library_search

        require(self._actor, "read library")
        return library_likeness.likeness(
            self._store,
            texts,
            words,
            without=library_likeness.left_out(self._store, names, notebook, user=self._user),
            user=self._user,
            encoder=self._encoder(),
            encoded=library_search.ENCODED if self._encoded is None else self._encoded,
        )

    def impacts(self) -> list[Impact]:
        """Give what artifacts contributed, by the lower end of the interval; what is unknown last."""
        from maestro_jupyter.library.impact import estimate, rank
        from maestro_jupyter.store.library_evidence import observations
        from maestro_jupyter.store.library_memory import memory_of

        require(self._actor, "read library")

        def estimated() -> list[Impact]:
            names = library.names(self._store, user=self._user)
            return rank(estimate(observations(self._store, user=self._user), names=names).values())

        return list(memory_of(self._store).worked_out(self._store, ("impacts", self._user), estimated))

    def standings(self, versions: Iterable[ArtifactVersion]) -> dict[str, Standing]:
        """Give what artifacts contributed and how much they are used, by name; kept until more is known."""
        from maestro_jupyter.library.impact import estimate
        from maestro_jupyter.store.library_evidence import top
        from maestro_jupyter.store.library_memory import memory_of

        store, user = self._store, self._user
        impacts = {impact.name: impact for impact in self.impacts()}
        usages = memory_of(store).worked_out(
            store,
            ("usages", user),
            lambda: {usage.name: usage for usage in top(store, user=user, limit=_ALL)},
        )
        return {
            one.name: Standing(
                impact=impacts.get(one.name) or estimate([], names=[one.name])[one.name],
                usage=usages.get(one.name) or Usage(name=one.name, type=one.type, created=one.created),
            )
            for one in versions
        }

    def used(self, limit: int = 20, project: str | None = None) -> list[Usage]:
        """Give the artifacts that most projects used; among equals, those that most runs did.

        With a project, only its uses count.
        """
        from maestro_jupyter.store.library_evidence import top

        require(self._actor, "read library")
        return top(self._store, user=self._user, project=project, limit=limit)

    def trending(self, limit: int = 20) -> list[Trend]:
        """Compare the uses of the last 7 days with those of the 28 days before."""
        from maestro_jupyter.store.library_evidence import trending

        require(self._actor, "read library")
        return trending(self._store, datetime.now(UTC), user=self._user)[:limit]

    def unused(self, days: int = 90, limit: int = 20) -> list[Usage]:
        """Give the artifacts that nobody has used for so many days."""
        from maestro_jupyter.store.library_evidence import unused

        require(self._actor, "read library")
        return unused(self._store, days, user=self._user)[:limit]

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
        require(self._actor, "read library")
        return library.archived(
            self._store,
            type=type,
            tags=tags,
            project=project,
            owner=owner,
            user=self._user,
            start=start,
            limit=limit,
        )

    def versions(self, name: str, *, start: int = 0, limit: int | None = None) -> list[ArtifactVersion]:
        """Give every version of an artifact, or a part of them, the newest first."""
        require(self._actor, "read library")
        return library.versions(self._store, name, user=self._user, start=start, limit=limit)

    def uses(self, name: str, *, start: int = 0, limit: int | None = None) -> list[ArtifactUse]:
        """Give the uses of an artifact, or a part of them, the latest first."""
        require(self._actor, "read library")
        return library.uses(self._store, name, user=self._user, start=start, limit=limit)

    def lineage(self, reference: str, extent: Extent = USUAL) -> Lineage:
        """Give what a version came from and what came of it."""
        from maestro_jupyter.store.lineage import lineage_of_version

        require(self._actor, "read runs")
        registration = self.get(reference).registration
        return lineage_of_version(self._store, registration, extent, user=self._user)

    def card(self, reference: str) -> CardDocument:
        """Give the model card of a version."""
        from maestro_jupyter.library.card_filling import Recorded, fill
        from maestro_jupyter.store import library_cards

        require(self._actor, "read runs")
        version = self.get(reference)
        return fill(
            Recorded(
                version,
                self._run_of(version),
                self.lineage(version.reference),
                library_cards.card_use(self._store, version, user=self._user),
                self._impact_of(version),
                library_cards.card_texts(self._store, version),
            )
        )

    def edit_card(self, reference: str, edits: Mapping[str, CardEdit]) -> CardDocument:
        """Write in sections of a version's card, by their keys: all or none; give the card then."""
        from maestro_jupyter.library.card import checked_section, checked_text
        from maestro_jupyter.store.library_cards import CardEdit, write_card

        version = self.get(str(self._changing(read_reference(reference))))
        checked = {
            checked_section(key): CardEdit(self._redact(checked_text(edit.text)), edit.expected)
            for key, edit in edits.items()
        }
        write_card(self._store, self._anchor, version, checked, self._actor.name)
        return self.card(version.reference)

    def open(self, reference: str) -> tuple[ArtifactVersion, BinaryIO]:
        """Give a version and its bytes; reading their end fails if they have changed."""
        version = self.get(reference)
        if version.purged:
            raise library.purged_away(version)
        return version, self._blobs().open(version.sha256)

    def registered(self, registration: str) -> ArtifactVersion | None:
        """Give the version that was registered under an id; None if it is not there (yet)."""
        require(self._actor, "read library")
        return library.by_registration(self._store, registration, user=self._user)

    def alias(self, reference: str, alias: str) -> ArtifactVersion:
        """Let an alias point at a version."""
        meant = self._changing(read_reference(reference))
        name = checked_alias(alias)
        return library_edits.set_alias(
            self._store, self._anchor, meant, name, self._actor.name, user=self._user
        )

    def drop_alias(self, name: str, alias: str) -> ArtifactVersion:
        """Take an alias away; give the version that it pointed at."""
        self._changing(Reference(name, alias=alias))
        return library_edits.drop_alias(
            self._store, self._anchor, name, alias, self._actor.name, user=self._user
        )

    def describe(
        self, name: str, *, description: str | None = None, tags: Iterable[str] | None = None
    ) -> ArtifactVersion:
        """Change an artifact's description or tags; None leaves them."""
        self._changing(Reference(name))
        return library_edits.describe(
            self._store,
            self._anchor,
            name,
            self._actor.name,
            description=None if description is None else self._redact(description),
            tags=None if tags is None else [self._redact(checked_tag(tag)) for tag in tags],
            user=self._user,
        )

    def archive(self, reference: str, *, archived: bool = True) -> ArtifactVersion:
        """Put an artifact, or with a version or alias that version, away; or take it out again."""
        meant = self._changing(read_reference(reference))
        return library_edits.set_archived(
            self._store, self._anchor, meant, self._actor.name, archived=archived, user=self._user
        )

    def purge(self, reference: str) -> ArtifactVersion:
        """Take a version away for good, named by its number; give what is left of it."""
        meant = self._changing(read_reference(reference), "purge library")
        return purging.purge(
            self._store, self._anchor, self._blobs(), meant, self._actor.name, user=self._user
        )

    def begin_upload(self, size: int, sha256: str) -> Upload:
        """Begin to upload a file."""
        require(self._actor, "register in library")
        return self._uploads.begin(self._actor.name, size, sha256, limited=not self._actor.owner)

    def upload(self, upload: str) -> Upload:
        """Say how far an upload of one's own is."""
        require(self._actor, "register in library")
        return self._uploads.get(self._actor.name, upload)

    def add_to_upload(self, upload: str, offset: int, data: bytes) -> Upload:
        """Send the next piece of a file."""
        require(self._actor, "register in library")
        return self._uploads.add(self._actor.name, upload, offset, data)

    def drop_upload(self, upload: str) -> Upload:
        """Give an upload up; give how far it was."""
        require(self._actor, "register in library")
        return self._uploads.drop(self._actor.name, upload)

    def register_upload(self, upload: str, registration: Registration) -> ArtifactVersion:
        """Register a version from an upload that is complete; asked once more, give that version."""
        require(self._actor, "register in library")
        # The upload's id is the registration's: whoever lost the answer asks again, and it is there.
        version = self.registered(upload)
        if version is not None and version.creator == self._actor.name:
            return version
        event = self._event(upload, registration)
        with self._uploads.whole(self._actor.name, upload) as (came, path):
            whole = msgspec.structs.replace(event, sha256=came.sha256, size=came.size)
            registering.register_file(self._store, self._anchor, self._blobs(), whole, path)
        return cast("ArtifactVersion", self.registered(upload))

    def register_file(
        self, path: Path, registration: Registration, *, upload: str | None = None
    ) -> ArtifactVersion:
        """Upload a file and register a version from it; see `maestro_jupyter.uploading.register_file`."""
        return uploading.register_file(self, path, registration, upload=upload)

    def _event(self, upload: str, said: Registration) -> ArtifactRegistered:
        """Give what is registered, checked and without secrets."""
        from maestro_jupyter.library.content import clean

        redact = self._redact
        run = None if said.run_id is None else runs.get(self._store, said.run_id, user=self._user).run_id
        return ArtifactRegistered(
            registration=upload,
            name=redact(checked_name(said.name)),
            type=redact(checked_tag(said.type)),
            format=said.format,
            sha256="",
            size=0,
            media_type=said.media_type,
            project=redact(said.project),
            user=self._actor.name,
            time=time.time(),
            run=run,
            execution=None,
            private=said.private,
            description=None if said.description is None else redact(said.description),
            tags=[redact(checked_tag(tag)) for tag in said.tags],
            aliases=[checked_alias(alias) for alias in said.aliases],
            about=clean(said.about, redact),
            text=redact(said.text),
        )

    def _run_of(self, version: ArtifactVersion) -> RunDetail | None:
        """Give the run that a version came from; None where there is none, or none that may be seen."""
        from maestro_jupyter.store import details

        if version.run_id is None:
            return None
        try:
            run = runs.get(self._store, version.run_id, user=self._user)
        except (NotFound, Conflict):
            return None
        if run.run_id != version.run_id:  # which a journal may have told, and may be the beginning of others
            return None
        return details.detail(self._store, run, user=self._user, most=_OF_RUN)

    def _impact_of(self, version: ArtifactVersion) -> Impact:
        found = [impact for impact in self.impacts() if impact.name == version.name]
        return found[0] if found else Impact(name=version.name, status="unknown", reason=_PUT_AWAY)

    def _changing(self, reference: Reference, action: str = "change library") -> Reference:
        """Refuse to change what is another's."""
        require(self._actor, action)
        newest = library.versions(self._store, reference.name, user=self._user, limit=1)[0]
        if not self._actor.owner and newest.owner != self._actor.name:
            msg = f"You may not change {reference.name!r}, which is {newest.owner}'s."
            raise Forbidden(msg, hint="Register a version of your own, or ask its owner.")
        return reference
