"""Whatever is logged through the public names is stored as it is, or refused by name; the run goes on."""

from __future__ import annotations

import io
import math
import warnings
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from shells import let_go
from traitlets.config import Config

import maestro_jupyter as maestro
from maestro_jupyter import app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = ['it\'s "quoted"', "a/b\\c", "🎯 `x` %s", "ключ.ß", "select", "params.x"]


@pytest.fixture(autouse=True)
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAESTRO_DATABASE_URL", database_url)


@contextmanager
def refused(*names: str) -> Iterator[None]:
    """Expect one warning for each name, each of one line that names it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    said = [str(one.message) for one in caught if one.category is maestro.MaestroWarning]
    assert len(said) == len(names), said
    for name, sentence in zip(names, said, strict=True):
        assert name in sentence
        assert "\n" not in sentence
        assert len(sentence) < 400


def test_numbers_that_are_none_and_numbers_of_all_kinds() -> None:
    with maestro.start_run("numbers") as run:
        maestro.log({"nan": math.nan, "inf": math.inf, "low": -math.inf, "big": 2**53, "true": True})
        maestro.log(
            {"f32": np.float32(0.1), "i64": np.int64(-3), "one": np.array([2.5]), "b": np.bool_(True)}
        )
        with refused("'complex'", "'huge'", "'odd'", "'text'", "'many'"):
            maestro.log({"complex": 1j, "huge": 10**400, "odd": 2**53 + 1, "text": "0.5",
                         "many": np.zeros(2), "kept": 1.0})  # fmt: skip
        maestro.log_params({"nan": math.nan, "inf": -math.inf, "huge": 10**400, "complex": 1j, "np": np.float64(0.5),
                            "none": None, "no": False})  # fmt: skip
    found = maestro.get_run(run.run_id)
    assert found.status == "FINISHED"
    assert math.isnan(found.metrics.pop("nan"))
    assert found.metrics == {
        "inf": math.inf, "low": -math.inf, "big": 2.0**53, "true": 1.0, "f32": float(np.float32(0.1)), "i64": -3.0,
        "one": 2.5, "b": 1.0, "kept": 1.0,
    }  # fmt: skip
    assert found.params == {
        "nan": "nan", "inf": "-inf", "huge": str(10**400), "complex": "1j", "np": 0.5, "none": None, "no": False,
    }  # fmt: skip
    for key, value in (("nan", math.nan), ("inf", math.inf), ("low", -math.inf)):
        np.testing.assert_array_equal(maestro.metric_history(run.run_id, key)["value"], [value])
    assert maestro.search_runs("metrics.inf > 1e300 and metrics.low < 0")["name"].tolist() == ["numbers"]


@pytest.mark.frameworks
def test_torch_scalars() -> None:
    torch = pytest.importorskip("torch")
    with maestro.start_run() as run:
        maestro.log({"loss": torch.tensor(0.25, requires_grad=True), "count": torch.tensor([3])})
        with refused("'matrix'"):
            maestro.log({"matrix": torch.zeros(2, 2)})
        maestro.log_param("lr", torch.tensor(0.5))
    found = maestro.get_run(run.run_id)
    assert (found.metrics, found.params) == ({"loss": 0.25, "count": 3.0}, {"lr": 0.5})


def test_keys_that_are_no_text() -> None:
    with maestro.start_run() as run:
        with refused("1", "None", "('a', 1)", "''", "nul"):
            maestro.log({1: 2.0, None: 1.0, ("a", 1): 0.5, "": 1.0, "nul\0": 1.0, "kept": 1.0})
        with refused("b'x'"):
            maestro.log_params({b"x": 1, "kept": 2})
        with refused("3.5"):
            maestro.set_tags({3.5: "x", "kept": 3})
    found = maestro.get_run(run.run_id)
    assert (found.metrics, found.params, found.tags) == ({"kept": 1.0}, {"kept": 2}, {"kept": "3"})
    assert found.status == "FINISHED"


@pytest.mark.parametrize("key", KEYS)
def test_keys_of_any_text(key: str) -> None:
    with maestro.start_run(key, params={key: key}, tags={key: key}) as run:
        maestro.log({key: 0.5})
        maestro.log({key: 0.25})
    found = maestro.get_run(run.run_id)
    assert (found.name, found.params, found.tags, found.metrics) == (key, {key: key}, {key: key}, {key: 0.25})
    assert maestro.metric_history(run.run_id, key)["value"].tolist() == [0.5, 0.25]
    ticked = "`" + key.replace("`", "``") + "`"
    text = "'" + key.replace("'", "''") + "'"
    for wanted in (f"metrics.{ticked} < 0.3", f"params.{ticked} = {text}", f"tags.{ticked} = {text}"):
        assert maestro.search_runs(wanted)["run_id"].tolist() == [run.run_id]
    frame = maestro.search_runs(order_by=f"metrics.{ticked} DESC")
    assert {f"metrics.{key}", f"params.{key}", f"tags.{key}"} <= set(frame.columns)


def test_huge_values() -> None:
    huge = "x" * (10 << 20)
    with maestro.start_run() as run:
        with refused("'blob'", "'blob'"):
            maestro.log_params({"blob": huge, "kept": 1})
            maestro.set_tags({"blob": huge})
        maestro.log({"after": 1.0})
    found = maestro.get_run(run.run_id)
    assert (found.params, found.tags, found.metrics, found.status) == (
        {"kept": 1},
        {},
        {"after": 1.0},
        "FINISHED",
    )


def test_steps_in_any_order_and_repeated() -> None:
    with maestro.start_run() as run:
        for step, value in ((5, 0.5), (-1, 0.1), (5, 0.6), (2, 0.2), (np.int64(3), 0.3), (4.0, 0.4)):
            maestro.log({"x": value}, step=step)
        with refused("2.5", "'five'", str(2**64)):
            for step in (2.5, "five", 2**64):
                maestro.log({"x": 9.0}, step=step)
        maestro.log({"x": 0.7})
    history = maestro.metric_history(run.run_id, "x")
    assert history["step"].tolist() == [-1, 2, 3, 4, 5, 5, 6]
    assert history["value"].tolist() == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    assert maestro.get_run(run.run_id).metrics == {"x": 0.7}


def test_output_and_source_that_are_no_text(tmp_path: Path) -> None:
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config, ipython_dir=str(tmp_path / "ipython"))
    try:
        maestro.load_ipython_extension(shell)
        with redirect_stdout(io.StringIO()):
            shell.run_cell(
                "import sys, maestro_jupyter as maestro\nrun = maestro.start_run('odd')\n"
                "sys.stdout.write('caf\\udce9 \\x00 end')\nrun.end()",
                store_history=True,
            )
        run = shell.user_ns["run"]
        detail = app.current().api().detail(run.run_id)
    finally:
        maestro.unload_ipython_extension(shell)
        let_go(shell)
    (cell,) = detail.cells
    assert cell.success
    assert cell.output.startswith("caf\\udce9 ")
    assert cell.output.endswith(" end")


def test_nothing_that_is_refused_ends_the_run(recwarn: Any) -> None:
    with maestro.start_run() as run:
        maestro.log({"x": object()})
        maestro.log({})
        maestro.log_param("p", type("Mute", (), {"__str__": lambda self: 1 / 0})())
        assert maestro.active_run() is run
    assert [each.category for each in recwarn] == [maestro.MaestroWarning] * 2
    assert maestro.get_run(run.run_id).status == "FINISHED"
