"""Link a story to instruments: evidence or nothing, identity and relevance scored apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from depesche.instruments.lexicon import names, words
from depesche.instruments.lexicon.dictionary import Dictionary, Found
from depesche.instruments.lexicon.fold import Folded, fold
from depesche.instruments.linking import score
from depesche.instruments.linking.coded import CONTRADICTED, HEADLINE, IDENTIFIERS, Claim, Coded
from depesche.instruments.linking.codes import Codes
from depesche.instruments.linking.issuers import Issuers
from depesche.instruments.linking.score import Sight
from depesche.instruments.surroundings import asides, cues, namesakes
from depesche.instruments.surroundings.cues import Scene
from depesche.instruments.surroundings.setting import Setting
from depesche.instruments.surroundings.shortform import longer_meant, shadowed_names, short_form
from depesche.model.instrument import Evidence, Instrument, Listing, Mention
from depesche.model.take import Take

BODY = "body_text"

Weighed = tuple[Found, str | None, float]  # a name, the issuer it means, how sure that is

_SHARED = 0.5
_LEAST = 0.5
_SPANS = 24
_SHORT = 3
_UNSURE = words.CLUBS | words.SISTERS.keys() | words.NAMESAKES


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a mention is published; below it waits for an editor."""

    identity: float = 0.9
    relevance: float = 0.5


