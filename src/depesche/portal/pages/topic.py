"""A media topic's page: its stories, newest first, and the topics above and below it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from depesche.model import paths
from depesche.model.errors import NotFound
from depesche.model.story import Card
from depesche.model.take import Subject
from depesche.portal.ask import Ask, Page, redirect
from depesche.portal.pages import lines
from depesche.portal.pages.following import saving
from depesche.portal.pages.following.consent import Consent
from depesche.portal.site import Site
from depesche.store.database import Transaction
from depesche.store.stories.topics import Topic
from depesche.stories.topics import code_of

_MOST = 6


def show(site: Site, ask: Ask) -> Page:
    """Return the stories on one topic.

    Raises:
        NotFound: nobody named such a topic, and no public story is about it.
    """
    code = code_in(ask)
    path = paths.topic(code)
    if ask.path != path:
        return redirect(site.href(path, ask.language))
    place = lines.before(ask)
    with site.newsroom.database.reading() as tx:
        cards = tx.newsstand.of_topic(code, lines.PER_PAGE + 1, place)
        topic = named(tx, code, cards)
        narrower = tx.topics.narrower(code)
        broader = tx.topics.named([topic.broader]) if topic and topic.broader else {}
    full, cards = len(cards) > lines.PER_PAGE, cards[: lines.PER_PAGE]
    name = topic.name(ask.language) if topic else code
    what = {
        "name": name,
        "consent": Consent.of(site, ask.language, saving.topic_of(site, ask.language, code, name)),
        "code": code,
        "broader": [(one.code, one.name(ask.language)) for one in broader.values()],
        "narrower": [(one.code, one.name(ask.language)) for one in narrower],
        "days": lines.by_day(site, ask.language, lines.lines(site, cards)),
        "older": lines.older(path, cards, full),
        "is_first": place is None,
    }
    body = site.print("topic.html", ask.language, what, path=path)
    return Page(body, tags=lines.tags(cards, *(() if place else ("home",))))


def code_in(ask: Ask) -> str:
    """Return the code of the topic that an address names, however it was written.

    Raises:
        NotFound: that is none.
    """
    code = code_of(Subject("medtop", ask.values["code"]))
    if code is None:
        raise NotFound(ask.values["code"])
    return code


def named(tx: Transaction, code: str, cards: Sequence[Card]) -> Topic | None:
    """Return the topic *code*, None where it has no name but is that of *cards*.

    Raises:
        NotFound: nobody named it, and there are no cards.
    """
    topic = tx.topics.named([code]).get(code)
    if topic is None and not cards:
        raise NotFound(code)
    return topic


def chips(names: Iterable[tuple[str, str, str]], language: str) -> list[tuple[str, str]]:
    """Return code and name of each topic, as the line under a headline shows them."""
    return [(code, german if language == "de" else english) for code, german, english in names][:_MOST]
