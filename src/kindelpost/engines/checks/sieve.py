"""P6.1 through Sieve: an answer in another's name does not leave; the mailbox's own script tries it."""

from __future__ import annotations

import base64
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from kindelpost.engines import tries
from kindelpost.engines.canary import canary
from kindelpost.engines.checks.samples import letter, subject
from kindelpost.engines.checks.tls import starttls_sieve
from kindelpost.engines.checks.tried import arrived
from kindelpost.practice.registry import Result, Target, check, failed, passed

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from kindelpost.engines.canary import Canary

__all__ = ["answers"]

DAY = 86400
NAME = "kindelpost-check"
SPEAKING = {
    "reject",
    "ereject",
    "enotify",
    "notify",
    "editheader",
    "vnd.dovecot.pipe",
    "vnd.dovecot.execute",
    "vnd.dovecot.filter",
}
# One rule a letter: it answers under the given name, and only this once (RFC 5230 §4.2, §4.7).
RULE = 'if header :is "subject" "{title}" {{ vacation :handle "{title}" :subject "{answer}" :from "{sender}" "Puhkan."; }}\n'


class Session:
    """A signed-in ManageSieve session (RFC 5804)."""

    def __init__(self, secure: ssl.SSLSocket, login: tuple[str, str]) -> None:
        """Read the capabilities that come with TLS (§2.2), then sign in."""
        self.stream = secure.makefile("rwb")
        self.capabilities = self.reply()
        self.say('AUTHENTICATE "PLAIN" "{}"'.format(base64.b64encode("\0{}\0{}".format(*login).encode()).decode()))

    def reply(self) -> str:
        """Up to the line that begins with OK; any other end raises `ConnectionError`."""
        lines = []
        while line := self.stream.readline().decode():
            lines.append(line)
            if line.startswith(("NO", "BYE")):
                break
            if line.startswith("OK"):
                return "".join(lines)
        raise ConnectionError(f"ManageSieve: {''.join(lines).strip() or 'it closed'}")

    def say(self, line: str) -> str:
        """One command and its reply."""
        self.stream.write(f"{line}\r\n".encode())
        self.stream.flush()
        return self.reply()

    def activate(self, script: str) -> None:
        """Put the script and let it be the one that runs."""
        raw = script.encode()
        self.say(f'PUTSCRIPT "{NAME}" {{{len(raw)}+}}\r\n{script}')
        self.say(f'SETACTIVE "{NAME}"')

    def clear(self) -> None:
        """No script of ours stays."""
        self.say('SETACTIVE ""')
        self.say(f'DELETESCRIPT "{NAME}"')


@contextmanager
def _session(box: Canary) -> Iterator[Session]:
    with tries.connect("managesieve") as plain:
        starttls_sieve(plain)
        with tries.trust().wrap_socket(plain, server_hostname=settings.SERVICE.hostname) as secure:
            yield Session(secure, box.login)


@check(
    "P6.1.sieve",
    version=1,
    kind="does",
    ttl_s=DAY,
    expected="An automatic answer leaves in one's own name alone; no rule can speak otherwise.",
    timeout_s=90,
)
def answers(_target: Target) -> Result:
    """A rule of a mailbox cannot answer in another's name."""
    own, to = canary("a"), canary("b")
    names = {"own": own.address, "a colleague's": own.named("other"), "another client's": to.address}
    cases = {case: (subject(), subject(), sender) for case, sender in names.items()}
    rules = "".join(RULE.format(title=title, answer=answer, sender=sender) for title, answer, sender in cases.values())
    with _session(own) as session:
        speaking = sorted(name for name in SPEAKING if f" {name} " in session.capabilities.replace('"', " "))
        session.activate(f'require ["vacation"];\n{rules}')
        try:
            _bring(own, to, [title for title, _answer, _sender in cases.values()])
            came = {case: arrived(to, answer, 10 if case == "own" else 0) is not None for case, (_, answer, _) in cases.items()}
        finally:
            session.clear()
    words = f"answers that came: {', '.join(case for case in came if came[case]) or 'none'}; of {', '.join(came)}"
    if speaking:
        return failed(f"{words}; rules may use {', '.join(speaking)}", weaker=tries.weaker())
    return (passed if came == {case: case == "own" for case in came} else failed)(words, weaker=tries.weaker())


def _bring(own: Canary, to: Canary, titles: list[str]) -> None:
    """Letters that the rule answers; the answer is handed over before the letter is filed. Raises `TimeoutError`."""
    with tries.smtp("submissions", login=to.login, host=10) as client:
        for title in titles:
            reply = tries.transact(client, to.address, own.address, letter(to.address, own.address, title=title).as_bytes())
            if not reply.accepted:
                raise ConnectionRefusedError(f"a letter was not taken: {reply}")
    for title in titles:
        if arrived(own, title) is None:
            raise TimeoutError("a letter did not arrive")
    time.sleep(1)  # an answer that was taken is on its way through the filter
