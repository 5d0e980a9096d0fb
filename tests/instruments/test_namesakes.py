"""What a company's name can mean besides the company, and who is named without being the subject."""

from __future__ import annotations

from dataclasses import replace

import pytest
from invented import story

from depesche.instruments.lexicon.dictionary import Found
from depesche.instruments.surroundings.asides import is_expert, is_rated, opines, speaks_of_ratings
from depesche.instruments.surroundings.namesakes import stands_for
from depesche.model.take import Identifier


def published(linker, headline: str, body: str, language: str = "de") -> list[str]:
    take = replace(story(headline, body), language=language)
    return [mention.name for mention in linker.link(take) if mention.published]


def found(text: str, name: str, field: str = "body_text") -> Found:
    start = text.index(name)
    return Found(field, start, start + len(name), name, name.lower(), (name,), strong=True, trusted=True)


@pytest.mark.parametrize(
    ("headline", "body"),
    [
        (
            "Tamme Beiersdorf leitet jetzt die Bücherei",
            "Tamme Beiersdorf übernimmt die Leitung der Bücherei. Beiersdorf, der zuletzt in Aurich arbeitete, will länger öffnen.",
        ),
        (
            "Hängebrücke über die Lonza geplant",
            "Die Brücke führt über die Lonza. An der Lonza wird im Sommer nicht gebaut, sie kostet 2 Millionen Franken.",
        ),
        (
            "Allianz für Obstwiesen gegründet",
            "Eine Allianz aus neun Gemeinden pflegt Bäume. Der Allianz-Chef sprach von einer Allianz für Generationen.",
        ),
        (
            "Die MAN feiert Jubiläum",
            "Der Musikverein Alt Neudorf (MAN) wird 100. Die MAN spielt am Sonntag, ein Sprecher der MAN lädt ein.",
        ),
        (
            "Siemens-Halle ausverkauft",
            "Beim Turnier in der Siemens-Halle siegte die SG. Trainer, Mannschaft und Gegner lobten die Zuschauer.",
        ),
        (
            "Rennen um Nordkap: Siemens vorn",
            "Die Yacht Siemens führt die Regatta an. Skipper Ole Tang und seine Crew gewannen die dritte Etappe.",
        ),
        (
            "Metallbauer Krones übernimmt Schlosserei",
            "Der Metallbauer Detlef Krones übernimmt eine Schlosserei. Krones beschäftigt 12 Leute, die Bank gab einen Kredit.",
        ),
        (
            "Möbelhaus Linde verkauft Grundstück",
            "Das Haus gehört dem Möbelhändler Kunze. Linde verkauft das Grundstück, 24 Mitarbeiter verlieren ihre Stelle.",
        ),
    ],
    ids=[
        "unknown given name",
        "river",
        "word",
        "acronym",
        "hall",
        "yacht",
        "trade of a person",
        "epithet of another",
    ],
)
def test_a_namesake_is_not_the_company(real, headline, body):
    assert published(real, headline, body) == []


@pytest.mark.parametrize(
    ("headline", "body"),
    [
        (
            "Villagers fear for the delta",
            "Delta clay is fertile. The delta floods each spring. Delta farmers want higher dikes, and the market is near.",
        ),
        (
            "Crews out all night",
            "The Shire Emergency Service (SES) took 300 calls. SES spokesman Rob Tuck thanked volunteers of the SES.",
        ),
        (
            "New pool for Oakham",
            "Councillors approved a pool next to the Tesco on Mill Lane. It costs 21 million pounds, the contract is signed.",
        ),
    ],
    ids=["word", "acronym", "shop"],
)
def test_an_english_namesake_is_not_the_company(real, headline, body):
    assert published(real, headline, body, "en") == []


@pytest.mark.parametrize(
    ("headline", "body", "subjects"),
    [
        (
            "Kaufempfehlung treibt Nordex an",
            "Die Aktien von Nordex steigen. Die UBS hatte das Papier hochgestuft. Die UBS sieht 20 Prozent Potenzial.",
            ["Nordex SE"],
        ),
        (
            "Bank of America: Dünne Luft für Nordex",
            "Die Analysten der Bank of America haben Nordex auf Neutral zurückgenommen. Das Kursziel sinkt. Die Nordex-Aktie fällt.",
            ["Nordex SE"],
        ),
        (
            "UBS hebt die Dividende an",
            "Die UBS zahlt 90 Cent. Analysten der Deutschen Bank hatten mit 85 Cent gerechnet. Der Gewinn der UBS stieg.",
            ["UBS"],
        ),
        (
            "Investor kauft Laborfirma",
            "Der Kaufpreis liegt bei 300 Millionen Euro. Berater waren Goldman Sachs und die Deutsche Bank.",
            [],
        ),
        (
            "MDAX FLASH: TUI und Fraport sehr fest",
            "TUI und Fraport führten den MDax an. Die Aktien gewannen vier Prozent.",
            ["Fraport AG", "TUI AG"],
        ),
    ],
    ids=["body", "headline", "own news", "advisers", "two subjects"],
)
def test_a_house_is_linked_only_where_it_is_the_subject(real, headline, body, subjects):
    assert sorted(published(real, headline, body)) == subjects


def test_a_name_with_an_unlisted_sister_needs_a_word_of_its_own(real):
    cars = "Volvo builds a new electric car in Belgium. The company said the plant will hire workers for its customers."
    assert published(real, "Volvo shows a small car", cars, "en") == []
    lorries = "Volvo builds electric trucks in Belgium. The company said the plant will hire workers for its customers."
    assert published(real, "Volvo shows a truck", lorries, "en") == ["Volvo"]


def test_an_acronym_stands_for_the_words_before_it():
    text = "The Shire Emergency Service (SES) took calls."
    assert stands_for(text, found(text, "SES")) == "Shire Emergency Service"
    ticker = "Nordwerft Group (SES) rose."
    assert stands_for(ticker, found(ticker, "SES")) is None


@pytest.mark.parametrize(
    "text",
    ["Analysten der Bank of America raten ab.", "Nach Ansicht von Analyst Uwe Horn von der Bank of America ist das viel.",
     "Bank of America-Analyst Uwe Horn rät ab.", "Experten der Nordbank und der Bank of America raten ab."],
)  # fmt: skip
def test_an_experts_house_is_known_by_the_expert(text):
    assert is_expert(text, found(text, "Bank of America"))


def test_analysts_who_speak_of_a_company_are_not_its_own():
    text = "Analysten zeigten sich von Nordwerft enttäuscht."
    assert not is_expert(text, found(text, "Nordwerft"))


def test_who_rates_and_who_is_rated():
    headline = "Jefferies hebt Ziel für Nordwerft auf 44 Euro"
    assert is_rated(headline, found(headline, "Nordwerft", "headline"))
    assert not is_rated(headline, found(headline, "Jefferies", "headline"))
    body = "Jefferies hat das Kursziel erhöht."
    assert opines(body, found(body, "Jefferies"))
    assert speaks_of_ratings(body)
    assert not speaks_of_ratings("Jefferies hat ein Büro in Kiel.")


def test_a_supplied_code_is_doubted_where_the_text_names_a_longer_name(real):
    text = "Orion Teehandel GmbH zieht um. Orion Teehandel GmbH beschäftigt 64 Menschen."
    take = replace(story("Orion Teehandel GmbH zieht um", text), identifiers=(Identifier("isin", "FI0009014377", None, None),))  # fmt: skip
    assert [mention.name for mention in real.link(take) if mention.published] == []
