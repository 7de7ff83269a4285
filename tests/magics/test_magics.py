"""`%maestro`: what each command shows, and how it refuses."""

from __future__ import annotations

import importlib.util
import json
import os
import re

import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.error import UsageError

import maestro_jupyter as maestro
from maestro_jupyter.app import forget
from maestro_jupyter.errors import Invalid
from maestro_jupyter.magics.commands import COMMANDS
from maestro_jupyter.magics.completion import complete
from maestro_jupyter.magics.session import Session
from maestro_jupyter.store.home_lock import HomeLock


def test_alone_it_is_the_status(cells):
    for line in ("", "status"):
        assert "● Recording" in cells.magic(line)
    assert "Recording" in cells.html("status")


def test_the_status_names_the_server_that_collects(cells, home):
    assert "collected by" not in cells.magic("status")
    lock = HomeLock(home / "server.lock")
    assert lock.take()
    try:
        assert f"the Jupyter server (pid {os.getpid()})" in cells.magic("status")
    finally:
        lock.release()


def test_off_and_on(cells):
    assert "off" in cells.magic("off")
    cells("with maestro.start_run('unseen'): pass")
    assert "Not recording" in cells.magic("status")
    cells.magic("on")
    cells("with maestro.start_run('seen'): pass")
    assert list(maestro.search_runs()["name"]) == ["seen"]


def test_runs(runs):
    shown = runs.magic("runs")
    assert [line.split()[0] for line in shown.splitlines()[1:4]] == ["bad", "second", "first"]
    assert "★ 0.95" in shown
    assert "▁" in shown
    assert "<svg" in runs.html("runs")
    assert "1 of 3 runs" in runs.magic("runs -n 1")
    assert "second" not in runs.magic("runs params.depth = 1")
    assert runs.magic("runs --sort metrics.loss").splitlines()[1].startswith("first")
    assert runs.magic("runs --sort 'metrics.loss DESC'").splitlines()[1].startswith("second")


def test_variables_are_expanded(runs):
    runs("least = 0.9")
    shown = runs.magic("runs metrics.acc > {least}")
    assert "second" in shown
    assert "first" not in shown


def test_projects(runs):
    assert "default ← current" in runs.magic("project")
    assert "'churn'" in runs.magic("project churn")
    assert "No runs" in runs.magic("runs")
    assert "second" in runs.magic("runs --all")
    runs("%%maestro run there\n1")
    assert maestro.search_runs(project="churn").iloc[0]["name"] == "there"


def test_the_dashboard(runs):
    shown = runs.magic("dashboard")
    assert "Experiments in the project default" in shown
    assert "3 runs: 2 finished, 1 (33.3 %) failed or killed, 0 running" in shown
    assert "Best acc so far" in shown
    assert "★ 0.95 by second" in shown
    assert "KeyError" in shown
    assert runs.html("dashboard").count("<svg") == 2
    assert "★ 0.1111 by first" in runs.magic("dashboard --metric metrics.loss")
    assert "Higher is better." in runs.magic("dashboard default --metric loss --max")
    runs.magic("project churn")
    assert "No runs yet" in runs.magic("dashboard")
    assert "Experiments in all projects" in runs.magic("dashboard --all")


def test_the_dashboard_begins_with_what_can_be_better(runs):
    runs(
        "for epoch in range(5):\n    with maestro.start_run(project='epochs'): maestro.log({'epoch': epoch})"
    )
    assert "Best epoch so far" in runs.magic("dashboard epochs")
    runs("with maestro.start_run(project='epochs'): maestro.log({'epoch': 9, 'auc': 0.5})")
    assert "Best auc so far" in runs.magic("dashboard epochs")


