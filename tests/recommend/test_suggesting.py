"""What is suggested: learnt from the prior and from runs, never from what must not inform it."""

from __future__ import annotations

import sys

import msgspec
import numpy as np
import pytest
from histories_of_tries import FOREST, put_data, small_prior, svm_run
from sklearn.datasets import load_breast_cancer
from store_of_runs import a_run, fill_with

from maestro_jupyter.errors import Unavailable
from maestro_jupyter.models import ModelQuestion, Status
from maestro_jupyter.recommend.knowledge import shipped
from maestro_jupyter.recommend.metafeatures import metafeatures
from maestro_jupyter.recommend.recorded_configs import CONFIG_TAG
from maestro_jupyter.recommend.suggesting import FITS, Suggester, suggest_models
from maestro_jupyter.store.attempts import Attempts

PRIOR = small_prior()
NAMES = [config.name for config in PRIOR.configs]
SVM = "svm(C=10.0)"
"""Not in the small prior."""


@pytest.fixture(scope="module")
def suggester():
    return Suggester({"classification": PRIOR})


def a_question(rows=2025.0, **more):
    known = {"nr_inst": rows, "nr_attr": 10.0, "log_nr_inst": float(np.log10(rows))}
    return ModelQuestion(**({"task": "classification", "metafeatures": known, "data": ["x0:y0"]} | more))


def ask(store, suggester, question=None, user=None):
    return suggester.answer(Attempts().read(store), question or a_question(), user)


def exactly(found):
    return msgspec.json.encode(found)


def a_history(datasets=3, score=0.8):
    """Give runs of two configs of the prior's and two others on some datasets of the team's."""
    params = [PRIOR.configs[0].params, PRIOR.configs[1].params]
    estimators = [PRIOR.configs[0].estimator, PRIOR.configs[1].estimator]
    runs = {}
    for number in range(1, datasets + 1):
        runs[number] = [
            svm_run(100 * number + place, 10.0, score, params={"estimator": estimator, **of})
            for place, (estimator, of) in enumerate(zip(estimators, params, strict=True))
        ]
        runs[number].append(svm_run(100 * number + 2, 10.0, score + 0.1))
        runs[number].append(
            svm_run(100 * number + 3, 10.0, score, params={**FOREST, "max_depth": 3 + number})
        )
    return runs


def put(store, history):
    fill_with(store.write, [run for runs in history.values() for run in runs])
    for number, runs in history.items():
        put_data(store, runs, number)


@pytest.fixture
def store(tmp_path):
    from maestro_jupyter.store.engine import open_store

    opened = open_store(f"sqlite:///{tmp_path}/maestro.db")
    yield opened
    opened.close()


def test_what_would_not_end_on_many_rows_is_not_suggested(store):
    """The prior is of small data, on which methods that compare each row with each are fast."""
    found = {}
    for rows in (1e3, 1e5, 1e6):
        metafeatures = {"nr_inst": rows, "nr_attr": 20.0, "log_nr_inst": float(np.log10(rows))}
        question = ModelQuestion(task="regression", metafeatures=metafeatures, data=["x0:y0"], n=100)
        found[rows] = {one.family: one.seconds for one in ask(store, Suggester(), question).models}
    slow = {"gaussian_process", "kernel_ridge", "svm"}
    assert slow <= found[1e3].keys()
    assert found[1e3]["svm"] < 1
    assert not {"gaussian_process", "kernel_ridge"} & found[1e5].keys()
    assert not slow & found[1e6].keys()
    assert {"lightgbm", "ridge", "random_forest"} <= found[1e6].keys()
    assert found[1e5]["random_forest"] > 50 * found[1e3]["random_forest"]


def test_what_did_well_on_what_is_alike_comes_first(store, suggester):
    for rows, side in ((2025.0, 1), (225.0, 0)):
        found = ask(store, suggester, a_question(rows, n=3))
        places = [NAMES.index(one.config) for one in found.models]
        assert [place % 2 for place in places] == [side] * 3
        for one in found.models:
            assert one.low <= one.mean <= one.high <= 1.0
            assert one.mean > 0.8
            near = one.similar[0]
            assert (near.rows > 1000) == (side == 1)
            number = int(near.name.removeprefix("past "))
            assert near.score == pytest.approx(PRIOR.scores[number, NAMES.index(one.config)])
    assert (found.score, found.datasets, found.team_datasets, found.note) == ("balanced_accuracy", 40, 0, "")


