"""What views say, in both forms."""

from __future__ import annotations

import math
import re

import pytest
from examples import NOW, a_detail, a_run
from hypothesis import given
from hypothesis import strategies as st

from maestro_jupyter.models import ParameterEffect, ParameterImportance, ParameterInsight
from maestro_jupyter.models import Status as RunStatus
from maestro_jupyter.provenance.diff import diff
from maestro_jupyter.views import View
from maestro_jupyter.views.comparison import comparison
from maestro_jupyter.views.curves import Curve, curves_view
from maestro_jupyter.views.diff_view import diff_view
from maestro_jupyter.views.direction import lower_is_better
from maestro_jupyter.views.insight import insight_frame, insight_view
from maestro_jupyter.views.numbers import number
from maestro_jupyter.views.run_card import run_card
from maestro_jupyter.views.runs_table import MAX_COLUMNS, runs_table, shown_params
from maestro_jupyter.views.sparkline import blocks, svg
from maestro_jupyter.views.status import Status, status_view
from maestro_jupyter.views.ticks import ticks


def test_a_view_has_both_forms():
    view = View("<b>x</b>", "x")
    bundle = view._repr_mimebundle_()
    assert bundle["text/plain"] == repr(view) == "x"
    assert "<b>x</b>" in bundle["text/html"]
    assert "<script" not in bundle["text/html"]


def test_the_table_marks_the_best_and_shows_what_differs():
    runs = [
        a_run(1, metrics={"loss": 0.1 + 0.2, "acc": 0.91234}, params={"depth": 3, "same": 1}),
        a_run(2, metrics={"loss": 0.5, "acc": 0.95}, params={"depth": 5, "same": 1}, status=RunStatus.FAILED),
    ]
    view = runs_table(runs, histories={(runs[0].run_id, "loss"): [0.9, 0.5, 0.3]}, total=9, now=NOW)
    for form in (view.text, view.html):
        assert "★ 0.3" in form
        assert "★ 0.95" in form
        assert "0.9123" in form
        assert "✗ failed" in form
        assert "✓ finished" in form
        assert "1 min ago" in form
        assert "2 of 9 runs." in form
        assert "lower is better: loss" in form
        assert "depth" in form
        assert "same" not in form
        assert "0.30000000000000004" not in form
    assert 'scope="col"' in view.html
    assert 'scope="row"' in view.html
    assert "<svg" in view.html
    assert "█" in view.text


def test_candidates_are_folded_into_their_search():
    parent = a_run(1, source="search", name="grid")
    children = [a_run(2 + k, parent_id=parent.run_id, source="candidate", name=f"c{k}") for k in range(12)]
    view = runs_table([*children, parent], now=NOW)
    for form in (view.text, view.html):
        assert "12 candidates" in form
        assert "c3" not in form
        assert "1 run." in form
    assert "40 candidates" in runs_table([parent], counts={parent.run_id: 40}).text


def test_a_table_stays_narrow():
    runs = [
        a_run(n, metrics={f"m{k}": n for k in range(9)}, params={f"p{k}": n for k in range(9)})
        for n in (1, 2)
    ]
    head = runs_table(runs).html.split("</thead>")[0]
    assert head.count("<th") - 1 == 5 + MAX_COLUMNS  # <thead> itself begins with <th


def test_what_was_varied_comes_before_what_only_differs_between_kinds():
    ridges = [
        a_run(n, params={"estimator": "Ridge", "alpha": n / 10, "tol": 1, "solver": None}) for n in (1, 2, 3)
    ]
    trees = [
        a_run(n, params={"estimator": "Tree", "depth": n % 2, "tol": 2, "solver": "x"}) for n in (4, 5, 6)
    ]
    assert shown_params([*ridges, *trees], 3) == ["estimator", "alpha", "depth"]
    assert shown_params([ridges[0], trees[0]], 3) == ["estimator", "solver", "tol"]


def test_no_runs():
    assert "No runs yet" in runs_table([]).text
    assert "No runs yet" in runs_table([]).html


def test_the_card_has_everything():
    view = run_card(a_detail("thing"), histories={"thing": [0.1, 0.2, 0.3]}, now=NOW)
    for heading in ("Metrics", "Parameters", "Notes", "Data", "Artifacts", "Cell [1]", "Code", "Environment"):
        assert heading in view.text
        assert heading in view.html
    for form in (view.text, view.html):
        assert "Unattached metrics" in form
        assert "(of a sample)" in form
        assert "1 nested run" in form.lower()
        assert "3 × 1" in form
        assert "25.00%" in form
        assert "2 kB" in form
    assert "<details>" in view.html


