"""What belongs together is joined in any order of arrival, and nothing else is."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from depesche.model.errors import NotFound, Refused
from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Instrument, Mention
from depesche.model.journal import REGROUPED
from depesche.model.take import Link, Series, Take
from depesche.store import schema
from depesche.store.database import Database
from depesche.stories import kinship
from depesche.stories.desk import Desk
from depesche.stories.incoming import Receipt

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
NOW = START + timedelta(days=30)
PROVIDERS = [f"Dienst {n:02}" for n in range(20)]
TOPICS = ("Hafenstreik", "Fährenbau", "Moorbahn", "Deichbau", "Salzpreise")
KORA = isin_with_check_digit("ZZ00000KORA")
_SYLLABLES = [
    "ba",
    "ke",
    "li",
    "mo",
    "nu",
    "ra",
    "se",
    "ti",
    "vo",
    "wu",
    "fel",
    "gar",
    "hin",
    "jol",
    "kas",
    "lem",
]


def prose(seed: object, words: int = 160) -> str:
    """Return an invented text that only its seed knows."""
    choose = random.Random(str(seed))
    made = ["".join(choose.choice(_SYLLABLES) for _ in range(choose.randint(2, 3))) for _ in range(words)]
    return " ".join(made).capitalize() + "."


def take(
    guid: str,
    headline: str,
    *,
    provider: str = PROVIDERS[0],
    hours: float = 0,
    text: str | None = None,
    **more: object,
) -> Take:
    return Take(
        format="test", provider=provider, guid=guid, headline=headline, headline_raw=headline, language="de",
        version_created=START + timedelta(hours=hours), body_text=prose(guid) if text is None else text,
        body_html=f"<p>{guid}</p>", **more,  # type: ignore[arg-type]
    )  # fmt: skip


def file(database: Database, *takes: Take, shares: tuple[str, ...] = ()) -> list[int]:
    desk, stories = Desk(), []
    for one in takes:
        mentions = [Mention(isin, isin, 1.0, 1.0, True, ()) for isin in shares]
        with database.transaction() as tx:
            at = max(NOW, one.version_created or NOW)
            filing = desk.file(one, mentions, Receipt("w", at), tx, at)
        assert filing.story is not None
        stories.append(filing.story)
    return stories


def lineages(database: Database) -> dict[str, int]:
    """Return the lineage of every guid."""
    with database.reading() as tx:
        rows = tx.connection.execute(
            select(schema.guids.c.guid, schema.stories.c.lineage_id).join(
                schema.stories, schema.stories.c.id == schema.guids.c.story_id
            )
        )
        return {r.guid: r.lineage_id for r in rows}


def clear(database: Database) -> None:
    with database.transaction() as tx:
        for table in reversed(schema.metadata.sorted_tables):
            tx.connection.execute(table.delete())


def stream(seed: int) -> tuple[list[Take], dict[str, tuple[str, str, int]]]:
    """Return what twenty providers send, and the chain to which each item belongs."""
    choose = random.Random(seed)
    takes: list[Take] = []
    chain: dict[str, tuple[str, str, int]] = {}
    for provider in choose.sample(PROVIDERS, 20):
        for topic in choose.sample(TOPICS, 2):
            hours, leg = choose.uniform(0, 40), 0
            for number in range(1, choose.randint(2, 5)):
                guid = f"{provider}/{topic}/{number}"
                series = Series("ROUNDUP", number if number > 1 else None, topic)
                takes.append(
                    take(guid, f"{topic}: Lage {number}", provider=provider, hours=hours, series=series)
                )
                chain[guid] = provider, topic, leg
                if choose.random() < 0.2:
                    again = Series("WDH/ROUNDUP", series.number, topic)
                    takes.append(
                        replace(
                            takes[-1],
                            guid=f"{guid}/wdh",
                            series=again,
                            version_created=START + timedelta(hours=hours + 0.2),
                        )
                    )  # type: ignore[arg-type]
                    chain[f"{guid}/wdh"] = provider, topic, leg
                hours += choose.choice((2, 9, 30, 70))
    return takes, chain


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_every_chain_is_whole_and_no_two_topics_are_joined(database: Database, seed: int) -> None:
    clear(database)
    takes, chain = stream(seed)
    sent = takes + random.Random(seed).sample(takes, len(takes) // 3)
    random.Random(seed + 1).shuffle(sent)
    file(database, *sent)
    found: dict[int, set[tuple[str, str, int]]] = {}
    for guid, lineage in lineages(database).items():
        found.setdefault(lineage, set()).add(chain[guid])
    assert all(len(chains) == 1 for chains in found.values())
    assert len(found) == len(set(chain.values()))


def test_a_chain_is_whole_when_its_middle_comes_last(database: Database) -> None:
    parts = [
        take(str(n), f"Teil {n}", hours=50 * n, series=Series("ROUNDUP", n or None, "Hafenstreik"))
        for n in range(3)
    ]
    file(database, parts[0], parts[2])
    assert len(set(lineages(database).values())) == 2
    file(database, parts[1])
    assert len(set(lineages(database).values())) == 1
    with database.reading() as tx:
        [told] = [one for one in tx.journal.after(0) if one.kind == REGROUPED]
        assert told.lineage == lineages(database)["0"]
        assert tx.kin.former(told.lineage) != ()


def test_a_late_old_version_still_ties_its_series(database: Database) -> None:
    series = Series("ROUNDUP", None, "Hafenstreik")
    new = take("a", "Neu", hours=120, version="2", series=series)
    old = take("a", "Alt", hours=50, version="1", series=series)
    other = take("b", "Anfang", hours=0, series=series)
    file(database, new, other, old)
    assert len(set(lineages(database).values())) == 1


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_links_of_any_item_join_in_any_order(database: Database, order: tuple[int, ...]) -> None:
    takes = [
        take("a", "Erste Meldung"),
        take("b", "Zweite Meldung", hours=90, links=(Link("derivedFrom", guid="a"),)),
        take("c", "Dritte Meldung", hours=180, links=(Link("previousVersion", guid="b"),)),
    ]
    file(database, *(takes[place] for place in order))
    assert len(set(lineages(database).values())) == 1


def reworded(text: str, seed: int) -> str:
    choose, words = random.Random(seed), text.split()
    for place in choose.sample(range(len(words)), len(words) // 14):
        words[place] = choose.choice(("sodann", "etwa", "überdies", "freilich"))
    return " ".join(words)


def cut(text: str, seed: int) -> str:
    words = text.split()
    return " ".join(words[: int(len(words) * random.Random(seed).uniform(0.55, 0.9))])


def dated(text: str, seed: int) -> str:
    return f"Musterhaven, {random.Random(seed).randint(1, 28)}. März 2026, 9:30 Uhr. {text}"


def release(n: int) -> tuple[str, str]:
    """Return headline and text of release *n*: half of it is the form of all releases, with own figures."""
    figures = random.Random(n * 7919)
    form = prose("form", 60)
    own = " ".join(f"{prose((n, part), 9)} {figures.randint(100, 999_999)} Euro." for part in range(9))
    return f"Kora Werke {prose(('h', n), 3)} melden Zahlen", f"{own} {form}"


def test_near_duplicates_are_found_and_next_to_nothing_else(database: Database) -> None:
    wanted: dict[int, int] = {}
    right = wrong = 0
    for n in range(40):
        headline, text = release(n)
        [first] = file(database, take(f"r{n}", headline, provider="EQS", text=text, hours=n))
        for place, change in enumerate((reworded, cut, dated)):
            provider = PROVIDERS[place]
            copy = take(
                f"c{n}-{place}", headline, provider=provider, text=change(text, n), hours=n + 100 * place + 1
            )
            [story] = file(database, copy)
            wanted[story] = first
    with database.reading() as tx:
        rows = tx.connection.execute(select(schema.stories.c.id, schema.stories.c.duplicate_of))
        for story, first in rows:
            if first is not None:
                right, wrong = right + (wanted.get(story) == first), wrong + (wanted.get(story) != first)
    assert wrong <= (right + wrong) // 100
    assert right >= 0.95 * len(wanted)


def test_releases_written_to_a_form_are_not_duplicates(database: Database) -> None:
    form = prose("Stimmrechte", 120)
    for n in range(6):
        text = f"{form} Schwelle {n + 3},{n}4 Prozent, {1000 + 77 * n} Stimmrechte von {50_000 + n}."
        file(
            database,
            take(f"n{n}", "Kora Werke: Veröffentlichung nach Paragraf 40", provider=PROVIDERS[n], text=text),
        )
    with database.reading() as tx:
        assert len(tx.newsstand.home()) == 6


@pytest.mark.parametrize("turned", [False, True])
def test_duplicates_stand_under_the_first_with_their_providers(database: Database, turned: bool) -> None:
    headline, text = release(1)
    takes = [
        take("a", headline, provider="EQS", text=text),
        take("b", headline, provider="GlobeNewswire", text=text, hours=1),
    ]
    takes.append(take("c", headline, provider="Tickerline", text=cut(text, 3), hours=2))
    file(database, *(reversed(takes) if turned else takes))
    with database.reading() as tx:
        [card] = tx.newsstand.home()
        assert (card.provider, card.copies) == ("EQS", ("GlobeNewswire", "Tickerline"))
        page = tx.newsstand.page(card.story)
        assert [one.provider for one in page.copies] == ["GlobeNewswire", "Tickerline"]
        assert len(page.chain) == 1
        copy = tx.newsstand.page(page.copies[0].story)
        assert [one.provider for one in copy.copies] == ["EQS", "Tickerline"]
        assert [one.provider for one in tx.newsstand.of_provider("Tickerline")] == ["Tickerline"]


def test_when_the_first_is_withdrawn_the_next_stands_in_its_place(database: Database) -> None:
    headline, text = release(1)
    names = ("EQS", "GlobeNewswire", "Tickerline")
    file(
        database, *(take(str(n), headline, provider=name, text=text, hours=n) for n, name in enumerate(names))
    )
    file(database, replace(take("0", "", provider="EQS", hours=9, text=""), status="canceled"))
    with database.reading() as tx:
        [card] = tx.newsstand.home()
        assert (card.provider, card.copies) == ("GlobeNewswire", ("Tickerline",))


def test_an_update_that_contains_the_story_continues_it(database: Database) -> None:
    text = prose("meldung", 90)
    longer = f"{prose('neu', 80)} {text}"
    takes = [
        take("a", "Moorbahn fährt wieder", text=text),
        take("b", "Moorbahn fährt wieder, Züge voll", text=longer, hours=3),
    ]
    file(database, *takes)
    assert len(set(lineages(database).values())) == 1
    with database.reading() as tx:
        [card] = tx.newsstand.home()
        assert card.copies == ()
        assert len(tx.newsstand.chain(card.lineage)) == 2


def test_texts_of_two_named_topics_are_never_joined(database: Database) -> None:
    text = prose("gleich", 90)
    for topic, provider in (("Hafenstreik", "EQS"), ("Moorbahn", "Tickerline")):
        file(
            database,
            take(
                topic,
                "Die Lage am Abend",
                provider=provider,
                text=text,
                series=Series("ROUNDUP", None, topic),
            ),
        )
    assert len(set(lineages(database).values())) == 2


def test_texts_about_different_shares_are_not_joined(database: Database) -> None:
    other = isin_with_check_digit("ZZ00000HALD")
    with database.transaction() as tx:
        tx.instruments.put([Instrument(KORA, "Kora Werke AG"), Instrument(other, "Halden SE")])
    text = prose("vorlage", 90)
    file(database, take("a", "Zwischenmeldung", provider="EQS", text=text), shares=(KORA,))
    file(database, take("b", "Zwischenmeldung", provider="Tickerline", text=text), shares=(other,))
    assert len(set(lineages(database).values())) == 2


class TestDecisions:
    """Somebody joins and parts lineages, and that is remembered."""

    def part(self, n: int, **more: object) -> Take:
        return take(f"p{n}", f"Teil {n}", hours=n, series=Series("ROUNDUP", n, "Hafenstreik"), **more)  # type: ignore[arg-type]

    def test_what_was_parted_stays_apart_and_new_parts_join_the_rest(self, database: Database) -> None:
        stories = file(database, self.part(1), self.part(2), self.part(3))
        with database.transaction() as tx:
            kinship.split(tx, stories[1], NOW)
        file(database, self.part(4), self.part(2, version="7"))
        found = lineages(database)
        assert found["p1"] == found["p3"] == found["p4"] != found["p2"]

    def test_joining_takes_a_parting_back(self, database: Database) -> None:
        stories = file(database, self.part(1), self.part(2), self.part(3))
        with database.transaction() as tx:
            kinship.split(tx, stories[1], NOW)
            kinship.join(tx, stories[0], stories[1], NOW)
        file(database, self.part(4))
        assert len(set(lineages(database).values())) == 1

    def test_a_duplicate_can_be_told_from_what_it_resembles(self, database: Database) -> None:
        headline, text = release(1)
        takes = [
            take(str(n), headline, provider=name, text=text, hours=n)
            for n, name in enumerate(("EQS", "Tickerline"))
        ]
        stories = file(database, *takes)
        with database.transaction() as tx:
            kinship.split(tx, stories[1], NOW)
        file(database, replace(takes[1], version="2", headline=f"{headline}, korrigiert"))
        with database.reading() as tx:
            assert {card.story for card in tx.newsstand.home()} == set(stories)

    def test_what_cannot_be_joined_or_parted_is_refused(self, database: Database) -> None:
        stories = file(database, self.part(1), self.part(2), take("x", "Allein"))
        with database.transaction() as tx:
            with pytest.raises(Refused, match="already"):
                kinship.join(tx, stories[0], stories[1], NOW)
            with pytest.raises(Refused, match="alone"):
                kinship.split(tx, stories[2], NOW)
            with pytest.raises(NotFound):
                kinship.join(tx, stories[0], 999_999, NOW)
