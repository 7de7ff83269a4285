"""The files kept with runs and cells: which there are, and whose."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import and_, or_, select, union_all

from maestro_jupyter.errors import NotFound
from maestro_jupyter.models import Artifact
from maestro_jupyter.store.blobs import blob_lock
from maestro_jupyter.store.rows import pieces, text_of
from maestro_jupyter.store.runs import to_time
from maestro_jupyter.store.schema import artifacts, library_versions, runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from maestro_jupyter.models import Run
    from maestro_jupyter.store.blobs import Blobs
    from maestro_jupyter.store.engine import Store


named_bytes = union_all(
    select(artifacts.c.sha256, artifacts.c.size),
    select(library_versions.c.sha256, library_versions.c.size).where(library_versions.c.sha256 != ""),
).subquery("named_bytes")
"""The sha256 and the size of all bytes that a row names: of files kept with runs, and of the library,
whose purged versions name none."""

_BATCH = 100


def needed(connection: Connection, digests: Iterable[str]) -> set[str]:
    """Give those of the digests that a row names."""
    column = named_bytes.c.sha256
    return {
        found
        for some in pieces(sorted(digests))
        for found in connection.scalars(select(column).where(column.in_(some)))
    }


def remove_unneeded(store: Store, blobs: Blobs, digests: Sequence[str], untouched_since: float) -> int:
    """Remove bytes that no row names, and that nobody has kept again since; give how many are gone.

    It is looked for rows once more, with those who write rows kept away.
    """
    gone = 0
    for begin in range(0, len(digests), _BATCH):
        some = digests[begin : begin + _BATCH]
        with store.write.begin() as connection:
            blob_lock(connection, alone=True)
            used = needed(connection, some)
            gone += sum(blobs.remove(one, untouched_since) for one in some if one not in used)
    return gone


def find(store: Store, sha256: str, *, user: str | None = None, run: Run | None = None) -> Artifact:
    """Give what is known of the file with these bytes.

    Parameters
    ----------
    store : Store
    sha256 : str
    user : str, optional
        Only files of this user's runs, and of the cells that made them.
    run : Run, optional
        Only files of this run, and those of the cell that made it which belong to no run.

    Raises
    ------
    NotFound
        If there is none.
    """
    own = or_(
        runs.c.id == artifacts.c.run,
        and_(artifacts.c.run.is_(None), runs.c.execution == artifacts.c.execution),
    )
    statement = (
        select(artifacts, runs.c.run_id)
        .join(runs, own, isouter=user is None and run is None)
        .where(artifacts.c.sha256 == text_of(sha256))
        .order_by(artifacts.c.id)
        .limit(1)
    )
    if user is not None:
        statement = statement.where(runs.c.user == user)
    if run is not None:
        statement = statement.where(runs.c.run_id == run.run_id)
    with store.read.connect() as connection:
        row = connection.execute(statement).first()
    if row is None:
        msg = f"There is no file {sha256[:12]!r}."
        raise NotFound(msg)
    return Artifact(
        name=row.name,
        type=row.type,
        sha256=row.sha256,
        size=row.size,
        media_type=row.media_type,
        time=cast("datetime", to_time(row.time)),
        run_id=row.run_id,
        execution_id=row.execution,
    )
