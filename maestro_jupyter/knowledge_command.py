"""`maestro knowledge`: what suggestions draw on, made by trying a portfolio, or of other people's tables."""

from __future__ import annotations

import argparse
import contextlib
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import Invalid, Unavailable
from maestro_jupyter.views.numbers import many, size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from maestro_jupyter.app import App
    from maestro_jupyter.recommend.knowledge import Knowledge

_BUILD = "Try the portfolio on many datasets. Killed and started again, it goes on."
_FOLDER = "knowledge"
_ENDING = ".msgpack.gz"
_FILE = f"knowledge{_ENDING}"


def _build(say: Callable[[str], None], app: App, given: argparse.Namespace) -> str:
    from maestro_jupyter.recommend import building, compiling, knowledge

    folder = Path(given.folder) if given.folder else app.config.home_path / _FOLDER
    request = building.Request(given.dataset, given.config, given.seed, given.limit or building.LIMIT)
    with _client(given.dask) as client:
        outcomes = building.build(folder, request, client, say)
    output = Path(given.output) if given.output else folder / _FILE
    made = compiling.provenance_of(building.begun_now(request), "maestro knowledge build")
    written = _write(output, knowledge.encoded(made, compiling.tables_of(outcomes, request.seed)))
    datasets = len({outcome.dataset for outcome in outcomes})
    bad = sum(outcome.status != "ok" for outcome in outcomes)
    said = f"{many(len(outcomes), 'trial')} on {many(datasets, 'dataset')}, {bad} without a score"
    return f"Wrote {said}, to {output} ({size(written)})."


def _import(app: App, given: argparse.Namespace) -> str:
    from maestro_jupyter.recommend import compiling, knowledge, knowledge_files
    from maestro_jupyter.recommend.imported import imported, read_scores

    path = Path(given.table)
    if given.output and Path(given.output).resolve() == path.resolve():
        msg = f"{given.output} is the table itself."
        raise Invalid(msg, hint="Give --output another file.")
    measured = None if given.metafeatures is None else read_scores(given.metafeatures)
    table = imported(read_scores(path), given.task, score=given.metric, metafeatures=measured)
    knowledge_files.check(table, given.table)
    made = compiling.provenance_of_import(path.name)
    output = app.config.home_path / _FOLDER / f"{path.name.partition('.')[0]}{_ENDING}"
    output = Path(given.output) if given.output else output
    written = _write(output, knowledge.encoded(made, [table]))
    return (
        f"Wrote {_counted(table)}, to {output} ({size(written)}){_without_code(table)}.\n"
        "Suggestions learn from it once the setting `knowledge` (MAESTRO_KNOWLEDGE) names it."
    )


def _show(app: App, given: argparse.Namespace) -> str:
    from maestro_jupyter.recommend import knowledge_files

    files = [Path(one) for one in given.files] or list(app.config.knowledge_files)
    if not files:
        return "The setting `knowledge` (MAESTRO_KNOWLEDGE) names no file."
    said = []
    for path in files:
        found = knowledge_files.checked(path)
        said.append(f"{path}: made on {found.provenance.made} by {found.provenance.command}")
        said += [f"  {_counted(table)}{_without_code(table)}" for table in found.tables.values()]
    return "\n".join(said)


def _counted(table: Knowledge) -> str:
    trials = int((table.statuses > 0).sum())
    return (
        f"{many(trials, 'trial')} of {many(len(table.configs), 'config')} on "
        f"{many(len(table.datasets), 'dataset')} ({table.task}, {table.score})"
    )


def _without_code(table: Knowledge) -> str:
    """Say how many configs inform suggestions, and are never suggested themselves."""
    from maestro_jupyter.recommend.recorded_configs import suggestible

    count = sum(suggestible(table.task, config) is None for config in table.configs)
    said = f"; {count} of the configs inform only, as no code is known for {'it' if count == 1 else 'them'}"
    return said if count else ""


def _write(output: Path, content: bytes) -> int:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
    except OSError as error:
        msg = f"{output} cannot be written: {error.strerror}."
        raise Invalid(msg) from error
    return len(content)


@contextlib.contextmanager
def _client(address: str | None) -> Iterator[object]:
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError as error:
        msg = "Dask is not installed."
        raise Unavailable(msg, hint="pip install 'maestro-jupyter[dask]'") from error
    try:
        client: Any = Client(address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        msg = f"There is no Dask scheduler at {address}."
        raise Unavailable(msg) from error
    with client:
        yield client


def _seconds(given: str) -> float:
    try:
        found = float(given)
    except ValueError:
        found = -1.0
    if not 0 < found < 1e6:
        msg = f"expected a number of seconds above 0, not {given!r}"
        raise argparse.ArgumentTypeError(msg)
    return found


def add_knowledge(
    verb: Callable[[str, object, str], argparse.ArgumentParser], say: Callable[[str], None]
) -> None:
    """Add the commands.

    Parameters
    ----------
    verb : callable
        Takes a command's name, what runs it, and its help; gives its parser.
    say : callable
        Prints a line while the command goes on.
    """
    knowledge = verb("knowledge", None, "What suggestions draw on: build it, import it, look at it.")
    verbs = knowledge.add_subparsers(required=True, metavar="VERB")

    def add(name: str, run: Callable[[App, argparse.Namespace], str], said: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=said, description=said)
        made.set_defaults(run=run)
        return made

    build = add("build", functools.partial(_build, say), _BUILD)
    build.add_argument("--folder", help="where trials are noted; in the data folder unless told")
    build.add_argument("--output", metavar="FILE", help="what to write; in the folder unless told")
    build.add_argument("--dataset", action="append", metavar="NAME", help="only this; may be repeated")
    build.add_argument("--config", action="append", metavar="NAME", help="only this; may be repeated")
    build.add_argument("--limit", type=_seconds, metavar="SECONDS", help="how long a fit may take")
    build.add_argument("--seed", type=int, default=0, help="of the folds")
    build.add_argument("--dask", metavar="ADDRESS", help="of a Dask scheduler whose workers try")

    brought = add("import", _import, "Bring a table of scores into the form that suggestions learn from.")
    brought.add_argument("table", metavar="TABLE", help=".csv, .csv.gz or .parquet; see knowledge.md")
    brought.add_argument("--task", required=True, help="classification or regression")
    brought.add_argument("--metric", required=True, help="what its scores are: balanced_accuracy, or r2")
    brought.add_argument("--metafeatures", metavar="TABLE", help="of its datasets")
    brought.add_argument("--output", metavar="FILE", help="what to write; in the data folder unless told")

    show = add("show", _show, "What files of knowledge hold; refuses those that cannot be learnt from.")
    show.add_argument("files", nargs="*", metavar="FILE", help="by default those that the settings name")
