"""let readers have webhooks

Revision: 0008, after 0007, 2026-11-22 16:02:01.955487
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step: nobody has any yet, and no post has failed."""
    with op.batch_alter_table("subscribers", schema=None) as batch_op:
        key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
        batch_op.add_column(sa.Column("owner_id", key, nullable=True))
        batch_op.add_column(sa.Column("failing_since", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
        owned = sa.text("owner_id IS NOT NULL")
        batch_op.create_index(
            "ix_subscribers_owner_id", ["owner_id"], unique=False, postgresql_where=owned, sqlite_where=owned
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_subscribers_owner_id"), "subscribers", ["owner_id"], ["id"]
        )
