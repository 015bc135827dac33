"""The namespace itself: clients with addresses of their own, two instances side by side, nothing left, nothing as root."""

from __future__ import annotations

import json
import smtplib
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kindelpost.engines.outside import namespace
from kindelpost.engines.outside.client import Client, raw
from kindelpost.engines.outside.hosts import GOOD, STRANGER
from kindelpost.engines.outside.sink import received
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts, Outside


@pytest.mark.parametrize("number", [GOOD, STRANGER, namespace.HOSTS - 1])
def test_a_client_has_the_address_of_the_host_that_it_plays(facts: Facts, number: int) -> None:
    assert facts.outside
    there = namespace.host(facts.outside, number)
    for server, source in ((facts.outside.service_v4, there.v4), (facts.outside.service_v6, there.v6)):
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        with (
            socket.create_server((server, 42080), family=family) as listening,
            namespace.connect(facts.outside.namespace, server, 42080, source=source),
        ):
            accepted, peer = listening.accept()
            accepted.close()
        assert peer[0] == source


def test_the_calling_thread_stays_where_it_was(facts: Facts) -> None:
    assert facts.outside
    before = socket.if_nameindex()
    assert {name for _, name in namespace.inside(facts.outside.namespace, socket.if_nameindex)} == {"lo", "world"}
    assert socket.if_nameindex() == before
    assert all(not thread.name.startswith("inside") for thread in threading.enumerate())


def test_a_whole_client_speaks_smtp_with_the_sink(facts: Facts) -> None:
    assert facts.outside
    source = namespace.host(facts.outside, GOOD).v4
    with Client(facts.outside.namespace, facts.outside.world_v4, 25, source=source) as client:
        client.sendmail("good@outside.example", ["client@none.example"], b"Subject: hello\r\n\r\n.dot\r\n")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("good@outside.example", ["reject-me@none.example"], b"Subject: no\r\n\r\n")
    message = next(one for one in received(facts.layout.data("outside") / "inbox") if "client@none.example" in one.recipients)
    assert (message.client, message.helo, message.content) == (
        source,
        "good.outside.example",
        b"Subject: hello\r\n\r\n.dot\r\n",
    )


def test_a_raw_client_sends_exact_bytes_and_reads_whole_replies(facts: Facts) -> None:
    assert facts.outside
    with raw(facts.outside.namespace, facts.outside.world_v6, 25) as peer:
        assert peer.reply().startswith(b"220 ")
        peer.send(b"EHLO raw.example\r\nNOOP\r\n")
        assert peer.reply().startswith(b"250-")
        assert peer.reply().startswith(b"250 ")
        peer.send(b"QUIT\r\n")
        assert peer.rest().startswith(b"221 ")


def test_no_process_of_the_outside_world_is_root(facts: Facts) -> None:
    assert facts.outside
    pids = run(["ip", "netns", "pids", facts.outside.namespace]).out.split()
    assert len(pids) >= 2
    owners = {
        line.split()[1]
        for pid in pids
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        if line.startswith("Uid")
    }
    assert "0" not in owners


def test_two_instances_have_worlds_of_their_own_and_leave_nothing(tmp_path: Path) -> None:
    roots = [tmp_path / "one", tmp_path / "two"]
    made: list[Outside] = []
    try:
        made = [namespace.make(root) for root in roots]
        assert (
            len({one.namespace for one in made})
            == len({one.service_v4 for one in made})
            == len({one.service_v6 for one in made})
            == 2
        )
        assert [namespace.make(root) for root in roots] == made
        assert [namespace.find(root) for root in roots] == made
    finally:
        for root in roots:
            namespace.remove(root)
            namespace.remove(root)
    assert [namespace.find(root) for root in roots] == [None, None]
    names = {link["ifname"] for link in json.loads(run(["ip", "-json", "link"]).out)}
    assert not names & {one.namespace for one in made}
    assert not any((namespace.NETNS / one.namespace).exists() for one in made)


def test_entering_a_namespace_that_is_not_there_says_so() -> None:
    with pytest.raises(EngineFault, match="no network namespace kp-none"):
        namespace.inside("kp-none", socket.if_nameindex)
