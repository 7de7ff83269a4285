"""A shelf of the library: journals that register and use artifacts, and the store they are collected into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journals import journal_of

from maestro_jupyter import events
from maestro_jupyter.recording.artifacts import spool_bytes
from maestro_jupyter.store import audit, library
from maestro_jupyter.store.collector import Collector

if TYPE_CHECKING:
    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.library import Reference


class Shelf:
    """Journals that register and use, and the store that they are collected into."""

    def __init__(self, config: Maestro, store: Store, journal: str = "a") -> None:
        self.config, self.store = config, store
        self.anchor = audit.Anchor(config.home_path)
        self.journal = journal_of(config, journal)
        self.count = 0

    def register(self, name: str, content: bytes = b"def f(): ...", **fields: object) -> str:
        self.count += 1
        registration = f"{self.count:032x}"
        self.journal.append(self.event(registration, name, content, **fields))
        return registration

    def event(
        self, registration: str, name: str, content: bytes = b"x", **fields: object
    ) -> events.ArtifactRegistered:
        sha256 = spool_bytes(self.config.spool, content)
        known: dict[str, object] = {
            "type": "feature_pipeline", "format": "source", "sha256": sha256, "size": len(content),
            "media_type": "text/x-python", "project": "churn", "user": "ada", "time": 100.0 + self.count,
        }  # fmt: skip
        return events.ArtifactRegistered(registration=registration, name=name, **(known | fields))

    def use(self, registration: str, run: str | None = None, project: str = "churn") -> None:
        self.journal.append(events.ArtifactUsed(registration, project, "bob", 200.0, run))

    def collect(self) -> None:
        Collector(self.store, self.config, own="a").collect()

    def get(self, reference: Reference, user: str | None = None):
        return library.get(self.store, reference, user=user)
