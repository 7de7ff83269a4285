"""Journals that are shipped to a real server: in pieces, by several, and by processes that are killed."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from zlib import crc32

import pytest
from journals import journal_of
from live_server import MEMBER, OWNER, LiveServer
from shipped import FILE, JOURNAL, RUN, SHA256, a_journal, artifact, lines, metric, opened, started

from maestro_jupyter import events as e
from maestro_jupyter import shipping
from maestro_jupyter.cli import main
from maestro_jupyter.config import Maestro
from maestro_jupyter.errors import Forbidden, NotFound, TooMany, Unavailable
from maestro_jupyter.http_api import HttpApi
from maestro_jupyter.journal_format import lock_for_writing, segment_name
from maestro_jupyter.server.handler import Handler
from maestro_jupyter.server.journals import PIECE_LIMIT
from maestro_jupyter.shipping import Shipped, Shipper
from maestro_jupyter.store import library
from maestro_jupyter.store.engine import open_store

BYTES = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def far(tmp_path):
    """Give the settings of another host's home."""
    return Maestro(environ={"MAESTRO_HOME": str(tmp_path / "far")})


@pytest.fixture
def here(tmp_path):
    """Give a server with an empty store, in a process of its own."""
    (tmp_path / "here").mkdir()
    server = LiveServer(tmp_path / "here" / "maestro")
    yield server
    server.stop()


@pytest.fixture
def shipper_to():
    """Give a function that makes a shipper to a server, as somebody."""
    opened = []

    def make(server, config, user=OWNER, **more):
        opened.append(HttpApi(url_of(server), user))
        return Shipper(config, opened[-1], _nothing, **more)

    yield make
    for api in opened:
        api.close()


def url_of(server):
    return f"http://{server.host}/a%40b/"


def _nothing(sha256):
    raise NotFound(sha256)


def write(config, *segments, journal=JOURNAL):
    config.journals.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(segments, 1):
        (config.journals / segment_name(journal, number)).write_bytes(data)


def wait_until(true):
    """Wait for as long as the test's time-out lets us."""
    while not true():
        time.sleep(0.02)


def steps(server, run=RUN, user=OWNER):
    """Give the steps of a run as the server has them."""
    api = HttpApi(url_of(server), user)
    try:
        return api.history(run, "x")[0].tolist()
    except NotFound:
        return []
    finally:
        api.close()


def test_a_home_is_shipped_whole_and_once(here, shipper_to, far):
    write(far, *a_journal())
    far.spool.mkdir()
    (far.spool / SHA256).write_bytes(FILE)
    before = sorted((path, path.read_bytes()) for path in far.home_path.rglob("*") if path.is_file())
    shipper = shipper_to(here, far, MEMBER)
    assert shipper.ship() == Shipped(journals=1, bytes=sum(map(len, a_journal())), files=1)
    assert shipper.ship() == shipper_to(here, far, MEMBER).ship() == Shipped()
    wait_until(lambda: steps(here) == list(range(60)))
    api = HttpApi(url_of(here), MEMBER)
    wait_until(lambda: api.count("status = 'RUNNING'") == 0)
    assert {run.user for run in api.search()} == {MEMBER}
    assert api.artifact_bytes(SHA256) == FILE
    assert api.detail(RUN).notes[0].text == "look"
    api.close()
    assert before == sorted((path, path.read_bytes()) for path in far.home_path.rglob("*") if path.is_file())


def test_a_live_journal_goes_on_where_it_was(here, shipper_to, far, monkeypatch):
    monkeypatch.setattr(shipping, "PIECE", 400)
    journal = journal_of(far, JOURNAL, segment_bytes=4096)
    journal.append(started(RUN))
    for step in range(100):
        journal.append(metric(RUN, step))
        if step % 30 == 0:
            assert shipper_to(here, far).ship().live == 1
            wait_until(lambda step=step: steps(here) == list(range(step + 1)))
    journal.close(e.JournalClosed(300.0))
    assert shipper_to(here, far).ship().live == 0
    api = HttpApi(url_of(here), OWNER)
    wait_until(lambda: api.get(RUN).status == "KILLED")
    assert api.get(RUN).status_reason == "the process ended while the run was open"
    assert api.journal(JOURNAL).final
    api.close()
    assert steps(here) == list(range(100))


