"""count recent consents

Revision: 0004, after 0003, 2026-11-22 13:20:08.147262
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index("ix_consents_event_at", ["event", "at"], unique=False)
