"""T40: the local `sendmail` command is no way round the rules, for any of the service's own accounts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from e2e.service import letter, unique
from kindelpost.engines.facts import ACCOUNTS
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from e2e.service import Service


def sendmail(service: Service, account: str, sender: str, to: str, raw: bytes) -> tuple[int, str]:
    """Submit through the sendmail command as `account`; its exit status and words."""
    drop = ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups"] if account != "root" else []
    done = run(
        [*drop, "/usr/sbin/sendmail", "-C", service.facts.layout.etc("postfix"), "-i", "-f", sender, to],
        stdin=raw.decode().replace("\r\n", "\n"),
        check=False,
    )
    return done.code, done.said


@pytest.mark.parametrize("account", sorted(set(ACCOUNTS.values()) | {"nobody", "www-data"}))
def test_no_account_but_root_may_inject_mail(service: Service, mari: str, account: str) -> None:
    subject = unique()
    code, words = sendmail(service, account, mari, mari, letter(mari, mari, subject))
    assert code != 0, words
    assert service.find(mari, subject, wait=1) is None


def test_postfix_itself_is_not_on_the_list_of_submitters(service: Service) -> None:
    """Most accounts never get as far as the list: the queue's folder is closed to them. This one owns it."""
    become = ["setpriv", "--reuid=postfix", "--regid=postfix", "--init-groups", "--no-new-privs"]
    done = run([*become, "/usr/sbin/postdrop", "-c", service.facts.layout.etc("postfix")], check=False)
    assert "not allowed to submit mail" in done.said


def test_even_root_does_not_write_in_a_clients_name(service: Service, mari: str, piret: str) -> None:
    """pickup(8) hands it to the filter as every other way in; a hosted From or envelope sender is refused."""
    assert os.geteuid() == 0
    for sender, header in ((mari, mari), ("root", mari), (mari, f"root@{service.name}")):
        subject = unique()
        sendmail(service, "root", sender, piret, letter(header, piret, subject))
        assert service.find(piret, subject, wait=3) is None, (sender, header)


def test_the_machines_own_notices_still_arrive(service: Service, mari: str) -> None:
    """The positive twin: cron's mail to an operator."""
    subject = unique()
    own = f"root@{service.name}"
    code, words = sendmail(service, "root", own, mari, letter(own, mari, subject))
    assert code == 0, words
    assert service.find(mari, subject) is not None
