"""The state of the Git work tree, asked of the `git` command, off the cell's path."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING

import msgspec

from maestro_jupyter.events import CodeSeen

if TYPE_CHECKING:
    from maestro_jupyter.recording.redaction import Redactor

_TIMEOUT = 5.0
_DIFF_LIMIT = 256 << 10
_SLACK = 8 << 10
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
# What a repository's own settings name is not run: a notebook may stand in anyone's work tree.
_SAFE = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=", "-c", "diff.external="]


def code_state(folder: str, redactor: Redactor) -> CodeSeen | None:
    """Describe the work tree that a folder is in.

    Parameters
    ----------
    folder : str
        Where the notebook or script runs.
    redactor : Redactor
        Takes the secrets out of the diff.

    Returns
    -------
    CodeSeen or None
        None outside of a work tree, or without Git.
    """
    git = shutil.which("git")
    if git is None:
        return None
    ask = _Git(git, folder)
    if ask("rev-parse", "--is-inside-work-tree") != "true":
        return None
    commit = ask("rev-parse", "--verify", "--quiet", "HEAD") or None
    branch = ask("symbolic-ref", "--short", "--quiet", "HEAD") or None
    remote = ask("config", "--get", "remote.origin.url") or None
    if remote is not None:
        remote = redactor.text(_CREDENTIALS.sub("[redacted]@", remote))
    dirty = bool(ask("status", "--porcelain", limit=1))
    diff = ask("diff", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD", limit=_DIFF_LIMIT + _SLACK)
    truncated = len(diff) >= _DIFF_LIMIT + _SLACK
    diff = redactor.text(diff)
    if truncated:
        diff = diff[: max(0, len(diff) - _SLACK)]
    diff, truncated = diff[:_DIFF_LIMIT], truncated or len(diff) > _DIFF_LIMIT
    content = msgspec.json.encode([commit, branch, remote, dirty, diff, truncated])
    return CodeSeen(hashlib.sha256(content).hexdigest(), commit, branch, remote, dirty, diff, truncated)


class _Git:
    """Runs Git in a folder; an answer that fails or takes too long is empty."""

    def __init__(self, git: str, folder: str) -> None:
        self._command = [git, *_SAFE, "-C", folder]
        self._environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}

    def __call__(self, *arguments: str, limit: int = 64 << 10) -> str:
        with subprocess.Popen(  # noqa: S603 - fixed arguments, no shell
            [*self._command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._environ,
        ) as process:
            timer = threading.Timer(_TIMEOUT, process.kill)
            timer.start()
            try:
                read = process.stdout.read(limit) if process.stdout else b""
            finally:
                timer.cancel()
            whole = len(read) < limit
            if not whole:
                process.kill()
        if whole and process.returncode != 0:
            return ""
        return read.decode("utf-8", "backslashreplace").strip("\n")
