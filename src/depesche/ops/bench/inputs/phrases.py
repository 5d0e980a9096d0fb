"""Words and patterns of which invented stories are made; two languages, some thousand different nouns each."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SYLLABLES = _words(
    "ba be bri da dor el fen ga gri hal ja ka kel lan lor lu ma mir mon na nel ni o pa per qua ra ren ri sal sen sil "
    "ta tel tor ul va vel ver vi wen xa ya zel zor"
)  # fmt: skip
TRADES = _words(
    "Anlagenbau Apparate Biotech Chemie Energie Fahrzeuge Feinmechanik Glas Handel Immobilien Keramik Logistik Maschinen Medizin "
    "Metall Optik Papier Reederei Robotik Software Solar Spedition Stahl Technik Textil Verlag Wasser Werft Werkzeuge Zement"
)  # fmt: skip
FORMS = ("AG", "SE", "AG", "KGaA", "Inc.", "plc", "N.V.")
PLACES = ("HAMBURG", "LINDAU", "BREMEN", "GENF", "AACHEN", "CORK", "LEEDS", "PASSAU", "KIEL", "ZWOLLE")

_DAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


@dataclass(frozen=True, slots=True)
class Speech:
    """One language: patterns whose gaps are filled by chance; those in `named` speak of an issuer."""

    language: str
    plain: tuple[str, ...]
    named: tuple[str, ...]
    firsts: tuple[str, ...]
    seconds: tuple[str, ...]
    verbs: tuple[str, ...]
    manners: tuple[str, ...]
    days: tuple[str, ...]

    def noun(self, rng: random.Random) -> str:
        """Return one of the compound nouns; the first ones come more often, as in any text."""
        return _skewed(rng, self.firsts) + _skewed(rng, self.seconds)

    def sentence(self, rng: random.Random, name: str | None = None) -> str:
        """Return a sentence, about the issuer called *name* if there is one."""
        pattern = _any(rng, self.named if name else self.plain)
        return pattern.format(
            i=name,
            a=self.noun(rng),
            b=self.noun(rng),
            v=_any(rng, self.verbs),
            w=_any(rng, self.verbs),
            m=_any(rng, self.manners),
            d=_any(rng, self.days),
            p=_any(rng, PLACES).capitalize(),
            k=int(rng.random() * 97) + 2,
        )


def _any(rng: random.Random, choices: Sequence[str]) -> str:
    return choices[int(rng.random() * len(choices))]


def _skewed(rng: random.Random, choices: Sequence[str]) -> str:
    return choices[int(rng.random() ** 2 * len(choices))]


GERMAN = Speech(
    "de",
    plain=(
        "Die {a} {v} im laufenden Quartal {m}, während die {b} {w}.",
        "Wie am {d} in {p} zu hören war, {v} die {a} {m}.",
        "Rund {k} Prozent der {a} {v} {m}; für die {b} sieht es kaum anders aus.",
        "Ob die {b} {w}, hängt nach Ansicht von Fachleuten davon ab, ob die {a} {v}.",
        "Zuvor hatten die {a} über {k} Wochen hinweg {m} nachgegeben.",
        "Aus {p} heißt es, die {a} {v}, obwohl die {b} {m} {w}.",
        "Eine Entscheidung über die {a} soll am {d} fallen.",
        "Im Vergleich zum Vorjahr {v} die {b} um {k} Prozent.",
    ),
    named=(
        "{i} erweitert die {a} um {k} Prozent.",
        "{i} will die {a} am {d} in {p} vorstellen.",
        "Bei {i} {v} die {a} {m}.",
        "{i} verschiebt die {b} und stützt sich auf die {a}.",
    ),
    firsts=_words(
        "Hafen Strom Lager Fracht Stahl Export Herbst Wasser Messe Schienen Kühl Ersatz Sommer Rohstoff Kranbau Küsten Solar Pump "
        "Winter Gleis Schiffs Zement Werft Förder Speicher Kontroll Pilot Schleusen Papier Brücken Turbinen Sensor Faser Kessel Dock Silo "
        "Mühlen Glas Leucht Ketten Ventil Filter Schmiede Walz Funk Segel Anker Linsen"
    ),
    seconds=_words(
        "aufträge preise verträge anlagen pläne linien zahlen märkte mengen kosten lieferungen projekte flächen prüfungen teile gebühren "
        "reserven hallen netze kurse quoten fristen testläufe erlöse umbauten patente bestände meldungen anleihen abnehmer exporte strecken "
        "termine werke messungen posten muster zusagen regeln partner stufen gutachten tarife schichten"
    ),
    verbs=("steigen", "sinken", "stocken", "wachsen", "schrumpfen", "schwanken", "überraschen", "enttäuschen", "kippen", "klettern"),
    manners=("deutlich", "leicht", "unerwartet", "spürbar", "wie erwartet", "kaum", "erneut", "stärker als geplant", "vorerst", "schrittweise"),
    days=_DAYS,
)  # fmt: skip

ENGLISH = Speech(
    "en",
    plain=(
        "The {a} {v} {m} in the current quarter while the {b} {w}.",
        "On {d} it was heard in {p} that the {a} {v} {m}.",
        "About {k} per cent of the {a} {v} {m}, and the {b} look much the same.",
        "Whether the {b} {w} depends, observers say, on the {a}.",
        "Before that the {a} had given way {m} for {k} weeks.",
        "A decision about the {a} is due on {d}.",
        "Compared with last year the {b} {v} by {k} per cent.",
    ),
    named=(
        "{i} expands its {a} by {k} per cent.",
        "{i} is to present the {a} in {p} on {d}.",
        "At {i} the {a} {v} {m}.",
        "{i} puts off the {b} and leans on the {a}.",
    ),
    firsts=_words(
        "harbour power cargo steel export autumn water rail cooling spare summer crane coastal solar pump winter track vessel cement "
        "yard storage pilot sluice paper bridge turbine sensor fibre boiler dock silo mill glass chain valve filter forge radio sail"
    ),
    seconds=tuple(
        f" {one}" for one in _words(
        "orders prices contracts plants plans lines figures markets volumes costs deliveries projects sites inspections parts fees reserves "
        "halls networks rates quotas deadlines trials proceeds conversions patents stocks reports bonds buyers routes dates works samples "
        "pledges rules partners stages surveys tariffs shifts"
    )),
    verbs=("rise", "fall", "stall", "grow", "shrink", "waver", "surprise", "disappoint", "weaken", "recover"),
    manners=("sharply", "slightly", "without warning", "noticeably", "as expected", "hardly", "once more", "faster than planned", "for now", "step by step"),
    days=_WEEKDAYS,
)  # fmt: skip
