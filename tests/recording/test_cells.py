"""Cells in a real shell: what is recorded of them, and that nothing else changes."""

from __future__ import annotations

import inspect
import io
import sys
import threading
import time
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from IPython.core.interactiveshell import InteractiveShell
from journals import read_events, read_kind
from shells import let_go
from traitlets.config import Config

from maestro_jupyter.config import Maestro
from maestro_jupyter.events import (
    ArtifactLogged,
    CellEnded,
    CellNames,
    CellOutput,
    CellStarted,
    EnvironmentSeen,
    RunContext,
    RunEnded,
    RunStarted,
)
from maestro_jupyter.recording import cells, code_state, figures, snapshots
from maestro_jupyter.recording.extension import KernelCapture
from maestro_jupyter.recording.names import names
from maestro_jupyter.recording.outputs import Text
from maestro_jupyter.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from maestro_jupyter.events import Event

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"


class Session:
    """A shell whose cells are recorded."""

    def __init__(self, shell: InteractiveShell, **settings: Any) -> None:
        self.shell = shell
        config = Maestro()
        config.set_trait("output_limit", settings.get("output_limit", config.output_limit))
        config.set_trait("figure_limit", settings.get("figure_limit", config.figure_limit))
        self.recorder = Recorder(config, "ipython")
        self.capture = KernelCapture(self.recorder, shell)
        shell.user_ns["session"] = self

    def run(self, *cells: str) -> str:
        with redirect_stdout(io.StringIO()) as printed:
            for cell in cells:
                self.shell.run_cell(cell, store_history=True)
        return printed.getvalue()

    def events(self) -> list[Event]:
        assert self.recorder.background.drain(20)
        return read_events(self.recorder.config.journals)

    def kind(self, kind: Any) -> list[Any]:
        assert self.recorder.background.drain(20)
        return read_kind(self.recorder.config.journals, kind)

    def problems(self) -> dict[str, int]:
        return self.recorder.problems.counts()


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    kept = sys.displayhook, sys.excepthook, sys.modules["__main__"]
    made = InteractiveShell.instance(config=config)
    yield made
    let_go(made)
    sys.displayhook, sys.excepthook, sys.modules["__main__"] = kept


@pytest.fixture
def session(shell: InteractiveShell) -> Iterator[Session]:
    yield from _installed(Session(shell))


def _installed(session: Session) -> Iterator[Session]:
    session.capture.install()
    yield session
    session.capture.uninstall()
    session.recorder.close()
    session.recorder.uninstall()


def test_a_cell_is_recorded(session: Session) -> None:
    session.run("scale = 2\nprint('hello')", "scale * 21")
    first, second = session.kind(CellStarted)
    assert (first.number, second.number) == (1, 2)
    assert (first.source, second.source) == ("scale = 2\nprint('hello')", "scale * 21")
    assert second.count == first.count + 1
    outputs = {event.execution: event.text for event in session.kind(CellOutput)}
    assert outputs[first.execution] == "hello\n"
    assert "42" in outputs[second.execution]
    assert [event.success for event in session.kind(CellEnded)] == [True, True]
    assert {event.execution: (event.reads, event.writes) for event in session.kind(CellNames)} == {
        first.execution: ([], ["scale"]),
        second.execution: (["scale"], []),
    }
    assert session.recorder.counts["cells"] == 2
    assert session.recorder.execution is None
    assert not session.problems()


@pytest.mark.parametrize(
    ("source", "error", "in_traceback"),
    [
        (
            "def f(n):\n    return n / 0\nf(3)",
            "ZeroDivisionError: division by zero",
            "in f\n    return n / 0",
        ),
        ("x = = 3", "SyntaxError: invalid syntax", "x = = 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", "raise KeyboardInterrupt"),
        ("%no_such_magic", "UsageError: Line magic", "UsageError"),
        ("raise ValueError('caf\\udce9')", "ValueError: caf\\udce9", "ValueError"),
    ],
)
def test_a_failing_cell_keeps_its_error(session: Session, source: str, error: str, in_traceback: str) -> None:
    session.run(source)
    (ended,) = session.kind(CellEnded)
    assert not ended.success
    assert ended.error.startswith(error) or error.startswith("UsageError")
    assert in_traceback in ended.traceback
    assert "interactiveshell.py" not in ended.traceback or source.startswith("%")
    assert not session.problems()


