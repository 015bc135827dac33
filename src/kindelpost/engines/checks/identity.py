"""P6: nobody sends in another's name. The service's own mailbox tries every trick; its own name works."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from kindelpost.engines import tries
from kindelpost.engines.canary import canary
from kindelpost.engines.checks.samples import letter, subject
from kindelpost.engines.checks.tried import arrived
from kindelpost.engines.checks.victims import clients, victim_of
from kindelpost.engines.outside.hosts import STRANGER as FORGER
from kindelpost.practice.registry import Result, Target, check, failed, passed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kindelpost.engines.tries import Reply

__all__ = ["as_client", "from_outside", "own_names", "tricks"]

DAY = 86400
REFUSED = "Every one is refused for good (5xx); none is accepted."
STRANGER = "alice@outside.example"  # RFC 2606: nobody's; the evaluation's world has it
AT_ONCE = 4  # refusals in one session: after five Postfix slows the client down (smtpd_soft_error_limit)
# {a}: the login's own address, {b}: somebody else's
TRICKS = {
    "another's From": "From: {b}",
    "two addresses, own first": "From: {a}, {b}",
    "two addresses, own last": "From: {b}, {a}",
    "group": "From: Kadakas: {b};",
    "group with own": "From: Kadakas: {a}, {b};",
    "two From headers": "From: {a}\r\nFrom: {b}",
    "two From headers, own last": "From: {b}\r\nFrom: {a}",
    "quoted display name": 'From: "{b}" <{a}>',
    "encoded display name": "From: =?utf-8?B?{b64}?= <{a}>",
    "comment": "From: {a} ({b})",
    "two angles": "From: <{a}> <{b}>",
    "missing From": "X-Nothing: here",
    "another's Sender": "From: {a}\r\nSender: {b}",
    "another's Resent-From": "From: {a}\r\nResent-From: {b}",
    "another's tag": "From: {b_tagged}",
}
Case = tuple[str, bytes]  # envelope sender, letter


def headed(header: str, to: str) -> bytes:
    """A letter with this one header besides those that every letter has."""
    plain = letter("x@x.example", to).as_bytes().partition(b"\r\n")[2]  # without its From
    return header.encode() + b"\r\n" + plain


def trick(name: str, own: str, other: str, to: str) -> bytes:
    """The letter of a trick of the table."""
    local, _, domain = other.partition("@")
    words = {"a": own, "b": other, "b64": base64.b64encode(other.encode()).decode(), "b_tagged": f"{local}+x@{domain}"}
    return headed(TRICKS[name].format(**words), to)


def submitted(cases: Mapping[str, Case], to: str, *, door: str = "submissions", hosts: Iterable[int]) -> dict[str, Reply]:
    """What the door says to each of these from the canary's login, a few a session and each session from another host."""
    said: dict[str, Reply] = {}
    names, sources = list(cases), iter(hosts)
    for start in range(0, len(names), AT_ONCE):
        with tries.smtp(door, login=canary().login, host=next(sources)) as client:
            said |= {
                name: tries.transact(client, cases[name][0], to, cases[name][1]) for name in names[start : start + AT_ONCE]
            }
    return said


def all_refused(said: Mapping[str, Reply]) -> Result:
    """The result of a table of attempts, the wrong ones first."""
    wrong = {name: reply for name, reply in said.items() if not reply.refused}
    details = {name: str(reply) for name, reply in said.items()}
    if wrong:
        words = "; ".join(f"{name}: {reply}" for name, reply in wrong.items())
        return failed(f"{len(wrong)} of {len(said)} not refused: {words}", details=details, weaker=tries.weaker())
    return passed(
        f"{len(said)} attempts, all refused, such as: {next(iter(said.values()))}", details=details, weaker=tries.weaker()
    )


@check("P6.1.tricks", version=1, kind="does", ttl_s=DAY, expected=REFUSED, timeout_s=60)
def tricks(_target: Target) -> Result:
    """Another client's and a colleague's address in every disguise that a header has."""
    own, to = canary("a"), canary("b").address
    cases = {name: (own.address, trick(name, own.address, to, to)) for name in TRICKS}
    cases |= {
        "a colleague's From": (own.address, headed(f"From: {own.named('other')}", to)),
        "a colleague's envelope": (own.named("other"), headed(f"From: {own.address}", to)),
        "a foreign From": (own.address, headed(f"From: {STRANGER}", to)),
        "a foreign envelope": (STRANGER, headed(f"From: {own.address}", to)),
        "nobody's address": (own.named("nobody-has-this"), headed(f"From: {own.address}", to)),
    }
    return all_refused(submitted(cases, to, hosts=range(4, 13)))


@check("P6.1.clients", version=1, kind="does", ttl_s=DAY, expected=REFUSED, target="client", targets=clients, timeout_s=60)
def as_client(target: Target) -> Result:
    """A login of another client in this client's name, at both doors of submission; and no login at all."""
    own, to, other = canary("a").address, canary("b").address, victim_of(target)
    cases: dict[str, Case] = {
        "envelope": (other, headed(f"From: {own}", to)),
        "From": (own, headed(f"From: {other}", to)),
        "no envelope, From": ("", headed(f"From: {other}", to)),
        "Sender": (own, headed(f"From: {own}\r\nSender: {other}", to)),
    }
    said = {f"465 {name}": reply for name, reply in submitted(cases, to, hosts=[5 + int(target.id) % 8]).items()}
    few = {name: cases[name] for name in ("envelope", "From")}
    more = submitted(few, to, door="submission", hosts=[5 + (int(target.id) + 4) % 8])
    said |= {f"587 {name}": reply for name, reply in more.items()}
    return all_refused(said | {f"{door} without login": without_login(door, other) for door in ("submission", "submissions")})


def without_login(door: str, sender: str) -> Reply:
    """An attempt to submit with no login."""
    with tries.smtp(door) as client:
        return tries.transact(client, sender, canary("b").address, letter(sender, canary("b").address).as_bytes())


@check(
    "P6.2", version=1, kind="does", ttl_s=DAY, expected="One's own address, alias and granted address are accepted and arrive."
)
def own_names(_target: Target) -> Result:
    """One's own names work."""
    own, to = canary("a"), canary("b")
    titles = {name: subject() for name in (own.address, own.named("alias"), own.named("shared"))}
    with tries.smtp("submissions", login=own.login, host=12) as client:
        said = {
            name: tries.transact(client, name, to.address, letter(name, to.address, title=title).as_bytes())
            for name, title in titles.items()
        }
    there = {name: said[name].accepted and arrived(to, title) for name, title in titles.items()}
    words = "; ".join(f"{name}: {said[name]}{'' if there[name] else ', not found'}" for name in titles)
    return (passed if all(there.values()) else failed)(words, weaker=tries.weaker())


@check("P6.7", version=1, kind="does", ttl_s=DAY, expected=REFUSED, target="client", targets=clients)
def from_outside(target: Target) -> Result:
    """Mail from outside in this client's name, without proof."""
    to, other = canary("a").address, victim_of(target)
    cases: dict[str, Case] = {
        "envelope and From": (other, headed(f"From: {other}", to)),
        "From": (STRANGER, headed(f"From: {other}", to)),
        "no envelope, From": ("", headed(f"From: {other}", to)),
        "From with a name": (STRANGER, headed(f'From: "Raamatupidaja" <{other}>', to)),
    }
    with tries.smtp("mx", host=FORGER) as client:
        return all_refused({name: tries.transact(client, sender, to, raw) for name, (sender, raw) in cases.items()})
