"""What a story's page says of itself to search engines and to sites that show a link to it.

JSON-LD in the words of schema.org, and the values of OpenGraph and its kin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from markupsafe import Markup

from depesche.lib.clock import rfc3339
from depesche.model import paths
from depesche.model.story import CORRECTION, Picture, StoryPage, Version
from depesche.portal.i18n import Speech
from depesche.portal.out.preview import SIZE
from depesche.portal.site import Site, is_web

_SCHEMA = "https://schema.org"
# Data inside a script element ends where "<" could begin a tag, whatever its type.
_DANGEROUS = re.compile("[<>&\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Meta:
    """What stands in the head of a story's page; `picture` is the address of its preview, sized `width` x `height`."""

    url: str
    canonical: str
    picture: str
    width: int
    height: int
    published: str
    modified: str
    oembed: str
    json_ld: Markup


def meta(
    site: Site, language: str, page: StoryPage, path: str, *,
    description: str, is_whole: bool, pictures: Sequence[Picture], canonical: str | None, words: int | None,
) -> Meta:  # fmt: skip
    """Return what the page of a story at *path* says of itself; *canonical* is the provider's page where that is the one to find."""
    version = page.version
    url = site.url(path, language)
    preview = site.address + paths.preview(version.story, version.number)
    found = [site.address + paths.picture(one.sha256, one.widths[-1]) for one in pictures[:1]]
    said = _article(site, site.speech[language], page, url)
    said |= {"description": description, "image": [*found, preview], "isAccessibleForFree": is_whole}
    if words:
        said["wordCount"] = words
    if is_web(version.canonical_url):
        said["isBasedOn"] = version.canonical_url
    return Meta(
        url=url,
        canonical=canonical or url,
        picture=preview,
        width=SIZE[0],
        height=SIZE[1],
        published=rfc3339(version.first_created),
        modified=rfc3339(version.at),
        oembed=f"{site.address}{paths.oembed(url)}",
        json_ld=data_block(said),
    )


def data_block(said: Mapping[str, object]) -> Markup:
    """Return *said* as the text of a data block, which no parser of HTML can take for anything else."""
    written = msgspec.json.encode(said).decode()
    return Markup(_DANGEROUS.sub(lambda found: f"\\u{ord(found[0]):04x}", written))  # noqa: S704


def _article(site: Site, speech: Speech, page: StoryPage, url: str) -> dict[str, object]:
    version = page.version
    provider = {"@type": "Organization", "name": version.provider}
    said: dict[str, object] = {
        "@context": _SCHEMA,
        "@type": "AdvertiserContentArticle" if page.sponsored else "NewsArticle",
        "@id": f"{site.address}/news/{version.story}",
        "url": url,
        "mainEntityOfPage": url,
        "headline": version.headline,
        "inLanguage": version.language or site.main,
        "datePublished": rfc3339(version.first_created),
        "dateModified": rfc3339(max(version.at, version.first_created)),
        "version": version.number,
        "author": {"@type": "Person", "name": version.byline} if version.byline else provider,
        "sourceOrganization": provider,
        "publisher": {
            "@type": "Organization",
            "name": site.settings.operator or site.settings.title,
            "url": site.address,
            "logo": {"@type": "ImageObject", "url": site.address + site.assets("icon-512.png")},
        },
    }
    if page.mentions:
        said["about"] = [_share(site, one.isin, one.name, one.ticker) for one in page.mentions]
    if version.copyright:
        said["copyrightNotice"] = version.copyright
    if version.dateline and version.dateline.places:
        said["locationCreated"] = {"@type": "Place", "name": ", ".join(version.dateline.places)}
    if version.action == CORRECTION:
        said["correction"] = _correction(speech, version)
    return said


def _correction(speech: Speech, version: Version) -> dict[str, object]:
    unsaid = speech.say("The provider corrected this story and did not say what was wrong.")
    return {
        "@type": "CorrectionComment",
        "text": version.correction or unsaid,
        "datePublished": rfc3339(version.filed_at),
    }


def _share(site: Site, isin: str, name: str, ticker: str | None) -> dict[str, object]:
    codes = [("isin", isin), *([("ticker", ticker)] if ticker else [])]
    return {
        "@type": "Corporation",
        "name": name,
        "url": site.url(paths.share(isin)),
        "identifier": [{"@type": "PropertyValue", "propertyID": kind, "value": code} for kind, code in codes],
        **({"tickerSymbol": ticker} if ticker else {}),
    }