def test_an_endless_traceback_is_capped(session: Session) -> None:
    limit, line = sys.getrecursionlimit(), "g" + "o" * 400
    sys.setrecursionlimit(len(inspect.stack()) + 300)  # IPython takes minutes over thousands of frames
    try:
        session.run(f"def a():\n    {line}()\ndef {line}():\n    a()\na()")
    finally:
        sys.setrecursionlimit(limit)
    (ended,) = session.kind(CellEnded)
    assert ended.error.startswith("RecursionError")
    assert 10_000 < len(ended.traceback) < 64 << 10


def test_silent_executions_are_no_cells(session: Session) -> None:
    session.shell.run_cell("a = 1", silent=True)
    session.shell.run_cell("b = 2", store_history=False)
    session.shell.run_cell("", store_history=True)
    assert not session.recorder.journal.begun


def test_a_cell_within_a_cell_gives_the_scope_back(session: Session) -> None:
    session.run(
        "get_ipython().run_cell('inner = 1', store_history=True)\nexecution = session.recorder.execution"
    )
    outer, inner = session.kind(CellStarted)
    assert session.shell.user_ns["execution"] == outer.execution
    assert {event.execution for event in session.kind(CellEnded)} == {outer.execution, inner.execution}


def test_secrets_reach_the_journal_nowhere(session: Session, home: Path) -> None:
    session.run(
        f"token = '{SECRET}'",
        f"print('{SECRET}')",
        f"'{SECRET}'",
        f"raise ValueError('{SECRET}')",
        f"print('x' * 5000, '{SECRET}')",
    )
    session.events()
    written = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert SECRET.encode() not in written
    assert b"[redacted]" in written


def test_a_skipped_cell_leaves_no_trace(session: Session, home: Path) -> None:
    session.shell.register_magic_function(
        lambda line, cell: session.shell.run_cell(cell).raise_error(), "cell", "maestro"
    )
    printed = session.run(
        "kept = 1", "%%maestro skip\nprint('hidden 1')\nsession.recorder.start_run('hidden 2')", "kept + 1"
    )
    assert "hidden 1" in printed
    assert [event.source for event in session.kind(CellStarted)] == ["kept = 1", "kept + 1"]
    assert not session.kind(RunStarted)
    assert b"hidden" not in b"".join(path.read_bytes() for path in (home / "journals").iterdir())


def test_the_rest_of_a_cell_can_be_skipped(session: Session) -> None:
    session.run("session.capture.cells.skip_current()\nprint('hidden')", "print('shown')")
    assert [event.text for event in session.kind(CellOutput)] == ["shown\n"]
    assert not session.recorder.paused


def test_recording_can_be_turned_off_and_on(session: Session) -> None:
    session.run(
        "session.recorder.enabled = False\nprint('hidden')",
        "hidden = 1",
        "session.recorder.enabled = True\nsession.recorder.start_run('first').end()",
        "session.recorder.start_run('second').end()",
    )
    started, last = session.kind(CellStarted)
    assert started.source.startswith("session.recorder.enabled = False")
    assert [event.execution for event in session.kind(CellEnded)] == [started.execution, last.execution]
    assert not session.kind(CellOutput)
    assert [(event.name, event.execution) for event in session.kind(RunStarted)] == [
        ("first", None),
        ("second", last.execution),
    ]


def test_the_cell_that_loads_the_extension_is_recorded(shell: InteractiveShell) -> None:
    session = Session(shell)
    session.run("before = 1", "session.capture.install()\nwith session.recorder.start_run('r'): pass")
    session.run("after = 1")
    sources = [event.source for event in session.kind(CellStarted)]
    assert [source.split()[0] for source in sources] == ["session.capture.install()", "after"]
    (run,) = session.kind(RunStarted)
    assert run.execution == session.kind(CellStarted)[0].execution
    assert len(session.kind(CellEnded)) == 2
    session.run("session.capture.uninstall()")
    session.run("unseen = 1")
    assert len(session.kind(CellStarted)) == len(session.kind(CellEnded)) == 3
    session.recorder.close()
    session.recorder.uninstall()


def test_nothing_is_left_after_unloading(shell: InteractiveShell) -> None:
    def state() -> Any:
        callbacks = {name: list(found) for name, found in shell.events.callbacks.items()}
        holders = (shell.displayhook, shell.display_pub, sys.stdout, sys.stderr)
        return callbacks, list(sys.meta_path), [sorted(vars(each)) for each in holders], set(shell.user_ns)

    session = Session(shell)
    before = state()
    for _ in _installed(session):
        assert state() != before
    assert state() == before
    session.capture.uninstall()
    assert state() == before


