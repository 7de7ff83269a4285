"""The end of a restore: its journals appear once its rows are in the database, whatever happened between.

A restore lays the backup's journals into a hidden folder with a token, then writes the rows and, in the same
transaction, an audit line that names the token. Whoever takes the collector's lock next looks for the line:
if it is there the journals are moved to their place, else they are thrown away.
"""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

from sqlalchemy import select

from maestro_jupyter.store.audit import Anchor
from maestro_jupyter.store.schema import audit

if TYPE_CHECKING:
    from pathlib import Path

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.engine import Store

ACTION = "restore"

_TOKEN = "token"  # noqa: S105 - the name of a file


def staging(config: Maestro) -> Path:
    """Give the folder where a restore lays journals until its rows are there."""
    return config.journals / ".restoring"


def resource(token: str) -> str:
    """Name a restore in the audit."""
    return f"restores/{token}"


def seal(folder: Path, token: str) -> None:
    """Say that everything is laid into the folder."""
    folder.joinpath(_TOKEN).write_text(token, encoding="ascii")


def finish_restore(store: Store, config: Maestro) -> bool:
    """Finish a restore that was killed, or undo it; for callers that hold the collector's lock.

    Returns
    -------
    bool
        Whether one was finished.
    """
    folder = staging(config)
    if not folder.exists():
        return False
    committed = _is_committed(store, folder)
    if committed:
        for path in folder.glob("*.journal"):
            _place(path, config.journals / path.name)
        # What was shipped is shipped again, from where the rows that are here now say.
        shutil.rmtree(config.received, ignore_errors=True)
        # The anchor knew the audit that was replaced.
        anchor = Anchor(config.home_path)
        anchor.path.unlink(missing_ok=True)
        anchor.advance(store)
    shutil.rmtree(folder)
    return committed


def _is_committed(store: Store, folder: Path) -> bool:
    try:
        token = folder.joinpath(_TOKEN).read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    said = select(audit.c.number).where(audit.c.action == ACTION, audit.c.resource == resource(token))
    with store.read.connect() as connection:
        return connection.scalar(said) is not None


def _place(path: Path, target: Path) -> None:
    """Put a journal where it belongs, unless the same one is there and has gone on since."""
    with contextlib.suppress(FileNotFoundError):
        if target.stat().st_size >= path.stat().st_size:
            path.unlink()
            return
    path.replace(target)
