"""The interface of surfaces, over the store itself and over REST: the same answers, the same errors."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import math
import os
import time
from pathlib import Path

import msgspec
import pytest
from histories_of_tries import put_data, small_prior, svm_run
from shelf import SHELVED, put_on_the_shelf
from store_of_runs import a_run, fill_with

from maestro_jupyter.api import Actor, LocalApi
from maestro_jupyter.app import App
from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import (
    Conflict,
    Forbidden,
    Garbled,
    Invalid,
    MaestroError,
    Misplaced,
    NotFound,
    Unavailable,
)
from maestro_jupyter.events import ArtifactRegistered, ArtifactUsed
from maestro_jupyter.http_api import HttpApi
from maestro_jupyter.library.card import SECTIONS
from maestro_jupyter.models import FilePlace, JournalPlace, ModelQuestion, NotebookAtHand, TableAtHand
from maestro_jupyter.recommend.compiling import provenance_of_import
from maestro_jupyter.recommend.knowledge import encoded
from maestro_jupyter.store import schema
from maestro_jupyter.store.audit import Anchor
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.changes import record_changes, record_library_change
from maestro_jupyter.store.library_cards import CardEdit, text_digest
from maestro_jupyter.store.lineage_graph import Extent
from maestro_jupyter.store.metrics import add_metrics
from maestro_jupyter.store.receiving import Receiver
from maestro_jupyter.store.registering import add_registered, add_used
from maestro_jupyter.store.rows import ids, insert_new

KINDS = ["local", "http"]
EMPTY = hashlib.sha256(b"").hexdigest()


@pytest.fixture(params=KINDS)
def api_of(request, store, jp_serverapp, http_server, home):
    """Give a function that makes the interface of somebody."""
    opened = []

    def made(name):
        if request.param == "local":
            anchor = Anchor(home)
            receiver = Receiver(store, anchor, Maestro())
            blobs = functools.partial(Blobs, Maestro().artifact_url)
            return LocalApi(
                store,
                Actor(name, owner=name == "ada"),
                blobs,
                str,
                anchor,
                receiver,
                knowledge=Maestro().knowledge_files,
            )
        opened.append(HttpApi(jp_serverapp.connection_url, name))
        return opened[-1]

    return made


async def call(api, name, *given, asked=None, **named):
    """Ask in a thread, as the server runs in this one; let go of the thread's connection."""

    def ask():
        try:
            what = getattr(api, name)
            return what(*given, **named) if asked is None else asked(what)
        finally:
            if isinstance(api, HttpApi):
                api.close()

    return await asyncio.to_thread(ask)


async def test_lists(api_of):
    api = api_of("ada")
    assert [run.name for run in await call(api, "search")] == ["run 4", "run 3", "run 2", "run 1"]
    assert [run.name for run in await call(api, "search", "params.lr = 0.1")] == ["run 1"]
    found = await call(api, "search", project="p", order_by=["metrics.loss", "name"], max_results=None)
    assert [run.name for run in found] == ["run 1", "run 2"]
    assert math.isnan(found[1].metrics["loss"])
    assert len(await call(api, "search", max_results=3)) == 3
    assert await call(api, "count", "status = 'FAILED'") == 1
    frame = await call(api, "search_frame", project="p", order_by="name")
    assert list(frame["params.lr"]) == [0.1, "auto"]
    assert [project.name for project in await call(api, "projects")] == ["q", "p"]
    assert await call(api, "metric_keys") == ["gain", "loss"]


async def test_how_runs_went(api_of, store):
    api = api_of("ada")
    found = await call(api, "run_history", "p", utc_offset=60)
    assert (found.total.runs, found.total.finished, found.metrics) == (2, 2, ["loss"])
    assert [day.date for day in found.days] == ["1970-01-01"]
    everything = await call(api, "run_history")
    assert [(run.name, run.status_reason) for run in everything.unwell] == [("run 3", "ValueError: no")]
    assert {one.name: one.runs for one in everything.projects} == {"p": 2, "q": 2}
    best = await call(api, "best_so_far", "loss", lower=True)
    assert ([step.value for step in best.steps], best.runs, best.lower) == ([0.5], 1, True)
    assert (await call(api, "best_so_far", "loss", "q")).steps == []
    member = await call(api_of("bob"), "run_history")
    assert (member.total.runs, member.unwell, member.metrics) == (1, [], ["gain"])


