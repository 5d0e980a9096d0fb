"""Clocks that are set back, nights with an hour too many, readers who go while letters are on their way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from newsdesk import DOMAIN, MIRABEL, SECRET, Eventful, Newsroom, mails, part, token_of
from tests.lib.servers import SmtpSink

from depesche.alerts import hours
from depesche.alerts.following.frontdesk import FrontDesk
from depesche.alerts.naming import MessageIds
from depesche.alerts.returns.suppression import SuppressionList
from depesche.alerts.sending.courier import Courier
from depesche.alerts.sending.digester import Digester
from depesche.model.errors import Refused
from depesche.model.subscription import LINEAGE, PROVIDER, Subscriber, Target
from depesche.stories import kinship

ANNA, BERT, CARLA = "anna@example.org", "bert@example.org", "carla@example.org"
BERLIN = ZoneInfo("Europe/Berlin")


def digester(newsroom: Newsroom, *, quiet: tuple[int, int] | None = None) -> Digester:
    """Let Anna follow by digest at 7 and 18 o'clock UTC; it is noon."""
    found = newsroom.follow(ANNA)
    with newsroom.database.transaction() as tx:
        tx.subscriptions.set_manner(found.key, cadence="digest", updates=False)
        tx.subscriptions.set_hours(found.subscriber, digest_hours=[7, 18], quiet=quiet, zone="UTC")
    return Digester(newsroom.database, newsroom.clock, MessageIds(SECRET, DOMAIN))


def states(newsroom: Newsroom) -> list[str]:
    """Return the states of all letters, in order of decision."""
    return [one.state for one in newsroom.letters()]


# -- clocks ------------------------------------------------------------------------------------


def test_a_clock_set_back_over_a_digest_loses_nothing(newsroom: Newsroom, tmp_path: Path) -> None:
    """The hour comes twice, and what was filed in between goes out the second time."""
    made = digester(newsroom)
    newsroom.file()
    newsroom.follow_journal()
    courier = newsroom.courier(tmp_path)
    for guid in ("second", None):
        newsroom.clock.time = newsroom.clock.now().replace(hour=18, minute=0, second=0)
        assert made.run_once() == 1
        assert courier.run_once().sent == 1
        if guid:
            newsroom.clock.move(hours=-1)
            newsroom.file(guid, headline="Halden Werke melden sich wieder")
            newsroom.follow_journal()
    courier.close()
    assert states(newsroom) == ["sent", "sent"]
    received = mails(tmp_path)
    assert len({mail["Message-ID"] for mail in received}) == len(received) == 2


