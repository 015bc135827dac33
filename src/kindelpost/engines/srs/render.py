"""PostSRSd's secret file and arguments, and the lookups that Postfix asks it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.base import File, Listener, Process

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["listeners", "postfix_lookup", "processes", "render"]


def render(facts: Facts) -> dict[str, File]:
    """The file with the key that signs return addresses; all else is in the arguments."""
    return {"secret": File(f"{facts.secrets['srs']}\n")}


def postfix_lookup(facts: Facts) -> tuple[str, str]:
    """Postfix's tables, for envelope addresses alone: sender_canonical_maps (forward), recipient_canonical_maps (reverse)."""
    return f"tcp:127.0.0.1:{facts.port('srs-forward')}", f"tcp:127.0.0.1:{facts.port('srs-reverse')}"


def listeners(facts: Facts) -> tuple[Listener, ...]:
    """The two lookups."""
    return tuple(Listener(facts.port(name), name, internal=True) for name in ("srs-forward", "srs-reverse"))


def processes(facts: Facts) -> tuple[Process, ...]:
    """postsrsd(8): addresses become SRS0=…@hostname, with `=` after the tag as the field does."""
    argv = (
        "/usr/sbin/postsrsd",
        f"-s{facts.layout.etc('srs') / 'secret'}",
        f"-d{facts.service.hostname}",
        "-l127.0.0.1",
        "-4",
        f"-f{facts.port('srs-forward')}",
        f"-r{facts.port('srs-reverse')}",
    )
    return (Process("srs", argv, account="kp-srs"),)