async def test_pages(api_of):
    api = api_of("ada")
    first = await call(api, "page", limit=3)
    second = await call(api, "page", limit=3, start=first.more)
    assert [run.name for run in first.runs + second.runs] == ["run 4", "run 3", "run 2", "run 1"]
    assert second.more is None


async def test_one_run(api_of):
    api = api_of("ada")
    run = await call(api, "get", "0002")
    assert (run.name, run.tags, run.params) == ("run 2", {"k": "v"}, {"lr": "auto"})
    assert math.isnan(run.metrics["loss"])
    detail = await call(api, "detail", "0001")
    assert (detail.run.name, [metric.key for metric in detail.metrics]) == ("run 1", ["loss"])
    assert await call(api, "metric_keys", "0001") == ["loss"]
    assert await call(api, "children", "0001") == []
    assert "lr" in " ".join((await call(api, "diff", "0001", "0002")).summary())


async def test_a_family(api_of, store):
    family = [a_run(1, metrics={"m": 1.0}), a_run(2, metrics={"m": 2.0}, parent_id="0001" * 8)]
    fill_with(store.write, [*family, a_run(3, parent_id="0001" * 8), a_run(4, parent_id="0002" * 8)])
    api = api_of("ada")
    assert [run.name for run in await call(api, "search", "metrics.m > 1")] == ["run 2"]
    assert [run.name for run in await call(api, "children", "0001")] == ["run 2", "run 3"]
    assert [run.name for run in (await call(api, "detail", "0001")).children] == ["run 2", "run 3"]
    assert "m: 1 → 2 (+1)" in (await call(api, "diff", "0001", "0002")).summary()
    assert [project.runs for project in await call(api, "projects")] == [4]


async def test_the_bytes_of_a_file(api_of, keep):
    digest = keep(1, b"a,b\n" * 1000)
    assert await call(api_of("ada"), "artifact_bytes", digest) == b"a,b\n" * 1000
    with pytest.raises(NotFound):
        await call(api_of("bob"), "artifact_bytes", digest)


async def test_lists_longer_than_a_page(api_of, store):
    """A thousand is what the server gives at once of anything."""
    parent = a_run(1, metrics={f"k{key:04}": 1.0 for key in range(1100)})
    children = [a_run(number, project=f"p{number}", parent_id=parent.run_id) for number in range(2, 1202)]
    fill_with(store.write, [parent, *children])
    for part in (children[:700], children[700:]):
        with store.write.begin() as connection:
            record_changes(connection, {run.run_id: ["started"] for run in part})
    api = api_of("ada")
    names = [run.name for run in children]
    assert [run.name for run in await call(api, "children", "0001")] == names
    assert [run.name for run in await call(api, "search", max_results=None)] == [*names[::-1], "run 1"]
    assert [run.name for run in await call(api, "search", max_results=1100)] == names[:99:-1]
    assert len(await call(api, "search_frame", max_results=None)) == await call(api, "count") == 1201
    assert {project.name for project in await call(api, "projects")} == {
        "p",
        *(run.project for run in children),
    }
    keys = sorted(parent.metrics)
    assert await call(api, "metric_keys") == await call(api, "metric_keys", "0001") == keys
    assert [event.run_id for event in await call(api, "events", 0, 1150)] == [
        run.run_id for run in children[:1150]
    ]
    assert len(await call(api, "events", 1100, 5000)) == 100


async def test_what_is_put_away_leaves_the_lists_with_its_parts_until_it_is_taken_back(api_of):
    api = api_of("ada")
    before = await call(api, "count", "")
    parts = len(await call(api, "children", "0001"))
    away = await call(api, "edit", "0001", archived=True)
    assert away.archived is not None
    assert await call(api, "edit", "0001", archived=True) == away
    assert await call(api, "count", "") == before - 1 - parts
    assert await call(api, "count", "archived is not null") == 1 + parts
    assert (await call(api, "get", "0001")).archived == away.archived
    assert (await call(api, "edit", "0001", archived=False)).archived is None
    assert await call(api, "count", "") == before
    assert [line.action for line in await call(api, "audit")] == ["archive run", "restore run"]


