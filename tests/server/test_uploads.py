"""Uploads: whole, in pieces, broken off and gone on with, and nothing for who only claims a hash."""

from __future__ import annotations

import asyncio
import errno
import functools
import hashlib
import os
import time

import pytest
from live_server import MEMBER, OWNER, LiveServer

from maestro_jupyter import uploading
from maestro_jupyter.api import Actor, LocalApi
from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import (
    Conflict,
    Garbled,
    Invalid,
    Misplaced,
    NotFound,
    TooLarge,
    TooMany,
    Unavailable,
)
from maestro_jupyter.http_api import HttpApi
from maestro_jupyter.models import Registration
from maestro_jupyter.operations.prune import Request, prune
from maestro_jupyter.store import library
from maestro_jupyter.store.audit import Anchor
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.engine import open_store
from maestro_jupyter.store.library import Reference
from maestro_jupyter.store.receiving import Receiver
from maestro_jupyter.store.sources import alone_in
from maestro_jupyter.store.uploads import EXPIRES_SECONDS, MOST_WAITING
from maestro_jupyter.uploading import PIECE

DATA = os.urandom(2 * PIECE + 5)
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    started = LiveServer(tmp_path_factory.mktemp("uploads") / "maestro")
    yield started
    started.stop()


@pytest.fixture(params=["local", "http"])
def library_of(request, home, tmp_path):
    """Give a function that makes the library of somebody, with these settings."""
    closing = []

    def made(name, **settings):
        if request.param == "local":
            config = Maestro()
            for setting, value in settings.items():
                setattr(config, setting, value)
            store = open_store(config.database_url)
            closing.append(store.close)
            anchor = Anchor(home)
            blobs = functools.partial(Blobs, config.artifact_url)
            receiver = Receiver(store, anchor, config)
            return LocalApi(store, Actor(name, owner=name == OWNER), blobs, hide, anchor, receiver).library
        if not closing:
            server = LiveServer(home, config={"Maestro": settings})
            closing.append(server.stop)
            request.node.server = server
        api = HttpApi(f"http://{request.node.server.host}/a%40b/", name, patience=0.0)
        closing.append(api.close)
        return api.library

    yield made
    for close in reversed(closing):
        close()


def hide(text: str) -> str:
    return text.replace("hunter2", "?")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(DATA)
    return path


def test_a_file_is_registered(library_of, file):
    mine = library_of(MEMBER)
    said = Registration(
        name="weights", type="model", media_type="x/y", project="p", description="Heavy.", tags=["big"],
        aliases=["champion"], about={"filename": "weights.bin"}, text="zymurgy",
    )  # fmt: skip
    version = mine.register_file(file, said)
    assert (version.reference, version.creator, version.owner) == ("weights:1", MEMBER, MEMBER)
    assert (version.sha256, version.size, version.project) == (SHA256, len(DATA), "p")
    assert (version.tags, version.aliases, version.description) == (["big"], ["champion"], "Heavy.")
    with mine.open("weights@champion")[1] as kept:
        assert kept.read() == DATA
    assert [hit.artifact.name for hit in mine.search("zymurgy").hits] == ["weights"]
    assert list(Maestro().uploads.iterdir()) == []
    assert mine.register_file(file, said).version == 2
    empty = file.with_name("empty")
    empty.touch()
    assert mine.register_file(empty, Registration(name="empty")).size == 0


