"""Sign letters (DKIM, RFC 6376; Ed25519 by RFC 8463) quickly enough to sign each one by itself."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# What mailbox providers look at, and what RFC 8058 asks to be signed for one-click unsubscribing.
SIGNED = (
    "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References", "List-Id", "List-Unsubscribe",
    "List-Unsubscribe-Post", "Auto-Submitted", "Feedback-ID", "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
)  # fmt: skip
# A second one of these, added on the way, must break the signature.
_SEALED = ("From", "To", "Subject", "Date", "Message-ID")
_LEAST_BITS = 1024
_DOMAIN = re.compile(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_SELECTOR = re.compile(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r\n]*(?:\r\n(?=[ \t]))?)*)\r\n")
_SPACE = re.compile(rb"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class _Field:
    name: bytes
    line: bytes


class Signer:
    """Signs letters for *domain* with the key at *selector*._domainkey; may be used by several threads.

    Heads are signed relaxed, bodies simple: the letters are 7-bit lines of 76 columns that no server has cause to
    rewrap, and relaxing a body costs more than its hash.

    Raises:
        ValueError: the key, the domain or the selector cannot be one.
    """

    def __init__(self, domain: str, selector: str, key: bytes) -> None:
        if not _DOMAIN.fullmatch(domain) or not _SELECTOR.fullmatch(selector):
            raise ValueError(f"{selector}._domainkey.{domain} is no name of the DNS")
        self.domain, self.selector = domain.lower(), selector
        self._private = _private_key(key)
        self.algorithm = "ed25519-sha256" if isinstance(self._private, Ed25519PrivateKey) else "rsa-sha256"
        self._wanted = {name.lower().encode(): name for name in SIGNED}

    def sign(self, letter: bytes, at: datetime) -> bytes:
        """Return *letter* with its signature on top; lines must end with CRLF, *at* is the time of signing.

        Raises:
            ValueError: the letter has no From, or its head is none.
        """
        end = letter.find(b"\r\n\r\n")
        if end < 0:
            raise ValueError("a letter without an end of its head cannot be signed")
        fields = [_Field(found[1].lower(), found[0]) for found in _FIELD.finditer(letter, 0, end + 2)]
        if not any(one.name == b"from" for one in fields):
            raise ValueError("a letter without From cannot be signed")
        body = letter[end + 4 :].rstrip(b"\r\n") + b"\r\n"
        chosen = [one for one in reversed(fields) if one.name in self._wanted]
        names = [self._wanted[one.name] for one in chosen] + list(_SEALED)
        lines = [b"DKIM-Signature: v=1; a=%b; c=relaxed/simple; d=%b; s=%b;" % tuple(
            one.encode() for one in (self.algorithm, self.domain, self.selector)
        ), b" t=%d; h=%b;" % (at.timestamp(), b":\r\n  ".join(_grouped(names))),
            b" bh=%b;" % base64.b64encode(hashlib.sha256(body).digest()), b" b="]  # fmt: skip
        unsigned = b"\r\n".join(lines)
        signed = b"".join([_relaxed(one.line) + b"\r\n" for one in chosen] + [_relaxed(unsigned)])
        mark = base64.b64encode(self._mark(signed))
        return b"".join(
            (unsigned, b"\r\n  ".join(mark[i : i + 72] for i in range(0, len(mark), 72)), b"\r\n", letter)
        )

    def record(self) -> str:
        """Return the TXT record that has to stand at `selector._domainkey.domain`."""
        public = self._private.public_key()
        if self.algorithm == "ed25519-sha256":
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"
        raw = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={base64.b64encode(raw).decode()}"

    def _mark(self, signed: bytes) -> bytes:
        if isinstance(self._private, Ed25519PrivateKey):
            return self._private.sign(
                hashlib.sha256(signed).digest()
            )  # RFC 8463, 3: the hash is what is signed
        return self._private.sign(signed, padding.PKCS1v15(), hashes.SHA256())


def _private_key(key: bytes) -> Ed25519PrivateKey | RSAPrivateKey:
    """Return the key in PEM, or the bare base64 of an Ed25519 seed."""
    if b"-----BEGIN" not in key:
        try:
            return Ed25519PrivateKey.from_private_bytes(base64.b64decode(key.strip(), validate=True))
        except ValueError as error:
            raise ValueError("the key is neither PEM nor the base64 of an Ed25519 key") from error
    try:
        found = serialization.load_pem_private_key(key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("the key cannot be read; it must be PEM without a password") from error
    if isinstance(found, RSAPrivateKey):
        if found.key_size < _LEAST_BITS:
            raise ValueError(f"an RSA key of {found.key_size} bits is refused everywhere; use 2048")
        return found
    if isinstance(found, Ed25519PrivateKey):
        return found
    raise ValueError("the key must be RSA or Ed25519")


def _relaxed(line: bytes) -> bytes:
    """Return a field in the relaxed form of RFC 6376, 3.4.2, without its line end."""
    name, _, value = line.partition(b":")
    return name.strip().lower() + b":" + _SPACE.sub(b" ", value).strip()


def _grouped(names: list[str], at_once: int = 6) -> list[bytes]:
    """Return *names* joined by colons, a few on a line."""
    return [":".join(names[i : i + at_once]).encode() for i in range(0, len(names), at_once)]
