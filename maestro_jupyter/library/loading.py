"""What was registered, from its bytes: the object, the code, or a file."""

from __future__ import annotations

import hashlib
import linecache
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path, PurePath
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from maestro_jupyter.errors import Forbidden, Invalid
from maestro_jupyter.library.estimators import load_pickled, load_skops
from maestro_jupyter.library.files import load_json
from maestro_jupyter.library.folders import unpack
from maestro_jupyter.library.onnx_models import load_onnx
from maestro_jupyter.library.packages import LOADED
from maestro_jupyter.library.schemas import load_schema
from maestro_jupyter.library.tables import load_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAGIC = {"skops": b"PK\x03\x04", "parquet": b"PAR1", "folder": b"PK\x03\x04"}


def load(
    format: str,  # noqa: A002 - the contract's name
    file: BinaryIO | Path,
    about: dict[str, Any],
    *,
    trust: bool = False,
) -> Any:
    """Give back what was registered.

    Parameters
    ----------
    format : str
        Of the content; what the bytes are is looked at as well.
    file : binary file or Path
        The bytes.
    about : dict
        What is known of the content.
    trust : bool
        Whether code from the bytes may run here, and a small file take any amount of memory.

    Returns
    -------
    object
        The object; a cell's source as text; the path of a new temporary copy of a file, folder or notebook.

    Raises
    ------
    Forbidden
        If it needs trust.
    Invalid
        If the bytes are not of that format.
    TooLarge
        If a small file would take much memory.

    Examples
    --------
    >>> import io
    >>> load("json", io.BytesIO(b'{"depth": 3}'), {})
    {'depth': 3}
    """
    with _opened(file) as source:
        _check_magic(format, source)
        return _load(format, source, about, trust=trust)


def _check_magic(format_: str, source: BinaryIO) -> None:
    """Look at how the bytes begin, and go back; where nothing is known of that, they are left unread.

    Going back without having read would turn off the check that all of them are as they were kept.
    """
    magic = _MAGIC.get(format_)
    if magic is None:
        return
    if source.read(len(magic)) != magic:
        msg = f"The bytes are not of the format {format_!r} that they claim to be."
        raise Invalid(msg, hint="They were altered, or registered wrongly.")
    source.seek(0)


def _load(format_: str, source: BinaryIO, about: dict[str, Any], *, trust: bool) -> Any:
    readers: dict[str, Callable[[], Any]] = {
        "source": lambda: _load_source(source, about, trust=trust),
        "skops": lambda: load_skops(source, trust=trust),
        "cloudpickle": lambda: load_pickled(source, trust=trust),
        "parquet": lambda: load_table(source, about, trust=trust),
        "onnx": lambda: load_onnx(source),
        "pandera": lambda: load_schema(source),
        "json": lambda: load_json(source.read()),
        "file": lambda: _copied(source, about),
        "notebook": lambda: _copied(source, about),
        "folder": lambda: _unpacked(source, about),
    }
    if format_ not in readers:
        msg = f"The format {format_!r} is not known to this version."
        raise Invalid(msg, hint="Upgrade maestro-jupyter.")
    return readers[format_]()


@contextmanager
def _opened(file: BinaryIO | Path) -> Iterator[BinaryIO]:
    if isinstance(file, Path):
        with file.open("rb") as opened:
            yield opened
    elif file.seekable():
        yield file
    else:
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            yield cast("BinaryIO", copy)


def _load_source(source: BinaryIO, about: dict[str, Any], *, trust: bool) -> Any:
    data = source.read()
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        msg = "The bytes are no source text."
        raise Invalid(msg) from error
    if about.get("kind") == "cell":
        return text
    entry = str(about.get("entry", ""))
    if not trust:
        msg = f"The source of {entry!r} is a program, which runs when it is loaded."
        raise Forbidden(msg, hint="Read it first; if you trust it, pass trust=True.")
    module = _module(text, hashlib.sha256(data).hexdigest()[:16])
    try:
        exec(compile(text, str(module.__file__), "exec", dont_inherit=True), vars(module))  # noqa: S102 - see trust
        return getattr(module, entry)
    except (Exception, SystemExit) as error:
        sys.modules.pop(module.__name__, None)
        msg = f"The source of {entry!r} does not run here: {type(error).__name__}: {error}."
        raise Invalid(msg, hint="See the versions that it was made with.") from error


def _module(text: str, digest: str) -> ModuleType:
    """Make a module that tracebacks and `inspect` can show the source of."""
    module = ModuleType(f"{LOADED}{digest}")
    module.__file__ = f"<maestro library {digest}>"
    linecache.cache[module.__file__] = (len(text), None, text.splitlines(keepends=True), module.__file__)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    return module


def _unpacked(source: BinaryIO, about: dict[str, Any]) -> Path:
    folder = _new_place(about)
    folder.mkdir()
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(source, copy)  # to its end, since only that says whether its bytes have changed
        unpack(cast("BinaryIO", copy), folder)
    return folder


def _copied(source: BinaryIO, about: dict[str, Any]) -> Path:
    path = _new_place(about)
    with path.open("xb") as out:
        shutil.copyfileobj(source, out)
    return path


def _new_place(about: dict[str, Any]) -> Path:
    """Give a path that is not there yet, in a new temporary folder, with the name of what was registered."""
    name = PurePath(str(about.get("filename", "")).replace("\\", "/").replace("\0", "")).name[:200]
    return Path(tempfile.mkdtemp(prefix="maestro-")) / (name if name.strip(". ") else "content")
