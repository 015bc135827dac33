"""Dovecot's files: what is rendered in each release's language, and that the releases' own defaults decide nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from kindelpost.config.service import Dns, Listen, Service
from kindelpost.engines.dovecot.render import listeners, processes, render
from kindelpost.engines.facts import Facts, Layout, Outside
from kindelpost.engines.tests.goldens import assert_golden, read_defaults

HERE = Path(__file__).parent
RELEASES = {"2.3": (2, 3, 19, 1), "2.4": (2, 4, 1)}
DEFAULTS = read_defaults(HERE / "defaults.tsv")
REAL = Facts(Layout(Path("/srv/kp")), Service(), secrets={"sieve-out": "made-up-sieve", "forward-out": "made-up-forward"})
PLAYED = replace(
    REAL,
    service=Service(evaluation=True, listen=Listen(port_base=29000), dns=Dns(outside=True)),
    outside=Outside("kp-0badcafe", "203.0.113.1", "2001:db8:1::1", "203.0.113.2", "2001:db8:1::2"),
)
LANGUAGE = "the same words in the release's own language of variables"
UNUSED = "a protocol or a storage that we do not run"
# Defaults that differ and that we leave, with the reason.
LEFT = {
    "auth_policy_request_attributes": "no policy server is asked",
    "deliver_log_format": LANGUAGE,
    "dsync_remote_cmd": "no mailbox is copied to another Dovecot",
    "imap_logout_format": LANGUAGE,
    "imap_urlauth_logout_format": LANGUAGE,
    "imapc_max_line_length": UNUSED,
    "imapc_user": UNUSED,
    "login_log_format": LANGUAGE,
    "login_log_format_elements": LANGUAGE,
    "mail_cache_fields": "speed alone: 2.4 keeps from the first message on what 2.3 keeps once it was asked for",
    "mail_log_prefix": LANGUAGE,
    "managesieve_logout_format": LANGUAGE,
    "managesieve_sieve_capability": "the same in another order; a session is told what sieve_extensions allows",
    "mbox_read_locks": UNUSED,
    "mbox_write_locks": UNUSED,
    "pop3_logout_format": UNUSED,
    "pop3_uidl_format": UNUSED,
    "pop3c_user": UNUSED,
    "rejection_reason": LANGUAGE,
    "rejection_subject": LANGUAGE,
    "service anvil/chroot": "2.4's anvil ends sessions through the admin sockets of their processes",
    "service auth/unix_listener auth-userdb/group": "mode 0600: the group has no access",
    "submission_logout_format": UNUSED,
}
# One setting, another name in 2.3.
RENAMED = {"service auth-worker/process_limit": "auth_worker_max_count"}


def on(release: str, facts: Facts = REAL) -> Facts:
    return replace(facts, versions={"dovecot": RELEASES[release]})


def conf(release: str) -> str:
    return render(on(release))["dovecot.conf"].text


def settings(text: str) -> dict[str, str]:
    """dovecot.conf as path → value; what is set for a protocol counts as set."""
    found, path = {}, []
    for line in (line.strip() for line in text.splitlines()):
        if line.endswith("{"):
            path.append(line[:-1].strip())
        elif line == "}":
            path.pop()
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            inner = [block for block in path if not block.startswith("protocol ")]
            found["/".join([*inner, name.strip()])] = value.strip()
    return found


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(("name", "facts"), [("real", REAL), ("outside", PLAYED)])
def test_the_files_are_the_golden_ones(name: str, facts: Facts, release: str) -> None:
    files = render(on(release, facts))
    assert_golden(HERE / "golden" / f"{name}-{release}.dovecot.conf", files["dovecot.conf"].text)
    common = {"before.sieve", "sieve-out.msmtprc", "sieve-out.secret", "doors.passwd"}
    common |= {"dovecot-sql.conf"} if release == "2.3" else set()
    assert files.keys() - {"dovecot.conf"} == common
    for file in common if facts is REAL else ():
        assert_golden(HERE / "golden" / file, files[file].text)


@pytest.mark.parametrize("setting", DEFAULTS)
def test_a_default_that_differs_between_the_releases_is_set_or_left_with_a_reason(setting: str) -> None:
    old, new = settings(conf("2.3")), settings(conf("2.4"))
    if setting in LEFT:
        assert setting not in old.keys() | new.keys(), f"{setting} is set: take it off the list"
        return
    assert RENAMED.get(setting, setting) in old
    assert setting in new


def test_nothing_is_left_that_does_not_differ() -> None:
    assert set(DEFAULTS) >= set(LEFT)


def test_what_both_languages_say_alike_has_one_value() -> None:
    old, new = settings(conf("2.3")), settings(conf("2.4"))
    # the variables' language; 2.4 never compresses
    spoken = {"auth_username_format", "service auth-worker/user", "service anvil/user", "ssl_options"}
    assert {name: new[name] for name in old.keys() & new.keys() - spoken} == {
        name: old[name] for name in old.keys() & new.keys() - spoken
    }


def test_the_quota_and_sieve_are_ruled_alike() -> None:
    old, new = settings(conf("2.3")), settings(conf("2.4"))
    pairs = {
        "plugin/quota_grace": "quota_storage_grace",
        "plugin/quota_status_overquota": "quota_status_overquota",
        "plugin/quota_status_toolarge": "quota_status_toolarge",
        "plugin/sieve_redirect_envelope_from": "sieve_redirect_envelope_from",
        "plugin/sieve_max_redirects": "sieve_max_redirects",
        "plugin/sieve_max_script_size": "sieve_max_script_size",
        "plugin/sieve_quota_max_scripts": "sieve_quota_script_count",
        "plugin/sieve_vacation_min_period": "sieve_vacation_min_period",
        "plugin/sieve_vacation_send_from_recipient": "sieve_vacation_send_from_recipient",
    }
    assert {name: old[name].strip('"') for name in pairs} == {name: new[other] for name, other in pairs.items()}
    off = {word[1:] for word in old["plugin/sieve_extensions"].split()}
    assert off == {name.partition("/")[2] for name in new if name.startswith("sieve_extensions/")}


@pytest.mark.parametrize("release", RELEASES)
def test_there_is_no_sign_in_in_clear_text_and_no_old_tls(release: str) -> None:
    chosen = settings(conf(release))
    assert (chosen["ssl"], chosen["ssl_min_protocol"], chosen["login_trusted_networks"]) == ("required", "TLSv1.2", "")
    assert chosen.get("auth_allow_cleartext", "no") == "no"
    assert chosen.get("disable_plaintext_auth", "yes") == "yes"
    assert chosen["service imap-login/inet_listener imap/port"] == "0"
    assert "pop3" not in re.sub(r"#.*", "", conf(release))


def test_the_doors_logins_hold_on_loopback_alone() -> None:
    lines = render(on("2.4"))["doors.passwd"].text.splitlines()
    assert {line.partition(":")[0] for line in lines} == {"sieve-out", "forward-out"}
    assert all(line.endswith("allow_nets=127.0.0.1/32") for line in lines)


def test_it_listens_for_imaps_and_managesieve_and_the_master_alone_is_root() -> None:
    assert [listener.purpose for listener in listeners(on("2.4"))] == ["imaps", "managesieve"]
    (process,) = processes(on("2.4"))
    assert process.account == "root"
