"""Artifacts' bytes, each kept once under its sha256, in a folder or wherever fsspec can write."""

from __future__ import annotations

import functools
import hashlib
import io
import os
import time
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from maestro_jupyter.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_PIECE = 1 << 20
_SHA256 = 64


class Kept(NamedTuple):
    """Bytes that are kept: their sha256, how many, and when they were last said to be needed."""

    sha256: str
    size: int
    modified: float


def is_sha256(name: str) -> bool:
    """Tell whether a name is a sha256 as it is written here.

    Examples
    --------
    >>> is_sha256("ab" * 32), is_sha256("AB" * 32)
    (True, False)
    """
    return len(name) == _SHA256 and set(name) <= set("0123456789abcdef")


class Blobs:
    """A content-addressed store of bytes.

    Parameters
    ----------
    url : str
        A folder, or a URL that fsspec knows, such as ``s3://bucket/prefix``.
    """

    def __init__(self, url: str) -> None:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # it has no types
        from fsspec.implementations.local import (  # type: ignore[import-untyped]  # it has no types
            LocalFileSystem,
        )

        self._files, self._root = url_to_fs(os.fspath(url))
        self._local = isinstance(self._files, LocalFileSystem)

    def put_file(self, path: Path, sha256: str) -> None:
        """Keep the bytes of a file; nothing is written if they are kept already.

        Parameters
        ----------
        path : Path
            The file; it stays where it is.
        sha256 : str
            What its bytes must hash to.

        Raises
        ------
        Unavailable
            If its bytes hash to something else.
        OSError
            If they cannot be read or written.
        """
        with path.open("rb") as source:
            self.put(sha256, iter(functools.partial(source.read, _PIECE), b""), str(path))

    def put(
        self, sha256: str, pieces: Iterable[bytes], named: str = "that is given", *, replace: bool = False
    ) -> None:
        """Keep bytes; nothing is written if they are kept already.

        Parameters
        ----------
        sha256 : str
            What they must hash to.
        pieces : iterable of bytes
        named : str
            The file that they come from, for the message.
        replace : bool
            Whether bytes that are kept are written anew, as for a file that is damaged.

        Raises
        ------
        Unavailable
            If they hash to something else.
        OSError
            If they cannot be written.
        """
        if not replace and self._still_kept(sha256):
            return
        folder = f"{self._root}/{sha256[:2]}"
        if self._local:
            for one in (self._root, folder):  # each, as only the last of a path gets the mode
                os.makedirs(one, mode=0o700, exist_ok=True)  # noqa: PTH103 - fsspec's paths are text
        temporary = f"{folder}/.{uuid.uuid4().hex}"
        try:
            self._write(pieces, temporary, sha256, named)
            self._files.mv(temporary, self._path(sha256))
        except BaseException:
            if self._files.exists(temporary):
                self._files.rm_file(temporary)
            raise

    def kept(self) -> Iterator[Kept]:
        """Give everything that is kept."""
        if not self._files.exists(self._root):
            return
        for path, about in self._files.find(self._root, detail=True).items():
            sha256 = path.rpartition("/")[2]
            if is_sha256(sha256):
                yield Kept(sha256, about["size"] or 0, _modified(about))

    def size(self, sha256: str) -> int | None:
        """Give how many bytes are kept under a sha256; None if it is not there."""
        try:
            return int(self._files.info(self._path(sha256))["size"])
        except FileNotFoundError:
            return None

    def is_intact(self, sha256: str) -> bool:
        """Tell whether bytes are kept and unchanged; they are read for that."""
        try:
            with self.open(sha256) as file:
                while file.read(_PIECE):
                    pass
        except (NotFound, Unavailable):
            return False
        return True

    def remove(self, sha256: str, untouched_since: float) -> bool:
        """Remove bytes, unless somebody has kept them again meanwhile.

        Parameters
        ----------
        sha256 : str
        untouched_since : float
            Seconds since the epoch.

        Returns
        -------
        bool
            Whether they are gone.
        """
        path = self._path(sha256)
        if not self._local:
            self._files.rm_file(path)
            return True
        # Aside first: whoever keeps them from now on does not find them, and writes them anew; whoever did
        # so before has touched them.
        aside = f"{self._root}/{sha256[:2]}/.{uuid.uuid4().hex}"
        try:
            os.rename(path, aside)  # noqa: PTH104 - fsspec's paths are text
        except FileNotFoundError:
            return False
        if os.stat(aside).st_mtime > untouched_since:  # noqa: PTH116
            os.replace(aside, path)  # noqa: PTH105
            return False
        os.unlink(aside)  # noqa: PTH108
        return True

    def open(self, sha256: str) -> BinaryIO:
        """Open bytes for reading.

        Parameters
        ----------
        sha256 : str

        Returns
        -------
        file object
            Reading its end raises `Unavailable` if the bytes have changed since they were kept. Whoever seeks
            in it, and so reads a part, has to check the whole against the sha256.

        Raises
        ------
        NotFound
            If there are none.
        """
        try:
            source = self._files.open(self._path(sha256), "rb")
        except FileNotFoundError as error:
            msg = f"The bytes of artifact {sha256[:12]} are not kept."
            raise NotFound(msg) from error
        return cast("BinaryIO", io.BufferedReader(_Verified(source, sha256), _PIECE))

    def exists(self, sha256: str) -> bool:
        """Tell whether bytes are kept."""
        return bool(self._files.exists(self._path(sha256)))

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256}"

    def _still_kept(self, sha256: str) -> bool:
        """Tell whether bytes are kept; those that are count as kept now, which `remove` heeds."""
        if not self._local:
            return self.exists(sha256)
        try:
            os.utime(self._path(sha256))
        except FileNotFoundError:
            return False
        except OSError:  # a folder that is only to be read
            return self.exists(sha256)
        return True

    def _write(self, pieces: Iterable[bytes], target: str, sha256: str, named: str) -> None:
        digest = hashlib.sha256()
        with self._files.open(target, "wb") as sink:
            if self._local:
                os.chmod(target, 0o600)  # noqa: PTH101 - fsspec's paths are text
            for piece in pieces:
                digest.update(piece)
                sink.write(piece)
            if self._local:
                sink.flush()
                os.fsync(sink.fileno())
        if digest.hexdigest() != sha256:
            msg = f"The file {named} does not hold the bytes that it is named for."
            raise Unavailable(msg)


def _modified(about: dict[str, Any]) -> float:
    """Give when a file was written, in seconds since the epoch; file systems name it differently."""
    for name in ("mtime", "LastModified", "last_modified", "created"):
        when = about.get(name)
        if isinstance(when, datetime):
            return when.timestamp()
        if isinstance(when, int | float):
            return float(when)
    return time.time()


class _Verified(io.RawIOBase):
    """Bytes that are hashed as they are read."""

    def __init__(self, source: Any, sha256: str) -> None:
        self._source = source
        self._sha256 = sha256
        self._digest = hashlib.sha256()
        self._whole = True

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return int(self._source.tell())

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._whole = False
        return int(self._source.seek(offset, whence))

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        self._digest.update(data)
        if not data and self._whole and self._digest.hexdigest() != self._sha256:
            msg = f"The bytes of artifact {self._sha256[:12]} have changed since they were kept."
            raise Unavailable(msg)
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()
