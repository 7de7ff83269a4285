"""The same questions from a terminal: `maestro runs`, `maestro show`, `maestro diff`, …."""

from __future__ import annotations

import argparse
import functools
import os
import sys
from typing import TYPE_CHECKING, Any

from maestro_jupyter import app as process
from maestro_jupyter import questions
from maestro_jupyter._version import __version__
from maestro_jupyter.admin_commands import Said, add_commands
from maestro_jupyter.config import settings_table
from maestro_jupyter.errors import MaestroError
from maestro_jupyter.export import export_table
from maestro_jupyter.knowledge_command import add_knowledge
from maestro_jupyter.library_command import add_library
from maestro_jupyter.references import find_run
from maestro_jupyter.ship_command import add_ship
from maestro_jupyter.views import text
from maestro_jupyter.views.numbers import many
from maestro_jupyter.views.run_words import archived_said, ended_said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from maestro_jupyter.app import App

REFUSED, INTERRUPTED = 2, 130
"""The exit status where something could not be done as asked."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        What follows the command's name; by default the process's own arguments.

    Returns
    -------
    int
        0, or 2 where the request could not be carried out; `maestro doctor` gives 1 for warnings and 2 for
        problems; 130 where it was interrupted.
    """
    arguments = _parser().parse_args(argv)
    status = 0
    try:
        said, status = _said(arguments.run(process.current(), arguments))
        if said:
            print(said)
        sys.stdout.flush()
    except MaestroError as error:
        print(f"maestro: {text.one_line(error, 1000)}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("maestro: interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more at exit; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except UnicodeEncodeError:
        sys.stdout.buffer.write(f"{said}\n".encode(sys.stdout.encoding, "replace"))
    return status


def _said(given: str | Said) -> Said:
    return given if isinstance(given, Said) else Said(given, 0)


def _runs(app: App, given: argparse.Namespace) -> str:
    asked: dict[str, Any] = {"project": _project(app, given), "sort": given.sort, "limit": given.number}
    if given.json:
        return _json(questions.find_runs(app.api(), given.filter, **asked))
    return questions.runs(app.api(), given.filter, **asked).text


def _show(app: App, given: argparse.Namespace) -> str:
    api = app.api()
    if given.json:
        return _json(api.detail(find_run(api, given.run_, app.recorder.project).run_id))
    return questions.show(api, given.run_, project=app.recorder.project).text


def _best(app: App, given: argparse.Namespace) -> str:
    return questions.best(
        app.api(),
        given.metric.removeprefix("metrics."),
        project=_project(app, given),
        lower=_lower(given),
    ).text


def _importance(app: App, given: argparse.Namespace) -> str:
    asked: dict[str, Any] = {"project": _project(app, given), "lower": _lower(given)}
    if given.json:
        return _json(questions.find_importance(app.api(), given.metric, given.filter, **asked))
    return questions.importance(app.api(), given.metric, given.filter, **asked).text


def _lower(given: argparse.Namespace) -> bool | None:
    return True if given.min else False if given.max else None


def _diff(app: App, given: argparse.Namespace) -> str:
    api, project = app.api(), app.recorder.project
    if given.json:
        return _json(api.diff(*(find_run(api, one, project).run_id for one in (given.a, given.b))))
    return questions.diff(api, given.a, given.b, project=project).text


def _compare(app: App, given: argparse.Namespace) -> str:
    return questions.compare(app.api(), given.runs, project=app.recorder.project).text


def _archive(app: App, given: argparse.Namespace) -> str:
    asked: dict[str, Any] = {"project": app.recorder.project, "archived": not given.restore}
    return archived_said(questions.archive(app.api(), given.runs, **asked), archived=not given.restore)


def _end(app: App, given: argparse.Namespace) -> str:
    return ended_said(questions.end(app.api(), given.runs, given.status, project=app.recorder.project))


def _plot(app: App, given: argparse.Namespace) -> str:
    metric = given.metric.removeprefix("metrics.")
    return questions.plot(app.api(), metric, given.runs, project=app.recorder.project).text


def _export(app: App, given: argparse.Namespace) -> str:
    table = app.api().search_frame(given.filter, project=_project(app, given), max_results=None)
    path = export_table(table, given.file, force=given.force)
    return f"Wrote {many(len(table), 'run')} to {path}."


def _status(app: App, _given: argparse.Namespace) -> str:
    return questions.status(app).text


def _projects(app: App, _given: argparse.Namespace) -> str:
    return questions.projects(app.api(), app.recorder.project).text


def _dashboard(app: App, given: argparse.Namespace) -> str:
    metric = given.metric and given.metric.removeprefix("metrics.")
    api = app.api()
    project = questions.known_project(api, given.name) if given.name else _project(app, given)
    asked: dict[str, Any] = {"project": project, "metric": metric, "lower": _lower(given)}
    if given.json:
        return _json(questions.find_dashboard(api, **asked)._asdict())
    return questions.dashboard(api, **asked).text


def _collect(app: App, _given: argparse.Namespace) -> str:
    app.flush()
    return f"Collected; the database has {many(app.api().count(), 'run')}."


def _config(app: App, _given: argparse.Namespace) -> str:
    rows = []
    for row in settings_table():
        value = str(getattr(app.config, row["setting"]))
        shown = questions.masked(value) if row["setting"] == "database_url" else value
        rows.append([row["setting"], shown, row["environment"], row["help"]])
    columns = ["setting", "value", "environment", "help"]
    return text.table(columns, rows, limit=120)


def _project(app: App, given: argparse.Namespace) -> str | None:
    return None if given.all else app.recorder.project


def _json(found: Any) -> str:
    """Write models as JSON, in which NaN and infinities are null."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()


def _count(given: str) -> int:
    if not (given.isascii() and given.isdigit() and int(given) > 0):
        msg = f"expected a number from 1, not {given!r}"
        raise argparse.ArgumentTypeError(msg)
    return int(given)


def _everywhere(verb: argparse._ActionsContainer) -> None:
    verb.add_argument("--all", action="store_true", help="in all projects")


def _direction(verb: argparse.ArgumentParser) -> None:
    direction = verb.add_mutually_exclusive_group()
    direction.add_argument("--min", action="store_true", help="lower is better")
    direction.add_argument("--max", action="store_true", help="higher is better")


def _as_json(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="as JSON")


def _comparing(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add what shows several runs."""
    diff = verb("diff", _diff, "What changed from one run to another.")
    diff.add_argument("a")
    diff.add_argument("b")
    _as_json(diff)

    compare = verb("compare", _compare, "Several runs side by side: what differs.")
    compare.add_argument("runs", nargs="+", metavar="RUN")

    plot = verb("plot", _plot, "A metric's curve in some runs.")
    plot.add_argument("metric")
    plot.add_argument("runs", nargs="*", metavar="RUN")


def _add_dashboard(verb: argparse.ArgumentParser) -> None:
    which = verb.add_mutually_exclusive_group()
    which.add_argument("name", metavar="PROJECT", nargs="?", help="by default the current one")
    _everywhere(which)
    verb.add_argument("--metric", help="whose best is shown")
    _direction(verb)
    _as_json(verb)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="maestro", description="What your notebooks' experiments gave.")
    parser.add_argument("--version", action="version", version=f"maestro {__version__}")
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    def verb(name: str, run: Any, said: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = verbs.add_parser(name, help=said, description=said)
        made.set_defaults(run=run)
        return made

    runs = verb("runs", _runs, "The project's runs, newest first.")
    runs.add_argument("filter", nargs="?", default="", help='such as "metrics.accuracy > 0.9"')
    _everywhere(runs)
    runs.add_argument("-n", dest="number", type=_count, default=questions.SHOWN, help="how many at most")
    runs.add_argument("--sort", help="such as metrics.accuracy")
    _as_json(runs)

    show = verb("show", _show, "Everything about one run.")
    show.add_argument("run_", metavar="RUN", help="an id's beginning, a name, latest or previous")
    _as_json(show)

    best = verb("best", _best, "The runs with the best values of a metric.")
    best.add_argument("metric")
    _direction(best)
    _everywhere(best)

    importance = verb("importance", _importance, "Which parameters mattered for a metric, and how.")
    importance.add_argument("metric")
    importance.add_argument("filter", nargs="?", default="", help="only these runs")
    _direction(importance)
    _everywhere(importance)
    _as_json(importance)

    _comparing(verb)

    archive = verb("archive", _archive, "Put runs away, so that lists and suggestions leave them out.")
    archive.add_argument("runs", nargs="+", metavar="RUN")
    archive.add_argument("--restore", action="store_true", help="take them back instead")

    end = verb("end", _end, "End runs that stay RUNNING because their host is gone.")
    end.add_argument("runs", nargs="+", metavar="RUN")
    end.add_argument(
        "--status", type=str.upper, choices=["KILLED", "FAILED", "FINISHED"], default="KILLED", help="as what"
    )

    export = verb("export", _export, "Write the runs as .csv, .json or .parquet.")
    export.add_argument("file")
    export.add_argument("--filter", default="", help='such as "metrics.accuracy > 0.9"')
    export.add_argument("--force", action="store_true", help="replace the file if it is there")
    _everywhere(export)

    verb("status", _status, "How the recording stands.")
    verb("project", _projects, "The projects.")
    _add_dashboard(verb("dashboard", _dashboard, "How the project's experiments go."))
    verb("collect", _collect, "Bring what the journals hold into the database.")
    verb("config", _config, "The settings with their present values.")
    add_library(verb)
    add_ship(verb, functools.partial(print, flush=True))
    add_knowledge(verb, functools.partial(print, flush=True))
    add_commands(verb)
    verb("help", lambda _app, _given: parser.format_help(), "This text.")
    return parser


if __name__ == "__main__":
    sys.exit(main())
