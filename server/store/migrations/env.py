"""Alembic's way in: migrations run on the connection that `server.store.schema` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from server.store.database import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
