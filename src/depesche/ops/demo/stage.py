"""The demo's installation: its settings, its folder, its register."""

from __future__ import annotations

import shutil
from pathlib import Path

from pydantic import SecretStr

from depesche.model.errors import SettingsError
from depesche.ops.demo.script import PICTURES
from depesche.settings import Settings, WireSettings

_MARK = ".depesche-demo"

_IMPRINT = """Dies ist eine Vorführung. Alle Meldungen, Unternehmen, Personen und Dienste auf diesen Seiten sind erfunden; \
ihre Wertpapierkennungen stehen unter dem Länderkürzel ZZ, das nie vergeben wird.

This is a demonstration. Every story, company, person and news service on these pages is invented; their securities \
are numbered under the country code ZZ, which is never assigned.

Wer Depesche betreibt, trägt hier seine Angaben nach § 5 DDG ein (Einstellung `imprint`)."""

_PRIVACY = """Diese Vorführung läuft auf Ihrem eigenen Rechner. Adressen, die Sie eingeben, bleiben im Ordner der \
Vorführung und werden beim nächsten Start gelöscht. Briefe verlassen den Rechner nicht; sie liegen unter /mailbox.

This demonstration runs on your own machine. Addresses that you type stay in its folder and are deleted when it starts \
again. Letters do not leave the machine; they are at /mailbox."""

_NWD = """Nordlicht Wirtschaftsdienst ist ein erfundener Dienst. Seine Meldungen dienen der Vorführung und sind keine \
Anlageberatung und keine Aufforderung zum Kauf oder Verkauf von Wertpapieren."""
_KPS = "Den vollständigen Text lesen Sie beim Kontor Presse Service, einem erfundenen Dienst."
_RELEASE = "Für den Inhalt der Mitteilung ist der Emittent verantwortlich. Der Emittent ist erfunden."
_HARBOUR = "Harbour Wire is an invented news service. Nothing it reports has happened; none of it is investment advice."
_MARKET = "Marktnotizen ist ein erfundener Dienst. Um den vollständigen Artikel zu lesen, folgen Sie bitte dem Verweis."
_AD = "Anzeige der Deichgrund Fondspartner, eines erfundenen Anbieters. Für den Inhalt ist der Anbieter verantwortlich."


def demo_settings(base: Settings) -> Settings:
    """Return the settings of the demo: address and port as in *base*, everything else its own, in `data_dir`/demo."""
    home = base.data_dir / "demo"
    return base.model_copy(
        update={
            "data_dir": home,
            "database_url": SecretStr(""),
            "base_url": "",
            "secret": SecretStr(""),
            "title": "Depesche",
            "operator": "Vorführung: alles erfunden, Briefe unter /mailbox",
            "languages": ("de", "en"),
            "imprint": _IMPRINT,
            "privacy": _PRIVACY,
            "privacy_version": "demo",
            "mailbox_path": "/mailbox",
            "wires": _wires(home),
            "smtp_url": SecretStr(""),
            "mail_from": "Depesche <depesche@demo.example>",
            "mail_dir": None,
        }
    )


def _wires(home: Path) -> tuple[WireSettings, ...]:
    def folder(name: str, provider: str, notice: str, **more: object) -> WireSettings:
        given = {
            "name": name,
            "provider": provider,
            "kind": "folder",
            "path": home / "inbox" / name,
            "notice": notice,
        }
        return WireSettings.model_validate(given | more)

    return (
        folder("nwd", "Nordlicht Wirtschaftsdienst", _NWD, language="de"),
        folder("harbour", "Harbour Wire", _HARBOUR, language="en"),
        folder("kps", "Kontor Presse Service", _KPS, language="de", display="teaser", teaser_length=240, syndication=False),
        folder("marktnotizen", "Marktnotizen", _MARKET, language="de", display="headline", pictures=False),
        WireSettings(
            name="pflichtblatt", provider="Pflichtblatt", language="de", notice=_RELEASE, token=SecretStr("pflichtblatt-demo")
        ),
        WireSettings(
            name="anlegerwelt", provider="Anlegerwelt Spezial", language="de", notice=_AD, sponsored=True,
            token=SecretStr("anlegerwelt-demo"),
        ),
    )  # fmt: skip


def set_up(settings: Settings) -> None:
    """Make the demo's folder anew, with the inboxes of its wires and the pictures beside their items.

    Raises:
        SettingsError: there is a folder of that name that no demo made.
    """
    home = settings.data_dir
    if home.exists() and any(home.iterdir()) and not (home / _MARK).exists():
        raise SettingsError(
            f"data_dir: {home.absolute()} is not empty and was not made by a demo; move it away"
        )
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    (home / _MARK).touch()
    for wire in settings.wires:
        if wire.path is not None:
            shutil.copytree(PICTURES, wire.path / "pictures")
