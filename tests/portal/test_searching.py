"""Searches by topic, what is said of filters that cannot be read, and following a topic from its page to the letter."""

from __future__ import annotations

import email
import email.policy
import re
from html import unescape
from urllib.parse import quote

import pytest
from asking import Desk

from depesche.bus.follow import catch_up
from depesche.model.take import Subject
from depesche.store.stories.topics import Topic

CODE = "20000170"
IDA = "ida.brook@example.org"
TOPIC = (Subject("medtop", CODE, "Schleusenbau"),)


@pytest.fixture
def built(desk: Desk) -> Desk:
    """A portal where a topic has two names and a story."""
    with desk.paper.room.database.transaction() as tx:
        tx.topics.put([Topic(CODE, "Schleusenbau", 'Building "locks"', "04000000")])
    desk.paper.file("lock", "Kammer wird breiter", "Beton kommt mit dem Schiff.", subjects=TOPIC)
    desk.index()
    return desk


def headlines(desk: Desk, query: str) -> list[str]:
    text = desk.browser.get(f"/search?q={quote(query)}").text
    found = re.findall(r'<h3 class="result-head"[^>]*><a[^>]*>(.*?)</a>', text, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in found]


@pytest.mark.parametrize(
    "query",
    [f"thema:{CODE}", "thema:schleusenbau", "topic:locks", f'thema:"{CODE} was immer"', "Beton topic:schleusenbau", "thema:04000000"],
)  # fmt: skip
def test_a_search_narrows_to_a_topic(built: Desk, query: str) -> None:
    assert headlines(built, query) == ["Kammer wird breiter"]


def test_other_topics_find_nothing(built: Desk) -> None:
    assert headlines(built, "thema:20000171") == headlines(built, "beton thema:gleisbau") == []
    text = built.browser.get("/search?q=beton+thema:gleisbau").text
    assert 'href="/search?q=beton"' in text  # the way back


@pytest.mark.parametrize(
    ("query", "german", "english"),
    [
        ("beton seit:vorgestern", "„seit:vorgestern“ blieb außer Acht", "“seit:vorgestern” was left out"),
        ("isin:ZZ0000000000", "das ist keine ISIN", "this is no ISIN"),
        ("wkn:12", "das ist keine WKN", "this is no WKN"),
        ("sprache:klingonisch beton", "eine solche Sprache kennen wir nicht", "we know no such language"),
        ("beton von:", "hinter dem Doppelpunkt steht nichts", "nothing stands behind the colon"),
        ("beton -von:dpa", "ausschließen lassen sich nur Wörter", "only words and phrases can be excluded"),
    ],
)
def test_a_filter_that_cannot_be_read_is_told(built: Desk, query: str, german: str, english: str) -> None:
    asked = f"/search?q={quote(query)}"
    for path, said in ((asked, german), (f"/en{asked}", english)):
        hints = re.findall(r'<p class="hint"[^>]*>(.*?)</p>', built.browser.get(path).text)
        assert [said in unescape(one) for one in hints] == [True], path
    assert headlines(built, "beton seit:vorgestern") == ["Kammer wird breiter"]


def test_what_can_be_read_gets_no_hint(built: Desk) -> None:
    text = built.browser.get("/search?q=beton+seit:2001-01-01+sprache:de-AT+thema:x").text
    assert 'class="hint"' not in text
    assert 'class="hint"' not in built.browser.get("/search").text


def test_a_topic_is_followed_from_its_page_to_the_letter(built: Desk) -> None:
    room = built.paper.room
    page = built.browser.get(f"/topics/{CODE}").text
    target = unescape(re.search(r'name="target" value="([^"]+)"', page)[1])  # type: ignore[index]
    assert "Nachrichten zum Thema Schleusenbau per E-Mail" in page
    assert 'thema:"' not in re.sub(r'value="[^"]*"', "", page)
    asked = built.browser.post("/follow", {"target": target, "email": IDA, "from": f"/topics/{CODE}"})
    assert (asked.status, "Bitte sehen Sie in Ihr Postfach" in asked.text) == (200, True)
    with room.database.reading() as tx:
        reader = tx.subscriptions.by_identity(IDA)
        assert reader is not None
        wanted = tx.subscriptions.of_subscriber(reader.key)[-1]
    assert (wanted.target.value, wanted.target.topic) == (f'thema:"{CODE}"', (CODE, "Schleusenbau"))
    link = room.opt_in._links.confirm(wanted.key)
    confirm = built.browser.get(link.removeprefix("http://portal.example"))
    assert "dem Thema Schleusenbau" in confirm.text
    token = re.search(r'name="token" value="([^"]+)"', confirm.text)
    assert token is not None
    assert built.browser.post("/follow/confirm", {"token": token[1]}).status == 200

    own = built.browser.get(room.opt_in.manage_link(reader.key).removeprefix("http://portal.example")).text
    assert f'<a href="/topics/{CODE}">Schleusenbau</a>' in own

    built.paper.clock.move(minutes=1)
    built.paper.file("more", "Tor geliefert", "Es wiegt viel.", subjects=TOPIC)
    built.paper.file("else", "Anderes", "Ohne Thema.")
    catch_up(room.database, [room.matcher], built.paper.clock)
    while room.courier.run_once().sent:
        pass
    files = [one for one in room.settings.mail_folder.rglob("*") if one.is_file()]
    mails = [email.message_from_bytes(one.read_bytes(), policy=email.policy.default) for one in files]
    letters = {one["Subject"]: one.get_body(("plain",)).get_content() for one in mails}  # type: ignore[union-attr]
    assert [subject for subject in letters if "Tor geliefert" in subject] != [], list(letters)
    told = [text for subject, text in letters.items() if "Tor geliefert" in subject]
    assert ["Sie folgen dem Thema Schleusenbau." in " ".join(text.split()) for text in told] == [True]
    assert not any("Anderes" in subject for subject in letters)


def test_the_english_page_offers_the_topic_by_its_english_name(built: Desk) -> None:
    page = built.browser.get(f"/en/topics/{CODE}").text
    assert "news on the topic Building locks by e-mail" in unescape(page)
