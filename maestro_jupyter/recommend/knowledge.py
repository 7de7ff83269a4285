"""Knowledge: which configurations did how well on which datasets, as one table for each task."""

from __future__ import annotations

import functools
import gzip
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec

from maestro_jupyter.errors import Conflict, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

PRIOR = Path(__file__).with_name("prior.msgpack.gz")
"""What ships with the package."""

STATUSES = ("untried", "ok", "failed", "timeout", "crashed")
"""What became of a configuration on a dataset; tables hold the number."""

MOST_BYTES = 64 << 20
"""A file of knowledge may unpack to so many."""

_FORMAT = 1
_HINT = "`maestro knowledge build` makes such files, and `maestro knowledge import` makes them of tables."


class Dataset(msgspec.Struct, frozen=True):
    """One dataset of a table.

    Attributes
    ----------
    name, group : str
        Datasets of one group share their source: hold them out together.
    origin, licence : str
    rows, columns : int or None
        Of what configurations were tried on.
    """

    name: str
    group: str
    origin: str = ""
    licence: str = ""
    rows: int | None = None
    columns: int | None = None


class Configuration(msgspec.Struct, frozen=True):
    """One configuration of a table.

    Attributes
    ----------
    name, family : str
    estimator : str
        The dotted path of its class, where it is known.
    params : dict
    """

    name: str
    family: str
    estimator: str = ""
    params: dict[str, Any] = {}


class Provenance(msgspec.Struct, frozen=True):
    """How a file of knowledge was made.

    Attributes
    ----------
    made : str
        The date.
    command, machine : str
    versions : dict of str to str
    seed : int
    limit : float
        Seconds that a fit might take.
    resampling : str
    """

    made: str
    command: str
    machine: str
    versions: dict[str, str]
    seed: int
    limit: float
    resampling: str


class Knowledge(NamedTuple):
    """Configurations tried on datasets of one task.

    Attributes
    ----------
    task : str
    score : str
        Its name; higher is better.
    datasets : tuple of Dataset
        The rows of all arrays.
    configs : tuple of Configuration
        The columns of the first four.
    scores, spreads : ndarray of shape (datasets, configs)
        Mean and standard deviation over folds; NaN where there is no score.
    seconds : ndarray of shape (datasets, configs)
        Of a fit, on average; NaN where it is unknown.
    statuses : ndarray of int of shape (datasets, configs)
        Places in `STATUSES`.
    metafeatures : ndarray of shape (datasets, metafeature_names)
    metafeature_names : tuple of str
    """

    task: str
    score: str
    datasets: tuple[Dataset, ...]
    configs: tuple[Configuration, ...]
    scores: Array
    spreads: Array
    seconds: Array
    statuses: Array
    metafeatures: Array
    metafeature_names: tuple[str, ...]

    @property
    def groups(self) -> list[str]:
        """Each dataset's group."""
        return [dataset.group for dataset in self.datasets]

    def merged(self, other: Knowledge) -> Knowledge:
        """Put another table's datasets below these, with its configurations beside these.

        Parameters
        ----------
        other : Knowledge
            Of the same task. What was tried only here or only there, is untried in the other's rows.
            Meta-features that are not measured here are left out.

        Returns
        -------
        Knowledge

        Raises
        ------
        Conflict
            If the tasks or scores differ, or a dataset is in both.

        Examples
        --------
        >>> from maestro_jupyter.recommend.imported import imported
        >>> import pandas as pd
        >>> table = pd.DataFrame({"dataset": ["churn"], "config": ["lda()"], "score": [0.8]})
        >>> prior = shipped().tables["classification"]
        >>> len(prior.merged(imported(table, "classification")).datasets) - len(prior.datasets)
        1
        """
        self._check_mergeable(other)
        known = {config.name for config in self.configs}
        configs = self.configs + tuple(config for config in other.configs if config.name not in known)
        return self._replace(
            datasets=self.datasets + other.datasets,
            configs=configs,
            scores=_stacked(self, other, configs, "scores"),
            spreads=_stacked(self, other, configs, "spreads"),
            seconds=_stacked(self, other, configs, "seconds"),
            statuses=_stacked(self, other, configs, "statuses"),
            metafeatures=_features(self, other),
        )

    def _check_mergeable(self, other: Knowledge) -> None:
        if other.task != self.task:
            msg = f"Knowledge of {other.task} cannot be merged with that of {self.task}."
            raise Conflict(msg)
        if other.score != self.score:
            msg = f"Scores that are {other.score!r:.80} cannot be merged with {self.score}."
            raise Conflict(msg)
        twice = {dataset.name for dataset in self.datasets} & {dataset.name for dataset in other.datasets}
        if twice:
            msg = f"The dataset {min(twice)!r} is known already."
            raise Conflict(msg, hint="Give it another name, or leave it out.")


