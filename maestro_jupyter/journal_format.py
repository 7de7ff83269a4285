"""The journal's bytes: framed, checksummed lines, the names of segments, and how to tell a live writer.

A line is ``RS crc32 SP payload LF``: RS (0x1e) and LF never occur inside JSON, so a damaged line is
skipped on its own, even when the damage hit its end. The framing follows JSON text sequences
(RFC 7464, https://www.rfc-editor.org/rfc/rfc7464) with a checksum added.
"""

from __future__ import annotations

import fcntl
import os
import struct
from binascii import hexlify
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".journal"

_MARK = b"\x1e"
_HEADER = 10  # RS, eight hexadecimal digits, a space


class Scan(NamedTuple):
    """What `scan` found.

    Attributes
    ----------
    payloads : list of bytes
        The payloads of the intact lines, in order.
    consumed : int
        How many bytes are dealt with; an unfinished last line is left for later.
    damaged : int
        How many pieces failed their checksum or framing.
    """

    payloads: list[bytes]
    consumed: int
    damaged: int


def frame(payload: bytes) -> bytes:
    r"""Wrap one payload as a line.

    Examples
    --------
    >>> frame(b'["x"]')
    b'\x1e6b503cf3 ["x"]\n'
    """
    return b"\x1e%08x %b\n" % (crc32(payload), payload)


def scan(data: bytes, *, final: bool = False) -> Scan:
    r"""Read the intact lines of a piece of a journal.

    Parameters
    ----------
    data : bytes
        The bytes from a position that an earlier scan had reached.
    final : bool
        Whether the writer is gone, so that an unfinished last line will never be finished.

    Returns
    -------
    Scan
        The payloads, the bytes consumed and the number of damaged pieces.

    Examples
    --------
    >>> scan(frame(b"[1]") + b"\x1e0000" + frame(b"[2]") + b"\x1e12")
    Scan(payloads=[b'[1]', b'[2]'], consumed=33, damaged=1)
    """
    end = len(data) if final else data.rfind(b"\n") + 1
    lines = [line for line in data[:end].split(b"\n") if line]
    payloads = [line[_HEADER:] for line in lines]
    # Nearly always all is intact, and comparing everything at once is the fastest way to see it.
    if b"".join([line[:_HEADER] for line in lines]) == _headers(payloads):
        return Scan(payloads, end, 0)
    return _scan_with_care(lines, end)


def _headers(payloads: list[bytes]) -> bytes:
    """Give what stands before these payloads, one after the other."""
    if not payloads:
        return b""
    checksums = struct.pack(f">{len(payloads)}I", *map(crc32, payloads))
    return b"\x1e%b " % hexlify(checksums, _MARK, 4).replace(_MARK, b" \x1e")


def _scan_with_care(lines: list[bytes], end: int) -> Scan:
    payloads: list[bytes] = []
    damaged = 0
    for line in lines:
        payload = _payload(line)
        if payload is not None:
            payloads.append(payload)
            continue
        for piece in line.split(_MARK):
            if not piece:
                continue
            payload = _payload(_MARK + piece)
            if payload is None:
                damaged += 1
            else:
                payloads.append(payload)
    return Scan(payloads, end, damaged)


def _payload(line: bytes) -> bytes | None:
    """Give the payload of one line, or None if it is not intact."""
    payload = line[_HEADER:]
    return payload if line[:_HEADER] == b"\x1e%08x " % crc32(payload) else None


def segment_name(journal: str, segment: int) -> str:
    """Name a segment's file.

    Examples
    --------
    >>> segment_name("5f0c", 2)
    '5f0c.000002.journal'
    """
    return f"{journal}.{segment:06d}{SUFFIX}"


def parse_segment_name(name: str) -> tuple[str, int] | None:
    """Give the journal and the segment's number, or None where the name is not a segment's.

    Examples
    --------
    >>> parse_segment_name("5f0c.000002.journal")
    ('5f0c', 2)
    >>> parse_segment_name("notes.txt") is None
    True
    """
    stem = name.removesuffix(SUFFIX)
    journal, dot, number = stem.rpartition(".")
    if stem == name or not dot or not journal or not (number.isascii() and number.isdigit()):
        return None
    return journal, int(number)


def lock_for_writing(fd: int) -> None:
    """Take the lock that a journal's writer holds for as long as it lives.

    ``flock`` rather than ``lockf``: it belongs to this open file, so that reading the same journal
    elsewhere in the process does not release it.

    Raises
    ------
    OSError
        If another process holds it.
    """
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_live(path: Path) -> bool:
    """Tell whether the writer of a segment still holds its lock.

    Parameters
    ----------
    path : Path
        The segment's file, on the writer's host.

    Returns
    -------
    bool
        False also where the file is gone.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(fd)
