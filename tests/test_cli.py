"""The command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from shipped import lines, metric, opened, started

import maestro_jupyter as maestro
from maestro_jupyter.cli import main
from maestro_jupyter.config import Maestro
from maestro_jupyter.store.audit import Anchor
from maestro_jupyter.store.collector import Collector
from maestro_jupyter.store.engine import open_store
from maestro_jupyter.store.receiving import Receiver, Shipper


@pytest.fixture
def runs():
    for number in (1, 2):
        with maestro.start_run(f"run {number}", params={"depth": number}):
            for step in range(5):
                maestro.log({"loss": 1 / (step + number)})
    maestro.flush()


def said(capsys, *argv):
    assert main(argv) == 0
    return capsys.readouterr().out


def test_questions(runs, capsys):
    assert "2 runs." in said(capsys, "runs")
    assert "1 run." in said(capsys, "runs", "params.depth = 1")
    assert "Parameters" in said(capsys, "show", "latest")
    assert "Lower is better" in said(capsys, "best", "loss")
    assert "params.depth: 1 → 2" in said(capsys, "diff", "run 1", "run 2")
    assert "depth" in said(capsys, "compare", "run 1", "run 2")
    assert "█" in said(capsys, "plot", "loss")
    assert "default" in said(capsys, "project")
    assert "Best loss so far" in said(capsys, "dashboard")
    assert "Higher is better." in said(capsys, "dashboard", "default", "--metric", "metrics.loss", "--max")
    assert "all projects" in said(capsys, "dashboard", "--all")
    assert "Recording" in said(capsys, "status")
    assert "2 runs" in said(capsys, "collect")
    assert "usage: maestro" in said(capsys, "help")


def test_archive(runs, capsys):
    assert "Put away: run 1" in said(capsys, "archive", "run 1")
    assert "1 run." in said(capsys, "runs")
    assert "archived just now" in said(capsys, "show", maestro.search_runs("archived > 0")["run_id"][0])
    assert main(["archive", "run 2", "nope"]) == 2
    assert "1 run." in said(capsys, "runs"), "all or nothing"
    away = maestro.search_runs("archived is not null")["run_id"][0]
    assert "Back in the lists: run 1" in said(capsys, "archive", away, "--restore")
    assert "2 runs." in said(capsys, "runs")


def far_run(home, name, number):
    """Give the id of a run that another host has shipped, and then said nothing of any more."""
    run, journal = f"{number:032x}", f"{number + 1:032x}"
    store, config = open_store(Maestro().database_url), Maestro()
    data = lines(opened(journal), started(run, name=name), metric(run, 0))
    receiver = Receiver(store, Anchor(home), config)
    receiver.append(journal, Shipper("ada", owner=True), 1, 0, data)
    Collector(store, config).collect()
    store.close()
    return run


def test_end(runs, home, capsys):
    first, second = (far_run(home, f"far {number}", number) for number in (2, 4))
    assert "Ended as KILLED: far 2 (00000000), last heard of 1970-01-01." in said(capsys, "end", first)
    assert main(["end", second, "nope", "--status", "finished"]) == 2
    assert "far 4" in said(capsys, "runs", "--all", "status = 'RUNNING'"), "all or nothing"
    assert "as FINISHED: far 4" in said(capsys, "end", "far 4", "--status", "finished")
    with maestro.start_run("here"):
        assert main(["end", "here"]) == 2
    assert "alive on this host" in capsys.readouterr().err
    assert main(["end", "here"]) == 2
    assert "has ended already: it is FINISHED" in capsys.readouterr().err


def test_json(runs, capsys):
    assert [run["name"] for run in json.loads(said(capsys, "runs", "--json"))] == ["run 2", "run 1"]
    assert json.loads(said(capsys, "show", "run 1", "--json"))["run"]["params"] == {"depth": 1}
    board = json.loads(said(capsys, "dashboard", "--json"))
    assert [board["history"]["total"]["runs"], board["best"]["better"]] == [2, 2]
    assert json.loads(said(capsys, "diff", "previous", "latest", "--json"))["params"][0]["b"] == 2


def test_export(runs, capsys, tmp_path):
    file = tmp_path / "runs.csv"
    assert "Wrote 2 runs" in said(capsys, "export", str(file))
    assert main(["export", str(file)]) == 2
    assert "--force" in capsys.readouterr().err


def test_config_hides_the_password(capsys, monkeypatch):
    monkeypatch.setenv("MAESTRO_DATABASE_URL", "postgresql+psycopg://ada:hunter2@db/maestro")
    shown = said(capsys, "config")
    assert "hunter2" not in shown
    assert "ada:***@db/maestro" in shown
    assert "MAESTRO_HOME" in shown


@pytest.mark.parametrize(
    "argv", [["show", "nope"], ["runs", "metrics.x >"], ["best", "nope"], ["export", "x.txt"]]
)
def test_a_refusal_is_one_line(argv, capsys):
    assert main(argv) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("maestro: ")
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize(
    "argv", [[], ["bogus"], ["show"], ["diff", "a"], ["runs", "-n", "0"], ["best", "m", "--min", "--max"]]
)
def test_bad_usage(argv, capsys):
    with pytest.raises(SystemExit) as refused:
        main(argv)
    assert refused.value.code == 2
    assert "usage: maestro" in capsys.readouterr().err


def test_a_closed_pipe_is_no_error(home):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "maestro_jupyter.cli", "config"],
            stdout=pipe,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.stderr == b""
    assert done.returncode == 0