def test_a_run_that_was_ended_by_hand_takes_what_its_host_ships_after_all(here, shipper_to, far):
    journal = journal_of(far, JOURNAL)
    journal.append(started(RUN))
    journal.append(metric(RUN, 0))
    shipper_to(here, far, MEMBER).ship()
    wait_until(lambda: steps(here) == [0])
    api = HttpApi(url_of(here), MEMBER)
    ended = api.edit(RUN, status="KILLED")
    assert (ended.status, ended.status_reason) == ("KILLED", f"ended by {MEMBER}")
    journal.append(metric(RUN, 1))
    shipper_to(here, far, MEMBER).ship()
    wait_until(lambda: steps(here) == [0, 1])
    assert api.get(RUN).status == "KILLED"
    journal.append(e.RunEnded(RUN, 200.0, "FINISHED"))
    journal.close(e.JournalClosed(300.0))
    shipper_to(here, far, MEMBER).ship()
    wait_until(lambda: api.journal(JOURNAL).final and api.get(RUN).status == "FINISHED")
    assert api.get(RUN).status_reason == ""
    api.close()


def test_an_unfinished_line_of_a_live_journal_is_left(here, shipper_to, far):
    whole = lines(opened(), started(), metric(RUN, 0))
    write(far, whole + lines(metric(RUN, 1))[:-3])
    with (far.journals / segment_name(JOURNAL, 1)).open("rb") as file:
        lock_for_writing(file.fileno())
        assert shipper_to(here, far).ship() == Shipped(journals=1, bytes=len(whole), live=1)
    assert shipper_to(here, far).ship().live == 0
    wait_until(lambda: steps(here) == [0])


def test_a_server_that_starts_again_kills_no_run(here, shipper_to, far, tmp_path):
    write(far, lines(opened(), started(), metric(RUN, 0)))
    with (far.journals / segment_name(JOURNAL, 1)).open("rb") as file:
        lock_for_writing(file.fileno())
        shipper_to(here, far).ship()
        wait_until(lambda: steps(here) == [0])
        here.stop()
        again = LiveServer(here.home)
        try:
            with (far.journals / segment_name(JOURNAL, 1)).open("ab") as more:
                more.write(lines(metric(RUN, 1)))
            shipper_to(again, far).ship()
            wait_until(lambda: steps(again) == [0, 1])
            api = HttpApi(url_of(again), OWNER)
            assert api.get(RUN).status == "RUNNING"
            api.close()
        finally:
            again.stop()


def test_a_long_file_goes_in_pieces(here, shipper_to, far):
    data = random.Random(0).randbytes(3 * shipping.PIECE + 5)
    sha256 = hashlib.sha256(data).hexdigest()
    write(far, lines(opened(), started(), artifact(RUN, sha256, len(data)), metric(RUN, 0)))
    far.spool.mkdir()
    (far.spool / sha256).write_bytes(data)
    assert shipper_to(here, far).ship().files == 1
    wait_until(lambda: steps(here) == [0])
    api = HttpApi(url_of(here), OWNER)
    assert api.artifact_bytes(sha256) == data
    api.close()


def test_what_is_registered_goes_with_its_bytes(here, shipper_to, far):
    sha256 = hashlib.sha256(b"the library's").hexdigest()
    version = e.ArtifactRegistered(
        "1" * 32, "scaler", "file", "file", sha256, 13, "text/plain", "p", "u", 1.0
    )
    write(far, lines(opened(), started(), version, metric(RUN, 0)))
    far.spool.mkdir()
    (far.spool / sha256).write_bytes(b"the library's")
    assert shipper_to(here, far).ship().files == 1
    wait_until(lambda: steps(here) == [0])
    opened_store = open_store(Maestro(environ={"MAESTRO_HOME": str(here.home)}).database_url)
    assert library.get(opened_store, library.Reference("scaler")).creator == OWNER
    opened_store.close()


