"""Where a run came from: what changed between two of them."""

from maestro_jupyter.provenance.diff import RunDiff, diff

__all__ = ["RunDiff", "diff"]
