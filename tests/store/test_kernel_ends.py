"""Why a kernel's process ended, and which notebook it ran, as a Jupyter server says it to the store."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update
from store_of_runs import a_run

from maestro_jupyter.models import Status
from maestro_jupyter.store import runs, schema
from maestro_jupyter.store.apply import KILLED_REASONS
from maestro_jupyter.store.changes import changes_since
from maestro_jupyter.store.kernel_ends import (
    ENDED_WITH_PROCESS,
    INTERRUPTED,
    KernelEnd,
    end_kernel,
    follow_notebooks,
)

DEAD = next(iter(KILLED_REASONS))
NOW = 1_000_000_000
DIED = KernelEnd("k", "the kernel died", NOW)


@pytest.fixture
def kernel(store_of):
    """Give a function that makes a store of one kernel's runs, and what is known of its journal."""

    def made(*known, **journal):
        store = store_of(a_run(number, **fields) for number, fields in enumerate(known, 1))
        about = {"kernel": "k", "opened": NOW - 1000} | journal
        with store.write.begin() as connection:
            connection.execute(update(schema.journals).values(**about))
            connection.execute(update(schema.runs).values(end_time=NOW - 10))
        return store

    return made


def killed(reason=DEAD):
    return {"status": Status.KILLED, "status_reason": reason}


def reasons(store):
    return [run.status_reason for run in runs.search(store, order_by="start_time")]


def journals(store, column):
    with store.read.connect() as connection:
        return list(connection.scalars(select(schema.journals.c[column]).order_by(schema.journals.c.id)))


def test_runs_without_a_better_reason_get_it(kernel):
    done = {"status": Status.FINISHED, "status_reason": ENDED_WITH_PROCESS}
    failed = {"status": Status.FAILED, "status_reason": "ValueError: no"}
    store = kernel(killed(), done, failed, {}, killed("stopped by hand"))
    assert end_kernel(store, DIED) == 2
    assert reasons(store) == [DIED.reason, DIED.reason, "ValueError: no", "", "stopped by hand"]
    assert journals(store, "end_reason") == [DIED.reason]
    assert [(event.run_id, event.kinds) for event in changes_since(store, 0)] == [
        ("0001" * 8, ["ended"]),
        ("0002" * 8, ["ended"]),
    ]


def test_saying_it_again_changes_nothing_and_what_was_said_first_stays(kernel):
    store = kernel(killed())
    assert [end_kernel(store, DIED), end_kernel(store, DIED)] == [1, 0]
    assert end_kernel(store, DIED._replace(reason="the kernel was restarted")) == 0
    assert reasons(store) == journals(store, "end_reason") == [DIED.reason]
    assert len(changes_since(store, 0)) == 1


@pytest.mark.parametrize(
    "journal",
    [
        {"kernel": "another"},
        {"kernel": None},
        {"opened": NOW + 1},
        {"closed": NOW - 31_000_000},
        {"end_reason": "the kernel was shut down"},
    ],
)
def test_another_process_is_left_alone(kernel, journal):
    store = kernel(killed(), **journal)
    assert end_kernel(store, DIED) == 0
    assert reasons(store) == [DEAD]


@pytest.mark.parametrize(
    ("interrupted", "said"), [(True, INTERRUPTED), (False, DIED.reason)], ids=["interrupted", "by shutdown"]
)
def test_an_interrupt_stays_the_reason_if_somebody_meant_it(kernel, interrupted, said):
    store = kernel(killed(INTERRUPTED))
    assert end_kernel(store, DIED._replace(interrupted=interrupted)) == int(not interrupted)
    assert reasons(store) == [said]


def test_an_interrupt_long_before_stays_the_reason(kernel):
    store = kernel(killed(INTERRUPTED))
    assert end_kernel(store, DIED._replace(time=NOW + 31_000_000)) == 0
    assert reasons(store) == [INTERRUPTED]


@pytest.mark.parametrize("reason", ["\0", "a\ud800b", "é" * 5000])
def test_a_reason_of_any_text_is_kept(kernel, reason):
    store = kernel(killed())
    held = reason.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    assert [end_kernel(store, DIED._replace(reason=reason)) for _ in range(2)] == [1, 0]
    assert reasons(store) == [held]
    assert follow_notebooks(store, {"k": reason}, {}) == 1


def test_a_notebook_is_followed_where_it_is_renamed(kernel):
    store = kernel({})
    assert follow_notebooks(store, {"k": "a.ipynb", "other": "b.ipynb"}, {}) == 1
    assert follow_notebooks(store, {"k": "a.ipynb"}, {"k": "a.ipynb"}) == 0
    assert follow_notebooks(store, {"k": "sub/c.ipynb"}, {"k": "a.ipynb"}) == 1
    assert runs.get(store, "0001").notebook == "sub/c.ipynb"
    assert [event.kinds for event in changes_since(store, 0)] == [["changed"], ["changed"]]


@pytest.mark.parametrize("journal", [{"closed": NOW}, {"end_reason": DIED.reason}])
def test_an_ended_process_keeps_the_notebook_that_it_ran(kernel, journal):
    store = kernel({}, notebook="then.ipynb", **journal)
    assert follow_notebooks(store, {"k": "now.ipynb"}, {}) == 0
    assert follow_notebooks(store, {"k": "now.ipynb"}, {"k": "then.ipynb"}) == 1
    assert journals(store, "notebook") == ["now.ipynb"]


def test_two_processes_of_one_kernel_are_told_apart(kernel):
    store = kernel(killed(), end_reason="the kernel was restarted")
    with store.write.begin() as connection:
        row = connection.execute(select(schema.journals)).mappings().one()
        second = {**row, "id": "second", "end_reason": None, "opened": NOW - 5}
        connection.execute(insert(schema.journals), second)
        run = connection.execute(select(schema.runs)).mappings().one()
        other = {"id": 2, "run_id": "0002" * 8, "journal": "second", "start_time": run["start_time"] + 1}
        connection.execute(insert(schema.runs), {**run, **other})
    assert end_kernel(store, DIED) == 1
    assert reasons(store) == [DEAD, DIED.reason]
    assert journals(store, "end_reason") == ["the kernel was restarted", DIED.reason]