async def test_a_run_is_ended_once_and_the_end_is_audited(api_of, store):
    with store.write.begin() as connection:
        is_first = schema.runs.c.name == "run 1"
        connection.execute(schema.runs.update().where(is_first).values(status="RUNNING", end_time=None))
    api = api_of("ada")
    run = (await call(api, "search", "attributes.name = 'run 1'"))[0].run_id
    with pytest.raises(Invalid):
        await call(api, "edit", run, status="RUNNING")
    with pytest.raises(NotFound):
        await call(api_of("bob"), "edit", run, status="KILLED")
    ended = await call(api, "edit", run, status="FAILED")
    assert (ended.status, ended.status_reason) == ("FAILED", "ended by ada")
    assert ended.end_time is not None
    with pytest.raises(Conflict, match="has ended already"):
        await call(api, "edit", run, status="FAILED")
    assert [line.action for line in await call(api, "audit")] == ["end run"]


async def test_edits_and_their_audit(api_of):
    api = api_of("ada")
    run = await call(api, "edit", "0001", tags={"a": "b"}, note="good")
    assert run.tags == {"a": "b"}
    assert (await call(api, "edit", "0001", tags={"a": None})).tags == {}
    assert [note.text for note in (await call(api, "detail", "0001")).notes] == ["good"]
    lines = await call(api, "audit")
    assert [line.action for line in lines] == ["tag run", "note on run", "tag run"]
    assert [line.number for line in await call(api, "audit", lines[0].number, 1)] == [lines[1].number]


@pytest.mark.parametrize(
    ("method", "given", "kind"),
    [
        ("get", ("ffff",), NotFound),
        ("get", ("000",), Conflict),
        ("get", ("..",), MaestroError),
        ("detail", ("ffff",), NotFound),
        ("children", ("ffff",), NotFound),
        ("metric_keys", ("ffff",), NotFound),
        ("history", ("0001", "none"), NotFound),
        ("diff", ("0001", "ffff"), NotFound),
        ("artifact_bytes", ("ab" * 32,), NotFound),
        ("edit", ("ffff",), NotFound),
        ("journal", ("f" * 32,), NotFound),
        ("journal", ("ffff",), Invalid),
        ("ship", ("f" * 32, 2, 0, b"x"), Misplaced),
        ("ship_file", ("f" * 32, "ab" * 32, 0, 1, b"x"), Garbled),
        ("ship_file", ("f" * 32, "ab", 0, 1, b"x"), Invalid),
        ("search", ("metrics. >",), Invalid),
        ("count", ("metrics. >",), Invalid),
    ],
)
async def test_errors_are_of_the_same_kind(api_of, method, given, kind):
    with pytest.raises(kind) as told:
        await call(api_of("ada"), method, *given)
    assert told.value.message


async def test_a_member_sees_nothing_of_others(api_of):
    api = api_of("bob")
    assert [run.name for run in await call(api, "search")] == ["run 4"]
    assert await call(api, "count") == 1
    assert await call(api, "metric_keys") == ["gain"]
    for method in ("get", "detail", "children", "metric_keys", "edit"):
        with pytest.raises(NotFound):
            await call(api, method, "0001")
    with pytest.raises(Forbidden):
        await call(api, "audit")
    await call(api_of("ada"), "ship", "a" * 32, 1, 0, b"x")
    for method, given in (("journal", ()), ("ship", (1, 1, b"y")), ("ship_file", ("ab" * 32, 0, 1, b"x"))):
        with pytest.raises(NotFound):
            await call(api, method, "a" * 32, *given)


async def test_shipping(api_of):
    api = api_of("bob")
    assert await call(api, "ship", "b" * 32, 1, 0, b"one") == JournalPlace(1, 3, final=False)
    assert await call(api, "ship_file", "b" * 32, EMPTY, 0, 0, b"") == FilePlace(0, kept=True)
    assert await call(api, "ship", "b" * 32, 2, 0, b"", before=3, final=True) == JournalPlace(
        2, 0, final=True
    )
    assert await call(api, "journal", "b" * 32) == JournalPlace(2, 0, final=True)
    assert [line.action for line in await call(api_of("ada"), "audit")] == ["ship journal"]


