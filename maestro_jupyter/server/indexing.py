"""The server's index of meanings: a thread that gives the library's artifacts their vectors."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from maestro_jupyter.errors import MaestroError
from maestro_jupyter.store import vector_index
from maestro_jupyter.store.changes import Version, version_of

if TYPE_CHECKING:
    from maestro_jupyter.app import App
    from maestro_jupyter.server.collecting import Collecting
    from maestro_jupyter.store.collector import Collected
    from maestro_jupyter.store.engine import Store
    from maestro_jupyter.store.vector_index import Encoder

LOOK_SECONDS = 5.0
"""Between two looks at the library: what is collected is looked at at once, what is edited so late."""

FIRST_PAUSE, LAST_PAUSE = 10.0, 3600.0
"""Seconds until the next try after a failure; twice as long after each."""

_GRACE = 30.0


class Indexing:
    """Encodes what the library holds for as long as this server collects it.

    Searches then encode nothing but their query. The model is loaded only when something is to be encoded.

    Parameters
    ----------
    app : App
        For the store, the settings and the encoder.
    collecting : Collecting
        Tells when something new is there; only who collects a home writes vectors.
    log : logging.Logger, optional
    """

    def __init__(self, app: App, collecting: Collecting, log: logging.Logger | None = None) -> None:
        self._app = app
        self._collecting = collecting
        self._log = log or logging.getLogger(__name__)
        self._wake = threading.Event()
        self._stopping = False
        self._seen: Version | None = None
        self._failures = 0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, if this server collects and there is a way to encode."""
        encoder = self._app.encoder()
        if self._thread is not None or encoder is None or not self._collecting.on:
            return
        self._app.encoded_per_search = 0
        self._collecting.after.append(self._collected)
        self._thread = threading.Thread(
            target=self._run, args=(encoder,), name="maestro-indexing", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End when the present batch is written."""
        self._stopping = True
        self._wake.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(_GRACE)

    def _collected(self, found: Collected) -> None:
        self._wake.set()

    # In the thread

    def _run(self, encoder: Encoder) -> None:
        pause = 0.0
        while not self._stopping:
            self._wake.wait(pause)
            self._wake.clear()
            if not self._stopping:
                pause = self._round(encoder)

    def _round(self, encoder: Encoder) -> float:
        """Encode a batch if there is one; give the seconds until the next look."""
        if not self._collecting.collects:
            return LOOK_SECONDS
        start = time.monotonic()
        try:
            waits = self._encode(self._app.store(), encoder)
        except (MaestroError, SQLAlchemyError, OSError) as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the server lives on
            return self._failed(error, trace=True)
        self._failures = 0
        # It rests as long as it worked: those who ask come first.
        return time.monotonic() - start if waits else LOOK_SECONDS

    def _encode(self, store: Store, encoder: Encoder) -> bool:
        """Encode a batch; tell whether more may wait."""
        with store.read.connect() as connection:
            version = version_of(connection)
            if version == self._seen:
                return False
            complete = vector_index.is_complete(connection, encoder.model)
        if complete:
            self._seen = version
            return False
        vector_index.bring_up_to_date(store, encoder, vector_index.BATCH)
        return True

    def _failed(self, error: Exception, *, trace: bool = False) -> float:
        if not self._failures:
            said = f"{type(error).__name__}: {error}"
            self._log.warning("Maestro cannot index by meaning: %s", said, exc_info=error if trace else None)
        self._failures += 1
        return float(min(LAST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures - 1, 20)))
