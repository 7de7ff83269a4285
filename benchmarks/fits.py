"""How long it takes to say what of 2,000 artifacts fits a notebook that was not seen before, warm.

The artifacts are the labelled ones of the tests, over and over under names of their own, and the notebooks
are those of the tests. Measured is all of it: gathering what is at hand, collecting what is recorded,
encoding the texts, the answer with its reasons, and showing it.
"""

from __future__ import annotations

import argparse
import os
import runpy
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from maestro_jupyter.app import App
    from maestro_jupyter.store.word_index import Document

GOAL = 150.0
"""Milliseconds."""

_TESTS = Path(__file__).parents[1] / "tests" / "library"


def main() -> None:
    options = _arguments()
    with tempfile.TemporaryDirectory(prefix="bench-fits-") as home:
        os.environ["MAESTRO_HOME"] = home
        from maestro_jupyter.app import current, forget

        app = current()
        _fill(app, options.artifacts)
        judged = runpy.run_path(str(_TESTS / "notebooks_at_hand.py"))["notebooks"]()
        print(f"{options.artifacts:,} artifacts; the goal is a median of {GOAL:.0f} ms")
        _milliseconds(app, judged[0].notebook)
        for title, some in (
            ("something fits", [one for one in judged if one.fits]),
            ("nothing fits", [one for one in judged if not one.fits]),
        ):
            took = [_milliseconds(app, one.notebook) for one in some[1:]]
            print(f"{title}: median {statistics.median(took):.0f} ms, slowest {max(took):.0f} ms")
        forget()


def _milliseconds(app: App, notebook: Any) -> float:
    """Ask about a notebook as its kernel would, with its cells and tables in place of this process's."""
    import pandas as pd

    from maestro_jupyter import at_hand
    from maestro_jupyter.artifact_suggestions import suggest_artifacts

    frames = {table.name: pd.DataFrame({name: [] for name in table.columns}) for table in notebook.tables}
    at_hand._notebook = lambda: (_cells(notebook), frames)
    begin = time.perf_counter()
    suggest_artifacts(app, about=notebook.description)._repr_mimebundle_()
    return 1000 * (time.perf_counter() - begin)


def _cells(notebook: Any) -> list[str]:
    imports = [
        f"from {module} import {name}" if module else f"import {name}"
        for module, _, name in (one.rpartition(".") for one in notebook.imports)
    ]
    return ["\n".join(imports), *notebook.cells]


def _fill(app: App, number: int) -> None:
    from maestro_jupyter.events import ArtifactRegistered
    from maestro_jupyter.library.embeddings import encoder_for
    from maestro_jupyter.store import registering, vector_index
    from maestro_jupyter.store.word_index import Document

    labelled = runpy.run_path(str(_TESTS / "search_corpus.py"))["listed"]()
    events = [
        ArtifactRegistered(
            f"{place:032x}", f"{one.name}-{place}", one.type, "source", "0" * 64, 1, "text/x-python", "p",
            "ada", float(place), description=one.description, tags=one.tags, text=one.text,
        )
        for place, one in ((place, labelled[place % len(labelled)]) for place in range(number))
    ]  # fmt: skip
    with app.store().write.begin() as connection:
        registering.add_registered(connection, events)
    encoder = encoder_for(app.config)
    if encoder is None:
        sys.exit("This needs the extra: pip install 'maestro-jupyter[semantic]'.")
    documents = [Document(one.name, one.type, one.description, one.tags, one.text) for one in labelled]
    known = dict(zip((one.name for one in labelled), encoder.documents(documents), strict=True))
    vector_index.bring_up_to_date(app.store(), _Known(encoder, known))


class _Known:
    """Gives copies the vector of what they are copies of: encoding each anew takes minutes."""

    def __init__(self, encoder: Any, known: dict[str, NDArray[np.float32]]) -> None:
        self.model, self.size, self.query = encoder.model, encoder.size, encoder.query
        self._known = known

    def documents(self, documents: Sequence[Document]) -> NDArray[np.float32]:
        """Give the vectors of copies."""
        return np.stack([self._known[document.name.rpartition("-")[0]] for document in documents])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fits", description=__doc__)
    parser.add_argument("--artifacts", type=int, default=2000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
