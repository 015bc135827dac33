"""P6.1 through Sieve: what a person's own script sends leaves in her own name or not at all; a refusal loses nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from e2e.service import EICAR, letter, unique
from e2e.sieve.sieve import activate, signed_in

if TYPE_CHECKING:
    from e2e.service import Service

ALICE, BOB = "alice@outside.example", "bob@outside.example"
VACATION = 'require ["vacation"];\nvacation :days 1 {options} :subject "{subject}" "Puhkan.";\n'


def vacation(service: Service, owner: str, options: str) -> tuple[str, str]:
    """A letter from Alice to `owner`, who answers by a script with these options: the letter's subject, the answer's."""
    asked, answered = unique(), unique("puhkus")
    activate(service, owner, VACATION.format(options=options, subject=answered))
    assert service.deliver(ALICE, owner, letter(ALICE, owner, asked))[0] == 250
    assert service.find(owner, asked) is not None, "the letter itself was lost"
    return asked, answered


def test_an_answer_leaves_in_the_owners_name_and_signed(service: Service) -> None:
    owner = service.mailbox()
    got = service.sunk(vacation(service, owner, "")[1])
    assert got is not None
    assert f"From: <{owner}>" in got.content.decode() or f"From: {owner}" in got.content.decode()
    assert got.content.count(b"d=kadakas.example") == 2
    assert got.sender in {"", owner} or got.sender.endswith(f"@{service.name}"), got.sender


@pytest.mark.parametrize("who", ["colleague", "other client", "outside", "two", "display trick", "group"])
def test_an_answer_in_anothers_name_does_not_leave_and_the_letter_stays(
    service: Service, jaan: str, piret: str, who: str
) -> None:
    owner = service.mailbox()
    claim = {
        "colleague": jaan,
        "other client": piret,
        "outside": BOB,
        "two": f"{owner}, {jaan}",
        "display trick": f'\\"{jaan}\\" <{owner}>',
        "group": f"Kadakas: {jaan};",
    }[who]
    with signed_in(service, owner) as client:
        answer, _ = client.put("main", VACATION.format(options=f':from "{claim}"', subject="x"))
    if answer == "NO":
        return  # the server does not take the script at all
    answered = vacation(service, owner, f':from "{claim}"')[1]
    assert service.sunk(answered, wait=4) is None


def test_a_granted_name_is_ones_own_in_an_answer_too(service: Service) -> None:
    """P6.2."""
    owner = service.mailbox()
    alias = f"{unique('info')}@kadakas.example"
    service.cli("alias", "add", alias, "--to", owner, "--owner", owner)
    assert service.sunk(vacation(service, owner, f':from "{alias}"')[1]) is not None


def test_a_redirect_leaves_under_a_name_of_ours_and_keeps_the_authors_signature(service: Service) -> None:
    """SRS in the envelope; the author's From as it was, unsigned by us (P6.3)."""
    owner, subject = service.mailbox(), unique()
    activate(service, owner, f'redirect "{BOB}";\n')
    assert service.deliver(ALICE, owner, letter(ALICE, owner, subject))[0] == 250
    got = service.sunk(subject)
    assert got is not None
    assert list(got.recipients) == [BOB]
    assert got.sender.endswith(f"@{service.name}"), got.sender
    assert f"From: {ALICE}" in got.content.decode()
    assert b"d=kadakas.example" not in got.content.partition(b"DKIM-Signature:")[2].partition(b"\r\nFrom:")[0]


def test_a_redirect_of_a_hosted_authors_mail_arrives(service: Service, mari: str) -> None:
    """A colleague's signed letter goes on to the outside with her own signatures."""
    owner, subject = service.mailbox(), unique()
    activate(service, owner, f'redirect "{BOB}";\n')
    assert service.submit(mari, mari, owner, letter(mari, owner, subject))[0] == 250
    got = service.sunk(subject)
    assert got is not None, "a colleague's letter did not pass the redirect"
    assert got.content.count(b"d=kadakas.example") >= 2


def test_a_virus_is_not_redirected(service: Service) -> None:
    owner, subject = service.mailbox(), unique()
    activate(service, owner, f'redirect "{BOB}";\n')
    assert service.deliver(ALICE, owner, letter(ALICE, owner, subject, f"{EICAR}\n"))[0] == 554
    assert service.sunk(subject, wait=2) is None


@pytest.mark.parametrize(
    "extension",
    ["reject", "ereject", "enotify", "editheader", "include", "vnd.dovecot.pipe", "vnd.dovecot.execute", "vnd.dovecot.filter"],
)
def test_an_extension_that_could_speak_for_others_is_not_there(service: Service, mari: str, extension: str) -> None:
    """`include` reads the person's own scripts only; the rest would send, change or run."""
    with signed_in(service, mari) as client:
        names = client.capabilities.split('"SIEVE" "', 1)[1].split('"')[0].split()
        if extension == "include":
            assert client.put("x", 'require ["include"];\ninclude :personal "../../../../etc/passwd";\n')[0] in {"NO", "OK"}
            return
        assert extension not in names
        answer, words = client.put("x", f'require ["{extension}"];\nkeep;\n')
        assert answer == "NO", words


@pytest.mark.parametrize("folder", ["../x", "../../pihlakas.example/x", "/srv/x", "~/x", "INBOX/../../x", "x/../../y"])
def test_a_folder_name_is_no_path(service: Service, folder: str) -> None:
    """T32: the letter stays in the owner's own store, and nothing appears elsewhere."""
    owner, subject = service.mailbox(), unique()
    before = set(service.facts.layout.mail.glob("*/*"))
    activate(service, owner, f'require ["fileinto", "mailbox"];\nfileinto :create "{folder}";\n')
    assert service.deliver(ALICE, owner, letter(ALICE, owner, subject))[0] == 250
    home = service.facts.layout.mail / owner.rpartition("@")[2]
    end = time.monotonic() + 10
    found: list[str] = []
    while not found and time.monotonic() < end:
        found = [
            str(path)
            for path in service.facts.layout.mail.rglob("*")
            if path.is_file() and subject.encode() in path.read_bytes()
        ]
        time.sleep(0.2)
    assert found, "the letter was lost"
    assert all(str(home) in path for path in found), found
    new = set(service.facts.layout.mail.glob("*/*")) - before
    assert not [path for path in new if not path.name.startswith(owner.partition("@")[0])]


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b"])
def test_a_scripts_name_is_no_path(service: Service, mari: str, name: str) -> None:
    with signed_in(service, mari) as client:
        assert client.put(name, "keep;\n")[0] == "NO"
        assert client.put(unique(), "keep;\n")[0] == "OK"
