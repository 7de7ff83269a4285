"""Live forms of what views show, where scripts run: put into a shell, and taken out without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maestro_jupyter.widgets.showing import Showing

if TYPE_CHECKING:
    from maestro_jupyter.app import App

_installed: dict[int, Showing] = {}


def install(shell: Any, app: App) -> None:
    """Let a shell show live forms; a second call changes nothing.

    Parameters
    ----------
    shell : InteractiveShell
    app : App
        What they ask.
    """
    if id(shell) not in _installed:
        showing = Showing(shell, app)
        showing.install()
        _installed[id(shell)] = showing


def uninstall(shell: Any) -> None:
    """Leave a shell as it was before `install`; what is shown goes back to its static form.

    Parameters
    ----------
    shell : InteractiveShell
    """
    showing = _installed.pop(id(shell), None)
    if showing is not None:
        showing.uninstall()


__all__ = ["install", "uninstall"]
