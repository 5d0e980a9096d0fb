"""The sentence a reader agrees to, word for word as it is shown and as it is kept, and what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from depesche.model import paths
from depesche.model.subscription import INSTRUMENT, LINEAGE, PROVIDER, SEARCH, TOPIC, Target
from depesche.portal.i18n import Speech, words
from depesche.portal.site import Site

_SENTENCES = {
    INSTRUMENT: words(
        "By following, you agree that we send you news on %(name)s by e-mail, after you have confirmed your "
        "address. Every letter has a link to stop it. Our %(privacy)s applies."
    ),
    PROVIDER: words(
        "By following, you agree that we send you the stories of %(name)s by e-mail, after you have confirmed your "
        "address. Every letter has a link to stop it. Our %(privacy)s applies."
    ),
    SEARCH: words(
        "By following, you agree that we send you new stories that fit the search “%(name)s” by e-mail, after you have "
        "confirmed your address. Every letter has a link to stop it. Our %(privacy)s applies."
    ),
    TOPIC: words(
        "By following, you agree that we send you news on the topic %(name)s by e-mail, after you have confirmed your "
        "address. Every letter has a link to stop it. Our %(privacy)s applies."
    ),
    LINEAGE: words(
        "By following, you agree that we tell you by e-mail how the story “%(name)s” goes on, after you have confirmed "
        "your address. Every letter has a link to stop it. Our %(privacy)s applies."
    ),
}
_CHOICE = words(
    "By following, you agree that we send you news on what you chose by e-mail, after you have confirmed your "
    "address. Every letter has a link to stop it. Our %(privacy)s applies."
)
_CALLED = {
    SEARCH: words("the search “%(name)s”"),
    LINEAGE: words("the story “%(name)s”"),
    TOPIC: words("the topic %(name)s"),
}
_PUSH = words(
    "With “Notify in this browser” you agree that we show you news on %(name)s in this browser, by way of its maker’s push "
    "service. One click stops it. Our %(privacy)s applies."
)
_CHOSEN = words("what you chose")
DIGEST_LABEL = words("Collected in the morning and evening, not at once")
UPDATES_LABEL = words("Also each update of a running story")
_TICKED = "☑"


@dataclass(frozen=True, slots=True)
class Consent:
    """The box that follows something: `text` is kept as proof, `html` is the same sentence with its link.

    `value` names what is followed, as the form sends it; where there is a choice, `choices` has values and labels. `push_text` and
    `push_html` are the sentence for notices in the browser, None where there are none.
    """

    value: str
    text: str
    html: Markup
    choices: tuple[tuple[str, str], ...] = ()
    is_story: bool = False
    push_text: str = ""
    push_html: Markup | None = None

    @classmethod
    def of(cls, site: Site, language: str, target: Target) -> Consent:
        """Return the sentence for one target, in an interface *language*."""
        kind, name = target.known_as
        text, html = _said(site, language, _SENTENCES[kind], name)
        push = _said(site, language, _PUSH, called(site.speech[language], target))
        return cls(form_value(target), text, html, (), target.kind == LINEAGE, *_offered(site, push))

    @classmethod
    def among(cls, site: Site, language: str, targets: Sequence[tuple[Target, str]]) -> Consent:
        """Return the sentence for one of several targets, each with its label, to be chosen in the form."""
        text, html = _said(site, language, _CHOICE, "")
        choices = tuple((form_value(target), label) for target, label in targets)
        push = _said(site, language, _PUSH, site.speech[language].say(_CHOSEN))
        return cls(choices[0][0], text, html, choices, False, *_offered(site, push))


def form_value(target: Target) -> str:
    """Return how a form names *target*; a search by the words as typed, so that the proof has them too."""
    return f"{target.kind}:{target.name if target.kind == SEARCH else target.value}"


def agreed(consent: Consent, speech: Speech, *, digest: bool, updates: bool) -> str:
    """Return what a reader agreed to, word for word: the sentence, and what was ticked."""
    ticked = [label for label, is_set in ((DIGEST_LABEL, digest), (UPDATES_LABEL, updates)) if is_set]
    return "\n".join([consent.text, *(f"{_TICKED} {speech.say(label)}" for label in ticked)])


def called(speech: Speech, target: Target) -> str:
    """Return what *target* is called in a sentence that says that somebody follows it."""
    kind, name = target.known_as
    return speech.say(_CALLED[kind], name=name) if kind in _CALLED else name


def _offered(site: Site, push: tuple[str, Markup]) -> tuple[str, Markup | None]:
    """Return the sentence of notices in the browser, where the portal offers them."""
    return push if site.settings.web_push else ("", None)


def _said(site: Site, language: str, sentence: str, name: str) -> tuple[str, Markup]:
    say = site.speech[language].say
    notice = say("privacy notice")
    link = Markup('<a href="{}">{}</a>').format(site.href(paths.PRIVACY, language), notice)
    return (
        say(sentence, name=name, privacy=notice),
        Markup.escape(say(sentence)) % {"name": name, "privacy": link},
    )
