"""How much memory a large file takes on its way into a library and back, on the server and on the client.

A Jupyter server with the extension runs in a process of its own, and so does the client, which registers a
file in pieces and fetches it again. The figure of each is the growth of its resident memory's peak.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maestro_jupyter.http_api import HttpApi

GOAL = 64.0
"""MiB, for each of the two."""

_TOKEN = "benchmark"
_PIECE = 8 << 20


def main() -> None:
    options = _arguments()
    if options.client:
        _be_client(options.client, Path(options.file))
        return
    size = options.mebibytes << 20
    with tempfile.TemporaryDirectory(prefix="bench-streaming-") as folder:
        file = Path(folder) / "large.bin"
        _write(file, size)
        server, url = _serve(Path(folder), size)
        try:
            before = _peak(server.pid)
            said = _client(url, file)
            grown = (_peak(server.pid) - before) / (1 << 20)
        finally:
            server.terminate()
            server.wait()
    took = f"{options.mebibytes:,} MiB up in {said['up']:.0f} s and down in {said['down']:.0f} s"
    client = f"the client's by {said['grown']:.0f} MiB; the goal is {GOAL:.0f} for each"
    print(f"{took}: the server's memory grew by {grown:.0f} MiB, {client}")


def _write(file: Path, size: int) -> None:
    piece = os.urandom(_PIECE)
    with file.open("wb") as out:
        for number in range(0, size, _PIECE):
            out.write((number.to_bytes(8, "big") + piece)[: min(_PIECE, size - number)])


def _serve(folder: Path, size: int) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    command = [
        *(sys.executable, "-m", "jupyter_server", "--allow-root", f"--ServerApp.port={port}"),
        *("--ServerApp.port_retries=0", "--ServerApp.jpserver_extensions=maestro_jupyter=True"),
        *(f"--IdentityProvider.token={_TOKEN}", f"--Maestro.artifact_limit={size}"),
    ]
    env = os.environ | own | {"MAESTRO_HOME": str(folder / "home")}
    log = (folder / "server.log").open("wb")
    server = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/"
    while server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}maestro/api/v1/health/live", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return server, url
    raise RuntimeError((folder / "server.log").read_text())


def _client(url: str, file: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.streaming", "--client", url, "--file", str(file)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parents[1])
    return json.loads(done.stdout)


def _be_client(url: str, file: Path) -> None:
    from maestro_jupyter.http_api import HttpApi
    from maestro_jupyter.models import Registration

    api = HttpApi(url, _TOKEN, timeout=600)
    small = file.with_name("small.bin")  # what is loaded once is no part of it
    small.write_bytes(b"small")
    _fetch(api, api.library.register_file(small, Registration(name="small")).reference)
    before, begin = _peak(os.getpid()), time.perf_counter()
    version = api.library.register_file(file, Registration(name="large"))
    there = time.perf_counter()
    assert _fetch(api, version.reference) == version.sha256
    back = time.perf_counter()
    grown = (_peak(os.getpid()) - before) / (1 << 20)
    print(json.dumps({"up": there - begin, "down": back - there, "grown": grown}))


def _fetch(api: HttpApi, reference: str) -> str:
    digest = hashlib.sha256()
    with api.library.open(reference)[1] as kept:
        while piece := kept.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _peak(process: int) -> int:
    """Give the most resident memory that a process has had, in bytes."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) << 10


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streaming", description=__doc__)
    parser.add_argument("--mebibytes", type=int, default=2048)
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
