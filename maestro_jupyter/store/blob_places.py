"""Where blobs lie: a folder of this machine, or wherever else fsspec can write, such as a bucket of S3."""

from __future__ import annotations

import contextlib
import errno
import os
import time
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from maestro_jupyter.errors import Invalid, Unavailable
from maestro_jupyter.store.appending import sync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PART = 8 << 20
"""How many bytes are held at once of what is written to or read from elsewhere."""

FRESH_SECONDS = 86_400.0
"""Bytes elsewhere that are older are written anew by who needs them: there is no other way to touch them."""

_SHA256 = 64
_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP}
_SETTINGS: dict[str, dict[str, Any]] = {
    # A server that is gone is to be told of soon; botocore tries again by itself.
    "s3": {"default_block_size": PART, "config_kwargs": {"connect_timeout": 10, "read_timeout": 60}},
}


class Kept(NamedTuple):
    """Bytes that are kept: their sha256, how many, and when they were last said to be needed."""

    sha256: str
    size: int
    modified: float


class Sink(Protocol):
    """Takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""


class Source(Protocol):
    """Gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Give the next bytes, b"" at the end."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place, and give it."""

    def tell(self) -> int:
        """Give the place."""

    def close(self) -> None:
        """Let go of it."""


class Place(Protocol):
    """What `maestro_jupyter.store.blobs.Blobs` has to know of where bytes lie."""

    links: bool
    """Whether files can be kept without copying them."""

    def new(self, sha256: str) -> contextlib.AbstractContextManager[Sink]:
        """Give what takes bytes; they are there as a whole once the block ends, and not if it fails."""

    def link(self, path: Path, sha256: str) -> bool:
        """Keep a file, whose hash is known to be right, without copying it; False where that cannot be."""

    def open(self, sha256: str) -> Source:
        """Open bytes; raises `FileNotFoundError` if they are not there."""

    def find(self, sha256: str) -> Kept | None:
        """Give what is kept under a name."""

    def touch(self, sha256: str) -> bool:
        """Tell whether bytes are there; if so, they count as needed from now on."""

    def remove(self, sha256: str, untouched_since: float) -> bool:
        """Remove bytes that nobody has needed since, and tell whether they are gone."""

    def kept(self) -> Iterator[Kept]:
        """Give everything that is kept."""

    def unfinished(self, untouched_since: float) -> list[str]:
        """Name what somebody began to write, and died over."""

    def forget(self, unfinished: str) -> None:
        """Remove what was begun."""


def place_of(url: str) -> Place:
    """Give the place that a folder's name or a URL means.

    Raises
    ------
    Invalid
        If there is no such kind of URL.
    Unavailable
        If what it needs is not installed.
    """
    from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # it has no types
    from fsspec.implementations.local import (  # type: ignore[import-untyped]  # it has no types
        LocalFileSystem,
    )

    kind = url.partition("://")[0] if "://" in url else ""
    try:
        # What was listed before is not what is there now: others write, too.
        files, root = url_to_fs(os.fspath(url), use_listings_cache=False, **_SETTINGS.get(kind, {}))
    except ImportError as error:
        msg = f"Artifacts are to be kept at a URL of the kind {kind}://, which needs a package: {error}."
        raise Unavailable(msg, hint=f"Run pip install 'maestro-jupyter[{kind}]'.") from error
    except ValueError as error:
        msg = f"The setting artifact_url names no place: {error}."
        raise Invalid(msg, hint="Use a folder, or a URL such as s3://bucket/prefix.") from error
    return Folder(root) if isinstance(files, LocalFileSystem) else Elsewhere(files, root, kind)


def is_sha256(name: str) -> bool:
    """Tell whether a name is a sha256 as it is written here.

    Examples
    --------
    >>> is_sha256("ab" * 32), is_sha256("AB" * 32)
    (True, False)
    """
    return len(name) == _SHA256 and set(name) <= set("0123456789abcdef")


