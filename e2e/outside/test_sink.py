"""Mail that leaves through a Postfix which sees the service's resolver: DANE, MTA-STS, stripped STARTTLS (P5.6, T03)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from kindelpost.engines.outside.sink import Received, received
from kindelpost.engines.outside.world import World
from kindelpost.engines.sts import postfix_lookup
from kindelpost.engines.unbound.address import resolver_binds
from kindelpost.lib.files import make_dir
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kindelpost.engines.facts import Facts

DAEMONS = (
    "pickup",
    "cleanup",
    "qmgr",
    "rewrite",
    "bounce",
    "defer",
    "trace",
    "tlsmgr",
    "smtp",
    "error",
    "retry",
    "showq",
    "scache",
)
PROGRAMS = {"rewrite": "trivial-rewrite", "defer": "bounce", "trace": "bounce", "retry": "error"}
PUBLIC = {"pickup", "cleanup", "qmgr", "showq"}
WAKE = {"pickup": "60", "qmgr": "300", "tlsmgr": "1000?"}
LIMIT = {"pickup": "1", "qmgr": "1", "tlsmgr": "1", "scache": "1", "cleanup": "0", "bounce": "0", "defer": "0", "trace": "0"}
BOUND = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'


def row(name: str) -> str:
    """A line of master.cf (master(5)): service, type, private, unprivileged, chroot, wakeup, process limit, program."""
    private = "n" if name in PUBLIC else "-"
    return f"{name} unix {private} - n {WAKE.get(name, '-')} {LIMIT.get(name, '-')} {PROGRAMS.get(name, name)}"


class Sender:
    """A Postfix that only sends, started where resolv.conf names the service's resolver."""

    def __init__(self, facts: Facts, root: Path) -> None:
        self.facts = facts
        self.etc, self.queue = make_dir(root / "etc"), make_dir(root / "queue", owner="root")
        self.log = self.queue / "mail.log"
        settings = {
            "compatibility_level": "3.6",
            "queue_directory": self.queue,
            "data_directory": make_dir(root / "data", owner="postfix"),
            "daemon_directory": "/usr/lib/postfix/sbin",
            "myhostname": facts.service.hostname,
            "mydestination": "",
            "mynetworks": "",
            "alias_maps": "",
            "maillog_file": self.log,
            "maillog_file_prefixes": "/var/tmp",  # noqa: S108 -- where this test's folder is
            "smtp_dns_support_level": "dnssec",
            "smtp_tls_security_level": "dane",
            "smtp_tls_policy_maps": postfix_lookup(facts),
            "smtp_tls_CAfile": facts.layout.tls("ca") / "ca.pem",
            "smtp_tls_loglevel": 1,
        }
        (self.etc / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        rows = [row(name) for name in DAEMONS]
        (self.etc / "master.cf").write_text("\n".join([*rows, "postlog unix-dgram n - n - 1 postlogd", ""]))

    def start(self) -> None:
        source = next(iter(resolver_binds(self.facts)))
        run(["unshare", "--mount", "sh", "-c", BOUND, source, "postfix", "-c", self.etc, "start"])

    def stop(self) -> None:
        run(["postfix", "-c", self.etc, "stop"])

    def send(self, recipient: str) -> str:
        """Send one message; returns what Postfix logs of its fate."""
        text = f"From: a@kindelpost.example\nTo: {recipient}\nSubject: to {recipient}\n\nHello\n"
        run(["sendmail", "-C", self.etc, "-f", "a@kindelpost.example", recipient], stdin=text)
        until = time.monotonic() + 15
        while time.monotonic() < until:
            lines = self.log.read_text().splitlines()
            if fate := [line for line in lines if f"to=<{recipient}>" in line and "status=" in line]:
                return fate[-1]
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def took(self, recipient: str) -> Received:
        """What the sink took for this recipient."""
        inbox = self.facts.layout.data("outside") / "inbox"
        return next(message for message in received(inbox) if recipient in message.recipients)


@pytest.fixture(scope="module")
def sender(facts: Facts) -> Iterator[Sender]:
    postfix = Sender(facts, make_dir(facts.layout.root / "scratch-postfix"))
    postfix.start()
    yield postfix
    postfix.stop()


def test_dane_is_verified_and_the_sink_keeps_the_message_whole(sender: Sender) -> None:
    assert "status=sent" in sender.send("dane@secure.example")
    assert "Verified TLS connection established to mx.secure.example" in sender.log.read_text()
    message = sender.took("dane@secure.example")
    assert message.tls == "TLSv1.3"
    assert message.sender == "a@kindelpost.example"
    assert (
        message.client in {sender.facts.outside.service_v4, sender.facts.outside.service_v6} if sender.facts.outside else False
    )
    assert b"\r\nSubject: to dane@secure.example\r\n" in message.content
    assert message.content.endswith(b"\r\n\r\nHello\r\n")


def test_an_mta_sts_policy_makes_the_certificate_verified(sender: Sender) -> None:
    assert "status=sent" in sender.send("sts@sts.example")
    assert "Verified TLS connection established to mx.sts.example" in sender.log.read_text()


def test_a_policy_does_not_make_up_for_a_failing_dane_check(sender: Sender) -> None:
    world = World(sender.facts)
    record = world.records["_25._tcp.mx.both.example.", "TLSA"]
    world.set("_25._tcp.mx.both.example", "TLSA", "3 1 1 " + "00" * 32)
    world.publish()
    time.sleep(1.5)  # longer than the records' time to live; a mail before would put the old ones into smtp(8)'s own cache
    try:
        fate = sender.send("wrong@both.example")
    finally:
        world.set("_25._tcp.mx.both.example", "TLSA", record)
        world.publish()
    assert "status=deferred" in fate
    assert "dsn=4.7.5" in fate


@pytest.mark.parametrize("recipient", ["dane@strip.example", "sts@strip-sts.example"])
def test_mail_waits_where_a_promised_starttls_is_missing(sender: Sender, recipient: str) -> None:
    fate = sender.send(recipient)
    assert "status=deferred" in fate
    assert "TLS is required, but was not offered" in fate


def test_mail_goes_in_the_clear_where_nothing_else_was_promised(sender: Sender) -> None:
    assert "status=sent" in sender.send("clear@plain.example")
    assert not sender.took("clear@plain.example").tls


def test_mail_to_a_bogus_domain_waits(sender: Sender) -> None:
    assert "status=deferred" in sender.send("anyone@bogus.example")


def test_a_domain_without_dnssec_gets_opportunistic_tls(sender: Sender) -> None:
    assert "status=sent" in sender.send("anyone@unsigned.example")
    assert sender.took("anyone@unsigned.example").tls == "TLSv1.3"


@pytest.mark.parametrize(
    ("recipient", "status"), [("defer-me@outside.example", "deferred"), ("reject-me@outside.example", "bounced")]
)
def test_the_sink_answers_as_the_local_part_asks(sender: Sender, recipient: str, status: str) -> None:
    assert f"status={status}" in sender.send(recipient)
