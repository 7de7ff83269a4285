"""A query that takes too long is stopped inside the database, and only that one."""

from __future__ import annotations

import threading

import pytest
from store_of_runs import a_run, fill_with

from maestro_jupyter.errors import TooSlow
from maestro_jupyter.store import runs
from maestro_jupyter.store.engine import open_store

SECONDS = 0.5
SLOW = " or ".join(f"tags.a like '%{number}%b%c%'" for number in range(200))
TAGS = {"a": "0123456789b" * 500}
"""Twenty million comparisons of letters a thousand runs, which no machine makes in the time."""


@pytest.fixture
def limited(database_url):
    opened = open_store(database_url, SECONDS)
    fill_with(opened.write, (a_run(number, tags=TAGS) for number in range(3000)))
    yield opened
    opened.close()


def test_it_is_stopped_and_the_next_is_answered(limited):
    for _ in range(3):
        with pytest.raises(TooSlow) as told:
            runs.count(limited, SLOW)
        assert told.value.message == "The question took longer than 0.5 seconds, and was stopped."
        assert runs.count(limited, "name like 'run %'") == 3000


def test_others_are_answered_meanwhile(limited):
    stopped = []

    def ask():
        with pytest.raises(TooSlow):
            runs.count(limited, SLOW)
        stopped.append(True)

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    while not stopped:
        assert runs.get(limited, "0007" * 8).name == "run 7"
    for asker in askers:
        asker.join()
    assert len(stopped) == 2


def test_a_store_without_a_limit_takes_its_time(store, store_of):
    store_of(a_run(number, tags=TAGS) for number in range(100))
    assert runs.count(store, SLOW) == 0