def test_a_diff_says_it_first_and_shows_only_what_differs():
    view = diff_view(diff(a_detail("x"), a_detail("x", 2)))
    for form in (view.text, view.html):
        assert form.index("What changed") < form.index("Metrics")
        assert "▲ better" in form
        assert "Packages" in form
    assert "maestro-plus" in view.html
    assert "maestro-minus" in view.html
    assert "-x 1" in view.text
    assert "+x 2" in view.text
    assert "Nothing differs" in diff_view(diff(a_detail("x"), a_detail("x"))).text


def test_a_comparison_leaves_out_what_is_the_same():
    runs = [a_run(n, metrics={"rmse": 1.0 / n, "same": 1.0}, params={"a": n, "b": 0}) for n in (1, 2, 4)]
    view = comparison(runs, now=NOW)
    for form in (view.text, view.html):
        assert "★ 0.25" in form
        assert "same 1" not in form
        assert "The same in all, and left out: 2" in form


def test_a_comparison_marks_every_best_in_its_direction_and_says_what_is_unknown():
    values = [{"acc": 0.5, "loss": 2.0}, {"acc": 0.9, "loss": 1.0}, {"acc": 0.9}]
    runs = [a_run(n, metrics=known, params={"lr": n} if n else {}) for n, known in enumerate(values)]
    view = comparison(runs, now=NOW)
    assert re.search(r"^acc ↑ +0.5 +★ 0.9 +★ 0.9$", view.text, re.MULTILINE)
    assert re.search(r"^loss ↓ +2 +★ 1 +–$", view.text, re.MULTILINE)
    assert re.search(r"^lr +– +1 +2$", view.text, re.MULTILINE)
    assert "– was not recorded." in view.text
    assert "↑ says that higher is better" in view.html


def test_a_comparison_tells_apart_what_is_shown_alike():
    near = [a_run(n, metrics={"x": 0.1 + n * 1e-12, "nan": math.nan}) for n in range(2)]
    kinds = [a_run(n, params={"flag": flag, "none": None, "one": 1.0}) for n, flag in enumerate((True, 1))]
    kinds[1].params["one"] = 1
    assert re.search(r"^x ↑ ", comparison(near, now=NOW).text, re.MULTILINE)
    assert "nan" not in comparison(near, now=NOW).text
    view = comparison(kinds, now=NOW)
    assert re.search(r"^flag +True +1$", view.text, re.MULTILINE)
    assert "The same in all, and left out: 2" in view.text


def test_a_comparison_of_many_has_a_row_for_each():
    runs = [a_run(n, params={"depth": n}) for n in range(7)]
    view = comparison(runs, now=NOW)
    assert re.search(r"^run 6 [0-9a-f]{8} .* 6$", view.text, re.MULTILINE)
    assert view.html.count("<tr>") == 8


@pytest.mark.parametrize("count", [1, 20, 25])
def test_curves(count):
    curves = [Curve(f"r{n}", range(50), [n + math.sin(k) for k in range(50)]) for n in range(count)]
    view = curves_view("loss", curves)
    assert view.html.count('fill="none"') == min(count, 20)
    assert "<title>loss by step</title>" in view.html
    assert "<desc>" in view.html
    assert view.text.count("\n") >= min(count, 20)
    assert ("5 more not drawn" in view.text) == (count == 25)


def test_curves_of_odd_values():
    nan, inf = math.nan, math.inf
    view = curves_view(
        "m", [Curve("a", [0, 1, 2, 3], [1.0, nan, inf, 2.0]), Curve("b", [0], [nan]), Curve("c", [5], [1])]
    )
    assert "nan" not in view.html.split("<path")[1].split("/>")[0]
    assert "<circle" in view.html
    assert "No finite values" in curves_view("m", [Curve("b", [0], [nan])]).html


@given(st.lists(st.floats(), max_size=40))
def test_any_values_can_be_drawn(values):
    assert len(blocks(values)) <= 16
    drawn = svg(values)
    path = re.search(r' d="([^"]*)"', drawn)
    assert not path or all(0 <= float(one) <= 64 for one in re.findall(r"[0-9.]+", path[1]))
    curves_view("m", [Curve("a", range(len(values)), values)])


@given(st.lists(st.floats(-1e12, 1e12), min_size=1))
def test_ticks_reach_around(values):
    marks = ticks(values)
    assert 2 <= len(marks) <= 9
    assert marks == sorted(marks)
    slack = (marks[-1] - marks[0]) * 1e-6
    assert marks[0] <= min(values) + slack
    assert marks[-1] >= max(values) - slack


@given(st.floats(-1e300, 1e300))
def test_numbers_are_short(value):
    shown = number(value)
    assert len(shown) <= 11
    assert float(shown) == pytest.approx(value, rel=1e-3, abs=1e-300)


