"""What the copydesk takes out of copy, what it keeps, and what must never be shown."""

from __future__ import annotations

import html as escaping
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.model.take import Dateline, Identifier, Note, PictureRef, Series, Take
from depesche.stories.copyediting import copydesk

AT = datetime(2031, 3, 12, 14, 41, tzinfo=UTC)


def take(body: str, headline: str = "Kai gesperrt", **more: Any) -> Take:
    return Take(
        "test", "Küstenbote", "urn:x:1", headline, headline, body_html=body, version_created=AT, **more
    )


def edit(body: str, headline: str = "Kai gesperrt", **more: Any) -> Take:
    """Edit a take, and see that editing it again changes nothing."""
    edited = copydesk.edit(take(body, headline, **more))
    assert copydesk.edit(edited) == edited
    return edited


def shown(edited: Take) -> str:
    """Everything of a take that readers may see."""
    public = [note.text for note in edited.notes if note.public]
    return " ".join(
        filter(
            None, [edited.headline, edited.byline, edited.teaser, edited.body_html, edited.body_text, *public]
        )
    )


def test_a_round_up_is_taken_apart() -> None:
    edited = edit(
        "<p>Von Wiebke Tamm, dpa-AFX</p>"
        "<p>SANDERSIEL (dpa-AFX) - Der Kai ist &lt;ZZ0000NW0011&gt; gesperrt.</p>"
        "<p>Die Aktie <NWRn.ZZ> gab nach./wt/DP/kol</p>",
        "ROUNDUP 2/Kranausfall: Kai gesperrt",
    )
    assert edited.series == Series("ROUNDUP", 2, "Kranausfall")
    assert edited.headline == "Kai gesperrt"
    assert edited.headline_raw == "ROUNDUP 2/Kranausfall: Kai gesperrt"
    assert edited.byline == "Von Wiebke Tamm, dpa-AFX"
    assert edited.dateline == Dateline(("SANDERSIEL",), "dpa-AFX")
    assert edited.sign_off == "/wt/DP/kol"
    assert edited.body_text == "Der Kai ist <ZZ0000NW0011> gesperrt.\n\nDie Aktie <NWRn.ZZ> gab nach."
    assert "&lt;NWRn.ZZ&gt;" in edited.body_html
    assert edited.identifiers == (Identifier("isin", "ZZ0000NW0011"), Identifier("ric", "NWRn.ZZ"))


def test_a_wrong_isin_is_kept_but_called_none() -> None:
    edited = edit("<p>Nordwind <ZZ0000NW0018> fällt.</p>")
    assert edited.identifiers == (Identifier("symbol", "ZZ0000NW0018"),)


def test_an_isin_line_under_the_copy_identifies_and_stays() -> None:
    edited = edit("<p>Der Kai ist frei./wt/DP/kol</p><p>ISIN ZZ0000NW0011 ZZ0000MB0033</p>")
    assert [one.value for one in edited.identifiers] == ["ZZ0000NW0011", "ZZ0000MB0033"]
    assert edited.sign_off == "/wt/DP/kol"
    assert edited.body_text == "Der Kai ist frei.\n\nISIN ZZ0000NW0011 ZZ0000MB0033"


@pytest.mark.parametrize(
    ("ending", "sign_off", "rest"),
    [
        ("Der Kai ist frei./cy/DP/stw", "/cy/DP/stw", "Der Kai ist frei."),
        ("Der Kai ist &quot;frei&quot;./wdw/jha/fba", "/wdw/jha/fba", 'Der Kai ist "frei".'),
        ("Der Kai ist <b>frei.</b> /zb</p><p>AXC0123 2031-03-12/15:41", "/zb", "Der Kai ist frei."),
        ("Der Kai ist frei./la/jha/", "/la/jha/", "Der Kai ist frei."),
        ("Der Kai ist frei.</p><p>/cy/DP/stw", "/cy/DP/stw", "Der Kai ist frei."),
        ("Der Kai ist frei.</p><p>dpa kre/su yysw a3 mda", "dpa kre/su yysw a3 mda", "Der Kai ist frei."),
        ("Mehr auf www.nordwind.example/kai/pier", None, "Mehr auf www.nordwind.example/kai/pier"),
        ("Es geht um Kai/Pier", None, "Es geht um Kai/Pier"),
    ],
)
def test_sign_offs(ending: str, sign_off: str | None, rest: str) -> None:
    edited = edit(f"<p>{ending}</p>")
    assert (edited.sign_off, edited.body_text) == (sign_off, rest)


