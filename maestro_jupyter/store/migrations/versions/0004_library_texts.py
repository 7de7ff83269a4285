"""What the library's search reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table, with a line for each artifact that is there: its name and description can be found."""
    op.create_table(
        "library_texts",
        sa.Column("artifact", _ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact"],
            ["library_artifacts.id"],
            name=op.f("fk_library_texts_artifact_library_artifacts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("artifact", name=op.f("pk_library_texts")),
    )
    op.execute("INSERT INTO library_texts (artifact, text, digest) SELECT id, '', '' FROM library_artifacts")


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("library_texts")
