"""Complete what is written behind `%maestro`: commands, runs, metrics, options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from maestro_jupyter.references import TOP_LEVEL

if TYPE_CHECKING:
    from collections.abc import Callable

    from maestro_jupyter.magics.session import Session

_LINE = re.compile(r"\s*(%%?)maestro\s+(.*)")
_RUNS = 20
_ARTIFACTS = 100


def completer(session: Session) -> Callable[[Any], dict[str, Any]]:
    """Give a matcher for IPython's completer.

    Parameters
    ----------
    session : Session

    Returns
    -------
    callable
    """
    from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher

    @context_matcher()  # type: ignore[untyped-decorator]  # IPython's decorators have no types
    def maestro_matcher(context: CompletionContext) -> dict[str, Any]:
        found: list[str] = []
        with session.app.recorder.problems.caught("magics.complete"):
            found = complete(session, context.text_until_cursor)
        # A token may begin in the middle of a word: behind a dash, for instance.
        begun = re.search(r"\S*$", context.text_until_cursor)
        cut = len(begun[0] if begun else "") - len(context.token)
        fitting = [SimpleCompletion(text=one[max(cut, 0) :], type="magic") for one in found]
        return {"completions": fitting, "suppress": bool(fitting)}

    matcher: Callable[[Any], dict[str, Any]] = maestro_matcher
    return matcher


def complete(session: Session, line: str) -> list[str]:
    """Give what the last word of a line may be.

    Parameters
    ----------
    session : Session
    line : str
        Up to the cursor.
    """
    from maestro_jupyter.magics.commands import CELL_COMMANDS, COMMANDS

    read = _LINE.fullmatch(line)
    if read is None:
        return []
    percents, rest = read.groups()
    *before, begun = rest.split(" ")
    before = [word for word in before if word]
    if not before:
        names = CELL_COMMANDS if percents == "%%" else COMMANDS
        return [name for name in names if name.startswith(begun)]
    if percents == "%%":
        return []
    return [one for one in _arguments(session, before) if one.startswith(begun)]


def _arguments(session: Session, before: list[str]) -> list[str]:
    from maestro_jupyter.magics.commands import COMMANDS, TAKES_ARTIFACTS, TAKES_METRICS, TAKES_RUNS

    verb = before[0]
    if verb == "help":
        return list(COMMANDS)
    found = (
        [word.strip("[]") for word in COMMANDS[verb].arguments.split() if word.strip("[]").startswith("-")]
        if verb in COMMANDS
        else []
    )
    if verb in TAKES_METRICS and len(before) == 1:
        return found + session.api().metric_keys()
    if verb in TAKES_ARTIFACTS:
        hits = session.api().library.search(limit=_ARTIFACTS).hits
        return found + [hit.artifact.name for hit in hits if " " not in hit.artifact.name]
    if verb in TAKES_RUNS:
        runs = session.api().search(TOP_LEVEL, project=session.project, max_results=_RUNS)
        return [*found, "latest", "previous", *(run.run_id[:8] for run in runs)]
    return found
