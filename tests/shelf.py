"""A library with something of a member's, something that is shared, and something of the owner's alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from maestro_jupyter.events import ArtifactRegistered, ArtifactUsed
from maestro_jupyter.store import registering
from maestro_jupyter.store.blobs import Blobs

if TYPE_CHECKING:
    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store

ARTIFACTS = {"members": ("bob", False), "shared": ("carl", False), "owned": ("ada", True)}
"""What the library holds: whose it is, and whether it is private."""

SHELVED = b"<script>alert('library')</script>"
"""The bytes of each."""


def put_on_the_shelf(opened: Store, config: Maestro) -> None:
    """Put `ARTIFACTS` into the library."""
    digest = hashlib.sha256(SHELVED).hexdigest()
    Blobs(config.artifact_url).put(digest, [SHELVED])
    registered = [
        ArtifactRegistered(
            f"{number:032x}", name, "model", "file", digest, len(SHELVED), "text/html", "q", user, 1.0,
            private=private, aliases=["first"], tags=["kept"],
        )
        for number, (name, (user, private)) in enumerate(ARTIFACTS.items())
    ]  # fmt: skip
    used = [ArtifactUsed(event.registration, "q", "bob", 2.0, "0004" * 8) for event in registered]
    with opened.write.begin() as connection:
        registering.add_registered(connection, registered)
        registering.add_used(connection, used)
