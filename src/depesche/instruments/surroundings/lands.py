"""In which countries a story plays, told by the words for countries, their towns, authorities and money."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from depesche.instruments.lexicon.fold import fold

_WORDS = """
DE deutschland deutsch germany german germans berlin hamburg münchen munich köln cologne frankfurt düsseldorf stuttgart bonn leipzig dresden
 bundesregierung bundestag bundesnetzagentur bafin bundeskartellamt bayern bayerisch sachsen hessen baden-württemberg niedersachsen
 nordrhein-westfalen brandenburg thüringen
AT österreich österreichisch austria austrian austrians wien wiener graz linz salzburg innsbruck klagenfurt eisenstadt bregenz tirol steiermark
 kärnten burgenland vorarlberg oberösterreich niederösterreich nationalrat arbeiterkammer öbb övp spö fpö övag vienna styria tyrol orf
CH schweiz schweizer schweizerisch switzerland swiss bern berner zürich zürcher zurich basel basler genf geneva luzern winterthur lausanne lugano
 franken francs bundesrat finma gallen tessin wallis aargau graubünden nationalrätin postfinance
US usa amerika america american americans amerikanisch washington york chicago texas california kalifornien florida ohio boston detroit
 seattle houston denver atlanta minneapolis minnesota michigan pennsylvania virginia georgia illinois iowa wisconsin arizona missouri
 carolina tennessee indiana nevada congress senate sec ftc faa fda
GB großbritannien britain british britisch england english london manchester birmingham leeds liverpool scotland scottish wales welsh uk
 glasgow edinburgh ofcom ofgem westminster pence brighton sussex yorkshire
FR frankreich französisch france french paris lyon marseille toulouse bordeaux
IT italien italienisch italy italian rom rome mailand milan turin neapel naples sizilien sicily consob venedig
ES spanien spanisch spain spanish madrid barcelona valencia sevilla cnmv katalonien
PT portugal portugiesisch portuguese lissabon lisbon porto
NL niederlande niederländisch netherlands dutch amsterdam rotterdam haag eindhoven
BE belgien belgisch belgium belgian brüssel antwerpen antwerp gent flandern wallonien
LU luxemburg luxemburgisch luxembourg
PL polen polnisch poland polish poles warschau warsaw krakau krakow zloty danzig gdansk breslau wroclaw
CZ tschechien tschechisch czech prag prague brünn kronen koruna
SK slowakei slowakisch slovakia slovak bratislava
HU ungarn ungarisch hungary hungarian budapest forint orban
RO rumänien rumänisch romania romanian bukarest bucharest
BG bulgarien bulgarisch bulgaria bulgarian sofia
HR kroatien kroatisch croatia croatian zagreb
RS serbien serbisch serbia serbian belgrad belgrade dinar
SI slowenien slowenisch slovenia slovenian ljubljana laibach
ME montenegro montenegrinisch podgorica
MK nordmazedonien mazedonisch macedonia macedonian skopje
GR griechenland griechisch greece greek athen athens
TR türkei türkisch turkey turkish istanbul ankara lira
RU russland russisch russia russian moskau moscow rubel rouble roubles
UA ukraine ukrainisch ukrainian kiew kyiv
SE schweden schwedisch sweden swedish stockholm göteborg gothenburg malmö
NO norwegen norwegisch norway norwegian oslo
DK dänemark dänisch denmark danish kopenhagen copenhagen aarhus
FI finnland finnisch finland finnish helsinki tampere espoo
IE irland irisch ireland irish dublin
CA kanada kanadisch canada canadian canadians toronto ottawa montreal vancouver ontario quebec alberta calgary winnipeg manitoba
AU australien australisch australia australian australians sydney melbourne brisbane perth canberra queensland victoria adelaide tasmania geelong
NZ neuseeland neuseeländisch zealand auckland wellington christchurch
IN indien indisch india indian mumbai delhi bangalore bengaluru chennai rupees rupien rupee crore
CN china chinesisch chinese peking beijing shanghai shenzhen hongkong yuan renminbi
JP japan japanisch japanese tokio tokyo osaka yen nagoya
KR südkorea südkoreanisch korea korean seoul
BR brasilien brasilianisch brazil brazilian paulo brasilia reais
MX mexiko mexikanisch mexico mexican peso pesos
AR argentinien argentinisch argentina argentine buenos
CL chile chilenisch chilean santiago
CO kolumbien kolumbianisch colombia colombian bogota
ZA südafrika südafrikanisch africa johannesburg pretoria durban
NG nigeria nigerianisch nigerian lagos naira
KE kenia kenianisch kenya kenyan nairobi
SA saudi-arabien saudisch saudi riyadh riad riyal
AE emirate dubai dhabi dirham
IL israel israelisch israeli
SG singapur singapore
MY malaysia malaysian malaysisch ringgit kuala
PH philippinen philippinisch philippines philippine manila
ID indonesien indonesisch indonesia indonesian jakarta rupiah
TH thailand thailändisch thai bangkok baht
"""
_ENDINGS = ("", "s", "e", "er", "en", "em", "es")
_SIGNS = (
    ("US", re.compile(r"\bUS(?![\w$])|\bU\.S\.|US\$")),
    ("GB", re.compile("£")),
    ("AU", re.compile(r"\bA(?:U|UD)?\$|\bAUD\b")),
    ("CA", re.compile(r"\bCA?\$|\bCAD\b")),
    ("NZ", re.compile(r"\bNZ\$")),
    ("IN", re.compile("₹")),
    ("PL", re.compile("zł")),
)
_SHORT = 4


@lru_cache(maxsize=1)
def _lands() -> Mapping[str, str]:
    """Return the country of each word, German adjectives and people of towns in all their forms."""
    known: dict[str, str] = {}
    for line in _WORDS.replace("\n ", " ").strip().splitlines():
        land, *said = line.split()
        for word in (part for text in said for part in fold(text).split()):
            endings = _ENDINGS if len(word) >= _SHORT else _ENDINGS[:1]
            for ending in endings:
                known.setdefault(word + ending, land)
    return known


def land_of(word: str) -> str | None:
    """Return the country that the folded *word* speaks of."""
    return _lands().get(word)


def lands(words: Mapping[str, int], texts: Iterable[str]) -> Counter[str]:
    """Return how often a story speaks of each country; *words* are counted and folded, *texts* as they came."""
    counted: Counter[str] = Counter()
    known = _lands()
    for word in known.keys() & words.keys():
        counted[known[word]] += words[word]
    for text in texts:
        for land, sign in _SIGNS:
            if found := len(sign.findall(text)):
                counted[land] += found
    return counted
