"""The composition root: from the settings to the objects that do the work, one set a process."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import MaestroError, Unavailable
from maestro_jupyter.recording.context import RunContexts
from maestro_jupyter.recording.interrupted_end import keep_interrupted
from maestro_jupyter.recording.notebook import kernel_id, notebook_path
from maestro_jupyter.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from maestro_jupyter.api import Actor, LocalApi
    from maestro_jupyter.library.encoder_process import EncoderProcess
    from maestro_jupyter.recording.extension import KernelCapture
    from maestro_jupyter.store.blobs import Blobs
    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.vector_index import Encoder

Answer = TypeVar("Answer")

PATIENCE = 2.0
"""Seconds to wait for a server's answer; what it has not collected by then, this process collects."""

SOON = 3.0
"""Seconds to wait for others, where an answer that lacks what was recorded last is better than none."""


class App:
    """What this process records with and reads through.

    Parameters
    ----------
    config : Maestro
        The settings.
    origin : str
        ``kernel``, ``ipython`` or ``script``.

    Attributes
    ----------
    encoded_per_search : int or None
        How many artifacts without a vector a search encodes first; None for its usual measure.
    tried : dict
        What came of suggestions that were tried while nothing was collected: by the data's fingerprint, the
        score of each config, None where it failed.
    """

    def __init__(self, config: Maestro, origin: str = "script") -> None:
        self.config = config
        self.recorder = Recorder(config, origin)
        self.capture: KernelCapture | None = None
        self.encoded_per_search: int | None = None
        self.tried: dict[str, dict[str, float | None]] = {}
        self._store: Store | None = None
        self._encoder: EncoderProcess | None = None
        self._opening = threading.Lock()
        if origin == "script":
            self.recorder.notebook = notebook_path()
            RunContexts(self.recorder).follow()
        atexit.register(self.shutdown)

    def flush(self, timeout: float | None = None) -> None:
        """Return when everything recorded so far can be queried.

        The Jupyter server that collects this data folder is asked to do so now. Where there is none, or it
        ends or does not get on, this process collects.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most for another process that is collecting, or locks the database.

        Raises
        ------
        Unavailable
            If the mode is ``offline``, or the store cannot be written in time.
        """
        if self.config.mode == "offline":
            msg = "The mode is offline: what is recorded stays in the journal."
            raise Unavailable(msg, hint="Run `maestro collect` where the database can be reached.")
        until = None if timeout is None else time.monotonic() + timeout
        self.recorder.settle(timeout)
        if self.recorder.journal.waiting:
            msg = f"The disk refuses {self.recorder.journal.waiting} journal lines: {self._last_problem()}."
            raise Unavailable(
                msg, hint="Make room there, or let the folder be written, then call flush() again."
            )
        if not self._is_collected_by_server(_left(until)):
            if timeout is not None:
                from maestro_jupyter.store.engine import wait_for_turn

                wait_for_turn(self.config.database_url, _left(until) or 0.0)
            self._collect(_left(until))

    def api(self) -> LocalApi:
        """Collect what is recorded so far, and give what surfaces may ask."""
        from maestro_jupyter.api import Actor

        if self.config.mode != "offline":
            self.flush()
        return self.api_for(Actor(self.recorder.user, owner=True))

    def ask_soon(self, question: Callable[[LocalApi], Answer]) -> tuple[Answer, str]:
        """Give an answer within a few seconds, and why the latest is not in it, if that is so.

        Raises
        ------
        Unavailable
            If the store cannot be read.
        """
        from maestro_jupyter.api import Actor
        from maestro_jupyter.store.engine import said_plainly, wait_for_turn

        late = self.collect_soon()
        wait_for_turn(self.config.database_url, 0.0 if late else SOON, writing=False)
        with said_plainly(self.store()):
            return question(self.api_for(Actor(self.recorder.user, owner=True))), late

    def collect_soon(self) -> str:
        """Collect what is recorded so far within a few seconds; say why it could not be, if that is so."""
        if self.config.mode == "offline":
            return ""
        try:
            self.flush(SOON)
        except Unavailable as error:
            return error.message
        return ""

    def api_for(self, actor: Actor) -> LocalApi:
        """Give what somebody may ask of the store as it is, without collecting first."""
        from maestro_jupyter.api import LocalApi
        from maestro_jupyter.store.audit import Anchor
        from maestro_jupyter.store.receiving import Receiver

        store, anchor = self.store(), Anchor(self.config.home_path)
        receiver = Receiver(store, anchor, self.config)
        redact = self.recorder.redactor.text
        return LocalApi(
            store,
            actor,
            self.blobs,
            redact,
            anchor,
            receiver,
            self.encoder,
            self.encoded_per_search,
            self.config.knowledge_files,
        )

    def store(self) -> Store:
        """Give the database, opened on first use."""
        if self._store is None:
            from maestro_jupyter.store.engine import open_store

            with self._opening:
                if self._store is None:
                    server = self.recorder.origin == "server"
                    # Who asks a server must not keep it from the others; a kernel asks for itself alone.
                    limit = self.config.query_seconds if server else None
                    self._store = open_store(self.config.database_url, limit, columns=server)
        return self._store

    def collecting_server(self) -> int | None:
        """Give the process id of the Jupyter server that collects this data folder; None if none does."""
        from maestro_jupyter.store.home_lock import holder_of

        return holder_of(self.config.home_path / "server.lock")

    def shutdown(self) -> None:
        """End the session's runs, close the journal, and collect it if nobody else is about to."""
        recorder = self.recorder
        with recorder.problems.caught("shutdown"):
            begun = recorder.journal.begun
            forked = recorder.origin == "fork"
            if self.capture is not None and not forked:  # the parent's cell goes on
                self.capture.close()
            recorder.close()
            if begun and self.config.mode == "on" and not forked:
                self._collect_if_free()
        recorder.uninstall()
        if self._encoder is not None:
            self._encoder.close()
        if self._store is not None:
            self._store.close()
            self._store = None
        atexit.unregister(self.shutdown)
        if recorder.origin == "script":
            keep_interrupted()

    def after_fork(self) -> None:
        """In a forked child: let go of the parent's journal and connections."""
        self.recorder.after_fork()
        if self._store is not None:
            self._store.write.dispose(close=False)
            self._store.read.dispose(close=False)
            self._store = None

    def open_artifact(self, sha256: str) -> BinaryIO:
        """Open the bytes of an artifact that is kept; raises `NotFound` if it is not."""
        return self.blobs().open(sha256)

    def blobs(self) -> Blobs:
        """Give the place where artifacts' bytes are kept."""
        from maestro_jupyter.store.blobs import Blobs

        return Blobs(self.config.artifact_url)

    def encoder(self) -> Encoder | None:
        """Give what encodes texts by the settings' model; None without the extra ``semantic``."""
        from maestro_jupyter.library.embeddings import encoder_for

        encoder = encoder_for(self.config)
        if encoder is None or self.recorder.origin != "server":
            return encoder
        if self._encoder is None:
            from maestro_jupyter.library.encoder_process import EncoderProcess

            self._encoder = EncoderProcess(encoder.model)
        return self._encoder

    def _collect(self, timeout: float | None) -> None:
        from maestro_jupyter.store.collector import Collector

        Collector(self.store(), self.config, own=self.recorder.journal.id).collect(timeout)

    def _is_collected_by_server(self, timeout: float | None) -> bool:
        """Ask the server to collect; as it may do so into another store, ours is looked into."""
        from maestro_jupyter.store.collector import collected_up_to

        journal = self.recorder.journal
        place = journal.position
        return self._server_answers(timeout) and collected_up_to(self.store(), journal.id) >= place

    def _server_answers(self, timeout: float | None = None) -> bool:
        from maestro_jupyter.store.doorbell import ring

        return ring(self.config.home_path, PATIENCE if timeout is None else min(timeout, PATIENCE))

    def _collect_if_free(self) -> None:
        from maestro_jupyter.store.engine import wait_for_turn

        try:
            if not self._server_answers():
                wait_for_turn(self.config.database_url, SOON, writing=False)
                self._collect(0)
        except MaestroError as error:
            self.recorder.problems.add("collect at exit", error)

    def _last_problem(self) -> str:
        latest = self.recorder.problems.latest()
        return latest[-1].error if latest else "unknown"


def _left(until: float | None) -> float | None:
    return None if until is None else max(0.0, until - time.monotonic())


class _Process:
    """The app of this process, if one was made."""

    app: App | None = None


def current() -> App:
    """Give this process's app, made on first use.

    Returns
    -------
    App
    """
    if _Process.app is None:
        shell = _shell()
        config = Maestro(config=None if shell is None else shell.config)
        _Process.app = App(config, _origin(shell))
        _Process.app.recorder.kernel = kernel_id(shell)
    return _Process.app


def forget() -> None:
    """Shut this process's app down, and leave nothing of it in shell and libraries; the next is a new one."""
    if _Process.app is not None:
        app = _Process.app
        if app.capture is not None and app.recorder.origin != "fork":  # else it is the parent's
            app.capture.uninstall()
        _Process.app = None
        app.shutdown()


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _origin(shell: Any) -> str:
    if shell is None:
        return "script"
    return "kernel" if getattr(shell, "kernel", None) is not None else "ipython"


def _after_fork() -> None:
    if _Process.app is not None:
        _Process.app.after_fork()


os.register_at_fork(after_in_child=_after_fork)
