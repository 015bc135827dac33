"""The dialogue itself: smuggling (T01), injection before TLS (T02), no downgrade (T03), no harvest (T18)."""

from __future__ import annotations

import imaplib
import re
import ssl
import statistics
import time
from typing import TYPE_CHECKING

import pytest

from e2e.service import _Imap, letter, unique
from kindelpost.engines.outside.namespace import connect

if TYPE_CHECKING:
    import socket

    from e2e.service import Service

ALICE = "alice@outside.example"
ENDINGS = {
    "LF.LF": b"\n.\n",
    "LF.CRLF": b"\n.\r\n",
    "CRLF.LF": b"\r\n.\n",
    "CR.CR": b"\r.\r",
    "CR.CRLF": b"\r.\r\n",
    "CRLF NUL.CRLF": b"\r\n\x00.\r\n",
}


def read(channel: socket.socket) -> bytes:
    """One whole SMTP reply."""
    said = b""
    while not re.search(rb"(?:^|\n)\d{3} [^\n]*\n$", said):
        more = channel.recv(4096)
        if not more:
            break
        said += more
    return said


def say(channel: socket.socket, line: str) -> bytes:
    """Send a command, read the reply."""
    channel.sendall(line.encode() + b"\r\n")
    return read(channel)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_second_message_cannot_be_smuggled_in(service: Service, mari: str, ending: str) -> None:
    """T01 (CVE-2023-51764): exactly one message arrives, or the whole is refused."""
    first, second = unique("esimene"), unique("peidetud")
    channel = service.socket("mx")
    with channel:
        read(channel)
        say(channel, "EHLO good.outside.example")
        say(channel, f"MAIL FROM:<{ALICE}>")
        assert say(channel, f"RCPT TO:<{mari}>").startswith(b"250")
        assert say(channel, "DATA").startswith(b"354")
        hidden = f"MAIL FROM:<{ALICE}>\r\nRCPT TO:<{mari}>\r\nDATA\r\n".encode() + letter(ALICE, mari, second)
        channel.sendall(letter(ALICE, mari, first).rstrip(b"\r\n") + ENDINGS[ending] + hidden + b"\r\n.\r\n")
        reply = read(channel)
        try:
            channel.settimeout(2)
            reply += channel.recv(4096)
        except TimeoutError:
            pass
    accepted = reply.count(b"250 ")
    assert accepted <= 1, reply
    if accepted:
        found = service.find(mari, first)
        assert found is not None
    assert service.find(mari, second, wait=1 if accepted else 0) is None


def test_two_messages_the_honest_way_are_two(service: Service, mari: str) -> None:
    """The twin of the above: the same bytes with CRLF.CRLF between are two messages."""
    subjects = [unique(), unique()]
    with service.mx() as client:
        for subject in subjects:
            client.sendmail(ALICE, [mari], letter(ALICE, mari, subject))
    assert all(service.find(mari, subject) for subject in subjects)


@pytest.mark.parametrize("door", ["mx", "submission"])
def test_what_came_before_tls_is_not_answered_inside_it_smtp(service: Service, door: str) -> None:
    """T02 (CVE-2011-0411)."""
    channel = service.socket(door)
    read(channel)
    say(channel, "EHLO good.outside.example")
    channel.sendall(b"STARTTLS\r\nNOOP\r\nVRFY x\r\n")
    assert read(channel).startswith(b"220")
    silent_inside(service, channel)


def test_what_came_before_tls_is_not_answered_inside_it_sieve(service: Service) -> None:
    """T02 (CVE-2021-33515) for ManageSieve."""
    channel = service.socket("managesieve")
    while b"OK" not in channel.recv(4096):
        pass
    channel.sendall(b"STARTTLS\r\nNOOP\r\n")
    assert b"OK" in channel.recv(4096)
    # RFC 5804 §2.2: after TLS the server speaks first, once: its capabilities, and then nothing for our NOOP.
    said = b""
    try:
        with service.context.wrap_socket(channel, server_hostname=service.name) as inside:
            inside.settimeout(2)
            while more := inside.recv(4096):
                said += more
    except (TimeoutError, ssl.SSLError, ConnectionResetError):
        pass
    assert said.count(b"OK") <= 1, said


