"""A mailbox created, changed and removed under load takes effect in two seconds, and no connection is dropped."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from e2e.service import PASSWORD, letter, transact, unique

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.service import Service

ALICE = "alice@outside.example"


def soon(probe: Callable[[], bool], within: float = 2.0) -> float:
    """Seconds until `probe` holds; fails when it does not within the promised time."""
    begun = time.monotonic()
    while not probe():
        assert time.monotonic() - begun < within, f"not after {within} s"
        time.sleep(0.05)
    return time.monotonic() - begun


class Load(threading.Thread):
    """Sends mail to one mailbox without pause over one connection that must live through everything."""

    def __init__(self, service: Service, to: str) -> None:
        super().__init__()
        self.service, self.to = service, to
        self.sent, self.failure = 0, ""
        self.stopped = threading.Event()

    def run(self) -> None:
        """Until stopped: a message, and a NOOP on an IMAP session that stays open."""
        try:
            self.work()
        except Exception as error:  # noqa: BLE001 -- reported by the test
            self.failure = repr(error)

    def work(self) -> None:
        """What `run` repeats; any other answer than a good one ends it."""
        with self.service.mx() as client, self.service.imap(self.to) as reader:
            while not self.stopped.wait(0.25):
                code, words = transact(client, ALICE, [self.to], letter(ALICE, self.to))
                if code != 250 or reader.noop()[0] != "OK":
                    self.failure = f"{code} {words}"
                    return
                self.sent += 1


def test_mailboxes_come_change_and_go_under_load(service: Service, mari: str) -> None:
    load = Load(service, mari)
    load.start()
    try:
        for _ in range(3):
            address = f"{unique('uus')}@kadakas.example"

            def accepted(to: str = address) -> bool:
                with service.mx() as client:
                    client.mail(ALICE)
                    return client.rcpt(to)[0] == 250

            def signs_in(login: str = address, password: str = PASSWORD) -> bool:
                try:
                    with service.imap(login, password=password):
                        return True
                except Exception:  # noqa: BLE001 -- imaplib says every refusal so
                    return False

            service.cli("mailbox", "add", address, "--password-stdin", stdin=f"{PASSWORD}\n")
            soon(accepted)
            soon(signs_in)
            service.cli("mailbox", "password", address, "--password-stdin", stdin="teine-hea-parool-2026\n")
            soon(lambda: signs_in(password="teine-hea-parool-2026"))
            assert not signs_in()
            service.cli("mailbox", "remove", address)
            soon(lambda: not accepted())
            assert not signs_in(password="teine-hea-parool-2026")
    finally:
        load.stopped.set()
        load.join(30)
    assert not load.failure
    assert load.sent > 3


def test_an_address_that_comes_back_has_no_old_mail(service: Service) -> None:
    address = service.mailbox()
    subject = unique()
    assert service.deliver(ALICE, address, letter(ALICE, address, subject))[0] == 250
    assert service.find(address, subject) is not None
    service.cli("mailbox", "remove", address)
    service.cli("mailbox", "add", address, "--password-stdin", stdin=f"{PASSWORD}\n")
    soon(lambda: service.find(address, subject, wait=0) is None)
