"""The recorder: turns what happens in this process into redacted events of its journal."""

from __future__ import annotations

import getpass
import os
import socket
import sys
import threading
import time
import uuid
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from maestro_jupyter import events
from maestro_jupyter.errors import Invalid, MaestroError, MaestroWarning, Unavailable
from maestro_jupyter.models import Status
from maestro_jupyter.recording.active_run import ActiveRun
from maestro_jupyter.recording.background import Background
from maestro_jupyter.recording.guard import Problems
from maestro_jupyter.recording.interpose import Interposer
from maestro_jupyter.recording.journal import Journal
from maestro_jupyter.recording.redaction import Redactor
from maestro_jupyter.recording.scope import Scopes, carry_into_threads
from maestro_jupyter.recording.values import check_key, to_number, to_param, to_step, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from maestro_jupyter.config import Maestro

_encode = msgspec.json.Encoder().encode
_now = time.time
_MAX_STEP = (1 << 63) - 1
_PACKAGE = str(Path(__file__).parents[1])


class Recorder:
    """Records the runs of one process.

    Parameters
    ----------
    config : Maestro
        The settings.
    origin : str
        ``kernel``, ``ipython`` or ``script``.
    """

    def __init__(self, config: Maestro, origin: str = "script") -> None:
        self.config = config
        self.origin = origin
        self.enabled = config.mode != "disabled"
        self.paused = False
        """Whether nothing is recorded until the present cell ends."""
        self.project = config.project
        self.problems = Problems()
        self.background = Background(self.problems)
        self.redactor = Redactor()
        self.scopes = Scopes()
        self.user = _user()
        self.notebook: str | None = None
        self.kernel: str | None = None
        """The Jupyter kernel's id."""
        self.execution: str | None = None
        """The cell execution that is going on."""
        self.interrupted = False
        """Whether the last cell was interrupted, and nothing has run since."""
        self.counts = {"runs": 0, "points": 0, "cells": 0}
        self.library_names: set[str] = set()
        """What of the library this process has used or registered."""
        self.on_run_started: list[Callable[[ActiveRun], None]] = []
        """Told of every run as it starts."""
        self._lock = threading.RLock()
        self._parent: str | None = None
        self._interposer = Interposer()
        self.journal = self._new_journal()
        carry_into_threads(self.scopes, self._interposer, self.problems)

    @property
    def recording(self) -> bool:
        """Whether what happens now is recorded."""
        return self.enabled and not self.paused

    # Runs

    def start_run(
        self,
        name: str | None = None,
        *,
        project: str | None = None,
        params: Mapping[str, Any] | None = None,
        tags: Mapping[str, Any] | None = None,
        source: str = "api",
        parent: str | None = None,
        current: bool = True,
        start_time: float | None = None,
    ) -> ActiveRun:
        """Start a run.

        Parameters
        ----------
        name : str, optional
            Its name; a short one is made from its id if missing.
        project : str, optional
            Its project; by default the current one.
        params, tags : mapping, optional
            What to log at once.
        source : str
            What opens it.
        parent : str, optional
            The run it is part of; by default the current run.
        current : bool
            Whether it becomes the current run.
        start_time : float, optional
            Seconds since the epoch, if it began earlier.

        Returns
        -------
        ActiveRun
        """
        run_id = uuid.uuid4().hex
        around = self.scopes.run()
        if parent is None and around is not None and around.status is Status.RUNNING:
            parent = around.run_id
        started = _now() if start_time is None else start_time
        run = ActiveRun(
            run_id=run_id,
            name=self.redactor.text(to_text("name", name, "run's") if name else f"run {run_id[:6]}"),
            project=self.redactor.text(project or self.project),
            user=self.user,
            source=source,
            status=Status.RUNNING,
            start_time=datetime.fromtimestamp(started, UTC),
            parent_id=parent,
            execution_id=self.execution,
            notebook=self.notebook,
        ).bind(self)
        with self._lock:
            self.counts["runs"] += 1
            self.emit(
                events.RunStarted(
                    run_id, run.name, started, run.project, run.user, source, parent, run.execution_id
                )
            )
        if current:
            self.scopes.push(run)
        for listener in self.on_run_started:
            with self.problems.caught("run.started"):
                listener(run)
        if params:
            self.log_params(run, params)
        if tags:
            self.set_tags(run, tags)
        return run

    def end_run(
        self, run: ActiveRun, status: str = "FINISHED", reason: str = "", *, end_time: float | None = None
    ) -> None:
        """End a run; ending it again changes nothing.

        Parameters
        ----------
        run : ActiveRun
            A run of this recorder.
        status : str
            ``FINISHED``, ``FAILED`` or ``KILLED``.
        reason : str
            Why.
        end_time : float, optional
            Seconds since the epoch, if it ended earlier.

        Raises
        ------
        Invalid
            For another status.
        """
        ended = [Status.FINISHED, Status.FAILED, Status.KILLED]
        if status not in ended:
            msg = f"A run cannot end with the status {status!r}."
            raise Invalid(msg, hint=f"Use one of {', '.join(ended)}.")
        with self._lock:
            if run.status is not Status.RUNNING:
                return
            now = _now() if end_time is None else end_time
            run.status = Status(status)
            run.status_reason = self.redactor.text(reason)
            run.end_time = datetime.fromtimestamp(now, UTC)
            self.scopes.remove(run)
            if run.recorded:
                self.journal.append(events.RunEnded(run.run_id, now, run.status.value, run.status_reason))

    def active_run(self) -> ActiveRun | None:
        """Give the current run, if there is one."""
        return self.scopes.run()

    def ensure_run(self) -> ActiveRun:
        """Give the current run; start one if there is none."""
        return self.scopes.run() or self.start_run()

    # What belongs to a run

    def log_metrics(  # noqa: C901, PLR0912 - one loop, spelled out: this is the path that each point takes
        self, run: ActiveRun, metrics: Mapping[str, Any], step: int | None = None, *, quiet: bool = False
    ) -> None:
        """Log values of metrics at one step.

        What cannot be stored is refused with a `MaestroWarning` that names it (or, if `quiet`, left out);
        the rest of the call is stored.

        Parameters
        ----------
        run : ActiveRun
            The run.
        metrics : mapping of str to number
            Values by key.
        step : int, optional
            By default one more than the highest step that these keys have had, from 0.
        quiet : bool
            Whether what is refused is left out without a warning.
        """
        now = _now()
        known = run.next_steps
        if len(metrics) == 1 and (step is None or (type(step) is int and -_MAX_STEP <= step < _MAX_STEP)):
            ((key, value),) = metrics.items()
            if type(value) is float and key in known and value - value == 0.0:
                self._log_plain(run, key, value, step, now)
                return
        values: dict[str, events.MetricValue] = {}
        following = -_MAX_STEP
        with self._lock:
            for key, value in metrics.items():
                if type(value) is float and key in known and value - value == 0.0:
                    values[key] = value
                elif not self._take_metric(run, key, value, values, quiet=quiet):
                    continue
                expected = known[key]
                if expected > following:
                    following = expected
            if not values:
                return
            if step is None:
                step = following
            elif type(step) is not int or not -_MAX_STEP <= step <= _MAX_STEP:
                try:
                    step = to_step(step)
                except Invalid as refusal:
                    self._refuse(refusal, quiet=quiet)
                    return
            following = step + 1 if step < _MAX_STEP else step
            current = run.metrics
            for key, form in values.items():
                if following >= known[key]:
                    known[key] = following
                    current[key] = form if type(form) is float else events.metric_to_float(form)
            if run.recorded and self.recording:
                self.counts["points"] += len(values)
                self.journal.append_payload(_encode(events.MetricsLogged(run.run_id, step, now, values)))

    def _log_plain(self, run: ActiveRun, key: str, value: float, step: int | None, now: float) -> None:
        """Log a plain number of a metric that has been logged before: the shortest way, for loops."""
        known = run.next_steps
        with self._lock:
            expected = known[key]
            if step is None:
                step = expected
            if step >= expected - 1:
                known[key] = step + 1 if step < _MAX_STEP else step
                run.metrics[key] = value
            if run.recorded and self.enabled and not self.paused:
                self.counts["points"] += 1
                event = events.MetricsLogged(run.run_id, step, now, {key: value})
                self.journal.append_payload(_encode(event))

    def log_params(self, run: ActiveRun, params: Mapping[str, Any], *, quiet: bool = False) -> None:
        """Log parameters; a later value replaces an earlier one. Refusals are as in `log_metrics`."""
        values: dict[str, events.ParamValue] = {}
        for key, value in params.items():
            try:
                key = self._safe_key(key, "param")  # noqa: PLW2901 - the key as it is stored
                plain = to_param(key, self.redactor.value(key, value))
                values[key] = self.redactor.text(plain) if isinstance(plain, str) else plain
            except Invalid as refusal:
                self._refuse(refusal, quiet=quiet)
        if values:
            run.params.update(values)
            self._emit_of(run, events.ParamsLogged(run.run_id, values))

    def set_tags(self, run: ActiveRun, tags: Mapping[str, Any], *, quiet: bool = False) -> None:
        """Set tags; a later value replaces an earlier one. Refusals are as in `log_metrics`."""
        values: dict[str, str] = {}
        for key, value in tags.items():
            try:
                key = self._safe_key(key, "tag")  # noqa: PLW2901 - the key as it is stored
                values[key] = self.redactor.text(to_text(key, self.redactor.value(key, value)))
            except Invalid as refusal:
                self._refuse(refusal, quiet=quiet)
        if values:
            run.tags.update(values)
            self._emit_of(run, events.TagsSet(run.run_id, values))

    def tag_by_id(self, run_id: str, tags: Mapping[str, Any]) -> None:
        """Set tags of a run that need not be one of this process."""
        values = {
            self._safe_key(key, "tag"): self.redactor.text(to_text(key, self.redactor.value(key, value)))
            for key, value in tags.items()
        }
        self.emit(events.TagsSet(run_id, values))

    def note_by_id(self, run_id: str, text: str) -> None:
        """Add a remark to a run that need not be one of this process."""
        self.emit(events.NoteAdded(run_id, _now(), self.redactor.text(to_text("note", text, "note"))))

    def add_note(self, run: ActiveRun, text: str) -> None:
        """Add a remark to a run."""
        if run.recorded:
            self.note_by_id(run.run_id, text)

    def unattached(self, key: str, value: float, reason: str) -> None:
        """Keep a metric whose run is not known with the present cell."""
        form = events.metric_from_float(value)
        self.emit(events.UnattachedMetric(self.execution, _now(), self.redactor.text(key), form, reason))

    @contextmanager
    def spared(self, name: str) -> Iterator[None]:
        """Keep an artifact, or warn that the disk refuses it; the run goes on without."""
        try:
            yield
        except OSError as error:
            self.problems.add("artifacts", error)
            msg = f"The artifact {name!r} is not kept: {error}."
            self._refuse(Unavailable(msg, hint="Make room on the disk, and log it again."), quiet=False)

    # The journal

    def emit(self, event: events.Event) -> None:
        """Append an event to the journal, unless recording is disabled or paused."""
        if self.recording:
            self.journal.append(event)

    def _emit_of(self, run: ActiveRun, event: events.Event) -> None:
        if run.recorded:
            self.emit(event)

    def settle(self, timeout: float | None = None) -> None:
        """Wait for background work, and write what the disk had refused."""
        self.background.drain(timeout)
        self.journal.retry()

    def close(self, reason: str = "") -> None:
        """End the session's open runs and close the journal; recording can go on in a new one."""
        failed = getattr(sys, "last_value", None) if self.origin == "script" else None
        for run in reversed(self.scopes.open_runs()):
            if failed is not None:
                run.end(Status.FAILED, f"{type(failed).__name__}: {failed}")
            elif self.interrupted or self.execution is not None:  # a kernel may end in the midst of a cell
                run.end(Status.KILLED, "interrupted")
            else:
                run.end(Status.FINISHED, "ended with the process")
        self.settle(5)
        if self.journal.begun:
            self.journal.close(events.JournalClosed(_now(), reason))
        self.journal = self._new_journal()

    def uninstall(self) -> None:
        """Take out what was put into the interpreter."""
        self._interposer.restore()
        self.background.close(5)

    def after_fork(self) -> None:
        """In a forked child: leave the parent's journal alone, and begin one of our own when needed."""
        parent = self.journal.id if self.journal.begun else self._parent
        self.journal.abandon()
        self._lock = threading.RLock()
        self.problems.reset_lock()
        self.background = Background(self.problems)
        self.origin = "fork"
        self._parent = parent
        self.journal = self._new_journal()

    def _new_journal(self) -> Journal:
        journal = uuid.uuid4().hex
        return Journal(
            self.config.journals,
            journal,
            lambda segment: events.JournalOpened(
                journal,
                segment,
                _now(),
                socket.gethostname(),
                os.getpid(),
                self.user,
                self.origin,
                self.notebook,
                self._parent,
                kernel=self.kernel,
            ),
            self.problems,
            lock=self._lock,
            segment_bytes=self.config.segment_limit,
        )

    def _take_metric(
        self, run: ActiveRun, key: Any, value: Any, values: dict[str, events.MetricValue], *, quiet: bool
    ) -> bool:
        """Add a metric to the values, if it can be stored."""
        try:
            number = to_number(key, value)
            if key not in run.next_steps:
                run.next_steps[self._safe_key(key, "metric")] = 0
        except Invalid as refusal:
            self._refuse(refusal, quiet=quiet)
            return False
        values[key] = events.metric_from_float(number)
        return True

    def _safe_key(self, key: Any, what: str) -> str:
        checked = check_key(key, what)
        if self.redactor.text(checked) != checked:
            msg = f"A {what} key that begins with {checked[:4]!r} holds what looks like a secret."
            raise Invalid(msg, hint="Give it another name.")
        return checked

    def _refuse(self, refusal: MaestroError, *, quiet: bool) -> None:
        if not quiet:
            warnings.warn(str(refusal), MaestroWarning, stacklevel=_depth_of_caller())


def _depth_of_caller() -> int:
    """Count the frames up to the first one outside of this package, as ``warnings`` counts them."""
    depth, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        depth, frame = depth + 1, frame.f_back
    return depth


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
