"""Paths that try to leave the store: never an error of ours, and nothing outside is opened."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from live_server import BASE, MEMBER, OWNER

from maestro_jupyter.server.routes import ROUTES

UPS = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "%252e%252e%252f", "..%252f", "%c0%ae%c0%ae/",
       "..%c0%af", "..%e0%80%af", "%uff0e%uff0e%u2215", "%EF%BC%8E%EF%BC%8E%EF%BC%8F", "..%E2%88%95", "..;/",
       "....//", "..//", ".%00./", "..%00/", "%2e%2e%5c", "..%ef%bc%8f", "..%e2%81%84", "%25252e%25252e%25252f",
       "..%u2215", "..%f0%80%80%af")  # fmt: skip
TARGETS = ("etc/passwd", "maestro.db", "proc/self/environ", "root/.ssh/id_rsa", "windows/win.ini", "..")
ODD = [
    "/etc/passwd", "%2fetc%2fpasswd", "//etc/passwd", "file:///etc/passwd", "file:%2f%2f%2fetc%2fpasswd",
    "C:\\boot.ini", "C:%5cboot.ini", "C:/boot.ini", "%43%3a%5c", "\\\\host\\share\\x", "%5c%5chost%5cshare",
    "\\\\?\\C:\\x", "\\\\.\\pipe\\x", "CON", "con.txt", "NUL", "AUX", "PRN", "COM1", "LPT1.json", "x::$DATA",
    "x:stream", "x%3a%3a$DATA", "%00", "a%00b", "a%00.svg", "%00/etc/passwd", ".", "..", "...", "%2e", "%2e%2e",
    "%2e/", "~", "~root", "~%2f.bashrc", "$HOME", "%24HOME", "${HOME}", "`id`", "$(id)", ";id", "|id", "a;b=c",
    ";", ";/", "a.zip!/x", "a.tar:x", "zip://a.zip", "zip%3a%2f%2f", "s3://bucket/x", "http://127.0.0.1/", "%0d%0aX: y",
    "%0a", "%20", "%09", "%7f", "%ff", "%fe%ff", "%c3%28", "%ed%a0%80", "%f0%9f%98%80", "%e2%80%ae", "%e2%80%8b",
    "%ef%bb%bf", "%", "%2", "%zz", "%25", "%2525", "a%2fb", "a%5cb", "*", "?", "%3f", "%23", "[a]", "{run_id}",
    "%7brun_id%7d", "'", '"', "'--", "%27%20OR%201=1--", "1;DROP TABLE runs", "%25%27", "_", "-1", "0x1",
    "a" * 300, "a" * 8000, "%61" * 2000, "../" * 500, "%2e%2e%2f" * 500, "0" * 64, "g" * 64, "f" * 63, "F" * 64,
    "%D9%A0" * 8, "\u0130".encode().decode("latin-1"), "é".encode("latin-1").decode("latin-1"),
]  # fmt: skip
PAYLOADS = [up * depth + target for up in UPS for target in TARGETS for depth in (1, 8)] + ODD

PARAMETERS = [
    (verb.upper(), route.path, name)
    for route in ROUTES
    for verb, _ in route.operations()
    for name in re.findall(r"\{(\w+)\}", route.path)
]
USUAL = {"run_id": "0001" * 8, "other": "0002" * 8, "key": "loss", "sha256": "a" * 64, "name": "p",
         "journal": "b" * 32, "version": "1", "alias": "first", "upload": "c" * 32}  # fmt: skip
NEEDED = {
    "journals/{journal}": "?segment=1&offset=0&crc32=00000000",
    "journals/{journal}/files/{sha256}": "?offset=0&size=0&crc32=00000000",
}
"""What must be said beside the path, so that the path is looked at."""
READ_ANYWHERE = (sys.prefix, sys.base_prefix, str(Path(os.__file__).parent))
"""Python's own modules, which it may import late."""


def strays(live, seen):
    """Give what was opened outside of the store since so many were seen."""
    allowed = (str(live.home), str(live.opened_log), *READ_ANYWHERE)
    own = ("maestro_jupyter/", "/dev/null", "/usr/share/zoneinfo", "/proc/self/mounts")
    return [
        path
        for path in live.opened()[seen:]
        if not os.path.realpath(path).startswith(allowed) and not any(part in path for part in own)
    ]


def filled(route, name, payload):
    """Give a route's path with a payload for one parameter, and usual values for the others."""
    values = USUAL | {name: payload}
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], route)


def test_there_are_enough_payloads():
    assert len(set(PAYLOADS)) >= 300
    assert {name for _, _, name in PARAMETERS} <= set(USUAL), "each parameter has a usual value"


@pytest.mark.parametrize(("verb", "route", "name"), PARAMETERS)
def test_nothing_is_opened_outside_of_the_store(live, verb, route, name):
    seen = len(live.opened())
    headers = {"Content-Type": "application/octet-stream" if verb in {"POST", "PUT"} else "application/json"}
    for payload in dict.fromkeys(PAYLOADS):
        path = filled(route, name, payload) + (NEEDED.get(route, "") if verb != "GET" else "")
        body = b'{"note": ""}' if verb == "PATCH" else b""
        said = live.ask(verb, path, user=OWNER, headers=headers, body=body)
        assert 200 <= said.status < 500, (payload, said)
        assert b"root:" not in said.body
        assert b"SQLite format" not in said.body
    assert strays(live, seen) == []
    assert live.ask("GET", "health/live").status == 200


@pytest.mark.parametrize("user", ["", MEMBER])
def test_nor_for_others(live, user):
    seen = len(live.opened())
    for payload in dict.fromkeys(PAYLOADS):
        assert 400 <= live.ask("GET", f"runs/{USUAL['run_id']}/files/{payload}", user=user).status < 500
    assert strays(live, seen) == []


def test_the_record_shows_a_planted_traversal(planted):
    (planted.home.parent / "outside").write_text("root: planted")
    seen = len(planted.opened())
    said = planted.ask("GET", f"{BASE}planted/../outside", raw_path=True)
    assert said.body == b"root: planted"
    assert any(path.endswith("outside") for path in strays(planted, seen))