@pytest.mark.parametrize(
    ("metric", "lower"),
    [("loss", True), ("val_loss", True), ("rmse", True), ("mean_absolute_error_y_test", True), ("trainLoss", True),
     ("accuracy", False), ("roc_auc_score_y_test", False), ("cv_neg_log_loss_mean", False), ("f1", False),
     ("brier_score_loss_y_test", True), ("score_X_test", False), ("r2_score", False)],
)  # fmt: skip
def test_direction(metric, lower):
    assert lower_is_better(metric) is lower


def test_status_says_what_went_wrong():
    fields = {"recording": True, "project": "p", "notebook": None, "active_run": None, "home": "h"}
    good = status_view(Status(mode="on", database="sqlite:///x", sqlite=(3, 51, 3), **fields))
    assert "● Recording" in good.text
    assert "⚠" not in good.text + good.html
    bad = status_view(Status(mode="offline", database="sqlite:///x", sqlite=(3, 40, 1), waiting=3, dropped=1,
                             problems={"fit": 2}, **fields))  # fmt: skip
    for form in (bad.text, bad.html):
        assert "mode: offline" in form
        assert "3 journal lines waiting" in form
        assert "1 journal line lost" in form
        assert "fit: 2 problems" in form
        assert "SQLite 3.40.1" in form


def an_insight(low, effects=()):
    matters = [ParameterImportance("rate", 0.5, 0.4, 0.6, matters=True, effects=list(effects))]
    return ParameterInsight("score", 60, 1, 0.2, low, 0.4, matters if effects else [])


def test_what_is_foretold_worse_than_by_the_mean_is_not_foretold():
    shown = insight_view(an_insight(-0.18))
    said = "Of what differs between runs that were left out, their parameters foretell 20 % (0 % to 40 %)."
    assert said in shown.text
    assert said in shown.html


def test_how_good_runs_are_along_a_parameter_has_a_scale():
    word = ParameterEffect("not set", -0.5, -0.75, -0.25, promising=False)
    numbers = [
        ParameterEffect(f"{n}", n / 8, n / 8 - 0.1, n / 8 + 0.1, promising=n > 8, low_value=n, high_value=n)
        for n in range(2, 12)
    ]
    shown = insight_view(an_insight(0.1, [word, *numbers])).html
    assert ">-0.75</text>" in shown
    assert ">+1.5</text>" in shown
    assert "not set, 2" in shown
    assert "green is promising" in shown
    assert "green is promising" not in insight_view(an_insight(0.1)).html


NUMBERS = [ParameterEffect(f"{n}", n, n, n, promising=n > 1, low_value=n, high_value=n) for n in range(3)]
WORDS = [
    ParameterEffect("a.b.Rbf", 1, 1, 1, promising=True),
    ParameterEffect("None", 0, 0, 0, promising=False),
]


@pytest.mark.parametrize(
    ("direction", "choice", "effects", "said", "sentence"),
    [
        ("larger", None, NUMBERS, "larger is better", "rate: larger is better; best at 2."),
        ("smaller", None, NUMBERS, "smaller is better", "rate: smaller is better; best at 2."),
        ("middle", None, NUMBERS, "best in the middle", "rate: best in the middle, at 2."),
        (None, "a.b.Rbf", WORDS, "Rbf is best", "rate: best at a.b.Rbf."),
        (None, None, NUMBERS, "not told", "rate: direction not told; promising at 2."),
        (
            "larger",
            "None",
            [*WORDS, *NUMBERS],
            "None is best; of numbers, larger is better",
            "rate: of numbers, larger is better; best at a.b.Rbf, 2.",
        ),
    ],
)
def test_a_direction_is_in_every_form(direction, choice, effects, said, sentence):
    one = ParameterImportance("rate", 0.5, 0.4, 0.6, True, list(effects), direction, choice)
    idle = ParameterImportance("idle", 0.0, 0.0, 0.1, matters=False)
    insight = ParameterInsight("score", 60, 1, 0.2, 0.1, 0.4, [one, idle])
    shown = insight_view(insight)
    assert shown.text.splitlines()[3].endswith(f"40 % to 60 %   {said}")
    assert shown.text.splitlines()[4].endswith("not told from chance")
    for form in (shown.text, shown.html):
        assert sentence in form
    assert f'aria-label="How good runs are by rate: {said}"' in shown.html
    assert f"<title>{said}</title>" in shown.html
    assert insight_frame(insight)["direction"].tolist() == [said, "not told"]


def test_classes_are_told_apart_by_their_names():
    names = [
        "sklearn.ensemble._forest.RandomForestClassifier",
        "sklearn.ensemble._gb.GradientBoostingClassifier",
    ]
    effects = [ParameterEffect(name, 0.0, -0.1, 0.1, promising=False) for name in names]
    shown = insight_view(an_insight(0.1, effects)).html
    assert ">RandomForest" in shown
    assert ">GradientBoosti" in shown