def test_pieces_go_where_they_belong(library_of):
    mine = library_of(MEMBER)
    begun = mine.begin_upload(len(DATA), SHA256)
    assert (begun.offset, begun.size, begun.sha256) == (0, len(DATA), SHA256)
    assert mine.add_to_upload(begun.id, 0, DATA[:10]).offset == 10
    for wrong in (0, 9, 11):
        with pytest.raises(Misplaced, match="up to offset 10") as refused:
            mine.add_to_upload(begun.id, wrong, DATA[:5])
        assert refused.value.hint == "Go on from offset=10."
    with pytest.raises(Conflict, match="has 10 of"):
        mine.register_upload(begun.id, Registration(name="weights"))
    assert mine.upload(begun.id).offset == 10
    dropped = mine.drop_upload(begun.id)
    assert dropped.offset == 10
    with pytest.raises(NotFound):
        mine.upload(begun.id)
    short = mine.begin_upload(4, SHA256)
    with pytest.raises(TooLarge, match="announced with 4 bytes"):
        mine.add_to_upload(short.id, 0, b"12345")


def test_who_only_knows_a_hash_gets_nothing(library_of, file):
    library_of(OWNER).register_file(file, Registration(name="secret", private=True))
    other = library_of(MEMBER)
    begun = other.begin_upload(len(DATA), SHA256)
    assert begun.offset == 0, "that the bytes are there is not said"
    with pytest.raises(Conflict, match="has 0 of"):
        other.register_upload(begun.id, Registration(name="mine"))
    with pytest.raises(Misplaced):
        other.add_to_upload(begun.id, len(DATA), b"")
    place = 0
    while place < len(DATA):
        place = other.add_to_upload(begun.id, place, bytes(min(PIECE, len(DATA) - place))).offset
    with pytest.raises(Garbled, match="not what the sha256 says"):
        other.register_upload(begun.id, Registration(name="mine"))
    assert other.upload(begun.id).offset == 0, "it begins again"
    with pytest.raises(Invalid, match=r"sha256"):
        other.begin_upload(5, "A" * 64)
    with pytest.raises(NotFound):
        other.get("mine")


def test_an_upload_is_its_users_alone(library_of):
    mine, theirs = library_of(MEMBER), library_of(OWNER)
    begun = mine.begin_upload(5, SHA256)
    for ask in (
        lambda: theirs.upload(begun.id),
        lambda: theirs.add_to_upload(begun.id, 0, b"x"),
        lambda: theirs.drop_upload(begun.id),
        lambda: theirs.register_upload(begun.id, Registration(name="x")),
        lambda: mine.upload("0" * 32),
    ):
        with pytest.raises(NotFound, match="no upload"):
            ask()
    assert mine.upload(begun.id) == begun


def test_an_answer_that_was_lost_is_given_again(library_of):
    mine = library_of(MEMBER)
    begun = mine.begin_upload(4, hashlib.sha256(b"data").hexdigest())
    mine.add_to_upload(begun.id, 0, b"data")
    first = mine.register_upload(begun.id, Registration(name="weights"))
    assert mine.register_upload(begun.id, Registration(name="weights")) == first
    assert len(mine.versions("weights")) == 1


