"""The table of commands of `%maestro`: one row drives dispatch, help and completion."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_jupyter import library_questions, questions, registry
from maestro_jupyter.errors import Invalid
from maestro_jupyter.export import export_table
from maestro_jupyter.magics.arguments import exactly, expressions, nothing, options, unquoted, words
from maestro_jupyter.magics.display import show
from maestro_jupyter.magics.progress import progress
from maestro_jupyter.recording.truth_names import as_part
from maestro_jupyter.references import find_run
from maestro_jupyter.views import Live, View, html, text
from maestro_jupyter.views.artifacts import top_view, trending_view, unused_view
from maestro_jupyter.views.comparison import MAX_RUNS
from maestro_jupyter.views.found import found_view
from maestro_jupyter.views.numbers import many
from maestro_jupyter.views.run_words import archived_said, ended_said, short_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from maestro_jupyter.library_api import LibraryApi
    from maestro_jupyter.magics.session import Session
    from maestro_jupyter.models import Run
    from maestro_jupyter.suggestions import Outcomes, Suggestions


_UNUSED_DAYS = 90


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes
    ----------
    name : str
    arguments : str
        What follows it, as its usage shows it.
    help : str
        One line.
    run : callable
        Takes the session and the rest of the line, gives what is displayed.
    """

    name: str
    arguments: str
    help: str
    run: Callable[[Session, str], View]

    @property
    def usage(self) -> str:
        """The command as it is written."""
        return f"%maestro {self.name} {self.arguments}".rstrip()


def _said(sentence: str) -> View:
    return View(html.element("div", sentence), text.visible(sentence))


def _on(session: Session, line: str) -> View:
    nothing(line)
    if session.app.config.mode == "disabled":
        msg = "The mode is disabled, so nothing was put in place to record with."
        raise Invalid(msg, hint="Set MAESTRO_MODE=on, and restart the kernel.")
    session.app.recorder.enabled = True
    return _said(f"Recording is on, in the project {session.project!r}.")


def _off(session: Session, line: str) -> View:
    nothing(line)
    session.app.recorder.enabled = False
    return _said("Recording is off, until `%maestro on`.")


def _status(session: Session, line: str) -> View:
    nothing(line)
    return questions.status(session.app)


def _runs(session: Session, line: str) -> View:
    given, rest = options(line, flags=["--all"], values=["-n", "--sort"])
    filter_string = unquoted(rest)
    return questions.runs(
        session.api(),
        filter_string,
        project=None if "--all" in given else session.project,
        sort=given.get("--sort"),
        limit=_count(given.get("-n")),
    )


def _count(given: str | None) -> int:
    return questions.SHOWN if given is None else _number("-n", given)


def _number(option: str, given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < 7 and int(given) > 0):
        msg = f"{option} is {given!r:.40}; expected a number from 1."
        raise Invalid(msg)
    return int(given)


def _show(session: Session, line: str) -> View:
    (reference,) = exactly(1, line, "one run")
    return questions.show(session.api(), reference, project=session.project)


def _best(session: Session, line: str) -> View:
    given, rest = options(line, flags=["--min", "--max", "--all"])
    (metric,) = exactly(1, rest, "one metric")
    project = None if "--all" in given else session.project
    metric = metric.removeprefix("metrics.")
    return questions.best(session.api(), metric, project=project, lower=_lower(given))


def _importance(session: Session, line: str) -> View:
    given, rest = options(line, flags=["--min", "--max", "--all"])
    metric, _, filter_string = rest.strip().partition(" ")
    if not metric:
        msg = "Expected a metric."
        raise Invalid(msg)
    return questions.importance(
        session.api(),
        metric,
        unquoted(filter_string),
        project=None if "--all" in given else session.project,
        lower=_lower(given),
    )


def _lower(given: Mapping[str, str]) -> bool | None:
    """Give which direction is better, if it is said."""
    if "--min" in given and "--max" in given:
        msg = "--min and --max contradict each other."
        raise Invalid(msg)
    return True if "--min" in given else False if "--max" in given else None


def _diff(session: Session, line: str) -> View:
    a, b = exactly(2, line, "two runs")
    return questions.diff(session.api(), a, b, project=session.project)


def _compare(session: Session, line: str) -> View:
    return questions.compare(session.api(), words(line), project=session.project)


def _archive(session: Session, line: str) -> View:
    given, rest = options(line, flags=["--restore"])
    references, archived = words(rest), "--restore" not in given
    if not references:
        msg = "Expected a run."
        raise Invalid(msg)
    put = questions.archive(session.api(), references, project=session.project, archived=archived)
    return _said(archived_said(put, archived=archived))


