"""Trying suggestions: what is kept and told of it, also when it fails, takes too long or is interrupted."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys

import pytest
from data_for_suggestions import FEW_ROWS, WINE
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.svm import SVC

import maestro_jupyter as maestro
from maestro_jupyter import trying
from maestro_jupyter.errors import Conflict
from maestro_jupyter.models import Status
from maestro_jupyter.recommend.recorded_configs import CONFIG_TAG
from maestro_jupyter.suggestions import GO_ON

pytestmark = FEW_ROWS


def test_the_magic_tries_what_it_suggests(cells):
    cells(WINE)
    said = cells.magic("suggest features kinds -n 2 --try")
    assert "What to try on features, kinds" in said
    table = said.partition("Forecast and outcome: balanced_accuracy")[2].splitlines()
    runs = maestro.search_runs(f"tags.`{CONFIG_TAG}` != ''")
    assert len(runs) == 1
    (line,) = [line for line in table if runs["name"][0] in line]
    assert f"{runs['metrics.cv_balanced_accuracy_mean'][0]:.3f} ±" in line
    assert "1 forecast was tried" in said
    shown = cells.html("suggest features kinds --try 6 -n 2")
    assert shown.count("came out at") == 6
    assert "Forecast and outcome" in shown
    assert len(maestro.search_runs(f"tags.`{CONFIG_TAG}` != ''")) == 7
    said = cells.magic("suggest features kinds --try --seconds 0.000001")
    assert "Nothing is expected to be done" in said
    assert "Forecast and outcome" not in said


def test_the_run_of_what_was_tried_is_there_at_once(home):
    (outcome,) = maestro.suggest(*load_wine(return_X_y=True), n=1).try_next()
    with contextlib.closing(sqlite3.connect(home / "maestro.db")) as database:
        assert database.execute("SELECT run_id, status FROM runs").fetchall() == [
            (outcome.run_id, "FINISHED")
        ]


@pytest.mark.parametrize("mode", ["offline", "disabled"])
def test_what_was_tried_is_known_without_being_collected(mode, monkeypatch):
    monkeypatch.setenv("MAESTRO_MODE", mode)
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=2)
    first, second = (one.forecast.config for one in found)
    failing = type(found[1].pipeline()[-1])
    found.try_next()

    def refuse(self, X, y=None, **more):
        msg = "no luck"
        raise ValueError(msg)

    with monkeypatch.context() as patched:
        patched.setattr(failing, "fit", refuse)
        found.try_all()
    with pytest.raises(Conflict, match="it knows what came of them"):
        found.try_next()
    again = {one.forecast.config: one.forecast.mean for one in maestro.suggest(X, y, n=100)}
    assert not {first, second} & again.keys()
    elsewhere = maestro.suggest(X[::2], y[::2], n=100)
    assert {first, second} <= {one.forecast.config for one in elsewhere}
    assert elsewhere.found.tried == []


def test_what_a_skipped_cell_tried_is_known(cells):
    cells(WINE)
    cells("found = maestro.suggest(features, kinds, n=1)")
    cells("%%maestro skip\ncame = found.try_next()")
    names = cells.shell.user_ns
    assert maestro.search_runs().empty
    assert names["came"][0].run_id == ""
    assert "as forecast  not recorded" in repr(names["came"])
    assert "open-run" not in names["came"].view().html
    again = maestro.suggest(names["features"], names["kinds"], n=100)
    assert names["came"][0].config not in {one.forecast.config for one in again}


def test_a_config_that_fails_is_a_failed_run_and_is_not_suggested_again(monkeypatch):
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=2)
    failing = type(found[0].pipeline()[-1])

    def refuse(self, X, y=None, **more):
        msg = "no <luck>"
        raise ValueError(msg)

    monkeypatch.setattr(failing, "fit", refuse)
    outcomes = found.try_all()
    assert (outcomes[0].score, outcomes[0].error) == (None, "ValueError: no <luck>")
    assert "no &lt;luck&gt;" in outcomes._repr_mimebundle_()["text/html"]
    assert outcomes[1].score > 0.5
    run = maestro.get_run(outcomes[0].run_id)
    assert (run.status, run.status_reason) == (Status.FAILED, "ValueError: no <luck>")
    again = maestro.suggest(X, y, n=100)
    assert found[0].forecast.config not in {one.forecast.config for one in again}
    assert [(one.config, one.status) for one in again.found.tried if one.score is None] == [
        (found[0].forecast.config, Status.FAILED)
    ]
    assert (again.record.count, again.record.failed) == (1, 1)


def test_an_interrupt_ends_the_run_that_goes_on(monkeypatch):
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=3)
    second = type(found[1].pipeline()[-1])

    def interrupt(self, X, y=None, **more):
        raise KeyboardInterrupt

    assert type(found[0].pipeline()[-1]) is not second
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(second, "fit", interrupt)
        found.try_all()
    runs = maestro.search_runs(order_by="start_time")
    assert runs["status"].tolist() == ["FINISHED", "KILLED"]
    assert runs["status_reason"].tolist() == ["", "interrupted"]
    assert [one.config for one in found.outcomes] == [found[0].forecast.config]
    assert len(found.try_all()) == 2, "the interrupted one is tried again"
    SVC().fit(X, y)
    assert maestro.current().recorder.scopes.call() is None


def interrupting(suggestion, monkeypatch):
    """Have whoever fits a suggestion press Ctrl-C."""
    estimator = type(suggestion.pipeline()[-1])

    def fit(self, X, y=None, **more):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(estimator, "fit", fit)


def test_an_interrupted_magic_shows_what_there_is_and_stops_its_cell(cells, monkeypatch, capsys):
    cells(WINE)
    names = cells.shell.user_ns
    first, second = maestro.suggest(names["features"], names["kinds"], n=2)
    with monkeypatch.context() as patched:
        interrupting(second, patched)
        result = cells.result("%maestro suggest features kinds -n 2 --try 2\nafterwards = True")
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    assert "afterwards" not in names
    said = capsys.readouterr().out
    assert "What to try on features, kinds" in said
    table = said.partition("Forecast and outcome: balanced_accuracy")[2]
    (line,) = [line for line in table.splitlines() if line.startswith(first.forecast.config)]
    (score,) = maestro.search_runs("attributes.status = 'FINISHED'")["metrics.cv_balanced_accuracy_mean"]
    assert f"{score:.3f} ±" in line
    assert f"Interrupted: 1 of 2 was tried to the end. {GO_ON}" in table
    assert "sklearn" not in table, "where it was interrupted is no news"


def test_an_interrupted_trial_of_all_shows_what_came_so_far(cells, monkeypatch, capsys):
    cells(WINE)
    cells("found = maestro.suggest(features, kinds, n=3)")
    found = cells.shell.user_ns["found"]
    for place, said in ((0, "0 of 3 were"), (1, "1 of 3 was")):
        with monkeypatch.context() as patched:
            interrupting(found[place], patched)
            result = cells.result("came = found.try_all()\nafterwards = True")
        assert isinstance(result.error_in_exec, KeyboardInterrupt)
        shown = capsys.readouterr().out
        assert f"Interrupted: {said} tried to the end. {GO_ON}" in shown
        assert ("Forecast and outcome" in shown) == bool(place)
        assert "sklearn" not in shown
    assert not {"came", "afterwards"} & cells.shell.user_ns.keys()
    shown = cells("came = found.try_all()\ncame")
    assert "Interrupted" not in shown
    assert len(cells.shell.user_ns["came"]) == 2


def test_an_interrupted_script_ends_as_scripts_do(home, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import signal\n"
        "import maestro_jupyter as maestro\n"
        "from sklearn.datasets import load_wine\n"
        "found = maestro.suggest(*load_wine(return_X_y=True), n=2)\n"
        "type(found[1].pipeline()[-1]).fit = lambda *given: signal.raise_signal(signal.SIGINT)\n"
        "found.try_all()\n"
        "print('afterwards')\n"
    )
    ended = subprocess.run([sys.executable, script], check=False, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGINT, "which shells tell as 130"
    assert "afterwards" not in ended.stdout
    assert maestro.search_runs()["status"].value_counts().to_dict() == {"FINISHED": 1, "KILLED": 1}


@pytest.mark.parametrize("changed", ["column", "rows", "target"])
def test_what_was_forecast_is_not_tried_on_data_that_were_changed(changed):
    X, y = load_wine(return_X_y=True, as_frame=True)
    found = maestro.suggest(X, y, n=2)
    found.try_next()
    if changed == "column":
        X["noise"] = 1.0
    elif changed == "rows":
        X.loc[len(X)] = X.loc[0]
    else:
        y[:9] = 2
    for attempt in (found.try_next, found.try_all, lambda: found.try_one(1)):
        with pytest.raises(Conflict, match="X or y was changed"):
            attempt()
    assert len(maestro.search_runs()) == 1, "no run says of other data what was forecast of these"


def test_one_is_stopped_between_folds_and_may_be_tried_again():
    X, y = load_wine(return_X_y=True)
    found, asked = maestro.suggest(X, y, n=1), []

    def two_folds():
        asked.append(len(asked))
        return len(asked) <= 2

    assert found.try_one(0, two_folds) is None
    assert asked == [0, 1, 2]
    assert found.outcomes == []
    assert found.try_one(0).score > 0.5
    runs = maestro.search_runs(order_by="start_time")
    assert runs["status"].tolist() == ["KILLED", "FINISHED"]
    assert runs["status_reason"].tolist() == ["stopped", ""]


def test_a_budget_is_kept(monkeypatch):
    X, y = load_breast_cancer(return_X_y=True)
    found = maestro.suggest(X, y, n=10, seconds=2.0)
    assert 0 < sum(6 * one.forecast.seconds for one in found) <= 2.0
    begun = [0.0]
    monkeypatch.setattr("maestro_jupyter.suggestions.time.monotonic", lambda: begun[0])
    try_out = trying.try_out

    def slowly(*args):
        begun[0] += 1.9
        return try_out(*args)

    monkeypatch.setattr("maestro_jupyter.suggestions.try_out", slowly)
    assert 0 < len(found.try_all()) < len(found), "what takes longer than was expected ends it sooner"
    none = maestro.suggest(X, y, seconds=1e-9)
    assert len(none) == 0
    assert "Nothing is expected to be done" in none.note
    assert "Nothing is expected" in repr(none)
    with pytest.raises(Conflict, match="no suggestion to try"):
        none.try_next()


def test_a_fit_that_takes_all_the_time_is_stopped_between_folds(monkeypatch):
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=10, seconds=2.0)
    begun, first = [0.0], type(found[0].pipeline()[-1])
    fit = first.fit

    def slowly(*args, **more):
        begun[0] += 1.1
        return fit(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr("maestro_jupyter.suggestions.time.monotonic", lambda: begun[0])
        patched.setattr(first, "fit", slowly)
        assert len(found.try_all()) == 0
    assert begun == [2.2], "the third fold was not begun"
    assert maestro.search_runs()["status"].tolist() == ["KILLED"]
    assert found.try_next()[0].config == found[0].forecast.config, "it may be tried again"