def test_the_dashboard_as_a_figure(runs):
    from IPython.utils.capture import capture_output

    with capture_output() as caught:
        runs.shell.run_line_magic("maestro", "dashboard --figure")
    (shown,) = caught.outputs
    assert shown.data["application/vnd.plotly.v1+json"]["data"][0]["name"] == "finished"
    assert "<svg" in shown.data["text/html"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dashboard a b", "Expected one project, or --all"),
        ("dashboard default --all", "Expected one project, or --all"),
        ("dashboard --min --max", "contradict"),
        ("dashboard defualt", "There is no project 'defualt'. Did you mean default?"),
        ("dashboard --metric acd", "No run in the project 'default' has the metric 'acd'. Did you mean acc?"),
    ],
)
def test_a_dashboard_that_is_none_is_refused(runs, line, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        runs.shell.run_line_magic("maestro", line)


def test_best_says_which_direction(runs):
    shown = runs.magic("best loss")
    assert shown.splitlines()[1].startswith("first")
    assert "Lower is better, as guessed" in shown
    assert runs.magic("best metrics.acc").splitlines()[1].startswith("second")
    assert runs.magic("best acc --min").splitlines()[1].startswith("first")
    assert "guessed" not in runs.magic("best acc --min")


def test_importance_says_what_mattered_or_that_too_little_is_known(cells):
    cells(
        "for number in range(30):\n"
        "    with maestro.start_run(params={'depth': number % 5, 'seed': number}):\n"
        "        maestro.log({'val_acc': float(number % 5 == 4), 'loss_of_it': float(number % 5)})"
    )
    shown = cells.magic("importance val_acc")
    assert shown.splitlines()[0] == "What mattered for val_acc"
    assert "depth: larger is better; best at 4." in shown
    assert "depth: smaller is better" in cells.magic("importance loss_of_it --min")
    assert "depth: larger is better" in cells.magic("importance loss_of_it --max")
    assert "<svg" in cells.html("importance metrics.val_acc")
    assert "10 runs" in cells.magic("importance val_acc params.seed < 10")
    table = maestro.importance("val_acc")
    assert table["parameter"].tolist() == ["depth", "seed"]
    assert table["direction"].tolist() == ["larger is better", "not told"]
    assert table["matters"].tolist()[0]
    assert maestro.importance("val_acc", lower=True)["best"].tolist()[0] == "4", "accuracy is known"
    with pytest.raises(UsageError, match="training data"):
        cells.magic("importance training_acc")
    for wrong in (3, "", "metrics."):
        with pytest.raises(Invalid, match="expected its key"):
            maestro.importance(wrong)
    with pytest.raises(UsageError, match="Expected a metric"):
        cells.magic("importance")


def test_a_table_of_what_mattered_that_is_empty_says_why(cells):
    cells("with maestro.start_run(params={'depth': 1}):\n    maestro.log({'val_acc': 0.5})")
    said = cells.magic("importance val_acc").splitlines()[1]
    with pytest.warns(maestro.MaestroWarning, match="20") as seen:
        table = maestro.importance("val_acc")
    assert table.empty
    assert str(seen[0].message) == table.attrs["note"]
    assert table.attrs["note"] in said
    assert seen[0].filename == __file__


def test_runs_are_found_by_id_name_and_place(runs):
    run = maestro.search_runs("attributes.name = 'second'").iloc[0]["run_id"]
    for reference in (run, run[:10], "second", "previous"):
        assert runs.magic(f"show {reference}").startswith(f"second  {run}")
    assert "KeyError" in runs.magic("show latest")
    assert "Parameters" in runs.html("show second")


def test_diff_compare_and_plot(runs):
    assert "params.depth: 1 → 2" in runs.magic("diff first second")
    assert "maestro-minus" in runs.html("diff first second")
    assert "★ 0.95" in runs.magic("compare first second bad")
    for few in ("first", "first first"):
        with pytest.raises(UsageError, match="two different runs or more"):
            runs.magic(f"compare {few}")
    with pytest.raises(UsageError, match="51 runs are too many to compare; 50 can be at once"):
        runs.magic(f"compare {'first ' * 51}")
    assert "The latest 2 with loss" in runs.magic("plot loss")
    assert runs.html("plot loss first").count('fill="none"') == 1


def test_archive_and_restore(runs):
    shown = runs.magic("archive first second")
    assert shown.startswith("Put away: first")
    assert "second" not in runs.magic("runs")
    assert "second" in runs.magic("runs archived is not null")
    restore = shown[shown.index("archive --restore") :].split("`")[0]
    assert "Back in the lists: first" in runs.magic(restore)
    assert "second" in runs.magic("runs")
    with pytest.raises(UsageError, match="Expected a run"):
        runs.magic("archive")


def test_end_refuses_what_is_alive_or_has_ended(runs):
    runs("held = maestro.start_run('held')")
    with pytest.raises(UsageError, match="alive on this host"):
        runs.magic("end held")
    runs("held.end()")
    for line, said in (
        ("end held", "has ended already"),
        ("end", "Expected a run"),
        ("end held --status", "has no value"),
        ("end held --status DONE", "cannot end with the status 'DONE'"),
    ):
        with pytest.raises(UsageError, match=said):
            runs.magic(line)


def test_note_and_tag_say_which_run(runs):
    assert "latest run bad" in runs.magic("note 'it was late'")
    assert "latest run bad" in runs.magic("tag stage=draft why='no idea'")
    runs("held = maestro.start_run('held')")
    assert "active run held" in runs.magic("note of <this>")
    assert "it was late" in runs.magic("show bad")
    assert maestro.search_runs("tags.why = 'no idea'").iloc[0]["name"] == "bad"
    assert "of &lt;this&gt;" in runs.html("show held")
    runs("held.end()")


def test_a_note_needs_a_run(cells):
    assert "no run in this session" in str(cells.result("%maestro note hello").error_in_exec)


def test_export(runs, tmp_path):
    runs("with maestro.start_run('=cmd()', params={'-x': '@sum'}): pass")
    has_pyarrow = importlib.util.find_spec("pyarrow") is not None
    for ending in ("csv", "json", *(["parquet"] if has_pyarrow else [])):
        file = tmp_path / f"runs.{ending}"
        assert "Wrote 4 runs" in runs.magic(f"export {file}")
        refused = runs.result(f"%maestro export {file}").error_in_exec
        assert isinstance(refused, UsageError)
        assert "--force" in str(refused)
        runs.magic(f"export {file} --force")
    table = pd.read_csv(tmp_path / "runs.csv")
    assert table["name"][0] == "'=cmd()"
    assert table["params.-x"][0] == "'@sum"
    assert json.loads((tmp_path / "runs.json").read_text())[0]["name"] == "=cmd()"


def test_help_lists_every_command(cells):
    for form in (cells.magic("help"), cells.html("help")):
        assert all(f"%maestro {name}" in form for name in COMMANDS)
        assert "%%maestro skip" in form
    assert cells.magic("help diff").strip() == "%maestro diff A B  What changed from one run to another."


@pytest.mark.parametrize(
    "line",
    ["bogus", "status now", "on off", "off x", "runs --bogus", "runs -n", "runs -n 0", "runs -n x", "runs --sort",
     "runs metrics.x >", "runs --sort what.x", "show", "show a b", "show 'open", "best", "best a b", "best m --min --max",
     "diff", "diff a", "diff a b c", "compare", "compare a", "plot", "note", "note ''", "tag", "tag x", "tag =x",
     "project a b", "project ''", "export", "export a b", "export x.txt", "export /no/such/folder/x.csv", "help bogus",
     "slice x", "suggest X y"],
)  # fmt: skip
def test_bad_arguments_give_one_line_of_usage(cells, line, capsys):
    error = cells.result(f"%maestro {line}").error_in_exec
    assert isinstance(error, UsageError)
    assert "Usage: %maestro" in str(error)
    assert "\n" not in str(error)
    shown = capsys.readouterr()
    assert "Traceback" not in shown.out + shown.err


@pytest.mark.parametrize(
    "line", ["show nope", "show latest", "diff latest previous", "best nope", "plot nope", "compare x y"]
)
def test_what_is_absent_is_said_in_one_sentence(cells, line):
    error = cells.result(f"%maestro {line}").error_in_exec
    assert isinstance(error, UsageError)
    assert "no " in str(error).lower()


def test_several_runs_of_one_name(cells):
    cells("for _ in range(2):\n    with maestro.start_run('twin'): pass")
    assert "Several runs have the name 'twin'" in str(cells.result("%maestro show twin").error_in_exec)


def test_completion(runs):
    session = Session(runs.shell, maestro.current())
    assert complete(session, "%maestro r") == ["runs"]
    assert complete(session, "%%maestro ") == ["run", "skip"]
    assert complete(session, "%maestro best lo") == ["loss"]
    assert "latest" in complete(session, "%maestro show ")
    assert complete(session, "%maestro runs --a") == ["--all"]
    assert complete(session, "maestro.r") == []
    session.close()
    with provisionalcompleter():
        found = list(runs.shell.Completer.completions("%maestro sta", 12))
    assert [one.text for one in found] == ["status"]


def test_unloading_leaves_no_trace(shell):
    def traces():
        return (
            {kind: set(names) for kind, names in shell.magics_manager.magics.items()},
            list(shell.input_transformers_cleanup),
            list(shell.Completer.custom_matchers),
            {name: list(callbacks) for name, callbacks in shell.events.callbacks.items()},
        )

    before = traces()
    for _ in range(2):
        shell.run_cell("%load_ext maestro_jupyter").raise_error()
        assert traces() != before
        shell.run_cell("%unload_ext maestro_jupyter").raise_error()
        assert traces() == before


def test_a_session_that_is_forgotten_leaves_the_next_one_its_fits(cells, home, monkeypatch):
    fit = "from sklearn.naive_bayes import GaussianNB\nGaussianNB().fit([[0], [1]], [0, 1])"
    cells(fit)
    forget()
    monkeypatch.setenv("MAESTRO_HOME", str(home.with_name("another")))
    cells("%unload_ext maestro_jupyter\n%load_ext maestro_jupyter")
    cells(fit)
    assert len(maestro.search_runs()) == 1
