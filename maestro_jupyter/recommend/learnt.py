"""Engines that have learnt from a foundation and from runs: fitted once, then kept up to date run by run."""

from __future__ import annotations

import copy
import functools
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from maestro_jupyter.recommend.config_features import config_features
from maestro_jupyter.recommend.engine import Engine
from maestro_jupyter.recommend.fit_times import FitTimes
from maestro_jupyter.recommend.knowledge import STATUSES
from maestro_jupyter.recommend.recorded_configs import suggestible
from maestro_jupyter.recommend.team import Team

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from maestro_jupyter.recommend.foundation import Foundation
    from maestro_jupyter.recommend.knowledge import Configuration
    from maestro_jupyter.recommend.team import TeamDataset

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_KEPT = 3
"""How many engines are kept for one person and task: one for each dataset that is worked on at once."""

_BASES = 8
"""For how many foundations engines are kept that have learnt from nothing else."""

_PERSONS = 16
"""For how many persons and tasks engines are kept."""

_MANY = 0.1
"""More new datasets than this share of the foundation's are not added one by one."""

_FAILED = STATUSES.index("failed")


class Known(NamedTuple):
    """A past dataset as an answer speaks of it.

    Attributes
    ----------
    fingerprint : str
        Empty for a dataset of the foundation.
    file : str
        The file of knowledge that it is of; empty for one of the prior or of runs.
    """

    name: str
    rows: int | None
    columns: int | None
    fingerprint: str = ""
    file: str = ""

    @property
    def is_of_prior(self) -> bool:
        """Whether it is beyond doubt."""
        return not (self.fingerprint or self.file)


class Learnt:
    """An engine with the table that it has learnt from.

    Parameters
    ----------
    foundation : Foundation
    team : Team
    """

    def __init__(self, foundation: Foundation, team: Team) -> None:
        self.foundation = foundation
        prior = foundation.table
        self.configs: tuple[Configuration, ...] = (*prior.configs, *team.configs.values())
        self.places = {config.name: place for place, config in enumerate(self.configs)}
        shipped = len(prior.datasets) - len(foundation.sources)
        self.datasets = [
            Known(one.name, one.rows, one.columns, file=file)
            for one, file in zip(prior.datasets, [""] * shipped + [*foundation.sources], strict=True)
        ]
        self.scores = np.full((len(prior.datasets), len(self.configs)), np.nan)
        self.scores[:, : len(prior.configs)] = prior.scores
        self._metafeatures = [np.asarray(row, dtype=float) for row in prior.metafeatures]
        self._groups: list[Hashable] = [("prior", group) for group in prior.groups]
        self.team = Team({}, {}, {})
        seconds = np.full(self.scores.shape, np.nan)
        seconds[:, : len(prior.configs)] = prior.seconds
        self._seconds = seconds
        self._take(team)
        failed = np.zeros(self.scores.shape, dtype=bool)
        failed[: len(prior.datasets), : len(prior.configs)] = prior.statuses >= _FAILED
        _, properties = config_features(self.configs)
        table = np.where(failed, -np.inf, self.scores)
        self.tried: Array = np.any(~np.isnan(table), axis=1)
        known = [one for one, is_tried in zip(self.datasets, self.tried, strict=True) if is_tried]
        self.engine = Engine(seed=0).fit(
            table[self.tried],
            np.array(self._metafeatures)[self.tried],
            config_features=properties,
            groups=[group for group, is_tried in zip(self._groups, self.tried, strict=True) if is_tried],
            vouched=[one.is_of_prior for one in known],
            sources=[one.file for one in known],
        )

    @functools.cached_property
    def times(self) -> FitTimes:
        """How long fits take, as of the last fit of the engine."""
        rows, columns = (
            np.array([np.nan if size is None else size for size in sizes], dtype=float)
            for sizes in zip(*((one.rows, one.columns) for one in self.datasets), strict=True)
        )
        return FitTimes(self._seconds, rows, columns, self.configs)

    @functools.cached_property
    def suggestible(self) -> Array:
        """Tell for which configs a cell can be written."""
        task = self.foundation.table.task
        return np.array([suggestible(task, config) is not None for config in self.configs], dtype=bool)

    def runs(self, fingerprint: str, config: str) -> list[str]:
        """Give the runs of a config on a dataset, the latest last; none for one of the foundation's."""
        cell = self.team.cells.get((fingerprint, config))
        return [] if cell is None else [*cell.runs]

    def copy(self) -> Learnt:
        """Give one that can grow by itself."""
        other = copy.copy(self)
        other.engine = copy.deepcopy(self.engine)
        other.datasets, other._metafeatures = [*self.datasets], [*self._metafeatures]
        other._groups = [*self._groups]
        return other

    def holds(self, team: Team) -> bool:
        """Tell whether this is what it has learnt from."""
        return self.team is team or (self.team.cells == team.cells and self._groups_stay(team))

    def can_grow_to(self, team: Team) -> bool:
        """Tell whether a table has nothing less than what was learnt, and the same configs and groups."""
        if self.team.configs.keys() != team.configs.keys():
            return False
        new = len(team.datasets.keys() - self.team.datasets.keys())
        stays = self.team.cells.keys() <= team.cells.keys() and self._groups_stay(team)
        return stays and new <= _MANY * len(self.datasets)

    def grow_to(self, team: Team) -> None:
        """Take in what is new, in milliseconds."""
        before = self.team.cells
        changed = {key: cell for key, cell in team.cells.items() if before.get(key) is not cell}
        new = [fingerprint for fingerprint in team.datasets if fingerprint not in self.team.datasets]
        self._take(team)
        self.tried = np.append(self.tried, np.ones(len(new), dtype=bool))
        numbers = {one.fingerprint: number for number, one in enumerate(self.datasets)}
        for fingerprint in new:
            number = numbers[fingerprint]
            self.engine.add(
                self.scores[number],
                self._metafeatures[number],
                group=self._groups[number],
                vouched=False,
                source=self.datasets[number].file,
            )
        for (fingerprint, name), cell in changed.items():
            if fingerprint not in new:
                row = int(np.count_nonzero(self.tried[: numbers[fingerprint]]))
                self.engine.record(row, self.places[name], cell.score)

    def _groups_stay(self, team: Team) -> bool:
        """Tell whether no dataset has come to be of another group, as when a further loop joins two."""
        known = self.team.datasets.items()
        return all(team.datasets[one].group == about.group for one, about in known if one in team.datasets)

    def _take(self, team: Team) -> None:
        """Put a team's rows below the foundation's; those that are there keep their place."""
        numbers = {one.fingerprint: number for number, one in enumerate(self.datasets) if one.fingerprint}
        new = [fingerprint for fingerprint in team.datasets if fingerprint not in numbers]
        for fingerprint in new:
            dataset = team.datasets[fingerprint]
            numbers[fingerprint] = len(self.datasets)
            self.datasets.append(Known(dataset.name, dataset.rows, dataset.columns, fingerprint))
            self._metafeatures.append(_row(dataset, self.foundation.table.metafeature_names))
            self._groups.append(("team", dataset.group))
        empty = np.full((len(new), len(self.configs)), np.nan)
        self.scores, self._seconds = np.vstack([self.scores, empty]), np.vstack([self._seconds, empty])
        for (fingerprint, name), cell in team.cells.items():
            if self.team.cells.get((fingerprint, name)) is cell:
                continue
            place = numbers[fingerprint], self.places[name]
            self.scores[place] = cell.score
            self._seconds[place] = np.nan if cell.seconds is None else cell.seconds
        self.team = team