def test_output_is_kept_up_to_the_cap(shell: InteractiveShell) -> None:
    for session in _installed(Session(shell, output_limit=100)):
        session.run(
            "for n in range(10_000): print(n)", "print('x' * 100, end='')", "print('x' * 101, end='')"
        )
        long, exact, one_more = session.kind(CellOutput)
        assert long.truncated
        assert long.text == "".join(f"{n}\n" for n in range(50))[:100]
        assert (len(exact.text), exact.truncated) == (100, False)
        assert (len(one_more.text), one_more.truncated) == (100, True)


def test_a_secret_is_not_cut_in_two_by_the_cap(shell: InteractiveShell) -> None:
    for session in _installed(Session(shell, output_limit=100)):
        session.run(f"print('x' * 90 + ' {SECRET}' + ' y' * 5000)")
        (output,) = session.kind(CellOutput)
        assert "ghp_" not in output.text
        assert output.truncated


def test_what_is_not_printed_is_not_output(session: Session) -> None:
    session.run(
        "import io, sys, contextlib\nwith contextlib.redirect_stdout(io.StringIO()): print('inside')\nprint('out')",
        "%%capture\nprint('captured')",
        "sys.stdout.write('bad \\udce9 text')",
        "import threading\nt = threading.Thread(target=print, args=('threaded',)); t.start(); t.join()",
    )
    texts = [event.text for event in session.kind(CellOutput)]
    assert texts[0] == "out\n"
    assert texts[1].startswith("bad \\udce9 text")
    assert texts[-1] == "threaded\n"
    assert not any("captured" in text or "inside" in text for text in texts)


def test_displays_are_output_once(session: Session) -> None:
    session.run(
        "from IPython.display import display\ndisplay('one', 'two')\ndisplay({'text/plain': 'raw'}, raw=True)"
    )
    (output,) = session.kind(CellOutput)
    assert output.text == "'one'\n'two'\nraw\n"


SHOW = (
    f"from IPython.display import display\ndisplay({{'image/png': {PNG!r}, 'text/plain': 'fig'}}, raw=True)"
)


@pytest.mark.parametrize(
    ("cell", "owner"),
    [
        (
            f"run = session.recorder.start_run('a')\n{SHOW}\nrun.end()\nsession.recorder.start_run('b').end()",
            "a",
        ),
        (f"{SHOW}\nsession.recorder.start_run('a').end()", "a"),
        (f"session.recorder.start_run('a').end()\nsession.recorder.start_run('b').end()\n{SHOW}", None),
        (SHOW, None),
    ],
)
def test_a_figure_belongs_to_the_run_that_is_certain(session: Session, cell: str, owner: str | None) -> None:
    session.run(cell)
    *told, figure = session.kind(ArtifactLogged)
    assert all(before == msgspec.structs.replace(figure, run=None) for before in told)
    runs = {event.run: event.name for event in session.kind(RunStarted)}
    assert runs.get(figure.run) == owner
    assert figure.execution == session.kind(CellStarted)[0].execution
    assert (figure.name, figure.type, figure.media_type) == ("figure-1.png", "figure", "image/png")
    spooled = session.recorder.config.spool / figure.sha256
    assert spooled.read_bytes() == PNG
    assert spooled.stat().st_mode & 0o777 == 0o600


def test_figures_are_limited_per_cell(shell: InteractiveShell) -> None:
    for session in _installed(Session(shell, figure_limit=2)):
        session.run(SHOW + "\nfor _ in range(5): display({'image/svg+xml': '<svg/>'}, raw=True)", SHOW)
        assert [event.name for event in session.kind(ArtifactLogged)] == [
            "figure-1.png",
            "figure-2.svg",
            "figure-1.png",
        ]


def test_saved_figures_are_kept(session: Session, tmp_path: Path) -> None:
    session.shell.user_ns["folder"] = tmp_path
    session.run(
        "from matplotlib.figure import Figure\nfrom io import BytesIO\nFigure().savefig(folder / 'a.svg')",
        "Figure().savefig(str(folder / 'plain'))\nFigure().savefig(BytesIO())",
        "import plotly.graph_objects as go\ngo.Figure().write_html(str(folder / 'p.html'))",
    )
    kept = {event.name: event for event in session.kind(ArtifactLogged)}
    assert set(kept) == {"a.svg", "plain.png", "p.html"}
    for name, event in kept.items():
        assert (session.recorder.config.spool / event.sha256).read_bytes() == (tmp_path / name).read_bytes()
    assert not session.problems()