def _end(session: Session, line: str) -> View:
    given, rest = options(line, values=["--status"])
    references, status = words(rest), given.get("--status", "KILLED").upper()
    if not references:
        msg = "Expected a run."
        raise Invalid(msg)
    return _said(ended_said(questions.end(session.api(), references, status, project=session.project)))


def _plot(session: Session, line: str) -> View:
    given = words(line)
    if not given:
        msg = "Expected a metric."
        raise Invalid(msg)
    metric, *references = given
    return questions.plot(session.api(), metric.removeprefix("metrics."), references, project=session.project)


def _note(session: Session, line: str) -> View:
    remark = line.strip()
    if len(remark) > 1 and remark[0] == remark[-1] and remark[0] in "'\"":
        remark = remark[1:-1].strip()
    if not remark:
        msg = "Expected the text of the note."
        raise Invalid(msg)
    run, which = _run_of_session(session)
    session.app.recorder.note_by_id(run.run_id, remark)
    return _said(f"Noted on the {which} run {_named(run)}.")


def _tag(session: Session, line: str) -> View:
    pairs = [word.partition("=") for word in words(line)]
    if not pairs or not all(key and equals for key, equals, _ in pairs):
        msg = "Expected tags as KEY=VALUE."
        raise Invalid(msg)
    run, which = _run_of_session(session)
    session.app.recorder.tag_by_id(run.run_id, {key: value for key, _, value in pairs})
    shown = ", ".join(key for key, _, _ in pairs)
    return _said(f"Tagged the {which} run {_named(run)}: {shown}.")


def _run_of_session(session: Session) -> tuple[Run, str]:
    active = session.app.recorder.active_run()
    if active is not None:
        return active, "active"
    if session.latest is None:
        msg = "There is no run in this session yet."
        raise Invalid(msg, hint="Fit a model, or start one with maestro.start_run().")
    return session.latest, "latest"


def _named(run: Run) -> str:
    return f"{text.one_line(run.name, 60)} ({short_id(run)})"


def _project(session: Session, line: str) -> View:
    given = words(line)
    if not given:
        return questions.projects(session.api(), session.project)
    (name,) = exactly(1, line, "one name; put a name with spaces into quotes")
    if not name.strip():
        msg = "A project's name is empty."
        raise Invalid(msg)
    session.app.recorder.project = name
    return _said(f"New runs belong to the project {name!r}.")


def _dashboard(session: Session, line: str) -> View:
    given, rest = options(line, flags=["--min", "--max", "--all", "--figure"], values=["--metric"])
    names = words(rest)
    if len(names) > 1 or (names and "--all" in given):
        msg = "Expected one project, or --all; put a name with spaces into quotes."
        raise Invalid(msg)
    api = session.api()
    project = questions.known_project(api, names[0]) if names else session.project
    view = questions.dashboard(
        api,
        project=None if "--all" in given else project,
        metric=given.get("--metric", "").removeprefix("metrics.") or None,
        lower=_lower(given),
    )
    return view.with_figure() if "--figure" in given else view


def _promote(session: Session, line: str) -> View:
    *reference, name = words(line) or [""]
    if len(reference) > 1 or not name:
        msg = "Expected a name, or a run and a name."
        raise Invalid(msg)
    if reference:
        run = find_run(session.api(), reference[0], session.project)
        cell = session.api().detail(run.run_id).cell
        if cell is None:
            msg = f"The run {_named(run)} was not opened by a cell."
            raise Invalid(msg, hint="Register what it made with maestro.register().")
        version = registry.register_cell(session.app, name, cell.source, run=run.run_id)
    else:
        version = registry.register_cell(session.app, name, _last_cell(session))
    return _said(f"The library has {version.reference}, of the type {version.type}.")


def _last_cell(session: Session) -> str:
    """Give the source of the cell before this one."""
    cells = [cell for cell in session.shell.user_ns.get("In", [])[:-1] if cell.strip()]
    if not cells:
        msg = "No cell has run before this one."
        raise Invalid(msg)
    return str(cells[-1])


def _search(session: Session, line: str) -> View:
    given, rest = options(line, flags=_RANKINGS, values=["--type", "--tag", "--page"])
    query = unquoted(rest)
    rankings = [flag for flag in _RANKINGS if flag in given]
    if rankings:
        if len(given) > 1 or query:
            msg = f"{rankings[0]} stands alone."
            raise Invalid(msg)
        return _RANKINGS[rankings[0]](session.api().library)
    page = _number("--page", given.get("--page", "1"))
    offset = (page - 1) * questions.SHOWN
    tags = [tag.strip() for tag in given.get("--tag", "").split(",") if tag.strip()]
    types = (given["--type"],) if "--type" in given else ()
    found = session.api().library.search(
        query, types=types, tags_all=tags, limit=questions.SHOWN, offset=offset
    )
    asked = [rest, *(f"{name} {given[name]}" for name in ("--type", "--tag") if name in given)]
    further = " ".join(["%maestro search", *filter(None, asked), f"--page {page + 1}"])
    view = found_view(found, offset=offset, further=further)
    if offset:  # the live form begins with the first page
        return view
    return replace(view, live=Live("library", {"query": query, "type": given.get("--type"), "tags": tags}))


