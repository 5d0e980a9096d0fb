"""index words of names, keep the vocabulary of compounds

Revision: 0009, after 0008, 2026-11-22 19:09:03.976282
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_AT_ONCE = 5_000


def upgrade() -> None:
    """Apply this step: the names that are there are indexed by each of their words."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "vocabularies",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("stories", sa.BigInteger(), nullable=False),
        sa.Column("nouns", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vocabularies")),
    )
    tails = op.create_table(
        "name_tails",
        sa.Column("tail", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("instrument_id", key, nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("is_blocked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["instrument_id"], ["instruments.id"], name=op.f("fk_name_tails_instrument_id")),
        sa.PrimaryKeyConstraint("tail", "instrument_id", name=op.f("pk_name_tails")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("name_tails", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_name_tails_instrument_id"), ["instrument_id"], unique=False)
    rows = list(_rows())
    for first in range(0, len(rows), _AT_ONCE):
        op.bulk_insert(tails, rows[first : first + _AT_ONCE])


def _rows() -> list[dict[str, object]]:
    """Return a row for each word that a share's name has, with the rest of the name."""
    found: dict[tuple[str, int], tuple[bool, bool]] = {}
    names = op.get_bind().execute(sa.text("SELECT instrument_id, text_key, tier FROM names"))
    for instrument, name, tier in names:
        words = name[:200].split()
        for place in range(len(words)):
            here = " ".join(words[place:]), instrument
            whole, blocked = found.get(here, (False, True))
            found[here] = whole or place == 0, blocked and tier == "blocked"
    return [
        {"tail": tail, "instrument_id": instrument, "is_whole": whole, "is_blocked": blocked}
        for (tail, instrument), (whole, blocked) in found.items()
    ]
