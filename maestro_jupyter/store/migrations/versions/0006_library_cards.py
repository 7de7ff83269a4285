"""What people write on model cards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table: nobody has written anything yet."""
    op.create_table(
        "library_card_texts",
        sa.Column("version", _ID, nullable=False),
        sa.Column("section", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("editor", sa.String(length=255), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["library_versions.id"],
            name=op.f("fk_library_card_texts_version_library_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version", "section", name=op.f("pk_library_card_texts")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("library_card_texts")
