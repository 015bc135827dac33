"""One spelling of every address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindelpost.lib.errors import Refused
from kindelpost.mail.addresses import parse_address, parse_domain, shown_domain


def test_case_and_space_around_make_no_other_address() -> None:
    assert str(parse_address("  Mari.Maasikas@Firma.EE ")) == "mari.maasikas@firma.ee"


def test_a_domain_with_estonian_letters_is_kept_in_a_labels_and_shown_in_its_own() -> None:
    assert parse_domain("Õpe.ee") == "xn--pe-bka.ee"
    assert shown_domain("xn--pe-bka.ee") == "õpe.ee"
    assert shown_domain("xn--a.ee") == "xn--a.ee"


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "a@", "@b.ee", "a@b", "a b@c.ee", "a@b@c.ee", ".a@b.ee", "a.@b.ee", "a..b@c.ee", '"a"@b.ee', "a%b@c.ee",
        "a!b@c.ee", "a/../b@c.ee", "a\n@b.ee", "a@b.ee\0", "õ@b.ee", f"{'a' * 65}@b.ee", "a@-b.ee", "a@b_c.ee", "a@[127.0.0.1]",
        "a@127.0.0.1", f"a@{'b' * 64}.ee", f"a@{'b.' * 130}ee",
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_address(text)
    assert refused.value.code in {"bad-address", "bad-domain"}
    assert refused.value.hint


def _refused_or_fixed(text: str) -> None:
    try:
        address = parse_address(text)
    except Refused:
        return
    assert parse_address(str(address)) == address
    assert str(address) == str(address).lower()
    assert str(address).isascii()
    assert str(address).isprintable()


@given(st.text(max_size=80))
def test_any_text_is_refused_or_becomes_a_fixed_point(text: str) -> None:
    _refused_or_fixed(text)


@given(st.from_regex(r"[A-Za-z0-9_+=&'.-]{1,70}@[A-Za-zõäöü0-9.-]{1,90}\.(ee|test|xn--p1ai)", fullmatch=True))
def test_near_addresses_are_refused_or_become_a_fixed_point(text: str) -> None:
    _refused_or_fixed(text)
