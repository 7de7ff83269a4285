"""An administrator's commands: what they print, and one line where they refuse."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import update

import maestro_jupyter as maestro
from maestro_jupyter import app
from maestro_jupyter.admin_commands import seconds
from maestro_jupyter.cli import main
from maestro_jupyter.errors import NotFound
from maestro_jupyter.operations.doctor import CHECKS
from maestro_jupyter.store.engine import HEAD
from maestro_jupyter.store.schema import audit

DOCS = Path(__file__).parents[1] / "docs" / "operations.md"


@pytest.fixture
def runs(home: Path) -> None:
    for number in (1, 2):
        with maestro.start_run(f"run {number}"):
            maestro.log({"loss": 1 / number})
    maestro.flush()


def said(capsys: pytest.CaptureFixture[str], *argv: str, status: int = 0) -> str:
    assert main(argv) == status
    shown = capsys.readouterr()
    return shown.err if status and not shown.out else shown.out


def test_backup_restore_and_audit(runs: None, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = str(tmp_path / "b")
    assert "no lines yet" in said(capsys, "audit")
    assert "Wrote 2 runs" in said(capsys, "backup", file)
    assert "--force" in said(capsys, "backup", file, status=2)
    assert "--force" in said(capsys, "restore", file, status=2)
    assert "Restored 2 runs" in said(capsys, "restore", file, "--force")
    assert "0 artifacts" in said(capsys, "restore", file, "--blobs")
    assert "restores/" in said(capsys, "audit")
    checked = said(capsys, "audit", "verify")
    assert "1 line, none changed" in checked
    end = re.findall(r"\d+:[0-9a-f]{64}", checked)[0]
    assert "none changed" in said(capsys, "audit", "verify", "--known", end)
    assert "another" in said(capsys, "audit", "verify", "--known", "1:" + "0" * 64, status=2)
    with app.current().store().write.begin() as connection:
        connection.execute(update(audit).values(actor="eve"))
    refused = said(capsys, "audit", "verify", status=2)
    assert refused.startswith("maestro: Line 1 of the audit was changed")
    assert refused.count("\n") == 1


def test_prune(runs: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing to prune" in said(capsys, "prune", "--older-than", "90d")
    assert "Would prune 1 run, " in said(capsys, "prune", "--filter", "name = 'run 1'")
    assert "2 runs" in said(capsys, "runs")
    assert "Pruned 1 run, " in said(capsys, "prune", "--filter", "name = 'run 1'", "--yes")
    assert "1 run." in said(capsys, "runs")


def test_purge(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    maestro.register("limits", {"low": 0})
    assert "Would purge limits:1 (" in said(capsys, "purge", "limits:1")
    assert maestro.use("limits") == {"low": 0}
    assert "Purged limits:1: its number is not given again" in said(capsys, "purge", "limits:1", "--yes")
    with pytest.raises(NotFound, match="archived or purged"):
        maestro.use("limits")
    assert main(["purge", "limits", "--yes"]) == 2
    assert "names no version by its number" in capsys.readouterr().err


def test_migrate(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert f"would go from revision none to {HEAD}" in said(capsys, "migrate", "--dry-run")
    assert not (home / "maestro.db").exists()
    assert f"went from revision none to {HEAD}" in said(capsys, "migrate")
    assert f"{HEAD}, the newest" in said(capsys, "migrate")


def test_doctor(runs: None, capsys: pytest.CaptureFixture[str], home: Path) -> None:
    (home / "maestro.db").chmod(0o644)
    shown = said(capsys, "doctor", status=2)
    assert "To mend it:" in shown
    assert f"chmod -R go-rwx {home}" in shown
    found = json.loads(said(capsys, "doctor", "--json", status=2))
    assert {"check": "modes", "level": "problem"}.items() <= next(
        one for one in found if one["check"] == "modes"
    ).items()


@pytest.mark.parametrize(
    "argv",
    [
        ["backup", "/nowhere/at/all/b"],
        ["backup", "/"],
        ["restore", "/nowhere/b"],
        ["restore", __file__],
        ["audit", "verify", "--known", "x"],
        ["prune", "--filter", "name ="],
    ],
)
def test_a_refusal_is_one_line(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("maestro: ")
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize(
    "argv",
    [
        ["backup"],
        ["restore", "x", "--force", "--blobs"],
        ["prune", "--older-than", "90"],
        ["prune", "--yes", "--dry-run"],
        ["audit", "bogus"],
        ["audit", "-n", "0"],
    ],
)
def test_bad_usage(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(argv)
    assert refused.value.code == 2
    assert "usage: maestro" in capsys.readouterr().err


@pytest.mark.parametrize(("given", "expected"), [("2w", 1_209_600.0), ("30m", 1800.0), ("0s", 0.0)])
def test_lengths_of_time(given: str, expected: float) -> None:
    assert seconds(given) == expected


def test_the_page_names_every_check() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list(CHECKS)


def test_the_commands_of_the_page_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    import shlex

    from maestro_jupyter.cli import _parser

    commands = re.findall(r"^maestro (.+?)(?:\s+#.*)?$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) > 8
    for command in commands:
        _parser().parse_args(shlex.split(command))
