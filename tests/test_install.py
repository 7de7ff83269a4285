"""What is installed: the wheel's contents, and that ``c.Maestro.autoload`` loads the extension in a kernel."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import nbformat
import pytest
from IPython.core.application import ENV_CONFIG_DIRS
from nbclient import NotebookClient

import maestro_jupyter as maestro
from maestro_jupyter import cli

# The kernel's own libraries are at fault, in the process that runs the notebook.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default::DeprecationWarning"),
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.filterwarnings("default::pytest.PytestUnraisableExceptionWarning"),
]

ROOT = Path(__file__).parents[1]
STARTUP = "etc/ipython/startup/50-maestro.py"
WIDGETS = ["comparison", "curves", "dashboard", "library", "runs", "suggestions"]
EXTENSION = "share/jupyter/labextensions/maestro-jupyter"


@pytest.mark.skipif(
    not (ROOT / "labextension" / "node_modules").exists(), reason="`make widgets` installs it"
)
def test_the_wheel(tmp_path: Path) -> None:
    built = [ROOT / "maestro_jupyter" / "widgets" / "static", ROOT / "maestro_jupyter" / "labextension"]
    for folder in built:
        folder.mkdir(exist_ok=True)
        (folder / "left.js").write_text("of an earlier version")
    wheel = build("wheel", ROOT, tmp_path)
    assert not any((folder / "left.js").exists() for folder in built)
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
        entries = archive.read(next(name for name in names if name.endswith("/entry_points.txt"))).decode()
        startup = archive.read(next(name for name in names if name.endswith(STARTUP))).decode()
        sizes = {
            name: archive.getinfo(name).file_size
            for name in names
            if "/static/" in name and "share" not in name
        }
        extension = {
            name.partition(f"{EXTENSION}/")[2]: archive.read(name)
            for name in names
            if f"/{EXTENSION}/" in name
        }
    package = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "maestro_jupyter").rglob("*")
        if path.is_file() and not {"__pycache__", "labextension"} & set(path.parts[len(ROOT.parts) :])
    }
    prefix = f"maestro_jupyter-{maestro.__version__}"
    assert {name for name in names if not name.startswith(f"{prefix}.")} == package
    assert {f"{prefix}.data/data/{STARTUP}", f"{prefix}.dist-info/licenses/LICENSE"} <= names
    assert startup == (ROOT / "jupyter-config" / "ipython" / "startup" / "50-maestro.py").read_text()
    assert "maestro = maestro_jupyter.cli:main" in entries
    required = [
        line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra ==" not in line
    ]
    assert not [line for line in required if any(heavy in line for heavy in ("torch", "mlflow", "sklearn"))]
    scripts = sorted(name.rpartition("/")[2] for name in sizes)
    assert scripts == sorted(f"{kind}.{suffix}" for kind in WIDGETS for suffix in ("css", "js"))
    assert max(sizes.values()) <= 300_000
    assert json.loads(extension["install.json"])["packageName"] == "maestro-jupyter"
    load = json.loads(extension["package.json"])["jupyterlab"]["_build"]["load"]
    assert load in extension
    assert {
        f"schemas/maestro-jupyter/{path.name}" for path in (ROOT / "labextension" / "schema").iterdir()
    } <= set(extension)
    assert sum(map(len, extension.values())) <= 1_000_000
    assert not [name for name in extension if name.endswith((".map", ".ts")) or "left" in name]
    assert str(ROOT).encode() not in b"".join(extension.values())


@pytest.mark.skipif(
    not (ROOT / "labextension" / "node_modules").exists(), reason="`make widgets` installs it"
)
def test_an_sdist_needs_no_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tarfile.open(build("sdist", ROOT, tmp_path)) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = (path for path in tmp_path.iterdir() if path.is_dir())
    monkeypatch.setenv("PATH", "/nowhere")
    wheel = build("wheel", unpacked, tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        urls = {
            url
            for name in names
            if name.endswith(("/static/runs.js", "/static/runs.css"))
            for url in re.findall(r"https?://[^\s\"'`)]+", archive.read(name).decode())
        }
    assert {f"maestro_jupyter/widgets/static/{kind}.js" for kind in WIDGETS} <= names
    assert any(name.endswith(f"{EXTENSION}/package.json") for name in names)
    assert not any("node_modules" in str(path) or path.suffix == ".map" for path in unpacked.rglob("*"))
    assert urls == {"http://www.w3.org/2000/svg"}  # the name of a language; nothing is fetched


@pytest.mark.skipif(
    not (ROOT / "labextension" / "node_modules").exists(), reason="`make labextension` installs it"
)
def test_jupyterlab_lists_the_extension_as_enabled_and_ok(tmp_path: Path) -> None:
    with zipfile.ZipFile(build("wheel", ROOT, tmp_path)) as archive:
        archive.extractall(tmp_path)
    (data,) = tmp_path.glob("*.data/data/share/jupyter")
    # The environment may have a link to the clone's own, which otherwise comes first.
    own = {"JUPYTER_DATA_DIR": str(data), "JUPYTER_PREFER_ENV_PATH": "0"}
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter", "labextension", "list"],
        env=os.environ | own | {"JUPYTER_CONFIG_DIR": str(tmp_path / "config")},
        check=True,
        capture_output=True,
        text=True,
    )
    said = listed.stdout + listed.stderr
    assert re.search(
        rf"maestro-jupyter v{maestro.__version__} .*enabled.*OK.*\(python, maestro-jupyter\)", said
    )


def build(kind: str, root: Path, to: Path) -> Path:
    """Build a package from a folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(to)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    (built,) = to.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


