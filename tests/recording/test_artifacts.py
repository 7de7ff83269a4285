"""What may be kept as an artifact, and what is refused."""

from __future__ import annotations

import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from journals import read_kind

from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import Invalid
from maestro_jupyter.events import ArtifactLogged
from maestro_jupyter.recording.artifacts import log_artifact, log_figure
from maestro_jupyter.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder = Recorder(Maestro())
    yield recorder
    recorder.close()
    recorder.uninstall()


def _kept(recorder: Recorder) -> dict[str, tuple[ArtifactLogged, bytes]]:
    found = {}
    for event in read_kind(recorder.config.journals, ArtifactLogged):
        data = (recorder.config.spool / event.sha256).read_bytes()
        assert hashlib.sha256(data).hexdigest() == event.sha256
        assert event.size == len(data)
        found[event.name] = event, data
    return found


def test_a_file_is_kept_under_its_name_or_another(recorder: Recorder, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("remember")
    run = recorder.start_run("r")
    log_artifact(recorder, run, path)
    log_artifact(recorder, run, str(path), "other/name.md", type="report")
    kept = _kept(recorder)
    event, data = kept["notes.txt"]
    assert (event.run, event.type, event.media_type, data) == (run.run_id, "file", "text/plain", b"remember")
    assert kept["other/name.md"][0].type == "report"
    spooled = list(recorder.config.spool.iterdir())
    assert [each.stat().st_mode & 0o777 for each in spooled] == [0o600]


def test_a_folder_is_kept_file_by_file(recorder: Recorder, tmp_path: Path) -> None:
    (tmp_path / "model" / "deep").mkdir(parents=True)
    (tmp_path / "model" / "a.txt").write_text("a")
    (tmp_path / "model" / "deep" / "b.bin").write_bytes(b"b")
    log_artifact(recorder, None, tmp_path / "model")
    log_artifact(recorder, None, tmp_path / "model", "v2")
    assert set(_kept(recorder)) == {"model/a.txt", "model/deep/b.bin", "v2/a.txt", "v2/deep/b.bin"}


def test_objects_are_kept_in_forms_that_anyone_reads(recorder: Recorder) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    log_artifact(recorder, None, frame, "frame")
    log_artifact(recorder, None, np.arange(3), "array")
    log_artifact(recorder, None, {"a": [1, None]}, "plain")
    log_artifact(recorder, None, b"\x00raw", "raw")
    kept = {name.partition(".")[0]: (event, data) for name, (event, data) in _kept(recorder).items()}
    event, data = kept["frame"]
    read = (
        pd.read_parquet(io.BytesIO(data))
        if event.name.endswith(".parquet")
        else pd.read_csv(io.BytesIO(data), index_col=0)
    )
    pd.testing.assert_frame_equal(read, frame)
    assert np.load(io.BytesIO(kept["array"][1]), allow_pickle=False).tolist() == [0, 1, 2]
    assert json.loads(kept["plain"][1]) == {"a": [1, None]}
    assert kept["raw"][1] == b"\x00raw"


def test_figures_are_kept(recorder: Recorder) -> None:
    import plotly.graph_objects as go
    from matplotlib.figure import Figure
    from PIL import Image

    log_figure(recorder, None, Figure(), "curve")
    log_figure(recorder, None, go.Figure(), "plotly")
    log_artifact(recorder, None, Image.new("RGB", (2, 2)), "picture.png")
    kept = _kept(recorder)
    assert {name: event.media_type for name, (event, _) in kept.items()} == {
        "curve.png": "image/png",
        "plotly.json": "application/vnd.plotly.v1+json",
        "picture.png": "image/png",
    }
    assert kept["curve.png"][1].startswith(b"\x89PNG")
    assert {event.type for event, _ in kept.values()} == {"figure"}
    with pytest.raises(Invalid, match="dict is no matplotlib"):
        log_figure(recorder, None, {})


@pytest.mark.parametrize(
    ("value", "name", "message"),
    [
        ("no such file", None, "There is no file or folder 'no such file'"),
        ("x" * 100_000, None, "There is no file or folder"),
        ("nul\0", None, "There is no file or folder"),
        (object(), None, "object has no safe form"),
        ({"a": object()}, None, "JSON cannot say"),
        (np.array([object()]), None, "Python objects"),
        (b"x", "../up", "relative path"),
        (b"x", "/top", "relative path"),
        (b"x", "line\nbreak", "printable"),
        (b"x", "n" * 2000, "printable"),
        (b"x" * 101, "big.bin", "'big.bin' is 101 bytes long; at most 100"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_sentence(
    recorder: Recorder, value: Any, name: str | None, message: str
) -> None:
    recorder.config.artifact_limit = 100
    with pytest.raises(Invalid, match=message):
        log_artifact(recorder, None, value, name)
    assert not recorder.config.spool.exists() or not list(recorder.config.spool.iterdir())


def test_a_large_file_is_refused_by_name(recorder: Recorder, tmp_path: Path) -> None:
    recorder.config.artifact_limit = 10
    (tmp_path / "large.bin").write_bytes(b"x" * 11)
    with pytest.raises(Invalid, match=r"large\.bin"):
        log_artifact(recorder, None, tmp_path / "large.bin")


def test_nothing_is_kept_while_recording_is_paused(recorder: Recorder) -> None:
    recorder.paused = True
    log_artifact(recorder, None, b"x", "x")
    log_figure(recorder, None, "no figure")
    assert not recorder.config.home_path.exists()
