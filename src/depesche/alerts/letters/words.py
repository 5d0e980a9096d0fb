"""What letters and refusals say, in German and English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.lists import format_list

from depesche.model.subscription import Target

_DE = {
    "bad_address": "Diese Adresse kann keine Briefe empfangen. Bitte prüfen Sie die Schreibweise; es wurde nichts gespeichert.",
    "too_many": "Aus Ihrem Netz kamen in der letzten Stunde sehr viele Anfragen. Bitte versuchen Sie es in einer Stunde noch einmal.",
    "no_share": "Diese Aktie führen wir nicht. Bitte suchen Sie sie über die Suche und abonnieren Sie sie auf ihrer Seite.",
    "no_target": "Das gibt es bei uns nicht, oder nicht mehr. Bitte suchen Sie es noch einmal.",
    "bad_link": "Dieser Link ist unvollständig oder verändert. Bitte öffnen Sie ihn noch einmal aus dem Brief, ganz und ohne Umbruch.",
    "gone_link": "Zu diesem Link gibt es kein Abo mehr. Wenn Sie der Aktie folgen möchten, abonnieren Sie sie bitte noch einmal auf ihrer Seite.",
    "late_link": "Die Frist für diese Bestätigung ist abgelaufen. Bitte abonnieren Sie die Aktie noch einmal auf ihrer Seite; Sie bekommen dann einen neuen Link.",
    "foreign_link": "Dieses Abo gehört nicht zu dem Link, den Sie geöffnet haben. Es wurde nichts geändert.",
    "busy_all": "Gerade wollen sehr viele Leserinnen und Leser etwas abonnieren. Bitte versuchen Sie es in einer Stunde noch einmal; es wurde nichts gespeichert.",
    "busy_target": "Das wollen gerade sehr viele abonnieren. Bitte versuchen Sie es in einer Stunde noch einmal; es wurde nichts gespeichert.",
    "no_hour": "Bitte wählen Sie mindestens eine Stunde für die Sammelbriefe. Es wurde nichts geändert.",
    "bad_quiet": "Bitte geben Sie für die Ruhezeit Anfang und Ende an, und zwei verschiedene. Es wurde nichts geändert.",
    "bad_zone": "Diese Zeitzone kennen wir nicht. Bitte schreiben Sie sie wie „Europe/Berlin“. Es wurde nichts geändert.",
    "bad_pause": "Eine Pause endet frühestens morgen und spätestens in einem Jahr. Es wurde nichts geändert.",
    "log_hours": "Sammelbriefe um {hours} Uhr; {quiet}; Zeitzone {zone}",
    "log_quiet": "keine Briefe von {start} bis {end} Uhr",
    "log_no_quiet": "keine Ruhezeit",
    "log_pause": "Pause bis {when}",
    "log_resume": "Pause beendet",
    "log_language": "Briefe auf Deutsch",
    "log_instant": "Briefe sofort",
    "log_digest": "gesammelte Briefe",
    "log_updates": "auch zu jeder Aktualisierung",
    "follow_subject": "Bitte bestätigen: Nachrichten {about}",
    "follow_title": "Möchten Sie Nachrichten {about} bekommen?",
    "follow_reason": "Sie bekommen diesen Brief, weil jemand mit dieser Adresse Nachrichten {about} abonnieren möchte.",
    "follow_when": "Angefordert am {when}",
    "follow_from": "von der Internet-Adresse {ip}",
    "follow_consent": "Zugestimmt wurde diesem Text:",
    "follow_button": "Abo bestätigen",
    "follow_how": "Erst wenn Sie bestätigen, schicken wir Ihnen Nachrichten. Der Link gilt bis {until}.",
    "follow_ignore": "Das waren nicht Sie? Dann tun Sie nichts: Ohne Bestätigung bekommen Sie keine Nachrichten, und die Anfrage verfällt.",
    "manage_subject": "Sie folgen {followed} schon",
    "manage_title": "Sie folgen {followed} schon",
    "manage_reason": "Sie bekommen diesen Brief, weil jemand mit dieser Adresse Nachrichten {about} abonnieren wollte.",
    "manage_how": "Dieses Abo besteht bereits; Sie müssen nichts tun. Auf Ihrer Seite sehen Sie alle Abos dieser Adresse und können jedes beenden.",
    "manage_button": "Abos ansehen",
    "alert_reason": "Sie folgen {shares}.",
    "about_instrument": "zu {name}",
    "about_provider": "von {name}",
    "about_search": "zur Suche „{name}“",
    "about_lineage": "zur laufenden Meldung „{name}“",
    "about_topic": "zum Thema {name}",
    "instrument": "der Aktie {name}",
    "provider": "der Quelle {name}",
    "search": "Ihrer Suche „{name}“",
    "lineage": "der laufenden Meldung „{name}“",
    "topic": "dem Thema {name}",
    "update_reason": "Sie folgen {shares} und möchten auch spätere Teile und Fassungen bekommen.",
    "correction_subject": "Korrektur: {headline}",
    "correction_reason": "Wir haben Ihnen diese Meldung geschickt, weil Sie {shares} folgen. Sie wurde berichtigt.",
    "correction_label": "Korrektur",
    "correction_plain": "Diese Meldung wurde berichtigt. Es gilt die Fassung, auf die der Link führt.",
    "kill_subject": "Zurückgezogen: eine Meldung von {provider}",
    "kill_title": "Eine Meldung wurde zurückgezogen",
    "kill_reason": "Wir haben Ihnen eine Meldung geschickt, weil Sie {shares} folgen. Sie gilt nicht mehr.",
    "kill_body": "{provider} hat die Meldung vom {when} zurückgezogen. Bitte verwenden Sie sie nicht weiter.",
    "retraction_subject": "Berichtigung: eine Meldung von {provider} betraf Sie nicht",
    "retraction_title": "Eine Meldung war falsch zugeordnet",
    "retraction_body": "Die Meldung von {provider} vom {when} haben wir falsch zugeordnet. Sie gilt weiter, handelt aber nicht davon.",
    "retraction_reason": "Wir haben Ihnen eine Meldung geschickt, weil Sie {shares} folgen. Sie handelt nicht davon.",
    "digest_one": "Eine Meldung für Sie",
    "digest_intro": "{n} Meldungen für Sie",
    "digest_more": "{headline} (und {n} weitere)",
    "digest_left": "Und {n} weitere Meldungen auf unseren Seiten.",
    "kill_link": "Hinweis auf der Seite ansehen",
    "in_reply": "Unser Brief dazu ging am {when} an Sie.",
    "advert": "Anzeige",
    "read_on": "Weiterlesen",
    "read_story": "Meldung lesen",
    "read_there": "Ganzer Artikel bei {provider}",
    "by": "von {provider}",
    "shares": "Aktien in dieser Meldung",
    "leave_short": "Abbestellen",
    "manage": "Alle Abos dieser Adresse",
    "push_manage": "Einstellungen",
    "bad_push": "Ihr Browser hat keine gültige Adresse für Benachrichtigungen geschickt. Es wurde nichts gespeichert.",
    "strange_push": "Den Push-Dienst Ihres Browsers kennt dieses Portal nicht. Es wurde nichts gespeichert.",
    "log_moved": "neue Adresse des Browsers",
    "push_left": "Abbestellt. Hierzu kommen keine Benachrichtigungen mehr.",
    "hook_subject": "Ihr Webhook wurde angehalten",
    "hook_title": "Ihr Webhook wurde angehalten",
    "hook_reason": "Sie bekommen diesen Brief, weil Sie auf Ihrer Seite diesen Webhook eingetragen haben.",
    "hook_how": "Seit dem {since} hat das Programm dort nichts mehr angenommen. Wir schicken ihm nichts mehr, bis Sie es auf Ihrer Seite wieder prüfen lassen; was bis dahin erscheint, wird nicht nachgeholt. Ihre Briefe kommen weiter.",
    "hook_button": "Webhooks ansehen",
    "bad_hook": "Diese Adresse geht nicht. Ein Webhook braucht eine https-Adresse mit einem Namen, ohne Benutzer und ohne besonderen Port. Es wurde nichts geändert.",
    "hook_mute": "Das Programm hat die Prüfung nicht innerhalb von {n} Sekunden richtig wiederholt. Warum nicht, sagen wir nicht, damit niemand fremde Netze ausforscht. Es wurde nichts geändert.",
    "hook_nothing": "Ein Webhook bekommt, was Sie selbst bestätigt haben. Bitte abonnieren Sie zuerst etwas. Es wurde nichts geändert.",
    "hook_enough": "Mehr als {n} Webhooks gibt es nicht je Leserin und Leser. Bitte entfernen Sie zuerst einen.",
    "hook_too_many": "In der letzten Stunde wurden schon sehr viele Webhooks geprüft. Bitte versuchen Sie es in einer Stunde noch einmal; es wurde nichts geändert.",
    "hook_busy": "Gerade werden mehrere Webhooks geprüft. Bitte versuchen Sie es in einer Minute noch einmal; es wurde nichts geändert.",
    "log_hook_added": "Webhook eingetragen: {url}",
    "log_hook_removed": "Webhook entfernt: {url}",
    "log_hook_resumed": "Webhook fortgesetzt: {url}",
    "log_hook_mute": "Webhook nicht eingetragen, die Prüfung wurde nicht wiederholt: {url}",
    "imprint": "Impressum",
    "privacy": "Datenschutz",
}
_EN = {
    "bad_address": "This address cannot receive mail. Please check its spelling; nothing was stored.",
    "too_many": "Very many requests came from your network within the last hour. Please try again in an hour.",
    "no_share": "We do not carry this share. Please look for it with the search and follow it on its page.",
    "no_target": "We do not have that, or not any more. Please look for it again.",
    "bad_link": "This link is incomplete or was changed. Please open it from the letter again, whole and on one line.",
    "gone_link": "There is no subscription behind this link any more. To follow the share, please ask again on its page.",
    "late_link": "The time to confirm has passed. Please follow the share again on its page; you will get a new link.",
    "foreign_link": "This subscription does not belong to the link you opened. Nothing was changed.",
    "busy_all": "Very many readers are asking to follow something just now. Please try again in an hour; nothing was stored.",
    "busy_target": "Very many are asking to follow this just now. Please try again in an hour; nothing was stored.",
    "no_hour": "Please choose at least one hour for collected letters. Nothing was changed.",
    "bad_quiet": "Please say when the quiet hours begin and when they end, and two different times. Nothing was changed.",
    "bad_zone": "We do not know this time zone. Please write it like “Europe/Berlin”. Nothing was changed.",
    "bad_pause": "A pause ends tomorrow at the earliest and in a year at the latest. Nothing was changed.",
    "log_hours": "collected letters at {hours}; {quiet}; time zone {zone}",
    "log_quiet": "no letters from {start} to {end}",
    "log_no_quiet": "no quiet hours",
    "log_pause": "paused until {when}",
    "log_resume": "pause ended",
    "log_language": "letters in English",
    "log_instant": "letters at once",
    "log_digest": "collected letters",
    "log_updates": "also on each update",
    "follow_subject": "Please confirm: news {about}",
    "follow_title": "Would you like to get news {about}?",
    "follow_reason": "You get this letter because somebody asked for news {about} with this address.",
    "follow_when": "Asked on {when}",
    "follow_from": "from the internet address {ip}",
    "follow_consent": "This text was agreed to:",
    "follow_button": "Confirm",
    "follow_how": "We send you news only once you confirm. The link is good until {until}.",
    "follow_ignore": "Was it not you? Then do nothing: without your confirmation you get no news, and the request lapses.",
    "manage_subject": "You follow {followed} already",
    "manage_title": "You follow {followed} already",
    "manage_reason": "You get this letter because somebody asked for news {about} with this address.",
    "manage_how": "You follow it already; there is nothing to do. Your page lists everything this address follows and lets you end any of it.",
    "manage_button": "See what you follow",
    "alert_reason": "You follow {shares}.",
    "about_instrument": "on {name}",
    "about_provider": "by {name}",
    "about_search": "for the search “{name}”",
    "about_lineage": "on the story “{name}”",
    "about_topic": "on the topic {name}",
    "instrument": "{name}",
    "provider": "the source {name}",
    "search": "your search “{name}”",
    "lineage": "the story “{name}”",
    "topic": "the topic {name}",
    "update_reason": "You follow {shares} and want later parts and versions too.",
    "correction_subject": "Correction: {headline}",
    "correction_reason": "We sent you this story because you follow {shares}. It has been corrected.",
    "correction_label": "Correction",
    "correction_plain": "This story has been corrected. The version behind the link is the one that counts.",
    "kill_subject": "Withdrawn: a story by {provider}",
    "kill_title": "A story was withdrawn",
    "kill_reason": "We sent you a story because you follow {shares}. It no longer stands.",
    "kill_body": "{provider} has withdrawn the story of {when}. Please do not use it any further.",
    "retraction_subject": "Correction: a story by {provider} was not for you",
    "retraction_title": "A story was wrongly matched",
    "retraction_body": "We matched the story by {provider} of {when} wrongly. It still stands, but it is about something else.",
    "retraction_reason": "We sent you a story because you follow {shares}. It is not about that.",
    "digest_one": "One story for you",
    "digest_intro": "{n} stories for you",
    "digest_more": "{headline} (and {n} more)",
    "digest_left": "And {n} more stories on our pages.",
    "kill_link": "See the notice on the page",
    "in_reply": "Our letter on it went to you on {when}.",
    "advert": "Advertisement",
    "read_on": "Read on",
    "read_story": "Read the story",
    "read_there": "Whole article at {provider}",
    "by": "by {provider}",
    "shares": "Shares in this story",
    "leave_short": "Unsubscribe",
    "manage": "Everything this address follows",
    "push_manage": "Settings",
    "bad_push": "Your browser sent no valid address for notifications. Nothing was stored.",
    "strange_push": "This portal does not know the push service of your browser. Nothing was stored.",
    "log_moved": "new address of the browser",
    "push_left": "Stopped. There will be no more notifications on this.",
    "hook_subject": "Your webhook was stopped",
    "hook_title": "Your webhook was stopped",
    "hook_reason": "You get this letter because you entered this webhook on your page.",
    "hook_how": "Since {since} the program there has taken nothing. We post nothing more to it until you have it tried again on your page; what comes until then is not made up for. Your letters go on.",
    "hook_button": "See your webhooks",
    "bad_hook": "This address cannot be used. A webhook needs an https address with a name, without a user and without a port of its own. Nothing was changed.",
    "hook_mute": "The program did not repeat the challenge rightly within {n} seconds. We do not say why not, so that nobody can explore others’ networks. Nothing was changed.",
    "hook_nothing": "A webhook gets what you have confirmed yourself. Please follow something first. Nothing was changed.",
    "hook_enough": "One reader may have no more than {n} webhooks. Please remove one first.",
    "hook_too_many": "Very many webhooks were tried within the last hour. Please try again in an hour; nothing was changed.",
    "hook_busy": "Several webhooks are being tried just now. Please try again in a minute; nothing was changed.",
    "log_hook_added": "webhook added: {url}",
    "log_hook_removed": "webhook removed: {url}",
    "log_hook_resumed": "webhook resumed: {url}",
    "log_hook_mute": "webhook not added, the challenge was not repeated: {url}",
    "imprint": "Imprint",
    "privacy": "Privacy",
}
_ALL = {"de": _DE, "en": _EN}
LANGUAGES = tuple(_ALL)


def words(language: str) -> dict[str, str]:
    """Return every phrase in *language*, English where it is neither German nor English."""
    return _ALL.get(language[:2], _EN)


def say(language: str, key: str, **values: str) -> str:
    """Return one phrase with its *values* put in."""
    return words(language)[key].format(**values)


def at(moment: datetime, language: str, zone: ZoneInfo) -> str:
    """Write *moment* in the portal's *zone* as people of *language* do, to the minute, with the zone's name."""
    # No-break spaces keep a date and a time from being torn at the end of a line.
    form = "d.\u00a0MMMM y, HH:mm\u00a0'Uhr'" if language[:2] == "de" else "d\u00a0MMMM y, HH:mm\u00a0z"
    return format_datetime(moment, form, tzinfo=zone, locale="de" if language[:2] == "de" else "en_GB")


def reasons(targets: Sequence[Target], language: str) -> str:
    """Join what is followed to a phrase that fits after "you follow"."""
    phrases = [say(language, kind, name=name) for kind, name in (one.known_as for one in targets)]
    return format_list(phrases, locale="de" if language[:2] == "de" else "en_GB")


def about(target: Target, language: str) -> str:
    """Return what news may be about, to stand after that word."""
    kind, name = target.known_as
    return say(language, f"about_{kind}", name=name)