def test_copy_between_marks_is_untouched_and_the_marks_go() -> None:
    edited = edit("<p>^</p><p>Für den Inhalt ist der Emittent verantwortlich.</p><p>°</p>")
    assert edited.body_text == "Für den Inhalt ist der Emittent verantwortlich."


@pytest.mark.parametrize(
    "words",
    [
        "By Ada Ferris and Cy Moss, Reuters",
        "Von Ole Harms",
        "--- Von Wiebke Tamm und Ole van der Laan, dpa-AFX ---",
    ],
)
def test_bylines_at_the_beginning_and_the_end(words: str) -> None:
    bare = words.strip("- ")
    for body in (f"<p>{words}</p><p>Der Kai.</p>", f"<p>Der Kai.</p><p>{words}</p>"):
        edited = edit(body)
        assert (edited.byline, edited.body_text) == (bare, "Der Kai.")


@pytest.mark.parametrize(
    "words",
    ["Von Sandersiel nach Alt Lohe fährt kein Schiff", "By noon the quay was full.", "Von Kai zu Kai"],
)
def test_what_is_no_byline(words: str) -> None:
    assert edit(f"<p>{words}</p><p>Der Kai.</p>").byline is None


def test_a_second_byline_is_copy() -> None:
    edited = edit("<p>Von Ole Harms</p><p>Der Kai.</p>", byline="Von Wiebke Tamm")
    assert edited.byline == "Von Wiebke Tamm"
    assert edited.body_text == "Von Ole Harms\n\nDer Kai."


def test_a_repeat_says_publicly_what_it_corrects() -> None:
    edited = edit(
        '<p>(Wiederholung: Im 3. (und 9.) Absatz "A" statt "B".)</p><p>SANDERSIEL (dpa-AFX) - Der Kai.</p>',
        "WDH/ROUNDUP: Kai gesperrt",
    )
    assert edited.notes == (
        Note("correction", 'Wiederholung: Im 3. (und 9.) Absatz "A" statt "B".', public=True),
    )
    assert edited.series == Series("WDH/ROUNDUP")
    assert edited.body_text == "Der Kai."


def test_a_correction_glued_to_the_copy_is_found() -> None:
    edited = edit("<p>(Berichtigung: 40 statt 400) SANDERSIEL (dpa-AFX) - Der Kai.</p>")
    assert edited.notes == (Note("correction", "Berichtigung: 40 statt 400", public=True),)
    assert (edited.dateline, edited.body_text) == (Dateline(("SANDERSIEL",), "dpa-AFX"), "Der Kai.")


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("(Adds detail in paragraph 3)", "advisory"),
        ("(Corrects paragraph 3 to say quay)", "correction"),
        ("(neu: Aktienkurs)", "advisory"),
        ("Eds: Updates. With AP Photos.", "advisory"),
    ],
)
def test_advisories_are_for_editors(line: str, role: str) -> None:
    edited = edit(f"<p>{line}</p><p>The quay.</p>")
    assert [(note.role, note.public) for note in edited.notes] == [(role, False)]
    assert edited.body_text == "The quay."


PRIVATE = (
    "<p>Die folgenden Informationen sind nicht zur Ver&ouml;ffentlichung bestimmt</p><h4>Kontakte</h4>"
    "<ul><li>Wiebke Tamm, +49 555 0100, tamm@kuestenbote.example</li></ul>"
)


