"""Artifacts: files and objects whose bytes are put into the spool, under their sha256."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import time
import uuid
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

from maestro_jupyter.errors import Invalid
from maestro_jupyter.events import ArtifactLogged
from maestro_jupyter.recording.artifact_forms import Form, figure_form, object_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from maestro_jupyter.recording.active_run import ActiveRun
    from maestro_jupyter.recording.recorder import Recorder

_CHUNK = 1 << 20
_FILES = 10_000
_NAME_LENGTH = 1000


def log_artifact(
    recorder: Recorder,
    run: ActiveRun | None,
    value: Any,
    name: str | None = None,
    type: str | None = None,  # noqa: A002 - the contract's name
) -> None:
    """Keep a file, a folder or an object with a run.

    Parameters
    ----------
    recorder : Recorder
        Whose journal and spool to use.
    run : ActiveRun or None
        None keeps it with the present cell alone.
    value : object
        A path; or bytes, a matplotlib, plotly or PIL figure, a DataFrame, a numpy array, or plain data
        (dicts and lists, as JSON). The bytes are kept as they are: secrets in them are not redacted.
    name : str, optional
        Its name; by default the file's, or one that says its kind.
    type : str, optional
        Its type; by default one that says its kind.

    Raises
    ------
    Invalid
        If there is no such file, the object has no safe form, or it is larger than
        `Maestro.artifact_limit`.

    Warns
    -----
    MaestroWarning
        If the disk refuses it; the run goes on without.
    """
    if not recorder.recording or not (run is None or run.recorded):
        return
    run_id = None if run is None else run.run_id
    if isinstance(value, str | os.PathLike):
        path = _path(value)
        for part, file in _files(path, name):
            with recorder.spared(part):
                _keep_file(recorder, run_id, file, part, type or "file")
        return
    form = object_form(value)
    name = name or f"{form.stem}{form.suffix}"
    with recorder.spared(name):
        keep_form(recorder, run_id, form, name, type, recorder.execution)


def log_figure(recorder: Recorder, run: ActiveRun | None, figure: Any, name: str | None = None) -> None:
    """Keep a figure with a run: matplotlib's and PIL's as PNG, plotly's as JSON.

    Raises
    ------
    Invalid
        If it is no figure.
    """
    if not recorder.recording or not (run is None or run.recorded):
        return
    form = figure_form(figure)
    if form is None:
        msg = f"A {figure.__class__.__qualname__} is no matplotlib, plotly or PIL figure."
        raise Invalid(msg, hint="Use log_artifact() for other objects.")
    run_id = None if run is None else run.run_id
    name = name or f"{form.stem}{form.suffix}"
    with recorder.spared(name):
        keep_form(recorder, run_id, form, name, "figure", recorder.execution)


def keep_form(
    recorder: Recorder,
    run: str | None,
    form: Form,
    name: str,
    type: str | None = None,  # noqa: A002 - as in `log_artifact`
    execution: str | None = None,
) -> ArtifactLogged:
    """Spool the bytes of an object, then say so in the journal; give what was said."""
    name = _checked_name(name if PurePosixPath(name).suffix else f"{name}{form.suffix}")
    _check_size(recorder, name, len(form.data))
    sha256 = spool_bytes(recorder.config.spool, form.data)
    return _say(recorder, run, execution, name, type or form.type, sha256, len(form.data), form.media_type)


def spool_bytes(folder: Path, data: bytes) -> str:
    """Put bytes into the spool; those that are there count as needed from now on.

    Returns
    -------
    str
        Their sha256.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        os.utime(folder / sha256)
    except FileNotFoundError:
        _write(folder, [data])
    return sha256


def spool_file(folder: Path, file: BinaryIO) -> tuple[str, int]:
    """Put what is left of a file into the spool.

    Returns
    -------
    sha256 : str
    size : int
    """
    return _write(folder, _pieces(file))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """Read a file; that it cannot be read is not the spool's fault."""
    try:
        while piece := file.read(_CHUNK):
            yield piece
    except OSError as error:
        msg = f"The file {getattr(file, 'name', '')!r} cannot be read: {error}."
        raise Invalid(msg) from error


def media_type_of(name: str) -> str:
    """Give the media type that a file's name says."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _write(folder: Path, chunks: Iterable[bytes]) -> tuple[str, int]:
    for one in (folder.parent, folder):  # each, as only the last of a path gets the mode
        one.mkdir(mode=0o700, parents=True, exist_ok=True)
    waiting = folder / f".{uuid.uuid4().hex}"
    digest, size = hashlib.sha256(), 0
    fd = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(fd, "wb") as out:  # noqa: PTH123 - a descriptor has no path
            for chunk in chunks:
                out.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            out.flush()
            os.fsync(out.fileno())
        waiting.rename(folder / digest.hexdigest())
    except BaseException:
        with suppress(OSError):
            waiting.unlink(missing_ok=True)
        raise
    return digest.hexdigest(), size


def _path(value: str | os.PathLike[str]) -> Path:
    path = Path(os.fspath(value))
    try:
        if path.exists():
            return path
    except (OSError, ValueError):  # a text too long for a path, or with a null character
        pass
    msg = f"There is no file or folder {str(value)[:100]!r}."
    raise Invalid(msg, hint="To keep a text itself, pass text.encode().")


def _files(path: Path, name: str | None) -> Iterator[tuple[str, Path]]:
    """Give the files of a path, each with the name it is kept under."""
    if path.is_file():
        yield name or path.name, path
        return
    found = sorted(Path(folder) / file for folder, _, files in os.walk(path) for file in files)
    if len(found) > _FILES:
        msg = f"The folder {str(path)!r} holds {len(found):,} files; at most {_FILES:,} are kept."
        raise Invalid(msg, hint="Pack it into one archive.")
    prefix = name or path.resolve().name
    for file in found:
        yield f"{prefix}/{file.relative_to(path).as_posix()}", file


def _keep_file(recorder: Recorder, run: str | None, path: Path, name: str, type: str) -> None:  # noqa: A002
    name = _checked_name(name)
    try:
        file = path.open("rb")
    except OSError as error:
        msg = f"The artifact {name!r} cannot be read: {error}."
        raise Invalid(msg) from error
    with file:
        _check_size(recorder, name, os.fstat(file.fileno()).st_size)
        sha256, size = spool_file(recorder.config.spool, file)
    _say(recorder, run, recorder.execution, name, type, sha256, size, media_type_of(name))


def _check_size(recorder: Recorder, name: str, size: int) -> None:
    limit = recorder.config.artifact_limit
    if size > limit:
        msg = f"The artifact {name!r} is {size:,} bytes long; at most {limit:,} are kept."
        raise Invalid(msg, hint="Raise c.Maestro.artifact_limit, or keep a part of it.")


def _checked_name(name: Any) -> str:
    if not isinstance(name, str) or not name.strip() or len(name) > _NAME_LENGTH or not name.isprintable():
        msg = f"The artifact name {name!r:.100} is not a printable string of 1 to {_NAME_LENGTH} characters."
        raise Invalid(msg)
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts:
        msg = f"The artifact name {name!r} is not a relative path without '..'."
        raise Invalid(msg)
    return name


def _say(
    recorder: Recorder,
    run: str | None,
    execution: str | None,
    name: str,
    type: str,  # noqa: A002 - as in `log_artifact`
    sha256: str,
    size: int,
    media_type: str,
) -> ArtifactLogged:
    event = ArtifactLogged(
        run,
        execution,
        recorder.redactor.text(name),
        type,
        sha256,
        size,
        media_type,
        time.time(),
    )
    recorder.journal.append(event)
    return event
