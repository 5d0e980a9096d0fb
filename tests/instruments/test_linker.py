"""Stories link to the shares they are about, by evidence; otherwise to none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import INVENTED, story, zz

from depesche.instruments.linking.linker import Linker, Thresholds
from depesche.model.take import Identifier, Take

NORD, QUELL, ZYL = zz("NORDWERFT"), zz("QUELLBRAU"), zz("ZYLINTH")


def published(linker: Linker, take: Take) -> list[str]:
    return [mention.name for mention in linker.link(take) if mention.published]


def check_spans(take: Take, mentions) -> None:
    for mention in mentions:
        assert mention.evidence
        for evidence in mention.evidence:
            if evidence.field == "identifiers":
                assert take.identifiers[evidence.start].value == evidence.text
            else:
                assert getattr(take, evidence.field)[evidence.start : evidence.end] == evidence.text


# What must not link.


@pytest.mark.parametrize(
    ("headline", "body"),
    [
        (
            "Waffenruhe im Osten hält nicht",
            "MUSTERSTADT (dpa-AFX) - Die Außenminister sprachen am Freitag über die Front.",
        ),
        (
            "Gericht verbietet Unkrautvernichter",
            "Das Mittel Roundup darf in Gärten nicht mehr verwendet werden.",
        ),
        (
            "Alte Linde gefällt",
            "Die Linde am Markt stand dort seit 300 Jahren. Unter der Linde wurde getanzt.",
        ),
        ("How grandmother baked", "Apple pie needs six apples, butter and time. Apple juice helps."),
        ("Ein Konzert in der Nordlicht-Werft-Arena", "Die Nordlicht Werft Arena ist ausverkauft."),
        (
            "Dax gibt nach, Nasdaq und Dow Jones auch",
            "Der MDAX und der S&P 500 verloren, wie Reuters meldet.",
        ),
        ("ZYL ist kein Wort, NLW auch nicht", "Die Kürzel ZYL und NLW allein sagen nichts."),
        ("", ""),
    ],
)
def test_stories_without_an_issuer_link_to_nobody(invented, headline, body):
    assert invented.link(story(headline, body)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Die neue Intendantin, früher bei der Deutschen Bank, liebt die Oper.",
        "Der Erfinder Werner von Siemens wurde 1816 geboren.",
        "In der Allianz Arena gewann die Mannschaft mit 3:1.",
        "Borussia Dortmund hat das Spiel gegen Musterstadt gewonnen, der BVB steht nun auf Platz zwei.",
        "Ein Puma ist aus dem Gehege entlaufen und schläft im Park.",
        "Bayer Leverkusen feiert den Titel.",
        "Eine Boeing musste in Musterstadt notlanden.",
    ],
)
def test_real_names_in_other_walks_of_life_are_not_published(real, text):
    assert published(real, story("Vermischtes aus der Region", text)) == []


def test_the_provider_and_the_dateline_are_no_evidence(invented):
    body = "NORDLICHT WERFT (dpa-AFX) - Am Freitag geschah nichts."
    assert invented.link(story("Ein ruhiger Tag", body)) == ()
    assert invented.link(story("Mitteilung", "Die Quellbräu SE informiert.", provider="Quellbräu SE")) == ()


def test_a_former_employer_waits_for_an_editor(invented):
    [mention] = invented.link(
        story("Neue Leiterin im Zoo", "Sie war zuvor bei der Nordlicht Werft AG und mag Robben.")
    )
    assert mention.identity >= 0.9
    assert mention.relevance < 0.5
    assert not mention.published


# What must link.


@pytest.mark.parametrize(
    ("headline", "body", "name"),
    [
        (
            "Nordlicht Werft baut zwei Fähren",
            "Die Nordlicht Werft AG hat einen Auftrag.",
            "Nordlicht Werft AG",
        ),
        ("NORDLICHT-WERFT-AKTIE STEIGT", "Nordlicht Werfts Chef freut sich.", "Nordlicht Werft AG"),
        ("Quellbraeu mit Rekord", "Die Quellbra\u0308u SE meldet mehr Umsatz und Gewinn.", "Quellbräu SE"),
        ("Zylinth AG hebt die Prognose", "Zylinth erwartet mehr.", "Zylinth AG"),
        ("Linde-Aktie verliert", "Der Wohnungskonzern Linde hat weniger vermietet.", "Linde Wohnbau AG"),
        ("Apple shares fall", "Apple reported lower quarterly revenue and profit.", "Apple Orchard Inc."),
    ],
)
def test_names_link_with_inflection_compounds_and_cues(invented, headline, body, name):
    take = story(headline, body)
    mentions = invented.link(take)
    assert [mention.name for mention in mentions if mention.published] == [name]
    check_spans(take, mentions)


@pytest.mark.parametrize(
    ("headline", "isin"),
    [
        ("Lufthansa-Aktie unter Druck", "DE0008232125"),
        ("E.ONs Netze wachsen", "DE000ENAG999"),
        ("Vorstand der Deutschen Bank verlängert", "DE0005140008"),
        ("VW-Vorstand legt Zahlen vor", "DE0007664039"),
        ("Merck KGaA kauft Labor", "DE0006599905"),
        ("BVB-Aktie nach Niederlage schwach", "DE0005493092"),
        ("Siemens Energy baut Kraftwerk", "DE000ENER6Y0"),
        ("Linde plc raises guidance", "IE000S9YS762"),
    ],
)
def test_one_line_about_a_real_share(real, headline, isin):
    take = story(headline)
    mentions = real.link(take)
    assert [mention.isin for mention in mentions if mention.published] == [isin]
    check_spans(take, mentions)


def test_a_headline_may_shorten_a_name_the_body_gives_in_full(invented):
    take = story("Nordlicht baut zwei Fähren", "Die Nordlicht Werft AG baut zwei Fähren.")
    [mention] = invented.link(take)
    assert mention.published
    assert mention.evidence[0].text == "Nordlicht"
    check_spans(take, [mention])
    assert invented.link(story("Nordlicht über Musterstadt", "Ein Polarlicht war zu sehen.")) == ()


def test_a_headline_that_may_shorten_the_name_of_another_is_left_to_an_editor(real):
    assert published(real, story("Siemens verkauft Anteile", "Siemens Energy nahm es gelassen auf.")) == []


def test_a_headline_shortens_the_name_of_whom_the_copy_is_about(real):
    copy = "Siemens Energy baut in Duisburg Kühltürme. Das Werk von Siemens Energy gehörte früher Siemens."
    assert published(real, story("Siemens baut Kühltürme", copy)) == ["Siemens Energy AG"]


def test_a_name_of_two_issuers_is_left_to_an_editor_until_something_decides(invented):
    open_case = invented.link(
        story("Kronsaat steigert den Umsatz", "Kronsaat zahlt mehr Dividende, der Gewinn steigt.")
    )
    assert {mention.name for mention in open_case} == {"Kronsaat AG", "Kronsaat Inc."}
    assert not any(mention.published for mention in open_case)
    decided = story("Kronsaat steigert den Umsatz", "Die Kronsaat AG zahlt mehr Dividende.")
    assert published(invented, decided) == ["Kronsaat AG"]
    coded = story("Kronsaat steigert den Umsatz", "", Identifier("isin", zz("KRONEUS")))
    assert published(invented, coded) == ["Kronsaat Inc."]


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (f"ISIN: {NORD}", "isin", NORD),
        ("WKN: ZZN0R1 / Börse", "wkn", "ZZN0R1"),
        ("Die Nordlicht Werft (XETRA: NLW) baut.", "ticker", "NLW"),
        ("Die Nordlicht Werft <NLW.DE> baut.", "ticker", "NLW.DE"),
    ],
)
def test_codes_in_the_text_are_evidence(invented, body, kind, text):
    take = story("Auftrag für zwei Fähren", body)
    [mention] = invented.link(take)
    assert (kind, text) in {(evidence.kind, evidence.text) for evidence in mention.evidence}
    assert mention.identity >= 0.9
    check_spans(take, [mention])


def test_wrong_and_lonely_codes_are_none(invented):
    wrong = NORD[:-1] + str((int(NORD[-1]) + 1) % 10)
    assert invented.link(story("Codes", f"{wrong} und ZZN0R1 ohne das Wort davor, {NORD}9")) == ()


def test_a_ticker_whose_issuer_is_not_named_waits(invented):
    [mention] = invented.link(story("Fähren", "Ein anderes Haus (XETRA: NLW) baut."))
    assert not mention.published


# What the provider supplied.


@pytest.mark.parametrize(
    "given",
    [
        Identifier("isin", NORD),
        Identifier("isin", NORD, None, "Nordlicht Werft"),
        Identifier("symbol", NORD),
        Identifier("wkn", "ZZN0R1"),
        Identifier("ticker", "NLW", "XETR"),
        Identifier("ticker", "NLW", "Xetra"),
        Identifier("symbol", "XETRA:NLW"),
        Identifier("symbol", "NLW.DE"),
        Identifier("ticker", "NLW", None, "Nordlicht Werft AG"),
    ],
)
def test_a_supplied_code_links(invented, given):
    take = story("Auftrag für zwei Fähren", "Zwei Fähren werden gebaut.", given)
    [mention] = invented.link(take)
    assert mention.published
    assert mention.relevance >= 0.6
    assert mention.evidence[0].kind.startswith("supplied-")
    check_spans(take, [mention])


def test_a_supplied_name_that_contradicts_its_code_is_not_published(invented):
    [mention] = invented.link(story("Auftrag", "Text.", Identifier("isin", NORD, None, "Quellbräu")))
    assert mention.identity < 0.5
    assert not mention.published


@pytest.mark.parametrize(
    "given",
    [
        Identifier("isin", "ZZ0000000000"),
        Identifier("isin", "unsinn"),
        Identifier("ticker", "NLW"),
        Identifier("lei", "X" * 20),
    ],
)
def test_unknown_wrong_or_bare_codes_publish_nothing(invented, given):
    assert published(invented, story("Auftrag", "Text.", given)) == []


def test_a_long_roll_of_supplied_codes_says_little_of_each(real):
    codes = ["DE0008404005", "DE000BASF111", "DE0005190003", "DE000CBK1001", "DE0005140008", "DE0005810055", "DE000ENAG999",
             "DE0007030009", "DE0007164600"]  # fmt: skip
    take = story("Kalender", "Termine.", *(Identifier("isin", code) for code in codes))
    assert len(real.link(take)) == 9
    assert published(real, take) == []


# About what the story is.


def test_market_reports_link_only_their_headline(real):
    body = "Siemens und SAP verloren, BASF gewann. Siemens gab 2 Prozent nach, die Siemens-Aktie stand bei 99 Euro."
    assert published(real, story("Aktien Frankfurt Schluss: Dax gibt nach", body)) == []
    assert published(real, story("Dax gibt nach", body, kind="AKTIEN FRANKFURT SCHLUSS")) == []
    assert published(real, story("Aktien Frankfurt: Rheinmetall gefragt", body)) == ["Rheinmetall AG"]


def test_the_subject_comes_before_those_named_beside_it(invented):
    body = (
        "Die Nordlicht Werft AG baut. Nordlicht Werft liefert 2030. "
        + "Es folgen Einzelheiten. " * 20
        + "Auch Quellbräu SE war da."
    )
    mentions = invented.link(story("Nordlicht Werft baut Fähren", body))
    assert [(mention.isin, mention.published) for mention in mentions] == [(NORD, True), (QUELL, False)]


def test_the_house_of_an_analyst_is_not_the_subject(real):
    take = story(
        "Goldman Sachs hebt Ziel für Rheinmetall auf 200 Euro", "Der Analyst erwartet mehr Umsatz und Gewinn."
    )
    assert published(real, take) == ["Rheinmetall AG"]


def test_a_supplied_share_class_is_kept(real):
    take = story("Volkswagen ruft Autos zurück", "", Identifier("isin", "DE0007664005"))
    assert [mention.isin for mention in real.link(take)] == ["DE0007664005"]


def test_the_mention_shows_ticker_and_market(real):
    [mention] = real.link(story("Lufthansa-Aktie steigt"))
    assert (mention.ticker, mention.mic) == ("LHA", "XETR")


def test_thresholds_decide_what_is_published():
    strict = Linker(INVENTED, Thresholds(identity=0.99, relevance=0.99))
    [mention] = strict.link(story("Zylinth AG hebt die Prognose"))
    assert mention.isin == ZYL
    assert not mention.published


WORDS = [
    "Nordlicht Werft",
    "Quellbräus",
    "Zylinth-Aktie",
    "Linde",
    "(XETRA: NLW)",
    NORD,
    "WKN ZZN0R1",
    "<QBR.DE>",
    "\u00ad",
    "Weiß",
    "\n",
    ".",
    "Kronsaat AG",
    "u\u0308ber",
]


@settings(max_examples=150)
@given(st.lists(st.sampled_from(WORDS), max_size=14), st.lists(st.sampled_from(WORDS), max_size=5))
def test_evidence_always_names_its_own_characters(body, headline):
    linker = _LINKER
    take = story(" ".join(headline), " ".join(body))
    mentions = linker.link(take)
    check_spans(take, mentions)
    assert [m.relevance for m in mentions] == sorted((m.relevance for m in mentions), reverse=True)
    assert all(0 <= m.identity <= 1 and 0 <= m.relevance <= 1 for m in mentions)


_LINKER = Linker(INVENTED)


# What else a name can be.


@pytest.mark.parametrize(
    ("headline", "body"),
    [
        ("Frau Zylinth malt", "Ute Zylinth malt Schiffe. Zylinths Bilder hängen im Rathaus."),
        (
            "Bäckerei Zylinth wird hundert",
            "Die Bäckerei Zylinth backt seit 1926 Brot. Zylinth feiert im Hof.",
        ),
        ("Blauer Zylinth rammt Zaun", "Ein Zylinth fuhr gegen einen Zaun. Der Fahrer blieb unverletzt."),
        ("A Zylinth hits a fence", "A red Zylinth hit a fence on Sunday. The driver was not hurt."),
        ("Lesung im Hotel", "Es liest W. Zylinth, 52, aus dem Roman. Der Eintritt ist frei."),
        ("Im Zylinth Park wird gespielt", "Der Zylinth Park war ausverkauft, das Spiel endete 1:1."),
        ("BESUCH BEI LINDE UND APPLE", "Zwei Hunde fanden ein Zuhause."),
    ],
)
def test_persons_things_and_arenas_are_not_published(headline, body):
    linker = Linker([replace(one, names=_trusted(one)) for one in INVENTED])
    assert published(linker, story(headline, body)) == []


def _trusted(one):
    return tuple(replace(name, source="tickersymbols") for name in one.names)


def test_a_longer_name_takes_the_shorter_ones_in_the_story_with_it(real):
    take = replace(
        story(
            "Continental opens bakery",
            "At noon Continental Bakeries opened a shop. Continental sells bread, the company said.",
        ),
        language="en",
    )
    assert published(real, take) == []


def test_a_town_decides_between_namesakes(real):
    copy = "Merck baut in {} ein Labor, teilte der Konzern mit. Die Merck-Aktie gewann."
    assert published(real, story("Merck baut ein Labor", copy.format("Darmstadt"))) == ["Merck KGaA"]
    assert published(real, story("Merck baut ein Labor", copy.format("Rahway"))) == ["Merck & Co."]
    assert published(real, story("Merck baut ein Labor", copy.format("Singapur"))) == []


def test_vocabulary_alone_makes_no_company_of_an_ordinary_word(real):
    body = "Apple prices rose, growers reported. Analysts expect lower sales and profit for the quarter."
    assert published(real, replace(story("Apple crop shrinks", body), language="en")) == []
    body = "Apple will open a plant, it said. Analysts expect lower sales and profit for the quarter."
    assert published(real, replace(story("Apple will open a plant", body), language="en")) == ["Apple Inc."]


def test_a_code_that_the_headline_contradicts_waits(real):
    take = story("Siemens baut eine Fabrik", "Siemens baut.", Identifier("isin", "DE0007164600"))
    assert published(real, take) == ["Siemens AG"]


def test_a_source_a_giver_and_a_venue_are_not_the_subject(real):
    assert published(real, story("Inflation sinkt", "Ökonomen der Commerzbank rechnen mit weniger.")) == []
    assert published(real, story("Preis für Chor", "Der Preis wurde gestiftet von der BASF.")) == []
    body = "Die Aktie der Firma wird an der Deutschen Börse gehandelt, der Gewinn und der Umsatz stiegen."
    assert published(real, story("Debüt an der Deutschen Börse", body)) == []


def test_a_crowd_in_the_body_is_not_published(real):
    body = "Rheinmetall, Siemens Energy, Infineon, Lufthansa, Commerzbank und Airbus legten zu."
    assert published(real, story("Freundlicher Tag", body)) == []


def test_the_beginning_of_anothers_name_is_an_aside(real):
    body = (
        "Siemens Energy hebt die Prognose. Siemens hält Anteile. Siemens Energy wächst, sagte der Vorstand."
    )
    assert published(real, story("Siemens Energy wird zuversichtlicher", body)) == ["Siemens Energy AG"]


def test_makers_in_guides_are_asides_until_they_act(real):
    guide = (
        "Die dritte Staffel der Serie startet bei Netflix. Netflix zeigt acht Folgen, Disney+ einen Krimi."
    )
    assert published(real, story("Neues bei Netflix und Disney+", guide)) == []
    news = "Netflix hebt die Preise, auch der Serien wegen. Der Umsatz stieg, die Netflix-Aktie gewann."
    assert published(real, story("Netflix hebt die Preise", news)) == ["Netflix, Inc."]