def test_runs_are_rows_of_their_own(store, suggester):
    put(store, a_history(3))
    found = ask(store, suggester)
    assert (found.datasets, found.team_datasets) == (43, 3)
    asked = a_question(300.0, n=50)
    similar = [each for one in ask(store, suggester, asked).models for each in one.similar if each.runs]
    assert {each.name for each in similar} <= {"X1 of p", "X2 of p", "X3 of p"}
    assert similar
    assert all(len(run) == 32 for each in similar for run in each.runs)


def test_a_config_of_the_teams_counts_once_two_datasets_have_it(store, suggester):
    history = a_history(3)
    put(store, history)
    known = {one.config for one in ask(store, suggester, a_question(n=50)).models}
    assert known == {*NAMES, SVM}
    svm = next(one for one in ask(store, suggester, a_question(n=50)).models if one.config == SVM)
    assert (svm.family, svm.estimator, svm.params["C"]) == ("svm", "sklearn.svm.SVC", 10.0)
    assert [each.score for each in svm.similar] == [pytest.approx(0.9)] * 3


def test_runs_on_the_same_data_are_trials_and_no_history(store, suggester):
    without = exactly(ask(store, suggester, a_question()))
    config = PRIOR.configs[3]
    own = [
        svm_run(1, 1, 0.55, name="mine", params={"estimator": config.estimator, **config.params}),
        svm_run(2, 1, 0.9, name="failed", status=Status.FAILED, params={}, tags={CONFIG_TAG: NAMES[5]}, metrics={}),
        a_run(3, name="other", source="fit", params={"estimator": "my.Model"}, metrics={"accuracy_score_y_test": 0.9}),
    ]  # fmt: skip
    put(store, {0: own})
    found = ask(store, suggester, a_question(n=50))
    assert (found.datasets, found.team_datasets) == (40, 0)
    assert {one.config for one in found.models} == set(NAMES) - {config.name, NAMES[5]}
    assert [(one.name, one.config, one.score, one.status) for one in found.tried] == [
        ("other", None, None, Status.FINISHED),
        ("failed", NAMES[5], None, Status.FAILED),
        ("mine", config.name, 0.55, Status.FINISHED),
    ]
    assert found.tried[0].metric == "accuracy_score_y_test 0.9"
    assert exactly(ask(store, suggester)) != without
    elsewhere = ask(store, suggester, a_question(data=["x9:y9"]))
    assert (elsewhere.team_datasets, elsewhere.tried) == (1, [])


def test_what_was_told_is_a_trial_too(store, suggester):
    found = ask(store, suggester, a_question(tried={NAMES[1]: 0.95, NAMES[3]: None, "none such": 0.1}, n=50))
    assert {one.config for one in found.models} == set(NAMES) - {NAMES[1], NAMES[3]}
    bad, good = (
        {
            one.config: one.mean
            for one in ask(store, suggester, a_question(tried={NAMES[1]: score}, n=50)).models
        }
        for score in (0.7, 0.9)
    )
    assert bad.keys() == good.keys() == set(NAMES) - {NAMES[1]}
    assert all(bad[name] != good[name] for name in bad)


def test_no_score_is_expected_to_be_the_highest_while_it_may_be_missed():
    X, y = (one[::2] for one in load_breast_cancer(return_X_y=True))
    measured = {name: value for name, value in metafeatures(X, y).items() if np.isfinite(value)}
    asked = ModelQuestion(
        task="classification",
        metafeatures=measured,
        tried={"naive_bayes()": 0.99, "nearest_centroid()": 0.99},
        n=100,
    )
    found = Suggester().answer({}, asked).models
    assert any(one.high == 1.0 for one in found)
    assert all(one.low <= one.mean < one.high for one in found)


