"""One instance in its folder: opened for reading, prepared for a start, brought up, taken down."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from kindelpost.config.load import load, parse
from kindelpost.config.version import VERSION
from kindelpost.engines import apply, registry
from kindelpost.engines.facts import ACCOUNTS, Facts, Layout, Outside
from kindelpost.engines.host import certificates, ground
from kindelpost.engines.host.snapshot import snapshot
from kindelpost.engines.steps import quiet
from kindelpost.engines.supervise import Supervisor
from kindelpost.hands import Hands
from kindelpost.lib.clock import now
from kindelpost.lib.errors import EngineFault, Refused
from kindelpost.lib.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from pathlib import Path

    from kindelpost.config.service import Service
    from kindelpost.engines.base import Engine, Process

__all__ = ["Instance", "alone", "bring_up", "make_evaluation", "move", "open_instance", "prepare", "remembered", "take_down"]

FORM = 1  # of the folder; a later program may read an earlier form, never the other way
PASSED_THROUGH = ("etc", "etc/.versions", "maps", "run", "data", "tls")
SYSTEM = ("postfix", "dovecot")  # accounts that Debian's packages made

EVALUATION = """\
# An evaluation instance, made by `kindelpost up`. Every setting with its reason: docs/configuration.md.
hostname = "{hostname}"
evaluation = true

[provider]
name = "Kindelpost evaluation"
contact = "provider@outside.example"
security_contact = "security@outside.example"

[listen]
port_base = {port_base}

[dns]
outside = true
"""


@dataclass(frozen=True)
class Instance:
    """An instance as it lies on the disk, with the engines that this machine has for it."""

    layout: Layout
    service: Service
    engines: tuple[Engine, ...]
    outside: Outside | None = None
    state: dict[str, object] = field(default_factory=dict)

    @cached_property
    def facts(self) -> Facts:
        """What renderers may know; asks each engine for its version and reads the secrets that exist."""
        versions = {engine.name: numbers(engine.version()) for engine in self.engines}
        held = self.layout.secrets
        known = {path.name: path.read_text(encoding="ascii") for path in held.iterdir()} if held.is_dir() else {}
        return Facts(self.layout, self.service, versions, known, self.outside)

    @property
    def table(self) -> tuple[Process, ...]:
        """The processes in start order."""
        return registry.process_table(self.engines, self.facts)

    @property
    def supervisor(self) -> Supervisor:
        """Whatever runs the table."""
        return Supervisor(self.layout)

    @property
    def ca(self) -> Path | None:
        """The authority that clients of an evaluation must trust; None where the certificate is a public one."""
        return None if self.service.tls.certificate else self.layout.tls("ca") / "ca.pem"

    def remember(self) -> None:
        """This configuration and this code are proved: they are what a failed change goes back to."""
        held = {"service": self.service.model_dump(mode="json"), "code": self.layout.code.readlink().name}
        write_atomic(remembered(self.layout), json.dumps(held), mode=0o600)


def remembered(layout: Layout) -> Path:
    """Where it is said what is in force; root's alone, since the database's address holds a password."""
    return layout.root / "etc" / ".in-force.json"


def numbers(version: str) -> tuple[int, ...]:
    """The integers of a version, (2, 3, 19, 1) of "2.3.19.1 (9b53102964)". Raises `EngineFault` with code `version-unread`."""
    found = re.search(r"\d+(\.\d+)*", version)
    if not found:
        raise EngineFault("version-unread", f"{version!r} is no version.")
    return tuple(int(part) for part in found.group().split("."))


def open_instance(root: Path, *, outside: Outside | None = None) -> Instance:
    """The instance in `root`, changing nothing. Raises `Refused` (`dir-empty`, `dir-newer`, `config`)."""
    layout = Layout(root.resolve())
    if not (layout.root / "kindelpost.toml").exists():
        hint = "Start one with ./kindelpost up, or name another folder with --dir."
        raise Refused("dir-empty", f"There is no instance in {layout.root}.", hint)
    held = layout.root / "state.json"
    state = json.loads(held.read_text(encoding="utf-8")) if held.exists() else {}
    if state.get("form", FORM) > FORM:
        raise Refused(
            "dir-newer", f"{layout.root} was made by a newer Kindelpost ({state.get('version')}).", "Update this one."
        )
    engines = registry.engines(outside=outside is not None)
    return Instance(layout, load(layout.root / "kindelpost.toml"), engines, outside, state)


def make_evaluation(root: Path, *, hostname: str = "mail.kindelpost.example", port_base: int = 20000) -> bool:
    """Write an evaluation's kindelpost.toml where there is none; True when it was written now."""
    ground.check_root()
    ground.check_folder(root.resolve())
    config = root.resolve() / "kindelpost.toml"
    if config.exists():
        return False
    text = EVALUATION.format(hostname=hostname, port_base=port_base)
    parse(text, config)  # a wrong name or port base is refused before anything is written
    if root.exists() and any(root.iterdir()):
        raise Refused("dir-foreign", f"{root} holds files but no instance.", "Name an empty or a new folder with --dir.")
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o755)
    write_atomic(config, text, mode=0o644)
    return True


