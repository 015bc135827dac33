"""Looks read what is there and say no secret."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from kindelpost.engines.facts import Layout
from kindelpost.engines.looks import accounts, fingerprints
from kindelpost.engines.redis import attempts

if TYPE_CHECKING:
    from pathlib import Path


def entry(user: bytes, kind: int, seconds: int) -> bytes:
    return accounts.UTMP.pack(kind, 1, b"pts/0", b"0", user, b"host", 0, 0, 0, seconds, 0, 0, 0, 0, 0, b"")


def test_sign_ins_of_the_last_month_are_read_from_wtmp() -> None:
    now = int(time.time())
    raw = entry(b"mari", 7, now) + entry(b"mari", 8, now) + entry(b"juku", 7, now - 40 * 86400) + b"half an entry"
    assert list(accounts._wtmp(raw)) == [("mari", now)]


def test_sign_ins_are_found_in_the_words_of_sshd_and_pam() -> None:
    said = "sshd[1]: Accepted publickey for kp-rspamd from ::1\nsu: session opened for user kp-sts(uid=1) by root"
    assert accounts.SIGNED_IN.findall(said) == ["kp-rspamd", "kp-sts"]


def test_every_secret_is_named_and_equal_ones_have_one_value(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    for name, value in (
        ("secrets/a", "same"),
        ("secrets/b", "same\n"),
        ("tls/front/key.pem", "key"),
        ("data/control/x.key", "x"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value)
    (tmp_path / "data/control/canary.json").write_text(json.dumps({"a": ["canary@a.test", "word"]}))
    found = dict(fingerprints.values(layout))
    assert list(found) == ["secrets/a", "secrets/b", "data/control/x.key", "tls/front/key.pem", "canary a"]
    assert found["secrets/a"] == found["secrets/b"]
    assert found["canary a"] == b"word"


def test_a_statement_is_written_as_the_protocol_has_it() -> None:
    assert attempts.encoded("GET", "ä") == b"*2\r\n$3\r\nGET\r\n$2\r\n\xc3\xa4\r\n"