def test_the_runs_of_a_cell_have_their_context(session: Session) -> None:
    session.run("for name in 'abc': session.recorder.start_run(name).end()", "1 + 1")
    (noted,) = session.kind(RunContext)
    assert noted.runs == [event.run for event in session.kind(RunStarted)]
    (seen,) = session.kind(EnvironmentSeen)
    assert noted.environment == seen.digest
    session.run("session.recorder.start_run('d').end()")
    assert len(session.kind(RunContext)) == 2
    assert len(session.kind(EnvironmentSeen)) == 1


def test_async_cells_keep_a_run_current(session: Session) -> None:
    session.run("import asyncio\nrun = session.recorder.start_run('r')\nawait asyncio.sleep(0)", "run.end()")
    assert len(session.kind(RunEnded)) == 1
    assert not session.problems()


FAULTS: dict[str, Callable[[Session], tuple[Any, str]]] = {
    "cells.begin": lambda session: (session.recorder.redactor, "text"),
    "cells.end": lambda session: (session.capture.cells, "_finish"),
    "cells.after": lambda session: (session.recorder.journal, "sync"),
    "outputs.write": lambda session: (Text, "add"),
    "outputs.display": lambda session: (session.capture.cells._figures, "_keep"),
    "figures.saved": lambda session: (session.capture.cells._figures, "saved"),
    "figures": lambda session: (figures, "keep_form"),
    "context": lambda session: (code_state, "code_state"),
}


class _Broken:
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        msg = "planted"
        raise RuntimeError(msg)

    def __getattr__(self, name: str) -> Any:
        self()


