"""name withdrawn shares in the journal

Revision: 0005, after 0004, 2026-11-22 13:34:06.196455
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn", sa.Text(), server_default="", nullable=False))
