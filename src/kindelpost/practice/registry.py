"""The checks. A room declares its own in `checks.py`, found when Django starts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from kindelpost.practice.clauses import controls
from kindelpost.practice.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kindelpost.practice.clauses import Control, Kind

__all__ = [
    "PROVIDER",
    "Check",
    "Result",
    "Target",
    "TargetKind",
    "check",
    "checks",
    "failed",
    "get_check",
    "not_applicable",
    "passed",
    "unknown",
    "warned",
]

TargetKind = Literal["provider", "host", "client", "domain", "mailbox"]


@dataclass(frozen=True)
class Target:
    """What a check is run on, plain, so that the record outlives it.

    With a client its records are that client's and the provider's alone; `affected` is how many mailboxes it stands for.
    """

    kind: TargetKind
    id: str
    label: str
    client_id: int | None = None
    client: str | None = None  # the client's slug; with client_id or not at all
    affected: int = 0


PROVIDER = Target("provider", "provider", "provider")


@dataclass(frozen=True)
class Result:
    """What one run found. `observed` is one line or a few; a secret or a message's body is cut out before it is kept.

    `details` is JSON for the curious, `inputs` names what was judged with its SHA-256, `weaker` says from where it was tried if
    that is a weaker place than the outside (loopback).
    """

    verdict: Verdict
    observed: str
    details: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    weaker: str = ""


def passed(observed: str, **more: Any) -> Result:  # noqa: ANN401 -- the fields of Result
    """It is as it must be; `more` are Result's other fields."""
    return Result(Verdict.PASS, observed, **more)


def warned(observed: str, **more: Any) -> Result:  # noqa: ANN401 -- the fields of Result
    """It will not stay as it must be, or almost is."""
    return Result(Verdict.WARN, observed, **more)


def failed(observed: str, **more: Any) -> Result:  # noqa: ANN401 -- the fields of Result
    """It is not as it must be."""
    return Result(Verdict.FAIL, observed, **more)


def unknown(observed: str, **more: Any) -> Result:  # noqa: ANN401 -- the fields of Result
    """It could not be tried; `observed` says why. An exception in a check becomes this by itself."""
    return Result(Verdict.UNKNOWN, observed, **more)


def not_applicable(observed: str, **more: Any) -> Result:  # noqa: ANN401 -- the fields of Result
    """There is nothing to try here."""
    return Result(Verdict.NOT_APPLICABLE, observed, **more)


@dataclass(frozen=True)
class Check:
    """A declared check: its control's id, or that id with a word after it (`P3.1`, `P3.1.zip`)."""

    id: str
    version: int
    kind: Kind
    target: TargetKind
    ttl_s: int
    expected: str
    mandatory: bool
    cost: Literal["light", "heavy"]  # a heavy one runs with no other heavy one beside it
    timeout_s: int
    targets: Callable[[], Iterable[Target]]
    run: Callable[[Target], Result]

    @property
    def control(self) -> Control:
        """What it watches."""
        return controls()[control_of(self.id)]

    @property
    def name(self) -> str:
        """The first line of its docstring."""
        return (self.run.__doc__ or "").strip().partition("\n")[0]


_registered: dict[str, Check] = {}


def control_of(identity: str) -> str:
    """The id of the control that the check called `identity` watches. Raises `ValueError` where there is none."""
    match = re.fullmatch(r"([A-Z]\d\.\d+)(\.[a-z0-9-]+)?", identity)
    if match is None or match[1] not in controls():
        raise ValueError(f"{identity} names no control of practice/data/controls.toml")
    return match[1]


def check(  # noqa: PLR0913 -- a declaration: each is one field of Check
    identity: str,
    *,
    version: int,
    kind: Kind,
    ttl_s: int,
    expected: str,
    target: TargetKind = "provider",
    targets: Callable[[], Iterable[Target]] = lambda: (PROVIDER,),
    mandatory: bool | None = None,
    cost: Literal["light", "heavy"] = "light",
    timeout_s: int = 30,
) -> Callable[[Callable[[Target], Result]], Callable[[Target], Result]]:
    """Register a function as a check. It is run in a process of its own and killed after `timeout_s`.

    `targets` yields what it is run on now, each of the kind `target`; none means that it applies to nothing.
    """
    control = controls()[control_of(identity)]

    def register(run: Callable[[Target], Result]) -> Callable[[Target], Result]:
        if identity in _registered:
            raise ValueError(f"the check {identity} is declared twice")
        _registered[identity] = Check(
            id=identity,
            version=version,
            kind=kind,
            target=target,
            ttl_s=ttl_s,
            expected=expected,
            mandatory=control.mandatory if mandatory is None else mandatory,
            cost=cost,
            timeout_s=timeout_s,
            targets=targets,
            run=run,
        )
        return run

    return register


def _order(identity: str) -> tuple[int, int, str]:
    control, _dot, rest = identity.partition(".")
    number, _dot, word = rest.partition(".")
    return (list(dict.fromkeys(key.partition(".")[0] for key in controls())).index(control), int(number), word)


def checks() -> tuple[Check, ...]:
    """Every registered check in the practice's order."""
    return tuple(_registered[key] for key in sorted(_registered, key=_order))


def get_check(identity: str) -> Check | None:
    """The check called `identity`, if some room still declares it."""
    return _registered.get(identity)
