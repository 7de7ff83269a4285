"""Real servers and real kernels: a kernel leaves collecting to the server, and does it alone where that is gone."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from journals import journal_of, started
from jupyter_client.manager import KernelManager
from live_server import LiveServer

import maestro_jupyter
from maestro_jupyter.app import App
from maestro_jupyter.cli import main
from maestro_jupyter.config import Maestro
from maestro_jupyter.operations.doctor import examine
from maestro_jupyter.server.collecting import Collecting
from maestro_jupyter.store import histories, runs
from maestro_jupyter.store.doorbell import NAME, Doorbell, ring
from maestro_jupyter.store.engine import open_store
from maestro_jupyter.store.home_lock import holder_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BEGIN = """
import os, sys
import maestro_jupyter as maestro
from maestro_jupyter import app

app.PATIENCE = 600  # seconds: longer than any test may take, so that no answer is given up
run = maestro.start_run("flushed")

def log_and_flush(**given):
    run.log({"x": 1.0})
    maestro.flush(**given)
    return maestro.metric_history(run.run_id, "x")["step"].tolist()
"""
"""What a kernel or a script begins with."""

COUNT_WRITES = """
from sqlalchemy import event
writes = []
event.listen(app.current().store().write, "begin", lambda *given: writes.append(given))
"""

pytestmark = pytest.mark.timeout(120)


def wait_until(true: Callable[[], object]) -> None:
    """Wait for as long as the test's time-out lets us."""
    while not true():
        time.sleep(0.01)


@pytest.fixture
def config(home: Path) -> Maestro:
    return Maestro(environ={"MAESTRO_HOME": str(home)})


@pytest.fixture
def serve() -> Iterator[Callable[[Path], LiveServer]]:
    """Give a function that runs a server that collects a home."""
    servers = []

    def begin(home: Path, *, first: bool = True) -> LiveServer:
        servers.append(LiveServer(home))
        if first:
            wait_until(lambda: holder_of(home / "server.lock") == servers[-1].pid and ring(home, 600))
        return servers[-1]

    yield begin
    for server in servers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(server.pid, signal.SIGCONT)
        server.stop()


def environment(home: Path, **more: str) -> dict[str, str]:
    package = Path(maestro_jupyter.__file__).parents[1]
    return os.environ | {"MAESTRO_HOME": str(home), "PYTHONPATH": str(package)} | more


class Kernel:
    """A kernel that no server has started."""

    def __init__(self, home: Path) -> None:
        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel(env=environment(home))
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        self.answer("%load_ext maestro_jupyter\n" + BEGIN, "None")

    def send(self, code: str, asked: str) -> None:
        """Begin a cell, and ask for an expression after it."""
        self._client.execute(code, user_expressions={"asked": asked})

    def reply(self) -> str:
        """Wait for the expression's value."""
        content: dict[str, Any] = self._client.get_shell_msg(timeout=100)["content"]
        assert content["status"] == "ok", content
        return content["user_expressions"]["asked"]["data"]["text/plain"]

    def answer(self, code: str, asked: str) -> str:
        self.send(code, asked)
        return self.reply()

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()


@pytest.fixture
def kernel(home: Path) -> Iterator[Callable[[], Kernel]]:
    """Give a function that starts a kernel."""
    kernels = []

    def begin() -> Kernel:
        kernels.append(Kernel(home))
        return kernels[-1]

    yield begin
    for one in kernels:
        one.close()


