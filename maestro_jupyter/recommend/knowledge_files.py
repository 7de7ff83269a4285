"""Files of knowledge that the settings name: read once, checked, and put below what ships."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec
import numpy as np

from maestro_jupyter.errors import Conflict, Invalid
from maestro_jupyter.recommend import knowledge
from maestro_jupyter.recommend.foundation import Foundation
from maestro_jupyter.recommend.knowledge import STATUSES
from maestro_jupyter.recommend.pipelines import SCORING
from maestro_jupyter.recommend.portfolio import TASKS
from maestro_jupyter.recommend.recorded_configs import suggestible
from maestro_jupyter.recommend.team import BOUNDS, LEAST_DATASETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from maestro_jupyter.recommend.knowledge import Dataset, File, Knowledge

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

MOST_DATASETS, MOST_CONFIGS = 2000, 500
"""From so many, an engine takes half a minute to learn."""

_LONGEST = 255
"""Characters of a name."""

_MOST_PARAMS = 100
"""Of a config: each value makes a column of what an engine compares configs by."""

_WITHOUT = "Suggestions do without it."

_Stamp: TypeAlias = "tuple[Path, int, int] | tuple[Path]"


class _Outcome(NamedTuple):
    """What came of reading a file: its tables, or why there are none."""

    tables: Mapping[str, Knowledge]
    problem: str = ""


class KnowledgeFiles:
    """Puts files below a prior; reads those that have changed. Not for several threads at once."""

    def __init__(self) -> None:
        self._read: dict[_Stamp, _Outcome] = {}
        self._put: dict[str, tuple[Knowledge, list[_Stamp], Foundation]] = {}

    def below(self, prior: Knowledge, files: Sequence[Path]) -> Foundation:
        """Put what files say of a prior's task below it.

        Parameters
        ----------
        prior : Knowledge
        files : sequence of Path
            One that cannot be learnt from is left out, with a note.

        Returns
        -------
        Foundation
            The same one, until a file changes.
        """
        stamps = [_stamp(path) for path in files]
        known = self._put.get(prior.task)
        if known is not None and known[0] is prior and known[1] == stamps:
            return known[2]
        self._read = {stamp: self._read.get(stamp) or _outcome(stamp[0]) for stamp in stamps}
        found = _put_below(prior, [(stamp[0].name, self._read[stamp]) for stamp in stamps])
        self._put[prior.task] = prior, stamps, found
        return found


def checked(path: Path) -> File:
    """Read a file of knowledge that suggestions are to learn from.

    Raises
    ------
    Invalid
        If it is none, too large, of other tasks or scores, or contradicts itself; says which file it is.
    """
    found = knowledge.read(path)
    for table in found.tables.values():
        check(table, str(path))
    return found


def check(table: Knowledge, name: str) -> None:
    """Refuse a table from which suggestions cannot learn.

    Parameters
    ----------
    table : Knowledge
    name : str
        What it is called where it is refused.

    Raises
    ------
    Invalid
        In one sentence.

    Examples
    --------
    >>> check(knowledge.shipped().tables["regression"]._replace(score="mse"), "mine.msgpack.gz")
    Traceback (most recent call last):
        ...
    maestro_jupyter.errors.Invalid: mine.msgpack.gz has 'mse' of regression, and suggestions learn from r2. \
