"""Run a tour headless; for ``make demo`` the quickstart, and show what Maestro recorded of it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "demo"


def execute(name: str = "quickstart") -> nbformat.NotebookNode:
    """Execute a notebook and give it; leave it and an HTML copy in the build folder."""
    notebook = nbformat.read(HERE / f"{name}.ipynb", as_version=4)
    print(f"Running notebooks/{name}.ipynb …", flush=True)
    client = NotebookClient(
        notebook,
        timeout=300,
        resources={"metadata": {"path": str(HERE)}},
        extra_arguments=["--log-level=ERROR"],  # it would warn that it listens on loopback
    )
    client.execute()
    nbformat.write(notebook, BUILD / f"{name}.ipynb")
    page, _ = HTMLExporter().from_notebook_node(notebook)
    (BUILD / f"{name}.html").write_text(page, encoding="utf-8")
    return notebook


def show(notebook: nbformat.NotebookNode) -> int:
    """Print the runs, the best of them, what changed between two, and what the notebook was told to try."""
    import maestro_jupyter as maestro
    from maestro_jupyter.cli import main

    forests = maestro.search_runs(
        "params.estimator like '%RandomForestClassifier' and status = 'FINISHED'", order_by="start_time"
    )
    commands = [
        ("Everything that was recorded", ["runs", "-n", "30"]),
        ("The best on the test data", ["best", "accuracy_score_y_test"]),
        ("What changed between the two forests", ["diff", *forests["run_id"].str[:8][:2]]),
    ]
    for title, arguments in commands:
        print(f"\n── {title}: maestro {' '.join(arguments)}", flush=True)
        if status := main(arguments):
            return status
    print("\n── What to try next: maestro.suggest(X_train, y_train, n=3)", flush=True)
    for cell in notebook.cells:
        if cell.cell_type == "code" and "suggestions" in cell.source:
            print(*(output.data["text/plain"] for output in cell.outputs), sep="\n")
    print(f"\nThe executed notebook and its HTML copy are in {os.path.relpath(BUILD)}/.")
    return 0


def run() -> int:
    """Do all of it in a data folder of its own."""
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    os.environ["MAESTRO_HOME"] = str(BUILD / "home")
    return show(execute())


if __name__ == "__main__":
    sys.exit(run())
