"""What an administrator asks of a terminal: backups, restoring, pruning, the audit, and what is wrong."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, NamedTuple

from maestro_jupyter.views import text
from maestro_jupyter.views.numbers import many, size

if TYPE_CHECKING:
    from collections.abc import Callable

    from maestro_jupyter.app import App
    from maestro_jupyter.models import AuditLine

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_STATUS = {"ok": 0, "warning": 1, "problem": 2}
_SHOWN = 20


class Said(NamedTuple):
    """What a command prints, and the exit status."""

    text: str
    status: int


def seconds(given: str) -> float:
    """Read a length of time.

    Examples
    --------
    >>> seconds("90d"), seconds("1.5h")
    (7776000.0, 5400.0)
    """
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smhdw])", given)
    if found is None:
        msg = f"expected a length of time such as 90d, 12h or 30m, not {given!r}"
        raise argparse.ArgumentTypeError(msg)
    return float(found[1]) * _UNITS[found[2]]


def _doctor(app: App, given: argparse.Namespace) -> Said:
    from maestro_jupyter.operations import doctor

    found = doctor.examine(app.config)
    status = max(_STATUS[one.level] for one in found)
    if given.json:
        import msgspec

        return Said(msgspec.json.format(msgspec.json.encode(found), indent=2).decode(), status)
    lines = [f"{one.check:12}{one.level:9}{text.one_line(one.message, 500)}" for one in found]
    mends = dict.fromkeys(one.command for one in found if one.command)
    if mends:
        lines += ["", "To mend it:", *(f"  {text.one_line(command, 500)}" for command in mends)]
    return Said("\n".join(lines), status)


def _backup(app: App, given: argparse.Namespace) -> str:
    from maestro_jupyter.operations import backup

    done = backup.back_up(app.store(), app.config, given.file, force=given.force)
    parts = [many(done.rows["runs"], "run"), many(done.blobs, "file"), many(done.journals, "journal")]
    said = f"Wrote {', '.join(parts)} to {done.path} ({size(done.size)})."
    if done.missing:
        said += (
            f" The bytes of {many(len(done.missing), 'artifact')} are gone or damaged: see `maestro doctor`."
        )
    return said


def _restore(app: App, given: argparse.Namespace) -> str:
    from maestro_jupyter.operations import restore

    actor = app.recorder.user
    if given.blobs:
        count = restore.restore_blobs(app.store(), app.config, given.file, actor)
        return f"Brought back the bytes of {many(count, 'artifact')}."
    done = restore.restore(app.store(), app.config, given.file, actor, force=given.force)
    parts = [many(done.rows.get("runs", 0), "run"), many(done.blobs, "file"), many(done.journals, "journal")]
    return f"Restored {', '.join(parts)} from the backup of {done.time}."


def _migrate(app: App, given: argparse.Namespace) -> str:
    from maestro_jupyter.operations import migrating

    before, after = migrating.bring_up_to_date(app.config, app.recorder.user, dry_run=given.dry_run)
    if before == after:
        return f"The tables are at revision {after}, the newest."
    verb = "would go" if given.dry_run else "went"
    return f"The tables {verb} from revision {before or 'none'} to {after}."


def _prune(app: App, given: argparse.Namespace) -> str:
    from maestro_jupyter.operations import prune as pruning

    grace = pruning.GRACE_SECONDS if given.grace is None else given.grace
    request = pruning.Request(given.older_than, given.filter, grace, given.damaged)
    app.flush()
    done = pruning.prune(app.store(), app.config, app.recorder.user, request, dry_run=not given.yes)
    counts = (
        (done.runs, "run"),
        (done.chunks, "metric chunk"),
        (done.cells, "cell"),
        (done.artifacts, "artifact"),
        (done.blobs, "orphaned file"),
        (done.spooled, "file in the spool"),
        (done.unfinished, "unfinished file"),
        (done.received, "file of shipped journals"),
        (done.uploads, "expired upload"),
        (done.damaged, "damaged journal"),
        (done.changes, "old change"),
    )
    said = ", ".join(_plural(count, noun) for count, noun in counts if count)
    if not said:
        return "Nothing to prune."
    said = f"{said} ({size(done.bytes)} of files)"
    return f"Pruned {said}." if given.yes else f"Would prune {said}; add --yes to do it."


def _purge(app: App, given: argparse.Namespace) -> str:
    library = app.api().library
    if not given.yes:
        version = library.get(given.reference)
        uses = sum(use.version == version.version for use in library.uses(version.name))
        said = f"{version.reference} ({size(version.size)}, {many(uses, 'use')})"
        return f"Would purge {said} for good; add --yes to do it."
    return f"Purged {library.purge(given.reference).reference}: its number is not given again."


def _plural(count: int, noun: str) -> str:
    first, _, rest = noun.partition(" ")
    return f"{count:,} files {rest}" if count != 1 and first == "file" else many(count, noun)


def _audit(app: App, given: argparse.Namespace) -> str:
    from maestro_jupyter.operations import trail

    if given.verify:
        found = trail.check_audit(app.store(), app.config, given.known)
        if found.head is None:
            return "The audit has no lines yet."
        anchored = "" if found.anchored else " No anchor was there: lines cut off at the end would not show."
        return f"{many(found.lines, 'line')}, none changed; the last is {found.head}.{anchored}"
    lines = trail.latest_lines(app.store(), given.number)
    rows = [
        [one.number, f"{one.time:%Y-%m-%d %H:%M:%S}", one.actor, one.action, one.resource, _digests(one)]
        for one in lines
    ]
    columns = ["number", "time (UTC)", "actor", "action", "resource", "before → after"]
    return text.table(columns, rows, numeric=[0]) if rows else "The audit has no lines yet."


def _digests(line: AuditLine) -> str:
    return " → ".join(digest[:8] if digest else "—" for digest in (line.before, line.after))


def _lines(given: str) -> int:
    if not (given.isascii() and given.isdigit() and 0 < int(given) <= 100_000):
        msg = f"expected a number from 1 to 100000, not {given!r}"
        raise argparse.ArgumentTypeError(msg)
    return int(given)


def add_commands(verb: Callable[[str, object, str], argparse.ArgumentParser]) -> None:
    """Add an administrator's commands.

    Parameters
    ----------
    verb : callable
        Takes a command's name, what runs it, and its help; gives its parser.
    """
    examined = verb("doctor", _doctor, "What is wrong, and the command that mends it.")
    examined.add_argument("--json", action="store_true", help="as JSON")

    written = verb("backup", _backup, "Write everything that is known into one file.")
    written.add_argument("file")
    written.add_argument("--force", action="store_true", help="replace the file if it is there")

    restored = verb("restore", _restore, "Bring back what a backup has: all of it, or nothing.")
    restored.add_argument("file")
    how = restored.add_mutually_exclusive_group()
    how.add_argument("--force", action="store_true", help="replace a store that is not empty")
    how.add_argument("--blobs", action="store_true", help="only artifacts' bytes that are missing or damaged")

    migrated = verb("migrate", _migrate, "Bring the tables to the newest revision.")
    migrated.add_argument("--dry-run", action="store_true", help="only say what would be done")

    pruned = verb("prune", _prune, "Say what is not needed any more; with --yes, take it away.")
    pruned.add_argument(
        "--older-than", type=seconds, metavar="TIME", help="runs that ended before, such as 90d"
    )
    pruned.add_argument("--filter", default="", help="only runs that match, such as \"status = 'FAILED'\"")
    pruned.add_argument(
        "--grace",
        type=seconds,
        metavar="TIME",
        help="how old a leftover must be (7d unless told)",
    )
    pruned.add_argument("--damaged", action="store_true", help="damaged journals of any age, too")
    act = pruned.add_mutually_exclusive_group()
    act.add_argument("--dry-run", action="store_true", help="only say it (what happens without --yes)")
    act.add_argument("--yes", action="store_true", help="take it away")

    purged = verb("purge", _purge, "Take a version of the library away for good, with its bytes.")
    purged.add_argument("reference", metavar="NAME:VERSION")
    purged.add_argument("--yes", action="store_true", help="take it away; without, only say what would go")

    audited = verb("audit", _audit, "Who changed what; with verify, whether a line was changed since.")
    audited.add_argument("verify", nargs="?", choices=["verify"], help="check every line")
    audited.add_argument("-n", dest="number", type=_lines, default=_SHOWN, help="how many lines at most")
    audited.add_argument("--known", metavar="NUMBER:DIGEST", help="an end that was noted elsewhere")
