"""Subscriptions are asked for, confirmed and left; each step leaves its proof, and nothing can be probed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from newsdesk import ADDRESS, FORM, HALDEN, MIRABEL, SECRET, SHARES, Newsroom, token_of
from structlog.testing import capture_logs

from depesche.alerts.following.limits import HourlyLimit, network
from depesche.alerts.following.optin import OptIn
from depesche.alerts.links import Links
from depesche.model.errors import NotFound, Refused, TooMany
from depesche.model.subscription import Target

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


def test_several_processes_of_the_portal_have_one_limit(newsroom: Newsroom) -> None:
    doors = [Newsroom(newsroom.database, newsroom.clock, follow_per_hour=3) for _ in range(2)]
    for number in range(3):
        doors[number % 2].ask(f"reader{number}@example.org", ip=f"192.0.2.{number}")
    for door in doors:
        with pytest.raises(TooMany, match="in der letzten Stunde"):
            door.ask("reader9@example.org", ip="192.0.2.99")
    doors[1].ask("reader4@example.org", ip="198.51.100.1")
    newsroom.clock.move(minutes=61)
    doors[1].ask("reader5@example.org", ip="192.0.2.1")


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
    monkeypatch.setattr("depesche.alerts.following.limits._MOST_NETWORKS", 2)
    limit = HourlyLimit(1)
    now = clock.now()  # type: ignore[attr-defined]
    assert [limit.admit(ip, now) for ip in ("192.0.2.1", "192.0.2.2", "198.51.100.1", "203.0.113.1", "192.0.2.1")] == [
        True, False, True, True, True,
    ]  # fmt: skip


def test_ten_thousand_requests_for_strangers_from_one_network_do_no_harm(newsroom: Newsroom) -> None:
    newsroom = Newsroom(newsroom.database, newsroom.clock, follow_per_hour=30)
    refused = 0
    for number in range(10_000):
        try:
            newsroom.ask(f"stranger{number}@example.org", ip=f"192.0.2.{number % 256}")
        except TooMany:
            refused += 1
    assert refused == 9_970
    assert len(newsroom.letters("confirmation")) == 30
    with newsroom.database.reading() as tx:
        assert tx.subscriptions.counts() == (0, 30)
    newsroom.ask("neighbour@example.org", ip="198.51.100.1")
    assert len(newsroom.letters("confirmation")) == 31


def test_turning_through_the_networks_of_ipv6_does_not_help(newsroom: Newsroom) -> None:
    newsroom = Newsroom(newsroom.database, newsroom.clock, follow_per_hour=2)
    refused = 0
    for number in range(10_000):
        address = f"2001:db8:{number:x}:{number:x}::{number:x}"
        try:
            newsroom.ask(f"stranger{number}@example.org", ip=address)
        except TooMany:
            refused += 1
    assert refused == 9_960
    assert len(newsroom.letters("confirmation")) == 40


def _braked(newsroom: Newsroom, **limits: int) -> OptIn:
    return OptIn(
        newsroom.database, newsroom.clock, SECRET, address=ADDRESS, mail_domain="news.example", follow_per_hour=1000, **limits
    )  # fmt: skip


def test_the_whole_portal_sends_so_many_confirmations_an_hour(newsroom: Newsroom) -> None:
    optin = _braked(newsroom, confirmations_per_hour=3)
    for number in range(3):
        assert not optin.is_braked()
        optin.request(f"r{number}@example.org", Target.share(HALDEN), "de", f"10.{number}.0.1", FORM, "/")
    assert optin.is_braked()
    for address in ("r9@example.org", "r1@example.org"):
        with pytest.raises(TooMany, match="sehr viele Leserinnen"), capture_logs() as logs:
            optin.request(address, Target.share(MIRABEL), "de", "10.9.0.1", FORM, "/")
        assert [(one["log_level"], one["event"]) for one in logs] == [("error", "confirmations are braked")]
    newsroom.clock.move(minutes=61)
    assert not optin.is_braked()
    optin.request("r9@example.org", Target.share(HALDEN), "de", "10.9.0.1", FORM, "/")
    assert len(newsroom.letters("confirmation")) == 4


def test_one_target_takes_so_many_requests_an_hour(newsroom: Newsroom) -> None:
    optin = _braked(newsroom, target_per_hour=2)
    for number in range(2):
        optin.request(f"r{number}@example.org", Target.share(HALDEN), "de", f"10.{number}.0.1", FORM, "/")
    with pytest.raises(TooMany, match="Very many are asking to follow this"), capture_logs() as logs:
        optin.request("r9@example.org", Target.share(HALDEN), "en", "10.9.0.1", FORM, "/")
    assert [one["value"] for one in logs] == [HALDEN]
    optin.request("r9@example.org", Target.share(MIRABEL), "en", "10.9.0.1", FORM, "/")
    assert len(newsroom.letters("confirmation")) == 3


def test_an_address_that_never_confirmed_is_erased_after_a_month(newsroom: Newsroom) -> None:
    newsroom.ask("silent@example.org")
    newsroom.follow(ANNA)
    newsroom.clock.move(days=3)
    newsroom.optin.expire()
    assert newsroom.optin.forget() == 0
    newsroom.clock.move(days=28)
    assert newsroom.optin.forget() == 1
    assert newsroom.optin.forget() == 0
    with newsroom.database.reading() as tx:
        assert tx.subscriptions.by_identity("silent@example.org") is None
        assert tx.subscriptions.by_identity(ANNA) is not None
        assert tx.subscriptions.counts() == (1, 0)


def test_where_no_letter_may_go_nothing_is_left_of_the_request(newsroom: Newsroom) -> None:
    followed = newsroom.follow(ANNA)
    with newsroom.database.transaction() as tx:
        tx.subscriptions.suppress(followed.subscriber, "complaint", newsroom.clock.now())
    newsroom.ask(ANNA, MIRABEL)
    with newsroom.database.reading() as tx:
        assert [one.isin for one in tx.subscriptions.of_subscriber(followed.subscriber)] == [HALDEN]
        log = tx.subscriptions.consents(followed.subscriber)
    assert [(one.event, one.form_text, one.ip) for one in log[-1:]] == [("ignored", FORM, IP)]


def test_a_stranger_changes_nothing_of_what_is_followed(newsroom: Newsroom) -> None:
    followed = newsroom.follow(ANNA)
    newsroom.optin.request(
        ANNA, Target.share(HALDEN), "en", "203.0.113.9", FORM, "/", cadence="digest", updates=True
    )
    with newsroom.database.reading() as tx:
        found = tx.subscriptions.get(followed.key)
        reader = tx.subscriptions.by_key(followed.subscriber)
    assert found is not None
    assert reader is not None
    assert (found.cadence, found.updates, found.is_active, reader.language) == ("instant", False, True, "de")


def test_every_kind_of_thing_can_be_followed(newsroom: Newsroom) -> None:
    filing = newsroom.file()
    with newsroom.database.reading() as tx:
        version = tx.newsstand.version(filing.story or 0)
    assert version is not None
    targets = [
        Target("provider", "Nordlicht"),
        Target("search", "seilbahn", "Seilbahn"),
        Target("lineage", str(version.lineage)),
    ]
    for target in targets:
        newsroom.optin.request(ANNA, target, "de", IP, FORM, "/", cadence="digest")
    with newsroom.database.reading() as tx:
        reader = tx.subscriptions.by_identity(ANNA)
        assert reader is not None
        found = tx.subscriptions.of_subscriber(reader.key)
    assert [(one.kind, one.name, one.updates, one.cadence) for one in found] == [
        ("provider", "Nordlicht", False, "digest"),
        ("search", "Seilbahn", False, "digest"),
        ("lineage", version.headline, True, "digest"),
    ]
    for wrong in (
        Target("provider", "Nobody"),
        Target("search", ""),
        Target("lineage", "77"),
        Target("lineage", "x"),
        Target("topic", "1"),
    ):
        with pytest.raises(NotFound):
            newsroom.optin.settled(wrong, "de")


@pytest.mark.parametrize(
    ("address", "identity"),
    [
        ('"anna b"@example.org', '"anna b"@example.org'),
        ('"anna"@example.org', "anna@example.org"),
        ("anna+news@example.org", "anna+news@example.org"),
        ("änna@exämple.org", "änna@xn--exmple-cua.org"),
        ("a" * 64 + "@" + ".".join(["b" * 61] * 4) + ".org", "a" * 64 + "@" + ".".join(["b" * 61] * 4) + ".org"),
    ],
)  # fmt: skip
def test_odd_addresses_are_taken_as_they_are(newsroom: Newsroom, address: str, identity: str) -> None:
    newsroom.ask(address)
    (letter,) = newsroom.letters("confirmation")
    assert letter.subscriber.identity == identity


@pytest.mark.parametrize(
    "address",
    ["anna@example.org\nBcc: b@example.org", "anna@example.org\x00", "anna\u202e@example.org", "anna@example.org,b@example.org",
     "anna@example.org; b@example.org", "anna@example.org b@example.org", '"Anna" <anna@example.org>', "anna@exam\u200bple.org", "a" * 321,
     '"anna\r\n"@example.org', "anna@example.org%0aBcc:b@example.org", "mailto:anna@example.org", "anna@[192.0.2.1]", "anna@@example.org"],
)  # fmt: skip
def test_tricks_with_addresses_are_refused_and_leave_nothing(newsroom: Newsroom, address: str) -> None:
    with pytest.raises(Refused, match="cannot receive mail"):
        newsroom.ask(address, language="en")
    with newsroom.database.reading() as tx:
        assert tx.subscriptions.counts() == (0, 0)
        assert tx.subscriptions.by_key(1) is None
