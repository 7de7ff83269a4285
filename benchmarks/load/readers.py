"""Readers: `wrk` asks a server for the mix, over many connections, and tells rate and latencies."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from benchmarks.load.server import Server

MIX = Path(__file__).with_name("mix.lua")
CONNECTIONS = 32


def read(server: Server, ids: list[str], folder: Path, *, seconds: int, variety: int) -> dict[str, Any]:
    """Ask for some seconds.

    Parameters
    ----------
    server : Server
    ids : list of str
        Of runs.
    folder : Path
        For the list of ids.
    seconds : int
    variety : int
        The lists are of five models times so many depths; histories and runs, of 20 times so many.

    Returns
    -------
    dict
        ``rate`` (requests a second), ``p50`` and ``p99`` (milliseconds), ``requests``, ``errors``.
    """
    if shutil.which("wrk") is None:
        msg = "The load tool wrk is missing: apt-get install wrk."
        raise RuntimeError(msg)
    listed = folder / "ids"
    listed.write_text("\n".join(ids))
    parts = urlsplit(server.url)
    environment = {
        **os.environ,
        "MAESTRO_LOAD_IDS": str(listed),
        "MAESTRO_LOAD_PATH": parts.path,
        "MAESTRO_LOAD_TOKEN": server.token,
        "MAESTRO_LOAD_VARIETY": str(variety),
    }
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout=10s", "-s", str(MIX)]
    done = subprocess.run(
        [*command, f"{parts.scheme}://{parts.netloc}"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.rpartition("@")[2])
    return told
