"""Hundreds of secrets planted in a session: none is in its journal, its database, its files or its logs."""

from __future__ import annotations

import io
import logging
import warnings
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from secrets_corpus import planted
from shells import let_go
from sqlalchemy import select
from traitlets.config import Config

import maestro_jupyter as maestro
from maestro_jupyter import app
from maestro_jupyter.store import schema

if TYPE_CHECKING:
    from pathlib import Path

    from maestro_jupyter.store.engine import Store

PLANTED = list(planted())
WAYS = [
    "",  # as a cell, which may be no Python
    "print(text)",
    "import sys\nsys.stderr.write(text)\nNone",
    "text",
    "raise ValueError(text)",
    "maestro.start_run(text, params={'p': text, 'nested': {'a': [text]}}, tags={'t': text}).end('FAILED', text)",
    "with maestro.start_run() as run: run.note(text)",
    "with maestro.start_run('r', project='p'): raise KeyError(text)",
    "maestro.log({text: 1.0})\nmaestro.log_param(text, 1)\nmaestro.set_tag(text, 1)\nmaestro.end_run()",
    "%maestro note {text}",
    "from IPython.display import display\ndisplay({'text/plain': text}, raw=True)",
]
"""The ways by which words reach the journal."""


@pytest.mark.slow
def test_no_secret_reaches_the_disk(
    home: Path, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    assert len(PLANTED) >= 500
    assert len({each.kind for each in PLANTED}) >= 20
    monkeypatch.setenv("MAESTRO_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)  # away from this repository, whose own state would be recorded
    caplog.set_level(logging.DEBUG)
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config, ipython_dir=str(tmp_path / "ipython"))
    said = io.StringIO()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            maestro.load_ipython_extension(shell)
            with redirect_stdout(said), redirect_stderr(said):
                for number, each in enumerate(PLANTED):
                    _plant(shell, number, each.text)
            recorder = app.current().recorder
            assert recorder.background.drain(60)
            assert recorder.problems.counts() == {}
            journal = b"".join(path.read_bytes() for path in recorder.config.journals.iterdir())
            maestro.flush()
            rows = _rows(app.current().store())
            caplog.handler.flush()
            files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        finally:
            maestro.unload_ipython_extension(shell)
            let_go(shell)
    assert journal.count(b"[redacted]") > len(PLANTED)
    assert rows.count(b"[redacted]") > len(PLANTED)
    logs = "\n".join([caplog.text, *(str(one.message) for one in warned)]).encode()
    places = {"journal": journal, "database": rows, "files": files, "logs": logs}
    found = [
        f"{each.kind} in the {place}, which {WAYS[number % len(WAYS)]!r} let through"
        for number, each in enumerate(PLANTED)
        for place, content in places.items()
        if each.secret.encode() in content
    ]
    assert not found, "\n".join(found)


def _plant(shell: InteractiveShell, number: int, text: str) -> None:
    """Let a secret pass through one of the ways."""
    shell.user_ns |= {"text": text, "maestro": maestro}
    way = WAYS[number % len(WAYS)]
    shell.run_cell(text if way == "" else way, store_history=True)


def _rows(store: Store) -> bytes:
    pieces: list[bytes] = []
    with store.read.connect() as connection:
        for table in schema.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                pieces += [each if isinstance(each, bytes) else str(each).encode() for each in row]
    return b"\n".join(pieces)
