"""What the checks of P3 send, and how they judge what they see; e2e/sabotage tries them on a running service."""

from __future__ import annotations

import email
import email.policy
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kindelpost.engines import tries
from kindelpost.engines.canary import Canary
from kindelpost.engines.checks import tried
from kindelpost.engines.checks.samples import CLEAN, GTUBE, VIRUS, attached, deep, forwarded, letter, nested, zipped
from kindelpost.engines.checks.scanner import actions, freshness, ruling
from kindelpost.engines.checks.tried import Found, refusal
from kindelpost.engines.clamav.probe import EICAR
from kindelpost.engines.facts import Layout
from kindelpost.engines.rspamd.twin import moved

if TYPE_CHECKING:
    from email.message import EmailMessage

MARI, TO = "mari@alfa.test", "canary@alfa.test"
BOX = Canary(TO, "unused")


def parsed(message: EmailMessage) -> EmailMessage:
    return email.message_from_bytes(message.as_bytes(), policy=email.policy.default)


def unpacked(content: bytes) -> tuple[bytes, int]:
    """What lies innermost, and how many archives had to be opened."""
    depth = 0
    while content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read(archive.namelist()[0])
        depth += 1
    return content, depth


def test_a_letter_says_who_to_and_what_and_no_two_have_one_subject() -> None:
    first, second = parsed(letter(MARI, TO)), parsed(letter(MARI, TO))
    assert (first["From"], first["To"], first.get_content().replace("\r\n", "\n")) == (MARI, TO, CLEAN)
    assert first["Date"]
    assert first["Message-ID"].endswith("@alfa.test>")
    assert first["Subject"] != second["Subject"]


@pytest.mark.parametrize("body", [VIRUS, GTUBE])
def test_a_pattern_goes_out_as_it_is(body: str) -> None:
    assert body.strip().encode() in letter(MARI, TO, body).as_bytes()


def test_an_attachment_is_in_base64_and_whole() -> None:
    message = attached(EICAR, "eicar.com")(MARI, TO)
    assert EICAR not in message.as_bytes()
    part = next(iter(parsed(message).iter_attachments()))
    assert (part.get_filename(), part.get_payload(decode=True)) == ("eicar.com", EICAR)


def test_archives_lie_one_in_another() -> None:
    assert unpacked(zipped("eicar.com", EICAR)) == (EICAR, 1)
    assert unpacked(nested(EICAR, 3)) == (EICAR, 3)
    assert unpacked(deep()) == (CLEAN.encode(), 30)


def test_a_forwarded_message_is_attached_whole() -> None:
    part = next(iter(parsed(forwarded(MARI, TO)).iter_attachments()))
    assert part.get_content_type() == "message/rfc822"
    inner = part.get_content()
    assert next(iter(inner.iter_attachments())).get_payload(decode=True) == EICAR


@pytest.mark.parametrize(
    ("code", "words", "verdict"),
    [
        (554, "5.7.1 Virus found: Eicar", "pass"),
        (250, "2.0.0 Ok: queued", "fail"),
        (451, "4.7.1 The virus scanner does not answer", "fail"),
        (552, "5.3.4 Message too big", "unknown"),
    ],
)
def test_only_a_refusal_for_the_reason_itself_is_one(
    monkeypatch: pytest.MonkeyPatch, code: int, words: str, verdict: str
) -> None:
    monkeypatch.setattr(tries, "weaker", lambda: "")
    monkeypatch.setattr(tried, "arrived", lambda _box, _subject: Found("Junk", b"", 0.1))
    seen = refusal(tries.Reply(code, words), "virus", BOX, letter(MARI, TO))
    assert seen.verdict == verdict
    assert "Junk" in seen.observed if code == 250 else words in seen.observed


LATER = "451 4.7.1 The virus scanner does not answer, try again later"


@pytest.mark.parametrize(
    ("gone", "broken", "there", "verdict"),
    [
        (LATER, LATER, "accept", "pass"),
        (LATER, "tempfail", "accept", "pass"),
        ("accept", LATER, "accept", "fail"),
        (LATER, "accept", "accept", "fail"),
        (LATER, LATER, LATER, "unknown"),
    ],
)
def test_mail_waits_for_the_scanner_and_for_nothing_else(gone: str, broken: str, there: str, verdict: str) -> None:
    seen = ruling({"gone": gone, "broken": broken, "there": there})
    assert seen.verdict == verdict
    assert seen.weaker


@pytest.mark.parametrize(
    ("hours", "evaluation", "verdict"),
    [
        (1, False, "pass"),
        (24, False, "pass"),
        (25, False, "warn"),
        (73, False, "fail"),
        (73, True, "fail"),
        (None, False, "fail"),
        (None, True, "not-applicable"),
    ],
)
def test_signatures_are_a_day_old_at_most(hours: int | None, evaluation: bool, verdict: str) -> None:  # noqa: FBT001 -- a case
    age = None if hours is None else timedelta(hours=hours)
    assert freshness(age, evaluation=evaluation).verdict == verdict


def test_every_way_to_say_what_postfix_does_without_a_milter_is_read() -> None:
    said = (
        "milter_default_action = tempfail\nsmtpd_policy_service_default_action = 451 4.3.5 later\n"
        "smtpd_milters = { unix:/srv/kp/milter.sock, default_action=accept }\nmx/inet/milter_default_action = quarantine\n"
    )
    assert actions(said) == [
        ("milter_default_action", "tempfail"),
        ("default_action", "accept"),
        ("mx/inet/milter_default_action", "quarantine"),
    ]
    with pytest.raises(LookupError):
        actions("smtpd_policy_service_default_action = 451 4.3.5 later\n")


def test_the_second_filter_reads_its_own_folders_and_the_live_maps() -> None:
    layout = Layout(Path("/srv/kp"))
    live = (
        '  bind_socket = "/srv/kp/run/rspamd/milter.sock mode=0660";\n  count = 8;\n'
        "  maps = '/srv/kp/maps/rspamd',\npackage.path = '/srv/kp/etc/rspamd/?.lua'\ntempdir = \"/srv/kp/data/rspamd\";\n"
    )
    assert moved(live, layout, Path("/twin")) == (
        '  bind_socket = "/twin/run/milter.sock mode=0660";\n  count = 1;\n'
        "  maps = '/srv/kp/maps/rspamd',\npackage.path = '/twin/etc/?.lua'\ntempdir = \"/twin/data\";\n"
    )
