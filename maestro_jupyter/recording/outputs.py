"""What a cell prints and displays: watched where it passes, never changed."""

from __future__ import annotations

import operator
import sys
from typing import TYPE_CHECKING, Any

from maestro_jupyter.recording.interpose import Interposer, Observer, observed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from maestro_jupyter.recording.recorder import Recorder
    from maestro_jupyter.recording.redaction import Redactor

_SLACK = 8 << 10
"""Characters kept beyond the cap, so that no secret is cut in two before it is recognised."""

_SMALL = 2 << 10
"""Up to here, redacting costs less than handing it to another thread."""


class OutputCapture:
    """Collects the text output of the present cell, up to the cap of the settings.

    Parameters
    ----------
    recorder : Recorder
        Its `problems` count what fails.
    shell : InteractiveShell
        Whose display hook and publisher are watched.
    shown : callable
        Told of every data bundle that is displayed, by MIME type.
    """

    def __init__(self, recorder: Recorder, shell: Any, shown: Callable[[Mapping[str, Any]], None]) -> None:
        self._recorder = recorder
        self._shell = shell
        self._displays = Interposer()
        self._streams = Interposer()
        self._watched: tuple[Any, ...] = ()
        self._writes = _Writes(self, recorder)
        self.text = Text(0)
        self._shown = shown

    def install(self) -> None:
        """Watch the shell's displays and the standard streams."""
        for holder, name in (
            (self._shell.displayhook, "write_format_data"),
            (self._shell.display_pub, "publish"),
        ):
            watch = observed(getattr(holder, name), _Displays(self, self._recorder, self._shown))
            self._displays.attribute(holder, name, watch)

    def uninstall(self) -> None:
        """Leave displays and streams as they were."""
        self._displays.restore()
        self.collect(None)

    def collect(self, text: Text | None) -> None:
        """Collect into a text from now on; None to stop.

        IPython itself replaces the streams' ``write`` for as long as a cell runs and puts back what it
        found, so that ours has to come and go within that time.
        """
        if text is None:
            self._streams.restore()
            self._watched = ()
            self.text = Text(0)
            return
        self.text = text
        present = (sys.stdout, sys.stderr)
        if self._watched and all(map(operator.is_, present, self._watched)):
            return
        self._streams.restore()
        self._watched = present
        for stream in {id(stream): stream for stream in present if stream is not None}.values():
            with self._recorder.problems.caught("outputs.watch"):
                self._streams.attribute(stream, "write", observed(stream.write, self._writes))


class Text:
    """Text that grows up to a cap.

    Parameters
    ----------
    limit : int
        The cap, in characters.

    Attributes
    ----------
    size : int
        How much there was, in characters.
    kept : int
        How much of it is kept at most, until it is redacted.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.kept = limit + _SLACK
        self._parts: list[str] = []
        self.size = 0

    def add(self, text: str) -> None:
        """Add a piece; what exceeds the cap is counted only."""
        if self.size < self.kept:
            self._parts.append(text[: self.kept - self.size])
        self.size += len(text)

    def add_line(self, text: str) -> None:
        """Add what stands on lines of its own; so no secret before it seems to go on in it."""
        if self._parts and not self._parts[-1].endswith("\n"):
            self.add("\n")
        self.add(f"{text}\n")

    @property
    def small(self) -> bool:
        """Whether it is short enough to be redacted at once."""
        return self.size <= _SMALL

    def so_far(self, redactor: Redactor, clean: Callable[[str], str]) -> tuple[str, bool]:
        """Give what can be told of a text that still grows: whole lines, redacted, up to the cap.

        A secret that is not yet all there looks like none. What stands in one line is held back with it; of
        what stands in several, the redactor knows the beginning.
        """
        text = encodable("".join(list(self._parts)))
        if self.size <= self._limit:
            whole = redactor.whole_lines(text)
            return clean(text[:whole]), False
        cleaned = clean(text)
        return cleaned[: max(0, min(self._limit, len(cleaned) - _SLACK))], True

    def settled(self, clean: Callable[[str], str]) -> tuple[str, bool]:
        """Give the text without its secrets, and whether something is missing from it."""
        text = clean(encodable("".join(self._parts)))
        if self.size <= self._limit:
            return text, False
        if self.size > self.kept:
            text = text[: max(0, len(text) - _SLACK)]
        return text[: self._limit], True


class _Writes(Observer[str]):
    """Sees what is written to a standard stream."""

    where = "outputs.write"

    def __init__(self, capture: OutputCapture, recorder: Recorder) -> None:
        self._capture = capture
        self.problems = recorder.problems

    def enter(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
        return args[0] if args and isinstance(args[0], str) else None

    def leave(self, token: str, result: Any, error: BaseException | None) -> None:
        if error is None:
            self._capture.text.add(token)


class _Displays(Observer[tuple[int, Any]]):
    """Sees the data bundles that are displayed."""

    where = "outputs.display"

    def __init__(
        self, capture: OutputCapture, recorder: Recorder, shown: Callable[[Mapping[str, Any]], None]
    ) -> None:
        self._capture = capture
        self.problems = recorder.problems
        self._shown = shown

    def enter(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[int, Any] | None:
        if kwargs.get("update"):
            return None
        return self._capture.text.size, args[0] if args else kwargs.get("data", kwargs.get("format_dict"))

    def leave(self, token: tuple[int, Any], result: Any, error: BaseException | None) -> None:
        size, bundle = token
        if error is not None or not isinstance(bundle, dict):
            return
        self._shown(bundle)
        text = bundle.get("text/plain")
        # A terminal's display prints the text, so that it was seen already.
        if isinstance(text, str) and self._capture.text.size == size:
            self._capture.text.add_line(text)


def encodable(text: str) -> str:
    r"""Give a text that UTF-8 can hold, lone surrogates spelled out.

    Examples
    --------
    >>> encodable("caf\udce9")
    'caf\\udce9'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text
