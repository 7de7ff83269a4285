"""The house: imports point one way, imports stay light, and the documents say what the code says."""

from __future__ import annotations

import ast
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import maestro_jupyter as maestro
from maestro_jupyter.config import Maestro

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "maestro_jupyter"
LABEXTENSION = ROOT / "labextension"

LEAVES = {"artifact_names", "errors", "events", "journal_format", "models", "_version"}
ARROWS = {
    "artifact_names": {"errors"},
    "errors": set(),
    "_version": set(),
    "events": set(),
    "journal_format": set(),
    "models": {"events"},
    "config": {"errors"},
    "recording": LEAVES | {"config"},
    "store": LEAVES | {"config"},
    "provenance": LEAVES | {"store"},
    "library": LEAVES | {"config", "recording", "store"},
    "operations": LEAVES | {"config", "store"},
    "api": LEAVES | {"library_api", "provenance", "recommend_api", "store"},
    "uploading": LEAVES | {"library_api"},
    "library_api": LEAVES | {"api", "library", "store", "uploading"},
    "recommend": LEAVES | {"config", "recording", "store"},
    "library_fits": LEAVES | {"library", "library_api"},
    "recommend_api": LEAVES | {"api", "library_api", "library_fits", "recommend", "store"},
    "http_recommend": LEAVES | {"http_api"},
    "http_library": LEAVES | {"http_api", "library", "store", "uploading"},
    "http_api": LEAVES | {"api", "http_library", "http_recommend", "provenance", "store"},
    "app": LEAVES | {"api", "config", "library", "recording", "store"},
    "kernel_state": LEAVES | {"app"},
    "library_questions": LEAVES | {"library_api"},
    "registry": LEAVES | {"app", "library", "library_questions", "recording", "store"},
    "at_hand": LEAVES | {"app", "library"},
    "artifact_suggestions": LEAVES | {"app", "at_hand", "views"},
    "trying": LEAVES | {"api", "recommend", "recording"},
    "suggestions": LEAVES | {"app", "recommend", "recording", "trying", "views"},
    "views": LEAVES | {"api", "config", "library", "provenance", "store"},
    "cards": LEAVES | {"library", "library_api", "store", "views"},
    "references": LEAVES | {"api"},
    "questions": LEAVES | {"api", "app", "references", "provenance", "store", "views"},
    "export": LEAVES,
    "server": LEAVES | {"api", "app", "config", "library", "provenance", "store", "views"},
    "shipping": LEAVES | {"api", "config", "store"},
    "admin_commands": LEAVES | {"app", "operations", "views"},
    "knowledge_command": LEAVES | {"app", "recommend", "views"},
    "ship_command": LEAVES | {"admin_commands", "app", "http_api", "shipping", "views"},
    "library_command": LEAVES | {"app", "cards", "library_questions", "questions", "registry", "views"},
    "widgets": LEAVES
    | {"api", "app", "questions", "recording", "references", "store", "suggestions", "views"},
    "magics": LEAVES
    | {
        "api",
        "app",
        "artifact_suggestions",
        "config",
        "export",
        "library_api",
        "library_questions",
        "provenance",
        "questions",
        "recording",
        "references",
        "recommend",
        "registry",
        "suggestions",
        "views",
    },
    "cli": LEAVES
    | {
        "admin_commands",
        "api",
        "app",
        "config",
        "export",
        "knowledge_command",
        "library_command",
        "provenance",
        "questions",
        "references",
        "ship_command",
        "views",
    },
}
"""Which rooms a room may import; `__init__`, the public face, may import any."""

HEAVY = [
    "sqlalchemy",
    "alembic",
    "pandas",
    "numpy",
    "sklearn",
    "lark",
    "tsdownsample",
    "fsspec",
    "IPython",
    "torch",
    "sentence_transformers",
    "snowballstemmer",
    "anywidget",
    "ipywidgets",
]


def rooms_imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.split(".")[1] for name in found if name.startswith("maestro_jupyter.")}


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_arrows_point_one_way(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room == "__init__":
        return
    rooms = {entry.name.removesuffix(".py") for entry in PACKAGE.iterdir()}
    strangers = (rooms_imported(path) & rooms) - ARROWS[room] - {room}
    assert not strangers, f"{room} may not import {strangers}"


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_every_file_says_its_purpose(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert text
    assert len(text.splitlines()[0]) > 10


@pytest.mark.parametrize("path", sorted((LABEXTENSION / "src").rglob("*.ts")), ids=lambda path: path.name)
def test_every_source_of_the_labextension_says_its_purpose(path: Path) -> None:
    assert re.match(r"/\*\* .{10,}\. \*/\n", path.read_text(encoding="utf-8"))


def test_the_lock_of_the_labextension_names_no_registry() -> None:
    assert "://" not in (LABEXTENSION / "yarn.lock").read_text(encoding="utf-8")


def test_the_labextension_has_the_version_of_the_package() -> None:
    assert json.loads((LABEXTENSION / "package.json").read_text())["version"] == maestro.__version__


def test_importing_brings_nothing_heavy() -> None:
    code = f"import sys, maestro_jupyter; print([name for name in {HEAVY} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_pages_made_from_the_code_are_up_to_date() -> None:
    for name, page in runpy.run_path(str(ROOT / "docs" / "generate.py"))["PAGES"].items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == page(), name


def test_every_setting_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, trait in Maestro.class_traits(config=True).items():
        assert trait.help, name
    monkeypatch.setenv("MAESTRO_DATABASE_URL", "postgresql://host/db")
    monkeypatch.setenv("MAESTRO_MODE", "offline")
    assert (Maestro().database_url, Maestro().mode) == ("postgresql://host/db", "offline")


def test_the_public_names_are_there_and_documented() -> None:
    for name in maestro.__all__:
        if name != "__version__":
            assert getattr(maestro, name).__doc__, name


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda p: p.name
)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
