"""The backup's format: a zip file whose manifest names every member with its size and sha256.

| member | holds |
| --- | --- |
| ``manifest.json`` | the format, the tables' revision, the number of rows, and every other member |
| ``tables/NAME`` | a table's rows: the columns' names, then each row, as MessagePack lists |
| ``journals/FILE`` | what is not collected yet |
| ``spool/SHA256``, ``blobs/SHA256`` | artifacts' bytes, before and after they are collected |

A list in ``tables/NAME`` has its length in front, in four bytes. The same for SQLite and PostgreSQL, so
that what was kept in one can be restored into the other.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, NoReturn, Self

import msgspec

from maestro_jupyter.errors import Invalid, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

FORMAT = 1
"""The number of the format that is written, and the newest that is read."""

MANIFEST = "manifest.json"

_NAMES = re.compile(
    r"tables/[a-z_]{1,63}"
    r"|(spool|blobs)/[0-9a-f]{64}"
    r"|journals/[0-9A-Za-z_-]{1,64}\.[0-9]{6,9}\.journal"
)
_PIECE = 1 << 20
_LENGTH = struct.Struct(">I")
_MANIFEST_LIMIT = 1 << 30
_ROW_LIMIT = 1 << 30
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    RuntimeError,  # an encrypted member, or one that is compressed in another way
    ValueError,
    OSError,
)
"""What zipfile raises for a file that is damaged."""


class Member(msgspec.Struct, frozen=True):
    """What the manifest says of one member."""

    sha256: str
    size: int


class Manifest(msgspec.Struct, kw_only=True):
    """What is in a backup.

    Attributes
    ----------
    rows : dict of str to int
        How many rows each table has.
    missing : list of str
        The sha256 of artifacts whose bytes were gone or damaged when the backup was made.
    """

    format: int
    maestro: str
    revision: str
    time: str
    rows: dict[str, int] = {}
    missing: list[str] = []
    members: dict[str, Member] = {}


class ArchiveWriter:
    """Writes a backup into a file.

    Parameters
    ----------
    file : binary file
    """

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file, "w", compresslevel=1)
        self.members: dict[str, Member] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            with contextlib.suppress(OSError, ValueError):
                self._zip.close()

    def add(self, name: str, pieces: Iterable[bytes], *, compressed: bool = True) -> None:
        """Write one member.

        Parameters
        ----------
        name : str
        pieces : iterable of bytes
        compressed : bool
            Whether it is worth the time.
        """
        digest, size = hashlib.sha256(), 0
        with self._zip.open(_info(name, compressed=compressed), "w", force_zip64=True) as out:
            for piece in pieces:
                out.write(piece)
                digest.update(piece)
                size += len(piece)
        self.members[name] = Member(digest.hexdigest(), size)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, and with it the end."""
        manifest.members = self.members
        self._zip.writestr(_info(MANIFEST, compressed=True), msgspec.json.encode(manifest))
        self._zip.close()