class Folder:
    """A folder of this machine, in which bytes are written under a hidden name, synced and renamed."""

    links = True

    def __init__(self, root: str) -> None:
        self._root = root

    @contextlib.contextmanager
    def new(self, sha256: str) -> Iterator[Sink]:
        """Give a file; it gets its name once the block ends, and is removed if it fails."""
        with self._renamed(sha256) as hidden:
            fd = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(fd, "wb") as sink:  # noqa: PTH123 - a descriptor has no path
                yield sink
                sink.flush()
                os.fsync(sink.fileno())

    def link(self, path: Path, sha256: str) -> bool:
        """Give a file of the same disk another name, here; False where the file system has no such thing."""
        try:
            with self._renamed(sha256) as hidden:
                os.link(path, hidden)
                os.chmod(hidden, 0o600)  # noqa: PTH101
                os.utime(hidden)
        except OSError as error:
            if error.errno in _NO_LINK:
                return False
            raise
        return True

    @contextlib.contextmanager
    def _renamed(self, sha256: str) -> Iterator[str]:
        """Give a hidden name, whose file gets its own once the block ends, and is removed if it fails."""
        folder = os.path.dirname(self._path(sha256))  # noqa: PTH120 - paths are text, as fsspec's
        for one in (self._root, folder):  # each, as only the last of a path gets the mode
            os.makedirs(one, mode=0o700, exist_ok=True)  # noqa: PTH103
        hidden = f"{folder}/.{uuid.uuid4().hex}"
        try:
            yield hidden
            os.replace(hidden, self._path(sha256))  # noqa: PTH105
            sync(folder)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(hidden)  # noqa: PTH108
            raise

    def open(self, sha256: str) -> Source:
        """Open bytes; raises `FileNotFoundError` if they are not there."""
        return open(self._path(sha256), "rb", buffering=0)  # noqa: PTH123

    def find(self, sha256: str) -> Kept | None:
        """Give what is kept under a name."""
        try:
            found = os.stat(self._path(sha256))  # noqa: PTH116
        except FileNotFoundError:
            return None
        return Kept(sha256, found.st_size, found.st_mtime)

    def touch(self, sha256: str) -> bool:
        """Tell whether bytes are there; if so, they count as needed from now on."""
        try:
            os.utime(self._path(sha256))
        except FileNotFoundError:
            return False
        except OSError:  # a folder that is only to be read
            return self.find(sha256) is not None
        return True

    def remove(self, sha256: str, untouched_since: float) -> bool:
        """Remove bytes that nobody has needed since, and tell whether they are gone."""
        # Aside first: whoever keeps them from now on does not find them, and writes them anew; whoever did
        # so before has touched them.
        path = self._path(sha256)
        aside = f"{os.path.dirname(path)}/.{uuid.uuid4().hex}"  # noqa: PTH120
        try:
            os.rename(path, aside)  # noqa: PTH104
        except FileNotFoundError:
            return False
        if os.stat(aside).st_mtime > untouched_since:  # noqa: PTH116
            os.replace(aside, path)  # noqa: PTH105
            return False
        os.unlink(aside)  # noqa: PTH108
        return True

    def kept(self) -> Iterator[Kept]:
        """Give everything that is kept."""
        for path in self._files():
            if is_sha256(os.path.basename(path)):  # noqa: PTH119
                found = self.find(os.path.basename(path))  # noqa: PTH119
                if found is not None:
                    yield found

    def unfinished(self, untouched_since: float) -> list[str]:
        """Name the hidden files that somebody died over."""
        found = []
        for path in self._files():
            if os.path.basename(path).startswith("."):  # noqa: PTH119
                with contextlib.suppress(FileNotFoundError):  # finished meanwhile
                    if os.stat(path).st_mtime <= untouched_since:  # noqa: PTH116
                        found.append(path)
        return sorted(found)

    def forget(self, unfinished: str) -> None:
        """Remove what was begun."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(unfinished)  # noqa: PTH108

    def _files(self) -> Iterator[str]:
        for folder, _, names in os.walk(self._root):
            for name in names:
                yield f"{folder}/{name}"

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256}"


class Elsewhere:
    """A place of another kind, such as S3.

    There, an upload becomes visible as a whole when it is complete. Elsewhere, bytes are written under
    another name, and moved.

    Parameters
    ----------
    files : fsspec.AbstractFileSystem
    root : str
        Where in it.
    kind : str
        The beginning of its URLs.
    """

    links = False

    def __init__(self, files: Any, root: str, kind: str) -> None:
        self._files = files
        self._root = root
        self._kind = kind
        self._whole = kind == "s3"

    @contextlib.contextmanager
    def new(self, sha256: str) -> Iterator[Sink]:
        """Give an upload; it is completed once the block ends, and given up if it fails."""
        path = self._path(sha256)
        hidden = path if self._whole else f"{self._root}/{sha256[:2]}/.{uuid.uuid4().hex}"
        with self._said():
            upload = self._files.open(hidden, "wb", block_size=PART, autocommit=not self._whole)
        try:
            yield _Answering(upload, self)
            with self._said():
                upload.close()
                if self._whole:
                    upload.commit()
                else:
                    self._files.mv(hidden, path)
        except BaseException:
            self._give_up(upload, hidden)
            raise

    def link(self, path: Path, sha256: str) -> bool:  # noqa: ARG002 - as `Place` has it
        """Tell that nothing here can be a name of a file there."""
        return False

    def open(self, sha256: str) -> Source:
        """Open bytes; raises `FileNotFoundError` if they are not there."""
        with self._said(absent=True):
            file = self._files.open(self._path(sha256), "rb", block_size=PART)
        return _Answering(file, self)

    def find(self, sha256: str) -> Kept | None:
        """Give what is kept under a name."""
        try:
            with self._said(absent=True):
                about = self._files.info(self._path(sha256))
        except FileNotFoundError:
            return None
        return Kept(sha256, int(about["size"]), _modified(about))

    def touch(self, sha256: str) -> bool:
        """Tell whether bytes are there and fresh: others have to be written anew, to be so."""
        found = self.find(sha256)
        return found is not None and found.modified > time.time() - FRESH_SECONDS

    def remove(self, sha256: str, untouched_since: float) -> bool:
        """Remove bytes that nobody has needed since, and tell whether they are gone.

        There is no way to look and remove in one: whoever removes holds `blob_lock`.
        """
        found = self.find(sha256)
        if found is None or found.modified > untouched_since:
            return False
        with self._said():
            self._files.rm_file(self._path(sha256))
        return True

    def kept(self) -> Iterator[Kept]:
        """Give everything that is kept."""
        try:
            with self._said(absent=True):
                found = self._files.find(self._root, detail=True)
        except FileNotFoundError:
            return
        for path, about in found.items():
            sha256 = path.rpartition("/")[2]
            if is_sha256(sha256):
                yield Kept(sha256, about["size"] or 0, _modified(about))

    def unfinished(self, untouched_since: float) -> list[str]:
        """Name the uploads that somebody died over, which S3 keeps, and lets one pay for."""
        if not hasattr(self._files, "list_multipart_uploads"):
            return []
        bucket, _, prefix = self._root.partition("/")
        try:
            with self._said(absent=True):
                uploads = self._files.list_multipart_uploads(bucket)
        except FileNotFoundError:
            return []
        return [
            f"{one['Key']}\n{one['UploadId']}"
            for one in uploads
            if one["Key"].startswith(prefix)
            and is_sha256(one["Key"].rpartition("/")[2])
            and one["Initiated"].timestamp() <= untouched_since
        ]

    def forget(self, unfinished: str) -> None:
        """Give an upload up."""
        key, _, upload = unfinished.partition("\n")
        with contextlib.suppress(FileNotFoundError), self._said(absent=True):
            self._files.abort_mpu(self._root.partition("/")[0], key, upload)

    @contextlib.contextmanager
    def _said(self, *, absent: bool = False) -> Iterator[None]:
        """Say in one sentence that the place refuses; each kind of place raises what it likes."""
        try:
            yield
        except Exception as error:
            if absent and isinstance(error, FileNotFoundError):
                raise
            told = f"{type(error).__name__}: {error}"
            msg = f"The place of the artifacts' bytes, {self._kind}://{self._root}, refuses: {told:.200}."
            raise Unavailable(
                msg, hint="See that it can be reached, and what MAESTRO_ARTIFACT_URL says."
            ) from error

    def _give_up(self, upload: Any, hidden: str) -> None:
        with contextlib.suppress(Exception):  # a place that refuses bytes may refuse this, too
            if self._whole:
                upload.discard()
                upload.closed = True  # or it would be written when it is collected as garbage
            else:
                upload.close()
                self._files.rm_file(hidden)

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256}"


class _Answering:
    """A file elsewhere, whose place says in one sentence what is wrong with it."""

    def __init__(self, file: Any, place: Elsewhere) -> None:
        self._file = file
        self._place = place

    def write(self, data: bytes, /) -> object:
        with self._place._said():
            return self._file.write(data)

    def read(self, size: int = -1, /) -> bytes:
        with self._place._said():
            return bytes(self._file.read(size))

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        self._file.close()


def _modified(about: dict[str, Any]) -> float:
    """Give when a file was written, in seconds since the epoch; file systems name it differently."""
    for name in ("mtime", "LastModified", "last_modified", "created"):
        when = about.get(name)
        if isinstance(when, datetime):
            return when.timestamp()
        if isinstance(when, int | float):
            return float(when)
    return time.time()
