"""What the commands of one shell work with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maestro_jupyter.magics.progress import progress

if TYPE_CHECKING:
    from maestro_jupyter.api import LocalApi
    from maestro_jupyter.app import App
    from maestro_jupyter.recording.active_run import ActiveRun


class Session:
    """A shell, the app that records it, and the latest run that it started.

    Parameters
    ----------
    shell : InteractiveShell
    app : App
    """

    def __init__(self, shell: Any, app: App) -> None:
        self.shell = shell
        self.app = app
        self.latest: ActiveRun | None = None
        app.recorder.on_run_started.append(self._started)

    @property
    def project(self) -> str:
        """The project that new runs belong to."""
        return self.app.recorder.project

    def api(self) -> LocalApi:
        """Collect what is recorded so far, with a line of progress if that takes long."""
        with progress(self.shell, "Collecting what was recorded…"):
            return self.app.api()

    def close(self) -> None:
        """Take no more notice of runs."""
        self.app.recorder.on_run_started.remove(self._started)

    def _started(self, run: ActiveRun) -> None:
        # A candidate of a search is not what a remark is about.
        if run.source != "candidate":
            self.latest = run
