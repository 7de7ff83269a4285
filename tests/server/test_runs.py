"""Runs and projects over REST: lists, pages, parts, curves, edits."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from maestro_jupyter.store import schema


def names(body):
    return [run["name"] for run in body["items"]]


async def test_lists_are_filtered_and_sorted(ask):
    status, _, body = await ask("runs")
    assert (status, names(body), body["cursor"]) == (200, ["run 4", "run 3", "run 2", "run 1"], None)
    _, _, body = await ask("runs", filter="params.lr = 0.1")
    assert names(body) == ["run 1"]
    _, _, body = await ask("runs", order_by="metrics.loss", project="p")
    assert names(body) == ["run 1", "run 2"]
    assert body["items"][1]["metrics"] == {"loss": "nan"}
    assert (await ask("runs/count", filter="status = 'FAILED'"))[2] == {"count": 1}
    assert (await ask("runs/metrics"))[2] == ["gain", "loss"]


async def test_pages_do_not_move_while_runs_are_added(ask, store):
    _, _, first = await ask("runs", limit="2")
    assert names(first) == ["run 4", "run 3"]
    with store.write.begin() as connection:
        row = connection.execute(select(schema.runs).where(schema.runs.c.id == 1)).mappings().one()
        connection.execute(insert(schema.runs), {**row, "id": 9, "run_id": "9" * 32, "start_time": 1 << 50})
    _, _, second = await ask("runs", limit="2", cursor=first["cursor"])
    assert (names(second), second["cursor"]) == (["run 2", "run 1"], None)
    status, _, body = await ask("runs", limit="2", filter="name = 'x'", cursor=first["cursor"])
    assert (status, body["reason"]) == (400, "invalid")
    assert (await ask("runs", cursor="AAAA"))[0] == 400


async def test_a_part_of_each_run(ask):
    _, _, body = await ask("runs", fields="name,metrics.loss,tags", project="p")
    assert body["items"] == [
        {"name": "run 2", "metrics": {"loss": "nan"}, "tags": {"k": "v"}},
        {"name": "run 1", "metrics": {"loss": 0.5}, "tags": {}},
    ]


async def test_what_has_not_changed_is_not_sent_again(ask):
    status, headers, _ = await ask("runs")
    assert status == 200
    status, _, body = await ask("runs", headers={"If-None-Match": headers["ETag"]})
    assert (status, body) == (304, b"")


async def test_one_run(ask):
    status, _, body = await ask("runs/0001")
    assert (status, body["run"]["name"], body["metrics"][0]["key"]) == (200, "run 1", "loss")
    _, _, body = await ask("runs/0001/diff/0003")
    assert [change["name"] for change in body["run"]] == ["project", "status", "status_reason"]
    assert (await ask("runs/ffff"))[0] == 404
    assert (await ask("runs/000"))[0] == 409


async def test_a_run_is_edited_and_the_edit_is_audited(ask):
    status, _, body = await ask(
        "runs/0001", method="PATCH", body={"tags": {"k": "v", "api_key": "s3cr3t"}, "note": "good"}
    )
    assert (status, body["tags"]["k"]) == (200, "v")
    await ask("runs/0001", method="PATCH", body={"tags": {"k": None}})
    _, _, body = await ask("runs/0001")
    assert ("k" in body["run"]["tags"], body["notes"][0]["text"]) == (False, "good")
    assert (await ask("runs", filter="tags.k = 'v'"))[2]["items"][0]["name"] == "run 2"
    _, _, lines = await ask("audit")
    assert [(line["actor"], line["action"]) for line in lines] == [
        ("ada", "tag run"), ("ada", "note on run"), ("ada", "tag run"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        ("runs", {"limit": "0"}, "limit"),
        ("runs", {"limit": "many"}, "limit"),
        ("runs", {"color": "red"}, "color"),
        ("runs", {"filter": "metrics. >"}, "character"),
        ("runs", {"fields": "password"}, "password"),
        ("runs", {"order_by": "nothing"}, "nothing"),
        ("projects", {"x": "1"}, "x"),
    ],
)
async def test_what_cannot_be_understood_is_said_in_a_sentence(ask, path, query, said):
    status, _, body = await ask(path, **query)
    assert (status, body["reason"]) == (400, "invalid")
    assert said in body["message"] + body["hint"]
    assert set(body) == {"message", "reason", "hint"}


async def test_projects(ask):
    _, _, body = await ask("projects")
    assert [(project["name"], project["runs"]) for project in body] == [("q", 2), ("p", 2)]
    assert (await ask("projects/q"))[2]["runs"] == 2
    assert (await ask("projects/none"))[0] == 404


async def test_a_member_sees_nothing_of_others(ask):
    assert names((await ask("runs", user="bob"))[2]) == ["run 4"]
    assert (await ask("runs/count", user="bob"))[2] == {"count": 1}
    assert (await ask("runs/metrics", user="bob"))[2] == ["gain"]
    assert [project["name"] for project in (await ask("projects", user="bob"))[2]] == ["q"]
    assert (await ask("runs/0001", user="bob"))[0] == 404
    assert (await ask("audit", user="bob"))[0] == 403
    assert (await ask("runs/0001", user="bob", method="PATCH", body={"note": "x"}))[0] == 404


async def test_too_large_a_body_is_refused_unread(ask):
    status, _, body = await ask("runs/0001", method="PATCH", body=b"[" * (2 << 20))
    assert (status, body["reason"]) == (413, "too_large")


async def test_health_and_description(ask):
    assert (await ask("health/live", user=None))[2] == {"status": "ok"}
    status, _, body = await ask("health/ready")
    assert (status, body["ready"]) == (200, True)
    _, _, body = await ask("openapi.json")
    assert body["openapi"] == "3.1.0"


async def test_a_members_cursor_tells_nothing_of_the_runs_of_others(ask, store):
    def add(copied, number):
        with store.write.begin() as connection:
            row = connection.execute(select(schema.runs).where(schema.runs.c.id == copied)).mappings().one()
            connection.execute(insert(schema.runs), {**row, "id": number, "run_id": f"{number:032x}"})

    add(4, 40)
    before = (await ask("runs", user="bob", limit="1"))[2]["cursor"]
    add(1, 41)
    assert before
    assert (await ask("runs", user="bob", limit="1"))[2]["cursor"] == before
