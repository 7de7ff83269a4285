"""Alembic's environment: revisions run in the transaction that `engine.migrate` gives."""

from __future__ import annotations

from alembic import context

from maestro_jupyter.store.schema import metadata

if hasattr(context, "config"):  # Alembic is running it; whoever looks for doctests only imports it
    context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
