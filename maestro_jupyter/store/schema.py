"""The tables, for SQLite and PostgreSQL alike.

Times are integers: microseconds since the epoch, UTC. Rows refer to runs and keys by small integers.
What a list of runs shows is kept beside the run as MessagePack (`params`, `metrics`, `tags`), so that it
is read without a join; the tables `run_params`, `run_metrics` and `run_tags` hold the same for searching.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Id = BigInteger().with_variant(Integer, "sqlite")


def _run() -> Column[int]:
    return Column("run", _Id, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)


journals = Table(
    "journals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("host", String(255), nullable=False, default=""),
    Column("pid", BigInteger, nullable=False, default=0),
    Column("user", String(255), nullable=False, default=""),
    Column("origin", String(32), nullable=False, default=""),
    Column("notebook", Text),
    Column("parent", String(64)),
    Column("opened", BigInteger),
    Column("closed", BigInteger),
    Column("close_reason", Text),
    Column("segment", Integer, nullable=False, default=1),
    Column("position", BigInteger, nullable=False, default=0),
    Column("damaged", Integer, nullable=False, default=0),
    Column("unknown", Integer, nullable=False, default=0),
    Column("kernel", String(64)),
    Column("end_reason", Text),
    Index("ix_journals_kernel", "kernel"),
)
"""`end_reason` is what a Jupyter server says of the kernel's end, such as "the kernel was restarted"."""

projects = Table(
    "projects",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
)

_ARCHIVED = text("archived IS NOT NULL")

