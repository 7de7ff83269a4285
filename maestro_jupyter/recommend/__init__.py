"""Suggestions of what to try next, learnt from what was tried before, on which data, with what result."""

from __future__ import annotations

from maestro_jupyter.recommend.engine import Engine
from maestro_jupyter.recommend.session import Session

__all__ = ["Engine", "Session"]
