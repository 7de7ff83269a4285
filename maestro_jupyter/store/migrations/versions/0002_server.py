"""What a server adds: the kernels behind journals, what has changed, and who changed it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns."""
    op.add_column("journals", sa.Column("kernel", sa.String(length=64), nullable=True))
    op.add_column("journals", sa.Column("end_reason", sa.Text(), nullable=True))
    op.create_index("ix_journals_kernel", "journals", ["kernel"])
    op.create_table(
        "changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("kinds", sa.String(length=64), nullable=False),
        sa.Column("run", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=True),
        sa.Column("after", sa.String(length=64), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("audit")
    op.drop_table("changes")
    op.drop_index("ix_journals_kernel", table_name="journals")
    op.drop_column("journals", "end_reason")
    op.drop_column("journals", "kernel")
