"""What the checks are made of: letters, tricks, and the judgement of what was seen."""

from __future__ import annotations

import pytest

from kindelpost.engines.checks import accounts, drift, identity
from kindelpost.engines.checks.samples import letter, subject
from kindelpost.engines.reach import foreign
from kindelpost.engines.tries import Reply
from kindelpost.practice.verdicts import Verdict

A, B = "mari@alfa.test", "juku@beta.test"


def test_letters_have_a_subject_of_their_own() -> None:
    assert subject() != subject()
    assert letter(A, B, title="pealkiri")["Subject"] == "pealkiri"


@pytest.mark.parametrize("name", identity.TRICKS)
def test_a_trick_names_somebody_else_or_nobody(name: str) -> None:
    raw = identity.trick(name, A, B, B).decode()
    head = raw.partition("To: ")[0]
    assert B in head or "juku+x@" in head or "=?utf-8?B?" in head or "From:" not in head
    assert "x@x.example" not in raw.partition("Message-ID")[0]


def test_one_that_was_taken_or_put_off_is_no_refusal() -> None:
    refused = {"a": Reply(553, "5.7.1 no")}
    assert identity.all_refused(refused).verdict is Verdict.PASS
    for code in (250, 451):
        result = identity.all_refused({**refused, "b": Reply(code, "x")})
        assert result.verdict is Verdict.FAIL
        assert f"b: {code} x" in result.observed


@pytest.mark.parametrize("word", ["unix:/run/a", "/run/a", "127.0.0.1/8", "[::1]/128", "::1", "255.255.255.255/32"])
def test_sockets_and_loopback_trust_nobody(word: str) -> None:
    assert drift.harmless(word)


@pytest.mark.parametrize("word", ["203.0.113.0/24", "0.0.0.0/0", "[2001:db8::]/32", "$mynetworks", "static:all", "10.0.0.1"])
def test_a_network_or_whatever_else_trusts_somebody(word: str) -> None:
    assert not drift.harmless(word)


def test_an_account_may_open_its_own_and_what_is_public_alone() -> None:
    version = "etc/.versions/rspamd-0123456789abcdef/rspamd.conf"
    assert foreign("kp-rspamd", [version, "run/redis/redis.sock", "kindelpost.toml", "tls/front/fullchain.pem"]) == []
    assert foreign("kp-nginx", [version, "secrets/a", "data/mail/x"]) == [version, "secrets/a", "data/mail/x"]
    assert foreign("nobody", [version, "run/nginx/nginx.pid"]) == [version]
    assert foreign("postfix", ["run/dovecot/lmtp-postfix", "run/dovecot/doveadm-server"]) == ["run/dovecot/doveadm-server"]


def test_an_account_that_somebody_could_sign_in_to_or_that_is_shared_is_named() -> None:
    fit = {"uid": 990, "shell": "/usr/sbin/nologin", "locked": True, "shares": []}
    assert accounts._unfit({"kp-a": fit}) == []
    for field, value in (("shell", "/bin/sh"), ("locked", False), ("shares", ["root"]), ("uid", 0)):
        assert accounts._unfit({"kp-a": {**fit, field: value}}), field
    assert accounts._shared({"postfix": ["postfix", "root"], "worker": ["kp-control"], "?": ["kp-control"]}) == []
    assert accounts._shared({"postfix": ["kp-nginx"]})
    assert accounts._shared({"srs": ["kp-srs"], "sts": ["kp-srs"]})
    assert accounts._shared({"srs": ["root"]})
