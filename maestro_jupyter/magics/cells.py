"""`%%maestro run` and `%%maestro skip`: the first line is taken off, and the rest runs as a plain cell.

An input transformer, rather than a cell magic that runs its body: so a last expression, an error's line
numbers, ``await`` and the cell's own success are those of a plain cell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_jupyter.errors import Invalid
from maestro_jupyter.magics.arguments import nothing, unquoted

if TYPE_CHECKING:
    from maestro_jupyter.magics.session import Session
    from maestro_jupyter.recording.active_run import ActiveRun

_FIRST_LINE = re.compile(r"\s*%%maestro(?:[ \t]+([^\n]*))?(?:\n|\Z)")


class CellCommand(NamedTuple):
    """A cell's first line: ``run`` with a name, or ``skip``."""

    verb: str
    name: str | None


def read_line(line: str) -> CellCommand:
    """Read what follows ``%%maestro``.

    Raises
    ------
    Invalid
        If it is not one of the cell commands.
    """
    verb, _, rest = line.strip().partition(" ")
    if verb == "skip":
        nothing(rest)
        return CellCommand("skip", None)
    if verb != "run":
        msg = f"There is no cell command {verb!r}." if verb else "Expected run or skip."
        raise Invalid(msg)
    return CellCommand("run", unquoted(rest) or None)


def _command_of(cell: str) -> CellCommand | None:
    found = _FIRST_LINE.match(cell)
    if found is None:
        return None
    try:
        return read_line(found[1] or "")
    except Invalid:
        return None


class CellMagics:
    """The cell commands of one shell.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._open: list[tuple[Any, ActiveRun]] = []

    def install(self) -> None:
        """Put the transformer and the events in."""
        shell = self._session.shell
        shell.input_transformers_cleanup.append(self.transform)
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)

    def uninstall(self) -> None:
        """Take them out."""
        shell = self._session.shell
        transformers = shell.input_transformers_cleanup
        transformers[:] = [one for one in transformers if one != self.transform]
        shell.events.unregister("pre_run_cell", self._begin)
        shell.events.unregister("post_run_cell", self._end)

    def transform(self, lines: list[str]) -> list[str]:
        """Take a cell command's line off; an ill-formed one is left for the magic to refuse."""
        if not lines or not lines[0].lstrip().startswith("%%maestro"):
            return lines
        command: CellCommand | None = CellCommand("run", None)  # the body is to run, whatever fails here
        with self._session.app.recorder.problems.caught("magics.transform"):
            command = _command_of(lines[0])
        if command is None:
            return lines
        # A blank line in its place keeps the line numbers; another cell magic has to come first, though.
        body = lines[1:]
        return body if body and body[0].startswith("%%") else ["\n", *body]

    def run(self, line: str, cell: str) -> None:
        """Run a cell command that was not written as a cell's first line."""
        read_line(line)
        shell = self._session.shell
        outer = shell.displayhook.exec_result
        result = shell.run_cell(f"%%maestro {line}\n{cell}")
        shell.displayhook.exec_result = outer
        if outer is not None and not result.success:
            outer.error_in_exec = result.error_in_exec or result.error_before_exec

    def _begin(self, info: Any) -> None:
        recorder = self._session.app.recorder
        with recorder.problems.caught("magics.begin"):
            command = _command_of(info.raw_cell)
            if command is not None and command.verb == "run" and not info.silent:
                name = None if command.name is None else self._session.shell.var_expand(command.name)
                self._open.append((info, recorder.start_run(name)))

    def _end(self, result: Any) -> None:
        recorder = self._session.app.recorder
        with recorder.problems.caught("magics.end"):
            if not self._open or self._open[-1][0] is not result.info:
                return
            _, run = self._open.pop()
            error = result.error_in_exec or result.error_before_exec
            run.__exit__(None if error is None else type(error), error, None)