@pytest.mark.parametrize(
    "private",
    [
        PRIVATE,
        "<section class='np-nonpublic'><p>Wiebke Tamm, +49 555 0100, tamm@kuestenbote.example</p></section>",
        "<h3>Notizblock</h3><p>Wiebke Tamm, +49 555 0100, tamm@kuestenbote.example</p>",
        "<p># Notizblock<br>Wiebke Tamm, +49 555 0100<br>tamm@kuestenbote.example</p>",
        "<p>dpa-Notizblock</p><table><tr><td>+49 555 0100</td><td>tamm@kuestenbote.example</td></tr></table>",
        "<p>Die <b>folgenden</b> Informationen sind nicht\nzur&nbsp;Veröffent&shy;lichung bestimmt: +49 555 0100, tamm@kuestenbote.example</p>",
        "<p>The following information is not intended for publication: +49 555 0100 tamm@kuestenbote.example</p>",
        "<p>Ende. Nachfolgende Angaben sind ausdrücklich nicht zur Veröffentlichung: +49 555 0100 tamm@kuestenbote.example</p>",
        "<ul><li>Die folgenden Angaben sind nicht zur Veröffentlichung bestimmt</li><li>+49 555 0100</li><li>tamm@kuestenbote.example</li></ul>",
    ],
)
def test_private_notes_never_show(private: str) -> None:
    edited = edit(f"<p>Der Kai ist frei.</p>{private}")
    assert "0100" not in shown(edited)
    assert "tamm@" not in shown(edited)
    assert edited.body_text.startswith("Der Kai ist frei.")
    kept = " ".join(note.text for note in edited.notes if note.role == "notepad")
    assert "0100" in kept
    assert "tamm@kuestenbote.example" in kept


def test_a_private_teaser_is_cut() -> None:
    edited = edit(
        "<p>Der Kai.</p>", teaser="Kurz. Folgende Angaben sind nicht zur Veröffentlichung bestimmt: 0555 0100"
    )
    assert edited.teaser == "Kurz."
    assert "0100" not in shown(edited)


def test_legal_words_of_issuers_are_copy() -> None:
    words = "NICHT ZUR VERÖFFENTLICHUNG, VERTEILUNG ODER WEITERGABE IN ANDEREN LÄNDERN BESTIMMT. NOT FOR PUBLICATION IN FEN."
    assert (
        edit(f"<p>{words}</p><p>Mühlbach gibt Aktien aus.</p>").body_text
        == f"{words}\n\nMühlbach gibt Aktien aus."
    )


@pytest.mark.parametrize(
    ("line", "until"),
    [
        ("Sperrfrist 23. März 19.00 Uhr", datetime(2031, 3, 23, 18, 0, tzinfo=UTC)),
        ("Sperrfrist: 23.07.2031, 19.00 Uhr", datetime(2031, 7, 23, 17, 0, tzinfo=UTC)),
        (
            "(Achtung Redaktionen: Sperrfrist bis Sonntag, 2. Februar, 6 Uhr)",
            datetime(2031, 2, 2, 5, 0, tzinfo=UTC),
        ),
        ("EMBARGOED UNTIL 2300 GMT March 13", datetime(2031, 3, 13, 23, 0, tzinfo=UTC)),
        ("EMBARGO: 2031-03-13T10:00:00+02:00", datetime(2031, 3, 13, 8, 0, tzinfo=UTC)),
    ],
)
def test_an_embargo_in_words_is_kept(line: str, until: datetime) -> None:
    edited = edit(f"<p>{line}</p><p>Der Kai.</p>")
    assert (edited.embargoed, edited.status) == (until, "usable")
    assert edited.body_text == "Der Kai."
    assert edited.notes[0].public is False


@pytest.mark.parametrize(
    "line",
    [
        "Sperrfrist: morgen früh",
        "Sperrfrist bis zur Rede",
        "EMBARGOED until the speech",
        "Sperrfrist 41. März 19.00 Uhr",
        "Sperrfrist: 2031-03-23T29:00+01:00",
        "Sperrfrist: 0001-01-01T00:00+14:00",
        "(Sperrfrist: 23. März)",
    ],
)
def test_an_embargo_nobody_can_read_withholds(line: str) -> None:
    edited = edit(f"<p>{line}</p><p>Der Kai.</p>")
    assert (edited.embargoed, edited.status) == (None, "withheld")


