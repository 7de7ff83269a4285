"""The encoder's process gives the encoder's own vectors, ends and dies without anybody's loss, and says why not."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest
from search_corpus import listed

from maestro_jupyter.errors import Unavailable
from maestro_jupyter.library.embeddings import PACKAGED, SentenceEncoder
from maestro_jupyter.library.encoder_process import EncoderProcess
from maestro_jupyter.store.word_index import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.frameworks


@pytest.fixture(autouse=True)
def patience(monkeypatch) -> None:
    """Wait for the model, however slow the machine is."""
    monkeypatch.setattr("maestro_jupyter.library.encoder_process.PATIENCE", 200.0)


@pytest.fixture(scope="module")
def encoder() -> Iterator[EncoderProcess]:
    encoder = EncoderProcess(PACKAGED)
    yield encoder
    encoder.close()


def children() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if "maestro_jupyter.library.encoder_process" in child.cmdline()
    ]


def test_it_gives_the_vectors_that_the_encoder_gives(encoder):
    documents = [Document(one.name, one.type, one.description, one.tags, one.text) for one in listed()[:6]]
    own = SentenceEncoder(PACKAGED)
    assert encoder.size == own.size
    assert np.allclose(encoder.documents(documents), own.documents(documents), atol=1e-5)
    assert np.allclose(encoder.query("night sky"), own.query("night sky"), atol=1e-5)
    assert np.isfinite(encoder.query("\ud800")).all()
    assert np.isfinite(encoder.documents([Document("\ud800", "", "\ud800", ["\ud800"], "\ud800")])).all()


def test_many_ask_at_once_and_each_gets_its_own_answer(encoder):
    words = [f"word {number}" for number in range(12)]
    alone = [encoder.query(word) for word in words]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(encoder.query, words))
    assert np.allclose(together, alone)


def test_a_query_waits_for_a_few_artifacts_only(encoder):
    encoder.query("warm")
    long = [Document("x", "", "", [], "value = value + 1\n" * 800)] * 40
    done: list[str] = []

    def all_of_them() -> None:
        encoder.documents(long)
        done.append("documents")

    thread = threading.Thread(target=all_of_them)
    thread.start()
    for _ in range(3):
        encoder.query("something else")
    done.append("queries")
    thread.join()
    assert done == ["queries", "documents"]


def test_another_process_takes_over_when_it_is_killed(encoder):
    before = encoder.query("night sky")
    for child in children():
        os.kill(child.pid, signal.SIGKILL)
    assert np.allclose(encoder.query("night sky"), before)


def test_it_ends_when_nobody_asks_and_comes_back():
    encoder = EncoderProcess(PACKAGED, idle=0.2)
    vector = encoder.query("night sky")
    mine = encoder._process
    while mine.poll() is None:  # the test's time-out ends it
        time.sleep(0.05)
    assert mine.returncode == 0
    assert np.allclose(encoder.query("night sky"), vector)
    encoder.close()
    with pytest.raises(Unavailable, match="has ended"):
        encoder.query("night sky")


def test_it_ends_with_whoever_began_it():
    code = (
        "import os, sys\n"
        "from maestro_jupyter.library.encoder_process import EncoderProcess\n"
        "from maestro_jupyter.store.word_index import Document\n"
        f"encoder = EncoderProcess({PACKAGED!r})\n"
        "encoder.documents([Document('x', '', '', [], '')])\n"
        "print(encoder._process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stdout
    with contextlib.suppress(psutil.NoSuchProcess):
        while psutil.Process(int(told)).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.05)


def test_a_model_that_cannot_be_had_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    encoder = EncoderProcess(str(tmp_path))
    for _ in range(2):
        with pytest.raises(Unavailable, match="cannot be had") as told:
            encoder.query("x")
    assert "MAESTRO_EMBEDDING_MODEL" in told.value.hint
    encoder.close()


def test_a_query_does_not_wait_long_for_the_model(monkeypatch):
    monkeypatch.setattr("maestro_jupyter.library.encoder_process.PATIENCE", 0.01)
    encoder = EncoderProcess(PACKAGED)
    with pytest.raises(Unavailable, match="is being loaded"):
        encoder.query("night sky")
    documents = [Document("x", "", "", [], "")]
    assert encoder.documents(documents).shape == (1, encoder.size)  # who indexes waits
    assert np.isfinite(encoder.query("night sky")).all()
    encoder.close()


def test_what_lies_in_the_present_folder_is_not_run(tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text("import pathlib; pathlib.Path('ran').touch()")
    monkeypatch.chdir(tmp_path)
    encoder = EncoderProcess(PACKAGED)
    assert np.isfinite(encoder.query("x")).all()
    encoder.close()
    assert not (tmp_path / "ran").exists()


def test_a_process_that_cannot_begin_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("maestro_jupyter.library.encoder_process.sys.executable", "/bin/false")
    encoder = EncoderProcess(PACKAGED)
    with pytest.raises(Unavailable, match="ends as soon as it is asked"):
        encoder.query("x")
    encoder.close()
