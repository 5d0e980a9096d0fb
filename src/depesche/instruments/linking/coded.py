"""What codes say: those a provider supplied and those in the text, each weighed against the names that the story tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from depesche.instruments.lexicon import words
from depesche.instruments.lexicon.dictionary import Found
from depesche.instruments.lexicon.fold import fold
from depesche.instruments.lexicon.names import core
from depesche.instruments.linking.codes import Code, Codes
from depesche.instruments.linking.issuers import Issuers
from depesche.instruments.linking.score import Sight
from depesche.instruments.surroundings.cues import Scene
from depesche.model.instrument import Evidence, Instrument
from depesche.model.take import Take

HEADLINE = "headline"
IDENTIFIERS = "identifiers"

CONTRADICTED = 0.3
DOUBTED = 0.7
_CLOSE = 40
_LONG = 250
_TELLING = 4
_LITTLE = frozenset("und and the der die das of de la le du & co".split())  # noqa: SIM905


@dataclass(slots=True)
class Claim:
    """What a story says of one instrument."""

    identity: float = 0.0
    supplied: bool = False
    coded: bool = False
    evidence: list[Evidence] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)

    def add(self, evidence: Evidence, identity: float, sight: Sight | None = None) -> None:
        """Count one more piece of evidence, with how surely it means the issuer and where it stands."""
        self.evidence.append(evidence)
        self.identity = max(self.identity, identity)
        if sight:
            self.sights.append(sight)


class Coded:
    """The register's codes, and whether the names in a story agree with them."""

    def __init__(self, codes: Codes, issuers: Issuers) -> None:
        self._codes = codes
        self._issuers = issuers

    def claim_supplied(
        self,
        take: Take,
        told: Counter[str],
        found: list[Found],
        longer: Mapping[str, set[str]],
        claims: Mapping[str, Claim],
    ) -> None:
        """Add to *claims* what the provider supplied with *take*, whose words are *told* and whose names are *found*; with names in
        *longer* those of other firms begin.
        """
        named = {name.issuers[0] for name in found if len(name.issuers) == 1 and name.folded not in longer}
        others = set().union(*longer.values()) - named
        # Who is surely named in a headline, without a code of his own, casts doubt on codes of others.
        headed = {name.issuers[0] for name in found if name.strong and name.field == HEADLINE}
        codes = [
            (given, code)
            for place, given in enumerate(take.identifiers)
            if (code := self._codes.supplied(place, given))
        ]
        supplied = {self._issuer(code.isin) for _, code in codes}
        told_of = _surely_told(found) if codes else set()
        for given, code in codes:
            instrument = self._codes.by_isin[code.isin]
            issuer = self._issuer(code.isin)
            claim = claims[code.isin]
            evidence = Evidence(code.kind, IDENTIFIERS, code.start, code.end, given.value)
            strange = not given.name and instrument.issuer in others
            if strange or (given.name and not self._issuers.goes_by(instrument, given.name)):
                claim.add(evidence, CONTRADICTED)
                continue
            known = bool(given.name) or instrument.issuer in named
            doubted = not known and bool(headed - supplied)
            if doubted or (issuer not in told_of and self._is_unnamed(take, instrument, told, found)):
                claim.add(evidence, DOUBTED)
                continue
            claim.add(evidence, 0.99 if known else 0.97 if code.certain else 0.6)
            claim.supplied = claim.supplied or known or code.certain

    def _is_unnamed(self, take: Take, instrument: Instrument, told: Counter[str], found: list[Found]) -> bool:
        """Tell whether an issuer that no name *found* surely means is not spoken of: another of a similar name is named in full, or a
        long copy has no word of his name.
        """
        own = _name_words(instrument)
        if any(
            len(name.issuers) == 1 and " " in name.folded and own & set(name.folded.split()) for name in found
        ):
            return True
        if len(take.body_text) < _LONG:
            return False
        if any(instrument.issuer in name.issuers for name in found):
            return False
        telling = self._issuers.telling_words(self._issuer(instrument.isin))
        return not any(
            word in told or (len(word) >= _TELLING and word + "s" in told)
            for word in telling
            if len(word) > 1
        )

    def claim_in_text(
        self, scenes: Mapping[str, Scene], found: list[Found], claims: Mapping[str, Claim]
    ) -> None:
        """Add to *claims* the codes that stand in the text."""
        named = {issuer for name in found for issuer in name.issuers}
        for scene, code in self._in_text(scenes):
            claim = claims[code.isin]
            evidence = Evidence(
                code.kind, scene.name, code.start, code.end, scene.text[code.start : code.end]
            )
            before = [
                name
                for name in found
                if name.field == scene.name and name.strong and 0 <= code.start - name.end <= _CLOSE
            ]
            claim.add(evidence, self._identity(code, scene, named, before))
            claim.coded = True

    def _in_text(self, scenes: Mapping[str, Scene]) -> Iterator[tuple[Scene, Code]]:
        for scene in scenes.values():
            for code in self._codes.in_text(scene.text):
                yield scene, code

    def _identity(self, code: Code, scene: Scene, named: set[str], before: list[Found]) -> float:
        """Return how surely *code* means its instrument; names right *before* it that are not its issuer's cast doubt."""
        instrument = self._codes.by_isin[code.isin]
        if instrument.issuer in named:
            return 0.98
        if code.certain:
            return 0.98 if not before else DOUBTED
        words_before = scene.text[max(0, code.start - 70) : code.start].rpartition("(")[0]
        return 0.96 if words_before and self._issuers.is_near(instrument, words_before) else 0.85

    def _issuer(self, isin: str) -> str:
        return self._codes.by_isin[isin].issuer or isin


def _surely_told(found: list[Found]) -> set[str]:
    """Return the issuers that names in the story mean and that do not merely begin others' longer names (`Fresenius` beside
    `Fresenius Medical Care`).
    """
    begun = {name.folded.partition(" ")[0]: name.issuers for name in found if " " in name.folded}
    return {
        issuer
        for name in found
        for issuer in name.issuers
        if " " in name.folded or issuer in begun.get(name.folded, (issuer,))
    }


def _name_words(instrument: Instrument) -> set[str]:
    """Return the words of an instrument's name, its legal form and little words left out."""
    said = set(fold(core(instrument.name)).split()) - _LITTLE
    return {word for word in said if len(word) > 1 and word not in words.BLOCKED}