def test_a_shouted_embargo_counts_wherever_it_stands() -> None:
    edited = edit("<p>Der Kai ist frei. SPERRFRIST: 23. März 2031, 19.00 Uhr</p>")
    assert edited.embargoed == datetime(2031, 3, 23, 18, 0, tzinfo=UTC)
    assert edit("<p>Der Kai.</p><p>Pier.</p><p>SPERRFRIST BIS ZUR REDE</p>").status == "withheld"


def test_preformatted_copy_is_taken_apart_as_well() -> None:
    edited = edit("<pre>SANDERSIEL (dpa-AFX) - Der  Kai\n  ist frei./cy/DP/stw</pre>")
    assert (edited.dateline, edited.sign_off) == (Dateline(("SANDERSIEL",), "dpa-AFX"), "/cy/DP/stw")
    assert edited.body_html == "<pre>Der  Kai\n  ist frei.</pre>"


def test_a_note_to_editors_can_embargo_and_a_field_goes_before_it() -> None:
    note = Note("ednote", "STRICTLY EMBARGOED. Not for public release until noon.")
    assert edit("<p>Der Kai.</p>", notes=(note,)).status == "withheld"
    assert edit("<p>Der Kai.</p>", notes=(note,), embargoed=AT).status == "usable"


def test_the_later_of_two_embargoes_counts() -> None:
    late = datetime(2031, 5, 1, tzinfo=UTC)
    assert edit("<p>Sperrfrist 23. März 19.00 Uhr</p><p>Der Kai.</p>", embargoed=late).embargoed == late


@pytest.mark.parametrize(
    "words",
    [
        "Sperrfrist für Altaktionäre endet",
        "Die Sperrfrist: sechs Monate sind viel",
        "Embargo gegen Fen beschlossen",
        "Der Embargo-Streit",
    ],
)
def test_other_embargoes_are_news(words: str) -> None:
    edited = edit(f"<p>{words} und so weiter.</p>", words)
    assert (edited.status, edited.embargoed) == ("usable", None)


@pytest.mark.parametrize(
    ("headline", "body"),
    [
        ("(Achtung) Meldung über Nordwind zurückgezogen", ""),
        ("Kai gesperrt", "<p>(Achtung) Bitte verwenden Sie die Meldung nicht. Sie wird zurückgezogen.</p>"),
        ("KILL KILL KILL Kai gesperrt", ""),
        ("Quay closed", "<p>STORY WITHDRAWN - wrong quay</p>"),
        ("Kai gesperrt", "<p>Die Meldung «Kai gesperrt» wird ersatzlos zurückgezogen.</p>"),
        ("WITHDRAWAL-Quay closed", ""),
    ],
)
def test_kills_in_words(headline: str, body: str) -> None:
    assert edit(body, headline).status == "canceled"


@pytest.mark.parametrize(
    "words",
    ["Nordwind hat sich vom Kai zurückgezogen", "Achtung: Kran zurückgezogen", "Kill or cure for the quay"],
)
def test_other_withdrawals_are_news(words: str) -> None:
    assert edit(f"<p>{words}.</p>", words).status == "usable"


def test_what_repeats_a_field_is_dropped() -> None:
    edited = edit(
        '<h1>ROUNDUP: Kai gesperrt</h1><p class="teaser">Kurz.</p><p class="byline">Wiebke Tamm</p><p>Der Kai.</p>',
        "ROUNDUP: Kai gesperrt",
        teaser="Kurz.",
    )
    assert (edited.body_text, edited.byline) == ("Der Kai.", "Wiebke Tamm")


def test_the_copyright_line_moves_to_its_field() -> None:
    edited = edit("<p>Der Kai.</p><p>Copyright Küstenbote. Alle Rechte vorbehalten.</p>")
    assert (edited.copyright, edited.body_text) == (
        "Copyright Küstenbote. Alle Rechte vorbehalten.",
        "Der Kai.",
    )


def test_a_supplied_dateline_is_read_and_its_twin_in_the_copy_taken_out() -> None:
    edited = edit("<p>Sandersiel (kb) - Der Kai.</p>", dateline=Dateline(("Sandersiel (kb) - ",)))
    assert (edited.dateline, edited.body_text) == (Dateline(("Sandersiel",), "kb"), "Der Kai.")