def test_parents_are_shipped_before_their_forks(live, far):
    child, parent = "2" * 32, "3" * 32
    write(far, lines(opened(child, parent=parent), metric("3" * 32, 1)), journal=child)
    write(far, lines(opened(parent), started("3" * 32), metric("3" * 32, 0)), journal=parent)
    shipped = []

    class Noting(Flaky):
        def ship(self, journal, *given, **named):
            shipped.append(journal)
            return self.api.ship(journal, *given, **named)

    api = HttpApi(url_of(live), OWNER)
    Shipper(far, Noting(api), _nothing).ship()
    assert shipped == [parent, child]
    wait_until(lambda: steps(live, "3" * 32) == [0, 1])
    api.close()


def test_following_ships_what_comes_until_it_is_interrupted(here, far):
    journal = journal_of(far, JOURNAL)
    journal.append(started(RUN))
    process = ship_in_a_process(here, far, follow=True)
    for step in range(3):
        journal.append(metric(RUN, step))
        wait_until(lambda step=step: steps(here) == list(range(step + 1)))
    process.send_signal(signal.SIGINT)
    said, wrong = process.communicate()
    assert (process.returncode, wrong) == (0, b"")
    assert b"1 journal is still being written." in said
    journal.abandon()


def test_a_file_that_is_lost_holds_up_nothing(here, shipper_to, far):
    write(far, lines(opened(), started(), artifact(), metric(RUN, 0)))
    assert shipper_to(here, far).ship().missing == 1
    wait_until(lambda: steps(here) == [0])


def test_a_file_that_is_damaged_holds_up_nothing(here, shipper_to, far):
    write(far, lines(opened(), started(), artifact(), metric(RUN, 0)))
    far.spool.mkdir()
    (far.spool / SHA256).write_bytes(FILE[:-1] + b"?")
    done = shipper_to(here, far, pause=lambda seconds: None).ship()
    assert (done.journals, done.files, done.missing) == (1, 0, 1)


def test_one_refused_journal_does_not_hold_up_the_others(here, shipper_to, far):
    write(far, lines(opened(), started()))
    shipper_to(here, far, MEMBER).ship()
    write(far, lines(opened(), started("f" * 32)), journal="f" * 32)
    (far.journals / segment_name(JOURNAL, 1)).write_bytes(b"shorter")
    done = shipper_to(here, far, "bob").ship()
    assert done.journals == 1
    assert list(done.refused) == []  # final on the server: it is not looked at again
    write(far, lines(opened("d" * 32)), journal="d" * 32)
    (far.journals / segment_name("d" * 32, 1)).rename(far.journals / segment_name("d" * 32, 2))
    write(far, lines(opened("e" * 32)), journal="e" * 32)
    done = shipper_to(here, far, MEMBER).ship()
    assert (done.journals, list(done.refused)) == (1, ["d" * 32])
    assert "not on this host any more" in done.refused["d" * 32]


def test_another_members_journal_stays_there(here, shipper_to, far):
    write(far, lines(opened(), started(), metric(RUN, 0)))
    shipper_to(here, far, OWNER).ship()
    assert "There is no journal" in shipper_to(here, far, MEMBER).ship().refused[JOURNAL]