class Linker:
    """Finds the instruments a story is about, by the names and codes of *instruments*."""

    def __init__(self, instruments: Iterable[Instrument], thresholds: Thresholds | None = None) -> None:
        listed = list(instruments)
        if any(not i.names or not i.issuer or any(not name.tier for name in i.names) for i in listed):
            listed = names.tiered(listed)
        self._thresholds = thresholds or Thresholds()
        self._codes = Codes(listed)
        self._dictionary = Dictionary(listed)
        self._issuers = Issuers(listed)
        self._coded = Coded(self._codes, self._issuers)

    def link(self, take: Take) -> tuple[Mention, ...]:
        """Return the mentions of *take*, the most relevant first."""
        setting, scenes = _scenes(take)
        found, doubts, longer = self._names(take, scenes, setting)
        claims: dict[str, Claim] = defaultdict(Claim)
        if take.identifiers:
            self._coded.claim_supplied(take, setting.words, found, longer, claims)
        self._coded.claim_in_text(scenes, found, claims)
        self._claim_names(scenes, found, doubts, claims)
        return self._mentions(take, claims, setting)

    def scan(self, text: Folded) -> int:
        """Return how many names stand in *text*, weighing none of them."""
        return self._dictionary.count(text.text)

    def _names(
        self, take: Take, scenes: Mapping[str, Scene], setting: Setting
    ) -> tuple[list[Found], dict[str, int], dict[str, set[str]]]:
        """Return the names that may mean an issuer, how many places of the story say that one is something else, and those
        with which names of others begin, with the issuers they would mean.
        """
        provider = fold(take.provider)
        kept: list[Found] = []
        told: dict[str, list[str]] = defaultdict(list)
        longer: dict[str, set[str]] = defaultdict(set)
        for scene in scenes.values():
            for found in self._dictionary.find(scene.name, scene.folded):
                if found.start < scene.dateline or found.folded == provider:
                    continue
                if scene.shouts and (not found.strong or len(found.text) <= _SHORT):
                    continue
                other = self._else(scene.text, found, setting)
                if other is None:
                    kept.append(found)
                elif other in namesakes.TELLING:
                    told[found.folded].append(other)
                    if other == namesakes.LONGER:
                        longer[found.folded].update(found.issuers)
        kept = [found for found in kept if not namesakes.decides(told.get(found.folded, ()))]
        return kept, {folded: len(others) for folded, others in told.items()}, longer

    def _else(self, text: str, found: Found, setting: Setting) -> str | None:
        """Return what else a name is, as far as its place tells."""
        if (words := namesakes.stands_for(text, found)) and not self._issuers.may_be_called(
            found.issuers, words
        ):
            return namesakes.ACRONYM
        return namesakes.namesake(text, found, setting)

    def _claim_names(
        self,
        scenes: Mapping[str, Scene],
        found: list[Found],
        doubts: Mapping[str, int],
        claims: dict[str, Claim],
    ) -> None:
        coded: dict[str, list[str]] = defaultdict(list)
        for isin, claim in claims.items():
            if claim.identity > CONTRADICTED:
                coded[self._issuer(isin)].append(isin)
        weighed, known, certain = self._weighed(scenes, found, doubts, set(coded))
        beside = _beside(scenes, found, weighed, known)
        for name, issuer, identity in weighed:
            scene = scenes[name.field]
            aside = (name, issuer) in beside or scene.is_aside(name)
            sight = Sight(name.field, name.start, aside, scene.is_oblique(name), scene.is_front(name))
            if issuer in certain:
                self._add(claims, coded, issuer, name, max(identity, cues.LIKELY), sight)
            elif issuer and identity >= _LEAST:
                self._add(claims, coded, issuer, name, identity, sight)
            elif issuer is None and identity >= _LEAST:
                for candidate in name.issuers[:3]:
                    self._add(claims, coded, candidate, name, _SHARED, replace(sight, aside=True))

    def _weighed(
        self, scenes: Mapping[str, Scene], found: list[Found], doubts: Mapping[str, int], coded: set[str]
    ) -> tuple[list[Weighed], list[tuple[Found, str]], set[str]]:
        """Return each name with the issuer it means (None: one of several) and how sure that is; the names of issuers that the
        story is sure to name, as they stand; and these issuers, *coded* among them, whose codes it gives.
        """
        strange = self._strange(scenes, found)
        certain = coded | {
            name.issuers[0]
            for name in found
            if name.strong
            and name.folded not in doubts
            and name.folded not in _UNSURE
            and name not in strange
        }
        weighed: list[Weighed] = [
            (name, *self._weigh(scenes[name.field], name, certain, doubts.get(name.folded, 0)))
            if name not in strange
            else (name, name.issuers[0], cues.POSSIBLE)
            for name in found
        ]
        certain |= {issuer for _, issuer, identity in weighed if issuer and identity >= cues.LIKELY}
        known = [(name, issuer) for name, issuer, _ in weighed if issuer in certain]
        meant = longer_meant(known, HEADLINE)
        weighed = [(name, meant.get(name, issuer), identity) for name, issuer, identity in weighed]
        taken = [(name.start, name.end) for name in found if name.field == HEADLINE]
        short = short_form(scenes[HEADLINE], known, taken)
        return [*weighed, *((name, name.issuers[0], cues.LIKELY) for name in short)], known, certain

    def _strange(self, scenes: Mapping[str, Scene], found: list[Found]) -> set[Found]:
        """Return the names that mean somebody else in another country."""
        return {
            name
            for name in found
            if len(name.issuers) == 1 and self._is_strange(scenes[name.field], name, name.issuers[0])
        }

    def _is_strange(self, scene: Scene, name: Found, issuer: str) -> bool:
        """Tell whether others bear the name in the country where the story plays, or in the one that the words beside it name."""
        if name.folded in words.NATIONAL and self._issuers.is_abroad(issuer, scene.setting):
            return True
        beside = scene.branch_behind(name) | (set() if name.strong else scene.lands_before(name))
        return bool(beside) and not beside <= self._issuers.lands(issuer)

    def _weigh(self, scene: Scene, name: Found, certain: set[str], doubt: int) -> tuple[str | None, float]:
        """Return the issuer that *name* means, None for a choice of several, and how surely it does."""
        if (telling := words.SISTERS.get(name.folded)) and telling.isdisjoint(scene.setting.words):
            return name.issuers[0], cues.LIKELY if name.issuers[
                0
            ] in certain and not name.strong else cues.POSSIBLE
        if name.strong and not doubt and name.folded not in _UNSURE:
            return name.issuers[0], 0.96
        if len(name.issuers) > 1 and (home := self._issuers.at_home(name.issuers, scene.setting)):
            return home, cues.CERTAIN
        candidates = [issuer for issuer in name.issuers if issuer in certain] or list(name.issuers)
        by_cue = [
            (
                scene.certainty(
                    name,
                    self._issuers.families(issuer),
                    doubt,
                    self._issuers.is_at_home(issuer, scene.setting),
                ),
                issuer,
            )
            for issuer in candidates
        ]
        if len(candidates) == 1:
            return candidates[0], max(by_cue[0][0], cues.LIKELY if candidates[0] in certain else 0)
        possible = [issuer for surety, issuer in by_cue if surety > cues.NONE]
        if len(possible) == 1 and len(candidates) > 1:
            return possible[0], max(surety for surety, _ in by_cue)
        return None, max(surety for surety, _ in by_cue)

    def _add(
        self,
        claims: dict[str, Claim],
        coded: Mapping[str, list[str]],
        issuer: str,
        name: Found,
        identity: float,
        sight: Sight,
    ) -> None:
        for isin in coded.get(issuer) or [self._issuers.primary[issuer]]:
            evidence = Evidence("name", name.field, name.start, name.end, name.text)
            claims[isin].add(evidence, identity, sight)

    def _issuer(self, isin: str) -> str:
        return self._codes.by_isin[isin].issuer or isin

    def _mentions(self, take: Take, claims: Mapping[str, Claim], setting: Setting) -> tuple[Mention, ...]:
        supplied = sum(claim.supplied for claim in claims.values())
        issuers = {self._issuer(isin) for isin, claim in claims.items() if claim.identity >= cues.LIKELY}
        sights = sum(len(claim.sights) for claim in claims.values())
        tale = score.Tale(
            length=len(take.body_text),
            listing=score.subjects_at(take) if score.is_list(take) else None,
            business=setting.is_business,
            sport=setting.is_sport,
            strangeness=setting.strangeness,
            epithet=setting.has_epithet and setting.civic < 2,
        )
        mentions = []
        for isin, claim in claims.items():
            part = score.Part(
                claim.sights,
                others=len(issuers - {self._issuer(isin)}),
                share=len(claim.sights) / max(sights, 1),
                supplied=supplied if claim.supplied else 0,
                coded=claim.coded,
            )
            mentions.append(self._mention(isin, claim, score.relevance(part, tale)))
        return tuple(sorted(mentions, key=lambda m: (-m.relevance, -m.identity, m.isin)))

    def _mention(self, isin: str, claim: Claim, relevance: float) -> Mention:
        instrument = self._codes.by_isin[isin]
        listing = main_listing(instrument)
        kinds = {evidence.kind for evidence in claim.evidence}
        identity = round(
            min(0.99, claim.identity + (0.02 if len(kinds) > 1 and claim.identity >= 0.9 else 0)), 3
        )
        published = identity >= self._thresholds.identity and relevance >= self._thresholds.relevance
        ordered = sorted(claim.evidence, key=lambda e: (_FIELDS.index(e.field), e.start, e.kind))
        return Mention(
            isin=isin,
            name=instrument.name,
            identity=identity,
            relevance=relevance,
            published=published,
            evidence=tuple(ordered[:_SPANS]),
            ticker=listing.ticker if listing else None,
            mic=listing.mic if listing else None,
            key=instrument.key,
        )


