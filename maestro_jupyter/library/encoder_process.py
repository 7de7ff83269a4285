"""An encoder in a process of its own: neither its work nor its memory are those of the server that asks.

Loading PyTorch holds Python's lock for seconds, and encoding for milliseconds. The process ends by itself
when nobody has asked for a while, and with whoever began it.
"""

from __future__ import annotations

import contextlib
import os
import select
import struct
import subprocess
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, BinaryIO

import msgspec
import numpy as np

from maestro_jupyter.errors import MaestroError, Unavailable
from maestro_jupyter.library.embeddings import SentenceEncoder
from maestro_jupyter.store.word_index import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_jupyter.library.embeddings import Vectors

IDLE_SECONDS = 900.0
"""How long the process waits for the next question before it ends, and its memory is free again."""

PIECE = 4
"""How many artifacts are encoded at once: a query waits no longer than for these."""

PATIENCE = 0.0
"""Seconds that a query waits for a model that is not there yet: loading it takes long, and
whoever searches is better off with what is found by words now."""

_LENGTH = struct.Struct("<Q")
_TURN = 0.002
_TRIES = 2
_END_SECONDS = 5.0


class _Question(msgspec.Struct):
    """A query, or else documents; neither, to learn the size alone."""

    query: str | None = None
    documents: list[Document] = []


class _Answer(msgspec.Struct):
    """The vectors one after the other, or why there are none."""

    size: int = 0
    vectors: bytes = b""
    error: str = ""
    hint: str = ""


class EncoderProcess:
    """Encodes in a process that is begun when it is first needed; from any thread.

    Parameters
    ----------
    model : str
        As `SentenceEncoder` takes it.
    idle : float
        Seconds without a question after which the process ends, until the next one.

    Examples
    --------
    >>> EncoderProcess("some/model").model
    'some/model'
    """

    def __init__(self, model: str, idle: float = IDLE_SECONDS) -> None:
        self.model = model
        self._idle = idle
        self._size = 0
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._loading: threading.Thread | None = None
        self._has_model = False
        self._closed = False

    @property
    def size(self) -> int:
        """How many numbers a vector has.

        Raises
        ------
        Unavailable
            As `query`.
        """
        if not self._size:
            self._wait_for_model()
            self._ask(_Question())
        return self._size

    def query(self, text: str) -> Vectors:
        """Give the unit vector of a query, shape (size,).

        Raises
        ------
        Unavailable
            If the model cannot be had, is still being loaded, or its process ends time and again.
        """
        self._wait_for_model()
        vector: Vectors = self._ask(_Question(query=_sound(text)))[0]
        return vector

    def documents(self, documents: Sequence[Document]) -> Vectors:
        """Give the unit vectors of artifacts, shape (documents, size).

        Raises
        ------
        Unavailable
            As `query`, but that it waits for the model.
        """
        found = []
        for begin in range(0, len(documents), PIECE):
            piece = [_sound_document(one) for one in documents[begin : begin + PIECE]]
            found.append(self._ask(_Question(documents=piece)))
            time.sleep(_TURN)  # whoever waits with a query has the next turn
        return np.concatenate(found)

    def close(self) -> None:
        """End the process for good."""
        self._closed = True
        self._end()

    def _wait_for_model(self) -> None:
        """Begin to load the model where it is not there, and do not wait for that."""
        if self._has_model and self._process is not None and self._process.poll() is None:
            return
        loading = self._loading
        if loading is None or not loading.is_alive():
            loading = self._loading = threading.Thread(
                target=self._load, name="maestro-loading-model", daemon=True
            )
            loading.start()
        loading.join(PATIENCE)
        if loading.is_alive():
            msg = "The model for it is being loaded."
            raise Unavailable(msg, hint="Search again in a moment.")

    def _load(self) -> None:
        with contextlib.suppress(Unavailable):  # whoever asks is told why
            self._ask(_Question())

    def _ask(self, question: _Question) -> Vectors:
        with self._lock:
            answer = self._answer(msgspec.msgpack.encode(question))
        if answer.error:
            raise Unavailable(answer.error, hint=answer.hint)
        self._size, self._has_model = answer.size, True
        return np.frombuffer(answer.vectors, np.float32).reshape(-1, answer.size)

    def _answer(self, question: bytes) -> _Answer:
        """Ask; once more if the process had ended since, for want of questions or otherwise."""
        for _ in range(_TRIES):
            process = self._process = self._process or self._begin()
            if self._closed:  # perhaps since the line before
                self._end()
                msg = "The search by meaning has ended, as its server does."
                raise Unavailable(msg)
            try:
                _write(_pipe(process.stdin), question)
                return msgspec.msgpack.decode(_read(_pipe(process.stdout)), type=_Answer)
            except (OSError, EOFError, ValueError):  # the last one if it was closed meanwhile
                self._end()
        msg = "The process that encodes for the search by meaning ends as soon as it is asked."
        raise Unavailable(msg, hint="It may have too little memory: the system's log says more.")

    def _end(self) -> None:
        process, self._process, self._has_model = self._process, None, False
        if process is not None:
            process.kill()
            _close(process)

    def _begin(self) -> subprocess.Popen[bytes]:
        # -P: what lies in the present folder is not imported. A session of its own: Ctrl-C is the server's.
        command = [sys.executable, "-P", "-m", __name__, self.model, str(self._idle)]
        return subprocess.Popen(  # noqa: S603 - ourselves, with a model's name from the settings
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def serve(model: str, idle: float, questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer questions until nobody asks for so many seconds, or whoever asked is gone."""
    encoder = SentenceEncoder(model)
    while select.select([questions], [], [], idle)[0]:
        try:
            question = msgspec.msgpack.decode(_read(questions), type=_Question)
        except EOFError:
            return
        _write(answers, msgspec.msgpack.encode(_answered(encoder, question)))


def _answered(encoder: SentenceEncoder, question: _Question) -> _Answer:
    try:
        size = encoder.size
        vectors = np.empty((0, size), np.float32)
        if question.query is not None:
            vectors = encoder.query(question.query)[None]
        elif question.documents:
            vectors = encoder.documents(question.documents)
    except MaestroError as error:
        return _Answer(error=error.message, hint=error.hint)
    except Exception as error:  # noqa: BLE001 - one question that cannot be encoded is not the end
        return _Answer(error=f"The text cannot be encoded ({type(error).__name__}).")
    return _Answer(size, np.ascontiguousarray(vectors, np.float32).tobytes())


def _sound(text: str) -> str:
    """Give a text that can be written as UTF-8."""
    return text.encode(errors="replace").decode()


def _sound_document(document: Document) -> Document:
    name, kind, description, tags, text = document
    return Document(_sound(name), kind, _sound(description), [_sound(tag) for tag in tags], _sound(text))


def _write(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_LENGTH.pack(len(message)) + message)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    read = b""
    while len(read) < size:
        more = pipe.read(size - len(read))
        if not more:
            raise EOFError
        read += more
    return read


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise EOFError
    return pipe


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        try:
            if pipe is not None:
                pipe.close()
        except OSError:  # what was to be written has nobody to read it
            continue
    process.wait(_END_SECONDS)


def _main() -> None:
    # What libraries print goes nowhere near the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with os.fdopen(0, "rb", buffering=0) as questions, answers:
        serve(sys.argv[1], float(sys.argv[2]), questions, answers)


if __name__ == "__main__":
    _main()