@pytest.mark.parametrize("hook", list(FAULTS))
def test_a_failing_hook_fails_no_cell(
    session: Session, hook: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    session.shell.user_ns["folder"] = tmp_path
    cells = [
        "print('printed')",
        SHOW.replace("fig", "shown"),
        "from matplotlib.figure import Figure\nFigure().savefig(folder / 'a.png')",
        "session.recorder.start_run('r').end()\n1 + 1",
    ]
    holder, name = FAULTS[hook](session)
    with monkeypatch.context() as patch:
        patch.setattr(holder, name, _Broken())
        if hook == "cells.begin":
            cells = cells[:3]
        results = [session.shell.run_cell(cell, store_history=True) for cell in cells]
        session.recorder.background.drain(20)
    assert all(result.success for result in results)
    printed = capsys.readouterr()
    assert "printed\n" in printed.out
    assert not any(word in printed.out + printed.err for word in ("planted", "Error", "maestro"))
    assert session.problems().get(hook, 0) >= 1


def test_what_is_secret_in_the_source_is_secret_in_the_error(session: Session) -> None:
    session.run("password: swordfish_or_so", "print('swordfish_or_so again')")
    said = b"".join(path.read_bytes() for path in session.recorder.config.journals.iterdir())
    assert b"name '[redacted]' is not defined" in said
    assert session.kind(CellOutput)[-1].text == "swordfish_or_so again\n"  # in another cell nothing says so
    assert session.kind(CellNames)[0].reads == ["[redacted]"]


def test_a_display_begins_a_line_of_its_own() -> None:
    text = Text(100)
    text.add("open")
    text.add_line("x")
    text.add_line("y")
    assert text.settled(str) == ("open\nx\ny\n", False)


def _printing(session: Session, source: str, looks: Callable[[], object]) -> None:
    """Run a cell that calls `look()` where somebody might look at it while it runs."""
    session.shell.user_ns["look"] = looks
    session.run(source)


def test_output_is_written_down_while_its_cell_runs(session: Session) -> None:
    seen = []

    def look() -> None:
        cells = session.capture.cells
        cells._snapshots.write(cells._running[-1])
        seen.append([event.text for event in session.kind(CellOutput)])

    _printing(session, "print('one'); look(); look(); print('two', end=''); look(); print(); look()", look)
    assert seen == [["one\n"], ["one\n"], ["one\n"], ["one\n", "one\ntwo\n"]]
    assert [event.text for event in session.kind(CellOutput)] == ["one\n", "one\ntwo\n", "one\ntwo\n"]
    assert not session.problems()


def test_a_secret_is_not_told_by_halves(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOY_SECRET", "q7w8\ne9r0\nt1y2")

    def look() -> None:
        cells = session.capture.cells
        cells._snapshots.write(cells._running[-1])

    pieces = [
        SECRET[:12], SECRET[12:] + "\n", "q7w8\n", "e9r0\n", "t1y2\n", "-----BEGIN PRIVATE KEY-----\n",
        "MIIEvQIBADANBg\n", "kqhkiG9w0BAQEF\n", "-----END PRIVATE KEY-----\n", 'password = """first\n', 'second"""\n',
    ]  # fmt: skip
    session.shell.user_ns["pieces"] = pieces
    _printing(session, "for piece in pieces:\n    print(piece, end='')\n    look()", look)
    told = "".join(event.text for event in session.kind(CellOutput))
    hidden = (SECRET[:12], SECRET[12:], "q7w8", "e9r0", "t1y2", "MIIEvQ", "kqhkiG", "first", "second")
    assert [secret for secret in hidden if secret in told] == []
    assert "[redacted]" in told


def test_beyond_the_cap_nothing_more_is_written_down(shell: InteractiveShell) -> None:
    for session in _installed(Session(shell, output_limit=100)):

        def look(session: Session = session) -> None:
            cells = session.capture.cells
            cells._snapshots.write(cells._running[-1])

        _printing(session, "for _ in range(50):\n    print('x' * 1000)\n    look()", look)
        events = session.kind(CellOutput)
        assert events[-1].truncated
        assert len(events[-1].text) == 100
        assert len(events) < 15
        assert not session.problems()


def test_a_cell_that_has_ended_is_not_overwritten(session: Session) -> None:
    kept = []
    _printing(
        session, "print('one'); look(); print('two')", lambda: kept.append(session.capture.cells._running[-1])
    )
    before = session.kind(CellOutput)
    session.capture.cells._snapshots.write(kept[0])
    assert session.kind(CellOutput) == before


def test_a_long_cell_is_looked_at_by_itself(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "SECONDS", 0.01)

    def look() -> None:
        while not session.kind(CellOutput):
            time.sleep(0.01)

    _printing(session, "print('one'); look()", look)
    assert session.kind(CellOutput)[0].text == "one\n"
    assert not session.problems()


def test_a_look_that_fails_is_counted_and_harmless(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "SECONDS", 0.01)
    monkeypatch.setattr(Text, "so_far", _Broken())

    def look() -> None:
        while "cells.snapshot" not in session.problems():
            time.sleep(0.01)

    _printing(session, "print('one'); look(); print('two')", look)
    assert [event.text for event in session.kind(CellOutput)] == ["one\ntwo\n"]
    assert session.kind(CellEnded)[0].success


def test_a_figure_is_written_down_as_it_is_shown(session: Session) -> None:
    seen = []
    _printing(session, SHOW + "\nlook()", lambda: seen.extend(session.kind(ArtifactLogged)))
    assert [(event.run, event.name) for event in seen] == [(None, "figure-1.png")]


def test_a_cell_that_was_interrupted_before_it_had_a_result_has_ended(session: Session) -> None:
    """ipykernel tells of no result then."""
    session.run("session.capture.cells._after(None)")
    (ended,) = session.kind(CellEnded)
    assert (ended.success, ended.error, session.recorder.interrupted) == (False, "KeyboardInterrupt", True)
    session.run("a = 1")
    assert (session.kind(CellEnded)[1].success, session.recorder.interrupted) == (True, False)
    assert not session.problems()


@pytest.mark.parametrize("beside", [False, True])
def test_names_are_read_beside_the_cells_where_python_can(session, monkeypatch, beside):
    """Else Python may fail a cell of the user's for it: github.com/python/cpython/issues/106905."""
    threads = []

    def read(source: str) -> tuple[list[str], list[str]]:
        threads.append(threading.current_thread() is threading.main_thread())
        return names(source)

    monkeypatch.setattr(cells, "PARSES_BESIDE", beside)
    monkeypatch.setattr(cells, "names", read)
    session.run("x = 1", "y = x", "#" + "x" * cells.LONG_CELL)
    found = session.kind(CellNames)
    assert [(one.reads, one.writes) for one in found] == [([], ["x"]), (["x"], ["y"])]
    assert set(threads) == {not beside}
    assert len(threads) == (3 if beside else 2), "what is long is not read in the cells' way"
