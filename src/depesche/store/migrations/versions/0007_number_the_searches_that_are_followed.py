"""number the searches that are followed

Revision: 0007, after 0006, 2026-11-22 14:27:57.480784
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step: what is followed now is numbered as it was entered."""
    with op.batch_alter_table("targets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("roused", sa.BigInteger(), nullable=True))
        batch_op.create_index(batch_op.f("ix_targets_roused"), ["roused"], unique=True)
    op.execute(
        "UPDATE targets SET roused = id WHERE kind = 'search' AND EXISTS (SELECT 1 FROM subscriptions WHERE target_id ="
        " targets.id AND confirmed_at IS NOT NULL AND ended_at IS NULL)"
    )
    op.execute(
        "INSERT INTO chores (name, position) SELECT 'searches roused', MAX(roused) FROM targets"
        " HAVING MAX(roused) IS NOT NULL"
    )
