"""Artifacts' bytes in S3, at a real server: the whole way there and back, and what its failures come to."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from contextlib import closing

import boto3
import pytest
from free_ports import free_port
from journals import journal_of
from live_server import OWNER, LiveServer
from registering import Shelf
from stores import record_run

import maestro_jupyter as maestro
from maestro_jupyter.app import current, forget
from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import Garbled, Invalid, NotFound, Unavailable
from maestro_jupyter.operations.backup import back_up
from maestro_jupyter.operations.doctor import examine
from maestro_jupyter.operations.prune import Request, prune
from maestro_jupyter.operations.restore import restore, restore_blobs
from maestro_jupyter.store import library
from maestro_jupyter.store.blob_places import FRESH_SECONDS, PART
from maestro_jupyter.store.blobs import Blobs
from maestro_jupyter.store.collector import Collector
from maestro_jupyter.store.engine import open_store, sqlite_file
from maestro_jupyter.store.library import Reference

DATA = os.urandom(PART + (PART >> 1))  # more than one part
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def config(home, s3, monkeypatch):
    monkeypatch.setenv("MAESTRO_ARTIFACT_URL", s3)
    return Maestro()


@pytest.fixture
def shelf(config):
    opened = open_store(config.database_url)
    yield Shelf(config, opened)
    opened.close()


class Bucket:
    """What S3 itself says."""

    def __init__(self, url: str) -> None:
        self.name, self.prefix = url.removeprefix("s3://").split("/")
        self.client = boto3.client("s3")

    def keys(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket=self.name).get("Contents", [])
        return [one["Key"] for one in found]

    def key(self, sha256: str) -> str:
        return f"{self.prefix}/{sha256[:2]}/{sha256}"

    def put(self, sha256: str, data: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=self.key(sha256), Body=data)

    def uploads(self) -> list[dict]:
        return self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", [])


@pytest.fixture
def bucket(s3) -> Bucket:
    return Bucket(s3)


def findings(config: Maestro) -> dict[str, str]:
    return {one.check: one.message for one in examine(config) if one.level != "ok" and one.check != "server"}


def pieces_of(data: bytes):
    return (data[begin : begin + (1 << 20)] for begin in range(0, len(data), 1 << 20))


def test_bytes_are_uploaded_in_parts_and_kept_once(s3, bucket):
    blobs = Blobs(s3)
    blobs.put(SHA256, pieces_of(DATA))
    said = bucket.client.head_object(Bucket=bucket.name, Key=bucket.key(SHA256))
    assert said["ETag"].endswith('-2"'), "two parts"
    assert [one.sha256 for one in blobs.kept()] == [SHA256]
    assert blobs.size(SHA256) == len(DATA)
    with blobs.open(SHA256) as file:
        assert file.read() == DATA
    with blobs.open(SHA256) as file:
        file.seek(PART - 2)
        assert file.read(4) == DATA[PART - 2 : PART + 2]

    def never():
        pytest.fail("they are there already")
        yield b""

    blobs.put(SHA256, never())
    with pytest.raises(NotFound, match="not kept"):
        blobs.open("0" * 64)


@pytest.mark.parametrize("data", [b"", b"small", DATA])
def test_bytes_of_another_hash_are_given_up(s3, bucket, data):
    with pytest.raises(Garbled, match="does not hold the bytes"):
        Blobs(s3).put("0" * 64, pieces_of(data))
    assert (bucket.keys(), bucket.uploads()) == ([], [])
    sha256 = hashlib.sha256(data).hexdigest()
    Blobs(s3).put(sha256, pieces_of(data))
    assert Blobs(s3).is_intact(sha256)


@pytest.mark.parametrize("damage", [DATA[:-1], b"?" + DATA[1:], b""])
def test_altered_bytes_are_refused(s3, bucket, damage):
    blobs = Blobs(s3)
    blobs.put(SHA256, pieces_of(DATA))
    bucket.put(SHA256, damage)
    assert not blobs.is_intact(SHA256)
    with blobs.open(SHA256) as file, pytest.raises(Unavailable, match="have changed since they were kept"):
        file.read()


def test_the_whole_way(config, s3, bucket, home, tmp_path):
    version = maestro.register("weights", tmp_file(tmp_path, DATA), type="model")
    assert bucket.keys() == [bucket.key(version.sha256)]
    assert version.sha256 == SHA256
    assert maestro.use("weights").read_bytes() == DATA
    maestro.register("again", tmp_file(tmp_path, DATA), type="model")
    assert len(bucket.keys()) == 1
    assert findings(config) == {}
    store = current().store()
    backed_up = back_up(store, config, tmp_path / "backup")
    assert (backed_up.blobs, backed_up.missing) == (1, [])
    bucket.put(SHA256, DATA[:-1])
    assert "missing or of the wrong size" in findings(config)["blobs"]
    with pytest.raises(Unavailable, match="have changed"):
        maestro.use("weights")
    assert restore_blobs(store, config, tmp_path / "backup", "ada") == 1
    assert maestro.use("weights").read_bytes() == DATA
    bucket.client.delete_object(Bucket=bucket.name, Key=bucket.key(SHA256))
    restore(store, config, tmp_path / "backup", "ada", force=True)
    assert findings(config) == {}
    assert maestro.use("weights:1").read_bytes() == DATA
    forget()


def tmp_file(folder, data):
    path = folder / "weights.bin"
    path.write_bytes(data)
    return path


def test_a_part_over_rest(config, s3, shelf, home):
    shelf.register("weights", DATA, type="model")
    shelf.collect()
    server = LiveServer(home)
    try:
        path = "artifacts/weights/versions/newest/content"
        begin = PART - 10
        said = server.ask("GET", path, user=OWNER, headers={"Range": f"bytes={begin}-{begin + 19}"})
        assert (said.status, said.body) == (206, DATA[begin : begin + 20])
        assert server.ask("GET", path, user=OWNER).body == DATA
        Bucket(s3).put(SHA256, b"?" + DATA[1:])
        assert len(server.ask("GET", path, user=OWNER).body) < len(DATA), (
            "the connection breaks before the end"
        )
    finally:
        server.stop()


def test_pruning_takes_what_nobody_needs_after_a_while(config, s3, bucket, shelf):
    shelf.register("scaler", b"needed")
    shelf.collect()
    blobs = Blobs(s3)
    orphan = hashlib.sha256(b"orphan").hexdigest()
    blobs.put(orphan, [b"orphan"])
    assert prune(shelf.store, config, "ada", Request(), dry_run=False).blobs == 0
    bucket.client.create_multipart_upload(Bucket=bucket.name, Key=bucket.key(SHA256))
    bucket.client.create_multipart_upload(Bucket=bucket.name, Key="others/file")
    request = Request(grace=-60.0)
    would = prune(shelf.store, config, "ada", request)
    assert (would.blobs, would.unfinished) == (1, 1)
    assert len(bucket.keys()) == 2
    assert prune(shelf.store, config, "ada", request, dry_run=False) == would
    assert bucket.keys() == [bucket.key(shelf.get(Reference("scaler")).sha256)]
    assert [one["Key"] for one in bucket.uploads()] == ["others/file"]


def test_old_bytes_that_are_needed_again_count_as_new(s3, monkeypatch):
    blobs = Blobs(s3)
    blobs.put(SHA256, pieces_of(DATA))
    (before,) = blobs.kept()
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + FRESH_SECONDS + 60)
    written = []
    blobs.put(SHA256, (written.append(piece) or piece for piece in pieces_of(DATA)))
    assert b"".join(written) == DATA
    (after,) = blobs.kept()
    assert after.modified >= before.modified
    assert not blobs.remove(SHA256, before.modified - 1)


@pytest.mark.parametrize("fault", ["unreachable", "no such bucket"])
def test_what_cannot_be_kept_is_collected_later(config, bucket, shelf, monkeypatch, fault):
    url = config.artifact_url
    with monkeypatch.context() as patch:
        if fault == "unreachable":
            import s3fs

            s3fs.S3FileSystem.clear_instance_cache()
            patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
        else:
            config.artifact_url = "s3://nothing-here/team"
        shelf.register("scaler", b"bytes")
        for _ in range(2):
            with pytest.raises(Unavailable, match=r"place of the artifacts' bytes, s3://.*refuses"):
                shelf.collect()
        assert library.names(shelf.store) == []
        assert [path.read_bytes() for path in config.spool.iterdir()] == [b"bytes"]
        if fault == "unreachable":
            assert "refuses" in findings(config)["blobs"]
            s3fs.S3FileSystem.clear_instance_cache()
    config.artifact_url = url
    shelf.collect()
    assert shelf.get(Reference("scaler")).version == 1
    assert bucket.keys() == [bucket.key(hashlib.sha256(b"bytes").hexdigest())]
    assert list(config.spool.iterdir()) == []


def test_a_place_that_cannot_be_is_told_of():
    with pytest.raises(Invalid, match=r"artifact_url names no place.*Use a folder, or a URL such as s3://"):
        Blobs("nothing://bucket")


def test_nobody_waits_for_an_upload(config, shelf, monkeypatch):
    """What is sent is sent before the transaction: others can write meanwhile."""
    could_write = []

    def put(blobs, sha256, *given, **how):
        with closing(sqlite3.connect(sqlite_file(config.database_url), timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            could_write.append(sha256)
        return sent(blobs, sha256, *given, **how)

    sent = Blobs.put
    monkeypatch.setattr(Blobs, "put", put)
    shelf.register("table", DATA)
    shelf.collect()
    assert could_write == [SHA256]
    assert Blobs(config.artifact_url).is_intact(shelf.get(Reference("table")).sha256)


def test_a_damaged_spool_file_is_counted_and_holds_up_nobody(config, bucket, shelf):
    record_run(config, "damaged")
    (path,) = config.spool.iterdir()
    path.write_bytes(b"other bytes")
    journal_of(config, "b")
    assert Collector(shelf.store, config).collect().damaged == 1
    assert bucket.keys() == []
