"""Figures that a cell shows or saves, kept as they were shown: nothing is rendered again."""

from __future__ import annotations

import base64
import functools
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from maestro_jupyter.recording.artifact_forms import Form
from maestro_jupyter.recording.artifacts import keep_form, media_type_of
from maestro_jupyter.recording.import_hooks import ImportHooks
from maestro_jupyter.recording.interpose import Interposer, Observer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from maestro_jupyter.events import ArtifactLogged
    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.recording.recorder import Recorder

_SHOWN = {
    "application/vnd.plotly.v1+json": ".json",
    "image/svg+xml": ".svg",
    "image/png": ".png",
    "image/jpeg": ".jpg",
}
_SAVERS = {
    "matplotlib.figure": ("Figure", ("savefig",)),
    "plotly.basedatatypes": ("BaseFigure", ("write_image", "write_html")),
}


class FigureCapture:
    """Keeps the figures of the present cell.

    A figure belongs to the run that is active when it is shown; where there is none, to the run that
    the cell started, if it started exactly one; otherwise to the cell alone. It is written down as it is
    shown, and once more when it turns out whose it is.

    Parameters
    ----------
    recorder : Recorder
        Where they are recorded.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._interposer = Interposer()
        self._imports = ImportHooks(recorder.problems)
        self._numbers: dict[str | None, int] = {}
        self._count = 0
        self._open: list[ArtifactLogged] = []

    def install(self) -> None:
        """Watch the libraries that save figures."""
        for module in _SAVERS:
            self._imports.when(module, self._watch_savers)

    def uninstall(self) -> None:
        """Leave the libraries as they were."""
        self._imports.restore()
        self._interposer.restore()

    def begin(self) -> None:
        """Begin a cell."""
        self._count = 0
        self._open = []
        self._numbers.pop(None, None)

    def shown(self, bundle: Mapping[str, Any]) -> None:
        """Keep the figure of a data bundle, if it holds one."""
        for media_type, suffix in _SHOWN.items():
            if media_type in bundle:
                data = _bytes_of(bundle[media_type], media_type)
                if data:
                    self._keep(Form(data, "figure", suffix, media_type, "figure"), None)
                return

    def saved(self, path: Path) -> None:
        """Keep a figure that was saved to a file."""
        if path.stat().st_size > self._recorder.config.artifact_limit:
            return
        form = Form(path.read_bytes(), "figure", path.suffix, media_type_of(path.name), "figure")
        self._keep(form, path.name)

    def finish(self, runs: list[ActiveRun]) -> None:
        """Say whose the figures are that were shown while no run was active."""
        if len(runs) == 1:
            job = functools.partial(self._attach, runs[0].run_id, self._open)
            self._recorder.background.submit("figures", job)
        self._open = []

    def _keep(self, form: Form, name: str | None) -> None:
        recorder = self._recorder
        if not recorder.enabled or recorder.paused or self._count >= recorder.config.figure_limit:
            return
        self._count += 1
        active = recorder.active_run()
        run = None if active is None else active.run_id
        if name is None:
            number = self._numbers[run] = self._numbers.get(run, 0) + 1
            name = f"figure-{number}{form.suffix}"
        owned = run is not None or recorder.execution is None
        job = functools.partial(
            self._write, None if owned else self._open, run, form, name, recorder.execution
        )
        recorder.background.submit("figures", job)

    def _write(
        self,
        waiting: list[ArtifactLogged] | None,
        run: str | None,
        form: Form,
        name: str,
        execution: str | None,
    ) -> None:
        said = keep_form(self._recorder, run, form, name, "figure", execution)
        if waiting is not None:
            waiting.append(said)

    def _attach(self, run: str, waiting: list[ArtifactLogged]) -> None:
        for said in waiting:
            self._recorder.journal.append(msgspec.structs.replace(said, run=run))

    def _watch_savers(self, module: ModuleType) -> None:
        name, methods = _SAVERS[module.__name__]
        for method in methods:
            self._interposer.method(getattr(module, name), method, _Saves(self, self._recorder))


class _Saves(Observer[Any]):
    """Sees a figure's method that writes it to a file."""

    where = "figures.saved"

    def __init__(self, capture: FigureCapture, recorder: Recorder) -> None:
        self._capture = capture
        self.problems = recorder.problems

    def enter(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return args[1] if len(args) > 1 else kwargs.get("fname", kwargs.get("file"))

    def leave(self, token: Any, result: Any, error: BaseException | None) -> None:
        if error is not None or not isinstance(token, str | os.PathLike):
            return
        path = Path(os.fspath(token))
        if not path.is_file():  # matplotlib adds its default format to a name without any
            rc = sys.modules["matplotlib"].rcParams
            path = Path(f"{os.fspath(token).rstrip('.')}.{rc['savefig.format']}")
        if path.is_file():
            self._capture.saved(path)


def _bytes_of(data: Any, media_type: str) -> bytes | None:
    if isinstance(data, bytes):
        return data
    if isinstance(data, str):
        return data.encode() if media_type == "image/svg+xml" else base64.b64decode(data)
    return json.dumps(data).encode() if isinstance(data, dict) else None
