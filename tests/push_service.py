"""A push service on the loopback (RFC 8030), and browsers that can read what it keeps for them (RFC 8291, 8292)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

sys.path.insert(0, str(Path(__file__).parent / "lib"))

from servers import Answer, Asked, HttpServer

from depesche.lib.web.webpush import decode, encode


@dataclass
class Message:
    """A message that waits for its browser."""

    headers: dict[str, str]
    body: bytes

    @property
    def topic(self) -> str:
        return self.headers.get("topic", "")


@dataclass
class UserAgent:
    """A browser: its keys, its endpoint, and the messages that it has not fetched."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    secret: bytes = field(default_factory=lambda: os.urandom(16))
    waiting: list[Message] = field(default_factory=list)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": encode(self.public), "auth": encode(self.secret)}

    def open(self, body: bytes) -> bytes:
        """Decrypt a message as RFC 8291 tells the browser to, written anew from its text."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size, "one record"
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        shared = self.private.exchange(ec.ECDH(), sender)
        info = b"WebPush: info\x00" + self.public + theirs
        mixed = HKDF(hashes.SHA256(), 32, self.secret, info).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\x00").derive(mixed)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\x00").derive(mixed)
        plain = (
            AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")
        )  # the padding; content before the mark keeps its own
        assert plain.endswith(b"\x02"), "the last record"
        return plain[:-1]

    def fetch(self) -> list[dict[str, Any]]:
        """Return the notices that wait, opened; they wait no longer."""
        found, self.waiting = self.waiting, []
        return [json.loads(self.open(one.body)) for one in found]


class PushService:
    """Takes messages for its browsers as RFC 8030 says, and only from whoever proves who it is by RFC 8292.

    `answer` may misbehave: it is asked before each message is taken, and what it returns is answered instead. `wrong` lists what a
    correct application server never does.
    """

    def __init__(
        self, now: Callable[[], float], answer: Callable[[Asked], Answer | None] | None = None
    ) -> None:
        self.now = now
        self.answer = answer or (lambda _asked: None)
        self.browsers: dict[str, UserAgent] = {}
        self.wrong: list[str] = []
        self.server = HttpServer()

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def browser(self) -> UserAgent:
        """Return a new browser with a subscription."""
        path = f"/push/{len(self.browsers) + 1}"
        made = UserAgent(self.server.url + path)
        self.browsers[path] = made
        self.server.routes[path] = self._take
        return made

    def forget(self, browser: UserAgent) -> None:
        """End a browser's subscription."""
        self.server.routes[urlsplit(browser.endpoint).path] = Answer(410)

    def _take(self, asked: Asked) -> Answer:
        found = self.answer(asked)
        if found is not None:
            return found
        try:
            self._check(asked)
        except AssertionError as error:
            self.wrong.append(str(error))
            return Answer(400, str(error).encode())
        browser = self.browsers[asked.path]
        topic = asked.headers.get("topic", "")
        browser.waiting = [one for one in browser.waiting if not topic or one.topic != topic]
        if int(asked.headers["ttl"]):
            browser.waiting.append(Message(asked.headers, asked.body))
        return Answer(201, headers={"Location": f"{self.server.url}/message/{len(self.server.asked)}"})

    def _check(self, asked: Asked) -> None:
        said = asked.headers
        assert asked.method == "POST", asked.method
        assert len(asked.body) <= 4096, "more than 4096 octets"
        assert said.get("content-encoding") == "aes128gcm", "not encrypted by RFC 8188"
        assert said.get("ttl", "").isdigit(), "no TTL"
        assert int(said["ttl"]) <= 28 * 86400, "a TTL of more than four weeks"
        assert said.get("urgency") in {"very-low", "low", "normal", "high"}, "no urgency of RFC 8030"
        topic = said.get("topic", "")
        letters = topic.replace("-", "").replace("_", "")
        assert len(topic) <= 32, "a topic of more than 32 characters"
        assert not topic or (letters.isascii() and letters.isalnum()), (
            "a topic of other characters than base64url"
        )
        self._check_sender(said.get("authorization", ""))

    def _check_sender(self, authorization: str) -> None:
        scheme, _, rest = authorization.partition(" ")
        assert scheme == "vapid", "no VAPID"
        parts = dict(one.strip().split("=", 1) for one in rest.split(","))
        head, claims, signature = parts["t"].split(".")
        assert json.loads(decode(head)) == {"typ": "JWT", "alg": "ES256"}, "no ES256"
        raw = decode(signature)
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(parts["k"]))
        key.verify(encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        told = json.loads(decode(claims))
        assert told["aud"] == self.server.url, "for another push service"
        assert self.now() < told["exp"] <= self.now() + 86400, "a proof that ends too late or has ended"
        assert told["sub"].startswith(("mailto:", "https:")), "nobody to write to"
