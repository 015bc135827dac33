"""The engines' own answers: each default that breaks the practice is closed in what runs (practice.md names them)."""

from __future__ import annotations

from operator import not_
from typing import TYPE_CHECKING

import pytest

from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.service import Service

# Postfix parameter → what a value must be; the twin below shows that the engine's own default would not do.
POSTFIX: dict[str, Callable[[str], bool]] = {
    "smtpd_tls_auth_only": lambda value: value == "yes",
    "smtpd_tls_protocols": lambda value: value == ">=TLSv1.2",
    "smtpd_tls_mandatory_protocols": lambda value: value == ">=TLSv1.2",
    "smtpd_tls_mandatory_ciphers": lambda value: value == "high",
    "smtpd_tls_security_level": lambda value: value == "may",
    "disable_vrfy_command": lambda value: value == "yes",
    "smtpd_reject_unlisted_sender": lambda value: value == "yes",
    "smtp_tls_security_level": lambda value: value == "dane",
    "smtp_dns_support_level": lambda value: value == "dnssec",
    "smtpd_sender_login_maps": lambda value: value.endswith("/senders"),
    "smtpd_client_message_rate_limit": lambda value: int(value) > 0,
    "smtpd_client_recipient_rate_limit": lambda value: int(value) > 0,
    "smtpd_client_auth_rate_limit": lambda value: int(value) > 0,
    "smtpd_client_connection_rate_limit": lambda value: int(value) > 0,
    "smtpd_helo_required": lambda value: value == "yes",
    "authorized_submit_users": lambda value: value == "root",
    "authorized_mailq_users": lambda value: value == "root",
    "authorized_flush_users": lambda value: value == "root",
    "mynetworks": not_,
    "smtpd_milters": lambda value: value.startswith("unix:"),
    "non_smtpd_milters": lambda value: value.startswith("unix:"),
    "mydestination": not_,
    "strict_rfc821_envelopes": lambda value: value == "yes",
    "allow_percent_hack": lambda value: value == "no",
    "swap_bangpath": lambda value: value == "no",
    "local_header_rewrite_clients": not_,
}
# Closed by one release's default, open by the other's: asked of what runs alone.
BETWEEN_RELEASES = {
    "smtpd_forbid_bare_newline": "normalize",
    "smtpd_forbid_bare_newline_exclusions": "",
    "smtpd_forbid_unauth_pipelining": "yes",
    "milter_default_action": "tempfail",
    "always_add_missing_headers": "no",
    "smtpd_authorized_xclient_hosts": "",
    "smtpd_authorized_xforward_hosts": "",
}


@pytest.mark.parametrize("name", POSTFIX)
def test_postfix_runs_what_the_practice_asks_and_would_not_by_itself(service: Service, name: str) -> None:
    ours = run(["postconf", "-c", service.facts.layout.etc("postfix"), "-h", name]).out.strip()
    assert POSTFIX[name](ours), ours
    own = run(["postconf", "-dh", name]).out.strip()
    assert not POSTFIX[name](own), f"the engine's own default {own!r} would do: this line proves nothing"


@pytest.mark.parametrize("name", BETWEEN_RELEASES)
def test_postfix_runs_alike_on_both_releases(service: Service, name: str) -> None:
    assert run(["postconf", "-c", service.facts.layout.etc("postfix"), "-h", name]).out.strip() == BETWEEN_RELEASES[name]


def test_dovecot_takes_no_password_outside_tls(service: Service) -> None:
    conf = service.facts.layout.etc("dovecot") / "dovecot.conf"
    shown = dict(line.split(" = ", 1) for line in run(["doveconf", "-c", conf, "-n"]).out.splitlines() if " = " in line[:60])
    assert shown["ssl"] == "required"
    assert not shown.get("login_trusted_networks")
    clear = run([
        "doveconf",
        "-c",
        conf,
        "-h",
        "auth_allow_cleartext" if service.facts.version("dovecot") >= (2, 4) else "disable_plaintext_auth",
    ])
    assert clear.out.strip() == ("no" if service.facts.version("dovecot") >= (2, 4) else "yes")


def test_no_test_door_is_open(service: Service) -> None:
    """XCLIENT and XFORWARD are offered to nobody, at any door, from anywhere."""
    for source in (2, 5):
        with service.client("mx", source=source) as client:
            client.ehlo()
            assert not {"xclient", "xforward"} & set(client.esmtp_features)
            assert client.docmd("XCLIENT", "ADDR=127.0.0.1")[0] // 100 == 5
