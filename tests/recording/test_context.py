"""The environment and the code that runs had."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from journals import read_kind

from maestro_jupyter.config import Maestro
from maestro_jupyter.events import CodeSeen, EnvironmentSeen, RunContext
from maestro_jupyter.recording import context
from maestro_jupyter.recording.code_state import code_state
from maestro_jupyter.recording.context import RunContexts
from maestro_jupyter.recording.environment import environment, packages
from maestro_jupyter.recording.notebook import notebook_path
from maestro_jupyter.recording.recorder import Recorder
from maestro_jupyter.recording.redaction import Redactor

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def _git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def work_tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    _git(folder, "init", "-q", "-b", "trunk")
    (folder / "code.py").write_text("a = 1\n")
    _git(folder, "add", ".")
    _git(folder, "commit", "-q", "-m", "first")
    return folder


def test_packages_are_those_that_python_knows() -> None:
    known = {
        re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower(): found.version
        for found in importlib.metadata.distributions()
    }
    assert packages() == dict(sorted(known.items()))


def test_the_same_environment_has_the_same_digest() -> None:
    assert environment() == environment()
    assert environment().hardware["cpus"]


def test_a_clean_work_tree(work_tree: Path) -> None:
    seen = code_state(str(work_tree), Redactor({}))
    assert seen is not None
    assert seen.commit == _git(work_tree, "rev-parse", "HEAD")
    assert (seen.branch, seen.remote, seen.dirty, seen.diff) == ("trunk", None, False, "")


def test_a_changed_work_tree_without_its_secrets(work_tree: Path) -> None:
    (work_tree / "code.py").write_text(f"a = 2\ntoken = '{SECRET}'\n")
    _git(work_tree, "remote", "add", "origin", f"https://ana:{SECRET}@example.org/ana/code.git")
    index = (work_tree / ".git" / "index").stat().st_mtime_ns
    seen = code_state(str(work_tree), Redactor({}))
    assert seen is not None
    assert seen.dirty
    assert "-a = 1\n+a = 2" in seen.diff
    assert SECRET not in str(seen)
    assert seen.remote is not None
    assert seen.remote.endswith("@example.org/ana/code.git")
    assert (work_tree / ".git" / "index").stat().st_mtime_ns == index


def test_a_huge_diff_is_cut(work_tree: Path) -> None:
    (work_tree / "code.py").write_text("line = 0\n" * 100_000)
    seen = code_state(str(work_tree), Redactor({}))
    assert seen is not None
    assert seen.truncated
    assert len(seen.diff) <= 256 << 10
    assert seen.commit


def test_no_command_of_the_repository_is_run(work_tree: Path, tmp_path: Path) -> None:
    (work_tree / "code.py").write_text("a = 3\n")
    (work_tree / ".gitattributes").write_text("*.py diff=evil\n")
    for setting in ("core.fsmonitor", "diff.external", "diff.evil.textconv", "diff.evil.command"):
        _git(work_tree, "config", setting, f"touch {tmp_path / 'ran'}; cat")
    assert code_state(str(work_tree), Redactor({})) is not None
    assert not (tmp_path / "ran").exists()


def test_outside_of_git_there_is_no_code_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_state(str(tmp_path), Redactor({})) is None
    monkeypatch.setenv("PATH", "")
    assert code_state(str(tmp_path), Redactor({})) is None


def test_an_unborn_branch(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q", "-b", "trunk")
    seen = code_state(str(tmp_path), Redactor({}))
    assert seen is not None
    assert (seen.commit, seen.branch) == (None, "trunk")


def test_a_script_notes_the_context_of_its_runs(work_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(work_tree)
    recorder = Recorder(Maestro())
    contexts = RunContexts(recorder)
    contexts.follow()
    runs = [recorder.start_run(str(n)) for n in range(5)]
    recorder.close()
    contexts.unfollow()
    recorder.start_run("unseen")
    recorder.close()
    recorder.uninstall()
    noted = read_kind(recorder.config.journals, RunContext)
    assert sorted(run for event in noted for run in event.runs) == sorted(run.run_id for run in runs)
    (code,) = read_kind(recorder.config.journals, CodeSeen)
    (seen,) = read_kind(recorder.config.journals, EnvironmentSeen)
    assert {(event.environment, event.code) for event in noted} == {(seen.digest, code.digest)}


def test_git_is_not_asked_again_within_a_second(work_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = work_tree.parent / "asked"
    stand_in = work_tree.parent / "bin" / "git"
    stand_in.parent.mkdir()
    stand_in.write_text(f'#!/bin/sh\necho >> {asked}\nexec {shutil.which("git")} "$@"\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(stand_in.parent), prepend=":")
    monkeypatch.chdir(work_tree)
    recorder = Recorder(Maestro())
    contexts = RunContexts(recorder)
    contexts.follow()
    recorder.start_run("first")
    recorder.settle()
    once = len(asked.read_text())
    recorder.start_run("second")
    recorder.settle()
    assert len(asked.read_text()) == once > 0
    monkeypatch.setattr(context, "FRESH_SECONDS", 0.0)
    recorder.start_run("third")
    recorder.settle()
    assert len(asked.read_text()) == 2 * once
    contexts.unfollow()
    recorder.close()
    recorder.uninstall()


def test_the_notebook_is_what_the_front_end_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert notebook_path({}) is None
    monkeypatch.setenv("JPY_SESSION_NAME", "work/a.ipynb")
    assert notebook_path({}) == "work/a.ipynb"
    assert notebook_path({"__vsc_ipynb_file__": "/home/b.ipynb"}) == "/home/b.ipynb"
    monkeypatch.setattr("sys.argv", ["train.py", "--fast"])
    assert notebook_path() == "train.py"
