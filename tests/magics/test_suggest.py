"""Suggestions end to end: real data in a real shell, real training, and what is known of it afterwards."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from data_for_suggestions import FEW_ROWS, WINE
from IPython.core.error import UsageError
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

import maestro_jupyter as maestro
from maestro_jupyter import trying
from maestro_jupyter.errors import Conflict, Invalid
from maestro_jupyter.recommend.asking import Wanted
from maestro_jupyter.recommend.recorded_configs import CONFIG_TAG
from maestro_jupyter.suggestions import suggest
from maestro_jupyter.views.suggestions import record_said

pytestmark = FEW_ROWS


def test_a_session(cells):
    """Suggest, run a suggested cell, try another, and ask again."""
    cells(WINE)
    shown = cells("found = maestro.suggest(features, kinds, n=3)\nfound")
    assert shown.startswith("Out[")
    assert "What to try on features, kinds" in shown
    found = cells.shell.user_ns["found"]
    assert len(found) == 3
    assert maestro.search_runs().empty, "what is fitted to measure the data is none of the user's runs"
    assert [one.forecast for one in found] == found.found.models
    for one in found:
        forecast = one.forecast
        assert 0 < forecast.low <= forecast.mean <= forecast.high <= 1
        assert forecast.seconds > 0
        assert forecast.similar
    # The cell works as it stands, and its run is known as a trial of the config.
    said = cells(found[0].code)
    assert said.startswith("balanced_accuracy: 0.")
    score = float(said.split()[1])
    again = maestro.suggest(cells.shell.user_ns["features"], cells.shell.user_ns["kinds"], n=50)
    (tried,) = [one for one in again.found.tried if one.score is not None]
    assert (tried.config, round(tried.score, 3)) == (found[0].forecast.config, score)
    assert tried.config not in {one.forecast.config for one in again}
    # Trying does what the cell of the suggestion does, and says how it came out.
    shown = cells("found.try_next()")
    assert "Forecast and outcome: balanced_accuracy" in shown
    (outcome,) = found.outcomes
    assert (outcome.config, round(outcome.score, 3)) == (found[0].forecast.config, score)
    cells("import gc; tried = found.try_all()")
    assert [one.config for one in found.outcomes] == [one.forecast.config for one in found]
    with pytest.raises(Conflict, match="All suggestions were tried"):
        found.try_next()
    assert len(maestro.search_runs()) == 2 + 3, (
        "the cell's cross-validation and fit, and those that were tried"
    )
    runs = maestro.search_runs(f"tags.`{CONFIG_TAG}` != ''", order_by="start_time")
    assert runs["name"].tolist() == [one.forecast.config for one in found]
    assert set(runs["status"]) == {"FINISHED"}
    one = maestro.get_run(runs["run_id"][1])
    assert one.params["estimator"] == found[1].forecast.estimator
    assert one.metrics["cv_balanced_accuracy_mean"] == pytest.approx(found.outcomes[1].score)
    assert float(one.tags["suggestion.low"]) == found[1].forecast.low
    assert maestro.search_runs("attributes.source = 'cross_validation'")["run_id"].size == 1, (
        "no run within a run"
    )
    after = maestro.suggest(cells.shell.user_ns["features"], cells.shell.user_ns["kinds"], n=3)
    names = {one.config for one in after.found.tried}
    assert {one.forecast.config for one in found} <= names
    assert not names & {one.forecast.config for one in after}
    assert after.found.described
    assert "3 forecasts were tried: too few" in record_said(after.record)
    assert after.record.share is None
    assert not maestro.current().recorder.problems.counts()


def test_the_magic(cells):
    cells(WINE)
    said = cells.magic("suggest features kinds -n 2")
    assert "What to try on features, kinds" in said
    assert "model.fit(features, kinds)" in said
    assert len([line for line in said.splitlines() if line[:2] in {"1 ", "2 ", "3 "}]) == 2
    assert "<svg" in cells.html("suggest features kinds -n 1 --seconds 60")
    assert "r2" in cells.magic("suggest features kinds --task regression -n 1")
    for line in ("suggest --seconds 3", "suggest features", "suggest features kinds more", "suggest features nothing",
                 "suggest features kinds -n 0", "suggest features kinds --seconds soon",
                 "suggest features kinds --seconds -3", "suggest features kinds --try 0", "suggest features kinds --try=all", "suggest features kinds --task ranking"):  # fmt: skip
        error = cells.result(f"%maestro {line}").error_in_exec
        assert isinstance(error, UsageError), line
        assert "Usage: %maestro suggest [X y]" in str(error)
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ('features[["alcohol","ash"]] kinds', ('features[["alcohol","ash"]]', "kinds")),
        ("wine.drop(columns='kind of wine') wine[\"kind of wine\"]",
         ("wine.drop(columns='kind of wine')", 'wine["kind of wine"]')),
        ("features-1 kinds.to_numpy()%2", ("(features-1)", "(kinds.to_numpy()%2)")),
        ("features[[c for c in features if c != 'ash']] kinds.isin([0, 1])",
         ("features[[c for c in features if c != 'ash']]", "kinds.isin([0, 1])")),
        ("features - features.mean() kinds", ("(features - features.mean())", "kinds")),
    ],
)  # fmt: skip
def test_the_magic_takes_expressions(cells, given, names):
    cells(WINE)
    cells("wine = features.assign(**{'kind of wine': kinds})")
    said = cells.magic(f"suggest {given} -n 1 --try")
    x, y = names
    assert f"What to try on {x}, {y}" in said
    assert f"model.fit({x}, {y})" in said
    assert "Forecast and outcome: balanced_accuracy" in said
    found = suggest(maestro.current(), *(cells.shell.ev(name) for name in names), Wanted(n=1), names)
    assert cells(found[0].code).startswith("balanced_accuracy: 0.")


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ('features[["alcohol", "ash"]], kinds', ("features[['alcohol', 'ash']]", "kinds")),
        ('y=wine["kind of wine"], X=wine.drop(columns="kind of wine")',
         ("wine.drop(columns='kind of wine')", "wine['kind of wine']")),
        ("features - 1,\n    kinds % 2", ("(features - 1)", "(kinds % 2)")),
    ],
)  # fmt: skip
def test_a_cell_has_the_data_as_they_were_given(cells, given, names):
    cells(WINE)
    cells("wine = features.assign(**{'kind of wine': kinds})\nX, y = features, kinds")
    cells(f"found = maestro.suggest({given}, n=1)\ncame = found.try_next()")
    namespace = cells.shell.user_ns
    assert "What to try on {}, {}".format(*names) in repr(namespace["found"])
    said = cells(namespace["found"][0].code)
    assert float(said.split()[1]) == round(namespace["came"][0].score, 3)
    assert "model.fit({}, {})".format(*names) in namespace["found"][0].code


@pytest.mark.parametrize(
    "given", ["features, kinds", "features ,kinds", "features , kinds", "features,kinds"]
)
def test_the_magic_takes_a_comma_as_python_does(cells, given):
    cells(WINE)
    assert "What to try on features, kinds" in cells.magic(f"suggest {given} -n 1")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('features["nothing"] kinds', "features[\"nothing\"] cannot be worked out: KeyError: 'nothing'."),
        ("features.nothing kinds", "features.nothing cannot be worked out: AttributeError: "),
        ("features[[ kinds", "features[[ cannot be worked out: SyntaxError: "),
        ('features["alcohol kinds', "cannot be worked out: SyntaxError: "),
        ("1/0 kinds", "1/0 cannot be worked out: ZeroDivisionError: division by zero."),
        ("features[unheard] kinds", "features[unheard] cannot be worked out: NameError: "),
        ("unheard kinds", "There is no variable 'unheard'."),
        ("features kinds kinds", "Expected X and y"),
        ("int('\\n') kinds", "cannot be worked out: ValueError: "),
    ],
)
def test_expressions_that_cannot_be_worked_out_are_one_line(cells, given, said):
    cells(WINE)
    error = cells.result(f"%maestro suggest {given}").error_in_exec
    assert isinstance(error, UsageError)
    assert said in str(error)
    assert "\n" not in str(error)
    assert "Usage: %maestro suggest [X y]" in str(error)


@pytest.mark.parametrize("x", ["model", "columns", "features"])
@pytest.mark.parametrize("y", ["labels", "scores", "numbers", "target", "folds.y"])
def test_a_cell_leaves_alone_what_it_reads(x, y):
    """Else a second run of the cell would be on something else, or the first fail."""
    wine = load_wine(as_frame=True)
    X = wine.data.iloc[:, :3].set_axis(["a", "a", "b"], axis=1)
    given = pd.DataFrame({"y": wine.target_names[wine.target]})
    found = suggest(maestro.current(), X, given, Wanted(n=100), (x, y))
    space = {x: X, y.partition(".")[0]: given}
    before = dict(space)
    for family in ("xgboost", "lda"):
        code = next(one.code for one in found if one.forecast.family == family)
        exec(compile(code, "cell", "exec"), space)
        assert all(space[name] is value for name, value in before.items())


@pytest.mark.parametrize(
    "more", [{"n": 0}, {"n": "many"}, {"n": 1000}, {"seconds": 0}, {"seconds": "soon"}, {"seconds": True}, {"task": "ranking"},
             {"metric": "accuracy"}, {"metric": "r2"}]
)  # fmt: skip
def test_bad_wishes_are_refused(more):
    X, y = load_wine(return_X_y=True)
    with pytest.raises(Invalid):
        maestro.suggest(X, y, **more)


def test_numbers_may_be_those_of_numpy():
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=np.int64(2), seconds=np.float32(60))
    assert len(found) == 2
    assert len(found.try_all(np.int32(1))) == 1


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer])
def test_the_most_promising_comes_first(load):
    X, y = load(return_X_y=True)
    means = [one.forecast.mean for one in maestro.suggest(X, y, n=6)]
    assert means == sorted(means, reverse=True)


def test_one_by_itself_says_what_to_expect_what_came_of_it_and_where_its_code_is(cells):
    cells(WINE)
    cells("found = maestro.suggest(features, kinds, n=2)")
    one = cells.shell.user_ns["found"][0]
    forecast = one.forecast
    expected = (
        f"Expected balanced_accuracy: {forecast.mean:.3f} (80 % interval: {forecast.low:.3f} to "
        f"{forecast.high:.3f}); a fit takes about "
    )
    head, score, evidence, tried, at_hand = repr(one).splitlines()
    assert head == forecast.config
    assert score.startswith(expected)
    assert evidence.startswith("On the datasets that are most alike it had")
    assert tried == "It was not tried yet."
    assert at_hand == "Its cell is .code, to be printed; .pipeline() makes the unfitted estimator."
    assert cells("print(found[0])") == f"{one!r}\n"
    assert repr(one) in cells("found[0]")
    marked = one._repr_mimebundle_()["text/html"]
    assert one._repr_html_() == marked
    assert expected in marked
    assert "&quot;balanced_accuracy&quot;" in marked, "the cell is behind a click"
    cells("found.try_next()")
    (outcome,) = cells.shell.user_ns["found"].outcomes
    came = f"It was tried: {outcome.score:.3f} ± {outcome.spread:.3f}, "
    assert came in repr(one)
    assert came in one._repr_html_()
    assert f"run {outcome.run_id[:8]}" in repr(one)
    assert "It was not tried yet." in repr(cells.shell.user_ns["found"][1])
    assert repr(cells.shell.user_ns["found"][:2]).count("It was ") == 2


def test_a_table_of_them():
    X, y = load_diabetes(return_X_y=True)
    table = maestro.suggest(X, y, metric="r2", n=2).frame()
    assert list(table) == ["config", "mean", "low", "high", "seconds", "estimator", "similar", "code"]
    assert table["code"][0].endswith("model.fit(X, y)")
    assert table.attrs["score"] == "r2"


def test_the_forecasts_that_were_tried_are_counted():
    for number in range(12):
        tags = {CONFIG_TAG: "x", "suggestion.metric": "r2", "suggestion.low": 0.5, "suggestion.high": 0.7}
        with maestro.start_run(tags=tags) as run:
            run.log({"cv_r2_mean": 0.6 if number < 9 else 0.8})
    record = trying.record_of(maestro.current().api())
    assert (record.count, record.inside, record.share) == (12, 9, 0.75)
    assert "12 forecasts that were tried, 9 lay in their interval: 75 %" in record_said(record)


def test_nothing_tried_is_told_with_its_reason(home):
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=1, seconds=60)
    assert repr(found.outcomes) == "Nothing was tried yet."
    assert len(found.try_all()) == 1
    assert repr(found.try_all()) == "All suggestions were tried."
    with pytest.raises(Invalid, match="at least 1"):
        found.try_all(0)


def test_the_picture_says_what_it_shows(home):
    X, y = load_wine(return_X_y=True)
    found = maestro.suggest(X, y, n=1)
    assert "the bar its 80 % interval." in found.view().html
    found.try_all()
    assert "the stroke across it what came of it." in found.view().html
