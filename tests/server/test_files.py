"""Files that users have kept are never run in our origin, never given under another run, never held whole."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from live_server import OWNER, PREFIX, read_answer

OWNED = "0001" * 8
NAMES = {
    'a"; filename="evil.html': "a_",
    "a\r\nSet-Cookie: x=1.svg": "a__",
    "../../etc/passwd": "passwd",
    "C:\\windows\\x.js": "x.js",
    "\u202egnp.svg": "_gnp.svg",
    "naïve\u2028.pdf": "na",
    "x" * 5000: "xxx",
    "": "file",
    ".": ".",
    "\x00": "_",
}
KINDS = ("image/svg+xml", "text/html", "application/pdf", "application/yaml", "text/javascript", "x\r\nY: z")


@pytest.mark.parametrize("media_type", KINDS)
async def test_content_comes_as_an_attachment(ask, store, keep, media_type):
    digest = keep(1, b"<script>alert(1)</script>", media_type=media_type)
    status, headers, body = await ask(f"runs/{OWNED}/files/{digest}")
    assert (status, body) == (200, b"<script>alert(1)</script>")
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert "Y" not in headers


@pytest.mark.parametrize(("name", "shown"), NAMES.items())
async def test_its_name_is_harmless(ask, keep, name, shown):
    digest = keep(1, b"x", name=name)
    _, headers, _ = await ask(f"runs/{OWNED}/files/{digest}")
    said = headers["Content-Disposition"]
    assert said.startswith(f'attachment; filename="{shown}')
    assert said.isascii()
    assert said.count('"') == 2
    assert not set("\r\n\\/\0") & set(said)
    assert "Set-Cookie" not in headers or "x=1" not in headers["Set-Cookie"]


def test_what_is_known_is_not_sent_again(live):
    digest = next(path.name for path in (live.home / "blobs").rglob("*") if b"svg" in _bytes(path))
    path = f"runs/{OWNED}/files/{digest}"
    whole = live.ask("GET", path, user=OWNER)
    assert (whole.status, whole.headers["Accept-Ranges"]) == (200, "bytes")
    said = live.ask("GET", path, user=OWNER, headers={"If-None-Match": whole.headers["ETag"]})
    assert (said.status, said.body) == (304, b"")
    assert live.ask("HEAD", path, user=OWNER).status == 405


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [("0-1", 0, 2), ("3-", 3, None), ("0-99999", 0, None), ("4-4", 4, 5), ("000-003", 0, 4)],
)
def test_a_part_can_be_asked_for(live, asked, begin, end):
    digest = next(path.name for path in (live.home / "blobs").rglob("*") if b"svg" in _bytes(path))
    path = f"runs/{OWNED}/files/{digest}"
    whole = live.ask("GET", path, user=OWNER)
    size = len(whole.body)
    said = live.ask("GET", path, user=OWNER, headers={"Range": f"bytes={asked}"})
    assert (said.status, said.body) == (206, whole.body[begin:end])
    assert said.headers["Content-Range"] == f"bytes {begin}-{(end or size) - 1}/{size}"
    assert said.headers["ETag"] == whole.headers["ETag"]
    same = {"Range": f"bytes={asked}", "If-Range": whole.headers["ETag"]}
    assert live.ask("GET", path, user=OWNER, headers=same).status == 206
    changed = {"Range": f"bytes={asked}", "If-Range": '"other"'}
    assert live.ask("GET", path, user=OWNER, headers=changed).body == whole.body


@pytest.mark.parametrize("asked", ["99999-", "3-1", "-5", "0-1,3-4", "x-y", "-", "", "0 -1", "٣-٤"])
def test_what_is_no_part_is_answered_with_the_whole(live, asked):
    digest = next(path.name for path in (live.home / "blobs").rglob("*") if b"svg" in _bytes(path))
    path = f"runs/{OWNED}/files/{digest}"
    said = live.ask("GET", path, user=OWNER, headers={"Range": f"bytes={asked}".encode().decode("latin-1")})
    assert (said.status, said.body) == (200, live.ask("GET", path, user=OWNER).body)


def _bytes(path):
    return path.read_bytes() if path.is_file() else b""


def test_bytes_that_have_changed_are_not_passed_off(live, live_keep):
    digest = live_keep(1, b"a" * (5 << 20))
    kept = live.home / "blobs" / digest[:2] / digest
    kept.write_bytes(b"b" * (5 << 20))
    said = live.ask("GET", f"runs/{OWNED}/files/{digest}", user=OWNER)
    assert len(said.body) < 5 << 20, "the connection breaks before the end"
    kept.write_bytes(b"short")
    assert live.ask("GET", f"runs/{OWNED}/files/{digest}", user=OWNER).status == 503


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_large_file_is_not_held_in_memory(live, live_keep):
    size = 256 << 20
    digest = live_keep(1, b"m" * size)
    status = Path(f"/proc/{live.pid}/status")

    def peak():
        return int(next(line for line in status.read_text().splitlines() if "VmHWM" in line).split()[1]) << 10

    before, received = peak(), 0
    with socket.create_connection(("127.0.0.1", live.port), timeout=60) as connection:
        path = f"{PREFIX}runs/{OWNED}/files/{digest}"
        asked = f"GET {path} HTTP/1.1\r\nHost: {live.host}\r\nAuthorization: token ada\r\nConnection: close\r\n\r\n"
        connection.sendall(asked.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(1)
        while piece := connection.recv(1 << 20):
            received += len(piece)
    assert read_answer(head).status == 200
    assert received == size
    assert peak() - before < 64 << 20
