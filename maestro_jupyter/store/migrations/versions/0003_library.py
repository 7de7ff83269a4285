"""The library: artifacts with their versions, aliases, tags and uses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "library_artifacts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("space", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("project", _ID, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project"], ["projects.id"], name=op.f("fk_library_artifacts_project_projects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_artifacts")),
        sa.UniqueConstraint("space", "name", name=op.f("uq_library_artifacts_space")),
    )
    op.create_index("ix_library_artifacts_project", "library_artifacts", ["project"])
    op.create_table(
        "library_versions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("artifact", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("registration", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=255), nullable=False),
        sa.Column("run", sa.String(length=32), nullable=True),
        sa.Column("execution", sa.String(length=32), nullable=True),
        sa.Column("creator", sa.String(length=255), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.LargeBinary(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact"],
            ["library_artifacts.id"],
            name=op.f("fk_library_versions_artifact_library_artifacts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_versions")),
        sa.UniqueConstraint("artifact", "version", name=op.f("uq_library_versions_artifact")),
        sa.UniqueConstraint("registration", name=op.f("uq_library_versions_registration")),
    )
    op.create_index(op.f("ix_library_versions_sha256"), "library_versions", ["sha256"])
    op.create_index(op.f("ix_library_versions_run"), "library_versions", ["run"])
    op.create_table(
        "library_aliases",
        sa.Column("artifact", _ID, nullable=False),
        sa.Column("alias", sa.String(length=64), nullable=False),
        sa.Column("version", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact"],
            ["library_artifacts.id"],
            name=op.f("fk_library_aliases_artifact_library_artifacts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version"],
            ["library_versions.id"],
            name=op.f("fk_library_aliases_version_library_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("artifact", "alias", name=op.f("pk_library_aliases")),
    )
    op.create_index(op.f("ix_library_aliases_version"), "library_aliases", ["version"])
    op.create_table(
        "library_tags",
        sa.Column("artifact", _ID, nullable=False),
        sa.Column("tag", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact"],
            ["library_artifacts.id"],
            name=op.f("fk_library_tags_artifact_library_artifacts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("artifact", "tag", name=op.f("pk_library_tags")),
    )
    op.create_index("ix_library_tags_tag", "library_tags", ["tag", "artifact"])
    op.create_table(
        "library_uses",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", _ID, nullable=False),
        sa.Column("project", _ID, nullable=False),
        sa.Column("run", sa.String(length=32), nullable=False),
        sa.Column("execution", sa.String(length=32), nullable=True),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["library_versions.id"],
            name=op.f("fk_library_uses_version_library_versions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name=op.f("fk_library_uses_project_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_uses")),
        sa.UniqueConstraint("version", "project", "run", name=op.f("uq_library_uses_version")),
    )
    op.create_index("ix_library_uses_run", "library_uses", ["run"])
    op.create_index("ix_library_uses_execution", "library_uses", ["execution"])


def downgrade() -> None:
    """Take them away again."""
    for name in ("library_uses", "library_tags", "library_aliases", "library_versions", "library_artifacts"):
        op.drop_table(name)
