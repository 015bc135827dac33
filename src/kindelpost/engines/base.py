"""The shapes that every engine folder fills in. Pure data; knows no Django and touches no file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["Directory", "Engine", "File", "Listener", "Probe", "Process", "Sandbox"]


@dataclass(frozen=True)
class File:
    """One rendered file, its path relative to the engine's configuration folder; root's, readable by the engine's group."""

    text: str
    mode: int = 0o640
    owner: str = "root"
    group: str | None = None  # None: the engine's own group


@dataclass(frozen=True)
class Directory:
    """A folder that must exist before the engine starts: absolute path, owner, group, mode (a setgid bit shares a socket)."""

    path: Path
    owner: str
    group: str
    mode: int = 0o750


@dataclass(frozen=True)
class Listener:
    """A declared listening TCP or UDP socket; one that nobody declared is a finding (M2.2)."""

    port: int
    purpose: str
    protocol: str = "tcp"
    internal: bool = False  # internal: on loopback only, at `address`
    address: str = "127.0.0.1"  # of an internal one; a front door is on every address of the instance


@dataclass(frozen=True)
class Sandbox:
    """What a process needs beyond the strictest systemd sandbox; each relaxed line carries its reason.

    `relax` maps a systemd directive to (value, reason): `{"MemoryDenyWriteExecute": ("no", "it compiles patterns")}`.
    `writes` are absolute paths it may write; `capabilities` what it keeps (root masters that bind and fork).
    """

    writes: tuple[Path, ...] = ()
    capabilities: tuple[str, ...] = ()
    network: bool = True
    relax: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Process:
    """One long-running process of the service: a row of the table from which supervisor and systemd are both rendered.

    `account` is the Unix user that the supervisor starts it as; `root` only for masters that bind and fork by their own
    design. `reload` is the argv that makes it read its configuration again, or `("signal", "HUP")` (empty: restart it).
    """

    name: str
    argv: tuple[str, ...]
    account: str
    group: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    reload: tuple[str, ...] = ()
    stop_signal: str = "TERM"
    stop_seconds: int = 10
    umask: str = "027"
    ours: bool = False  # our own Python service (security exposure ≤ 3.0), not an engine's binary
    netns: str = ""  # the name of the network namespace it lives in (the outside world)
    binds: Mapping[str, str] = field(default_factory=dict)  # file → the path at which this process alone sees it (resolv.conf)
    sandbox: Sandbox = Sandbox()


@dataclass(frozen=True)
class Probe:
    """What a probe saw: `ok`, and one sentence for the operator. `limits` says plainly what the engine cannot do now."""

    ok: bool
    said: str
    limits: str = ""


@dataclass(frozen=True)
class Engine:
    """One engine: its pure renderer, its checker, its probe, and what it needs from the machine.

    render: facts → {path relative to the configuration folder: File}. validate: (facts, staged folder) → list of complaints,
    empty when the engine's own checker is content (a warning is a complaint). probe: facts → Probe, within 5 s.
    version: () → the installed version, such as "3.7.11".
    """

    name: str
    account: str
    render: Callable[[Facts], Mapping[str, File]]
    validate: Callable[[Facts, Path], list[str]]
    probe: Callable[[Facts], Probe]
    version: Callable[[], str]
    processes: Callable[[Facts], tuple[Process, ...]]
    directories: Callable[[Facts], tuple[Directory, ...]] = lambda _facts: ()
    listeners: Callable[[Facts], tuple[Listener, ...]] = lambda _facts: ()
    secrets: tuple[str, ...] = ()  # names of the secrets it needs; each is made once, used by one pair of parties (M3.2)
    prepare: Callable[[Facts], None] = lambda _facts: None  # once before the first start: state that no template can give
