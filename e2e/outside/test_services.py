"""SRS, MTA-STS and nginx as they answer others."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from kindelpost.engines.nginx.probe import fetch
from kindelpost.engines.outside.namespace import connect
from kindelpost.engines.srs.probe import lookup as ask_srs
from kindelpost.engines.sts.probe import lookup as ask_sts
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

PARAMETERS = (
    ("sts.example", "OK secure match=mx.sts.example"),
    ("secure.example", "NOTFOUND"),
    ("both.example", "NOTFOUND"),
    ("nobody.example", "NOTFOUND"),
)


@pytest.mark.parametrize(("domain", "reply"), PARAMETERS)
def test_mta_sts_answers_for_domains_that_ask_for_it_alone(facts: Facts, domain: str, reply: str) -> None:
    assert ask_sts(facts, domain).startswith(reply)


def test_postfix_may_ask_mta_sts_and_nobody_else_may(facts: Facts) -> None:
    folder = facts.layout.run("sts")
    assert run(["runuser", "-u", "postfix", "--", "test", "-w", folder / "sts.sock"], check=False).code == 0
    assert run(["runuser", "-u", "kp-nginx", "--", "test", "-w", folder / "sts.sock"], check=False).code == 1


def test_a_forged_return_address_is_not_believed(facts: Facts) -> None:
    rewritten = ask_srs(facts.port("srs-forward"), "someone@outside.example")
    assert rewritten.startswith("SRS0=")
    assert ask_srs(facts.port("srs-reverse"), rewritten) == "someone@outside.example"
    assert not ask_srs(facts.port("srs-reverse"), rewritten.replace("outside.example", "reject.example"))


def test_a_policy_is_served_for_its_own_host_alone(facts: Facts) -> None:
    policy = facts.layout.maps("nginx") / "mta-sts" / "kadakas.example.txt"
    policy.write_text("version: STSv1\r\nmode: enforce\r\n")
    reply = fetch(facts, "mta-sts.kadakas.example", "/.well-known/mta-sts.txt")
    assert (reply.status, reply.getheader("Content-Type")) == (200, "text/plain")
    assert reply.read() == policy.read_bytes()
    assert fetch(facts, "mta-sts.pihlakas.example", "/.well-known/mta-sts.txt").status == 404
    assert fetch(facts, facts.service.hostname, "/.well-known/mta-sts.txt").status == 503  # the portal's, which is away here


@pytest.mark.parametrize("path", ["/", "/etc/passwd", "/.well-known/../nginx.conf", "/.well-known/mta-sts.txt/x"])
@pytest.mark.parametrize("host", ["mail.kindelpost.example", "mta-sts.kadakas.example", "nobody.example"])
def test_anything_else_is_refused_with_strict_headers(facts: Facts, host: str, path: str) -> None:
    reply = fetch(facts, host, path)
    assert reply.status in {400, 503 if host == facts.service.hostname else 404}  # the portal is away here
    assert reply.getheader("X-Content-Type-Options") == "nosniff"
    assert (reply.getheader("Content-Security-Policy") or "").startswith("default-src 'none'")
    assert reply.getheader("Strict-Transport-Security")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_gets_no_handshake_from_outside(facts: Facts, version: ssl.TLSVersion) -> None:
    assert facts.outside
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.minimum_version = context.maximum_version = version
    plain = connect(facts.outside.namespace, facts.outside.service_v4, facts.port("portal"))
    with plain, pytest.raises(ssl.SSLError, match="alert protocol version"):
        context.wrap_socket(plain, server_hostname="mail.kindelpost.example")