def test_a_body_that_was_damaged_is_refused(live):
    data = lines(opened(), started())
    path = f"journals/{'7' * 32}?segment=1&offset=0&crc32={crc32(data):08x}"
    before = live.digest()
    for place in (0, len(data) // 2, len(data) - 1):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        said = live.ask("POST", path, user=OWNER, headers=BYTES, body=changed)
        assert (said.status, said.json()["reason"]) == (400, "garbled")
    assert live.digest() == before
    assert live.ask("POST", path, user=OWNER, headers=BYTES, body=data).status == 200


def test_the_place_to_go_on_from_is_told(live):
    path = f"journals/{'8' * 32}?segment=1&offset=7&crc32=00000000"
    said = live.ask("POST", path, user=OWNER, headers=BYTES)
    assert said.status == 409
    assert said.json() == {
        "message": "The journal is here up to offset 0 of segment 1.",
        "reason": "misplaced",
        "hint": "Go on from segment=1 offset=0.",
    }


@pytest.mark.parametrize("query", ["", "segment=0&offset=0&crc32=00000000", "segment=1&offset=-1&crc32=00000000",
    "segment=1&offset=0", "segment=1&offset=0&crc32=0", "segment=1&offset=0&crc32=00000000&final=perhaps",
    "segment=1&offset=0&crc32=00000000&more=1", "segment=1e9&offset=0&crc32=00000000"])  # fmt: skip
def test_queries_that_are_none(live, query):
    said = live.ask("POST", f"journals/{'9' * 32}?{query}", user=OWNER, headers=BYTES)
    assert said.status == 400


def test_a_piece_that_is_too_long_is_refused(live):
    path = f"journals/{'9' * 32}?segment=1&offset=0&crc32=00000000"
    said = live.ask("POST", path, user=OWNER, headers=BYTES, body=b"x" * (PIECE_LIMIT + 1))
    assert said.status in {0, 413}  # 0: the connection was closed while it was sent
    assert live.ask("GET", f"journals/{'9' * 32}", user=OWNER).status == 404
    assert PIECE_LIMIT > shipping.PIECE
    assert Handler.body_limit < PIECE_LIMIT


async def test_a_full_disk_is_told_and_loses_nothing(ask, home, monkeypatch):
    real, data = os.fsync, lines(opened(), started())
    query = {"segment": 1, "offset": 0, "crc32": f"{crc32(data):08x}"}

    def full(fd):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("maestro_jupyter.store.receiving.os.fsync", full)
    status, _, body = await ask(f"journals/{JOURNAL}", method="POST", body=data, **query)
    monkeypatch.setattr("maestro_jupyter.store.receiving.os.fsync", real)
    assert (status, body["reason"]) == (503, "unavailable")
    assert "No space left" in body["message"]
    assert (await ask(f"journals/{JOURNAL}"))[2] == {"segment": 1, "offset": 0, "final": False}
    assert (await ask(f"journals/{JOURNAL}", method="POST", body=data, **query))[0] == 200


class Flaky:
    """A server's answers, with failures in between."""

    def __init__(self, api, *errors):
        self.api, self.errors = api, list(errors)

    def __getattr__(self, name):
        def ask(*given, **named):
            if self.errors and (error := self.errors.pop(0)) is not None:
                raise error
            return getattr(self.api, name)(*given, **named)

        return ask


def test_who_is_told_to_wait_waits_and_goes_on(live, far):
    write(far, lines(opened("6" * 32), started("6" * 32), metric("6" * 32, 0)), journal="6" * 32)
    waits = [TooMany("Later.", seconds=7.5)] * 20 + [Unavailable("No."), None, Unavailable("No.")]
    pauses = []
    flaky = Flaky(HttpApi(url_of(live), OWNER), *waits)
    assert Shipper(far, flaky, _nothing, pauses.append).ship().journals == 1
    assert pauses == [7.5] * 20 + [0.5, 0.5]
    wait_until(lambda: steps(live, "6" * 32) == [0])
    flaky.api.close()


def test_a_server_that_cannot_be_reached_is_given_up_in_a_sentence(far, monkeypatch, capsys):
    write(far, lines(opened(), started()))
    pauses = []
    shipper = Shipper(far, HttpApi("http://127.0.0.1:9", "t"), _nothing, pauses.append)
    with pytest.raises(Unavailable, match="cannot be reached"):
        shipper.ship()
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0]
    monkeypatch.setattr("maestro_jupyter.shipping.FIRST_PAUSE", 0.0)
    monkeypatch.setenv("MAESTRO_HOME", str(far.home_path))
    assert main(["ship", "http://127.0.0.1:9", "--token", "t"]) == 2
    assert capsys.readouterr().err.startswith("maestro: The server 127.0.0.1 cannot be reached")


def test_the_command_says_what_it_has_shipped(live, far, monkeypatch, capsys):
    write(far, lines(opened("5" * 32), started("5" * 32)), journal="5" * 32)
    monkeypatch.setenv("MAESTRO_HOME", str(far.home_path))
    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    assert main(["ship", url_of(live)]) == 2
    assert "Set MAESTRO_TOKEN" in capsys.readouterr().err
    monkeypatch.setenv("JUPYTER_TOKEN", "wrong")
    assert main(["ship", url_of(live)]) == 2
    assert "token" in capsys.readouterr().err
    monkeypatch.setenv("MAESTRO_TOKEN", OWNER)
    assert main(["ship", url_of(live)]) == 0
    assert "B of 1 journal, and 0 files." in capsys.readouterr().out
    assert main(["ship", url_of(live)]) == 0
    assert capsys.readouterr().out == "Shipped 0 B of 0 journals, and 0 files.\n"


