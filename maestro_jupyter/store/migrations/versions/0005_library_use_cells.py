"""A use outside of any run counts once for each cell: later runs build on the cell that they build on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_IN_A_RUN, _IN_NONE = sa.text("run <> ''"), sa.text("run = ''")


def upgrade() -> None:
    """Tell uses in runs by the run, and others by the cell."""
    with op.batch_alter_table("library_uses") as table:
        table.drop_constraint("uq_library_uses_version", type_="unique")
    op.execute("UPDATE library_uses SET execution = '' WHERE execution IS NULL")
    op.create_index(
        "uq_library_uses_run",
        "library_uses",
        ["version", "project", "run"],
        unique=True,
        sqlite_where=_IN_A_RUN,
        postgresql_where=_IN_A_RUN,
    )
    op.create_index(
        "uq_library_uses_execution",
        "library_uses",
        ["version", "project", "execution"],
        unique=True,
        sqlite_where=_IN_NONE,
        postgresql_where=_IN_NONE,
    )


def downgrade() -> None:
    """Keep the first use of each version and project outside of any run."""
    op.drop_index("uq_library_uses_execution", table_name="library_uses")
    op.drop_index("uq_library_uses_run", table_name="library_uses")
    op.execute(
        "DELETE FROM library_uses WHERE run = '' AND id NOT IN "
        "(SELECT MIN(id) FROM library_uses WHERE run = '' GROUP BY version, project)"
    )
    with op.batch_alter_table("library_uses") as table:
        table.create_unique_constraint("uq_library_uses_version", ["version", "project", "run"])
