"""Answers that are kept: never old, never another's, never too many."""

from __future__ import annotations

import pytest
from jupyter_server.auth import User

from maestro_jupyter.app import App
from maestro_jupyter.config import Maestro
from maestro_jupyter.server.answers import Answers, keep
from maestro_jupyter.server.services import Services
from maestro_jupyter.store.changes import changes_since, latest_change, record_other_change

READS = ["runs", "runs/0001", "runs/0001/itself", "runs/0001/children", "runs/0001/metrics", "projects"]


@pytest.mark.parametrize("path", READS)
async def test_nobody_gets_anothers_answer(ask, path):
    for _ in range(2):
        assert "run 1" in str(await ask(path)) or path not in {"runs", "runs/0001", "runs/0001/itself"}
        status, _, body = await ask(path, user="bob")
        assert status == 404 if "0001" in path else "run 1" not in str(body)


async def test_a_write_is_seen_at_once_by_every_read(ask):
    for number in range(3):
        value = f"value {number}"
        await ask("runs/0001", method="PATCH", body={"tags": {"k": value}})
        for _ in range(2):
            assert (await ask("runs/0001/itself"))[2]["tags"] == {"k": value}
            assert (await ask("runs/0001"))[2]["run"]["tags"] == {"k": value}
            assert (await ask("runs/count", filter=f"tags.k = '{value}'"))[2] == {"count": 1}
            assert value in str((await ask("runs"))[2])


def test_what_belongs_to_no_run_makes_a_version_and_no_event(store):
    before = latest_change(store)
    with store.write.begin() as connection:
        record_other_change(connection)
    assert latest_change(store) == before + 1
    assert changes_since(store, before) == []


def test_the_bytes_are_bounded_and_the_oldest_go_first():
    answers = Answers(size=800)
    for number in range(20):
        answers.put(number, 1, keep(b"x" * 90))
    assert answers.size <= 800
    assert (answers.get(0, 1), answers.get(19, 2)) == (None, None)
    assert answers.get(19, 1).body == b"x" * 90
    answers.put("large", 1, keep(b"x" * 101))
    assert answers.get("large", 1) is None


def test_a_token_alone_is_the_same_owner_in_each_request(home):
    services = Services(App(Maestro(), "server"))
    one, other = (
        services.actor(User(username=name, name="Anonymous Io", display_name="Anonymous Io")) for name in "ab"
    )
    assert one == other
    assert one.owner
    assert services.actor(User(username="ada")).name == "ada"
    services.close()
