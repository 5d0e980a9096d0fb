"""The sentence a reader agrees to, word for word as it is shown and as it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from depesche.model import paths
from depesche.portal.i18n import words
from depesche.portal.site import Site

_SENTENCE = words(
    "By following, you agree that we send you news on %(share)s by e-mail, after you have confirmed your "
    "address. Every letter has a link to stop it. Our %(privacy)s applies."
)


@dataclass(frozen=True, slots=True)
class Consent:
    """The box that follows one share: `text` is kept as proof, `html` is the same sentence with its link."""

    isin: str
    name: str
    text: str
    html: Markup

    @classmethod
    def of(cls, site: Site, language: str, isin: str, name: str) -> Consent:
        """Return the sentence for one share in an interface *language*."""
        say = site.speech[language].say
        notice = say("privacy notice")
        link = Markup('<a href="{}">{}</a>').format(site.href(paths.PRIVACY, language), notice)
        html = Markup.escape(say(_SENTENCE)) % {"share": name, "privacy": link}
        return cls(isin, name, say(_SENTENCE, share=name, privacy=notice), html)