def test_hidden_runs_change_nothing(store):
    history = a_history(4)
    asked = [a_question(), a_question(data=["x1:y1"]), a_question(n=50, tried={NAMES[0]: 0.7})]
    put(store, history)
    tables = {"classification": PRIOR}
    before = [exactly(ask(store, Suggester(tables), one, "ada")) for one in asked]
    hidden = {
        0: [svm_run(9000, 10.0, 0.2, user="bob")],
        1: [svm_run(9001, 10.0, 0.1, user="bob"), svm_run(9002, 55.0, 0.1, user="bob")],
        7: [svm_run(9003, 55.0, 0.99, user="bob"), svm_run(9004, 10.0, 0.99, user="bob")],
    }
    both = {n: [*history.get(n, []), *hidden.get(n, [])] for n in {*history, *hidden}}
    put(store, dict(sorted(both.items(), reverse=True)))
    shared = Suggester(tables)
    shared.answer(Attempts().read(store), asked[0], None)  # the owner, who sees them, asks first
    shared.answer(Attempts().read(store), asked[0], "bob")
    assert [exactly(ask(store, shared, one, "ada")) for one in asked] == before
    assert exactly(ask(store, Suggester(tables), asked[0], None)) != before[0]


@pytest.mark.parametrize(
    "metrics",
    [
        {"training_balanced_accuracy_score_y_train": 1.0},
        {"accuracy_score_y_test": 1.0, "roc_auc_score_y_test": 1.0, "score_X_test": 1.0},
        {"cv_accuracy_mean": 1.0, "cv_balanced_accuracy_std": 1.0, "training_cv_balanced_accuracy_mean": 1.0},
        {"balanced_accuracy": float("nan")},
        {},
    ],
)
def test_other_scores_than_held_out_ones_of_the_same_kind_never_count(store, suggester, metrics):
    before = exactly(ask(store, suggester))
    runs = {n: [svm_run(10 * n + k, 10.0, 1.0, metrics=metrics) for k in range(2)] for n in range(1, 4)}
    put(store, runs)
    assert exactly(ask(store, suggester)) == before


def test_runs_that_did_not_finish_never_count(store, suggester):
    before = exactly(ask(store, suggester))
    ends = (Status.FAILED, Status.KILLED, Status.RUNNING)
    put(store, {n: [svm_run(n, 10.0, 0.9, status=end)] for n, end in enumerate(ends, 1)})
    assert exactly(ask(store, suggester)) == before


def test_cross_validation_and_searches_count(store, suggester):
    runs = {}
    for number in (1, 2):
        search = a_run(100 * number, source="search", params={"scoring": "balanced_accuracy"})
        candidate = svm_run(
            100 * number + 1, 10.0, 0, source="candidate", parent_id=search.run_id, metrics={"cv_score_mean": 0.81}
        )  # fmt: skip
        validated = svm_run(
            100 * number + 2, 0.3, 0, source="cross_validation", metrics={"cv_balanced_accuracy_mean": 0.82}
        )
        runs[number] = [search, validated, candidate]
    fill_with(store.write, [run for several in runs.values() for run in several])
    for number, several in runs.items():
        put_data(store, several[:2], number)
    found = ask(store, suggester, a_question(n=50))
    assert {one.config for one in found.models} == {*NAMES, SVM, "SVC(C=0.3)"}
    scores = {one.config: {each.score for each in one.similar} for one in found.models}
    assert (scores[SVM], scores["SVC(C=0.3)"]) == ({0.81}, {0.82})


def test_a_budget_is_kept(store, suggester):
    free = ask(store, suggester, a_question(n=50))
    assert len(free.models) == len(NAMES)
    for seconds in (1.0, 5.0, 20.0):
        found = ask(store, suggester, a_question(n=50, seconds=seconds))
        assert 0 < sum(FITS * one.seconds for one in found.models) <= seconds
        assert len(found.models) < len(NAMES)
    none = ask(store, suggester, a_question(seconds=1e-6))
    assert (none.models, none.note) == ([], "Nothing is expected to be done within 1e-06 s.")


def test_times_grow_with_the_rows(store, suggester):
    small, large = (
        {one.config: one.seconds for one in ask(store, suggester, a_question(rows, n=50)).models}
        for rows in (200.0, 20_000.0)
    )
    assert all(large[name] > 10 * small[name] for name in NAMES)


