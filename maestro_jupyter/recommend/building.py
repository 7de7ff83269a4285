"""Building knowledge: every configuration tried on every dataset; a killed build goes on where it was."""

from __future__ import annotations

import contextlib
import fcntl
import platform
from importlib import metadata
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import msgspec

from maestro_jupyter.errors import Conflict, Invalid, NotFound, Unavailable
from maestro_jupyter.recommend.datasets import problem, problems
from maestro_jupyter.recommend.portfolio import PORTFOLIO, configs_for
from maestro_jupyter.recommend.trial_process import Outcome, TrialProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

LIMIT = 20.0
"""Seconds that a fit may take, unless told."""

_FORMAT = 1
_LOG = "trials.jsonl"
_PACKAGES = ("numpy", "pandas", "scipy", "scikit-learn", "statsmodels", "xgboost", "lightgbm")
_OTHER_NAMES = {"xgboost": "xgboost-cpu", "sklearn": "scikit-learn", "PIL": "pillow"}
_IMPORTED = {"xgboost", "lightgbm"}


class Begun(msgspec.Struct, frozen=True):
    """The first line of a build's log: what its trials have in common.

    Attributes
    ----------
    versions : dict of str to str
        Of Python and of each package that decides scores.
    machine : str
        Its processor's kind and the system.
    seed : int
        Of the folds.
    limit : float
        Seconds that a fit might take.
    """

    format: int
    versions: dict[str, str]
    machine: str
    seed: int
    limit: float


class Request(NamedTuple):
    """What to build.

    Attributes
    ----------
    datasets, configs : sequence of str, optional
        Names; all by default.
    seed : int
    limit : float
        Seconds that a fit may take.
    """

    datasets: Sequence[str] | None = None
    configs: Sequence[str] | None = None
    seed: int = 0
    limit: float = LIMIT


class Work(NamedTuple):
    """What is still to be tried on one dataset."""

    dataset: str
    task: str
    configs: list[str]


def build(
    folder: Path,
    request: Request,
    client: Any = None,
    say: Callable[[str], None] | None = None,
) -> list[Outcome]:
    """Try what has not been tried yet.

    Parameters
    ----------
    folder : Path
        Where outcomes are noted, each as soon as it is known. A build that was killed goes on where it was.
    request : Request
    client : dask.distributed.Client, optional
        Tries datasets side by side on its workers; without it one after another, here.
    say : callable, optional
        Is told of each dataset when it is done.

    Returns
    -------
    list of Outcome
        Those of this request, in the order of datasets and configurations.

    Raises
    ------
    Conflict
        If the folder's build was begun with other versions of packages, another seed or limit: its scores
        could not be compared. If another build goes on in the folder.
    NotFound
        If there is no dataset or configuration of that name.
    Unavailable
        If a package is missing, a dataset cannot be loaded, or the folder not be written.
    """
    wanted = _wanted(request)
    begun = begun_now(request)
    with _log_of(folder) as log:
        known = _known(log, begun, folder)
        todo = _todo(wanted, known)
        for outcome in _tried(todo, request, client, say):
            _note(log, outcome)
            known[outcome.dataset, outcome.config] = outcome
    return [known[work.dataset, config] for work in wanted for config in work.configs]


@contextlib.contextmanager
def _log_of(folder: Path) -> Iterator[IO[bytes]]:
    """Open a folder's log, for one build at a time: the system lets go of the lock of one that is killed.

    Trials run in processes that do not inherit it.
    """
    with contextlib.ExitStack() as opened:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            log = opened.enter_context((folder / _LOG).open("a+b"))
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f"Another build goes on in {folder}."
            raise Conflict(msg, hint="Wait for its end, or build in another folder.") from error
        except OSError as error:
            msg = f"{folder} cannot be built in: {error.strerror}."
            raise Unavailable(msg) from error
        yield log


