"""Every domain gets both keys, its signer gets them, its client gets the records."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import InvalidToken

from kindelpost.config.sealing import open_sealed, seal
from kindelpost.engines.maps import publish_all
from kindelpost.journal.models import Entry
from kindelpost.journal.sweep import sweep
from kindelpost.mail.dkim import record_text
from kindelpost.sending.actions import make_dkim_keys
from kindelpost.sending.models import DkimKey
from kindelpost.sending.queries import dns_records
from kindelpost.tenants.actions import create_domain, remove_domain

if TYPE_CHECKING:
    from pytest_django import Settings

    from kindelpost.conftest import World
    from kindelpost.engines.facts import Layout
    from kindelpost.tenants.models import Domain


@pytest.fixture
def domain(instance: Layout, world: World) -> Domain:
    Entry.objects.update(pending=False)
    made = create_domain(world.alfa, "kadakas.test", actor=world.dora)
    publish_all()
    while sweep():
        pass
    made.refresh_from_db()
    return made


def test_a_new_domain_gets_both_keys_and_is_ready(domain: Domain) -> None:
    keys = {key.selector: key.algorithm for key in DkimKey.objects.filter(domain=domain)}
    assert keys == {"kp202611r": "rsa", "kp202611e": "ed25519"}
    assert domain.state == "ready"


def test_making_keys_again_changes_nothing(domain: Domain, world: World) -> None:
    before = set(DkimKey.objects.values_list("pk", "sealed"))
    make_dkim_keys(domain, actor=world.dora)
    assert set(DkimKey.objects.values_list("pk", "sealed")) == before


def test_a_private_key_lies_sealed_in_the_database_and_open_only_for_the_signer(instance: Layout, domain: Domain) -> None:
    key = DkimKey.objects.get(domain=domain, algorithm="rsa")
    published = instance.maps("rspamd") / "dkim" / "kadakas.test.kp202611r.key"
    assert "PRIVATE" not in key.sealed
    assert published.read_text() == open_sealed(key.sealed)
    assert published.stat().st_mode & 0o777 == 0o440
    assert (instance.maps("rspamd") / "signing.map").read_text() == "kadakas.test kp202611r,kp202611e\nloaded.invalid none\n"


def test_the_sealing_key_is_our_accounts_alone_and_nothing_opens_without_it(instance: Layout, settings: Settings) -> None:
    token = seal("secret")
    assert settings.KEY_FILE.stat().st_mode & 0o777 == 0o400
    assert open_sealed(token) == "secret"
    settings.KEY_FILE = instance.root / "another.key"
    with pytest.raises(InvalidToken):
        open_sealed(token)


def test_the_records_to_publish_match_the_keys_that_sign(domain: Domain) -> None:
    records = {record.name: record for record in dns_records(domain)}
    for key in DkimKey.objects.filter(domain=domain):
        value = records[f"{key.selector}._domainkey.kadakas.test"].value
        assert value == record_text(open_sealed(key.sealed))
        assert base64.b64decode(value.partition("p=")[2])
    assert not [record for record in dns_records(domain) if record.type == "TLSA"]  # there is no certificate


def test_the_policy_is_published_for_the_web_server(instance: Layout, domain: Domain) -> None:
    text = (instance.maps("nginx") / "mta-sts" / "kadakas.test.txt").read_text()
    assert text.startswith("version: STSv1\n")


def test_a_removed_domains_keys_leave_the_signer_and_a_neighbours_stay(instance: Layout, domain: Domain, world: World) -> None:
    create_domain(world.alfa, "sub.kadakas.test", actor=world.dora)
    while sweep():
        pass
    remove_domain(domain, actor=world.dora)
    sweep()
    left = {file.name for file in (instance.maps("rspamd") / "dkim").iterdir()}
    assert left == {"sub.kadakas.test.kp202611r.key", "sub.kadakas.test.kp202611e.key"}
    assert not (instance.maps("nginx") / "mta-sts" / "kadakas.test.txt").exists()
    assert set(publish_all().values()) == {0}


def test_what_mail_programs_ask_is_published_and_goes_with_the_domain(instance: Layout, domain: Domain, world: World) -> None:
    files = [instance.maps("nginx") / name / "kadakas.test.xml" for name in ("autoconfig", "autodiscover")]
    assert all("mail.kindelpost.example" in file.read_text() for file in files)
    remove_domain(domain, actor=world.dora)
    sweep()
    assert not [file for file in files if file.exists()]