def test_times_grow_with_columns_beyond_those_of_the_history():
    """The square root holds within the history; 3,000 columns took boosting 25 times as long as it says.

    Where each split of a tree looks at the square root of the columns, it holds beyond.
    """
    known = {"nr_inst": 300.0, "log_nr_inst": 2.5}
    few, many = (
        {
            one.config: one.seconds
            for one in Suggester()
            .answer(
                {}, ModelQuestion(task="classification", metafeatures={**known, "nr_attr": columns}, n=100)
            )
            .models
        }
        for columns in (200.0, 3000.0)
    )
    assert len(few.keys() & many.keys()) > 30
    looks_at_few = {
        config.name
        for config in shipped().tables["classification"].configs
        if config.params.get("max_features") == "sqrt"
        or (
            config.estimator.endswith(("RandomForestClassifier", "ExtraTreesClassifier"))
            and "max_features" not in config.params
        )
    }
    both = few.keys() & many.keys()
    assert len(both & looks_at_few) >= 4
    assert all(many[name] > 14.9 * few[name] for name in both - looks_at_few)
    assert all(3.8 * few[name] < many[name] < 4 * few[name] for name in both & looks_at_few)


def test_what_is_not_installed_is_not_suggested(store, suggester):
    packages = {one.estimator.partition(".")[0] for one in PRIOR.configs}
    assert "xgboost" in packages
    found = ask(store, suggester, a_question(n=50, without=["xgboost", "lightgbm"]))
    assert {one.estimator.partition(".")[0] for one in found.models} == {"sklearn"}


def test_all_tried_is_said(store, suggester):
    found = ask(store, suggester, a_question(tried=dict.fromkeys(NAMES, 0.5)))
    assert (found.models, found.note) == ([], "Every config that is known was tried.")


def test_what_cannot_be_tried_is_not_said_to_have_been(store, suggester):
    found = ask(store, suggester, a_question(without=["sklearn", "xgboost", "lightgbm"]))
    assert found.models == []
    assert found.note == "Every config that is known was tried or needs a package that is not installed."


def test_data_unlike_all_others_are_said_to_be(store, suggester):
    found = ask(store, suggester, a_question(1e9))
    assert found.far
    assert "unlike all" in found.note


def test_too_little_history_is_an_answer(store):
    found = ask(store, Suggester({}))
    assert (found.models, found.datasets) == ([], 0)
    assert found.note == "Too little history: only 0 datasets of classification are known."
    put(store, a_history(4))
    assert "only 4 datasets" in ask(store, Suggester({})).note


def test_nothing_known_of_the_data_is_an_answer(store, suggester):
    found = ask(store, suggester, a_question(metafeatures={"nr_inst": None, "charm": 3.0}))
    assert found.models == []
    assert "Too little is known of the data" in found.note


def test_without_a_prior_the_teams_own_runs_do(store):
    put(store, a_history(6))
    found = ask(store, Suggester({}), a_question(n=50))
    assert SVM in {one.config for one in found.models}
    assert not found.calibrated
    assert "too short" in found.note


def test_without_scikit_learn_it_is_said(store, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(Unavailable, match="scikit-learn is not installed"):
        suggest_models(store, a_question())


def test_new_runs_are_taken_in_without_a_fit(store, monkeypatch):
    from maestro_jupyter.recommend import learnt

    fits = []
    fit = learnt.Engine.fit
    monkeypatch.setattr(learnt.Engine, "fit", lambda *args, **named: fits.append(1) or fit(*args, **named))
    suggester = Suggester({"classification": PRIOR})
    history = a_history(1)
    for runs in ([], history[1][:1], history[1][:2], history[1]):
        put(store, {1: runs})
        ask(store, suggester, a_question(300.0))
        assert ask(store, suggester).datasets == 40 + bool(runs)
    assert len(fits) == 1
    changed = [*history[1][:1], svm_run(7, 1, 0.1, params=history[1][1].params)]
    put(store, {1: changed})
    near = ask(store, suggester, a_question(300.0, n=50))
    assert len(fits) == 1
    one = next(each for each in near.models if each.config == NAMES[1])
    assert [each.score for each in one.similar if each.runs] in ([0.1], [])