runs = Table(
    "runs",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("run_id", String(32), nullable=False, unique=True),
    Column("project", _Id, ForeignKey("projects.id"), nullable=False),
    Column("journal", String(64), ForeignKey("journals.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("user", String(255), nullable=False),
    Column("source", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("status_reason", Text, nullable=False, default=""),
    Column("start_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Column("parent", String(32)),
    Column("execution", String(32)),
    Column("environment", String(64)),
    Column("code", String(64)),
    Column("params", LargeBinary, nullable=False),
    Column("metrics", LargeBinary, nullable=False),
    Column("tags", LargeBinary, nullable=False),
    Column("archived", BigInteger),
    Index("ix_runs_start_time", "start_time"),
    Index("ix_runs_project_start_time", "project", "start_time"),
    Index("ix_runs_status", "status"),
    Index("ix_runs_journal", "journal"),
    Index("ix_runs_parent", "parent", "archived"),
    Index("ix_runs_archived", "archived", sqlite_where=_ARCHIVED, postgresql_where=_ARCHIVED),
)
"""`archived` is when a run was put away: the lists leave it out since then, unless they are asked for it."""

keys = Table(
    "keys",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
)

run_params = Table(
    "run_params",
    metadata,
    _run(),
    Column("key", _Id, ForeignKey("keys.id"), primary_key=True),
    Column("value", Text, nullable=False),
    Column("number", Float),
    Index("ix_run_params_key_number", "key", "number", "run"),
    Index("ix_run_params_key_value", "key", text("substr(value, 1, 64)"), "run"),
)

run_tags = Table(
    "run_tags",
    metadata,
    _run(),
    Column("key", _Id, ForeignKey("keys.id"), primary_key=True),
    Column("value", Text, nullable=False),
    Index("ix_run_tags_key_run", "key", "run"),
)

run_metrics = Table(
    "run_metrics",
    metadata,
    _run(),
    Column("key", _Id, ForeignKey("keys.id"), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("first", Float),
    Column("last", Float),
    Column("min", Float),
    Column("max", Float),
    Column("last_step", BigInteger, nullable=False),
    Column("last_time", BigInteger, nullable=False),
    Column("last_form", SmallInteger, nullable=False, default=0),
    Index("ix_run_metrics_key_last", "key", "last"),
)
"""`last` is NULL for NaN, which databases order differently; `last_form` is 1 then, else 0. `min` and `max`
leave NaN out."""

metric_chunks = Table(
    "metric_chunks",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("run", _Id, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("key", _Id, ForeignKey("keys.id"), nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("first_step", BigInteger, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("ix_metric_chunks_run_key", "run", "key"),
)

notes = Table(
    "notes",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("run", _Id, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("time", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
)

cells = Table(
    "cells",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("execution", String(32), nullable=False, unique=True),
    Column("journal", String(64), ForeignKey("journals.id"), nullable=False),
    Column("cell", String(255)),
    Column("number", Integer, nullable=False),
    Column("count", Integer),
    Column("source", Text, nullable=False),
    Column("start_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Column("success", Boolean),
    Column("error", Text),
    Column("traceback", Text),
    Column("output", Text, nullable=False, default=""),
    Column("output_truncated", Boolean, nullable=False, default=False),
    Column("names", LargeBinary),
    Index("ix_cells_journal_number", "journal", "number"),
)

unattached_metrics = Table(
    "unattached_metrics",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("journal", String(64), ForeignKey("journals.id"), nullable=False),
    Column("execution", String(32), index=True),
    Column("time", BigInteger, nullable=False),
    Column("key", String(255), nullable=False),
    Column("value", String(32), nullable=False),
    Column("reason", Text, nullable=False),
)

datasets = Table(
    "datasets",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("run", _Id, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("role", String(255), nullable=False),
    Column("fingerprint", String(64), nullable=False, index=True),
    Column("profile", LargeBinary, nullable=False),
    UniqueConstraint("run", "role"),
)

environments = Table(
    "environments",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

code_states = Table(
    "code_states",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("journal", String(64), ForeignKey("journals.id"), nullable=False),
    Column("run", _Id, ForeignKey("runs.id", ondelete="CASCADE"), index=True),
    Column("execution", String(32), index=True),
    Column("name", Text, nullable=False),
    Column("type", String(64), nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(255), nullable=False),
    Column("time", BigInteger, nullable=False),
)

library_artifacts = Table(
    "library_artifacts",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("space", String(255), nullable=False, default=""),
    Column("name", String(128), nullable=False),
    Column("owner", String(255), nullable=False),
    Column("project", _Id, ForeignKey("projects.id"), nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("archived", Boolean, nullable=False, default=False),
    Column("created", BigInteger, nullable=False),
    UniqueConstraint("space", "name"),
    Index("ix_library_artifacts_project", "project"),
)
"""What the library holds. `space` is empty for what all see, and a user's name for what is that user's alone:
nobody learns that a name is taken from a private artifact."""


def _artifact() -> Column[int]:
    return Column("artifact", _Id, ForeignKey("library_artifacts.id", ondelete="CASCADE"), primary_key=True)


library_versions = Table(
    "library_versions",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("artifact", _Id, ForeignKey("library_artifacts.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("registration", String(32), nullable=False, unique=True),
    Column("type", String(64), nullable=False),
    Column("format", String(32), nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(255), nullable=False),
    Column("run", String(32), index=True),
    Column("execution", String(32)),
    Column("creator", String(255), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("about", LargeBinary, nullable=False),
    Column("archived", Boolean, nullable=False, default=False),
    UniqueConstraint("artifact", "version"),
)
"""`registration` is made where the version is registered, so that its number can be asked for. `about` is
what is known of the content, as MessagePack."""

library_aliases = Table(
    "library_aliases",
    metadata,
    _artifact(),
    Column("alias", String(64), primary_key=True),
    Column("version", _Id, ForeignKey("library_versions.id", ondelete="CASCADE"), nullable=False, index=True),
)

library_tags = Table(
    "library_tags",
    metadata,
    _artifact(),
    Column("tag", String(128), primary_key=True),
    Index("ix_library_tags_tag", "tag", "artifact"),
)

library_texts = Table(
    "library_texts",
    metadata,
    _artifact(),
    Column("text", Text, nullable=False),
    Column("digest", String(64), nullable=False),
)
"""What an artifact's newest version says, for the search; `digest` is of all that is searched. The indexes
that are made from it (`word_index`, `vector_index`) are not among these tables: a database without them
makes them again."""

library_card_texts = Table(
    "library_card_texts",
    metadata,
    Column("version", _Id, ForeignKey("library_versions.id", ondelete="CASCADE"), primary_key=True),
    Column("section", String(32), primary_key=True),
    Column("text", Text, nullable=False),
    Column("editor", String(255), nullable=False),
    Column("time", BigInteger, nullable=False),
)
"""What people have written on model cards. A text holds from its version on, until a later version has one of
its own, which may be empty; what a card says besides is filled in when it is read."""

_IN_A_RUN, _IN_NONE = text("run <> ''"), text("run = ''")

library_uses = Table(
    "library_uses",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("version", _Id, ForeignKey("library_versions.id", ondelete="CASCADE"), nullable=False),
    Column("project", _Id, ForeignKey("projects.id"), nullable=False),
    Column("run", String(32), nullable=False, default=""),
    Column("execution", String(32)),
    Column("user", String(255), nullable=False),
    Column("time", BigInteger, nullable=False),
    Index(
        "uq_library_uses_run",
        "version",
        "project",
        "run",
        unique=True,
        sqlite_where=_IN_A_RUN,
        postgresql_where=_IN_A_RUN,
    ),
    Index(
        "uq_library_uses_execution",
        "version",
        "project",
        "execution",
        unique=True,
        sqlite_where=_IN_NONE,
        postgresql_where=_IN_NONE,
    ),
    Index("ix_library_uses_run", "run"),
    Index("ix_library_uses_execution", "execution"),
)
"""Who used what: once for each version, project and run; where there was none, `run` is empty, and it is once
for each cell. `execution` is the cell that used it, empty outside of cells: runs of later cells that build on
what it made are added as they end."""

changes = Table(
    "changes",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("time", BigInteger, nullable=False),
    Column("kinds", String(64), nullable=False),
    Column("run", String(32)),
    Column("text", Text),
    sqlite_autoincrement=True,
)
"""What has happened to runs, newest last: what live views follow. The oldest are dropped."""

audit = Table(
    "audit",
    metadata,
    Column("number", _Id, primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False),
    Column("actor", String(255), nullable=False),
    Column("action", String(64), nullable=False),
    Column("resource", Text, nullable=False),
    Column("before", String(64)),
    Column("after", String(64)),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
"""Who changed what: each line's digest covers the line and the digest before it."""
