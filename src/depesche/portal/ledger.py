"""The ledger for the operator's programs: what became of everybody whom a story was to reach, as JSON.

It is opened as the figures are: on the same machine, or with the token. No reader is named in it.
"""

from __future__ import annotations

import msgspec

from depesche.lib.clock import rfc3339
from depesche.model.errors import NotFound
from depesche.model.subscription import LETTER_STATES, Balance, Dispatch
from depesche.portal.ask import JSON, NOT_KEPT, Ask, Page
from depesche.portal.metrics import may_see
from depesche.portal.site import Site
from depesche.store.database import Transaction

_NEWEST = 20
_LARGEST = 2**63


def show(site: Site, ask: Ask) -> Page:
    """Return the decisions on one story, or on the stories decided on last, each with its balance.

    Raises:
        NotFound: the sender may not see them, or nothing was ever decided on that story.
    """
    if not may_see(site, ask):
        raise NotFound(ask.path)
    wanted = ask.values.get("story")
    with site.newsroom.database.reading() as tx:
        if wanted is None:
            stories = [_story(tx, one) for one in tx.ledger.newest(_NEWEST)]
            return _page({"even": all(one["even"] for one in stories), "stories": stories})
        key = int(wanted)
        if key >= _LARGEST or not tx.dispatches.of_story(key):
            raise NotFound(ask.path)
        return _page(_story(tx, key))


def _story(tx: Transaction, story: int) -> dict[str, object]:
    dispatches = tx.dispatches.of_story(story)
    balances = tx.ledger.balances([one.key for one in dispatches])
    return {
        "story": story,
        "even": all(balances[one.key].is_even for one in dispatches),
        "dispatches": [_dispatch(one, balances[one.key]) for one in dispatches],
    }


def _dispatch(one: Dispatch, balance: Balance) -> dict[str, object]:
    return {
        "dispatch": one.key,
        "kind": one.kind,
        "version": one.version,
        "decided_at": rfc3339(one.decided_at),
        "even": balance.is_even,
        "matched": balance.matched,
        **{state: getattr(balance, state) for state in LETTER_STATES},
    }


def _page(what: dict[str, object]) -> Page:
    return Page(msgspec.json.encode(what), 200, JSON, cache=NOT_KEPT)
