"""A real Jupyter server with the extension, in a process of its own."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """Where it answers, and the token that opens it."""

    url: str
    token: str
    pid: int


@contextlib.contextmanager
def running(home: Path, folder: Path) -> Iterator[Server]:
    """Give a server over a home; it ends with the block.

    Parameters
    ----------
    home : Path
        The data folder.
    folder : Path
        For its log and configuration.
    """
    folder.mkdir(parents=True, exist_ok=True)
    token, port = secrets.token_hex(16), _free_port()
    command = [
        *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={port}"),
        *("--ServerApp.jpserver_extensions={'maestro_jupyter': True}", f"--ServerApp.root_dir={folder}"),
        *(f"--IdentityProvider.token={token}", "--log-level=ERROR"),
    ]
    environment = {
        **os.environ,
        "MAESTRO_HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
    }
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            server = Server(f"http://127.0.0.1:{port}/maestro/api/v1", token, process.pid)
            _wait(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{server.url}/health/live", timeout=1):
            return
        time.sleep(0.1)
    msg = "The server did not start; its log says why."
    raise RuntimeError(msg)