def test_pictures_in_the_copy_join_the_others_once() -> None:
    edited = edit(
        '<p>Der Kai.</p><figure><img src="https://x.example/klein.jpg"><figcaption>Der Kran</figcaption></figure>'
        '<img src="https://x.example/b.jpg" alt="Der leere Kai"><img src="data:image/png;base64,AA" alt="nichts da">',
        pictures=(PictureRef("https://x.example/gross.jpg", "Der Kran"),),
    )
    assert edited.pictures == (
        PictureRef("https://x.example/gross.jpg", "Der Kran"),
        PictureRef("https://x.example/b.jpg", "Der leere Kai"),
    )


def test_scripts_are_dead_in_every_field() -> None:
    bad = "<script>alert(1)</script>"
    edited = edit(
        f"<p>SANDERSIEL (dpa-AFX) - {bad}Kai {escaping.escape(bad)}</p>", f"Kai {bad}", teaser=bad, byline=bad
    )
    assert edited.body_html == "<p>Kai &lt;script&gt;alert(1)&lt;/script&gt;</p>"
    assert edited.headline == f"Kai {bad}"  # text: whoever shows it escapes it


def test_plain_text_serves_where_there_is_no_html() -> None:
    edited = copydesk.edit(replace(take(""), body_text="SANDERSIEL (dpa-AFX) - Der Kai.\n\nEnde."))
    assert edited.body_html == "<p>Der Kai.</p>\n<p>Ende.</p>"


_WORDS = st.lists(st.text(alphabet=st.sampled_from("aäßKx <>&/.:()-–\"'1\n\xa0"), max_size=25), max_size=6)


@settings(max_examples=150)
@given(_WORDS, st.sampled_from(["Kai", "ROUNDUP 2/Kai: Pier", "WDH/Kai"]))
def test_no_word_is_lost(paragraphs: list[str], headline: str) -> None:
    """Every character but white space is in the copy or in a field the copydesk moved it to."""
    edited = edit("".join(f"<p>{escaping.escape(one)}</p>" for one in paragraphs), headline)
    line = edited.dateline
    moved = [
        edited.body_text,
        edited.byline or "",
        edited.sign_off or "",
        edited.copyright or "",
        edited.headline,
        headline,
        *(note.text for note in edited.notes),
        *((*line.places, line.agency or "", line.date or "") if line else ()),
    ]
    kept = "".join(moved)
    for character in set(re.sub(r"[\s/()–:-]", "", "".join(paragraphs))):
        assert kept.count(character) >= "".join(paragraphs).count(character)


@pytest.mark.parametrize(
    "line",
    [
        "(Reporting by Ada Ferris in Leeds; Editing by Cy Moss)",
        "(Additional reporting by Ada Ferris and Bo Reed (Leeds); Writing by Cy Moss)",
        "(Bericht von Ada Lund, redigiert von Knut Hansen)",
    ],
)
def test_who_reported_goes_to_the_sign_off(line: str) -> None:
    for body in (f"<p>The quay is shut.</p><p>{line}</p>", f"<p>The quay is shut. {line}</p>"):
        edited = edit(body)
        assert edited.body_text == "The quay is shut."
        assert edited.sign_off == line


def test_other_brackets_at_the_end_stay() -> None:
    for words in (
        "The quay is shut (editing by hand is slow).",
        "Der Kai ist zu (von Montag an).",
        "Open (again).",
    ):
        assert edit(f"<p>{words}</p>").body_text == words


def test_contacts_in_double_brackets_stay_inside() -> None:
    edited = edit(
        "<p>The quay is shut. (Reporting by Ada Ferris; Editing by Cy Moss)</p>"
        "<p>((ada.ferris@bote.example; +44 555 0100; Reuters Messaging: ada))</p><p>Keywords: QUAY/SHUT</p>"
    )
    assert edited.body_text == "The quay is shut."
    assert "bote.example" not in shown(edited)
    assert {note.role for note in edited.notes} == {"contacts", "tail"}


def test_initials_alone_are_a_sign_off() -> None:
    assert edit("<p>The quay is shut.</p><p>af-cm/br</p>").sign_off == "af-cm/br"
    assert edit("<p>af/br</p>").body_text == "af/br"