class Archive:
    """A backup that is open for reading; nothing of it is believed before `verify`.

    Parameters
    ----------
    path : Path

    Raises
    ------
    NotFound
        If there is no such file.
    Invalid
        If it is no backup, or one that a newer version has written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("rb")
        except FileNotFoundError as error:
            msg = f"There is no file {path}."
            raise NotFound(msg) from error
        except OSError as error:
            msg = f"The file {path} cannot be read: {error.strerror}."
            raise Unavailable(msg) from error
        try:
            self._zip = zipfile.ZipFile(self._file)
            self.manifest, self.sha256 = self._read_manifest()
        except (*_BROKEN, KeyError, msgspec.MsgspecError) as error:
            self._file.close()
            msg = f"The file {path} is not a backup, or is damaged: {error}."
            raise Invalid(msg, hint="Nothing was changed.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    def verify(self) -> None:
        """Check every member's name, size and sha256, and that no other is there.

        Raises
        ------
        Invalid
            Naming the first that is wrong.
        """
        manifest = self.manifest
        if manifest.format > FORMAT:
            msg = f"The backup {self._path} is in format {manifest.format}; this version reads {FORMAT}."
            raise Invalid(msg, hint="Upgrade maestro-jupyter.")
        if not re.fullmatch("[0-9]{4}", manifest.revision):
            self._refuse("the revision of its tables is no number")
        there = [info.filename for info in self._zip.infolist()]
        if sorted(there) != sorted([*manifest.members, MANIFEST]):
            self._refuse("its members are not those that its manifest names")
        kinds = {info.compress_type for info in self._zip.infolist()}
        if not kinds <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            self._refuse("a member is compressed in another way")
        for name, member in manifest.members.items():
            if not _NAMES.fullmatch(name):
                self._refuse(f"it has a member {name!r:.100}")
            folder, _, key = name.partition("/")
            if folder in {"blobs", "spool"} and key != member.sha256:
                self._refuse(f"the member {name} has the sha256 {member.sha256:.64}")
            for _piece in self.pieces(name):
                pass

    def names(self, folder: str) -> list[str]:
        """Give the names of a folder's members, without the folder."""
        return [name.partition("/")[2] for name in self.manifest.members if name.startswith(f"{folder}/")]

    def pieces(self, name: str) -> Iterator[bytes]:
        """Give a member's bytes.

        Raises
        ------
        Invalid
            At their end, or before, if they are not those that the manifest names.
        """
        member = self.manifest.members[name]
        digest, left = hashlib.sha256(), member.size
        try:
            with self._zip.open(name) as source:
                while piece := source.read(_PIECE):
                    left -= len(piece)
                    if left < 0:
                        self._refuse(f"the member {name} is longer than its manifest says")
                    digest.update(piece)
                    yield piece
        except _BROKEN as error:
            self._refuse(f"the member {name} cannot be read: {error}")
        if left or digest.hexdigest() != member.sha256:
            self._refuse(f"the member {name} does not have the sha256 of the manifest")

    def rows(self, table: str) -> Iterator[list[Any]]:
        """Give a table's columns, then its rows."""
        buffer = b""
        for piece in self.pieces(f"tables/{table}"):
            buffer += piece
            start = 0
            while len(buffer) - start >= _LENGTH.size:
                (length,) = _LENGTH.unpack_from(buffer, start)
                if length > _ROW_LIMIT:
                    self._refuse(f"the table {table} has a row that is too long")
                if len(buffer) - start - _LENGTH.size < length:
                    break
                start += _LENGTH.size
                yield self._row(table, buffer[start : start + length])
                start += length
            buffer = buffer[start:]
        if buffer:
            self._refuse(f"the table {table} ends within a row")

    def _row(self, table: str, data: bytes) -> list[Any]:
        try:
            return msgspec.msgpack.decode(data, type=list[Any])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self._refuse(f"a row of the table {table} cannot be read")

    def _read_manifest(self) -> tuple[Manifest, str]:
        info = self._zip.getinfo(MANIFEST)
        if info.file_size > _MANIFEST_LIMIT:
            msg = "its manifest is too long"
            raise ValueError(msg)
        data = self._zip.read(info)
        return msgspec.json.decode(data, type=Manifest), hashlib.sha256(data).hexdigest()

    def _refuse(self, said: str) -> NoReturn:
        msg = f"The backup {self._path} is damaged: {said}."
        raise Invalid(msg, hint="Nothing was changed.")


def row_bytes(row: list[Any]) -> bytes:
    r"""Give a row as it stands in a table's member.

    Examples
    --------
    >>> row_bytes([1, "a"])
    b'\x00\x00\x00\x04\x92\x01\xa1a'
    """
    data = msgspec.msgpack.encode(row)
    return _LENGTH.pack(len(data)) + data


def _info(name: str, *, compressed: bool) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o600 << 16
    info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    return info
