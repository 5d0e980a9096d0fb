"""Whether a search can be kept for stories to come, and why not, in the reader's language."""

from __future__ import annotations

from depesche.model.errors import Refused
from depesche.model.subscription import SEARCH, Target
from depesche.portal.i18n import words
from depesche.portal.site import Site
from depesche.search.percolator.saved import CannotSave

_WHY_NOT = {
    "empty": words("The search is empty: name a word, a share or a provider."),
    "too_long": words("The search is too long: leave something out."),
    "until": words("A followed search is for stories to come: leave out bis: and until:."),
    "only_negative": words(
        "The search only says what is not wanted: name a word, a share or a provider that is."
    ),
    "too_common": words("Nearly every story has these words: add one that tells more."),
    "no_provider": words("The search names no provider after von: or provider:."),
    "no_topic": words("The search names no topic after thema: or topic:."),
}

_LONGEST_NAME = 150


def topic_of(site: Site, language: str, code: str, name: str) -> Target:
    """Return the topic *code* as something to follow: a search for its code, with its *name* for people."""
    said = " ".join(name.replace('"', " ").split())[:_LONGEST_NAME]
    return target_of(site, language, f'thema:"{code} {said}"')


def target_of(site: Site, language: str, query: str) -> Target:
    """Return the search as something to follow, called by the words as typed.

    Raises:
        Refused: it cannot be kept; the message says why.
    """
    try:
        return Target(SEARCH, site.newsroom.saved_form(query), query)
    except CannotSave as error:
        raise Refused(site.speech[language].say(_WHY_NOT[error.reason])) from error
