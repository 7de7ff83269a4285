"""Estimators as bytes: by skops where that can be read without running code, else by cloudpickle."""

from __future__ import annotations

import io
import pickle
import zipfile
from importlib import import_module
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import Forbidden, Invalid, TooLarge, Unavailable
from maestro_jupyter.library.bombs import check_zip
from maestro_jupyter.library.content import Content, indexed, said
from maestro_jupyter.library.folders import check_stored
from maestro_jupyter.library.literals import is_fitted
from maestro_jupyter.library.packages import requirements
from maestro_jupyter.library.sound_types import SOUND
from maestro_jupyter.library.tree_bounds import is_sound
from maestro_jupyter.recording.estimator_params import estimator_params

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_METHODS = ("predict", "transform", "fit", "forward")


def is_estimator(source: object) -> bool:
    """Tell whether something is an instance that learns, predicts or transforms."""
    return not isinstance(source, type) and any(hasattr(source, method) for method in _METHODS)


def estimator_content(source: Any) -> Content:
    """Give an estimator's bytes.

    Parameters
    ----------
    source : object
        With the scikit-learn API, or a model of another kind.

    Returns
    -------
    Content
        ``skops`` where all of its types can be read without trust; else ``cloudpickle``, marked so.

    Raises
    ------
    Invalid
        If it cannot be written.
    Unavailable
        Without skops or cloudpickle.
    """
    kind = type(source)
    params = estimator_params(source)
    skops = _skops_bytes(source)
    data = _pickled(source) if skops is None else skops
    about = {
        "kind": "estimator",
        "class": params["estimator"],
        "fitted": is_fitted(source),
        "params": {key: value for key, value in params.items() if key != "estimator"},
        "features": [str(name) for name in getattr(source, "feature_names_in_", [])],
        "requirements": requirements(_modules(source)),
    }
    text = indexed(
        [
            params["estimator"],
            said(kind.__doc__ or ""),
            *about["features"],
            *(f"{key}={value}" for key, value in about["params"].items()),
        ]
    )
    found = Content(_type(source), "skops", "application/zip", ".skops", data, text, about)
    if skops is None:
        found = found._replace(
            format="cloudpickle", media_type="application/octet-stream", suffix=".pkl", trusted_only=True
        )
    return found


def load_skops(file: BinaryIO, *, trust: bool = False) -> Any:
    """Give back an estimator that skops has written.

    Raises
    ------
    Forbidden
        If it holds types that need trust.
    Invalid
        If the bytes are no such file.
    TooLarge
        If a small file would take much memory.
    """
    skops = _package("skops.io")
    data = file.read()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_stored(archive.infolist(), len(data))
            if not trust:
                check_zip("model", _archives_in(archive), len(data))
        untrusted = set(skops.get_untrusted_types(data=data))
    except (Invalid, TooLarge):
        raise
    except Exception as error:
        msg = f"The bytes are no model that skops has written: {_sentence(error)}."
        raise Invalid(msg) from error
    strange = sorted(untrusted - SOUND)
    if strange and not trust:
        _forbid(f"The model holds {strange[0]}, which may run code when it is loaded")
    try:
        model = skops.loads(data, trusted=sorted(untrusted))
        sound = trust or is_sound(model)
    except Exception as error:
        msg = f"The model cannot be loaded here: {_sentence(error)}."
        raise Invalid(msg, hint="See the versions that it was made with.") from error
    if not sound:
        _forbid("The model's trees lead out of their bounds, and might crash this process")
    return model


def load_pickled(file: BinaryIO, *, trust: bool = False) -> Any:
    """Give back what cloudpickle has written, which runs what code is in the bytes.

    Raises
    ------
    Forbidden
        Without trust.
    """
    if not trust:
        _forbid("The object is pickled, and a pickle may run any code when it is loaded")
    data = file.read()  # only its end says whether it has changed, and nothing of it may run before
    try:
        return pickle.loads(data)  # noqa: S301 - with the user's explicit trust
    except Exception as error:
        msg = f"The object cannot be loaded here: {_sentence(error)}."
        raise Invalid(msg, hint="See the versions that it was made with.") from error


def _archives_in(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipFile]:
    """Give the archives in an archive: sparse matrices are kept so, and compressed."""
    for name in archive.namelist():
        with archive.open(name) as member:
            if zipfile.is_zipfile(member):
                member.seek(0)
                with zipfile.ZipFile(member) as inner:
                    yield inner


def _forbid(said: str) -> None:
    msg = f"{said}."
    raise Forbidden(msg, hint="If you trust whoever made it, pass trust=True.")


def _skops_bytes(source: Any) -> bytes | None:
    """Write an estimator by skops; None if it could not be read back without trust."""
    if not type(source).__module__.startswith("sklearn."):
        return None
    skops = _package("skops.io")
    try:
        data: bytes = skops.dumps(source)
        sound = set(skops.get_untrusted_types(data=data)) <= SOUND and is_sound(source)
    except Exception:  # noqa: BLE001 - there are types that skops does not know; pickle does
        return None
    return data if sound else None


def _pickled(source: Any) -> bytes:
    cloudpickle = _package("cloudpickle")
    try:
        data: bytes = cloudpickle.dumps(source)
    except Exception as error:
        msg = f"The {type(source).__name__} cannot be written: {_sentence(error)}."
        raise Invalid(msg, hint="Save it to a file in its own way, and register the file.") from error
    return data


def _package(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        msg = f"Models are kept with {name.partition('.')[0]}, which is not installed."
        raise Unavailable(msg, hint="pip install 'maestro-jupyter[library]'.") from error


def _modules(source: Any) -> set[str]:
    """Give the modules of an estimator and of those inside it."""
    get = getattr(source, "get_params", None)
    inside = get(deep=True).values() if get is not None else ()
    return {type(each).__module__ for each in (source, *inside) if hasattr(each, "fit")} | {
        type(source).__module__
    }


def _type(source: Any) -> str:
    if not is_fitted(source) and hasattr(source, "get_params") and hasattr(source, "fit"):
        return "model_template"
    return "feature_pipeline" if hasattr(source, "transform") and not hasattr(source, "predict") else "model"


def _sentence(error: Exception) -> str:
    return f"{(str(error) or type(error).__name__).splitlines()[0]:.200}".rstrip(".")
