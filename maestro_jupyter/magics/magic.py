"""`%maestro` itself: find the command, run it, show what it gives, and refuse in one line."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Never

from maestro_jupyter import app
from maestro_jupyter.errors import Invalid, MaestroError
from maestro_jupyter.magics.cells import CellMagics
from maestro_jupyter.magics.completion import completer
from maestro_jupyter.magics.display import show
from maestro_jupyter.magics.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = "maestro"
_MISSING = object()


class Magics:
    """The magics of one shell.

    Parameters
    ----------
    shell : InteractiveShell
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._session = Session(shell, app.current())
        self._cells = CellMagics(self._session)
        self._matcher = completer(self._session)
        self._before: dict[str, Any] = {}

    def install(self) -> None:
        """Put them in."""
        magics = self._shell.magics_manager.magics
        self._before = {kind: magics[kind].get(_NAME, _MISSING) for kind in ("line", "cell")}
        self._shell.register_magic_function(self.magic, "line_cell", _NAME)
        self._cells.install()
        self._shell.Completer.custom_matchers.append(self._matcher)

    def uninstall(self) -> None:
        """Take them out."""
        magics = self._shell.magics_manager.magics
        for kind, before in self._before.items():
            if before is _MISSING:
                magics[kind].pop(_NAME, None)
            else:
                magics[kind][_NAME] = before
        self._cells.uninstall()
        matchers = self._shell.Completer.custom_matchers
        matchers[:] = [one for one in matchers if one is not self._matcher]
        self._session.close()

    def magic(self, line: str, cell: str | None = None) -> None:
        """Show and steer what Maestro records; `%maestro help` lists the commands."""
        if cell is not None:
            self._cell(line, cell)
            return
        from maestro_jupyter.magics.commands import COMMANDS

        verb, _, rest = line.strip().partition(" ")
        command = COMMANDS.get(verb or "status")
        if command is None:
            _refuse(_unknown(verb, COMMANDS), "%maestro help")
        try:
            view = command.run(self._session, rest)
        except Invalid as error:
            _refuse(error, command.usage)
        except MaestroError as error:
            _refuse(error)
        show(view)

    def _cell(self, line: str, cell: str) -> None:
        from maestro_jupyter.magics.commands import CELL_COMMANDS

        try:
            self._cells.run(line, cell)
        except MaestroError as error:
            _refuse(error, " | ".join(usage for usage, _ in CELL_COMMANDS.values()))


def _refuse(error: MaestroError, usage: str = "") -> Never:
    from IPython.core.error import UsageError

    said = " ".join(str(error).split())
    msg = f"{said} Usage: {usage}" if usage else said
    raise UsageError(msg) from None


def _unknown(verb: str, known: Iterable[str]) -> Invalid:
    near = difflib.get_close_matches(verb, known, 1)
    return Invalid(f"There is no command {verb!r}.", hint=f"Did you mean {near[0]}?" if near else "")
