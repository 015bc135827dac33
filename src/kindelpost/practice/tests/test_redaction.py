"""No secret and no message's body gets through, in whatever coat."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from kindelpost.practice import redaction
from kindelpost.practice.redaction import LONGEST_TEXT, Redactor, knows_secrets, redactor

SECRET = "kuldne-Rehepapp+1918/õ"
BODY = "Tere Mari, arve summa on 1918 eurot."
passwords = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=12, max_size=40)


@given(passwords, st.text(max_size=20), st.text(max_size=20))
def test_a_secret_is_cut_out_of_any_text(secret: str, before: str, after: str) -> None:
    assert secret not in Redactor([secret]).text(before + secret + after)


@given(st.binary(max_size=7), st.binary(max_size=7))
def test_a_secret_is_cut_out_of_base64_wherever_it_stands_in_it(before: bytes, after: bytes) -> None:
    said = f"AUTH PLAIN {base64.b64encode(before + SECRET.encode() + after).decode()}"
    cleaned = Redactor([SECRET]).text(said)
    assert "[secret]" in cleaned
    left = cleaned.removeprefix("AUTH PLAIN ").replace("[secret]", "")
    assert len(left) <= (len(before) + len(after)) * 4 / 3 + 12


def test_a_secret_is_cut_out_in_other_coats_too() -> None:
    clean = Redactor([SECRET])
    for coat in (quote(SECRET, safe=""), SECRET.encode().hex(), SECRET.encode().hex().upper(), json.dumps(SECRET)):
        assert "Rehepapp" not in clean.text(f"x {coat} y")
        assert clean.text(f"x {coat} y").startswith("x ")


def test_what_has_the_shape_of_a_secret_goes_without_being_known() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIOrr\n-----END PRIVATE KEY-----"
    hashed = "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b"
    cleaned = Redactor().text(f"saw {key} and {hashed} and $6$rounds$abcdefgh then the end")
    assert cleaned == "saw [secret] and [secret] and [secret] then the end"
    assert "MC4C" not in Redactor().text(key[:40])


def test_a_messages_body_stays_out_and_what_is_no_message_stays() -> None:
    for end in ("\n", "\r\n"):
        raw = end.join(["Received: from a", "\tby b", "Subject: Arve", "", BODY, "", "Mari"])
        cleaned = Redactor().text(f"250 ok{end}{raw}")
        assert BODY not in cleaned
        assert "Arve" in cleaned
        assert cleaned.endswith("[body left out]")
    assert Redactor().text("postconf says\n\na = b\nc = d") == "postconf says\n\na = b\nc = d"


def test_what_is_kept_is_short_and_writable() -> None:
    assert len(Redactor().text("a" * 10_000)) == LONGEST_TEXT
    assert Redactor().text("\ud800") == "?"


def test_details_are_json_with_nothing_hidden_in_them() -> None:
    clean = Redactor([SECRET])
    value = {SECRET: [SECRET, 1, True, None, 1.5, BODY.encode(), ("a",)], "deep": {"x": SECRET}}
    cleaned = clean.mapping(value)
    assert cleaned == {"[secret]": ["[secret]", 1, True, None, "1.5", "[bytes left out]", ["a"]], "deep": {"x": "[secret]"}}
    endless: list[object] = []
    endless.append(endless)
    assert "left out" in str(clean.value(endless))


def test_a_value_too_short_to_be_a_secret_blanks_out_nothing() -> None:
    assert Redactor(["ok", ""]).text("250 ok") == "250 ok"


def test_what_rooms_know_is_asked_for_each_time(monkeypatch: object) -> None:
    known: list[str] = []
    redaction._sources[:], before = [], list(redaction._sources)
    try:
        knows_secrets(lambda: known)
        assert redactor().text(SECRET) == SECRET
        known.append(SECRET)
        assert redactor().text(SECRET) == "[secret]"
    finally:
        redaction._sources[:] = before


def test_what_steers_a_terminal_is_shown_and_not_obeyed() -> None:
    assert Redactor().text("550 \x1b[2Jno\r\nmore\x00\u202e") == "550 \ufffd[2Jno\nmore\ufffd\ufffd"