def run(*cells: str) -> list[str]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return ["".join(str(output.get("text", "")) for output in cell.outputs) for cell in notebook.cells]


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of an IPython profile whose start-up file is ours, as in an environment's."""
    assert f"{sys.prefix}/etc/ipython" in ENV_CONFIG_DIRS  # where the wheel puts it
    folder = tmp_path / "ipython" / "profile_default"
    (folder / "startup").mkdir(parents=True)
    shutil.copy(ROOT / "jupyter-config" / "ipython" / "startup" / "50-maestro.py", folder / "startup")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    return folder


LOADED = "print('maestro' in get_ipython().magics_manager.magics['line'])"


def test_autoload(home: Path, profile: Path) -> None:
    (profile / "ipython_config.py").write_text("c = get_config()\nc.Maestro.autoload = True\n")
    assert run(LOADED, "import maestro_jupyter as m\nwith m.start_run('auto'): m.log({'x': 1.0})") == [
        "True\n",
        "",
    ]
    (found,) = maestro.search_runs().to_dict("records")
    assert (found["name"], found["status"], found["metrics.x"]) == ("auto", "FINISHED", 1.0)


def test_without_autoload_nothing_is_loaded(home: Path, profile: Path) -> None:
    assert run(LOADED, "import sys\nprint('maestro_jupyter' in sys.modules)") == ["False\n", "False\n"]
    assert not home.exists()


def test_offline_stays_in_the_journal_until_it_is_collected(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAESTRO_MODE", "offline")
    cell = (
        "import maestro_jupyter as m\nwith m.start_run('off'): m.log({'x': 2.0})\n"
        "try: m.flush()\nexcept m.MaestroError as error: print(error)"
    )
    _, said = run("%load_ext maestro_jupyter", cell)
    assert said.startswith(
        "The mode is offline: what is recorded stays in the journal. Run `maestro collect`"
    )
    assert list((home / "journals").iterdir())
    assert not (home / "maestro.db").exists()
    monkeypatch.setenv("MAESTRO_MODE", "on")
    assert cli.main(["collect"]) == 0
    assert not list((home / "journals").iterdir())
    assert maestro.search_runs()["metrics.x"].tolist() == [2.0]


def test_disabled_records_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAESTRO_MODE", "disabled")
    cell = "from sklearn.linear_model import Ridge\nimport maestro_jupyter as m\nwith m.start_run(): m.log({'x': 2.0})\n"
    assert run("%load_ext maestro_jupyter", cell + "Ridge().fit([[1.0], [2.0]], [1.0, 2.0]).coef_.size") == [
        "",
        "",
    ]
    assert not home.exists() or not list(home.rglob("*.journal"))
