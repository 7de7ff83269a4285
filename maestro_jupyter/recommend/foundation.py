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
    sources : tuple of str
        Of its last datasets, those of files, which file each is of: believed as far as the others predict
        what is in it.
    notes : tuple of str
        Which files were left out, and why.
    """

    table: Knowledge
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
