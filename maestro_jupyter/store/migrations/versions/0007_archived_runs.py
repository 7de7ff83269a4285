"""When runs were put away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: nothing is put away yet."""
    op.add_column("runs", sa.Column("archived", sa.BigInteger(), nullable=True))
    op.drop_index("ix_runs_parent", table_name="runs")
    # Both, so that the runs that lists begin with are counted without looking at each.
    op.create_index("ix_runs_parent", "runs", ["parent", "archived"])
    there = sa.text("archived IS NOT NULL")
    op.create_index("ix_runs_archived", "runs", ["archived"], sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    """Take it away again: everything is in the lists as before."""
    op.drop_index("ix_runs_archived", table_name="runs")
    op.drop_index("ix_runs_parent", table_name="runs")
    op.create_index("ix_runs_parent", "runs", ["parent"])
    op.drop_column("runs", "archived")