_RANKINGS: dict[str, Callable[[LibraryApi], View]] = {
    "--top": lambda library: top_view(library_questions.top(library)),
    "--trending": lambda library: trending_view(library.trending()),
    "--unused": lambda library: unused_view(library.unused(), _UNUSED_DAYS),
}
"""What is asked of the library without a text, and how it is shown."""


def _use(session: Session, line: str) -> View:
    given, rest = options(line, flags=["--insert"])
    (reference,) = exactly(1, rest, "one artifact, such as NAME, NAME:3 or NAME@champion")
    kind = "" if "--insert" in given else session.api().library.get(reference).format
    if kind == "notebook":
        path = registry.place_notebook(session.app, reference, Path.cwd())
        return _said(f"The notebook is here as {path.name}: open it from the file browser ({path}).")
    if kind in {"file", "folder"}:
        return _said(f"A copy of {reference} is at {registry.use(session.app, reference)}.")
    source = registry.source_of(session.app, reference)
    if "--insert" in given:
        session.shell.set_next_input(source, replace=False)
        return _said(f"The source of {reference} is in the next cell.")
    return View(html.code(source), text.visible(source))


def _card(session: Session, line: str) -> View:
    (reference,) = exactly(1, line, "one artifact, such as NAME, NAME:3 or NAME@champion")
    return questions.card(session.api(), reference)


def _lineage(session: Session, line: str) -> View:
    (reference,) = exactly(1, line, "one artifact or run")
    return questions.lineage(session.api(), reference, project=session.project)


def _suggest(session: Session, line: str) -> View:
    from maestro_jupyter import suggestions
    from maestro_jupyter.recommend.asking import Wanted

    given, rest = options(line, values=["-n", "--seconds", "--task"], counts=["--try"])
    n = _count(given["-n"]) if "-n" in given else Wanted().n
    if not rest and not given.keys() - {"-n"}:
        return _suggest_artifacts(session, n)
    given_data = expressions(rest)
    if len(given_data) != 2:
        msg = "Expected X and y, as names or expressions, or nothing for what fits of the library."
        raise Invalid(msg, hint="Put a comma between X and y if they have spaces.")
    x, y = given_data
    tried = _number("--try", given["--try"] or "1") if "--try" in given else 0
    n = max(n, tried)
    wanted = Wanted(given.get("--task"), None, n, _seconds(given.get("--seconds")))
    found = suggestions.suggest(
        session.app,
        _value(session, x),
        _value(session, y),
        wanted,
        (as_part(x), as_part(y)),
        functools.partial(progress, session.shell),
        lambda found, came: show(_tried(found, came)),
    )
    return _tried(found, found.try_all(tried)) if tried and found else found.view()


def _tried(found: Suggestions, came: Outcomes) -> View:
    """Show suggestions, and below them what came of those that were tried."""
    said, tried = found.view(), came.view()
    return View(html.join([said.html, tried.html]), f"{said.text}\n\n{tried.text}")


def _suggest_artifacts(session: Session, n: int) -> View:
    from maestro_jupyter.artifact_suggestions import suggest_artifacts

    with progress(session.shell, "Looking for what fits in the library…"):
        return suggest_artifacts(session.app, n).view()


def _value(session: Session, expression: str) -> Any:
    """Give what an expression is in the notebook."""
    if expression.isidentifier() and expression not in session.shell.user_ns:
        msg = f"There is no variable {expression!r:.80}."
        raise Invalid(msg, hint="Give a table and its target.")
    try:
        return session.shell.ev(expression)
    except Exception as error:  # noqa: BLE001 - whatever the user's expression raises
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        msg = f"{expression} cannot be worked out: {type(error).__name__}: {text.one_line(said, 200)}."
        raise Invalid(msg) from None


def _seconds(given: str | None) -> float | None:
    try:
        return None if given is None else float(given)
    except ValueError:
        msg = f"--seconds is {given!r:.40}; expected a number above 0."
        raise Invalid(msg) from None


