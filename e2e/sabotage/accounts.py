"""M3, P6.8: accounts, secrets, keys and rendered files are mixed up, one at a time."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from e2e.sabotage.tools import Break, edited, engine_edited, mode_changed, written
from kindelpost.engines.registry import ORDER
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from e2e.service import Service

__all__ = ["BREAKS"]


@contextmanager
def shell(_service: Service) -> Iterator[None]:
    """A service account gets a shell."""
    run(["usermod", "--shell", "/bin/bash", "kp-sts"])
    try:
        yield
    finally:
        run(["usermod", "--shell", "/usr/sbin/nologin", "kp-sts"])


@contextmanager
def same_secret(service: Service) -> Iterator[None]:
    """Two services get one secret."""
    secrets = service.facts.layout.secrets
    with written(secrets / "sieve-out", (secrets / "forward-out").read_bytes()):
        yield


def opened(path: str) -> Callable[[Service], AbstractContextManager[None]]:
    """Everybody may read a file in a folder that is closed."""

    @contextmanager
    def break_it(service: Service) -> Iterator[None]:
        with ExitStack() as both:
            both.enter_context(mode_changed(path.rpartition("/")[0], 0o755)(service))
            both.enter_context(mode_changed(path, 0o444)(service))
            yield

    return break_it


def touched(engine: str) -> Callable[[Service], AbstractContextManager[None]]:
    """A rendered file of the engine is changed on the disk."""

    @contextmanager
    def break_it(service: Service) -> Iterator[None]:
        one = next(each for each in service.instance.engines if each.name == engine)
        name = min(one.render(service.facts))
        path = service.facts.layout.etc(engine) / name
        with written(path, path.read_bytes() + b"\n"):
            yield

    return break_it


@contextmanager
def foreign_file(service: Service) -> Iterator[None]:
    """A file that nobody rendered lies among an engine's."""
    extra = service.facts.layout.etc("rspamd") / "local.d" / "options.inc"
    extra.write_text("# nothing\n")
    try:
        yield
    finally:
        extra.unlink()


@contextmanager
def other_settings(service: Service) -> Iterator[None]:
    """What is said to be in force is not what runs: a change that was never carried out."""
    with edited(service.folder / "etc" / ".in-force.json", '"reject_score": 15.0', '"reject_score": 14.0'):
        yield


ACL = ("users.acl", "-@all +@read +@write", "+@all +@read +@write"), ("users.acl", "-@admin -@dangerous ", "")
BREAKS = (
    Break("a service account gets a shell", ("M3.1", "M3.6"), shell),
    Break("two services share a secret", ("M3.2",), same_secret),
    Break("everybody may read a secret", ("M3.3", "M3.5"), opened("secrets/sieve-out")),
    Break("everybody may read a client domain's key", ("M3.3", "M3.5"), opened("tls/nginx/kadakas.example.pem")),
    Break("the state server allows everything", ("M3.4.statements",), engine_edited("redis", *ACL)),
    Break("an engine may write what is published to it", ("M3.4.maps",), mode_changed("maps/rspamd/owners.map", 0o660)),
    Break(
        "the resolver's validation is off",
        ("P6.8",),
        engine_edited("unbound", ("unbound.conf", 'module-config: "validator iterator"', 'module-config: "iterator"')),
    ),
    Break("a file that nobody rendered", ("P6.8",), foreign_file),
    Break("settings that were never carried out", ("P6.8",), other_settings),
    *(Break(f"a rendered file of {engine} is changed", ("P6.8",), touched(engine)) for engine in ORDER),
)
