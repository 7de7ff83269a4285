"""Artifacts' bytes, each kept once under its sha256, in a folder or wherever fsspec can write."""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from maestro_jupyter.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

_PIECE = 1 << 20


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
        if self.exists(sha256):
            return
        folder = f"{self._root}/{sha256[:2]}"
        if self._local:
            os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103 - fsspec's paths are text
        temporary = f"{folder}/.{uuid.uuid4().hex}"
        try:
            self._copy(path, temporary, sha256)
            self._files.mv(temporary, self._path(sha256))
        except BaseException:
            if self._files.exists(temporary):
                self._files.rm_file(temporary)
            raise

    def open(self, sha256: str) -> BinaryIO:
        """Open bytes for reading from the beginning to the end.

        Parameters
        ----------
        sha256 : str

        Returns
        -------
        file object
            Reading its end raises `Unavailable` if the bytes have changed since they were kept.

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

    def _copy(self, path: Path, target: str, sha256: str) -> None:
        digest = hashlib.sha256()
        with path.open("rb") as source, self._files.open(target, "wb") as sink:
            if self._local:
                os.chmod(target, 0o600)  # noqa: PTH101 - fsspec's paths are text
            while piece := source.read(_PIECE):
                digest.update(piece)
                sink.write(piece)
            if self._local:
                sink.flush()
                os.fsync(sink.fileno())
        if digest.hexdigest() != sha256:
            msg = f"The file {path} does not hold the bytes that it is named for."
            raise Unavailable(msg)


class _Verified(io.RawIOBase):
    """Bytes that are hashed as they are read."""

    def __init__(self, source: Any, sha256: str) -> None:
        self._source = source
        self._sha256 = sha256
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        self._digest.update(data)
        if not data and self._digest.hexdigest() != self._sha256:
            msg = f"The bytes of artifact {self._sha256[:12]} have changed since they were kept."
            raise Unavailable(msg)
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()
