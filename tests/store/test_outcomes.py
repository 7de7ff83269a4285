"""What runs tried: finished runs on their data, higher is better, and a search's candidates on the search's."""

from __future__ import annotations

import math

import msgspec
import pytest
from sqlalchemy import insert, select
from store_of_runs import a_run, fill_with

from maestro_jupyter.errors import Invalid
from maestro_jupyter.models import Status
from maestro_jupyter.store.outcomes import outcomes
from maestro_jupyter.store.schema import datasets, runs


def put_data(store, run_id: str, role: str, fingerprint: str) -> None:
    with store.write.begin() as connection:
        number = connection.scalar(select(runs.c.id).where(runs.c.run_id == run_id))
        connection.execute(
            insert(datasets).values(
                run=number, role=role, fingerprint=fingerprint, profile=msgspec.msgpack.encode({})
            )
        )


def test_finished_runs_with_the_metric_are_told_by_their_target(store):
    made = [
        a_run(1, params={"a": 1}, metrics={"accuracy_score_y_test": 0.9}),
        a_run(2, params={"a": 2}, metrics={"accuracy_score_y_test": 0.8}),
        a_run(3, metrics={"other": 1.0}),
        a_run(4, metrics={"accuracy_score_y_test": 0.7}, status=Status.FAILED),
        a_run(5, metrics={"accuracy_score_y_test": 0.6}),
    ]
    fill_with(store.write, made)
    put_data(store, made[0].run_id, "X", "x1")
    put_data(store, made[0].run_id, "y", "y1")
    put_data(store, made[1].run_id, "X", "x1")
    found = {one.run_id: one for one in outcomes(store, "accuracy_score_y_test", lower=False)}
    assert {run: (one.dataset, one.value) for run, one in found.items()} == {
        made[0].run_id: ("y1", 0.9),
        made[1].run_id: ("x1", 0.8),
        made[4].run_id: ("", 0.6),
    }
    assert found[made[0].run_id].params == {"a": 1}


def test_candidates_have_the_data_of_their_search(store):
    search = a_run(1, source="search")
    candidate = a_run(2, source="candidate", parent_id=search.run_id, metrics={"cv_score_mean": 0.5})
    fill_with(store.write, [search, candidate])
    put_data(store, search.run_id, "y", "y1")
    assert [(one.run_id, one.dataset) for one in outcomes(store, "cv_score_mean", lower=False)] == [
        (candidate.run_id, "y1")
    ]


def test_candidates_of_a_halving_search_say_how_much_they_were_given(store):
    search = a_run(1, source="search")
    made = [
        a_run(
            number,
            source="candidate",
            parent_id=search.run_id,
            params={"C": number, "iter": rung, "n_resources": 100 * 3**rung},
            metrics={"cv_score_mean": 0.5},
        )
        for number, rung in ((2, 0), (3, 0), (4, 1))
    ]
    by_hand = a_run(5, params={"iter": 0, "n_resources": 100}, metrics={"cv_score_mean": 0.5})
    fill_with(store.write, [search, *made, by_hand])
    put_data(store, search.run_id, "y", "y1")
    found = {one.run_id: one for one in outcomes(store, "cv_score_mean", lower=False)}
    assert [
        (found[run.run_id].params, found[run.run_id].dataset, found[run.run_id].given) for run in made
    ] == [
        ({"C": 2}, "y1", 100),
        ({"C": 3}, "y1", 100),
        ({"C": 4}, "y1", 300),
    ]
    assert found[by_hand.run_id].params == {"iter": 0, "n_resources": 100}
    assert found[by_hand.run_id].given is None


def test_lower_is_turned_round_and_errors_are_compared_by_ratio(store):
    fill_with(store.write, [a_run(1, metrics={"mean_squared_error_y_test": 4.0, "charm": 4.0})])
    (known,) = outcomes(store, "mean_squared_error_y_test", lower=True)
    assert math.isclose(known.value, -math.log(4.0))
    assert [one.value for one in outcomes(store, "charm", lower=True)] == [-4.0]
    assert [one.value for one in outcomes(store, "charm", lower=False)] == [4.0]


def test_training_scores_never_count(store):
    fill_with(store.write, [a_run(1, metrics={"training_accuracy_score_y_train": 1.0})])
    with pytest.raises(Invalid, match="training data"):
        outcomes(store, "training_accuracy_score_y_train", lower=False)


def test_runs_of_others_and_of_other_projects_are_left_out(store):
    fill_with(
        store.write,
        [
            a_run(1, metrics={"m": 1.0}),
            a_run(2, metrics={"m": 2.0}, user="bob"),
            a_run(3, metrics={"m": 3.0}, project="q"),
        ],
    )
    assert [one.value for one in outcomes(store, "m", project="p", user="ada", lower=False)] == [1.0]
    assert [one.value for one in outcomes(store, "m", "metrics.m > 1.5", lower=False)] == [3.0, 2.0]
