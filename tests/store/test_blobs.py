"""Bytes are kept whole under their hash or not at all, and what is read is what was kept."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from maestro_jupyter.errors import Garbled, NotFound, Unavailable
from maestro_jupyter.store.blobs import Blobs

if TYPE_CHECKING:
    from pathlib import Path

DATA = b"picture" * 500_000  # more than one piece
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(DATA)
    return path


@pytest.fixture(params=["folder", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return Blobs(str(tmp_path / "blobs") if request.param == "folder" else f"memory://{tmp_path.name}")


def test_what_is_kept_can_be_read(blobs: Blobs, file: Path) -> None:
    assert not blobs.exists(SHA256)
    for _ in range(2):  # the second time nothing is left to do
        blobs.put_file(file, SHA256)
    assert blobs.exists(SHA256)
    with blobs.open(SHA256) as kept:
        assert kept.read() == DATA
    with pytest.raises(NotFound, match="not kept"):
        blobs.open("0" * 64)


def test_wrong_bytes_are_not_kept(blobs: Blobs, file: Path) -> None:
    with pytest.raises(Garbled, match="does not hold the bytes"):
        blobs.put_file(file, "0" * 64)
    assert not blobs.exists("0" * 64)


def test_only_the_user_may_read(tmp_path: Path, file: Path) -> None:
    Blobs(str(tmp_path / "blobs")).put_file(file, SHA256)
    kept = tmp_path / "blobs" / SHA256[:2] / SHA256
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:9] + b"?" + data[10:], lambda _: b""]
)
def test_changed_bytes_are_told_when_read(tmp_path: Path, file: Path, damage: Any) -> None:
    blobs = Blobs(str(tmp_path / "blobs"))
    blobs.put_file(file, SHA256)
    kept = tmp_path / "blobs" / SHA256[:2] / SHA256
    kept.write_bytes(damage(DATA))
    with blobs.open(SHA256) as changed, pytest.raises(Unavailable, match="have changed"):
        changed.read()


@pytest.mark.parametrize("call", ["fsync", "open", "makedirs", "replace"])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_refuses_leaves_nothing_behind(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: int
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError(error, os.strerror(error))

    blobs = Blobs(str(tmp_path / "blobs"))
    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        with pytest.raises(OSError, match=os.strerror(error)):
            blobs.put(SHA256, [DATA])
    assert not blobs.exists(SHA256)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file]
    blobs.put_file(file, SHA256)
    with blobs.open(SHA256) as kept:
        assert kept.read() == DATA


@pytest.mark.parametrize("error", [errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP])
def test_a_file_of_another_disk_is_copied(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError(error, os.strerror(error))

    blobs = Blobs(str(tmp_path / "blobs"))
    monkeypatch.setattr(os, "link", refuse)
    blobs.put_file(file, SHA256)
    assert file.stat().st_nlink == 1
    assert [path.name for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == [SHA256]
    assert blobs.is_intact(SHA256)


def test_a_file_of_the_same_disk_is_not_copied_and_may_go(tmp_path: Path, file: Path) -> None:
    blobs = Blobs(str(tmp_path / "blobs"))
    os.utime(file, (0, 0))
    blobs.put_file(file, SHA256)
    assert file.stat().st_nlink == 2
    (kept,) = blobs.kept()
    assert kept.modified > 0, "it counts as needed from now on"
    file.unlink()
    assert blobs.is_intact(SHA256)