class File(NamedTuple):
    """A file of knowledge that was read.

    Attributes
    ----------
    provenance : Provenance
    tables : mapping of str to Knowledge
        By task.
    """

    provenance: Provenance
    tables: Mapping[str, Knowledge]


class _Table(msgspec.Struct):
    task: str
    score: str
    datasets: tuple[Dataset, ...]
    configs: tuple[Configuration, ...]
    metafeature_names: tuple[str, ...]
    arrays: dict[str, bytes]


class _Content(msgspec.Struct):
    format: int
    provenance: Provenance
    tables: list[_Table]


_TYPES = {"scores": "<f4", "spreads": "<f4", "seconds": "<f4", "statuses": "u1", "metafeatures": "<f4"}


def encoded(provenance: Provenance, tables: Sequence[Knowledge]) -> bytes:
    """Write knowledge as compressed MessagePack; equal knowledge gives equal bytes."""
    content = _Content(_FORMAT, provenance, [_packed(table) for table in tables])
    return gzip.compress(msgspec.msgpack.encode(content), mtime=0)


def read(path: Path) -> File:
    """Read a file of knowledge.

    Raises
    ------
    Invalid
        If it is none, too large, or of a later format.
    """
    try:
        content = msgspec.msgpack.decode(_bytes(path), type=_Content)
        tables = {table.task: _unpacked(table) for table in content.tables}
    except (OSError, EOFError, ValueError, zlib.error) as error:
        msg = f"{path} cannot be read as knowledge: {error}."
        raise Invalid(msg, hint=_HINT) from error
    if content.format != _FORMAT:
        msg = f"{path} has format {content.format} of knowledge; this version reads {_FORMAT}."
        raise Invalid(msg, hint="Upgrade maestro-jupyter.")
    if len(tables) < len(content.tables):
        msg = f"{path} has several tables of one task."
        raise Invalid(msg, hint="Keep them in files of their own.")
    return File(content.provenance, tables)


def _bytes(path: Path) -> bytes:
    """Unpack a file; what unpacks to more than it may is not held in memory."""
    if path.exists() and not path.is_file():  # opening a pipe would wait for its other end
        msg = f"{path} is no file."
        raise Invalid(msg, hint=_HINT)
    with gzip.open(path) as opened:
        content = opened.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        msg = f"{path} has more than {MOST_BYTES >> 20} MiB of knowledge."
        raise Invalid(msg, hint="Leave out the datasets that say least.")
    return content


@functools.cache
def shipped() -> File:
    """Give the prior that ships with the package; its arrays cannot be written to.

    Examples
    --------
    >>> sorted(shipped().tables)
    ['classification', 'regression']
    """
    return read(PRIOR)


def _packed(table: Knowledge) -> _Table:
    import numpy as np

    arrays = {name: np.asarray(getattr(table, name), dtype=dtype).tobytes() for name, dtype in _TYPES.items()}
    return _Table(table.task, table.score, table.datasets, table.configs, table.metafeature_names, arrays)


def _unpacked(table: _Table) -> Knowledge:
    import numpy as np

    rows, columns = len(table.datasets), len(table.configs)
    shapes = dict.fromkeys(_TYPES, (rows, columns)) | {"metafeatures": (rows, len(table.metafeature_names))}
    arrays = {
        name: np.frombuffer(table.arrays.get(name, b""), dtype=dtype).reshape(shapes[name])
        for name, dtype in _TYPES.items()
    }
    return Knowledge(
        task=table.task,
        score=table.score,
        datasets=table.datasets,
        configs=table.configs,
        metafeature_names=table.metafeature_names,
        **arrays,
    )


def _stacked(first: Knowledge, second: Knowledge, configs: Sequence[Configuration], name: str) -> Array:
    import numpy as np

    place = {config.name: number for number, config in enumerate(configs)}
    parts = []
    for table in (first, second):
        values = getattr(table, name)
        wide = np.full((len(table.datasets), len(configs)), 0 if name == "statuses" else np.nan)
        wide[:, [place[config.name] for config in table.configs]] = values
        parts.append(wide.astype(values.dtype))
    found: Array = np.vstack(parts)
    return found


def _features(first: Knowledge, second: Knowledge) -> Array:
    import numpy as np

    place = {name: number for number, name in enumerate(second.metafeature_names)}
    added = np.full((len(second.datasets), len(first.metafeature_names)), np.nan)
    for number, name in enumerate(first.metafeature_names):
        if name in place:
            added[:, number] = second.metafeatures[:, place[name]]
    found: Array = np.vstack([first.metafeatures, added])
    return found
