"""The magics: `%maestro` and `%%maestro` in a shell, put in and taken out without a trace."""

from __future__ import annotations

from typing import Any

from maestro_jupyter.magics.magic import Magics

_installed: dict[int, Magics] = {}


def register_magics(shell: Any) -> None:
    """Give a shell `%maestro` and `%%maestro`; a second call changes nothing.

    Parameters
    ----------
    shell : InteractiveShell
    """
    if id(shell) not in _installed:
        magics = Magics(shell)
        magics.install()
        _installed[id(shell)] = magics


def unregister_magics(shell: Any) -> None:
    """Leave a shell as it was before `register_magics`.

    Parameters
    ----------
    shell : InteractiveShell
    """
    magics = _installed.pop(id(shell), None)
    if magics is not None:
        magics.uninstall()


__all__ = ["register_magics", "unregister_magics"]
