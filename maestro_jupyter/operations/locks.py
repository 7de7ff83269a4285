"""The lock that keeps backup, restore and prune of one data folder apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro_jupyter.store.home_lock import home_lock

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from maestro_jupyter.config import Maestro

WAIT_SECONDS = 30.0
"""How long to wait for another process."""


def maintenance_lock(config: Maestro) -> AbstractContextManager[None]:
    """Hold the lock that one operation at a time has."""
    path = config.home_path / "maintenance.lock"
    return home_lock(path, WAIT_SECONDS, doing="backing up, restoring or pruning")


def collecting_lock(config: Maestro) -> AbstractContextManager[None]:
    """Hold the collector's lock, so that nobody collects meanwhile."""
    return home_lock(config.home_path / "collector.lock", WAIT_SECONDS)
