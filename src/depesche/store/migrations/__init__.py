"""Schema history, applied in order by Alembic."""
