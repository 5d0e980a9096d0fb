"""What people decide about the register, and what it remembers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from invented import story, zz

from depesche.instruments import decisions
from depesche.instruments.linking.linker import Linker
from depesche.instruments.register import merge
from depesche.model.errors import Refused
from depesche.model.instrument import Instrument, Listing, Name
from depesche.model.register import DELISTED, KEPT, RENAMED, RENAMED_STATE, TAKEN

NORD, VORZUG, QUELL = zz("NORDWERFT"), zz("NORDVORZ"), zz("QUELLBRAU")


def share(isin, name, source, **more):
    return Instrument(isin, name, names=(Name(name, "", source),), source=source, **more)


def take_in(database, clock, *rows, is_complete=False):
    with database.reading() as tx:
        reference = list(tx.instruments.all())
    with database.transaction() as tx:
        return decisions.take_in(
            tx, merge(rows, reference, binding=True), clock.now(), is_complete=is_complete
        )


def settle(database, clock, how):
    with database.transaction() as tx:
        [one] = tx.register.quarantined()
        decisions.settle(tx, one.key, how, clock.now())


def dossier(database, isin=NORD):
    with database.reading() as tx:
        return tx.register.dossier(isin)


@pytest.fixture
def disagreeing(database, clock):
    """A register in which a second source calls a share by another name."""
    take_in(database, clock, share(NORD, "Nordlicht Werft AG", "one"))
    taken = take_in(database, clock, share(NORD, "Falkendock SE", "two"))
    assert (taken.new, taken.quarantined) == (0, 1)
    return database


def test_disagreement_waits_with_both_sides_and_waits_only_once(disagreeing, clock):
    assert take_in(disagreeing, clock, share(NORD, "Falkendock SE", "two")).quarantined == 0
    with disagreeing.reading() as tx:
        [one] = tx.register.quarantined()
    said = one.conflict
    assert (said.isin, said.kept, said.kept_source) == (NORD, "Nordlicht Werft AG", "one")
    assert (said.other, said.other_source, said.reason) == ("Falkendock SE", "two", "the names disagree")


def test_what_was_kept_stays_and_is_not_asked_again(disagreeing, clock):
    settle(disagreeing, clock, KEPT)
    take_in(disagreeing, clock, share(NORD, "Falkendock SE", "two"))
    found = dossier(disagreeing)
    assert found.instrument.name == "Nordlicht Werft AG"
    assert [one.state for one in found.quarantined] == [KEPT]


def test_the_other_side_can_be_right(disagreeing, clock):
    settle(disagreeing, clock, TAKEN)
    found = dossier(disagreeing)
    assert (found.instrument.name, found.sources["name"]) == ("Falkendock SE", "two")
    assert "Nordlicht Werft AG" not in {name.text for name in found.instrument.names}


def test_a_renamed_issuer_goes_on_being_found_by_its_former_name(disagreeing, clock):
    settle(disagreeing, clock, RENAMED_STATE)
    found = dossier(disagreeing)
    assert found.instrument.name == "Falkendock SE"
    assert [text for text, _ in found.former] == ["Nordlicht Werft AG"]
    assert [(one.before, one.after) for one in found.events if one.kind == RENAMED] == [
        ("Nordlicht Werft AG", "Falkendock SE")
    ]
    with disagreeing.reading() as tx:
        linker = Linker(tx.instruments.all())
    for name in ("Nordlicht Werft AG", "Falkendock SE"):
        assert [one.isin for one in linker.link(story(f"{name} baut Fähre"))] == [NORD]


def test_nothing_is_settled_twice(disagreeing, clock):
    settle(disagreeing, clock, KEPT)
    with disagreeing.transaction() as tx:
        [one] = tx.register.quarantined(every=True)
        with pytest.raises(Refused, match="settled already"):
            decisions.settle(tx, one.key, TAKEN, clock.now())


def test_a_ticker_can_go_to_the_other_share(database, clock):
    listing = (Listing("XETR", "NLW", "EUR"),)
    take_in(database, clock, share(NORD, "Nordlicht Werft AG", "one", listings=listing))
    take_in(database, clock, share(QUELL, "Quellbräu SE", "two", listings=listing))
    settle(database, clock, TAKEN)
    assert dossier(database, QUELL).instrument.listings == listing
    assert dossier(database).instrument.listings == ()
    assert [text for text, _ in dossier(database).former] == ["XETR:NLW"]


def test_a_complete_list_ends_the_listings_it_does_not_have_any_more(database, clock):
    both = [
        share(NORD, "Nordlicht Werft AG", "one", listings=(Listing("XETR", "NLW"),)),
        share(QUELL, "Quellbräu SE", "one", listings=(Listing("XETR", "QBR"),)),
    ]
    take_in(database, clock, *both)
    clock.move(hours=24)
    assert take_in(database, clock, both[1]).delisted == 0
    assert take_in(database, clock, both[1], is_complete=True).delisted == 1
    found = dossier(database)
    assert found.instrument.listings == ()
    assert [one.before for one in found.events if one.kind == DELISTED] == ["XETR:NLW"]
    with database.reading() as tx:
        assert tx.instruments.by_code("NLW") is None


def test_each_field_says_who_asserted_it(database, clock):
    take_in(database, clock, share(NORD, "Nordlicht Werft AG", "one"))
    take_in(
        database,
        clock,
        share(NORD, "Nordlicht Werft AG", "two", wkn="ZZN0R1", listings=(Listing("XETR", "NLW"),)),
    )
    found = dossier(database)
    assert (found.instrument.wkn, found.sources["wkn"], found.sources["name"]) == ("ZZN0R1", "two", "one")
    assert [one.source for one in found.instrument.listings] == ["two"]


def test_an_issuers_name_leads_to_its_ordinary_share(database, clock):
    listed = {"issuer": "nordlicht werft ag", "listings": (Listing("XETR", "NLV"),)}
    take_in(
        database, clock,
        share(VORZUG, "Nordlicht Werft AG", "one", share_class="preference", **listed),
        share(NORD, "Nordlicht Werft AG", "one", issuer="nordlicht werft ag", share_class="ordinary", listings=(Listing("XETR", "NLW"),)),
    )  # fmt: skip
    with database.reading() as tx:
        issuer = tx.register.issuer(tx.instruments.by_isin(VORZUG).key)
        linker = Linker(tx.instruments.all())
    assert [(one.isin, one.is_primary) for one in issuer.instruments] == [(NORD, True), (VORZUG, False)]
    assert [one.isin for one in linker.link(story("Nordlicht Werft AG baut Fähre"))] == [NORD]


def test_every_change_is_another_revision(database, clock):
    def revision():
        with database.reading() as tx:
            return tx.instruments.revision()

    seen = [revision()]
    take_in(database, clock, share(NORD, "Nordlicht Werft AG", "one"))
    seen.append(revision())
    for tier in ("strong", "ambiguous", "blocked"):
        with database.transaction() as tx:
            decisions.alias(tx, NORD, "Nordlicht", tier, clock.now() + timedelta(seconds=1))
        seen.append(revision())
    assert len(set(seen)) == len(seen)
    take_in(database, clock, share(NORD, "Nordlicht Werft AG", "one"))
    assert revision() == seen[-1]


def test_typing_finds_codes_first_then_names(database, clock):
    take_in(
        database, clock,
        share(NORD, "Nordlicht Werft AG", "one", wkn="ZZN0R1", listings=(Listing("XETR", "QUE"),)),
        share(QUELL, "Quellbräu SE", "one"),
    )  # fmt: skip
    with database.reading() as tx:

        def found(text):
            return [one.isin for one in tx.instruments.suggest(text)]

        assert found("que") == [NORD, QUELL]
        assert found("Quellbr") == [QUELL]
        assert found("zzn0r") == [NORD]
        assert found(NORD[:6]) == [NORD]
        assert found("  ") == found("x%") == []
