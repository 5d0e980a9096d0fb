"""Subscriptions are asked for, confirmed and left; each step leaves its proof, and nothing can be probed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from newsdesk import ADDRESS, FORM, HALDEN, MIRABEL, SECRET, SHARES, TORVIK, Newsroom, token_of

from depesche.alerts.limits import HourlyLimit, network
from depesche.alerts.links import Links
from depesche.model.errors import NotFound, Refused

ANNA = "anna@example.org"
IP = "192.0.2.7"


def _log(newsroom: Newsroom, address: str = ANNA) -> list[tuple[str, str | None]]:
    with newsroom.database.reading() as tx:
        subscriber = tx.subscriptions.by_identity(address)
        assert subscriber is not None
        return [(one.event, one.isin) for one in tx.subscriptions.consents(subscriber.key)]


def test_a_request_is_logged_with_everything_that_proves_it(newsroom: Newsroom) -> None:
    newsroom.ask("Anna@Example.org")
    with newsroom.database.reading() as tx:
        subscriber = tx.subscriptions.by_identity(ANNA)
        assert subscriber is not None
        (proof,) = tx.subscriptions.consents(subscriber.key)
    assert subscriber.address == "Anna@Example.org"
    assert (proof.event, proof.at, proof.isin, proof.ip) == ("requested", newsroom.clock.now(), HALDEN, IP)
    assert (proof.form_text, proof.privacy_version, proof.source) == (FORM, "2026-01", f"/shares/{HALDEN}")
    (letter,) = newsroom.letters("confirmation")
    assert letter.subscriber.address == "Anna@Example.org"
    assert not newsroom.subscription(ANNA).is_active


def test_confirming_twice_confirms_once(newsroom: Newsroom) -> None:
    newsroom.ask(ANNA)
    token = token_of(newsroom.links.confirm(newsroom.subscription(ANNA).key))
    assert not newsroom.optin.peek(token).is_active
    first = newsroom.optin.confirm(token, IP)
    newsroom.clock.move(hours=1)
    assert newsroom.optin.confirm(token, IP) == first
    assert first.is_active
    assert _log(newsroom) == [("requested", HALDEN), ("confirmed", HALDEN)]


def test_a_confirmed_link_still_answers_after_its_time(newsroom: Newsroom) -> None:
    followed = newsroom.follow(ANNA)
    newsroom.clock.move(days=30)
    assert newsroom.optin.peek(token_of(newsroom.links.confirm(followed.key))).is_active


def test_looking_changes_nothing(newsroom: Newsroom) -> None:
    newsroom.ask(ANNA)
    key = newsroom.subscription(ANNA).key
    newsroom.optin.peek(token_of(newsroom.links.confirm(key)))
    newsroom.optin.subscriptions(
        token_of(newsroom.links.leave(newsroom.subscription(ANNA).subscriber, [key]))
    )
    assert newsroom.subscription(ANNA).confirmed_at is None
    assert _log(newsroom) == [("requested", HALDEN)]


def test_an_unconfirmed_request_lapses(newsroom: Newsroom) -> None:
    newsroom.ask(ANNA)
    token = token_of(newsroom.links.confirm(newsroom.subscription(ANNA).key))
    newsroom.clock.move(hours=48)
    for swept in (0, 1):
        with pytest.raises(Refused, match="Frist"):
            newsroom.optin.confirm(token, IP)
        with pytest.raises(Refused, match="time to confirm has passed"):
            newsroom.optin.peek(token, "en")
        assert newsroom.optin.expire() == 1 - swept
    newsroom.ask(ANNA)
    assert newsroom.optin.confirm(token, IP).is_active


def test_asking_again_while_waiting_gives_the_full_time(newsroom: Newsroom) -> None:
    newsroom.ask(ANNA)
    newsroom.clock.move(hours=40)
    newsroom.ask(ANNA)
    newsroom.clock.move(hours=40)
    assert newsroom.optin.expire() == 0
    assert newsroom.optin.confirm(
        token_of(newsroom.links.confirm(newsroom.subscription(ANNA).key)), IP
    ).is_active


def test_expiry_leaves_the_confirmed_alone(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.clock.move(days=400)
    assert newsroom.optin.expire() == 0
    assert newsroom.subscription(ANNA).is_active


def test_an_unknown_share_is_not_found(newsroom: Newsroom) -> None:
    with pytest.raises(NotFound, match="Diese Aktie"):
        newsroom.ask(ANNA, "ZZ0000000000")
    with newsroom.database.reading() as tx:
        assert tx.subscriptions.by_identity(ANNA) is None


@pytest.mark.parametrize(
    "address",
    ["", "anna", "anna@", "@example.org", "anna@example", "a b@example.org", "anna@example.org\r\nBcc: x@example.org",
     "Anna <anna@example.org>", "x" * 65 + "@example.org", "anna@" + "a" * 320 + ".org", "anna@example.org, bert@example.org"],
)  # fmt: skip
def test_what_is_no_address_is_refused(newsroom: Newsroom, address: str) -> None:
    with pytest.raises(Refused, match="cannot receive mail"):
        newsroom.ask(address, language="en")
    assert newsroom.letters("confirmation") == []


def test_spellings_of_one_address_are_one_reader(newsroom: Newsroom) -> None:
    newsroom.ask("anna@bücher.example")
    newsroom.ask("Anna@XN--BCHER-KVA.example", MIRABEL)
    assert len({one.subscriber.key for one in newsroom.letters("confirmation")}) == 1


def test_who_follows_already_gets_a_way_in_and_no_second_subscription(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.ask(ANNA)
    assert len(newsroom.letters("confirmation")) == 1
    (letter,) = newsroom.letters("manage")
    assert letter.decision.reasons == (HALDEN,)
    assert newsroom.subscription(ANNA).is_active


def test_an_address_gets_a_few_letters_a_day_and_nobody_can_tell(newsroom: Newsroom) -> None:
    for number in range(12):
        newsroom.ask(ANNA, list(SHARES)[number % 3])
    assert len(newsroom.letters("confirmation")) == 5
    assert [event for event, _ in _log(newsroom)] == ["requested"] * 5 + ["ignored"] * 7
    newsroom.clock.move(hours=49)
    newsroom.ask(ANNA)
    assert len(newsroom.letters("confirmation")) == 6


def test_one_confirmation_is_asked_for_three_times_and_no_more(newsroom: Newsroom) -> None:
    for _ in range(5):
        newsroom.ask(ANNA)
    assert len(newsroom.letters("confirmation")) == 3
    newsroom.ask(ANNA, MIRABEL)
    assert len(newsroom.letters("confirmation")) == 4


def test_who_never_answers_is_left_alone_for_a_month(newsroom: Newsroom) -> None:
    for _ in range(40):
        newsroom.ask(ANNA)
        newsroom.clock.move(hours=12)
    assert len(newsroom.letters("confirmation")) == 10
    newsroom.clock.move(days=30)
    newsroom.ask(ANNA)
    assert len(newsroom.letters("confirmation")) == 11


def test_a_suppressed_address_gets_nothing_and_nobody_can_tell(newsroom: Newsroom) -> None:
    newsroom.ask(ANNA)
    with newsroom.database.transaction() as tx:
        tx.subscriptions.suppress(newsroom.subscription(ANNA).subscriber, "asked us to", newsroom.clock.now())
    newsroom.ask(ANNA)
    assert len(newsroom.letters("confirmation")) == 1


def test_one_network_cannot_flood_strangers(newsroom: Newsroom) -> None:
    newsroom = Newsroom(newsroom.database, newsroom.clock, follow_per_hour=3)
    for number in range(3):
        newsroom.ask(f"reader{number}@example.org", ip=f"192.0.2.{number}")
    with pytest.raises(Refused, match="in der letzten Stunde"):
        newsroom.ask("reader9@example.org", ip="::ffff:192.0.2.99")
    newsroom.ask("reader4@example.org", ip="198.51.100.1")
    newsroom.clock.move(minutes=61)
    newsroom.ask("reader5@example.org", ip="192.0.2.1")
    assert len(newsroom.letters("confirmation")) == 5


def test_leaving_one_keeps_the_others(newsroom: Newsroom) -> None:
    halden, mirabel = newsroom.follow(ANNA), newsroom.follow(ANNA, MIRABEL)
    token = token_of(newsroom.links.manage(halden.subscriber))
    assert [one.isin for one in newsroom.optin.subscriptions(token)[1]] == [HALDEN, MIRABEL]
    assert [one.isin for one in newsroom.optin.leave(token, IP, mirabel.key)] == [MIRABEL]
    assert [one.isin for one in newsroom.optin.subscriptions(token)[1]] == [HALDEN]
    assert _log(newsroom)[-1] == ("left", MIRABEL)


def test_leaving_works_for_ever_and_for_the_erased(newsroom: Newsroom) -> None:
    followed = newsroom.follow(ANNA)
    newsroom.follow(ANNA, MIRABEL)
    letter = token_of(newsroom.links.leave(followed.subscriber, [followed.key]))
    newsroom.clock.move(days=4000)
    assert [one.isin for one in newsroom.optin.subscriptions(letter)[1]] == [HALDEN]
    assert [one.isin for one in newsroom.optin.leave(letter, IP)] == [HALDEN]
    assert newsroom.optin.leave(letter, IP) == []
    everything = token_of(newsroom.links.manage(followed.subscriber))
    assert [one.isin for one in newsroom.optin.leave(everything, IP)] == [MIRABEL]
    assert [event for event, _ in _log(newsroom)].count("left") == 2
    with newsroom.database.transaction() as tx:
        tx.subscriptions.erase(followed.subscriber)
    assert newsroom.optin.leave(letter, IP) == newsroom.optin.leave(everything, IP) == []


def test_who_left_must_confirm_anew(newsroom: Newsroom) -> None:
    followed = newsroom.follow(ANNA)
    newsroom.optin.leave(token_of(newsroom.links.manage(followed.subscriber)), IP)
    with pytest.raises(Refused, match="kein Abo mehr"):
        newsroom.optin.confirm(token_of(newsroom.links.confirm(followed.key)), IP)
    newsroom.ask(ANNA)
    assert not newsroom.subscription(ANNA).is_active


def test_nobody_can_end_what_belongs_to_another(newsroom: Newsroom) -> None:
    anna, bert = newsroom.follow(ANNA), newsroom.follow("bert@example.org")
    with pytest.raises(Refused, match="gehört nicht"):
        newsroom.optin.leave(token_of(newsroom.links.manage(anna.subscriber)), IP, bert.key)
    foreign = token_of(newsroom.links.leave(anna.subscriber, [anna.key, bert.key]))
    assert [one.key for one in newsroom.optin.leave(foreign, IP)] == [anna.key]
    assert newsroom.subscription("bert@example.org").is_active


def test_a_link_serves_its_own_purpose_only(newsroom: Newsroom) -> None:
    followed = newsroom.follow(ANNA)
    links = newsroom.links
    confirm = token_of(links.confirm(followed.key))
    manage = token_of(links.manage(followed.subscriber))
    leave = token_of(links.leave(followed.subscriber, [followed.key]))
    for token in (confirm, "", "x.y", "1", manage[:-1], manage + "A", "A" * 100_000, "\ud800", "\x00"):
        with pytest.raises(Refused, match="unvollständig"):
            newsroom.optin.leave(token, IP)
        with pytest.raises(Refused, match="unvollständig"):
            newsroom.optin.subscriptions(token)
    for token in (manage, leave, token_of(Links("another secret", ADDRESS).confirm(followed.key))):
        with pytest.raises(Refused, match="incomplete"):
            newsroom.optin.confirm(token, IP, "en")
    assert newsroom.subscription(ANNA).is_active


@given(st.text(max_size=80), st.integers(0, 200))
def test_no_changed_token_is_read(noise: str, place: int) -> None:
    links = Links(SECRET, ADDRESS)
    token = token_of(links.leave(7, [8, 9]))
    changed = token[: place % len(token)] + noise + token[place % len(token) :]
    assert links.read_owner(changed) == ((7, (8, 9)) if changed == token else None)
    assert links.read_confirm(changed) is None


def test_links_stand_in_the_language_of_their_reader() -> None:
    links = Links(SECRET, "https://news.example/", ("de", "en"))
    assert links.confirm(1, "de").startswith("https://news.example/follow/confirm?token=")
    assert links.manage(1, "en-GB").startswith("https://news.example/en/follow/manage?token=")
    assert links.leave(1, [2], "fr").startswith("https://news.example/follow/leave?token=")
    assert "@" not in links.leave(1, [2])
    with pytest.raises(ValueError, match="empty secret"):
        Links("", ADDRESS)


def test_neighbours_are_one_network() -> None:
    assert network("192.0.2.7") == network("::ffff:192.0.2.200") == "192.0.2.0/24"
    assert network("2001:db8:1:2::1") == network("2001:db8:1:ffff::9%eth0") == "2001:db8:1::/48"
    assert network("testclient") == "testclient"


def test_networks_long_quiet_are_forgotten(clock: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("depesche.alerts.limits._MOST_NETWORKS", 2)
    limit = HourlyLimit(1)
    now = clock.now()  # type: ignore[attr-defined]
    assert [limit.admit(ip, now) for ip in ("192.0.2.1", "192.0.2.2", "198.51.100.1", "203.0.113.1", "192.0.2.1")] == [
        True, False, True, True, True,
    ]  # fmt: skip