def script(home: Path, code: str, **more: str) -> str:
    """Run a script to its end; give what it prints."""
    command = [sys.executable, "-c", BEGIN + code]
    done = subprocess.run(command, env=environment(home, **more), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_a_kernel_leaves_writing_to_the_server(home: Path, serve: Callable, kernel: Callable) -> None:
    serve(home)
    one = kernel()
    code = COUNT_WRITES + "steps = [log_and_flush() for _ in range(20)]"
    asked = "(steps == [list(range(n + 1)) for n in range(20)], writes)"
    assert one.answer(code, asked) == "(True, [])"


def test_a_server_that_is_killed_while_a_flush_waits(
    home: Path, tmp_path: Path, serve: Callable, kernel: Callable
) -> None:
    server, one = serve(home), kernel()
    assert one.answer("", "log_and_flush()") == "[0]"
    os.kill(server.pid, signal.SIGSTOP)
    ringing = tmp_path / "ringing"
    one.send(
        "def hook(event, given):\n"
        "    if event == 'socket.connect':\n"
        f"        os.close(os.open({str(ringing)!r}, os.O_CREAT))\n"
        "sys.addaudithook(hook)",
        "log_and_flush()",
    )
    wait_until(ringing.exists)
    time.sleep(0.3)  # it waits by then; if it does not on a slow machine, it finds nobody, with the same end
    os.kill(server.pid, signal.SIGKILL)
    assert one.reply() == "[0, 1]"
    assert one.answer("", "log_and_flush()") == "[0, 1, 2]"
    server.stop()
    assert holder_of(serve(home).home / "server.lock")
    assert one.answer(COUNT_WRITES, "(log_and_flush(), writes)") == "([0, 1, 2, 3], [])"


def test_a_server_that_does_not_get_on_is_not_waited_for_long(home: Path, serve: Callable) -> None:
    server = serve(home)
    os.kill(server.pid, signal.SIGSTOP)
    code = "app.PATIENCE = 0.5\nprint(log_and_flush(), log_and_flush(timeout=0.01), log_and_flush(timeout=0))"
    assert script(home, code) == "[0] [0, 1] [0, 1, 2]"
    os.kill(server.pid, signal.SIGCONT)
    assert ring(home, 60)
    assert main(["collect"]) == 0


def test_what_other_processes_left_is_collected_too(
    home: Path, config: Maestro, serve: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(home)
    for number in range(3):
        journal = journal_of(config, f"j{number}")
        journal.append(started(f"{number:032x}"))
        journal.abandon()
        assert main(["collect"]) == 0
        assert (
            capsys.readouterr().out == f"Collected; the database has {number + 1} run{'s' * (number > 0)}.\n"
        )
        assert list(config.journals.iterdir()) == []


def test_a_process_that_ends_leaves_its_journal_to_the_server(
    home: Path, config: Maestro, serve: Callable
) -> None:
    serve(home)
    tells = "sys.addaudithook(lambda event, given: event == 'sqlite3.connect' and print(event))\n"
    assert script(home, f"{tells}run.log({{'x': 1.0}})") == ""
    store = open_store(config.database_url)
    (run,) = runs.search(store)
    assert (run.status, histories.history(store, run, "x")[0].tolist()) == ("FINISHED", [0])
    store.close()


def test_a_server_with_another_store_is_no_help(home: Path, tmp_path: Path, serve: Callable) -> None:
    serve(home)
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert script(home, "print(log_and_flush())", MAESTRO_DATABASE_URL=other) == "[0]"


def test_a_long_path_is_no_hindrance(tmp_path: Path, serve: Callable) -> None:
    home = tmp_path / ("deep" * 30) / "maestro"
    home.mkdir(parents=True, mode=0o700)
    serve(home)
    assert script(home, COUNT_WRITES + "print(log_and_flush(), writes)") == "[0] []"


def test_nobody_else_can_ring(home: Path, config: Maestro, serve: Callable) -> None:
    serve(home)
    assert (home / NAME).stat().st_mode & 0o777 == 0o600
    assert [one.message for one in examine(config) if one.check == "modes" and one.level != "ok"] == []


def test_the_second_server_answers_once_the_first_is_gone(home: Path, serve: Callable) -> None:
    first = serve(home)
    second = serve(home, first=False)
    assert ring(home, 60)
    first.stop()
    wait_until(lambda: holder_of(home / "server.lock") == second.pid)
    wait_until(lambda: ring(home, 60))
    second.stop()
    assert not (home / NAME).exists()
    assert not ring(home, 60)


def test_a_caller_that_does_not_wait_holds_up_nobody(home: Path, serve: Callable) -> None:
    serve(home)
    for _ in range(300):
        ring(home, 0)
    # A caller may be sent away while so many are there, and collects for itself then; once they are gone, none is.
    wait_until(lambda: ring(home, 60))


def test_where_nobody_listens_nobody_waits(home: Path) -> None:
    assert not ring(home, 600)
    home.mkdir(parents=True)
    assert not ring(home, 600)
    killed = Doorbell(home)
    killed.hang()
    kept = home / "kept"
    (home / NAME).rename(kept)
    killed.close()
    kept.rename(home / NAME)
    assert not ring(home, 600)
    again = Doorbell(home)
    again.hang()
    again.close()


@pytest.fixture
def collect(config: Maestro) -> Iterator[Callable[[], Collecting]]:
    """Give a function that begins to collect in this process."""
    begun = []

    def begin() -> Collecting:
        app = App(config, "server")
        begun.append((Collecting(app, logging.getLogger("maestro-test")), app))
        begun[-1][0].start()
        return begun[-1][0]

    yield begin
    for collecting, app in begun:
        collecting.stop()
        app.shutdown()


def test_a_server_that_fails_lets_nobody_wait(home: Path, collect: Callable) -> None:
    (home / "maestro.db").mkdir(parents=True)
    collecting = collect()
    wait_until(lambda: collecting.state().startswith("Collecting fails"))
    assert not ring(home, 600)
    (home / "maestro.db").rmdir()
    assert ring(home, 600)
    wait_until(lambda: collecting.state() == "ok")


def test_where_no_socket_can_be_made_all_collect_for_themselves(
    home: Path, config: Maestro, collect: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    (home / NAME).mkdir(parents=True)
    with caplog.at_level(logging.WARNING, "maestro-test"):
        collecting = collect()
        wait_until(lambda: caplog.records)
    assert "collect for themselves" in caplog.text
    assert not ring(home, 600)
    assert script(home, "print(log_and_flush())") == "[0]"
    assert collecting.state() == "ok"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_fifty_kills_of_servers_while_a_kernel_flushes(home: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    code = (
        "for n in range(100_000):\n    assert log_and_flush() == list(range(n + 1))\n    print(n, flush=True)"
    )
    said = tmp_path / "said"

    def count() -> int:
        assert kernel.poll() is None
        return said.read_text().count("\n")

    with said.open("w") as file:
        kernel = subprocess.Popen([sys.executable, "-c", BEGIN + code], env=environment(home), stdout=file)
    try:
        for _ in range(50):
            server = context.Process(target=collect_for_ever, args=(str(home),))
            server.start()
            wait_until(lambda server=server: holder_of(home / "server.lock") == server.pid)
            time.sleep(float(random.uniform(0, 0.1)))
            server.kill()
            server.join()
            before = count()
            wait_until(lambda before=before: count() > before + 1)
    finally:
        kernel.kill()
        kernel.wait()


def collect_for_ever(home: str) -> None:
    Collecting(App(Maestro(environ={"MAESTRO_HOME": home}), "server")).start()
    time.sleep(600)