def test_what_stands_before_the_corrected_release_says_what_was_wrong() -> None:
    edited = edit(
        "<p>Korrektur der Mitteilung vom 2. Mai: Die Dividende beträgt 0,40 Euro statt 4,00 Euro.</p>"
        "<p>Die gesamte korrigierte Mitteilung lautet:</p><p>^</p>"
        "<p>EQS-News: Nordwind AG / Schlagwort(e): Dividende</p><p>Die Nordwind AG zahlt 0,40 Euro.</p><p>°</p>",
        "KORREKTUR/EQS-News: Nordwind AG: Dividende (deutsch)",
    )
    assert edited.body_text == "Die Nordwind AG zahlt 0,40 Euro."
    assert edited.series == Series("KORREKTUR/EQS-NEWS")
    (note,) = [one for one in edited.notes if one.public]
    assert note.role == "correction"
    assert "0,40 Euro statt 4,00 Euro" in note.text
    assert note.text.endswith("lautet:")


RELEASE = """<p>^</p><p>EQS-Adhoc: Nordwind AG / Schlagwort(e): Prognose<br>Nordwind AG: Prognose gesenkt</p>
<p>02.05.2031 / 10:55 CET/CEST</p><p>Für den Inhalt der Mitteilung ist der Emittent / Herausgeber verantwortlich.</p><p>------------------</p>
<p>Kiel (Nordwind) - Die Nordwind AG senkt die Prognose.</p><p>Von Ada Lund, Vorstand</p><p>Es bleibt dabei./ab/cd</p><p>------------------</p>
<p>02.05.2031 CET/CEST Veröffentlichung einer Insiderinformation, übermittelt durch EQS News.</p>
%s<p>Ende der Mitteilung EQS News-Service</p><p>°</p>"""


@pytest.mark.parametrize(
    "block",
    [
        "<p>Sprache: Deutsch<br>Unternehmen: Nordwind AG<br>Kaistraße 5<br>ISIN: ZZ0000NW0011<br>WKN: NW0A01<br>Indizes: SDAX<br>EQS News ID: 31050201</p>",
        "<p>Sprache: Deutsch Unternehmen: Nordwind AG Kaistraße 5 ISIN: ZZ0000NW0011 WKN: NW0A01 Indizes: SDAX EQS News ID: 31050201</p>",
        "<pre>   Sprache:       Deutsch\n   Unternehmen:   Nordwind AG\n                  Kaistraße 5\n   ISIN:          ZZ0000NW0011\n   WKN:           NW0A01\n"
        "   Indizes:       SDAX\n   EQS News ID:   31050201</pre>",
        "<table><tr><td>Sprache:</td><td>Deutsch</td></tr><tr><td>Unternehmen:</td><td>Nordwind AG</td></tr><tr><td></td><td>Kaistraße 5</td></tr>"
        "<tr><td>ISIN:</td><td>ZZ0000NW0011</td></tr><tr><td>WKN:</td><td>NW0A01</td></tr><tr><td>Indizes:</td><td>SDAX</td></tr>"
        "<tr><td>EQS News ID:</td><td>31050201</td></tr></table>",
    ],
    ids=["lines", "one line", "columns", "table"],
)
def test_an_issuers_words_stay_and_its_block_speaks(block: str) -> None:
    edited = edit(RELEASE % block, "EQS-Adhoc: Nordwind AG: Prognose gesenkt (deutsch)", language="de")
    assert edited.body_text == (
        "Kiel (Nordwind) - Die Nordwind AG senkt die Prognose.\n\nVon Ada Lund, Vorstand\n\nEs bleibt dabei./ab/cd"
    )
    assert edited.dateline is None
    assert edited.byline is None
    assert edited.sign_off is None
    assert edited.identifiers == (
        Identifier("isin", "ZZ0000NW0011", None, "Nordwind AG"),
        Identifier("wkn", "NW0A01", None, "Nordwind AG"),
    )
    assert [one.code for one in edited.subjects] == ["SDAX"]
    assert [one.guid for one in edited.links] == ["urn:eqs:31050201:de"]
    assert {note.role for note in edited.notes} == {"release", "tail"}
    assert "Schlagwort" not in edited.body_text