def test_a_clock_set_back_does_not_keep_a_mail_server_waiting(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.follow(ANNA)
    newsroom.file()
    newsroom.follow_journal()
    is_down = [True]
    with SmtpSink(decide=lambda verb, *_: "421 later" if verb == "CONNECT" and is_down[0] else None) as sink:
        newsroom.clock.move(hours=2)
        courier = newsroom.courier(tmp_path, sink.url)
        assert courier.run_once().trouble
        newsroom.clock.move(hours=-1)
        is_down[0] = False
        assert courier.run_once().sent == 1
        courier.close()


@pytest.mark.parametrize(
    ("now", "quiet", "until"),
    [
        # The night of 25 October 2026 has 25 hours: two o'clock comes at 0 and at 1 UTC.
        (datetime(2026, 10, 25, 0, 15, tzinfo=UTC), (60, 150), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 15, tzinfo=UTC), (60, 150), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        (datetime(2026, 10, 24, 21, 0, tzinfo=UTC), (1320, 420), datetime(2026, 10, 25, 6, 0, tzinfo=UTC)),
        # That of 29 March 2026 has 23.
        (datetime(2026, 3, 28, 22, 0, tzinfo=UTC), (1320, 420), datetime(2026, 3, 29, 5, 0, tzinfo=UTC)),
    ],
)
def test_quiet_hours_in_nights_of_23_and_25_hours(
    now: datetime, quiet: tuple[int, int], until: datetime
) -> None:
    reader = Subscriber(1, ANNA, ANNA, "de", quiet_from=quiet[0], quiet_to=quiet[1])
    assert hours.waiting_until(now, reader, BERLIN) == until


def test_a_digest_comes_once_in_the_night_that_has_its_hour_twice() -> None:
    reader = Subscriber(1, ANNA, ANNA, "de", digest_hours=(2,))
    slot, slots = datetime(2026, 3, 27, 12, tzinfo=UTC), []
    for _ in range(3):
        slot = hours.next_digest(slot, reader, BERLIN)
        slots.append(slot.astimezone(BERLIN).strftime("%d %H"))
    assert slots == ["28 02", "29 03", "30 02"], "on the 29th there is no two o'clock"
    slot, slots = datetime(2026, 10, 24, 12, tzinfo=UTC), []
    for _ in range(2):
        slot = hours.next_digest(slot, reader, BERLIN)
        slots.append(slot.astimezone(BERLIN).strftime("%d %H"))
    assert slots == ["25 02", "26 02"]


# -- quiet hours -------------------------------------------------------------------------------


def test_a_digest_waits_for_the_end_of_quiet_hours(newsroom: Newsroom, tmp_path: Path) -> None:
    made = digester(newsroom, quiet=(17 * 60, 20 * 60))
    newsroom.file()
    newsroom.follow_journal()
    courier = newsroom.courier(tmp_path)
    newsroom.clock.time = newsroom.clock.now().replace(hour=18, minute=0)
    assert made.run_once() == 0
    newsroom.clock.time = newsroom.clock.now().replace(hour=20)
    assert made.run_once() == 1
    assert courier.run_once().sent == 1
    courier.close()


@pytest.mark.parametrize("by_digest", [False, True])
def test_what_a_dead_mail_server_kept_until_the_night_waits_for_the_morning(
    newsroom: Newsroom, tmp_path: Path, *, by_digest: bool
) -> None:
    """Nobody is woken by a server that comes back at night, and nothing expires meanwhile."""
    made = digester(newsroom)
    if not by_digest:
        newsroom.follow(BERT)
    reader = newsroom.subscription(ANNA if by_digest else BERT).subscriber
    if not by_digest:
        newsroom.optin.leave(token_of(newsroom.links.manage(newsroom.subscription(ANNA).subscriber)), "ip")
    newsroom.clock.time = newsroom.clock.now().replace(hour=17 if by_digest else 21)
    newsroom.file()
    newsroom.follow_journal()
    with newsroom.database.transaction() as tx:  # after the decision
        tx.subscriptions.set_hours(reader, digest_hours=[18], quiet=(22 * 60, 7 * 60), zone="UTC")
    if by_digest:
        newsroom.clock.time = newsroom.clock.now().replace(hour=18, minute=0)
        assert made.run_once() == 1
    newsroom.clock.time = newsroom.clock.now().replace(hour=23, minute=0)
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().sent == 0
    newsroom.clock.time = datetime(2026, 3, 3, 6, 59, tzinfo=UTC)
    assert courier.run_once().sent == 0
    assert states(newsroom) == ["pending"]
    newsroom.clock.move(minutes=1)
    assert courier.run_once().sent == 1
    courier.close()
    assert states(newsroom) == ["sent"]
    assert newsroom.balance().is_even


# -- readers and stories that move -------------------------------------------------------------


@pytest.mark.parametrize("how", ["suppressed", "left", "erased"])
def test_a_reader_who_goes_while_a_chunk_is_on_its_way_gets_nothing(
    newsroom: Newsroom, tmp_path: Path, how: str
) -> None:
    readers = [newsroom.follow(address).subscriber for address in (ANNA, BERT, CARLA)]
    newsroom.file()
    newsroom.follow_journal()

    def go() -> None:
        newsroom.clock.move(seconds=1)
        if how == "left":
            newsroom.optin.leave(token_of(newsroom.links.manage(readers[1])), "192.0.2.7")
            return
        with newsroom.database.transaction() as tx:
            if how == "suppressed":
                tx.subscriptions.suppress(readers[1], "complained", newsroom.clock.now())
            else:
                tx.subscriptions.erase(readers[1])

    channel = Eventful(go)
    courier = Courier(newsroom.database, newsroom.clock, channel, newsroom.composer, journal=tmp_path / "j")
    assert courier.run_once().sent == 2
    courier.close()
    assert channel.took == [ANNA, CARLA]
    assert newsroom.balance().is_even
    assert newsroom.balance().matched == (2 if how == "erased" else 3)


def test_a_digest_that_expired_on_its_way_has_told_nothing(newsroom: Newsroom, tmp_path: Path) -> None:
    made = digester(newsroom)
    newsroom.roundup(1)
    newsroom.follow_journal()
    newsroom.clock.time = newsroom.clock.now().replace(hour=18, minute=0)
    assert made.run_once() == 1
    newsroom.clock.move(hours=7)
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().sent == 0
    newsroom.roundup(2)
    newsroom.follow_journal()
    assert states(newsroom) == ["expired", "pending"], "the next part may be told"
    newsroom.clock.move(hours=24)
    made.run_once()
    courier.run_once()
    courier.close()
    assert {newsroom.balance(story).is_even for story in (1, 2)} == {True}


def test_a_story_parted_from_its_lineage_is_not_told_again(newsroom: Newsroom) -> None:
    newsroom.roundup(1, shares=(MIRABEL,))
    newsroom.follow_journal()
    newsroom.follow(ANNA)
    second = newsroom.roundup(2).story or 0
    newsroom.follow_journal()
    newsroom.follow(BERT)
    newsroom.hand_over()
    with newsroom.database.transaction() as tx:
        kinship.split(tx, second, newsroom.clock.now())
    newsroom.clock.move(seconds=1)
    newsroom.roundup(2, version="2", body_text="Neuer Stand", body_html="<p>Neuer Stand</p>")
    newsroom.follow_journal()
    newsroom.roundup(2, version="3", body_text="Noch neuer", body_html="<p>Noch neuer</p>")
    newsroom.follow_journal()
    told = [(one.subscriber.address, one.state) for one in newsroom.letters()]
    assert told == [(ANNA, "sent"), (BERT, "pending")]


def test_lineages_that_are_joined_alert_nobody_twice(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    one, other = (newsroom.file(guid, headline=f"Halden Werke, {guid}").story or 0 for guid in ("a", "b"))
    newsroom.follow_journal()
    newsroom.hand_over()
    with newsroom.database.transaction() as tx:
        kinship.join(tx, one, other, newsroom.clock.now())
    newsroom.file("b", version="2", headline="Halden Werke, b", body_text="Neu", body_html="<p>Neu</p>")
    newsroom.follow_journal()
    assert states(newsroom) == ["sent", "sent"]


def test_news_that_comes_public_in_a_pause_is_not_made_up_for(newsroom: Newsroom) -> None:
    reader = newsroom.follow(ANNA).subscriber
    now = newsroom.clock.now()
    newsroom.file("held", embargoed=now + timedelta(hours=1))
    with newsroom.database.transaction() as tx:
        tx.subscriptions.pause(reader, now + timedelta(hours=2))
    newsroom.clock.move(hours=1)
    assert newsroom.release() == 1
    newsroom.follow_journal()
    assert states(newsroom) == []
    newsroom.clock.move(hours=2)
    newsroom.follow_journal(after=0)
    assert len(states(newsroom)) <= 1


# -- readers who follow very much --------------------------------------------------------------


def test_a_letter_with_300_reasons_can_be_sent_and_left(newsroom: Newsroom, tmp_path: Path) -> None:
    """The address to leave by stays within the longest line that mail allows, and ends it all."""
    first = newsroom.follow(ANNA)
    newsroom.follow(BERT)
    with newsroom.database.transaction() as tx:
        for number in range(300):
            lineage = tx.targets.enter(Target(LINEAGE, str(number + 1), f"Laufende Meldung {number}"))
            made = tx.subscriptions.request(first.subscriber, lineage.key, newsroom.clock.now())
            tx.subscriptions.confirm(made.key, newsroom.clock.now())
    links = newsroom.links
    with newsroom.database.reading() as tx:
        every = [one.key for one in tx.subscriptions.of_subscriber(first.subscriber)]
    assert len(every) == 301
    link = links.leave(first.subscriber, every)
    assert len(f"List-Unsubscribe: <{link}>") < 998
    subscriber, named = newsroom.optin.subscriptions(token_of(link))
    assert (subscriber.address, len(named)) == (ANNA, 301)
    with pytest.raises(Refused):
        newsroom.optin.leave(token_of(link), "192.0.2.7", newsroom.subscription(BERT).key)
    assert len(newsroom.optin.leave(token_of(link), "192.0.2.7")) == 301
    assert newsroom.optin.leave(token_of(link), "192.0.2.7") == []
    assert newsroom.subscription(BERT).is_active


def test_a_link_to_leave_everything_opens_no_more_than_leaving(newsroom: Newsroom) -> None:
    reader = newsroom.follow(ANNA).subscriber
    token = newsroom.links.leave_token(reader, range(1, 400))
    desk = FrontDesk(
        newsroom.database, newsroom.clock, newsroom.links, ZoneInfo("UTC"), SuppressionList(SECRET)
    )
    with pytest.raises(Refused):
        desk.look(token, "de")
    with pytest.raises(Refused):
        desk.erase(token, "de")


def test_a_link_of_one_subscription_ends_no_other(newsroom: Newsroom) -> None:
    halden, mirabel = newsroom.follow(ANNA), newsroom.follow(ANNA, MIRABEL)
    token = newsroom.links.leave_token(halden.subscriber, [halden.key])
    with pytest.raises(Refused):
        newsroom.optin.leave(token, "192.0.2.7", mirabel.key)
    assert [one.key for one in newsroom.optin.leave(token, "192.0.2.7")] == [halden.key]
    assert newsroom.subscription(ANNA, MIRABEL).is_active


@pytest.mark.parametrize(
    "name", ["R&D / Wire", 'Söhne "und" <Töchter>', "Zwei\u00a0Wörter, 1:2", "日本の通信社", "a" * 200]
)
def test_a_provider_of_any_name_can_be_followed(newsroom: Newsroom, tmp_path: Path, name: str) -> None:
    newsroom.file("before", shares=(), provider=name)
    newsroom.follow_journal()
    newsroom.optin.request(ANNA, Target(PROVIDER, name), "de", "192.0.2.7", "Ja.", "/")
    with newsroom.database.reading() as tx:
        reader = tx.subscriptions.by_identity(ANNA)
        assert reader is not None
        [asked] = tx.subscriptions.of_subscriber(reader.key)
    newsroom.optin.confirm(token_of(newsroom.links.confirm(asked.key)), "192.0.2.7")
    newsroom.clock.move(seconds=1)
    newsroom.file("after", shares=(), provider=name, headline="Ein Lift fährt")
    newsroom.follow_journal()
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().sent == 1
    courier.close()
    [letter] = [mail for mail in mails(tmp_path) if "Lift" in str(mail["Subject"])]
    said = " ".join(part(letter, "plain").replace("\u00a0", " ").split())
    assert said.replace(" ", "").startswith(
        f"SiefolgenderQuelle{name}.".replace(" ", "").replace("\u00a0", "")
    )
