"""How far what was recorded on another host has come."""

from __future__ import annotations

import msgspec


class JournalPlace(msgspec.Struct, frozen=True):
    """How far a journal has been shipped: where to go on from."""

    segment: int
    offset: int
    """In bytes."""
    final: bool
    """Whether its writer is gone, and all of it is there."""


class FilePlace(msgspec.Struct, frozen=True):
    """How far a file has been shipped."""

    offset: int
    """In bytes."""
    kept: bool
    """Whether all of it is there, and is what its sha256 says."""
