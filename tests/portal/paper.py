"""A newsroom with a dozen invented stories, as real as they come: filed by the desk, linked by the linker."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image, ImageDraw

from depesche.lib.text import slugify
from depesche.model import paths
from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import STRONG, Instrument, Listing, Name
from depesche.model.take import Dateline, Note, PictureRef, Series, Take
from depesche.newsroom import Newsroom
from depesche.settings import Settings
from depesche.stories.incoming import Receipt
from fakes import NOON, FakeClock

FULL, TEASER, HEADLINE, ADVERT = "nordlicht", "hanse", "ticker", "inserat"
PROVIDERS = {
    FULL: "Nordlicht Nachrichten",
    TEASER: "Hansekontor",
    HEADLINE: "Tickerline",
    ADVERT: "Inseratsdienst",
}
WERFT = isin_with_check_digit("ZZWERFT0001")
BAHN = isin_with_check_digit("ZZBAHN00001")
SECRET = "Das steht nur im bezahlten Teil des Textes."
NOTICE = "Die Redaktion von Hansekontor verantwortet diese Meldung allein; sie ist keine Empfehlung zum Kauf oder Verkauf."

SHARES = (
    Instrument(WERFT, "Falkenwerft AG", wkn="ZZW001", country="ZZ", issuer="Falkenwerft AG", source="test",
               listings=(Listing("XETR", "FKW", "EUR"),), names=(Name("Falkenwerft", STRONG, "test"), Name("Falkenwerft AG", STRONG, "test"))),
    Instrument(BAHN, "Küstenbahn SE", wkn="ZZB001", country="ZZ", source="test",
               listings=(Listing("XETR", "KBN", "EUR"),), names=(Name("Küstenbahn", STRONG, "test"), Name("Küstenbahn SE", STRONG, "test"))),
)  # fmt: skip


def settings(folder: Path, **more: object) -> Settings:
    """Return settings with a wire for each display right."""
    wires = [
        {"name": FULL, "provider": PROVIDERS[FULL], "token": "open-sesame"},
        {
            "name": TEASER,
            "provider": PROVIDERS[TEASER],
            "token": "t",
            "display": "teaser",
            "teaser_length": 120,
            "notice": NOTICE,
        },
        {
            "name": HEADLINE,
            "provider": PROVIDERS[HEADLINE],
            "token": "t",
            "display": "headline",
            "syndication": False,
        },
        {"name": ADVERT, "provider": PROVIDERS[ADVERT], "token": "t", "sponsored": True},
    ]
    return Settings(
        **{"data_dir": folder, "wires": wires, "secret": "s" * 40, "operator": "Verlag Musterhaven", **more}
    )  # type: ignore[arg-type]


@dataclass
class Paper:
    """A newsroom to file into, by hand and by name."""

    room: Newsroom
    clock: FakeClock

    @classmethod
    def empty(cls, folder: Path, **more: object) -> Paper:
        paper = cls.reopen(folder, **more)
        paper.room.import_instruments(SHARES)
        return paper

    @classmethod
    def reopen(cls, folder: Path, **more: object) -> Paper:
        clock = FakeClock()
        return cls(Newsroom(settings(folder, **more), clock), clock)

    def file(
        self, guid: str, headline: str, body: str = "", *, wire: str = FULL, minutes_ago: float = 0, version: str | None = None,
        label: tuple[str, int | None, str | None] | None = None, place: str | None = None, correction: str | None = None, **more: object,
    ) -> int:  # fmt: skip
        """File one story and return its key."""
        at = self.clock.now() - timedelta(minutes=minutes_ago)
        paragraphs = [one for one in body.split("\n\n") if one]
        take = Take(
            format="test", provider=PROVIDERS[wire], guid=guid, headline=headline, headline_raw=headline, version=version,
            version_created=at, language=str(more.pop("language", "de")), series=Series(*label) if label else None,
            dateline=Dateline((place,), PROVIDERS[wire]) if place else None,
            body_text="\n\n".join(paragraphs), body_html="\n".join(f"<p>{one}</p>" for one in paragraphs),
            notes=(Note("correction", correction, public=True),) if correction else (), **more,  # type: ignore[arg-type]
        )  # fmt: skip
        return self.take(take, wire, at)

    def take(self, take: Take, wire: str, at: datetime) -> int:
        mentions = self.room.linker.link(take) if take.status == "usable" else ()
        sponsored = self.room.rights(wire).sponsored
        with self.room.database.transaction() as tx:
            receipt = Receipt(wire, max(at, take.version_created or at), sponsored=sponsored)
            filing = self.room.desk.file(take, mentions, receipt, tx, self.clock.now())
        assert filing.story is not None, filing
        return filing.story

    def kill(
        self, guid: str, *, wire: str = FULL, reason: str | None = None, status: str = "canceled"
    ) -> int:
        notes = (Note("kill", reason, public=True),) if reason else ()
        take = Take(
            "test",
            PROVIDERS[wire],
            guid,
            "",
            "",
            status=status,
            version_created=self.clock.now(),
            notes=notes,
        )
        return self.take(take, wire, self.clock.now())

    def path(self, story: int) -> str:
        with self.room.database.reading() as tx:
            standing = tx.newsstand.standing(story)
        assert standing is not None
        return paths.story(story, standing.slug)

    def picture(self, story: int, *, width: int = 1200, height: int = 800) -> str:
        """Give the waiting picture of *story* its bytes."""
        made = {}
        for size in (480, 800, width):
            image = drawing(size, size * height // width)
            out = io.BytesIO()
            image.save(out, "WEBP", quality=70)
            made[size] = out.getvalue()
        sha256 = hashlib.sha256(made[width]).hexdigest()
        with self.room.database.transaction() as tx:
            version = tx.newsstand.version(story)
            assert version is not None
            tx.pictures.keep(sha256, "image/webp", width, height, made)
            tx.pictures.settle(version.key, 0, sha256=sha256)
            tx.journal.append(
                "pictured",
                story=story,
                lineage=version.lineage,
                version=version.key,
                action=version.action,
                at=self.clock.now(),
            )
        return sha256

    def view(self, story: int, n: int) -> None:
        hour = int(self.clock.now().timestamp() // 3600)
        with self.room.database.transaction() as tx:
            tx.views.add({(story, hour): n})


def drawing(width: int, height: int) -> Image.Image:
    """Draw a harbour: sky, sea, a crane and a hull."""
    image = Image.new("RGB", (width, height), "#cfdde6")
    draw = ImageDraw.Draw(image)
    for y in range(height):
        shade = 200 - y * 70 // height
        draw.line([(0, y), (width, y)], fill=(shade - 20, shade, shade + 22))
    draw.rectangle([0, height * 0.72, width, height], fill="#31566b")
    draw.polygon(
        [
            (width * 0.18, height * 0.6),
            (width * 0.82, height * 0.6),
            (width * 0.74, height * 0.76),
            (width * 0.26, height * 0.76),
        ],
        fill="#8c2f26",
    )
    draw.rectangle([width * 0.56, height * 0.44, width * 0.7, height * 0.6], fill="#f2efe6")
    draw.line(
        [(width * 0.32, height * 0.6), (width * 0.32, height * 0.16), (width * 0.6, height * 0.28)],
        fill="#20313b",
        width=max(width // 90, 2),
    )
    return image


_LONG = (
    "Der Schiffbauer Falkenwerft hat nach eigenen Angaben den größten Auftrag seiner Geschichte gewonnen. Eine Gruppe von Reedereien habe "
    "am Montag vier Fähren mit Brennstoffzellen bestellt, teilte das Unternehmen in Musterhaven mit. Über den Preis sei Stillschweigen "
    "vereinbart worden; in der Branche war zuvor von rund 620 Millionen Euro die Rede gewesen.\n\n"
    "Die erste Fähre soll im Herbst 2029 auf der Linie zwischen Musterhaven und den Inseln fahren. „Das ist ein Auftrag, der unsere "
    "Docks für fünf Jahre füllt“, sagte Vorstandschefin Ida Brook. Das Unternehmen will dafür 340 Stellen schaffen und das alte "
    "Trockendock verlängern.\n\n"
    "An der Börse kam die Nachricht gut an. Die Aktie gewann bis zum Mittag gut neun Prozent auf 41,20 Euro und war damit der größte "
    "Gewinner im Nebenwerteindex. Analystin Mara Feld vom Bankhaus Lindwurm sprach von einem „Befreiungsschlag“, wies aber auf das "
    "Risiko der neuen Antriebe hin: Noch habe niemand ein Schiff dieser Größe mit Brennstoffzellen gebaut.\n\n"
    "Mit der Küstenbahn SE ist auch ein Bahnbetreiber beteiligt. Er will Fahrpläne und Fahrkarten der Fähren mit den eigenen Zügen "
    "verbinden und übernimmt dafür ein Zehntel der Betreibergesellschaft."
)


def furnish(paper: Paper) -> dict[str, int]:
    """File the stories that the pages are looked at with; returns their keys by a short name."""
    clock = paper.clock
    end, keys = NOON, {}
    clock.time = end - timedelta(hours=26)
    keys["old"] = paper.file(
        "old",
        "Küstenbahn nimmt zweites Gleis nach Nordersand in Betrieb",
        "Die Küstenbahn hat ein Gleis eröffnet.\n\nEs ist 31 Kilometer lang.",
        place="NORDERSAND",
    )
    clock.time = end - timedelta(hours=5)
    keys["first"] = paper.file(
        "r1",
        "Falkenwerft verhandelt über Großauftrag",
        "Falkenwerft spricht mit Reedereien.\n\nEin Ergebnis wird am Mittag erwartet.",
        label=("ROUNDUP", None, "Fähren"),
        place="MUSTERHAVEN",
    )
    clock.time = end - timedelta(hours=4)
    keys["index"] = paper.file(
        "idx",
        "Anleger warten auf Zahlen aus der Industrie",
        "Der Nebenwerteindex bewegt sich kaum.",
        label=("AKTIEN", None, "Musterhaven Eröffnung"),
        place="MUSTERHAVEN",
    )
    keys["teaser"] = paper.file(
        "tea",
        "Küstenbahn prüft Börsengang der Güterzüge",
        f"Die Küstenbahn erwägt nach Angaben aus Kreisen, ihre Güterzüge im kommenden Jahr an die Börse zu bringen und damit neue Lokomotiven zu bezahlen. {SECRET}",
        wire=TEASER,
        canonical_url="https://hansekontor.example/artikel/17",
        copyright="© Hansekontor",
    )
    clock.time = end - timedelta(hours=3)
    keys["headline"] = paper.file(
        "hea",
        "Harbour index closes at a record high",
        f"{SECRET} The Falkenwerft yard led the market.",
        wire=HEADLINE,
        language="en",
        canonical_url="https://tickerline.example/4711",
        teaser=SECRET,
    )
    keys["english"] = paper.file(
        "eng",
        "Falkenwerft wins ferry order, shares jump",
        "Falkenwerft said on Monday that a group of owners had ordered four ferries.\n\nThe first of them is to sail in 2029.",
        language="en",
        place="MUSTERHAVEN",
    )
    clock.time = end - timedelta(hours=2)
    keys["advert"] = paper.file(
        "adv",
        "Sparbrief Küste: fünf Jahre fest",
        "Der Sparbrief der Küstenbank läuft fünf Jahre.",
        wire=ADVERT,
    )
    keys["corrected"] = paper.file(
        "cor",
        "Küstenbahn befördert 12 Millionen Fahrgäste",
        "Die Küstenbahn hat im vergangenen Jahr 12 Millionen Fahrgäste befördert.\n\nDas waren vier Prozent mehr als im Jahr zuvor.",
        version="1",
        place="NORDERSAND",
    )
    clock.time = end - timedelta(minutes=80)
    paper.file(
        "cor",
        "Küstenbahn befördert 21 Millionen Fahrgäste",
        "Die Küstenbahn hat im vergangenen Jahr 21 Millionen Fahrgäste befördert.\n\nDas waren vier Prozent mehr als im Jahr zuvor, wie der Betreiber mitteilte.",
        version="2",
        place="NORDERSAND",
        correction="Die Zahl der Fahrgäste im ersten Satz war verdreht: Es sind 21 Millionen, nicht 12 Millionen.",
    )
    keys["killed"] = paper.file(
        "kil", "Falkenwerft angeblich vor Übernahme", "Ein Gerücht über die Falkenwerft."
    )
    clock.time = end - timedelta(minutes=45)
    paper.kill("kil", reason="Die Meldung beruhte auf einer gefälschten Mitteilung.")
    keys["adhoc"] = paper.file(
        "adh",
        "Küstenbahn SE hebt Prognose für das laufende Jahr an",
        "Die Küstenbahn SE rechnet nun mit einem Ergebnis von 90 Millionen Euro.\n\n<b>Tabelle</b> folgt.",
        label=("EQS-Adhoc", None, None),
        urgency=2,
    )
    clock.time = end - timedelta(minutes=12)
    keys["main"] = paper.file(
        "r2",
        "Falkenwerft gewinnt größten Auftrag ihrer Geschichte",
        _LONG,
        label=("ROUNDUP", 2, "Fähren"),
        place="MUSTERHAVEN",
        byline="Jonna Kolk",
        copyright="© Nordlicht Nachrichten 2026",
        pictures=(
            PictureRef(
                "dock.jpg", "Ein Schiff im Dock der Falkenwerft in Musterhaven.", "Zeichnung: Nordlicht"
            ),
        ),
    )
    paper.picture(keys["main"])
    clock.time = end - timedelta(minutes=4)
    keys["newest"] = paper.file(
        "new",
        "Musterhaven genehmigt Verlängerung des Trockendocks",
        "Die Stadt Musterhaven hat die Verlängerung des Trockendocks genehmigt.",
        place="MUSTERHAVEN",
    )
    clock.time = end
    for name, n in (
        ("main", 1284),
        ("adhoc", 611),
        ("english", 402),
        ("index", 96),
        ("teaser", 171),
        ("old", 58),
        ("corrected", 33),
    ):
        paper.view(keys[name], n)
    return keys


def address(paper: Paper, headline: str) -> str:
    """Return the slug that a German headline gets."""
    return slugify(headline, language="de")