def test_what_is_said_is_checked_and_has_no_secrets(library_of, file):
    mine = library_of(OWNER)
    for wrong in (
        {"name": "../x"}, {"name": ""}, {"name": "x", "tags": ["a\nb"]}, {"name": "x", "aliases": ["1"]},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            mine.register_file(file, Registration(**wrong))
    with pytest.raises(NotFound):
        mine.register_file(file, Registration(name="x", run_id="dead"))
    secret = "password=hunter2"
    said = Registration(name="x", description=secret, tags=[secret], about={"doc": [secret]}, text=secret)
    version = mine.register_file(file, said)
    assert "hunter2" not in repr(version)


def test_how_much_may_wait(library_of):
    mine = library_of(MEMBER, upload_limit=100, artifact_limit=150)
    with pytest.raises(TooLarge, match="151 bytes long"):
        mine.begin_upload(151, SHA256)
    begun = mine.begin_upload(60, SHA256)
    with pytest.raises(TooMany, match="1 uploads of yours wait, of 60 bytes; another 41 are too many") as no:
        mine.begin_upload(41, SHA256)
    assert no.value.seconds > 60
    library_of(OWNER).begin_upload(41, SHA256)
    mine.drop_upload(begun.id)
    for _ in range(MOST_WAITING):
        mine.begin_upload(1, SHA256)
    with pytest.raises(TooMany, match=f"{MOST_WAITING} uploads"):
        mine.begin_upload(0, SHA256)


def test_how_much_a_member_may_store(library_of, tmp_path):
    mine, owner = library_of(MEMBER, member_limit=100), library_of(OWNER, member_limit=100)
    path = tmp_path / "file"
    path.write_bytes(b"a" * 60)
    version = mine.register_file(path, Registration(name="first"))
    with pytest.raises(TooLarge, match="You store 60 of 100 bytes; another 41 are too many") as refused:
        mine.begin_upload(41, SHA256)
    assert "Purge what you do not need" in refused.value.hint
    waiting = mine.begin_upload(40, SHA256)
    with pytest.raises(TooLarge, match="You store 100 of 100"):
        mine.begin_upload(1, SHA256)
    mine.drop_upload(waiting.id)
    path.write_bytes(b"b" * 200)
    owner.register_file(path, Registration(name="large"))
    mine.purge(version.reference)
    assert mine.begin_upload(100, SHA256).size == 100


def test_what_nobody_goes_on_with_goes_away(home, tmp_path):
    config = Maestro()
    store = open_store(config.database_url)
    receiver = Receiver(store, Anchor(home), config)
    uploads = receiver.uploads
    old, other = (uploads.begin(MEMBER, 5, SHA256, limited=True) for _ in range(2))
    long_ago = time.time() - EXPIRES_SECONDS - 60
    for folder in (config.uploads / old.id, config.uploads / other.id):
        for path in (*folder.iterdir(), folder):
            os.utime(path, (long_ago, long_ago))
    with pytest.raises(NotFound, match="no upload"):
        uploads.get(MEMBER, old.id)
    would = prune(store, config, "ada", Request())
    assert would.uploads == 2
    assert len(list(config.uploads.iterdir())) == 2
    assert prune(store, config, "ada", Request(), dry_run=False) == would
    assert list(config.uploads.iterdir()) == []
    store.close()


def test_a_disk_that_refuses_is_told_of_and_loses_nothing(home, monkeypatch):
    config = Maestro()
    store = open_store(config.database_url)
    uploads = Receiver(store, Anchor(home), config).uploads
    begun = uploads.begin(MEMBER, 10, SHA256, limited=True)
    uploads.add(MEMBER, begun.id, 0, b"first")
    with monkeypatch.context() as patch:

        def refuse(_):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        patch.setattr(os, "fsync", refuse)
        for ask in (
            lambda: uploads.add(MEMBER, begun.id, 5, b"next"),
            lambda: uploads.begin(MEMBER, 10, SHA256, limited=True),
        ):
            with pytest.raises(Unavailable, match="cannot keep what is uploaded: No space left on device"):
                ask()
    assert uploads.get(MEMBER, begun.id).offset == 5
    with alone_in(config.uploads / begun.id, wait=True), pytest.raises(TooMany, match="Another request"):
        uploads.add(MEMBER, begun.id, 5, b"next")
    assert uploads.add(MEMBER, begun.id, 5, b"next").offset == 9
    store.close()


class Failing:
    """A library whose every third answer is lost, before or after it was carried out."""

    def __init__(self, real, fault):
        self.real, self.fault, self.asked = real, fault, 0

    def __getattr__(self, name):
        what = getattr(self.real, name)

        def ask(*given):
            self.asked += 1
            if name == "begin_upload" or self.asked % 3:
                return what(*given)
            if self.fault == "after":
                what(*given)
            msg = "The connection broke."
            raise Unavailable(msg)

        return ask


@pytest.mark.parametrize("fault", ["before", "after"])
def test_a_connection_that_breaks_is_gone_on_with(library_of, file, fault):
    mine, pauses = library_of(MEMBER), []
    said = Registration(name="weights")
    version = uploading.register_file(Failing(mine, fault), file, said, pause=pauses.append)
    assert (version.sha256, version.version) == (SHA256, 1)
    assert len(mine.versions("weights")) == 1
    assert pauses


def test_a_process_that_was_killed_is_gone_on_with(library_of, file):
    mine = library_of(MEMBER)
    begun = mine.begin_upload(len(DATA), SHA256)
    mine.add_to_upload(begun.id, 0, DATA[:PIECE])
    sent = []

    class Counting:
        def __getattr__(self, name):
            if name == "add_to_upload":
                sent.append(name)
            return getattr(mine, name)

    version = uploading.register_file(Counting(), file, Registration(name="weights"), upload=begun.id)
    assert (version.sha256, len(sent)) == (SHA256, 2)
    other = file.with_name("other")
    other.write_bytes(b"other")
    again = mine.begin_upload(len(DATA), SHA256)
    with pytest.raises(Invalid, match="begun for another file than 'other'"):
        mine.register_file(other, Registration(name="weights"), upload=again.id)


def test_a_library_that_cannot_be_reached_says_how_to_go_on(library_of, file):
    mine = library_of(MEMBER)

    class Gone:
        def __getattr__(self, name):
            if name == "begin_upload":
                return mine.begin_upload
            msg = "The server cannot be reached."
            raise Unavailable(msg)

    with pytest.raises(Unavailable, match=r"cannot be reached.*Go on later with upload='[0-9a-f]{32}'"):
        uploading.register_file(Gone(), file, Registration(name="weights"), pause=lambda _: None)


def test_deleting_is_archiving_unless_it_is_purging(library_of, file):
    mine = library_of(MEMBER)
    mine.register_file(file, Registration(name="weights"))
    mine.register_file(file, Registration(name="weights"))
    assert mine.archive("weights:2").archived
    left = mine.purge("weights:2")
    assert (left.purged, left.version) == (True, 2)
    with pytest.raises(NotFound, match=r"The content of weights:2 was purged"):
        mine.open("weights:2")
    with mine.open("weights:1")[1] as kept:
        assert kept.read() == DATA
    for wrong in ("weights", "weights@champion"):
        with pytest.raises((Invalid, NotFound)):
            mine.purge(wrong)


async def test_over_rest(ask):
    """What the handlers add: addresses, checksums, and the two ways of deleting."""
    digest = hashlib.sha256(b"data").hexdigest()
    status, headers, begun = await ask("uploads", method="POST", body={"size": 4, "sha256": digest})
    assert (status, headers["Location"]) == (201, f"/a%40b/maestro/api/v1/uploads/{begun['id']}")
    path = f"uploads/{begun['id']}"
    said = await ask(path, method="PATCH", body=b"data", offset="0", crc32="00000000")
    assert (said[0], said[2]["reason"]) == (400, "garbled")
    assert (await ask(path, method="PATCH", body=b"data", offset="0", crc32="adf3f363"))[2]["offset"] == 4
    status, headers, _ = await ask(
        "artifacts", method="POST", body={"name": "standard scaler"}, upload=begun["id"]
    )
    assert status == 201
    assert headers["Location"].endswith("artifacts/standard%20scaler/versions/1")
    there = "artifacts/standard scaler/versions/1"
    newest = "artifacts/standard scaler/versions/newest"
    assert (await ask(newest, method="DELETE", purge="true"))[0] == 400, "only by its number"
    assert (await ask(newest, method="DELETE"))[2]["archived"]
    assert not (await ask(there))[2]["purged"]
    assert (await ask(there, method="DELETE", purge="true"))[2]["purged"]
    assert (await ask(f"{there}/content"))[0] == 404
    await asyncio.sleep(0)
    store = open_store(Maestro().database_url)
    assert library.get(store, Reference("standard scaler", 1)).purged
    store.close()