class Bases:
    """Engines that have learnt from no run, which others begin with; may be asked from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fitted: dict[int, Learnt] = {}

    def of(self, foundation: Foundation) -> Learnt:
        """Give the one of a foundation, fitted on first use; grow a copy of it only."""
        key = id(foundation.table)  # of no other while it is kept, since the engine has the table
        with self._lock:
            found = self._fitted.pop(key, None) or Learnt(foundation, Team({}, {}, {}))
            self._fitted[key] = found
            while len(self._fitted) > _BASES:
                del self._fitted[next(iter(self._fitted))]
            return found


class Engines:
    """The engines of one store; those of one person never learn from what another ran in secret.

    Not for several threads at once.

    Parameters
    ----------
    bases : Bases
    """

    def __init__(self, bases: Bases) -> None:
        self._bases = bases
        self._kept: dict[Hashable, list[Learnt]] = {}

    def of(self, person: Hashable, foundation: Foundation, team: Team) -> Learnt:
        """Give an engine that has learnt from a foundation and from what a person may see.

        Parameters
        ----------
        person : hashable
            Whose engine it is.
        foundation : Foundation
        team : Team
            Without the dataset that is asked about.
        """
        key = person, foundation.table.task
        kept = self._kept[key] = self._kept.pop(key, [])
        kept[:] = [one for one in kept if one.foundation.table is foundation.table]
        while len(self._kept) > _PERSONS:
            del self._kept[next(iter(self._kept))]
        found = self._found(kept, foundation, team)
        kept[:] = [found, *(one for one in kept if one is not found)][:_KEPT]
        return found

    def _found(self, kept: Sequence[Learnt], foundation: Foundation, team: Team) -> Learnt:
        for one in kept:
            if one.holds(team):
                one.team = team
                return one
        for one in kept:
            if one.can_grow_to(team):
                one.grow_to(team)
                return Learnt(foundation, team) if one.engine.is_outgrown else one
        if not foundation.table.datasets:
            return Learnt(foundation, team)
        base = self._bases.of(foundation)
        if not base.can_grow_to(team):
            return Learnt(foundation, team)
        grown = base.copy()
        grown.grow_to(team)
        return grown


def row_of(metafeatures: dict[str, float], names: Sequence[str]) -> Array:
    """Put meta-features into the order of a table."""
    return np.array([metafeatures.get(name, np.nan) for name in names], dtype=float)


def _row(dataset: TeamDataset, names: Sequence[str]) -> Array:
    return row_of(dict(dataset.metafeatures), names)
