"""Every table of the newsroom.

Times are seconds since 1970 as double precision, so that both databases compare and return them
alike. Columns that end in `_json` hold JSON text. The history of this schema lives in `migrations/`.
"""

from depesche.store.schema.audience import coread_news, coreads, rejections, spikes, view_totals, views
from depesche.store.schema.columns import KEY, metadata
from depesche.store.schema.instruments import (
    instruments,
    issuers,
    listings,
    mentions,
    name_tails,
    names,
    quarantine,
    register_events,
)
from depesche.store.schema.letters import bounces, chunks, dispatches, outbox, suppressions, told
from depesche.store.schema.readers import api_keys, consents, subscribers, subscriptions, targets
from depesche.store.schema.stories import (
    bands,
    chores,
    cursors,
    guids,
    journal,
    lineage_decisions,
    lineages,
    pictures,
    recent_shingles,
    renditions,
    series_marks,
    stories,
    story_links,
    topics,
    version_pictures,
    version_topics,
    versions,
    vocabularies,
)
from depesche.store.schema.wires import polls, spool, takes, websub, wire_health

__all__ = (
    "KEY",
    "api_keys",
    "bands",
    "bounces",
    "chores",
    "chunks",
    "consents",
    "coread_news",
    "coreads",
    "cursors",
    "dispatches",
    "guids",
    "instruments",
    "issuers",
    "journal",
    "lineage_decisions",
    "lineages",
    "listings",
    "mentions",
    "metadata",
    "name_tails",
    "names",
    "outbox",
    "pictures",
    "polls",
    "quarantine",
    "recent_shingles",
    "register_events",
    "rejections",
    "renditions",
    "series_marks",
    "spikes",
    "spool",
    "stories",
    "story_links",
    "subscribers",
    "subscriptions",
    "suppressions",
    "takes",
    "targets",
    "told",
    "topics",
    "version_pictures",
    "version_topics",
    "versions",
    "view_totals",
    "views",
    "vocabularies",
    "websub",
    "wire_health",
)
