"""An environment of its own for each peer: they conflict with each other and with nothing of ours.

`MAESTRO_BENCH_ENVS` names a folder of environments to use instead of `build/bench/envs`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = Path(__file__).resolve().parent / "requirements"
PEERS = tuple(sorted(path.stem for path in REQUIREMENTS.glob("*.txt")))
MAESTRO = "maestro"


@dataclass(frozen=True)
class Environment:
    """Where a contender runs: its interpreter and version, or the reason why it cannot be installed."""

    name: str
    python: str
    version: str = ""
    reason: str = ""


def folder() -> Path:
    """Return the folder that holds the peers' environments."""
    return Path(os.environ.get("MAESTRO_BENCH_ENVS", ROOT / "build" / "bench" / "envs"))


def prepare(name: str) -> Environment:
    """Return the environment of `name`, made and filled from its pins if it is not there yet."""
    if name == MAESTRO:
        from maestro_jupyter._version import __version__

        return Environment(name, sys.executable, __version__)
    python = folder() / name / "bin" / "python"
    version = _installed_version(python, name)
    if not version:
        reason = _install(name, python)
        if reason:
            return Environment(name, "", reason=reason)
        version = _installed_version(python, name)
    return Environment(name, str(python), version)


def _installed_version(python: Path, name: str) -> str:
    if not python.exists():
        return ""
    code = f"from importlib.metadata import version; print(version({name!r}))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _install(name: str, python: Path) -> str:
    """Make the environment; return the reason if that fails, else an empty string."""
    print(f"installing {name} …", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", python.parent.parent], check=True)
    pins = REQUIREMENTS / f"{name}.txt"
    command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", pins]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return (errors or ["pip failed without saying why"])[-1]
