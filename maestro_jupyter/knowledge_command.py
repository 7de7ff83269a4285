"""`maestro knowledge build`: what suggestions draw on, made by trying a portfolio on many datasets."""

from __future__ import annotations

import argparse
import contextlib
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import Unavailable
from maestro_jupyter.views.numbers import many, size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from maestro_jupyter.app import App

_FOLDER = "knowledge"
_FILE = "knowledge.msgpack.gz"


def _knowledge(say: Callable[[str], None], app: App, given: argparse.Namespace) -> str:
    from maestro_jupyter.recommend import building, compiling, knowledge

    folder = Path(given.folder) if given.folder else app.config.home_path / _FOLDER
    request = building.Request(given.dataset, given.config, given.seed, given.limit or building.LIMIT)
    with _client(given.dask) as client:
        outcomes = building.build(folder, request, client, say)
    output = Path(given.output) if given.output else folder / _FILE
    made = compiling.provenance_of(building.begun_now(request), "maestro knowledge build")
    written = knowledge.encoded(made, compiling.tables_of(outcomes, request.seed))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(written)
    datasets = len({outcome.dataset for outcome in outcomes})
    bad = sum(outcome.status != "ok" for outcome in outcomes)
    said = f"{many(len(outcomes), 'trial')} on {many(datasets, 'dataset')}, {bad} without a score"
    return f"Wrote {said}, to {output} ({size(len(written))})."


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
    """Add the command.

    Parameters
    ----------
    verb : callable
        Takes a command's name, what runs it, and its help; gives its parser.
    say : callable
        Prints a line while the command goes on.
    """
    said = (
        "Try the portfolio on many datasets: what suggestions draw on. Killed and started again, it goes on."
    )
    knowledge = verb("knowledge", functools.partial(_knowledge, say), said)
    knowledge.add_argument("action", choices=["build"])
    # No positional argument: after options, argparse would not take one that may be absent.
    knowledge.add_argument("--folder", help="where trials are noted; in the data folder unless told")
    knowledge.add_argument("--output", metavar="FILE", help="what to write; in the folder unless told")
    knowledge.add_argument("--dataset", action="append", metavar="NAME", help="only this; may be repeated")
    knowledge.add_argument("--config", action="append", metavar="NAME", help="only this; may be repeated")
    knowledge.add_argument("--limit", type=_seconds, metavar="SECONDS", help="how long a fit may take")
    knowledge.add_argument("--seed", type=int, default=0, help="of the folds")
    knowledge.add_argument("--dask", metavar="ADDRESS", help="of a Dask scheduler whose workers try")
