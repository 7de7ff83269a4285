"""Folders as zip files whose members are stored as they are: equal folders give equal bytes."""

from __future__ import annotations

import os
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NoReturn

from maestro_jupyter.errors import Invalid, TooLarge
from maestro_jupyter.library.content import Content, indexed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

MOST_FILES = 10_000
_PIECE = 1 << 20
_LEFT_OUT = {".git", "__pycache__", ".ipynb_checkpoints", ".DS_Store", ".venv", "node_modules"}
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_BROKEN = (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


def folder_content(path: Path) -> Content:
    """Give a folder's content as a zip file in a temporary place.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Content
        Its `data` is a temporary file, to be deleted once its bytes are kept.

    Raises
    ------
    Invalid
        If it holds a link or what is no file.
    TooLarge
        If it holds too many files.
    """
    files, left_out = _files(path)
    descriptor, name = tempfile.mkstemp(prefix="maestro-", suffix=".zip")
    try:
        with os.fdopen(descriptor, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for file in files:
                _add(archive, path, file)
    except BaseException:
        Path(name).unlink()
        raise
    names = [file.as_posix() for file in files]
    about = {"kind": "folder", "filename": path.resolve().name, "files": len(names), "left_out": left_out}
    text = indexed([path.resolve().name, *names])
    return Content("dataset", "folder", "application/zip", ".zip", Path(name), text, about, temporary=True)


def unpack(file: BinaryIO, into: Path) -> None:
    """Write the files of a folder's zip; nothing of it is believed.

    Parameters
    ----------
    file : binary file
    into : Path
        An empty folder.

    Raises
    ------
    Invalid
        If a member would leave the folder, is a link, or is not stored as it is.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            check_stored(members, file.seek(0, os.SEEK_END))
            _check_names(members)
            for member in members:
                _write(archive, member, into)
    except _BROKEN as error:
        _refuse(f"it is no zip file or is damaged ({error})")


def check_stored(members: list[zipfile.ZipInfo], size: int) -> None:
    """Refuse a zip file whose members are compressed, and so could be anything in size.

    Raises
    ------
    Invalid
    """
    if len(members) > MOST_FILES:
        _refuse(f"it has {len(members):,} members")
    if any(member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1 for member in members):
        _refuse("a member is compressed or encrypted")
    if sum(member.file_size for member in members) > size:
        _refuse("its members are larger than it is")


def _files(folder: Path) -> tuple[list[PurePosixPath], list[str]]:
    found: list[PurePosixPath] = []
    left_out: set[str] = set()
    for file in _walk(folder, left_out):
        found.append(PurePosixPath(file.relative_to(folder).as_posix()))
        if len(found) > MOST_FILES:
            msg = f"The folder {folder} has more than {MOST_FILES:,} files."
            raise TooLarge(msg, hint="Pack it into one file, and register that.")
    if not found:
        msg = f"The folder {folder} is empty."
        raise Invalid(msg)
    return sorted(found), sorted(left_out)


def _walk(folder: Path, left_out: set[str]) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if entry.name in _LEFT_OUT:
                left_out.add(entry.name)
            elif entry.is_symlink():
                msg = f"The folder holds a link, {path.name!r}, which may lead anywhere."
                raise Invalid(msg, hint="Put the file itself in its place.")
            elif entry.is_dir():
                yield from _walk(path, left_out)
            elif entry.is_file():
                yield path
            else:
                msg = f"The folder holds {path.name!r}, which is no file."
                raise Invalid(msg)


def _add(archive: zipfile.ZipFile, folder: Path, file: PurePosixPath) -> None:
    info = zipfile.ZipInfo(file.as_posix(), _NO_TIME)
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    info.create_system = 3
    # Between the look and the opening somebody may have put a link there.
    descriptor = os.open(folder / file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, "rb") as source, archive.open(info, "w", force_zip64=True) as out:
        while piece := source.read(_PIECE):
            out.write(piece)


def _check_names(members: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for member in members:
        name = member.orig_filename
        parts = name.split("/")
        bad = {"", ".", ".."} & set(parts) or any(mark in name for mark in ("\\", "\0", ":"))
        if bad or name != member.filename:
            _refuse(f"a member's name is {name!r:.100}")
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in {0, stat.S_IFREG}:
            _refuse(f"the member {name!r:.100} is no file")
        folded = name.casefold()
        if folded in seen:
            _refuse(f"two members are named {name!r:.100}")
        seen.add(folded)


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, into: Path) -> None:
    path = into / member.filename
    path.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, path.open("xb") as out:
        while piece := source.read(_PIECE):
            out.write(piece)


def _refuse(said: str) -> NoReturn:
    msg = f"The archive is refused: {said}."
    raise Invalid(msg)
