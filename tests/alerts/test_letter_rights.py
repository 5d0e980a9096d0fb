"""The lines a licence asks for stand under a story in a letter, too."""

from __future__ import annotations

from pathlib import Path

from newsdesk import Newsroom, mails, part

from depesche.model.wire import Rights


def test_notice_and_copyright_stand_in_the_letter(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.rights["nordlicht"] = Rights(notice="Ohne Gewähr.", copyright="Alle Rechte vorbehalten.")
    newsroom.follow("anna@example.org")
    newsroom.file(copyright="© Nordlicht")
    newsroom.follow_journal()
    courier = newsroom.courier(tmp_path)
    courier.run_once()
    courier.close()
    (mail,) = mails(tmp_path)
    for subtype in ("plain", "html"):
        said = " ".join(part(mail, subtype).split())
        assert "© Nordlicht Alle Rechte vorbehalten." in said
        assert "Ohne Gewähr." in said
