"""The dashboard says what is true: shares of what ended, no zero where nothing is known, and both directions."""

from __future__ import annotations

import re
import sys

import pytest
from examples import NOW, a_board

from maestro_jupyter.errors import Unavailable
from maestro_jupyter.models import RunHistory, RunTotals
from maestro_jupyter.views.dashboard import dashboard_view


def test_it_says_the_same_in_both_forms():
    view = dashboard_view(a_board(), now=NOW)
    for said in (
        "Experiments in the project p",
        "1 (25 %)",
        "2 h",
        "Best p so far",
        "It is the best of 4 runs; the best changed 1 time.",
        "Higher is better, as guessed from the name.",
        "Latest failures",
        "Most used artifacts",
    ):
        assert said in view.text
        assert said in re.sub("<[^>]+>", "", view.html)
    assert "★ 0.75 by p (00010001), 8 h ago." in view.text
    assert 'aria-label="5 runs on 2 days, at most 4 a day"' in view.html
    assert 'aria-label="The best p went from 0.5 to 0.75"' in view.html
    assert "Projects" not in view.text


def test_of_all_projects_each_is_told():
    text = dashboard_view(a_board(project=None), now=NOW).text
    assert "Experiments in all projects" in text
    assert re.search(r"^p +5 +1 \(25 %\) +2 h +just now$", text, re.MULTILINE)
    assert re.search(r"^other +1 +0 +unknown", text, re.MULTILINE)


def test_a_share_is_of_those_that_ended():
    assert "0 failed or killed" in dashboard_view(a_board(finished=0, failed=0, running=5), now=NOW).text
    assert "2 (100 %)" in dashboard_view(a_board(finished=0, failed=1, killed=1, running=3), now=NOW).text


def test_no_data_is_not_zero():
    without = "2 h, without 2 runs of unknown length"
    assert without in dashboard_view(a_board(untimed=2), now=NOW).text
    assert "unknown in all" in dashboard_view(a_board(untimed=5, seconds=0.0), now=NOW).text
    board = a_board()._replace(best=None, used=[])
    assert "No run has a metric yet." in dashboard_view(board, now=NOW).text
    assert "Nothing of the library was used yet." in dashboard_view(board, now=NOW).html
    nothing = dashboard_view(board._replace(history=RunHistory(total=RunTotals())), now=NOW)
    assert nothing.text.endswith("No runs yet: fit a model, or start one with maestro.start_run().")


def test_what_is_before_the_days_that_are_shown_is_said():
    text = dashboard_view(a_board(runs=105, finished=103), now=NOW).text
    assert "at most 4 a day. 100 runs before these days." in text


def test_what_was_told_is_not_called_guessed():
    text = dashboard_view(a_board(lower=True)._replace(guessed=False), now=NOW).text
    assert text.count("Lower is better.") == 1


def test_a_figure_of_plotly_shows_what_was_written_as_text():
    figure = dashboard_view(a_board("<b>x</b>"), now=NOW).figure()
    assert [trace.name for trace in figure.data] == ["finished", "running", "failed or killed", "best so far"]
    assert list(figure.data[0].y) == [1, 2]
    assert list(figure.data[3].y) == [0.5, 0.75]
    assert "<b>" not in figure.to_json()
    drawn = dashboard_view(a_board(), now=NOW).with_figure()._repr_mimebundle_()
    assert list(drawn) == ["application/vnd.plotly.v1+json", "text/html", "text/plain"]
    assert len(drawn["application/vnd.plotly.v1+json"]["data"]) == 4


def test_without_plotly_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    with pytest.raises(
        Unavailable, match=r"The figure needs Plotly. pip install 'maestro-jupyter\[plotly\]'."
    ):
        dashboard_view(a_board(), now=NOW).figure()
