"""`maestro library`: the library from a terminal, as the owner of the store."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_jupyter import library_questions, questions, registry
from maestro_jupyter.cards import Card
from maestro_jupyter.errors import Conflict, Invalid, MaestroWarning, NotFound, Unavailable
from maestro_jupyter.views import text
from maestro_jupyter.views.artifact_card import artifact_card
from maestro_jupyter.views.artifacts import artifacts_view, few, top_view, trending_view, unused_view
from maestro_jupyter.views.found import found_view
from maestro_jupyter.views.lineage import lineage_view
from maestro_jupyter.views.numbers import size

if TYPE_CHECKING:
    from collections.abc import Callable

    from maestro_jupyter.app import App
    from maestro_jupyter.models import ArtifactVersion

SHOWN = 20
_PIECE = 1 << 20
_MOST = 1000
_DAYS = 36_500

_Given = argparse.Namespace


def _list(app: App, given: _Given) -> str:
    library = app.api().library
    asked = {"project": given.project, "owner": given.owner, "limit": given.number}
    if given.archived:
        found = library.archived(type=given.type, tags=given.tag, **asked)
        return _json(found) if given.json else artifacts_view(found, nothing="Nothing is put away.").text
    hits = library.search(types=_one(given.type), tags_all=given.tag, **asked)
    artifacts = [hit.artifact for hit in hits.hits]
    if given.json:
        return _json(artifacts)
    some = given.type or given.tag or given.project or given.owner
    nothing = "The library has nothing like that." if some else "The library holds nothing yet."
    return artifacts_view(artifacts, total=hits.total, nothing=nothing).text


def _show(app: App, given: _Given) -> str:
    detail = library_questions.detail(app.api().library, given.reference)
    return _json(detail) if given.json else artifact_card(detail).text


def _search(app: App, given: _Given) -> str:
    offset = (given.page - 1) * given.number
    found = app.api().library.search(
        given.query,
        types=_one(given.type),
        tags_all=given.tag,
        project=given.project,
        owner=given.owner,
        limit=given.number,
        offset=offset,
    )
    if given.json:
        return _json(found)
    return found_view(found, offset=offset, further=f"--page {given.page + 1}").text


def _card(app: App, given: _Given) -> str:
    library = app.api().library
    card = Card(library, library.card(given.reference))
    if given.update is not None:
        card = card.update(_written(given.update))
    if given.json:
        return card.json()
    form = {"text": repr, "markdown": Card.markdown, "html": Card.html}[given.format]
    return form(card)


def _lineage(app: App, given: _Given) -> str:
    lineage = questions.lineage_of(app.api(), given.reference, project=app.config.project)
    if given.json:
        return _json(lineage)
    view = lineage_view(lineage)
    return view.svg if given.svg else view.text


def _top(app: App, given: _Given) -> str:
    found = library_questions.top(app.api().library, given.number)
    return _json(found) if given.json else top_view(found).text


def _trending(app: App, given: _Given) -> str:
    found = app.api().library.trending(given.number)
    return _json(found) if given.json else trending_view(found).text


def _unused(app: App, given: _Given) -> str:
    found = app.api().library.unused(given.days, given.number)
    return _json(found) if given.json else unused_view(found, given.days).text


def _register(app: App, given: _Given) -> str:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MaestroWarning)
        version = registry.register(
            app,
            given.name,
            Path(given.path),
            type=given.type,
            tags=given.tag,
            description=given.description,
            aliases=given.alias,
            private=given.private,
        )
    if given.json:
        return _json(version)
    said = f"The library has {version.reference}, of the type {version.type} ({size(version.size)})."
    return " ".join([said, *(str(each.message) for each in caught)])


def _download(app: App, given: _Given) -> str:
    version, file = app.api().library.open(given.reference)
    with file:
        path = _target(version, Path(given.path).expanduser())
        _write(file, path, force=given.force)
    if given.json:
        return _json({"artifact": version, "path": str(path)})
    return f"Wrote {version.reference} ({version.format}, {size(version.size)}) to {path}."


def _alias(app: App, given: _Given) -> str:
    library = app.api().library
    if not given.drop:
        version = library.alias(given.reference, given.alias)
        return _changed(given, version, f"{version.name}@{given.alias} is {version.reference} now.")
    name = library.get(given.reference).name
    version = library.drop_alias(name, given.alias)
    return _changed(given, version, f"{name}@{given.alias}, which was {version.reference}, is no more.")


def _describe(app: App, given: _Given) -> str:
    version = app.api().library.describe(given.name, description=given.description)
    return _changed(given, version, f"{version.name}: {version.description or '(no description)'}")


def _tag(app: App, given: _Given) -> str:
    library = app.api().library
    before = library.versions(given.name)[0].tags
    absent = [tag for tag in given.remove if tag not in before]
    if absent:
        msg = f"{given.name!r} has no tag {absent[0]!r}."
        raise NotFound(msg, hint=f"It has {few(before) or 'none'}.")
    if not (given.tags or given.remove):
        msg = "Expected tags to add, or --remove TAG."
        raise Invalid(msg)
    tags = [tag for tag in [*before, *given.tags] if tag not in given.remove]
    version = library.describe(given.name, tags=tags)
    return _changed(given, version, f"{version.name} has the tags {few(version.tags) or '(none)'}.")


def _archive(app: App, given: _Given) -> str:
    version = app.api().library.archive(given.reference)
    return _changed(given, version, f"{given.reference} is put away; nothing of it is lost.")


def _restore(app: App, given: _Given) -> str:
    version = app.api().library.archive(given.reference, archived=False)
    if not version.archived:
        return _changed(given, version, f"{given.reference} is back.")
    other = version.reference if given.reference == version.name else version.name
    return _changed(given, version, f"{given.reference} is back, but {other} is put away, too.")


def _changed(given: _Given, version: ArtifactVersion, said: str) -> str:
    return _json(version) if given.json else text.one_line(said, 1000)


def _written(path: str) -> str:
    """Read a Markdown file, or standard input."""
    try:
        return sys.stdin.read() if path == "-" else Path(path).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"The file {path!r:.300} cannot be read: {error}."
        raise Invalid(msg) from error


def _target(version: ArtifactVersion, path: Path) -> Path:
    """Give the file to write: in a folder, one that is named for the artifact and its version."""
    if path.is_dir():
        return path / f"{version.name}-v{version.version}{_suffix(version)}"
    if not path.parent.is_dir():
        msg = f"There is no folder {path.parent}."
        raise Invalid(msg)
    return path


def _suffix(version: ArtifactVersion) -> str:
    if version.format == "file":
        # It comes from whoever registered it: a short ending of letters and digits, or none.
        ending = Path(str(version.about.get("filename", ""))).suffix
        return ending if ending[1:].isalnum() and len(ending) <= 16 else ""
    return _SUFFIXES.get(version.format, "")


_SUFFIXES = {
    "source": ".py",
    "skops": ".skops",
    "onnx": ".onnx",
    "cloudpickle": ".pkl",
    "parquet": ".parquet",
    "pandera": ".json",
    "json": ".json",
    "folder": ".zip",
    "notebook": ".ipynb",
}


def _write(file: Any, path: Path, *, force: bool) -> None:
    """Write bytes piece by piece beside the file, which is there only once all of them are as registered."""
    if path.exists() and not force:
        msg = f"The file {path} is there already."
        raise Conflict(msg, hint="Add --force to replace it.")
    try:
        descriptor, name = tempfile.mkstemp(prefix=".maestro-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as out:
                shutil.copyfileobj(file, out, _PIECE)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise
    except OSError as error:
        msg = f"The file {path} cannot be written: {error.strerror or error}."
        raise Unavailable(msg) from error


def _one(given: str | None) -> tuple[str, ...]:
    return () if given is None else (given,)


def _json(found: Any) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()


def _up_to(most: int) -> Callable[[str], int]:
    def count(given: str) -> int:
        if not (given.isascii() and given.isdigit() and len(given) < 10 and 0 < int(given) <= most):
            msg = f"expected a number from 1 to {most}, not {given!r}"
            raise argparse.ArgumentTypeError(msg)
        return int(given)

    return count


def _numbered(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("-n", dest="number", type=_up_to(_MOST), default=SHOWN, help="how many at most")


def _filtered(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--type", metavar="TYPE", help="only this type, such as model")
    verb.add_argument("--tag", action="append", default=[], help="only with this tag; several: with all")
    verb.add_argument("--project", help="only of this project")
    verb.add_argument("--owner", help="only of this user")
    _numbered(verb)


def _referring(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("reference", metavar="REF", help="NAME, NAME:3 or NAME@champion")


def add_library(verb: Callable[[str, object, str], argparse.ArgumentParser]) -> None:
    """Add the command.

    Parameters
    ----------
    verb : callable
        Takes a command's name, what runs it, and its help; gives its parser.
    """
    library = verb("library", None, "What the team has built: find it, fetch it, look after it.")
    verbs = library.add_subparsers(required=True, metavar="VERB")

    def add(name: str, run: Callable[[App, _Given], str], said: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=said, description=said)
        made.set_defaults(run=run)
        made.add_argument("--json", action="store_true", help="as JSON")
        return made

    _add_questions(add)
    _add_changes(add)


def _add_questions(add: Callable[[str, Any, str], argparse.ArgumentParser]) -> None:
    listed = add("list", _list, "The artifacts, the newest first.")
    _filtered(listed)
    listed.add_argument("--archived", action="store_true", help="those that are put away instead")

    _referring(add("show", _show, "An artifact with its versions, uses and impact."))

    card = add("card", _card, "The model card of a version; with --update, written on.")
    _referring(card)
    card.add_argument("--format", choices=("text", "markdown", "html"), default="text", help="how to give it")
    card.add_argument(
        "--update", metavar="FILE", help="take over what is written in this Markdown card; - reads it here"
    )

    lineage = add("lineage", _lineage, "What an artifact or a run came from, and what came of it.")
    _referring(lineage)
    lineage.add_argument("--svg", action="store_true", help="as a picture")

    search = add("search", _search, "Find artifacts by words and by meaning, with why and counts.")
    search.add_argument("query", help="plain words; phrases in quotation marks")
    _filtered(search)
    search.add_argument("--page", type=_up_to(_MOST), default=1, help="which part of what was found")

    _numbered(add("top", _top, "What contributed most; what is unknown by how much it is used."))
    _numbered(add("trending", _trending, "Uses in the last 7 days beside the 28 days before."))
    unused = add("unused", _unused, "What nobody has used for 90 days.")
    unused.add_argument("--days", type=_up_to(_DAYS), default=90, help="for so many days instead")
    _numbered(unused)

    download = add("download", _download, "Write a version's bytes, checked, to a file.")
    _referring(download)
    download.add_argument("path", metavar="PATH", help="a file, or a folder to put it into")
    download.add_argument("--force", action="store_true", help="replace the file if it is there")


def _add_changes(add: Callable[[str, Any, str], argparse.ArgumentParser]) -> None:
    register = add("register", _register, "Put a file, folder or notebook into the library.")
    register.add_argument("name")
    register.add_argument("path")
    register.add_argument("--type", metavar="TYPE", help="what it is, such as dataset, model or schema")
    register.add_argument("--tag", action="append", default=[], help="may be given several times")
    register.add_argument("--alias", action="append", default=[], help="such as champion; as for tags")
    register.add_argument("--description", default="", metavar="TEXT")
    register.add_argument("--private", action="store_true", help="nobody else sees it")

    alias = add("alias", _alias, "Let an alias point at a version.")
    _referring(alias)
    alias.add_argument("alias", metavar="ALIAS", help="such as champion")
    alias.add_argument("--drop", action="store_true", help="take the alias away instead")

    describe = add("describe", _describe, "Say what an artifact is.")
    describe.add_argument("name")
    describe.add_argument("description", metavar="TEXT", help="replaces what is said")

    tag = add("tag", _tag, "Add tags to an artifact, or take some away.")
    tag.add_argument("name")
    tag.add_argument("tags", nargs="*", metavar="TAG")
    tag.add_argument("--remove", action="append", default=[], metavar="TAG", help="several times, too")

    _referring(add("archive", _archive, "Put an artifact, or one version, away."))
    _referring(add("restore", _restore, "Take an artifact, or one version, out again."))