def move(root: Path, port_base: int) -> bool:
    """Give a stopped evaluation another port base; True when it had another. Raises `Refused` (`port-base`, `config`)."""
    config = root.resolve() / "kindelpost.toml"
    service = load(config)
    if service.listen.port_base == port_base:
        return False
    if not service.evaluation:
        hint = "Change it there; --port-base is for evaluations."
        raise Refused("port-base", f"{config} says listen.port_base = {service.listen.port_base}.", hint)
    text = re.sub(r"(?m)^port_base = \d+$", f"port_base = {port_base}", config.read_text(encoding="utf-8"))
    parse(text, config)
    write_atomic(config, text, mode=0o644)
    return True


@contextmanager
def alone(layout: Layout) -> Generator[None]:
    """Hold the instance: one change of it at a time. Raises `EngineFault` (`instance-busy`)."""
    handle = os.open(layout.root, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as busy:
        raise EngineFault(
            "instance-busy", f"Another kindelpost command is changing {layout.root}.", "Try again soon."
        ) from busy
    finally:
        os.close(handle)


def prepare(instance: Instance, *, names: Iterable[str] = ()) -> None:
    """Accounts, folders, secrets, certificates, our code and each engine's own state; safe to run again.

    `names`: more host names for the evaluation's certificate, such as mta-sts.<domain>.
    """
    layout = instance.layout
    ground.check_root()
    ground.check_folder(layout.root)
    ground.check_space(layout.root)
    hands = Hands(layout.root)
    for account in sorted(set(ACCOUNTS.values()) - set(SYSTEM)):
        hands.call("ensure-account", name=account)
    _folders(instance, hands)
    code = snapshot(layout.code)
    _secrets(instance)
    _certificates(instance, names)
    vars(instance).pop("facts", None)  # they were read before the secrets were made
    for engine in instance.engines:
        engine.prepare(instance.facts)
    kept = {"created": now().isoformat(), **instance.state, "form": FORM, "version": VERSION, "code": code}
    write_atomic(layout.root / "state.json", json.dumps(kept, indent=1, sort_keys=True) + "\n", mode=0o644)


def _folders(instance: Instance, hands: Hands) -> None:
    layout = instance.layout

    def make(path: Path | str, owner: str, group: str, mode: int) -> None:
        hands.call("ensure-directory", path=str(path), owner=owner, group=group, mode=mode)

    for name in PASSED_THROUGH:
        make(name, "root", "root", 0o755)
    make(layout.secrets, "root", "root", 0o700)
    make(layout.log, "root", "root", 0o700)  # who wrote to whom; each program has its file open before it gives root up (P2.10)
    make(layout.run("supervisor"), "root", "root", 0o700)
    make(layout.mail, ACCOUNTS["mail"], ACCOUNTS["mail"], 0o700)
    for engine in instance.engines:
        own = {directory.path for directory in engine.directories(instance.facts)}
        defaults = {
            layout.maps(engine.name): (ACCOUNTS["control"], engine.account, 0o2750),
            layout.run(engine.name): (engine.account, engine.account, 0o750),
            layout.data(engine.name): (engine.account, engine.account, 0o750),
        }
        for path, (owner, group, mode) in defaults.items():
            if path not in own:
                make(path, owner, group, mode)
        for directory in sorted(engine.directories(instance.facts), key=lambda each: len(each.path.parts)):
            make(directory.path, directory.owner, directory.group, directory.mode)


def _secrets(instance: Instance) -> None:
    """One random value a name, made once (M3.2); 256 bits, letters that every configuration's syntax takes."""
    for name in {name for engine in instance.engines for name in engine.secrets}:
        path = instance.layout.secrets / name
        if not path.exists():
            write_atomic(path, secrets.token_hex(32), mode=0o400)


def _certificates(instance: Instance, names: Iterable[str]) -> None:
    layout, service = instance.layout, instance.service
    tls = layout.root / "tls"
    if service.tls.certificate and service.tls.key:
        certificates.copy_front(tls, service.hostname, service.tls.certificate, service.tls.key)
        return
    own = Facts(layout, service, outside=instance.outside).addresses
    certificates.issue(tls, "front", (service.hostname, "localhost", "127.0.0.1", "::1", *own, *names))
    if instance.outside:
        from kindelpost.engines.outside.hosts import CERTIFICATE_NAMES  # noqa: PLC0415 -- only an evaluation needs it

        certificates.issue(tls, "outside", CERTIFICATE_NAMES, group=ACCOUNTS["outside"])


def bring_up(
    instance: Instance, *, patience: float = 60.0, tell: Callable[[str, str], None] = quiet
) -> tuple[apply.Applied, ...]:
    """Install every configuration, start the supervisor, wait until every engine answers. `prepare` comes first.

    `tell(engine, step)` follows the progress. Raises `EngineFault`: `instance-running`, `port-taken`, `apply-refused`,
    `apply-failed` (then the rest runs on; `take_down` ends it).
    """
    with alone(instance.layout):
        if instance.supervisor.up():
            raise EngineFault("instance-running", f"The instance in {instance.layout.root} is running.", "See status, or down.")
        instance.supervisor.clear()
        ground.check_ports((each for engine in instance.engines for each in engine.listeners(instance.facts)), instance.facts)
        apply.install(instance.engines, instance.facts, tell=tell)
        table = instance.table
        instance.supervisor.start(table)
        done = apply.prove(instance.engines, instance.facts, instance.supervisor, table, patience=patience, tell=tell)
        instance.remember()
        return done


def take_down(layout: Layout) -> None:
    """Stop every process of the instance and prove it; needs no configuration. Raises `EngineFault` (`stop-failed`)."""
    Supervisor(layout).stop()