def _beside(
    scenes: Mapping[str, Scene], found: list[Found], weighed: list[Weighed], known: list[tuple[Found, str]]
) -> set[tuple[Found, str | None]]:
    """Return the names that stand there for the sake of somebody else: an analyst's house, an owner, what a longer name shadows."""
    houses = asides.houses(
        (scenes[name.field].text, name, issuer, scenes[name.field].is_traded(name))
        for name, issuer, _ in weighed
    )
    shadowed = shadowed_names(known)
    owners = asides.owners(scenes[HEADLINE].text, [name for name in found if name.field == HEADLINE])
    return {
        (name, issuer)
        for name, issuer, _ in weighed
        if issuer in houses or name in owners or (name.folded, issuer) in shadowed
    }


_FIELDS = (HEADLINE, BODY, IDENTIFIERS)
_HOME = {
    "US": ("XNYS", "XNAS"),
    "DE": ("XETR",),
    "GB": ("XLON",),
    "FR": ("XPAR",),
    "NL": ("XAMS",),
    "CH": ("XSWX",),
}


def main_listing(instrument: Instrument) -> Listing | None:
    """Return the listing to show: Xetra for what trades there first, else the market at home, else any."""
    order = ("XETR", *_HOME.get(instrument.isin[:2], ()), "XNYS", "XNAS")
    by_mic = {listing.mic: listing for listing in instrument.listings}
    if instrument.isin.startswith("US"):
        order = (*_HOME["US"], *order)
    return next((by_mic[mic] for mic in order if mic in by_mic), next(iter(instrument.listings), None))


def _scenes(take: Take) -> tuple[Setting, dict[str, Scene]]:
    headline, body = Folded(take.headline), Folded(take.body_text)
    setting = Setting((headline, body), take.language)
    told = Scene(BODY, body, setting)
    lead = body.text[told.dateline : told.dateline + score.LEAD]
    return setting, {HEADLINE: Scene(HEADLINE, headline, setting, lead), BODY: told}
