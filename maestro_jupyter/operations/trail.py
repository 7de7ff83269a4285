"""The audit as an administrator asks for it: its latest lines, and whether it is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.errors import Conflict
from maestro_jupyter.store import audit

if TYPE_CHECKING:
    from maestro_jupyter.config import Maestro
    from maestro_jupyter.models import AuditLine
    from maestro_jupyter.store.audit import Verified
    from maestro_jupyter.store.engine import Store


def latest_lines(store: Store, count: int) -> list[AuditLine]:
    """Give the last lines of the audit, oldest first."""
    head = audit.last_line(store)
    return [] if head is None else audit.lines(store, max(0, head.number - count), count)


def check_audit(store: Store, config: Maestro, known: str | None = None) -> Verified:
    """Verify the audit against the anchor, and against an end that was noted elsewhere.

    Parameters
    ----------
    store : Store
    config : Maestro
    known : str, optional
        What an earlier check has said, such as ``12:5f0c…``.

    Returns
    -------
    Verified
        Without a fault; the anchor then keeps the last line.

    Raises
    ------
    Conflict
        Naming the first line that is not in order.
    Invalid
        If `known` is not the end of an audit.
    """
    anchor = audit.Anchor(config.home_path)
    found = audit.verify(store, anchor)
    if found.fault is None and known is not None:
        elsewhere = audit.verify(store, audit.Head.parse(known))
        found = elsewhere if elsewhere.fault else found
    if found.fault is not None:
        raise Conflict(
            found.fault, hint="A backup from before can be restored: maestro restore FILE --force."
        )
    anchor.advance(store)
    return found