Measure r2, by cross-validation or on held-out data.
    """
    if table.task not in TASKS:
        msg = f"{name} is of the task {table.task!r:.80}, which is neither {' nor '.join(TASKS)}."
        raise Invalid(msg)
    wanted = SCORING[table.task]
    if table.score != wanted:
        msg = f"{name} has {table.score!r:.80} of {table.task}, and suggestions learn from {wanted}."
        raise Invalid(msg, hint=f"Measure {wanted}, by cross-validation or on held-out data.")
    _check_size(len(table.datasets), len(table.configs), name)
    for what, names in (("dataset", _names(table.datasets)), ("config", _names(table.configs))):
        _check_names(what, names, name)
    most = max((len(config.params) for config in table.configs), default=0)
    if most > _MOST_PARAMS:
        msg = f"{name} has a config with {most:,} parameters; {_MOST_PARAMS} are the most."
        raise Invalid(msg)
    for wrong in _wrong(table):
        msg = f"{name} has {wrong}."
        raise Invalid(msg)


def _check_size(datasets: int, configs: int, name: str) -> None:
    for count, most, what in ((datasets, MOST_DATASETS, "datasets"), (configs, MOST_CONFIGS, "configs")):
        if count > most:
            msg = f"{name} brings {count:,} {what}; suggestions learn from {most:,} at most."
            raise Invalid(msg, hint=f"Leave out the {what} that say least.")


def _names(several: Iterable[Any]) -> list[str]:
    return [one.name for one in several]


def _check_names(what: str, names: Sequence[str], name: str) -> None:
    long = next((one for one in names if not 0 < len(one) <= _LONGEST), None)
    if long is not None:
        msg = f"{name} has a {what} whose name is {len(long):,} characters long; from 1 to {_LONGEST} may be."
        raise Invalid(msg)
    twice = [one for one, times in Counter(names).items() if times > 1]
    if twice:
        msg = f"{name} has the {what} {twice[0]!r} twice."
        raise Invalid(msg)


def _wrong(table: Knowledge) -> Iterator[str]:
    """Tell which figures cannot be."""
    least, most = BOUNDS[table.task]
    scores = table.scores
    if np.isinf(scores).any():
        yield "infinite scores; a trial that failed has none"
    if (scores > most).any():
        yield f"scores above {most:g}, which {table.score} cannot be"
    if table.task == "classification" and (scores < least).any():
        yield f"scores below {least:g}, which {table.score} cannot be"
    if np.isinf(table.seconds).any() or (table.seconds < 0).any():
        yield "seconds that are no time"
    if (table.statuses >= len(STATUSES)).any():
        yield "a status that is none"


def _stamp(path: Path) -> _Stamp:
    try:
        about = path.stat()
    except OSError:
        return (path,)
    return path, about.st_mtime_ns, about.st_size


def _outcome(path: Path) -> _Outcome:
    try:
        return _Outcome(checked(path).tables)
    except Invalid as error:
        return _Outcome({}, _note(error, path))


def _note(error: Invalid, path: Path) -> str:
    """Say what was wrong to whoever asks: not where in this machine the file is."""
    return f"{str(error).replace(str(path), path.name)} {_WITHOUT}"


def _put_below(prior: Knowledge, files: Sequence[tuple[str, _Outcome]]) -> Foundation:
    table, sources = prior, list[str]()
    notes = [one.problem for _, one in files if one.problem]
    names = [name for name, _ in files]
    for place, (name, found) in enumerate(files):
        if prior.task not in found.tables:
            continue
        times = names[:place].count(name) + 1
        source = name if times == 1 else f"{name} ({times})"
        try:
            table = _merged(prior, table, _prepared(found.tables[prior.task], source))
        except (Conflict, Invalid) as error:
            notes.append(f"{source} was left out: {error}")
            continue
        sources += [source] * (len(table.datasets) - len(prior.datasets) - len(sources))
    rows, configs = _telling(table, prior)
    kept = _kept(sources, rows[len(prior.datasets) :])
    return Foundation(_part(table, rows, configs), kept, tuple(notes))


def _merged(prior: Knowledge, table: Knowledge, added: Knowledge) -> Knowledge:
    both = table.merged(added)
    datasets = len(both.datasets) - len(prior.datasets)
    configs = len(both.configs) - len(prior.configs)
    _check_size(datasets, configs, "with those before, it")
    return both


def _prepared(table: Knowledge, name: str) -> Knowledge:
    """Name datasets with their source; what is known of configs is told as of runs."""
    return table._replace(
        datasets=tuple(_named(dataset, name) for dataset in table.datasets),
        configs=tuple(suggestible(table.task, one) or one for one in table.configs),
        scores=np.maximum(table.scores, BOUNDS[table.task][0]),
    )


def _named(dataset: Dataset, source: str) -> Dataset:
    named = msgspec.structs.replace(dataset, name=f"{dataset.name} of {source}")
    if dataset.rows is None or dataset.columns is None:
        return msgspec.structs.replace(named, rows=None, columns=None)
    return named


def _telling(table: Knowledge, prior: Knowledge) -> tuple[Array, Array]:
    """Tell which datasets and configs are learnt from: all of the prior's.

    Of files, as of runs, configs that enough datasets have, and datasets that have a score then.
    """
    scored = ~np.isnan(table.scores)
    configs = np.arange(len(table.configs)) < len(prior.configs)
    configs |= scored.sum(axis=0) >= LEAST_DATASETS
    rows = np.arange(len(table.datasets)) < len(prior.datasets)
    rows |= scored[:, configs].any(axis=1)
    return rows, configs


def _part(table: Knowledge, rows: Array, configs: Array) -> Knowledge:
    if rows.all() and configs.all():
        return table
    cells = np.ix_(rows, configs)
    return table._replace(
        datasets=_kept(table.datasets, rows),
        configs=_kept(table.configs, configs),
        scores=table.scores[cells],
        spreads=table.spreads[cells],
        seconds=table.seconds[cells],
        statuses=table.statuses[cells],
        metafeatures=table.metafeatures[rows],
    )


def _kept(several: Sequence[Any], mask: Array) -> tuple[Any, ...]:
    return tuple(one for one, is_kept in zip(several, mask, strict=True) if is_kept)
