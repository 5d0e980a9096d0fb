"""Commands about webhooks: who is told, trying one out, and ending it."""

from __future__ import annotations

from collections.abc import Sequence

from depesche.alerts.following.hookdesk import Hook
from depesche.alerts.posting import said
from depesche.model.errors import NotFound, Refused
from depesche.model.subscription import INSTRUMENT, SEARCH, TARGET_KINDS, Target
from depesche.newsroom import Newsroom
from depesche.ops.commands import output
from depesche.search.percolator.saved import CannotSave

_WORDS = "By the operator, by command: news on what is named here is posted to this address."


def add(room: Newsroom, url: str, wanted: Sequence[str], *, updates: bool, as_json: bool) -> int:
    """Let the program at *url* follow what is wanted, once it has answered a challenge; returns 1 if it did not."""
    try:
        targets = [_target(room, one) for one in wanted]
        hook = room.hook_desk.add(url, targets, room.settings.languages[0], form_text=_WORDS, updates=updates)
    except (NotFound, Refused) as error:
        output.complain(url, error)
        return 1
    _print(hook, as_json=as_json)
    return 0


def list_(room: Newsroom, *, as_json: bool) -> int:
    """Print every webhook, what it follows and the secret of its signatures, but for those that readers entered."""
    for hook in room.hook_desk.every():
        _print(hook, as_json=as_json)
    return 0


def remove(room: Newsroom, url: str, wanted: str | None) -> int:
    """End what a webhook follows, or one thing of it; returns 1 if there is nothing to end."""
    try:
        ended = room.hook_desk.remove(url, None if wanted is None else _target(room, wanted))
    except (NotFound, Refused) as error:
        output.complain(url, error)
        return 1
    if not ended:
        output.complain(url, "follows nothing of the kind")
        return 1
    for one in ended:
        output.console.print(f"Ended: {one.name}", markup=False)
    return 0


def test(room: Newsroom, url: str) -> int:
    """Post an event without a story and print the answer; returns 1 if it is no yes."""
    try:
        answer = room.hook_desk.test(url)
    except NotFound as error:
        output.complain(url, error)
        return 1
    if 200 <= answer.status < 300:
        output.console.print(f"Answered {answer.status}.")
        return 0
    output.complain(url, said(answer))
    return 1


def _target(room: Newsroom, said_: str) -> Target:
    """Read what is to be followed: an ISIN, or kind:value.

    Raises:
        NotFound: it is neither.
        Refused: the search cannot be followed.
    """
    kind, _, value = said_.partition(":") if ":" in said_ else (INSTRUMENT, "", said_)
    if kind not in TARGET_KINDS:
        raise NotFound(
            f"{said_!r} is not an ISIN, nor one of {', '.join(TARGET_KINDS)} with a colon and a value"
        )
    if kind != SEARCH:
        return Target.share(value) if kind == INSTRUMENT else Target(kind, value)
    try:
        return Target(SEARCH, room.saved_form(value), value)
    except CannotSave as error:
        raise Refused(f"the search cannot be followed: {error.reason}") from error


def _print(hook: Hook, *, as_json: bool) -> None:
    followed = [
        {"kind": one.kind, "value": one.target.value, "name": one.name, "confirmed": one.is_active}
        for one in hook.followed
    ]
    one = hook.subscriber
    whose: dict[str, object] = (
        {"secret": hook.secret} if one.owner is None else {"reader": one.owner, "failures": one.failures}
    )
    if as_json:
        output.json_line({"url": one.address, **whose, "followed": followed})
        return
    output.table(("", ""), [
        ("address", one.address), *((name, str(value)) for name, value in whose.items()),
        *(("follows" if one["confirmed"] else "asked for", f"{one['name']} ({one['kind']})") for one in followed),
    ])  # fmt: skip
