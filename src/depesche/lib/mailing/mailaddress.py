"""Mail addresses: checked, made deliverable, and compared."""

from __future__ import annotations

import re
import unicodedata

import idna

_LONGEST = 320
_LONGEST_LOCAL = 64
_ATOM = re.compile(r"[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]+")
_QUOTED_CHAR = re.compile(r"\\([ -~])|([^\\\"\x00-\x1f\x7f])")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def normalise(address: str) -> tuple[str, str]:
    """Return *address* as it is to be mailed, and the key under which two spellings are one person.

    The first keeps the local part as given and has its domain in the ASCII form
    that mail servers speak; the second is in lower case, without needless quotes. Letter case is all
    that is levelled: servers may tell `a+b` and `a.b` from `ab`.

    Raises:
        ValueError: *address* is no address of one mailbox; the message says why.
    """
    address = address.strip(" \t\r\n")
    if len(address) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters")
    if any(unicodedata.category(char)[0] == "C" or char in "\u2028\u2029" for char in address):
        raise ValueError("a control or invisible character in the address")
    if "<" in address or ">" in address:
        raise ValueError("only the bare address, without a name or angle brackets")
    local, at, domain = address.rpartition("@")
    if not at:
        raise ValueError("an address needs an @ sign")
    meaning = _local_part(local)
    ascii_domain = _domain(domain)
    given = f"{local}@{domain if domain.isascii() else ascii_domain}"
    return given, f"{_canonical(meaning)}@{ascii_domain}"


def _local_part(local: str) -> str:
    """Return what *local* means, its quotes taken off."""
    if not local:
        raise ValueError("nothing stands before the @ sign")
    if len(local.encode()) > _LONGEST_LOCAL:
        raise ValueError(f"more than {_LONGEST_LOCAL} bytes before the @ sign")
    if len(local) > 1 and local.startswith('"') and local.endswith('"'):
        inner = local[1:-1]
        if not inner or _QUOTED_CHAR.sub("", inner):
            raise ValueError("the quotes before the @ sign are broken")
        return _QUOTED_CHAR.sub(lambda found: found[1] or found[2], inner)
    if not all(_ATOM.fullmatch(atom) and not _has_space(atom) for atom in local.split(".")):
        raise ValueError("a character or a dot that may not stand before the @ sign")
    return local


def _has_space(text: str) -> bool:
    return any(unicodedata.category(char)[0] == "Z" for char in text)


def _canonical(local: str) -> str:
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", local).lower())
    if all(_ATOM.fullmatch(atom) for atom in folded.split(".")) and not _has_space(folded):
        return folded
    return '"' + re.sub(r'(["\\])', r"\\\1", folded) + '"'


def _domain(domain: str) -> str:
    """Return *domain* in lower-case ASCII."""
    if not domain:
        raise ValueError("nothing stands after the @ sign")
    if domain.startswith("["):
        raise ValueError("a number in brackets is not accepted as a domain")
    try:
        ascii_domain = (
            domain.lower() if domain.isascii() else idna.encode(domain, uts46=True, std3_rules=True).decode()
        )
    except (idna.IDNAError, UnicodeError) as error:
        raise ValueError(f"{domain} is not a domain: {error}") from error
    labels = ascii_domain.split(".")
    if len(labels) < 2:
        raise ValueError(f"{domain} is not a full domain")
    if not all(_LABEL.fullmatch(label) for label in labels) or len(ascii_domain) > 253:
        raise ValueError(f"{domain} is not a domain")
    if labels[-1].isdigit():
        raise ValueError(f"{domain} is a number, not a domain")
    return ascii_domain
