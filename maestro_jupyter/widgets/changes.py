"""What has happened since a view was last told: the question that every live view asks again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from maestro_jupyter.widgets.exchange import Answer

if TYPE_CHECKING:
    from maestro_jupyter.api import LocalApi

_BEYOND = 1 << 62


class AskedChanges(msgspec.Struct, forbid_unknown_fields=True):
    """Asks what has happened since; with -1, only where to begin."""

    after: Annotated[int, Meta(ge=-1)]


def changes(api: LocalApi, asked: AskedChanges) -> Answer:
    """Say which runs have changed, and where to go on.

    Parameters
    ----------
    api : LocalApi
    asked : AskedChanges
    """
    if asked.after < 0:
        return Answer({"last": api.events_page(_BEYOND).last, "runs": [], "reset": False})
    found = api.events_page(asked.after)
    runs = sorted({event.run_id for event in found.items if event.run_id is not None})
    return Answer({"last": found.last, "runs": runs, "reset": found.reset})
