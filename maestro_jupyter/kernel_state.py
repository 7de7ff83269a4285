"""How the recording of this kernel stands, for a front end that asks it silently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maestro_jupyter.app import current

if TYPE_CHECKING:
    from maestro_jupyter.app import App


def state(app: App) -> dict[str, Any]:
    """Give how the recording stands as plain data; asks no database.

    Parameters
    ----------
    app : App

    Returns
    -------
    dict
    """
    recorder = app.recorder
    latest = recorder.problems.latest()
    return {
        "recording": recorder.enabled,
        "mode": app.config.mode,
        "project": recorder.project,
        "notebook": recorder.notebook,
        "points": recorder.counts["points"],
        "waiting": recorder.journal.waiting,
        "dropped": recorder.journal.dropped,
        "problems": sum(recorder.problems.counts().values()),
        "latest": f"{latest[-1].where}: {latest[-1].error}" if latest else "",
    }


def said() -> Any:
    """Give the state for a front end's `user_expressions`.

    Returns
    -------
    IPython.display.JSON or None
        None where nothing is recorded in this kernel, as the extension is not loaded.
    """
    from IPython.display import JSON

    app = current()
    return None if app.capture is None else JSON(state(app))  # type: ignore[no-untyped-call]  # IPython's
