"""Unbound's own checker, its version, and the root's trust anchor, which Unbound then keeps itself (RFC 5011)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.lib.files import write_atomic
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["prepare", "validate", "version"]

ANCHOR = Path(__file__).parent / "templates" / "root.key"


def version() -> str:
    """The installed release, such as 1.17.1."""
    return run(["unbound", "-V"]).out.split()[1]


def validate(_facts: Facts, staged: Path) -> list[str]:
    """What unbound-checkconf says beyond its one line of content."""
    done = run(["unbound-checkconf", staged / "unbound.conf"], check=False)
    said = [line for line in done.said.splitlines() if "no errors in" not in line]
    return said or ([f"unbound-checkconf ended with {done.code}"] if done.code else [])


def prepare(facts: Facts) -> None:
    """Give Unbound its first root.key; afterwards the file is Unbound's own."""
    target = facts.layout.data("unbound") / "root.key"
    if not target.exists():
        write_atomic(target, ANCHOR.read_text(encoding="utf-8"), owner="kp-unbound", group="kp-unbound")