async def library(api, name, *given, **named):
    return await call(api, "library", asked=lambda shelf: getattr(shelf, name)(*given, **named))


async def test_the_library(api_of, store):
    put_on_the_shelf(store, Maestro())
    api = api_of("ada")
    first = await library(api, "get", "shared")
    assert (first.reference, first.aliases, first.tags, first.owner) == (
        "shared:1",
        ["first"],
        ["kept"],
        "carl",
    )
    for reference in ("shared:1", "shared@first"):
        assert await library(api, "get", reference) == first
    assert await library(api, "versions", "shared") == [first]
    (use,) = await library(api, "uses", "shared")
    assert (use.version, use.project, use.run_id) == (1, "q", "0004" * 8)
    version, file = await library(api, "open", "shared@first")
    assert (version, file.read()) == (first, SHELVED)
    file.close()
    assert (await library(api, "alias", "shared", "best")).aliases == ["best", "first"]
    assert (await library(api, "drop_alias", "shared", "best")).aliases == ["first"]
    changed = await library(api, "describe", "shared", description="New.", tags=["b", "a"])
    assert (changed.description, changed.tags) == ("New.", ["a", "b"])
    assert (await library(api, "archive", "shared")).archived
    assert (await library(api, "archive", "shared", archived=False)).archived is False
    assert (await library(api, "archive", "shared:1")).archived
    with pytest.raises(NotFound, match="archived"):
        await library(api, "get", "shared")
    actions = [line.action for line in await call(api, "audit")]
    assert actions == ["alias artifact"] * 2 + ["describe artifact"] + ["archive artifact"] * 3


async def test_searching_the_library(api_of, store):
    put_on_the_shelf(store, Maestro())
    for user, names in (("ada", {"members", "shared", "owned"}), ("bob", {"members", "shared"})):
        api = api_of(user)
        found = await library(api, "search")
        assert ({hit.artifact.name for hit in found.hits}, found.total) == (names, len(names))
        assert found.facets["tag"] == {"kept": len(names)}
        hits = (await library(api, "search", "shared", types=["model"], tags_all=["kept"], owner="carl")).hits
        assert [hit.artifact.name for hit in hits] == ["shared"]
        assert (await library(api, "search", types=["dataset"])).hits == []
        assert len((await library(api, "search", limit=1, offset=1)).hits) == 1
        assert {(one.name, one.status) for one in await library(api, "impacts")} == {
            (name, "unknown") for name in names
        }
        with pytest.raises(Invalid):
            await library(api, "search", limit=0)


async def test_what_the_library_is_used_for(api_of, store):
    put_on_the_shelf(store, Maestro())
    hidden = ArtifactUsed(f"{0:032x}", "secret", "ada", time.time(), "0001" * 8)
    for user, names in (("ada", {"members", "shared", "owned"}), ("bob", {"members", "shared"})):
        api = api_of(user)
        used = await library(api, "used")
        assert {(one.name, one.type, one.projects, one.runs) for one in used} == {
            (name, "model", 1, 1) for name in names
        }
        assert len(await library(api, "used", limit=1)) == 1
        assert await library(api, "trending") == []  # all of it was in 1970
        assert {one.name for one in await library(api, "unused")} == names
        assert len(await library(api, "unused", days=36_500, limit=1)) == 0
    with store.write.begin() as connection:
        add_used(connection, [hidden])
    for user, projects, trends in (("ada", 2, ["members"]), ("bob", 1, [])):
        api = api_of(user)
        assert {one.name: one.projects for one in await library(api, "used")}["members"] == projects
        in_secret = {one.name for one in await library(api, "used", project="secret") if one.runs}
        assert ("members" in in_secret) is (user == "ada")
        assert [one.name for one in await library(api, "trending")] == trends
        assert ("members" in {one.name for one in await library(api, "unused")}) is (user == "bob")