def _export(session: Session, line: str) -> View:
    given, rest = options(line, flags=["--force", "--all"])
    (file,) = exactly(1, rest, "one file")
    table = session.api().search_frame(
        project=None if "--all" in given else session.project, max_results=None
    )
    path = export_table(table, file, force="--force" in given)
    return _said(f"Wrote {many(len(table), 'run')} to {path}.")


def _help(_session: Session, line: str) -> View:
    given = words(line)
    chosen = [COMMANDS[name] for name in given if name in COMMANDS] if given else list(COMMANDS.values())
    unknown = [name for name in given if name not in COMMANDS]
    if unknown:
        msg = f"There is no command {unknown[0]!r}."
        raise Invalid(msg)
    rows = [[command.usage, command.help] for command in chosen]
    if not given:
        rows += [[usage, said] for usage, said in CELL_COMMANDS.values()]
    columns = ["command", "what it does"]
    return View(html.table(columns, rows, caption="Commands"), _help_text(rows))


def _help_text(rows: list[list[str]]) -> str:
    places = max(len(usage) for usage, _ in rows)
    return "\n".join(f"{usage:<{places}}  {said}" for usage, said in rows)


COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command("status", "", "How the recording stands, and what went wrong in it.", _status),
        Command("on", "", "Record from here on.", _on),
        Command("off", "", "Record nothing until told.", _off),
        Command(
            "runs", "[FILTER] [--all] [-n N] [--sort metrics.x]", "The project's runs, newest first.", _runs
        ),
        Command("show", "RUN", "Everything about one run.", _show),
        Command(
            "best", "METRIC [--min | --max] [--all]", "The runs with the best values of a metric.", _best
        ),
        Command("diff", "A B", "What changed from one run to another.", _diff),
        Command(
            "compare", "RUN RUN…", f"Several runs side by side, up to {MAX_RUNS}: what differs.", _compare
        ),
        Command(
            "archive",
            "RUN… [--restore]",
            "Put runs away, so that lists and suggestions leave them out; or take them back.",
            _archive,
        ),
        Command(
            "end",
            "RUN… [--status KILLED|FAILED|FINISHED]",
            "End runs that stay RUNNING because their host is gone.",
            _end,
        ),
        Command("plot", "METRIC [RUN…]", "A metric's curve in some runs.", _plot),
        Command(
            "importance",
            "METRIC [FILTER]",
            "Which parameters mattered for a metric, in which direction, and where runs are best "
            "(--all projects, --min, --max).",
            _importance,
        ),
        Command(
            "suggest",
            "[X y] [-n N] [--seconds S] [--task TASK] [--try [K]]",
            "What of the library fits this notebook, and why; with data, which models to try on them, what "
            "to expect of each and why, and the code to run it. X and y are names or expressions, "
            "with a comma between them if need be. With --try the first, or the first K, are tried at once.",
            _suggest,
        ),
        Command("note", "TEXT", "Put a remark on the active run, or else on the session's latest.", _note),
        Command("tag", "KEY=VALUE…", "Tag the active run, or else the session's latest.", _tag),
        Command("project", "[NAME]", "The projects; with a name, where new runs go.", _project),
        Command(
            "dashboard",
            "[PROJECT] [--metric METRIC] [--all] [--figure]",
            "How the project's experiments go: runs over time, the best so far, failures, hours, and "
            "what is used (--all projects, --figure with Plotly, --min, --max).",
            _dashboard,
        ),
        Command(
            "promote",
            "[RUN] NAME",
            "Put the last cell, or the one that opened a run, into the library as a template.",
            _promote,
        ),
        Command(
            "search",
            "[TEXT] [--type T] [--tag T] [--page N] | --top | --trending | --unused",
            "Parts in the library, found by words and by meaning; what contributed most, what is used more "
            "than before, and what no more.",
            _search,
        ),
        Command(
            "use",
            "NAME [--insert]",
            "Show the source of something in the library, or insert it; of a notebook or file, give a copy.",
            _use,
        ),
        Command("card", "NAME", "The model card of something in the library.", _card),
        Command("lineage", "NAME | RUN", "What an artifact or run came from, and what came of it.", _lineage),
        Command("export", "FILE [--force] [--all]", "Write the runs as .csv, .json or .parquet.", _export),
        Command("help", "[COMMAND]", "This table.", _help),
    )
}

CELL_COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("%%maestro run [NAME]", "Run the cell as one run."),
    "skip": ("%%maestro skip", "Run the cell unrecorded."),
}

TAKES_RUNS = frozenset({"archive", "end", "show", "diff", "compare", "plot", "promote", "lineage"})
"""The commands whose arguments may be completed with runs."""

TAKES_METRICS = frozenset({"best", "importance", "plot"})
TAKES_ARTIFACTS = frozenset({"use"})
"""The commands whose arguments may be completed with what is in the library."""
