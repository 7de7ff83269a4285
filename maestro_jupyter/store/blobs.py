"""Artifacts' bytes, each kept once under its sha256, in a folder or wherever fsspec can write."""

from __future__ import annotations

import functools
import hashlib
import io
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from maestro_jupyter.errors import Garbled, NotFound, Unavailable
from maestro_jupyter.store.blob_places import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from maestro_jupyter.store.blob_places import Kept, Source

_PIECE = 1 << 20
_ADVISORY_LOCK = 0x6D6165737472_03


def blob_lock(connection: Connection, *, alone: bool = False) -> None:
    """Keep who writes rows that name bytes apart from who removes bytes, until the transaction ends.

    Whoever writes rows takes it before they look whether the bytes are there; whoever removes bytes takes it
    alone, before they look whether a row names them. So no row is ever without its bytes, wherever they are
    kept, and however many data folders share them. SQLite's write lock sees to that already.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction of the writing engine.
    alone : bool
        Whether bytes are to be removed.
    """
    if connection.dialect.name == "postgresql":
        form = "" if alone else "_shared"
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock{form}({_ADVISORY_LOCK})")


class Blobs:
    """A content-addressed store of bytes.

    Parameters
    ----------
    url : str
        A folder, or a URL that fsspec knows, such as ``s3://bucket/prefix``.

    Raises
    ------
    Invalid, Unavailable
        If there is no such kind of URL, or what it needs is not installed.
    """

    def __init__(self, url: str) -> None:
        self._place = place_of(url)

    @property
    def is_far(self) -> bool:
        """Whether bytes go over a network, and to keep them takes as long as that takes."""
        return not self._place.links

    def put_file(self, path: Path, sha256: str) -> None:
        """Keep the bytes of a file; nothing is written if they are kept already.

        Parameters
        ----------
        path : Path
            The file, which is on the disk, and is not changed any more. It stays where it is; in a folder of
            the same disk its bytes are not written once more.
        sha256 : str
            What its bytes must hash to.

        Raises
        ------
        Garbled
            If its bytes hash to something else.
        Unavailable, OSError
            If they cannot be read or written.
        """
        if self._place.touch(sha256):
            return
        with path.open("rb") as source:
            if self._place.links:
                if _hash(_pieces(source)) != sha256:
                    raise _garbled(str(path))
                if self._place.link(path, sha256):
                    return
                source.seek(0)
            self.put(sha256, _pieces(source), str(path))

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
        Garbled
            If they hash to something else.
        Unavailable, OSError
            If they cannot be written.
        """
        if not replace and self._place.touch(sha256):
            return
        digest = hashlib.sha256()
        with self._place.new(sha256) as sink:
            for piece in pieces:
                digest.update(piece)
                sink.write(piece)
            if digest.hexdigest() != sha256:
                raise _garbled(named)

    def kept(self) -> Iterator[Kept]:
        """Give everything that is kept."""
        return self._place.kept()

    def size(self, sha256: str) -> int | None:
        """Give how many bytes are kept under a sha256; None if it is not there."""
        found = self._place.find(sha256)
        return None if found is None else found.size

    def is_intact(self, sha256: str) -> bool:
        """Tell whether bytes are kept and unchanged; they are read for that.

        Raises
        ------
        Unavailable
            If the place where they are kept does not answer.
        """
        try:
            with self.open(sha256) as file:
                while file.read(_PIECE):
                    pass
        except (NotFound, Changed):
            return False
        return True

    def remove(self, sha256: str, untouched_since: float) -> bool:
        """Remove bytes, unless somebody has kept them again meanwhile; for those who hold `blob_lock`.

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
        return self._place.remove(sha256, untouched_since)

    def unfinished(self, untouched_since: float) -> list[str]:
        """Name what somebody began to write and died over, for `forget`."""
        return self._place.unfinished(untouched_since)

    def forget(self, unfinished: str) -> None:
        """Remove what somebody died over."""
        self._place.forget(unfinished)

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
            source = self._place.open(sha256)
        except FileNotFoundError as error:
            msg = f"The bytes of artifact {sha256[:12]} are not kept."
            raise NotFound(msg) from error
        return cast("BinaryIO", io.BufferedReader(_Verified(source, sha256), _PIECE))

    def exists(self, sha256: str) -> bool:
        """Tell whether bytes are kept."""
        return self._place.find(sha256) is not None


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    return iter(functools.partial(file.read, _PIECE), b"")


def _hash(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _garbled(named: str) -> Garbled:
    msg = f"The file {named} does not hold the bytes that it is named for."
    return Garbled(msg)


class Changed(Unavailable):
    """The bytes that are kept are not those that were."""


class _Verified(io.RawIOBase):
    """Bytes that are hashed as they are read."""

    def __init__(self, source: Source, sha256: str) -> None:
        self._source = source
        self._sha256 = sha256
        self._digest = hashlib.sha256()
        self._whole = True

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._source.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._whole = False
        return self._source.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        self._digest.update(data)
        if not data and self._whole and self._digest.hexdigest() != self._sha256:
            msg = f"The bytes of artifact {self._sha256[:12]} have changed since they were kept."
            raise Changed(msg, hint="Bring them back from a backup: maestro restore FILE --blobs.")
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()