def test_a_token_follows_no_redirect(live, far):
    import http.server

    asked = []

    class Elsewhere(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.headers["Authorization"])
            self.send_response(307)
            self.send_header("Location", f"{url_of(live)}maestro/api/v1/journals/{JOURNAL}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *given):
            pass

    write(far, lines(opened(), started()))
    with http.server.HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        api = HttpApi(f"http://127.0.0.1:{server.server_port}", OWNER)
        with pytest.raises(Forbidden, match="redirect"):
            Shipper(far, api, _nothing).ship()
        api.close()
        server.shutdown()
        thread.join()
    assert asked == [f"token {OWNER}"]
    assert live.ask("GET", f"journals/{JOURNAL}", user=OWNER).status == 404


def a_long_home(config, journals=6, points=400):
    """Write journals of several segments each, with files; give the runs."""
    runs = [f"{number:032x}" for number in range(1, journals + 1)]
    config.spool.mkdir(parents=True, exist_ok=True)
    (config.spool / SHA256).write_bytes(FILE)
    for run in runs:
        journal = journal_of(config, run[::-1], segment_bytes=8000)
        journal.append(started(run))
        for step in range(points):
            journal.append(metric(run, step))
            if step % 50 == 0:
                journal.append(e.NoteAdded(run, 103.0, "n"))
                journal.append(artifact(run))
        journal.abandon()
    return runs


COMMAND = """
import os, sys, threading
from maestro_jupyter import cli, http_api, shipping
shipping.PIECE = 400
follow, url, *lifetime = sys.argv[1:]
for seconds in lifetime:
    timer = threading.Timer(float(seconds), os.kill, (os.getpid(), 9))
    timer.daemon = True
    timer.start()
sys.exit(cli.main(["ship", url] + ["--follow"] * bool(follow)))
"""


def ship_in_a_process(server, config, *lifetime, follow=False):
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "follow" * follow, url_of(server), *map(str, lifetime)],
        env=os.environ | {"MAESTRO_HOME": str(config.home_path), "MAESTRO_TOKEN": MEMBER},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def assert_all_is_there_once(server, runs, points=400):
    api = HttpApi(url_of(server), MEMBER)
    wait_until(lambda: api.count("status = 'KILLED'") == len(runs))
    for run in runs:
        assert steps(server, run, MEMBER) == list(range(points))
        detail = api.detail(run)
        assert (len(detail.notes), len(detail.artifacts)) == (points // 50, points // 50)
    assert api.count() == len(runs)
    assert api.artifact_bytes(SHA256) == FILE
    api.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_forty_kills_of_the_shipper_lose_and_double_nothing(here, far):
    runs = a_long_home(far, journals=16)
    chance = random.Random(0)
    killed = 0
    for _ in range(40):
        process = ship_in_a_process(here, far, chance.random() * 0.1)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
    assert killed >= 30
    process = ship_in_a_process(here, far)
    assert process.communicate()[1] == b""
    assert process.returncode == 0
    assert_all_is_there_once(here, runs)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_twenty_kills_of_the_server_lose_and_double_nothing(far, tmp_path, monkeypatch):
    monkeypatch.setattr(shipping, "PIECE", 300)
    monkeypatch.setattr(shipping, "TRIES", 10_000)
    runs = a_long_home(far, journals=12)
    home = tmp_path / "here" / "maestro"
    home.parent.mkdir()
    server = LiveServer(home)
    port = server.port
    api = HttpApi(url_of(server), MEMBER)
    shipper = Shipper(far, api, _nothing, lambda seconds: time.sleep(0.02))
    done = []
    thread = threading.Thread(target=lambda: (done.append(shipper.ship()), api.close()))
    thread.start()
    chance = random.Random(0)
    while_receiving = 0
    for _ in range(24):
        time.sleep(chance.random() * 0.4)
        while_receiving += thread.is_alive()
        server.kill()
        server = LiveServer(home, port=port)
    thread.join()
    assert while_receiving >= 20
    assert done[0].refused == {}
    assert done[0].journals == len(runs)
    assert_all_is_there_once(server, runs)
    server.stop()
