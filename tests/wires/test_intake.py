"""The push door opens to the right token only, and answers once the bytes are safe."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import pytest

from depesche.model.errors import NotFound, Refused
from depesche.model.wire import Wire
from depesche.store.database import Database
from depesche.wires.doors.intake import Intake, Proof, Receipt, TooLarge, WrongToken
from fakes import NOON, FakeClock

WIRES = {
    "coast": Wire("coast", "Küstenfunk", token="tide-and-time", format="ninjs"),
    "inland": Wire("inland", "Landfunk", token="hay"),
    "shut": Wire("shut", "Landfunk"),
    "blank": Wire("blank", "Landfunk", token=""),
    "polled": Wire("polled", "Landfunk", kind="poll", url="http://example.org/", token="hay"),
}


@pytest.fixture
def intake(database: Database, clock: FakeClock) -> Intake:
    return Intake(database, clock, WIRES, max_bytes=1000)


def test_what_is_acknowledged_is_in_the_spool(intake: Intake, database: Database) -> None:
    receipt = intake.receive("coast", "tide-and-time", b'{"uri": "a"}', "a.json")
    assert receipt.new
    again = Database(database.url)  # as another process would see it
    with again.reading() as tx:
        (item,) = tx.spool.waiting()
    again.close()
    assert (item.id, item.raw, item.wire, item.provider) == (
        receipt.key,
        b'{"uri": "a"}',
        "coast",
        "Küstenfunk",
    )
    assert (item.format, item.name, item.base, item.received_at) == ("ninjs", "a.json", None, NOON)


def test_the_same_bytes_get_the_same_receipt(intake: Intake) -> None:
    first = intake.receive("coast", "tide-and-time", b"bytes", "a")
    second = intake.receive("coast", "tide-and-time", b"bytes", "b")
    other = intake.receive("inland", "hay", b"bytes", "c")
    assert (second.key, second.new) == (first.key, False)
    assert other.new
    assert other.key != first.key


@pytest.mark.parametrize(
    "token",
    [None, "", "hay", "tide-and-tim", "tide-and-time ", "TIDE-AND-TIME", "x" * 10_000, "\ud800", "ü\0"],
)
def test_a_wrong_token_is_refused_without_a_hint(
    intake: Intake, database: Database, token: str | None
) -> None:
    with pytest.raises(WrongToken) as caught:
        intake.receive("coast", token, b"bytes", "a")
    assert str(caught.value) == "the token is missing or does not open this wire"
    with database.reading() as tx:
        assert tx.spool.counts() == {}


@pytest.mark.parametrize("wire", ["shut", "blank"])
@pytest.mark.parametrize("token", [None, ""])
def test_a_wire_without_a_token_opens_to_nobody(intake: Intake, wire: str, token: str | None) -> None:
    with pytest.raises(WrongToken):
        intake.receive(wire, token, b"bytes", "a")


@pytest.mark.parametrize("wire", ["nowhere", "polled", "", "coast/../inland"])
def test_only_push_wires_are_doors(intake: Intake, wire: str) -> None:
    with pytest.raises(NotFound):
        intake.receive(wire, "hay", b"bytes", "a")


def test_empty_and_large_items_are_refused_with_the_reason(intake: Intake) -> None:
    with pytest.raises(Refused, match="empty"):
        intake.receive("coast", "tide-and-time", b" \n", "a")
    with pytest.raises(TooLarge, match="1001 bytes; 1000 are allowed"):
        intake.receive("coast", "tide-and-time", b"x" * 1001, "a")
    assert intake.receive("coast", "tide-and-time", b"x" * 1000, "a").new


def test_the_token_is_asked_for_before_anything_else_is_told(intake: Intake) -> None:
    with pytest.raises(WrongToken):
        intake.receive("coast", "wrong", b"x" * 2000, "a")


def test_any_name_is_kept_readable(intake: Intake, database: Database) -> None:
    intake.receive("coast", "tide-and-time", b"one", "../\0\ud800\r\nSet-Cookie: x" + "n" * 500)
    intake.receive("coast", "tide-and-time", b"two", "")
    with database.reading() as tx:
        first, second = tx.spool.waiting()
    assert first.name.startswith("../ Set-Cookie: x")
    assert len(first.name) == 200
    assert second.name == "push"


# -- signatures ------------------------------------------------------------------------------------

SIGNED = {
    "coast": Wire("coast", "Küstenfunk", secret="salt"),
    "either": Wire("either", "Küstenfunk", secret="salt", token="tide"),
}


def signature(body: bytes, stamp: str, key: str = "salt") -> str:
    return "sha256=" + hmac.new(key.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


@pytest.fixture
def signed(database: Database, clock: FakeClock) -> Intake:
    return Intake(database, clock, SIGNED, max_bytes=1000)


def stamp_of(clock: FakeClock, **by: float) -> str:
    return str(int((clock.now() + timedelta(**by)).timestamp()))


def test_a_signature_opens_the_door(signed: Intake, clock: FakeClock) -> None:
    stamp = stamp_of(clock)
    proof = Proof(signature(b"bytes", stamp), stamp)
    receipt = signed.receive("coast", None, b"bytes", "a", proof)
    assert receipt.new
    assert signed.receive("coast", None, b"bytes", "a", proof) == Receipt(receipt.key, False), (
        "a replay does nothing"
    )
    loud = Proof(signature(b"bytes", stamp).upper().replace("SHA256", "sha256"), stamp)
    assert not signed.receive("coast", None, b"bytes", "a", loud).new


def test_a_wire_may_take_either(signed: Intake, clock: FakeClock) -> None:
    stamp = stamp_of(clock)
    assert signed.receive("either", "tide", b"one", "a").new
    assert signed.receive("either", None, b"two", "a", Proof(signature(b"two", stamp), stamp)).new
    with pytest.raises(WrongToken):
        signed.receive("either", "ebb", b"three", "a")


@pytest.mark.parametrize("seconds", [-301, 301, -86_400, 10**6])
def test_an_old_signature_opens_nothing(signed: Intake, clock: FakeClock, seconds: float) -> None:
    stamp = stamp_of(clock, seconds=seconds)
    with pytest.raises(WrongToken, match="time is missing or more than 300 s"):
        signed.receive("coast", None, b"bytes", "a", Proof(signature(b"bytes", stamp), stamp))
    near = stamp_of(clock, seconds=299)
    assert signed.receive("coast", None, b"bytes", "a", Proof(signature(b"bytes", near), near)).new


@pytest.mark.parametrize("stamp", ["", "now", "1e9", "-5", "1" * 40, "١٢٣", "12 34", "\n1772452800"])
def test_a_time_that_is_none_opens_nothing(signed: Intake, stamp: str) -> None:
    with pytest.raises(WrongToken):
        signed.receive("coast", None, b"bytes", "a", Proof(signature(b"bytes", stamp), stamp))


@pytest.mark.parametrize("change", ["body", "stamp", "key", "method", "empty", "cut", "foreign"])
def test_anything_else_than_what_was_signed_opens_nothing(
    signed: Intake, database: Database, clock: FakeClock, change: str
) -> None:
    stamp = stamp_of(clock)
    body = b"other" if change == "body" else b"bytes"
    said = signature(b"bytes", stamp, "pepper" if change == "key" else "salt")
    said = {"method": said.replace("sha256", "sha1"), "empty": "", "cut": said[:-1], "foreign": "ü" * 71}.get(
        change, said
    )
    told = stamp_of(clock, seconds=1) if change == "stamp" else stamp
    with pytest.raises(WrongToken):
        signed.receive("coast", None, body, "a", Proof(said, told))
    with database.reading() as tx:
        assert tx.spool.counts() == {}


def test_a_signature_opens_no_wire_without_a_secret(intake: Intake, clock: FakeClock) -> None:
    stamp = stamp_of(clock)
    with pytest.raises(WrongToken):
        intake.receive("coast", None, b"bytes", "a", Proof(signature(b"bytes", stamp, ""), stamp))
