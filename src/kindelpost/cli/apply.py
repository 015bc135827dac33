"""`kindelpost apply`: the running service follows a changed kindelpost.toml."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from kindelpost.cli.output import fold, say
from kindelpost.cli.session import Dir, Json, find_instance
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from kindelpost.engines.apply import Applied
    from kindelpost.engines.instance import Instance

__all__ = ["apply"]


def apply(directory: Dir = None, as_json: Json = False) -> None:
    """Bring the running service to the changed kindelpost.toml. Wrong settings change nothing."""
    from kindelpost.engines.change import follow, in_force
    from kindelpost.engines.instance import prepare

    instance = _running(find_instance(directory))
    before = in_force(instance.layout)
    settings = list(_differences(before.service.model_dump(mode="json"), instance.service.model_dump(mode="json")))
    for line in () if as_json else settings:
        typer.echo(line)
    prepare(instance)
    done = [_told(applied, as_json=as_json) for applied in follow(instance)]
    say({"settings": settings, "engines": [asdict(applied) for applied in done]}, _end(done), as_json=as_json)


def _running(root: Path) -> Instance:
    from kindelpost.engines.host.ground import check_root
    from kindelpost.engines.instance import open_instance
    from kindelpost.engines.outside.namespace import find

    check_root()
    outside = find(root)
    instance = open_instance(root, outside=outside)
    if not instance.supervisor.up():
        hint = "`./kindelpost up` starts it with the configuration as it is now."
        raise Refused("not-running", f"The service in {root} does not run.", hint)
    if instance.service.dns.outside != (outside is not None):
        hint = "Use `./kindelpost down` and `./kindelpost up`."
        raise Refused("needs-start", "dns.outside takes effect with a new start only. Nothing was changed.", hint)
    return instance


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """A line for every setting that differs; the database's address holds a password and is not shown."""
    for key, value in new.items():
        name, was = f"{above}{key}", old.get(key)
        if isinstance(value, dict) and isinstance(was, dict):
            yield from _differences(was, value, f"{name}.")
        elif value != was:
            yield f"{name} is changed" if name == "database.url" else f"{name}: {was} \N{RIGHTWARDS ARROW} {value}"


def _told(applied: Applied, *, as_json: bool) -> Applied:
    """Say it as it happens."""
    if applied.changed and not as_json:
        typer.echo(fold(applied.probe.said, first=f"\N{CHECK MARK} {applied.engine:9} "))
    return applied


def _end(done: Sequence[Applied]) -> str:
    changed = [applied.engine for applied in done if applied.changed]
    same = f"{len(done) - len(changed)} engines ran their configuration already."
    if not changed:
        return f"Nothing to do: {same}"
    return f"In force: {', '.join(changed)}. The other {same}" if len(changed) < len(done) else "In force: every engine."
