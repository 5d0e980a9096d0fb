"""Names that others bear elsewhere: in other countries, as towns, rivers and families; and codes whose issuer nobody names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from invented import story

from depesche.instruments.lexicon.fold import fold
from depesche.instruments.surroundings.lands import land_of, lands
from depesche.model.take import Identifier


def links(linker, headline: str, body: str, language: str, *codes: Identifier) -> list[str]:
    take = replace(story(headline, body, *codes), language=language)
    return [mention.name for mention in linker.link(take) if mention.published]


# Short names that mean other groups in other countries.


@pytest.mark.parametrize(
    ("language", "headline", "body"),
    [
        (
            "de",
            "Telekom verteuert Anschlüsse",
            "GRAZ - Die Telekom verlangt in Österreich drei Euro mehr. Das Unternehmen begründet das mit Kosten, Kunden in Wien klagen.",
        ),
        (
            "de",
            "Post gibt Schalter auf",
            "BERN - Die Post schließt in der Schweiz 60 Filialen. Das Unternehmen spart damit 9 Millionen Franken.",
        ),
        (
            "de",
            "Warenhauskette Target entlässt Verkäufer",
            "PERTH - Die australische Kette Target trennt sich von 400 Mitarbeitern. Der Umsatz sank, die Gewerkschaft klagt.",
        ),
        (
            "en",
            "Target leaves two malls in Adelaide",
            "ADELAIDE - Target will close two stores in Australia. The retailer said sales fell to A$40 million.",
        ),
        (
            "en",
            "Admiral to hire croupiers",
            "PRAGUE - Admiral, a Czech chain of casinos, will hire 90 workers. The company invested 50 million koruna in Prague.",
        ),
        (
            "en",
            "Nestle India posts higher profit",
            "MUMBAI - Nestle India said sales in the quarter rose to 5,000 crore rupees. Shareholders get a dividend.",
        ),
    ],
)
def test_a_name_means_no_company_of_another_country(real, language, headline, body):
    assert links(real, headline, body, language) == []


@pytest.mark.parametrize(
    ("language", "headline", "body", "name"),
    [
        (
            "de",
            "Telekom wirbt in Wien um Firmenkunden",
            "BONN - Die Telekom will in Österreich wachsen. Die Deutsche Telekom AG sucht dafür Partner in Wien und Graz.",
            "Deutsche Telekom AG",
        ),
        (
            "de",
            "Telekom erneuert Leitungen",
            "Der Bonner Konzern investiert 2 Milliarden Euro in Glasfaser. Die Telekom stellt dafür Mitarbeiter ein.",
            "Deutsche Telekom AG",
        ),
        (
            "en",
            "Target hires 900 for warehouse",
            "MINNEAPOLIS - Target will open a warehouse in Texas. The retailer said sales had risen in the quarter.",
            "Target Corporation",
        ),
        (
            "en",
            "Admiral lifts prices of policies",
            "CARDIFF - Admiral said claims in Wales and England had cost more. The insurer expects a lower profit.",
            "Admiral Group",
        ),
    ],
)
def test_home_and_full_name_decide(real, language, headline, body, name):
    assert links(real, headline, body, language) == [name]


@pytest.mark.parametrize(
    ("word", "land"),
    [
        ("österreichischen", "AT"),
        ("Wiener", "AT"),
        ("Zürcher", "CH"),
        ("Polish", "PL"),
        ("Canberra", "AU"),
        ("Tisch", None),
    ],
)
def test_words_tell_their_country(word, land):
    assert land_of(fold(word)) == land


def test_money_and_capitals_tell_a_country():
    assert lands({"they": 1, "told": 1, "us": 1}, ["They told us."]) == {}
    assert lands({}, ["The US firm paid A$3 and £4."]) == {"US": 1, "AU": 1, "GB": 1}


# Towns, districts, rivers and families.


@pytest.mark.parametrize(
    ("language", "headline", "body"),
    [
        ("de", "Deutz wählt sein Prinzenpaar", "Deutz feiert bis Dienstag. Der Zug endet am Rheinufer, Kostüme sind Pflicht."),
        (
            "de",
            "Salzgitter investiert in Schulen",
            "Der Stadtrat gab 20 Millionen Euro frei. Salzgitter baut zwei Turnhallen, der Auftrag ging an eine Firma aus Peine.",
        ),
        ("de", "Lonza tritt über die Ufer", "Nach dem Gewitter stieg die Lonza um einen Meter. Wanderwege sind gesperrt."),
        ("de", "Krones dirigiert nun den Chor", "Krones übernimmt das Pult im Mai. Geprobt wird donnerstags."),
        ("de", "Fielmann läuft Bestzeit", "Im Ziel war Fielmann zwei Sekunden schneller als im Vorjahr."),
        ("en", "Nokia celebrates midsummer", "The small town of Nokia lit its fires by the water. Fish was served until late."),
        ("en", "Hershey approves library roof", "The council signed a contract worth 2 million dollars. Hershey will open the library in May."),
        ("en", "Halliburton elected to village board", "Halliburton won by nine ballots. The village counts again on Monday."),
        ("en", "Schroders lose their barn", "The Schroders woke when the wind rose. Cousins brought hay."),
        ("en", "Morgan Stanley Children's Hospital opens ward", "Nurses hung up drawings. Parents may stay overnight."),
    ],
)  # fmt: skip
def test_a_town_a_river_a_family_is_no_company(real, language, headline, body):
    assert links(real, headline, body, language) == []


@pytest.mark.parametrize(
    ("language", "headline", "body", "name"),
    [
        ("de", "Deutz-Aktie zieht an", "Käufer griffen am Vormittag zu.", "DEUTZ AG"),
        ("de", "Deutz AG baut in Köln um", "Am Rhein entsteht eine Halle.", "DEUTZ AG"),
        (
            "de",
            "Salzgitter senkt Ausstoß",
            "Der Stahlkonzern drosselt die Produktion, Mitarbeiter gehen in Kurzarbeit.",
            "Salzgitter AG",
        ),
        (
            "de",
            "Lonza baut Fabrik aus",
            "BASEL - Der Pharmazulieferer will den Umsatz mit Kunden in den USA steigern.",
            "Lonza Group",
        ),
        ("de", "Krones gewinnt Großauftrag", "Die Neutraublinger liefern Anlagen nach Peru.", "Krones AG"),
        (
            "en",
            "Nokia wins order in Peru",
            "The network equipment maker will supply a local operator.",
            "Nokia",
        ),
        (
            "en",
            "Schroders cuts fees",
            "The fund manager said clients had asked for lower prices. Profit fell.",
            "Schroders",
        ),
    ],
)
def test_business_tells_the_company_of_that_name(real, language, headline, body, name):
    assert links(real, headline, body, language) == [name]


# Codes whose issuer nobody names.

GARDEN = (
    "In diesem Jahr blühten die Beete lange. Wer jetzt Zwiebeln steckt, hat im April die ersten Farben. Wichtig sind lockere Erde und ein "
    "Platz in der Sonne. Gießen muss man kaum. Schnecken sind im Herbst träge, man liest sie am Morgen ab. Im Winter deckt Reisig alles zu."
)


@pytest.mark.parametrize("name", [None, "BayWa AG"])
def test_a_code_that_nothing_in_a_long_text_bears_out_waits(real, name):
    [mention] = real.link(story("Beete im Herbst", GARDEN, Identifier("isin", "DE0005194062", name=name)))
    assert mention.isin == "DE0005194062"
    assert mention.identity < 0.9
    assert not mention.published


@pytest.mark.parametrize(
    ("language", "headline", "body", "code", "name"),
    [
        (
            "de",
            "Fresenius Medical Care eröffnet Klinik",
            "Der Dialysekonzern Fresenius Medical Care baut in Ohio. Das Unternehmen investiert 9 Millionen Dollar.",
            "DE0005785604",
            "Fresenius Medical Care AG",
        ),
        (
            "en",
            "Mitsui Chemicals shuts line",
            "TOKYO - Mitsui Chemicals will close a line in Osaka. The company expects a charge of 9 billion yen.",
            "JP3893200000",
            "Mitsui Chemicals",
        ),
    ],
)
def test_the_full_name_of_another_outweighs_a_code(real, language, headline, body, code, name):
    assert links(real, headline, body, language, Identifier("isin", code)) == [name]


def test_a_code_holds_where_its_issuer_is_named(real):
    body = f"{GARDEN} Zwiebeln verkauft unter anderem die BayWa."
    assert links(real, "BayWa erweitert Gärtnereien", body, "de", Identifier("isin", "DE0005194062")) == [
        "BayWa AG"
    ]


# Beside the subject, and yet the subject.


@pytest.mark.parametrize(
    ("language", "headline", "body", "names"),
    [
        ("de", "Lufthansa-Piloten stimmen ab", "Die Fluggesellschaft bot zuletzt mehr Lohn, die Gewerkschaft winkt ab.", ["Deutsche Lufthansa AG"]),
        ("de", "Der Kurs von Sixt gibt nach", "Der Autovermieter senkt die Prognose, Anleger verkaufen.", ["Sixt SE"]),
        ("de", "Radweg führt zum Tor der BASF", "Der Stadtrat stimmte zu. Der Konzern gibt Grund ab, die Stadt zahlt 2 Millionen Euro.", []),
        ("en", "Judge stops merger of Kroger rival", "Shares in Kroger slipped. The rival said it would appeal.", []),
        ("en", "Moody's lowers outlook on Ruritania", "The agency pointed to debt. The minister disagreed.", []),
    ],
)  # fmt: skip
def test_who_is_meant_beside_the_subject(real, language, headline, body, names):
    assert links(real, headline, body, language) == names