def silent_inside(service: Service, channel: socket.socket) -> None:
    """Assert that nothing is said inside TLS until we ask (or that the server hangs up)."""
    try:
        with service.context.wrap_socket(channel, server_hostname=service.name) as inside:
            inside.settimeout(2)
            assert inside.recv(4096) == b""
    except (TimeoutError, ssl.SSLError, ConnectionResetError):
        return


def test_a_password_is_not_taken_in_clear_text(service: Service, mari: str) -> None:
    """T03: AUTH is neither offered nor accepted before TLS, at any door."""
    for door in ("mx", "submission"):
        with service.socket(door) as channel:
            read(channel)
            assert b"AUTH" not in say(channel, "EHLO good.outside.example")
            assert say(channel, "AUTH PLAIN AGEAYg==")[:1] == b"5"
    with service.socket("managesieve") as channel:
        channel.settimeout(5)
        greeting = b""
        while b"\r\nOK" not in greeting:
            greeting += channel.recv(4096)
        assert b'"SASL" ""' in greeting
        channel.sendall(b'AUTHENTICATE "PLAIN" "AGEAYg=="\r\n')
        assert b"NO" in channel.recv(4096)
    assert mari


@pytest.mark.parametrize("door", ["mx", "submissions", "submission", "imaps"])
@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
)
def test_only_tls_1_2_and_above_is_spoken(service: Service, door: str, version: ssl.TLSVersion) -> None:
    """T03 (RFC 8996); 1.2 and 1.3 are the positive twins of the same code."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    import warnings  # noqa: PLC0415 -- Python warns of what we try on purpose

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    channel = service.socket(door)
    if door in {"mx", "submission"}:
        read(channel)
        say(channel, "EHLO good.outside.example")
        say(channel, "STARTTLS")
    spoken = ""
    try:
        with context.wrap_socket(channel, server_hostname=service.name) as inside:
            spoken = inside.version() or ""
    except (ssl.SSLError, OSError):
        pass
    assert bool(spoken) == (version >= ssl.TLSVersion.TLSv1_2), spoken


def test_the_old_ports_are_closed(service: Service) -> None:
    """143, 110 and 995 do not exist, in the clear or otherwise (R01, R02)."""
    base = service.port_base
    for port in (110, 143, 995, 4190):
        with pytest.raises(ConnectionRefusedError):
            connect(service.outside.namespace, service.outside.service_v4, base + port if port < 1000 else port)


def test_addresses_cannot_be_harvested(service: Service, mari: str) -> None:
    """T18: VRFY and EXPN tell nothing; a hundred guesses end in 421."""
    with service.mx(tls=False) as client:
        assert client.docmd("VRFY", mari)[0] // 100 == 5
        assert client.docmd("EXPN", mari)[0] // 100 == 5
    codes = []
    with service.mx(tls=False, source=5) as client:
        client.docmd("MAIL", f"FROM:<{ALICE}>")
        for number in range(100):
            try:
                codes.append(client.docmd("RCPT", f"TO:<arvan{number}@kadakas.example>")[0])
            except OSError:
                break
            if codes[-1] in {421, -1}:
                break
    assert codes[:5] == [550] * 5
    assert 421 in codes
    assert len(codes) <= 20


@pytest.mark.timeout(120)
def test_a_wrong_password_and_an_unknown_name_look_alike(service: Service, mari: str) -> None:
    """T18: same words, and times that differ by less than 20 ms. Each try has an own address: failures slow one down."""
    times: dict[str, list[float]] = {mari: [], "keegi@kadakas.example": []}
    answers = set()
    for number in range(4):
        for other, (name, measured) in enumerate(times.items()):
            ready = service.socket("imaps", source=5 + 2 * number + other)
            client = _Imap(service.context.wrap_socket(ready, server_hostname=service.name))
            begun = time.perf_counter()
            with client, pytest.raises(imaplib.IMAP4.error) as failure:
                client.login(name, "vale-parool-12345")
            measured.append(time.perf_counter() - begun)
            answers.add(str(failure.value))
    assert len(answers) == 1, answers
    # Dovecot answers failures in batches, two seconds after the first: one that meets another's is answered sooner.
    known, unknown = (statistics.median(measured) for measured in times.values())
    print(f"known {known:.4f} s, unknown {unknown:.4f} s")
    assert abs(known - unknown) < 0.02, times
