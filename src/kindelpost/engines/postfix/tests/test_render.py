"""Postfix's files: what is rendered for each release, and that the releases' own defaults decide nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from kindelpost.config.service import Dns, Listen, Service
from kindelpost.engines.facts import Facts, Layout, Outside
from kindelpost.engines.postfix.render import processes, render
from kindelpost.engines.tests.goldens import assert_golden, read_defaults

HERE = Path(__file__).parent
RELEASES = {"3.7": (3, 7, 11), "3.10": (3, 10, 13)}
DEFAULTS = read_defaults(HERE / "defaults.tsv")
REAL = Facts(Layout(Path("/srv/kp")), Service(), secrets={"forward-out": "made-up"})
PLAYED = replace(
    REAL,
    service=Service(evaluation=True, listen=Listen(port_base=29000), dns=Dns(outside=True)),
    outside=Outside("kp-0badcafe", "203.0.113.1", "2001:db8:1::1", "203.0.113.2", "2001:db8:1::2"),
)
# Defaults that differ and that we leave, with the reason.
LEFT = {
    "mail_release_date": "a fact of the release",
    "mail_version": "a fact of the release",
    "tls_export_cipherlist": "grade of ciphers that no setting of ours names; empty in 3.10",
    "tls_low_cipherlist": "grade of ciphers that no setting of ours names; empty in 3.10",
    "tls_null_cipherlist": "grade of ciphers that no setting of ours names",
    "tlsproxy_client_policy_maps": "the same in another notation; and tlsproxy is not in master.cf",
    "tlsproxy_client_security_level": "the same in another notation; and tlsproxy is not in master.cf",
    "tlsproxy_tls_enable_rpk": "tlsproxy is not in master.cf",
    "allow_srv_lookup_fallback": "without use_srv_lookup nobody asks it",
    "ignore_srv_lookup_error": "without use_srv_lookup nobody asks it",
    "full_name_encoding_charset": "the default is what 3.7 would not do, and sendmail -F is not ours",
    "lmtp_sasl_password_result_delimiter": "the default is what 3.7 does; Dovecot asks Postfix for no login",
    "lmtp_tls_enable_rpk": "LMTP is a Unix socket without TLS",
    "lmtp_tls_enforce_sts_mx_patterns": "LMTP is a Unix socket without TLS",
    "lmtp_tlsrpt_enable": "LMTP is a Unix socket without TLS",
    "lmtp_tlsrpt_skip_reused_handshakes": "LMTP is a Unix socket without TLS",
    "lmtp_tlsrpt_socket_name": "LMTP is a Unix socket without TLS",
    "smtp_sasl_password_result_delimiter": "the default is what 3.7 does",
    "smtp_tlsrpt_skip_reused_handshakes": "without smtp_tlsrpt_enable nobody asks it",
    "smtp_tlsrpt_socket_name": "without smtp_tlsrpt_enable nobody asks it",
    "socketmap_max_reply_size": "the default is what 3.7 has built in",
}


def on(release: str, facts: Facts = REAL) -> Facts:
    return replace(facts, versions={"postfix": RELEASES[release]})


def settings(text: str) -> dict[str, str]:
    """main.cf as name → value, a value of several lines as one."""
    logical = re.sub(r"\n[ \t]+", " ", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    return {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in logical.splitlines() if line)}


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(("name", "facts"), [("real", REAL), ("outside", PLAYED)])
def test_the_files_are_the_golden_ones(name: str, facts: Facts, release: str) -> None:
    files = render(on(release, facts))
    assert set(files) == {"main.cf", "master.cf", "srs-return", "srs-bounce", "forward-out.login"}
    for file in ("main.cf", "master.cf"):
        assert_golden(HERE / "golden" / f"{name}-{release}.{file}", files[file].text)


def test_the_door_of_forwards_keeps_its_login_from_others() -> None:
    file = render(on("3.10"))["forward-out.login"]
    assert file.text.endswith(" forward-out:made-up\n")
    assert (file.mode & 0o007, file.owner) == (0, "root")


@pytest.mark.parametrize("setting", DEFAULTS)
def test_a_default_that_differs_between_the_releases_is_set_or_left_with_a_reason(setting: str) -> None:
    in_old, in_new = (default != "-" for default in DEFAULTS[setting])
    ours = {release: settings(render(on(release))["main.cf"].text) for release in RELEASES}
    if setting in LEFT:
        assert all(setting not in chosen for chosen in ours.values()), f"{setting} is set: take it off the list"
        return
    assert (setting in ours["3.7"], setting in ours["3.10"]) == (in_old, in_new)
    if in_old and in_new:
        assert ours["3.7"][setting] == ours["3.10"][setting]


def test_nothing_is_left_that_does_not_differ() -> None:
    assert set(DEFAULTS) >= set(LEFT)


def test_what_both_releases_know_is_set_alike() -> None:
    old, new = (settings(render(on(release))["main.cf"].text) for release in RELEASES)
    assert {name: value for name, value in new.items() if name in old} == old


def test_no_setting_is_said_twice() -> None:
    for release in RELEASES:
        names = re.findall(r"^(\w+) =", render(on(release))["main.cf"].text, flags=re.MULTILINE)
        assert sorted(names) == sorted(set(names))


def test_the_master_alone_is_root_and_everybody_asks_our_own_resolver() -> None:
    (process,) = processes(on("3.10"))
    assert process.account == "root"
    assert process.binds == {"/srv/kp/etc/unbound/resolv.conf": "/etc/resolv.conf"}
