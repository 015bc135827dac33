from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindelpost.config.load import Problem, load, parse
from kindelpost.config.service import Service
from kindelpost.lib.errors import Refused

FILE = Path("kindelpost.toml")


def problems(text: str, folder: Path) -> list[Problem]:
    with pytest.raises(Refused) as refusal:
        parse(text, folder / "kindelpost.toml")
    assert refusal.value.code == "config"
    found = refusal.value.data["problems"]
    assert isinstance(found, list)
    return found


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert parse("", tmp_path) == Service()


def test_a_changed_value_is_read_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "kindelpost.toml"
    file.write_text('hostname = "mail.firma.ee"\n[filtering]\njunk_score = 5\n[listen]\naddresses = ["192.0.2.1"]\n')
    service = load(file)
    assert (service.hostname, service.filtering.junk_score, service.filtering.reject_score) == ("mail.firma.ee", 5, 15)
    assert [str(address) for address in service.listen.addresses] == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("text", "identity", "where", "hint"),
    [
        ("[filtering]\nrejct_score = 9", "config-unknown-key", "filtering.rejct_score", "Did you mean filtering.reject_score?"),
        ("reject_score = 9", "config-unknown-key", "reject_score", "Did you mean filtering.reject_score?"),
        ("[filtring]\njunk_score = 9", "config-unknown-key", "filtring", "Did you mean filtering?"),
        ("colour = 9", "config-unknown-key", "colour", "Remove it"),
        ('[listen]\nport_base = "25"', "config-type", "listen.port_base", "type"),
        ("[listen]\nport_base = true", "config-type", "listen.port_base", "type"),
        ("[listen]\nport_base = 99999", "config-range", "listen.port_base", "range"),
        ("[listen]\naddresses = []", "config-empty", "listen.addresses", "at least one"),
        ('[listen]\naddresses = ["localhost"]', "config-type", "listen.addresses", "type"),
        ("[filtering]\nantivirus = false", "config-fixed", "filtering.antivirus", "cannot be switched off"),
        ('hostname = "mail"', "config-form", "hostname", "form"),
        ('[database]\nurl = "mysql://x/y"', "config-form", "database.url", "form"),
        ('[provider]\ncontact = "nobody"', "config-type", "provider.contact", "type"),
        ('[provider]\nname = ""', "config-empty", "provider.name", "Write a text"),
        ("hostname = [", "config-syntax", "kindelpost.toml", "Mend the line"),
        ('[tls]\ncertificate = "/etc/ssl/a.pem"', "tls-pair", "tls", "Set key too"),
        ('[tls]\nkey = "/etc/ssl/a.pem"', "tls-pair", "tls", "Set certificate too"),
        ('[tls]\ncertificate = "a.pem"\nkey = "/b.pem"', "tls-path", "tls", "from / on"),
        ("[filtering]\njunk_score = 12\nreject_score = 10", "filtering-order", "filtering", "raise reject_score"),
        ("[filtering]\njunk_score = 10\nreject_score = 10", "filtering-order", "filtering", "raise reject_score"),
        ("evaluation = true", "evaluation-ports", "kindelpost.toml", "listen.port_base"),
        (
            'evaluation = true\n[listen]\nport_base = 20000\naddresses = ["192.0.2.1"]',
            "evaluation-address",
            "kindelpost.toml",
            "127.0.0.1",
        ),
        ("[dns]\noutside = true", "dns-outside", "kindelpost.toml", "dns.outside = false"),
    ],
)
def test_a_wrong_setting_is_told_with_id_place_and_what_to_do(
    text: str, identity: str, where: str, hint: str, tmp_path: Path
) -> None:
    found = problems(text, tmp_path)[0]
    assert found.id == identity
    assert found.where.startswith(where) or found.where.endswith(where)
    assert hint in found.hint
    assert found.wrong


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    found = problems("colour = 1\n[quota]\ndefault_bytes = 1\n[filtering]\nantivirus = false", tmp_path)
    assert {problem.id for problem in found} == {"config-unknown-key", "config-range", "config-fixed"}


def test_a_secret_in_a_wrong_value_is_not_repeated(tmp_path: Path) -> None:
    assert "hunter2" not in "".join(map(str, problems('[database]\nurl = "postgres://kp:hunter2@db/kp"', tmp_path)))


def test_a_missing_file_and_an_unreadable_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="config-missing"):
        load(tmp_path / "kindelpost.toml")
    (tmp_path / "kindelpost.toml").write_bytes(b'hostname = "\xff"')
    with pytest.raises(Refused, match="config-unreadable"):
        load(tmp_path / "kindelpost.toml")


@given(st.text())
def test_any_text_is_read_or_refused_never_a_crash(text: str) -> None:
    with suppress(Refused):
        parse(text, FILE)


@given(
    st.dictionaries(
        st.sampled_from(["listen", "tls", "hostname", "x"]), st.integers() | st.booleans() | st.text("ab", min_size=1)
    )
)
def test_any_shape_is_read_or_refused_never_a_crash(raw: dict[str, object]) -> None:
    with suppress(Refused):
        parse("\n".join(f"{key} = {json.dumps(value)}" for key, value in raw.items()), FILE)
