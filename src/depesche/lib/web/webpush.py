"""Web push: content only the subscribed browser can read (RFC 8291) and proof of who sends it (RFC 8292)."""

from __future__ import annotations

import base64
import json
import os
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from depesche.lib.clock import epoch

LONGEST_BODY = 4096  # octets that every push service takes (RFC 8030, 7.2)
_POINT = 65  # octets of an uncompressed point on P-256
_SECRET = 16  # octets of a browser's authentication secret
_HEAD = 16 + 4 + 1 + _POINT  # salt, record size, length of the key, key
_TAIL = 1 + 16  # the mark that ends the padding's record, and the tag
LONGEST = LONGEST_BODY - _HEAD - _TAIL
_STEP = 256  # lengths are padded to a multiple of it, so that they tell little of the content
_LIFE = timedelta(hours=12)  # of a proof; RFC 8292 allows a day
_RENEW = timedelta(hours=6)
_KEPT = 256  # push services


@dataclass(frozen=True, slots=True)
class Keys:
    """A browser's public key and authentication secret, as its subscription gives them."""

    public: bytes
    secret: bytes

    @classmethod
    def read(cls, p256dh: str, auth: str) -> Keys:
        """Read both from base64url.

        Raises:
            ValueError: one of them cannot be what it should.
        """
        made = cls(decode(p256dh), decode(auth))
        if len(made.public) != _POINT or len(made.secret) != _SECRET:
            raise ValueError("a key of the subscription has another length")
        _point(made.public)
        return made


def encrypt(
    plain: bytes, keys: Keys, *, private: ec.EllipticCurvePrivateKey | None = None, salt: bytes | None = None,
    step: int = _STEP,
) -> bytes:  # fmt: skip
    """Return the body of a push message (`aes128gcm`, one record) that holds *plain*, padded to a multiple of *step*.

    *private* and *salt* are made anew for each message; tests may give them.

    Raises:
        ValueError: *plain* has more than `LONGEST` octets, or the keys are none.
    """
    if len(plain) > LONGEST:
        raise ValueError(f"a push message takes {LONGEST} octets, not {len(plain)}")
    private = private or ec.generate_private_key(ec.SECP256R1())
    salt = salt or os.urandom(16)
    ours = private.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    shared = private.exchange(ec.ECDH(), _point(keys.public))
    key, nonce = content_keys(shared, keys, ours, salt)
    padded = min(-(-len(plain) // step) * step, LONGEST) - len(plain)
    sealed = AESGCM(key).encrypt(nonce, plain + b"\x02" + bytes(padded), None)
    return salt + LONGEST_BODY.to_bytes(4, "big") + bytes([_POINT]) + ours + sealed


def content_keys(shared: bytes, keys: Keys, sender: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """Return the content key and nonce (RFC 8291, 3.4) that both sides come to."""
    mixed = _derive(shared, keys.secret, b"WebPush: info\0" + keys.public + sender, 32)
    key = _derive(mixed, salt, b"Content-Encoding: aes128gcm\0", 16)
    return key, _derive(mixed, salt, b"Content-Encoding: nonce\0", 12)


class Vapid:
    """Signs for a push service that it is us who send; for use by several threads.

    *pem* is a private key on P-256; *subject* is whom a push service writes to, mailto: or https:.

    Raises:
        ValueError: the key cannot be one.
    """

    def __init__(self, pem: bytes, subject: str) -> None:
        private = serialization.load_pem_private_key(pem, None)
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
            raise ValueError("web push needs a key on the curve P-256")
        self._private = private
        self._subject = subject
        self.public = encode(
            private.public_key().public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
            )
        )
        self._turn = threading.Lock()
        self._made: dict[str, tuple[datetime, str]] = {}

    @staticmethod
    def make() -> bytes:
        """Return a new private key in PEM."""
        return ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def header(self, endpoint: str, now: datetime) -> str:
        """Return the Authorization header for *endpoint*; one proof serves a push service for hours."""
        parts = urlsplit(endpoint)
        origin = f"{parts.scheme}://{parts.netloc}"
        with self._turn:
            made_at, said = self._made.get(origin, (None, ""))
            if made_at is None or not timedelta() <= now - made_at < _RENEW:
                said = f"vapid t={self._token(origin, now)}, k={self.public}"
                if len(self._made) >= _KEPT:
                    self._made.clear()
                self._made[origin] = now, said
        return said

    def _token(self, origin: str, now: datetime) -> str:
        claims = {"aud": origin, "exp": int(epoch(now + _LIFE)), "sub": self._subject}
        said = ".".join(encode(json.dumps(one).encode()) for one in ({"typ": "JWT", "alg": "ES256"}, claims))
        r, s = decode_dss_signature(self._private.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{said}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def encode(raw: bytes) -> str:
    """Write *raw* in base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Read base64url, with or without padding.

    Raises:
        ValueError: *text* is something else.
    """
    bare = text.rstrip("=")
    if not bare.isascii():
        raise ValueError("not base64url")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)


def _point(raw: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except (ValueError, InvalidKey) as error:
        raise ValueError("the key of the subscription is no point on P-256") from error


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
