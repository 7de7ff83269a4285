"""What engines begin with: a prior, and what files of one's own put below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from maestro_jupyter.recommend.knowledge import Knowledge


class Foundation(NamedTuple):
    """A table to learn from before any run.

    Attributes
    ----------
    table : Knowledge
    of_files : int
        How many of its last datasets are of files: believed as far as the others predict them.
    notes : tuple of str
        Which files were left out, and why.
    """

    table: Knowledge
    of_files: int = 0
    notes: tuple[str, ...] = ()
