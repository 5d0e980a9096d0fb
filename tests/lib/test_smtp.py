"""The mail client against a real server that behaves, and one that does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lib.servers import (
    DROP,
    EXTENSIONS,
    HANG,
    KEEP_AND_DROP,
    SmtpSink,
    client_tls,
    server_tls,
)

from depesche.lib.mailing import mail, smtp

LETTER = b"Subject: x\r\n\r\nGuten Tag.\r\n"
PLAIN = tuple(name for name in EXTENSIONS if name != "PIPELINING")


def message(number: int, data: bytes = LETTER) -> smtp.Message:
    return smtp.Message("brief@verlag.example", f"leser{number}@leser.example", data)


def connect(sink: SmtpSink, url: str | None = None, **options) -> smtp.Connection:
    return smtp.Connection(smtp.parse_url(url or sink.url), timeout=5, final_timeout=5, **options)


def deliver(sink: SmtpSink, messages, **options) -> list[smtp.Outcome]:
    with connect(sink) as connection:
        return list(connection.send(messages, **options))


def answer_to(verb: str, number: int, text: str):
    """Make the sink answer the *number*-th *verb* with *text*."""
    return lambda asked, rest, count: text if (asked, count) == (verb, number) else None


@pytest.fixture(params=[EXTENSIONS, PLAIN], ids=["pipelining", "one by one"])
def extensions(request):
    return request.param


def received(sink: SmtpSink) -> list[str]:
    return [recipient for letter in sink.messages for recipient in letter.recipients]


def people(*numbers: int) -> list[str]:
    return [f"leser{number}@leser.example" for number in numbers]


def test_letters_arrive_whole_and_in_order(extensions):
    with SmtpSink(extensions=extensions) as sink:
        outcomes = deliver(sink, [message(n, LETTER + str(n).encode()) for n in range(5)])
    assert [(o.sent, o.code, o.text, o.message.recipient) for o in outcomes] == [
        (True, 250, "2.0.0 queued", person) for person in people(0, 1, 2, 3, 4)
    ]
    assert [letter.data for letter in sink.messages] == [LETTER + b"%d\r\n" % n for n in range(5)]
    assert received(sink) == people(0, 1, 2, 3, 4)
    assert {letter.sender for letter in sink.messages} == {"brief@verlag.example"}
    assert sink.violations == []
    assert sink.connections == 1
    assert sink.commands[-1] == "QUIT"


def test_an_old_server_that_knows_only_helo_is_served():
    with SmtpSink(extensions=(), decide=answer_to("EHLO", 1, "502 what?")) as sink:
        outcomes = deliver(sink, [message(0), message(1)])
    assert [o.sent for o in outcomes] == [True, True]
    assert sink.violations == []
    assert "HELO [127.0.0.1]" in sink.commands


def test_nothing_to_send_is_fine():
    with SmtpSink() as sink:
        assert deliver(sink, []) == []
    assert sink.commands == ["CONNECT", "EHLO [127.0.0.1]", "QUIT"]


def test_one_connection_takes_one_batch_after_another(extensions):
    with (
        SmtpSink(extensions=extensions, decide=answer_to("RCPT", 2, "550 5.1.1 unknown")) as sink,
        connect(sink) as connection,
    ):
        first = list(connection.send([message(0), message(1)]))
        second = list(connection.send([message(2)]))
    assert [o.sent for o in first + second] == [True, False, True]
    assert received(sink) == people(0, 2)
    assert sink.violations == []


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(("answer", "permanent"), [("452 4.3.1 full", False), ("550 5.1.1 unknown", True)])
def test_a_refusal_concerns_its_own_letter_only(extensions, verb, answer, permanent):
    with SmtpSink(extensions=extensions, decide=answer_to(verb, 2, answer)) as sink:
        outcomes = deliver(sink, [message(n) for n in range(4)])
    by_person = {o.message.recipient: o for o in outcomes}
    assert sorted(by_person) == people(0, 1, 2, 3)
    refused = by_person.pop("leser1@leser.example")
    assert (refused.code, refused.text) == (int(answer[:3]), answer[4:])
    assert (refused.permanent, refused.uncertain, refused.sent) == (permanent, False, False)
    assert all(o.sent for o in by_person.values())
    assert received(sink) == people(0, 2, 3)
    assert sink.violations == []


def test_a_server_that_wants_a_letter_without_recipients_gets_an_empty_one():
    def decide(verb, rest, count):
        if (verb, count) == ("RCPT", 1):
            return "550 5.1.1 unknown"
        return "354 go on" if (verb, count) == ("DATA", 1) else None

    with SmtpSink(decide=decide) as sink:
        outcomes = deliver(sink, [message(0), message(1)])
    assert [(o.code, o.sent) for o in outcomes] == [(550, False), (250, True)]
    assert received(sink) == people(1)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_closes_in_the_middle_leaves_nothing_uncertain(extensions, verb):
    with SmtpSink(extensions=extensions, decide=answer_to(verb, 3, "421 4.3.2 closing")) as sink:
        connection = connect(sink)
        connection.open()
        outcomes = list(connection.send(message(n) for n in range(10)))
    assert [(o.message.recipient, o.code) for o in outcomes] == list(
        zip(people(0, 1, 2), [250, 250, 421], strict=True)
    )
    assert not any(o.uncertain or o.permanent for o in outcomes)
    assert not connection.is_open
    assert received(sink) == people(0, 1)


def test_a_letter_answered_by_421_is_not_taken(extensions):
    with SmtpSink(extensions=extensions, decide=answer_to(".", 2, "421 4.3.2 closing")) as sink:
        outcomes = deliver(sink, [message(n) for n in range(10)])
    assert [o.code for o in outcomes[:2]] == [250, 421]
    assert all(o.code == 0 and not o.uncertain for o in outcomes[2:])
    assert received(sink) == people(0)


@pytest.mark.parametrize(
    ("how", "taken"), [(DROP, people(0)), (KEEP_AND_DROP, people(0, 1)), (HANG, people(0))]
)
def test_a_letter_without_an_answer_is_uncertain_and_it_alone(extensions, how, taken):
    intents, accepted = [], []
    with SmtpSink(extensions=extensions, decide=answer_to(".", 2, how)) as sink:
        connection = smtp.Connection(smtp.parse_url(sink.url), timeout=5, final_timeout=0.3)
        connection.open()
        sending = connection.send(
            (message(n) for n in range(10)),
            on_intent=lambda m: intents.append(m.recipient),
            on_accepted=lambda m: accepted.append(m.recipient),
        )
        outcomes = list(sending)
    assert [(o.code, o.uncertain) for o in outcomes[:2]] == [(250, False), (0, True)]
    assert "no answer to the letter" in outcomes[1].text
    assert [(o.message.recipient, o.uncertain, o.permanent) for o in outcomes[2:]] in (
        [],
        [("leser2@leser.example", False, False)],
    )
    assert intents == people(0, 1)
    assert accepted == people(0)
    assert not connection.is_open
    assert received(sink) == taken


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_a_connection_lost_in_an_envelope_leaves_nothing_uncertain(extensions, verb):
    intents = []
    with SmtpSink(extensions=extensions, decide=answer_to(verb, 2, DROP)) as sink:
        connection = connect(sink)
        connection.open()
        sending = connection.send(
            [message(n) for n in range(4)], on_intent=lambda m: intents.append(m.recipient)
        )
        outcomes = list(sending)
    assert [(o.code, o.uncertain) for o in outcomes] == [(250, False), (0, False)]
    assert intents == people(0)
    assert received(sink) == people(0)


def test_the_journal_hears_of_a_letter_before_and_after_the_server_does(extensions):
    steps = []
    with SmtpSink(extensions=extensions) as sink:

        def intent(m):
            steps.append(("intent", m.recipient, len(sink.messages)))

        def accepted(m):
            steps.append(("accepted", m.recipient, len(sink.messages)))

        deliver(sink, [message(n) for n in range(3)], on_intent=intent, on_accepted=accepted)
    assert steps == [
        (step, person, number + (step == "accepted"))
        for number, person in enumerate(people(0, 1, 2))
        for step in ("intent", "accepted")
    ]


def test_a_journal_that_cannot_write_stops_the_letter(extensions):
    def full(_message):
        raise OSError("disk full")

    with SmtpSink(extensions=extensions) as sink:
        connection = connect(sink)
        connection.open()
        with pytest.raises(OSError, match="disk full"):
            list(connection.send([message(0), message(1)], on_intent=full))
        assert not connection.is_open
    assert sink.messages == []


def test_abandoning_the_outcomes_abandons_the_connection():
    with SmtpSink() as sink, connect(sink) as connection:
        sending = connection.send(message(n) for n in range(5))
        assert next(sending).sent
        sending.close()
        assert not connection.is_open
        with pytest.raises(smtp.SmtpError, match="not open"):
            next(connection.send([message(9)]))
        connection.open()
        assert [o.sent for o in connection.send([message(9)])] == [True]
    assert received(sink) == people(0, 9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([b".", b"\r\n", b"\n", b"\r", b"a", b"..", "ü".encode(), b" "]), max_size=25))
def test_any_letter_passes_the_line_unchanged_but_for_its_line_ends(pieces):
    data = b"".join(pieces)
    wire = smtp.transparent(data)
    assert wire.endswith(b"\r\n")
    lines = wire.split(b"\r\n")
    assert b"." not in lines
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    unstuffed = b"\n".join(line.removeprefix(b".") for line in lines)
    expected = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert unstuffed == expected + (b"" if expected.endswith(b"\n") else b"\n")


@pytest.mark.parametrize(
    ("data", "arrives"),
    [
        (b".\r\n", b".\r\n"),
        (b".hidden\r\n..two\r\n.\r\nend", b".hidden\r\n..two\r\n.\r\nend\r\n"),
        (b"a\n.\nMAIL FROM:<x@y.example>\n", b"a\r\n.\r\nMAIL FROM:<x@y.example>\r\n"),
        (b"a\r.\rb\r\n.\r\n", b"a\r\n.\r\nb\r\n.\r\n"),
        ("Grüße\r\n".encode(), "Grüße\r\n".encode()),
    ],
)
def test_dots_line_ends_and_eight_bits_survive(extensions, data, arrives):
    with SmtpSink(extensions=extensions) as sink:
        outcomes = deliver(sink, [message(0, LETTER + data), message(1)])
    assert [o.sent for o in outcomes] == [True, True]
    assert [letter.data for letter in sink.messages] == [LETTER + arrives, LETTER]
    assert received(sink) == people(0, 1)


def test_a_frozen_letter_needs_no_second_look(extensions):
    text = f".\n.dots\n{mail.slot('v')}\n...\n"
    frozen = mail.Template("x", text, None, {"From": "a@b.example", "Date": "x"}).freeze()
    letters = [frozen.join({"v": value}) for value in (".", ".\n.\n.", "plain")]
    with SmtpSink(extensions=extensions) as sink:
        deliver(sink, [smtp.Message("a@b.example", "c@d.example", data, verbatim=True) for data in letters])
    assert [letter.data for letter in sink.messages] == letters


def test_a_letter_says_what_it_needs():
    letters = [
        message(0, "Subject: x\r\n\r\nGrüße\r\n".encode()),
        message(1, "Subject: Grüße\r\n\r\nx\r\n".encode()),
        smtp.Message("", "jürgen@leser.example", LETTER),
    ]
    with SmtpSink() as sink:
        assert [o.sent for o in deliver(sink, letters)] == [True, True, True]
    assert [letter.parameters for letter in sink.messages] == [
        [f"SIZE={len(letters[0].data)}", "BODY=8BITMIME"],
        [f"SIZE={len(letters[1].data)}", "BODY=8BITMIME", "SMTPUTF8"],
        [f"SIZE={len(LETTER)}", "SMTPUTF8"],
    ]
    assert sink.messages[2].sender == ""
    assert sink.messages[2].recipients == ["jürgen@leser.example"]


@pytest.mark.parametrize(
    ("missing", "letter", "code"),
    [
        ("8BITMIME", message(0, "Subject: x\r\n\r\nGrüße\r\n".encode()), 554),
        ("SMTPUTF8", smtp.Message("a@verlag.example", "jürgen@leser.example", LETTER), 553),
        ("SMTPUTF8", message(0, "Subject: Grüße\r\n\r\nx\r\n".encode()), 553),
        ("", message(0, b"x" * 10_000_001), 552),
        ("", smtp.Message("a@verlag.example", "", LETTER), 553),
    ],
)
def test_what_the_server_cannot_take_is_not_offered(missing, letter, code):
    with SmtpSink(extensions=tuple(name for name in EXTENSIONS if name != missing)) as sink:
        outcomes = deliver(sink, [letter, message(1)])
    assert [(o.code, o.permanent, o.sent) for o in outcomes] == [(code, True, False), (250, False, True)]
    assert received(sink) == people(1)


@pytest.mark.parametrize(
    "evil",
    [
        "a@b.example>\r\nRCPT TO:<c@d.example",
        "a@b.example\nDATA",
        "a@b.example\r",
        "a@b.example> SIZE=1",
        "a@b.example SIZE=1",
        "a@b\x00.example",
        "a@b\x85.example",
        "a@b\udcff.example",
    ],
)
def test_an_address_cannot_carry_a_command(extensions, evil):
    letters = [
        smtp.Message(evil, "a@b.example", LETTER),
        smtp.Message("a@b.example", evil, LETTER),
        message(0),
    ]
    with SmtpSink(extensions=extensions) as sink:
        outcomes = deliver(sink, letters)
    assert [(o.code, o.permanent) for o in outcomes] == [(553, True), (553, True), (250, False)]
    assert [command.split(":")[0] for command in sink.commands] == [
        "CONNECT",
        "EHLO [127.0.0.1]",
        "MAIL FROM",
        "RCPT TO",
        "DATA",
        f". {len(LETTER)}",
        "QUIT",
    ]


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN", "CRAM-MD5 PLAIN"])
def test_signing_in(mechanisms):
    with SmtpSink(users={"büro": "geheim:@/"}, mechanisms=mechanisms) as sink:
        url = f"smtp://b%C3%BCro:geheim%3A%40%2F@127.0.0.1:{sink.port}"
        with connect(sink, url) as connection:
            assert [o.sent for o in connection.send([message(0)])] == [True]
    assert sink.violations == []


def test_a_wrong_password_and_a_missing_mechanism_are_permanent():
    with (
        SmtpSink(users={"u": "right"}) as sink,
        pytest.raises(smtp.SmtpError, match="535") as caught,
    ):
        connect(sink, f"smtp://u:wrong@127.0.0.1:{sink.port}").open()
    assert (caught.value.code, caught.value.permanent) == (535, True)
    assert "wrong@" not in str(caught.value)
    with (
        SmtpSink(users={"u": "right"}, mechanisms="CRAM-MD5") as sink,
        pytest.raises(smtp.SmtpError, match="neither") as caught,
    ):
        connect(sink, f"smtp://u:right@127.0.0.1:{sink.port}").open()
    assert caught.value.permanent


def test_starttls_secures_everything_after_it(extensions):
    with SmtpSink(extensions=extensions, tls=server_tls(), users={"u": "p"}) as sink:
        url = f"smtp+starttls://u:p@localhost:{sink.port}"
        with connect(sink, url, tls=client_tls()) as connection:
            assert [o.sent for o in connection.send([message(0), message(1)])] == [True, True]
    assert sink.commands[1:4] == ["EHLO [127.0.0.1]", "STARTTLS", "EHLO [127.0.0.1]"]
    assert sink.violations == []


def test_tls_from_the_first_byte():
    with (
        SmtpSink(tls=server_tls(), implicit_tls=True) as sink,
        connect(sink, f"smtps://localhost:{sink.port}", tls=client_tls()) as connection,
    ):
        assert [o.sent for o in connection.send([message(0), message(1)])] == [True, True]
    assert received(sink) == people(0, 1)


def test_starttls_is_never_skipped():
    with SmtpSink() as sink, pytest.raises(smtp.SmtpError, match="offers no STARTTLS"):
        connect(sink, f"smtp+starttls://127.0.0.1:{sink.port}").open()


def test_a_certificate_nobody_vouches_for_is_refused():
    with SmtpSink(tls=server_tls()) as sink, pytest.raises(smtp.SmtpError, match="certificate"):
        connect(sink, f"smtp+starttls://localhost:{sink.port}").open()
    with (
        SmtpSink(tls=server_tls(), implicit_tls=True) as sink,
        pytest.raises(smtp.SmtpError, match="certificate"),
    ):
        connect(sink, f"smtps://localhost:{sink.port}").open()


def test_an_answer_slipped_in_before_tls_is_not_believed():
    with (
        SmtpSink(tls=server_tls(), after_starttls=b"250 OK\r\n") as sink,
        pytest.raises(smtp.SmtpError, match="before STARTTLS"),
    ):
        connect(sink, f"smtp+starttls://localhost:{sink.port}", tls=client_tls()).open()


@pytest.mark.parametrize(
    ("greeting", "reason", "code", "permanent"),
    [
        ("554 5.7.1 go away", "554 5.7.1 go away", 554, True),
        ("421 4.3.2 later", "421 4.3.2 later", 421, False),
        ("SSH-2.0-Server", "no SMTP answer", 0, False),
        (DROP, "closed the connection", 0, False),
        (HANG, "no answer within 0.3 s", 0, False),
    ],
)
def test_a_server_that_does_not_want_to_talk(greeting, reason, code, permanent):
    with SmtpSink(decide=answer_to("CONNECT", 1, greeting)) as sink:
        connection = smtp.Connection(smtp.parse_url(sink.url), timeout=0.3)
        with pytest.raises(smtp.SmtpError, match=reason) as caught:
            connection.open()
        assert (caught.value.code, caught.value.permanent) == (code, permanent)
        assert not connection.is_open


def test_nobody_listens():
    with SmtpSink() as sink:
        url = sink.url
    with pytest.raises(smtp.SmtpError, match=r"127\.0\.0\.1:\d+: .*refused"):
        smtp.Connection(smtp.parse_url(url)).open()


def test_control_characters_in_an_answer_reach_no_log():
    with SmtpSink(decide=answer_to(".", 1, "550-5.1.1 a\x1b[2Jb\r\n550 \xff end")) as sink:
        (outcome,) = deliver(sink, [message(0)])
    assert outcome.text == "5.1.1 a [2Jb \xff end"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", smtp.Server("mail.example", 25, "plain")),
        ("smtps://mail.example/", smtp.Server("mail.example", 465, "tls")),
        ("smtp+starttls://mail.example", smtp.Server("mail.example", 587, "starttls")),
        ("smtp://u%40x:p%2F@[::1]:2525", smtp.Server("::1", 2525, "plain", "u@x", "p/")),
    ],
)
def test_addresses_of_mail_servers(url, server):
    assert smtp.parse_url(url) == server


@pytest.mark.parametrize(
    "url",
    ["", "mail.example", "http://mail.example", "smtp://", "smtp://:25", "smtp://u:geheim@mail.example:99999",
     "smtp://u:geheim@mail.example:x", "smtp://mail.example/x", "smtp://mail.example?tls=no"],
)  # fmt: skip
def test_what_is_no_address_of_a_mail_server(url):
    with pytest.raises(ValueError) as caught:
        smtp.parse_url(url)
    assert "geheim" not in str(caught.value)


def test_a_password_shows_in_no_log():
    assert "geheim" not in repr(smtp.parse_url("smtp://u:geheim@mail.example"))


def test_a_greeting_cannot_carry_a_command():
    with pytest.raises(ValueError, match="greet"):
        smtp.Connection(smtp.parse_url("smtp://mail.example"), hello="x\r\nMAIL FROM:<>")
