"""How many bytes of files a member stores, and how many they may."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sqlalchemy import func, select, union

from maestro_jupyter.errors import TooLarge
from maestro_jupyter.store.rows import text_of
from maestro_jupyter.store.schema import artifacts, journals, library_versions

if TYPE_CHECKING:
    from pathlib import Path

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store

_USER = 255


def check_room(store: Store, config: Maestro, user: str, more: int) -> None:
    """Refuse a file that would be too much.

    Parameters
    ----------
    store : Store
    config : Maestro
        Its `member_limit` says how much one member may store.
    user : str
        A member; the store's owner is never refused.
    more : int
        The size of the file.

    Raises
    ------
    TooLarge
        If the member would store more than that.
    """
    limit = config.member_limit
    if not limit:
        return
    stored = stored_by(store, config, user)
    if stored + more > limit:
        msg = f"You store {stored:,} of {limit:,} bytes; another {more:,} are too many."
        raise TooLarge(msg, hint="Purge what you do not need, or ask the owner to raise member_limit.")


def stored_by(store: Store, config: Maestro, user: str) -> int:
    """Give how many bytes of files are stored for a user: of their runs, versions, journals and uploads.

    The same bytes count once, whoever else has them, too; of what is on its way, all that is announced.
    """
    from maestro_jupyter.store.uploads import waiting_of

    name = text_of(user, _USER)
    mine = union(
        select(artifacts.c.sha256, artifacts.c.size)
        .join(journals, journals.c.id == artifacts.c.journal)
        .where(journals.c.user == name),
        select(library_versions.c.sha256, library_versions.c.size).where(library_versions.c.creator == name),
    ).subquery()
    with store.read.connect() as connection:
        kept = connection.scalar(select(func.sum(mine.c.size))) or 0
        own = list(connection.scalars(select(journals.c.id).where(journals.c.user == name)))
    return (
        int(kept)
        + sum(_size(config.received / journal) for journal in own if config.received.is_dir())
        + sum(upload.size for upload in waiting_of(config, user))
    )


def _size(folder: Path) -> int:
    """Give how many bytes the files in a folder have, which may go away meanwhile."""
    total = 0
    with contextlib.suppress(FileNotFoundError):
        for path in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                total += path.stat().st_size
    return total