def begun_now(request: Request) -> Begun:
    """Say what trials that begin now have in common."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        for name in (package, _OTHER_NAMES.get(package)):
            with contextlib.suppress(metadata.PackageNotFoundError):
                versions.setdefault(package, metadata.version(name or package))
    machine = f"{platform.machine()}, {platform.system()}"
    return Begun(_FORMAT, versions, machine, request.seed, request.limit)


def _wanted(request: Request) -> list[Work]:
    """Give all that is asked for, the tasks by turns, so that a build that is cut short has both."""
    _check_configs(request.configs or ())
    names = list(problems()) if request.datasets is None else list(request.datasets)
    _check_installed(names)
    by_task: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        by_task.setdefault(problem(name).task, []).append(name)
    lists = list(by_task.values())
    longest = max(map(len, lists), default=0)
    ordered = [found[place] for place in range(longest) for found in lists if place < len(found)]
    return [Work(name, problem(name).task, _configs(problem(name).task, request)) for name in ordered]


def _check_installed(names: Iterable[str]) -> None:
    for name in names:
        package = problem(name).needs
        if find_spec(package) is None:
            msg = f"The dataset {name!r} needs a package that is not installed."
            raise Unavailable(msg, hint=f"pip install {_OTHER_NAMES.get(package, package)}")


def _configs(task: str, request: Request) -> list[str]:
    found = [config.name for config in configs_for(task) if _installed(config.about.estimator)]
    return found if request.configs is None else [name for name in found if name in set(request.configs)]


def _check_configs(names: Sequence[str]) -> None:
    known = {config.name for config in PORTFOLIO}
    for name in names:
        if name not in known:
            msg = f"The portfolio has no configuration {name!r}."
            raise NotFound(msg)


def _installed(estimator: str) -> bool:
    package = estimator.partition(".")[0]
    return package not in _IMPORTED or find_spec(package) is not None


def _todo(wanted: Iterable[Work], known: dict[tuple[str, str], Outcome]) -> list[Work]:
    left = (
        work._replace(configs=[name for name in work.configs if (work.dataset, name) not in known])
        for work in wanted
    )
    return [work for work in left if work.configs]


def _tried(
    todo: Sequence[Work], request: Request, client: Any, say: Callable[[str], None] | None
) -> Iterator[Outcome]:
    rounds = _here(todo, request) if client is None else _on_dask(todo, request, client)
    for number, outcomes in enumerate(rounds, start=1):
        seconds, name = 0.0, ""
        for outcome in outcomes:
            seconds, name = seconds + sum(outcome.seconds), outcome.dataset
            yield outcome
        if say is not None:
            say(f"{number} of {len(todo)}: {name}, {seconds:.1f} s of fitting")


def _here(todo: Iterable[Work], request: Request) -> Iterator[Iterable[Outcome]]:
    with TrialProcess(request.limit, request.seed) as process:
        for work in todo:
            yield process.run_all(*work)


def _on_dask(todo: Iterable[Work], request: Request, client: Any) -> Iterator[Iterable[Outcome]]:
    from distributed import as_completed

    futures = [client.submit(_all_tried, work, request.limit, request.seed, pure=False) for work in todo]
    done: Any = as_completed(futures)  # type: ignore[no-untyped-call]
    for future in done:
        yield future.result()


def _all_tried(work: Work, limit: float, seed: int) -> list[Outcome]:
    with TrialProcess(limit, seed) as process:
        return list(process.run_all(*work))


def _note(log: IO[bytes], line: msgspec.Struct) -> None:
    log.write(msgspec.json.encode(line) + b"\n")
    log.flush()


def _known(log: IO[bytes], begun: Begun, folder: Path) -> dict[tuple[str, str], Outcome]:
    """Read what is known; cut off a line that was being written when the build was killed."""
    log.seek(0)
    whole = log.read()
    whole = whole[: whole.rfind(b"\n") + 1]
    log.truncate(len(whole))
    lines = whole.splitlines()
    if not lines:
        _note(log, begun)
        return {}
    try:
        before = msgspec.json.decode(lines[0], type=Begun)
        outcomes = [msgspec.json.decode(line, type=Outcome) for line in lines[1:]]
    except msgspec.DecodeError as error:
        msg = f"{folder / _LOG} is no log of a build: {error}."
        raise Invalid(msg, hint="Build in another folder.") from error
    _check_alike(before, begun, folder)
    return {(outcome.dataset, outcome.config): outcome for outcome in outcomes}


def _check_alike(before: Begun, now: Begun, folder: Path) -> None:
    changed = [
        f"{name} {before.versions.get(name, 'absent')} (now {now.versions.get(name, 'absent')})"
        for name in sorted(before.versions.keys() | now.versions.keys())
        if before.versions.get(name) != now.versions.get(name)
    ]
    changed += [
        f"{name} {getattr(before, name)} (now {getattr(now, name)})"
        for name in ("format", "seed", "limit")
        if getattr(before, name) != getattr(now, name)
    ]
    if changed:
        msg = f"The build in {folder} was begun with {', '.join(changed)}."
        raise Conflict(msg, hint="Go on as it was begun, or build in another folder.")
