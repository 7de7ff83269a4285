"""What goes into the library: bytes into the spool, and a line into the journal for each version and use."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from maestro_jupyter.artifact_names import checked_alias, checked_name, checked_tag
from maestro_jupyter.errors import Invalid, Unavailable
from maestro_jupyter.events import ArtifactRegistered, ArtifactUsed
from maestro_jupyter.recording.artifacts import spool_bytes, spool_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from maestro_jupyter.recording.recorder import Recorder


def register(
    recorder: Recorder,
    name: str,
    data: bytes | Path,
    *,
    type: str,  # noqa: A002 - the contract's name
    format: str,  # noqa: A002 - as `ArtifactVersion` has it
    media_type: str,
    about: Mapping[str, Any],
    description: str | None = None,
    tags: Iterable[str] = (),
    aliases: Iterable[str] = (),
    private: bool = False,
    run: str | None = None,
    text: str = "",
) -> str:
    """Register a version.

    Parameters
    ----------
    recorder : Recorder
    name : str
        See `checked_name`.
    data : bytes or Path
        What is kept; a file is read piece by piece.
    type, format, media_type : str
        What it is, and how its bytes are read.
    about : mapping
        What is known of the content; plain data.
    description : str, optional
        None leaves the artifact's.
    tags, aliases : iterable of str
        Tags are added to the artifact's; an alias moves to this version.
    private : bool
        Whether nobody else sees it.
    run : str, optional
        The id of the run that it came from.
    text : str
        What search looks at besides the name and the description.

    Returns
    -------
    str
        The registration's id.

    Raises
    ------
    Invalid
        If a name, tag or alias cannot be used, or the content is too large.
    Unavailable
        If recording is off, or the disk refuses the bytes.
    """
    name, redact = checked_name(name), recorder.redactor.text
    checked_tags = [redact(checked_tag(tag)) for tag in tags]
    checked_aliases = [checked_alias(alias) for alias in aliases]
    if not recorder.recording:
        msg = f"Nothing is recorded now, so {name!r} is not registered."
        raise Unavailable(msg, hint="See `%maestro status`.")
    _check_size(recorder, name, data)
    try:
        sha256, size = _spool(recorder, data)
    except OSError as error:
        msg = f"The artifact {name!r} is not kept: {error}."
        raise Unavailable(msg, hint="Make room on the disk, and register it again.") from error
    event = ArtifactRegistered(
        registration=uuid.uuid4().hex,
        name=redact(name),
        type=redact(checked_tag(type)),
        format=format,
        sha256=sha256,
        size=size,
        media_type=media_type,
        project=recorder.project,
        user=recorder.user,
        time=time.time(),
        run=run,
        execution=recorder.execution,
        private=private,
        description=None if description is None else redact(description),
        tags=checked_tags,
        aliases=checked_aliases,
        about=dict(about),
        text=text,
    )
    recorder.journal.append(event)
    recorder.library_names.add(event.name)
    return event.registration


def note_use(recorder: Recorder, registration: str, run: str | None, *, project: str | None = None) -> None:
    """Note that a version was used: by a run, which may be of another project, or by the present cell."""
    where = project or recorder.project
    recorder.emit(ArtifactUsed(registration, where, recorder.user, time.time(), run, recorder.execution))


def _spool(recorder: Recorder, data: bytes | Path) -> tuple[str, int]:
    if isinstance(data, bytes):
        return spool_bytes(recorder.config.spool, data), len(data)
    with data.open("rb") as file:
        return spool_file(recorder.config.spool, file)


def _check_size(recorder: Recorder, name: str, data: bytes | Path) -> None:
    size, limit = (
        len(data) if isinstance(data, bytes) else data.stat().st_size,
        recorder.config.artifact_limit,
    )
    if size > limit:
        msg = f"The artifact {name!r} is {size:,} bytes long; at most {limit:,} are kept."
        raise Invalid(msg, hint="Raise c.Maestro.artifact_limit, or keep a part of it.")
