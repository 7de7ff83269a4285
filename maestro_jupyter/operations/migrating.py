"""Bringing the tables up to date on purpose, and saying from which revision to which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.errors import Unavailable
from maestro_jupyter.store import audit
from maestro_jupyter.store.engine import (
    HEAD,
    connect,
    lock_for_migration,
    migrate,
    revision_of,
    said_plainly,
    sqlite_file,
)

if TYPE_CHECKING:
    from maestro_jupyter.config import Maestro


def bring_up_to_date(config: Maestro, actor: str, *, dry_run: bool = False) -> tuple[str | None, str]:
    """Bring the tables to the newest revision, in one transaction.

    Parameters
    ----------
    config : Maestro
    actor : str
        Who does it, for the audit.
    dry_run : bool
        Whether only to say what would be done.

    Returns
    -------
    before : str or None
        The revision before; None where there are no tables yet.
    after : str
        The newest revision.

    Raises
    ------
    Unavailable
        If the database cannot be reached, or a newer version has written it.
    """
    file = sqlite_file(config.database_url)
    if dry_run and file is not None and not file.exists():
        return None, HEAD
    store = connect(config.database_url)
    try:
        before = revision_of(store)
        if before is not None and before > HEAD:
            msg = f"The database is at revision {before}, which this version does not know."
            raise Unavailable(msg, hint="Upgrade maestro-jupyter.")
        if before != HEAD and not dry_run:
            with said_plainly(store), audit.audited(store, audit.Anchor(config.home_path)) as connection:
                lock_for_migration(connection)
                migrate(connection)
                known = None if before is None else audit.digest_of(before)
                audit.record(connection, actor, "migrate", "database", known, audit.digest_of(HEAD))
    finally:
        store.close()
    return before, HEAD
