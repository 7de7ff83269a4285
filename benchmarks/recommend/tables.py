"""Reads tables of scores, and makes others from them, on which robustness is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from maestro_jupyter.recommend.knowledge import Knowledge

Array = np.ndarray[Any, np.dtype[Any]]


class Table(NamedTuple):
    """Scores of configs on datasets, higher is better, NaN where not tried; metafeatures; groups."""

    name: str
    scores: Array
    metafeatures: Array
    groups: Array

    def rows(self, kept: Array) -> Table:
        """Give some of the datasets."""
        return Table(self.name, self.scores[kept], self.metafeatures[kept], self.groups[kept])


def read(folder: Path, names: Collection[str] | None = None) -> list[Table]:
    """Read tables, or those of some names: folders with the files that docs/recommend.md names."""
    paths = sorted(path.parent for path in folder.glob("*/scores.csv.gz"))
    found = [_read(path) for path in paths if names is None or path.name in names]
    if not found:
        msg = f"There are no tables in {folder}."
        raise SystemExit(msg)
    return found


def _read(folder: Path) -> Table:
    scores = pd.read_csv(folder / "scores.csv.gz", index_col=0)
    metafeatures = pd.read_csv(folder / "metafeatures.csv.gz", index_col=0).loc[scores.index]
    groups = pd.read_csv(folder / "groups.csv", index_col=0)["group"].loc[scores.index]
    return Table(
        folder.name,
        scores.to_numpy(float),
        metafeatures.to_numpy(float),
        np.unique(groups, return_inverse=True)[1],
    )


def of_prior() -> list[Table]:
    """Give the tables that ship with the package: how the engine chooses was not designed on them."""
    from maestro_jupyter.recommend import knowledge

    return [_varied(_told(task, known)) for task, known in sorted(knowledge.shipped().tables.items())]


def _told(name: str, known: Knowledge) -> Table:
    return Table(
        name,
        known.scores.astype(float),
        known.metafeatures.astype(float),
        np.unique(known.groups, return_inverse=True)[1],
    )


def part(table: Table, datasets: float, configs: float, seed: int) -> Table:
    """Give a share of the groups and of the configs: a table that was not looked at."""
    rng = np.random.default_rng(seed)
    groups = np.unique(table.groups)
    some = rng.permutation(groups)[: round(datasets * len(groups))]
    columns = np.sort(rng.permutation(table.scores.shape[1])[: round(configs * table.scores.shape[1])])
    chosen = table.rows(np.isin(table.groups, some))
    return _varied(chosen._replace(name=f"{table.name} part {seed}", scores=chosen.scores[:, columns]))


def _varied(table: Table) -> Table:
    """Leave out datasets on which every config has the same score."""
    return table.rows(np.nanmax(table.scores, axis=1) > np.nanmin(table.scores, axis=1))


def shuffled(scores: Array, seed: int) -> Array:
    """Give each dataset's scores to another dataset: metafeatures then say nothing."""
    return scores[np.random.default_rng(seed).permutation(len(scores))]


def wrong(scores: Array) -> Array:
    """Give a history of the opposite task: what was best is worst."""
    return np.nanmax(scores, axis=1, keepdims=True) + np.nanmin(scores, axis=1, keepdims=True) - scores


def scrambled(scores: Array, seed: int) -> Array:
    """Give each dataset's scores to its configs at random: a history that says nothing at all."""
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(row) for row in scores])


def sparse(scores: Array, missing: float, seed: int) -> Array:
    """Take away a share of the scores; each dataset keeps at least two."""
    rng = np.random.default_rng(seed)
    place = rng.random(scores.shape).argsort(axis=1).argsort(axis=1)
    return np.where(place < max(2, round((1 - missing) * scores.shape[1])), scores, np.nan)
