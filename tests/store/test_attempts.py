"""What runs tried: read once, then as they change; parents lend candidates their data."""

from __future__ import annotations

from histories_of_tries import put_data, svm_run
from sqlalchemy import delete
from store_of_runs import a_run, fill_with

from maestro_jupyter.models import Status
from maestro_jupyter.store import schema
from maestro_jupyter.store.attempts import Attempts
from maestro_jupyter.store.changes import record_changes, record_other_change


def note(store, *runs):
    with store.write.begin() as connection:
        record_changes(connection, {run.run_id: ["changed"] for run in runs})


def test_runs_that_ended_on_known_data(store):
    made = [
        svm_run(1, 1.0, 0.9),
        svm_run(2, 1.0, 0.8, status=Status.FAILED),
        svm_run(3, 1.0, 0.8, status=Status.KILLED),
        svm_run(4, 1.0, 0.8, status=Status.RUNNING),
        svm_run(5, 1.0, 0.8),
    ]
    fill_with(store.write, made)
    put_data(store, made[:4], 1, metafeatures={"nr_inst": 300.0})
    found = Attempts().read(store)
    assert list(found) == [made[0].run_id, made[1].run_id]
    first = found[made[0].run_id]
    assert (first.user, first.project, first.source) == ("ada", "p", "fit")
    assert (first.data.fingerprint, first.data.target, first.data.name) == ("x1:y1", "y1", "X1")
    assert (first.data.shape, first.data.answers["classes"]) == ((300, 8), 2)
    assert first.data.metafeatures == {"nr_inst": 300.0}


def test_candidates_have_the_data_and_the_parameters_of_their_search(store):
    search = a_run(1, source="search", params={"scoring": "balanced_accuracy"})
    candidate = svm_run(2, 1.0, 0.9, source="candidate", parent_id=search.run_id)
    fill_with(store.write, [search, candidate])
    put_data(store, [search], 7)
    found = Attempts().read(store)[candidate.run_id]
    assert (found.data.fingerprint, found.around) == ("x7:y7", {"scoring": "balanced_accuracy"})


def test_only_what_has_changed_is_read_again(store):
    made = [svm_run(1, 1.0, 0.9), svm_run(2, 1.0, 0.8, status=Status.RUNNING)]
    fill_with(store.write, made)
    put_data(store, made, 1)
    note(store, *made)
    attempts = Attempts()
    before = attempts.read(store)
    assert attempts.read(store) is before
    with store.write.begin() as connection:
        connection.execute(schema.runs.update().values(status="FINISHED"))
    note(store, made[1])
    after = attempts.read(store)
    assert list(after) == [run.run_id for run in made]
    assert after[made[0].run_id] is before[made[0].run_id]


def test_runs_stand_in_the_same_order_whenever_they_ended(store):
    made = [svm_run(1, 1.0, 0.9, status=Status.RUNNING), svm_run(2, 1.0, 0.8)]
    fill_with(store.write, made)
    put_data(store, made, 1)
    note(store, *made)
    attempts = Attempts()
    assert list(attempts.read(store)) == [made[1].run_id]
    with store.write.begin() as connection:
        connection.execute(schema.runs.update().values(status="FINISHED"))
    note(store, made[0])
    followed = list(attempts.read(store))
    assert followed == list(Attempts().read(store)) == [run.run_id for run in made]


def test_what_was_put_away_is_learned_from_no_more_until_it_is_taken_back(store):
    made = [svm_run(1, 1.0, 0.9), svm_run(2, 1.0, 0.8), svm_run(3, 1.0, 0.7)]
    fill_with(store.write, made)
    put_data(store, made, 1)
    note(store, *made)
    attempts, table = Attempts(), schema.runs
    before = attempts.read(store)
    for archived, there in ((made[0], [made[1], made[2]]), (made[1], [made[0], made[2]]), (None, made)):
        with store.write.begin() as connection:
            connection.execute(table.update().values(archived=None))
            if archived is not None:
                where = table.c.run_id == archived.run_id
                connection.execute(table.update().where(where).values(archived=5))
        note(store, *made[:2])
        known = attempts.read(store)
        assert known.keys() == {run.run_id for run in there}
        assert known[made[2].run_id] is before[made[2].run_id]


def test_runs_that_were_taken_away_are_gone(store):
    made = [svm_run(1, 1.0, 0.9), svm_run(2, 1.0, 0.8)]
    fill_with(store.write, made)
    put_data(store, made, 1)
    note(store, *made)
    attempts = Attempts()
    assert len(attempts.read(store)) == 2
    with store.write.begin() as connection:
        for table in (schema.datasets, schema.run_params, schema.run_metrics, schema.runs):
            at = table.c.id if table is schema.runs else table.c.run
            connection.execute(delete(table).where(at == 1))
        record_other_change(connection)
    assert list(attempts.read(store)) == [made[1].run_id]