async def test_what_is_put_away_is_found_among_the_archived(api_of, store):
    put_on_the_shelf(store, Maestro())
    ada, bob = api_of("ada"), api_of("bob")
    assert await library(ada, "archived") == []
    await library(ada, "archive", "shared")
    await library(ada, "archive", "owned:1")
    assert [one.reference for one in await library(ada, "archived")] == ["shared:1", "owned:1"]
    assert [one.reference for one in await library(bob, "archived")] == ["shared:1"]
    assert [one.reference for one in await library(ada, "archived", limit=1, start=1)] == ["owned:1"]
    assert len(await library(ada, "archived", type="model", tags=["kept"], project="q")) == 2
    assert [one.name for one in await library(ada, "archived", owner="carl")] == ["shared"]
    for nothing in ({"type": "x"}, {"tags": ["kept", "x"]}, {"project": "x"}, {"owner": "x"}):
        assert await library(ada, "archived", **nothing) == []
    await library(ada, "archive", "shared", archived=False)
    assert [one.reference for one in await library(ada, "archived")] == ["owned:1"]


async def test_the_list_of_artifacts_in_pages(ask, store):
    put_on_the_shelf(store, Maestro())
    seen, cursor = [], None
    while True:
        _, _, page = await ask("artifacts", limit=2, **({} if cursor is None else {"cursor": cursor}))
        seen += [item["name"] for item in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert sorted(seen) == ["members", "owned", "shared"]
    assert (await ask("artifacts", type="dataset"))[2] == {"items": [], "cursor": None}
    assert (await ask("artifacts", cursor="AAAA"))[0] == 400


async def test_the_library_of_a_member(api_of, store):
    put_on_the_shelf(store, Maestro())
    api = api_of("bob")
    assert (await library(api, "describe", "members", tags=["mine"])).tags == ["mine"]
    for name, given in (("alias", ("shared", "x")), ("archive", ("shared",)), ("describe", ("shared",))):
        with pytest.raises(Forbidden, match="carl's"):
            await library(api, name, *given)
    for name, given in (("get", ()), ("versions", ()), ("uses", ()), ("open", ()), ("alias", ("x",))):
        with pytest.raises(NotFound):
            await library(api, name, "owned", *given)
    for wrong in ("", "a:b", "a@", "a@b@c", "a:1:2", ":1"):
        with pytest.raises(Invalid):
            await library(api, "get", wrong)
    for wrong in ("", "1x", "a b", "../x", "x" * 65):
        with pytest.raises((Invalid, NotFound)):
            await library(api, "alias", "members", wrong)
    with pytest.raises(Invalid):
        await library(api, "describe", "members", tags=["a\nb"])


async def test_the_card_of_an_artifact(api_of, store):
    put_on_the_shelf(store, Maestro())
    api = api_of("ada")
    card = await library(api, "card", "shared@first")
    assert card.artifact == await library(api, "get", "shared")
    assert [section.key for section in card.sections] == list(SECTIONS)
    digest = card.section("limitations").digest
    edits = {"limitations": CardEdit("Not for loans.", digest), "license": CardEdit("MIT", digest)}
    edited = await library(api, "edit_card", "shared:1", edits)
    assert [edited.section(key).text for key in edits] == ["Not for loans.", "MIT"]
    assert edited.section("limitations").editor == "ada"
    assert await library(api, "card", "shared") == edited
    assert edited.edition != card.edition
    with pytest.raises(Conflict, match="'limitations' of shared:1 has been changed by ada"):
        await library(api, "edit_card", "shared", {"limitations": CardEdit("Mine.", digest)})
    with pytest.raises(Invalid, match="no section 'nothing'"):
        await library(api, "edit_card", "shared", {"nothing": CardEdit("x", digest)})
    with pytest.raises(Invalid):
        await library(api, "edit_card", "shared", {"limitations": CardEdit("x" * 70_000, digest)})
    assert [line.action for line in await call(api, "audit")] == ["edit card"]
    with pytest.raises(NotFound):
        await library(api, "card", "shared:7")


async def test_the_card_of_a_member(api_of, store):
    put_on_the_shelf(store, Maestro())
    api = api_of("bob")
    edits = {"contact": CardEdit("bob", text_digest(""))}
    assert (await library(api, "edit_card", "members", edits)).section("contact").editor == "bob"
    assert (await library(api, "card", "shared")).section("contact").text == ""
    with pytest.raises(Forbidden, match="carl's"):
        await library(api, "edit_card", "shared", edits)
    for method, given in (("card", ()), ("edit_card", (edits,)), ("lineage", ())):
        with pytest.raises(NotFound):
            await library(api, method, "owned", *given)


async def test_the_lineage_of_runs_and_artifacts(api_of, store):
    put_on_the_shelf(store, Maestro())
    seen = {"members:1", "shared:1", "run 4"}
    for user, names in (("ada", seen | {"owned:1"}), ("bob", seen)):
        api = api_of(user)
        of_run = await call(api, "lineage", "0004")
        of_artifact = await library(api, "lineage", "shared")
        assert {node.name for node in of_run.nodes} == names
        assert {node.name for node in of_artifact.nodes} == {"shared:1", "run 4"}
        assert of_artifact.root == of_artifact.nodes[0].id
        alone = await library(api, "lineage", "shared@first", Extent(depth=0))
        assert [(node.name, node.more_after) for node in alone.nodes] == [("shared:1", 1)]
        near = await call(api, "lineage", "0004", Extent(width=1))
        assert near.nodes[0].more_before == len(names) - 2
    for run in ("0001", "ffff"):
        with pytest.raises(NotFound):
            await call(api_of("bob"), "lineage", run)


async def test_altered_bytes_are_found_out(api_of, store):
    put_on_the_shelf(store, Maestro())
    kept = next(path for path in Path(Maestro().artifact_url).rglob("*") if path.is_file())
    kept.write_bytes(SHELVED.replace(b"library", b"l1brary"))
    with pytest.raises(Unavailable):
        _, file = await library(api_of("ada"), "open", "shared")
        file.read()


async def test_events(api_of):
    api = api_of("ada")
    await call(api, "edit", "0001", note="good")
    assert [event.kinds for event in await call(api, "events", 0)] == [["changed"]]


async def test_a_strangers_token_is_refused(store, jp_serverapp, http_server):
    with pytest.raises(Forbidden):
        await call(HttpApi(jp_serverapp.connection_url, "mallory"), "count")


async def test_a_redirect_is_not_followed():
    asked = []

    async def redirect(reader, writer):
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        place = f"http://localhost:{port}/elsewhere"
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(redirect, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(server)
        with pytest.raises(Forbidden, match="redirect"):
            await call(HttpApi(f"http://127.0.0.1:{port}", "t"), "count")
    assert len(asked) == 1
    with pytest.raises(Unavailable):
        await call(HttpApi(f"http://127.0.0.1:{port}", "t"), "count")


@pytest.mark.parametrize("url", ["http://example.org", "ftp://localhost", "http://127.0.0.1.example.org"])
def test_a_token_goes_nowhere_unencrypted(url):
    with pytest.raises(Invalid):
        HttpApi(url, "t")


async def test_every_point_of_a_metric(api_of, store):
    with store.write.begin() as connection:
        series = {1: {"curve": ([0, 1, 2], [5, 6, 7], [1.0, float("nan"), float("inf")])}}
        insert_new(connection, schema.keys, [{"name": "curve"}])
        add_metrics(connection, series, ids(connection, schema.keys, "name", ["curve"]))
        record_changes(connection, {"0001" * 8: ["metrics"]})
    for points in (None, 100):
        found = await call(api_of("ada"), "history", "0001", "curve", max_points=points)
        assert [str(part.tolist()) for part in found] == [
            "[0, 1, 2]",
            "[5000000, 6000000, 7000000]",
            "[1.0, nan, inf]",
        ]


async def test_what_mattered_as_far_as_one_may_see(api_of, store):
    """What others ran changes nothing of what a member is told, byte for byte."""

    def of_user(user, first, slope):
        return [
            a_run(first + number, user=user, params={"a": number % 7, "b": number % 3},
                  metrics={"accuracy": slope * (number % 7)})
            for number in range(40)
        ]  # fmt: skip

    def told(api, **asked):
        return call(api, "recommendations", asked=lambda one: one.importance("accuracy", **asked))

    fill_with(store.write, of_user("bob", 0, 0.1))
    alone = await told(api_of("bob"))
    assert [(one.name, one.matters) for one in alone.parameters] == [("a", True), ("b", False)]
    others = of_user("carl", 100, -0.2)
    fill_with(store.write, [*of_user("bob", 0, 0.1), *others])
    with store.write.begin() as connection:
        record_changes(connection, {run.run_id: ["started"] for run in others})
    assert msgspec.json.encode(await told(api_of("bob"))) == msgspec.json.encode(alone)
    everybody = await told(api_of("ada"))
    assert (everybody.runs, alone.runs) == (80, 40)
    assert (await told(api_of("ada"), filter_string="params.a > 4")).runs == 20
    assert (await told(api_of("ada"), project="none")).note.startswith("Too little history: 0 runs")
    with pytest.raises(Invalid, match="filter"):
        await told(api_of("ada"), filter_string="what is this")
    with pytest.raises(Invalid, match="training data"):
        api = api_of("ada")
        await call(api, "recommendations", asked=lambda one: one.importance("training_accuracy_score_y"))


async def test_what_to_try_as_far_as_one_may_see(api_of, store):
    """What others ran changes nothing of what a member is told, byte for byte."""
    known = {"nr_inst": 300.0, "nr_attr": 8.0, "nr_class": None}
    question = ModelQuestion(task="classification", metafeatures=known, data=["x0:y0"], n=3, seconds=30.0)

    def told(name, **more):
        asked = msgspec.structs.replace(question, **more)
        return call(api_of(name), "recommendations", asked=lambda one: one.models(asked))

    mine = [svm_run(n, 10.0, 0.8, user="bob") for n in range(1, 4)]
    others = [svm_run(n, 10.0, 0.99, user="carl") for n in range(11, 15)]

    def fill(runs):
        fill_with(store.write, runs)
        for number, run in enumerate(runs):
            put_data(store, [run], number % 4)
        with store.write.begin() as connection:
            record_changes(connection, {run.run_id: ["started"] for run in runs})

    fill(mine)
    alone = await told("bob")
    assert len(alone.models) == 3
    assert sum(6 * one.seconds for one in alone.models) <= 30
    assert [one.run_id for one in alone.tried] == [mine[0].run_id]
    assert (alone.tried[0].config, alone.team_datasets) == ("svm(C=10.0)", 2)
    fill([*mine, *others])
    assert msgspec.json.encode(await told("bob")) == msgspec.json.encode(alone)
    everybody = await told("ada")
    assert (len(everybody.tried), everybody.team_datasets) == (2, 3)
    assert (await told("bob", metafeatures={})).note.startswith("Too little is known")
    with pytest.raises(Forbidden):
        await told("")


@pytest.fixture
def knowledge_file(tmp_path, monkeypatch):
    """Name a file of knowledge in the settings, and one that is none, before a server starts."""
    file, bad = tmp_path / "others.msgpack.gz", tmp_path / "bad.msgpack.gz"
    file.write_bytes(encoded(provenance_of_import("others.csv"), [small_prior()]))
    bad.write_bytes(b"none")
    monkeypatch.setenv("MAESTRO_KNOWLEDGE", os.pathsep.join([str(file), str(bad)]))
    return file


async def test_what_files_of_knowledge_say_is_known_to_all(knowledge_file, api_of):
    known = {"nr_inst": 2025.0, "nr_attr": 10.0, "log_nr_inst": math.log10(2025)}
    question = ModelQuestion(task="classification", metafeatures=known, n=100)

    def told(name):
        return call(api_of(name), "recommendations", asked=lambda one: one.models(question))

    found = await told("ada")
    assert (found.file_datasets, found.team_datasets) == (40, 0)
    names = {each.name for one in found.models for each in one.similar}
    assert any(name.startswith("past ") and name.endswith(" of others.msgpack.gz") for name in names)
    assert found.note.startswith("bad.msgpack.gz cannot be read as knowledge")
    assert str(knowledge_file.parent) not in found.note
    assert msgspec.json.encode(await told("bob")) == msgspec.json.encode(found)
    with pytest.raises(Forbidden):
        await told("")


SENSORS = {
    "name": "sensors",
    "columns": {"vibration_rms": "float64", "bearing_id": "int64", "torque": "object"},
}
AT_HAND = NotebookAtHand(
    imports=["scipy.signal.welch"],
    cells=["spectrum = welch(vibration)  # vibration of the bearing"],
    tables=[TableAtHand(**SENSORS)],
)


def put_sensors_on_the_shelf(store):
    """Register the same thing thrice: one for all, one of the owner's alone, and one of the member's alone."""
    owned = {"everybodys": ("carl", False), "owners": ("ada", True), "members": ("bob", True)}
    registered = [
        ArtifactRegistered(
            f"{number:032x}", name, "dataset", "parquet", "0" * 64, 1, "application/x", "q", user, 1.0,
            private=private, description="Vibration of bearings.",
            about={"columns": [{"name": "vibration_rms", "dtype": "float64"},
                               {"name": "bearing_id", "dtype": "int64"}, {"name": "torque", "dtype": "bool"}]},
        )
        for number, (name, (user, private)) in enumerate(owned.items())
    ]  # fmt: skip
    with store.write.begin() as connection:
        numbers = add_registered(connection, registered)
        add_used(connection, [ArtifactUsed(f"{0:032x}", "q", "bob", 2.0, "0004" * 8)])
        record_library_change(connection, numbers)


@pytest.fixture
def by_words(monkeypatch):
    """Do without a model, as without the extra: it may be there for one answer, and not yet for another."""
    monkeypatch.setattr(App, "encoder", lambda self: None)


async def test_what_fits_as_far_as_one_may_see(api_of, store, by_words):
    def told(name, **more):
        asked = msgspec.structs.replace(AT_HAND, **more)
        return call(api_of(name), "recommendations", asked=lambda one: one.artifacts(asked))

    assert (await told("bob")).note.startswith("The library has nothing")
    put_sensors_on_the_shelf(store)
    for user, others in (("ada", {"owners", "members"}), ("bob", {"members"})):
        found = await told(user)
        assert {fit.artifact.name for fit in found.fits} == {"everybodys", *others}
        assert found.looked == 1 + len(others)
    (fit,) = [fit for fit in found.fits if fit.artifact.name == "everybodys"]
    assert "all 3 columns of 'sensors': 'vibration_rms', 'bearing_id', 'torque'" in fit.reasons[0]
    assert fit.columns == ["vibration_rms", "bearing_id", "torque"]
    assert (fit.impact.status, fit.usage.projects, fit.usage.runs) == ("unknown", 1, 1)
    assert fit.how == ["maestro.use('everybodys')"]
    assert len((await told("bob", n=1)).fits) == 1
    assert [fit.artifact.name for fit in (await told("bob", used=["everybodys"])).fits] == ["members"]
    await library(api_of("ada"), "archive", "everybodys")
    assert [fit.artifact.name for fit in (await told("bob")).fits] == ["members"]
    nothing = await told("bob", imports=["chess"], cells=["board = chess.Board()"], tables=[])
    assert (nothing.fits, nothing.looked) == ([], 1)
    assert "Nothing of the 1 artifact fits" in nothing.note
    assert "no cell, import or table" in (await told("bob", imports=[], cells=[], tables=[])).note
    with pytest.raises(Forbidden):
        await told("")


async def test_what_others_keep_to_themselves_changes_nothing(api_of, store, by_words):
    """Not the words' rarity either, byte for byte."""

    def told():
        return call(api_of("bob"), "recommendations", asked=lambda one: one.artifacts(AT_HAND))

    put_sensors_on_the_shelf(store)
    before = msgspec.json.encode(await told())
    hidden = [
        ArtifactRegistered(
            f"{100 + number:032x}", f"hidden {number}", "dataset", "file", "0" * 64, 1, "text/plain", "q", "ada",
            3.0, private=True, description="Vibration of a bearing, by welch.", text="vibration_rms torque",
        )
        for number in range(40)
    ]  # fmt: skip
    with store.write.begin() as connection:
        record_library_change(connection, add_registered(connection, hidden))
    assert msgspec.json.encode(await told()) == before


@pytest.mark.parametrize(
    "wrong",
    [{"n": 0}, {"n": 101}, {"cells": ["x" * 4001]}, {"cells": ["x"] * 51}, {"imports": ["x"] * 1001},
     {"tables": [{"name": "t"}]}, {"tables": [{"name": "t", "columns": {"x" * 201: "int64"}}]},
     {"tables": [{"name": "t", "columns": {}}] * 51}, {"values": [1]}, {"used": ["x" * 129]}, []],
)  # fmt: skip
async def test_what_is_at_hand_has_bounds(ask, wrong):
    status, _, said = await ask("recommendations/artifacts", method="POST", body=wrong)
    assert (status, said["reason"]) == (400, "invalid")
