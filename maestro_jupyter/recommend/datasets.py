"""The datasets that the prior is made with: each a table, a target, and where they come from."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

ROWS = 1000
"""Longer tables are sampled down to this many rows."""


class Problem(NamedTuple):
    """A table with what is to be predicted from it.

    Attributes
    ----------
    name : str
    task : str
        ``"classification"`` or ``"regression"``.
    group : str
        The same for all that share a source: what is learnt from one of them is no news about another.
    origin : str
        Who carries or makes it.
    licence : str
    load : callable
        Gives the columns and the target; of the same version always the same.
    needs : str
        The package to import for that.
    """

    name: str
    task: str
    group: str
    origin: str
    licence: str
    load: Callable[[], tuple[pd.DataFrame, pd.Series[Any]]]
    needs: str = "sklearn"

    def sample(self) -> tuple[pd.DataFrame, pd.Series[Any]]:
        """Load it, or a seeded sample of its rows where there are more than `ROWS`."""
        import numpy as np

        X, y = self.load()
        known = y.notna().to_numpy().nonzero()[0]
        if len(known) > ROWS:
            known = np.sort(np.random.default_rng(0).permutation(known)[:ROWS])
        return X.iloc[known].reset_index(drop=True), y.iloc[known].reset_index(drop=True)


@functools.cache
def problems() -> Mapping[str, Problem]:
    """Give all that the prior is made with, by name.

    Examples
    --------
    >>> len(problems()) >= 120
    True
    """
    from maestro_jupyter.recommend import (
        datasets_sklearn,
        datasets_statsmodels,
        datasets_synthetic,
        datasets_texts,
    )

    rooms = (datasets_sklearn, datasets_statsmodels, datasets_texts, datasets_synthetic)
    return {problem.name: problem for room in rooms for problem in room.PROBLEMS}


def problem(name: str) -> Problem:
    """Give one by its name.

    Raises
    ------
    NotFound
        If there is none of that name.
    """
    found = problems().get(name)
    if found is None:
        msg = f"There is no dataset {name!r} to build knowledge with."
        raise NotFound(msg, hint="docs/knowledge.md lists them.")
    return found
