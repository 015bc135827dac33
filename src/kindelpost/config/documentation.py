"""What the schema says, for people: docs/configuration.md and docs/kindelpost.example.toml (`make generated`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kindelpost.config.service import PORTS, Part, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["example", "page"]


@dataclass(frozen=True)
class Setting:
    """One field: its table ("" at the top), name, type in words, default as TOML (None: unset), reason and clause."""

    table: str
    name: str
    type: str
    default: str | None
    why: str
    clause: str


def tables() -> Iterator[tuple[str, str, list[Setting]]]:
    """Every table: its name ("" is the top of the file), its sentence, its settings."""
    yield "", "At the top of the file, before any table.", list(settings_of(Service, ""))
    for name, field in Service.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Part):
            yield name, (field.annotation.__doc__ or "").strip(), list(settings_of(field.annotation, name))


def settings_of(part: type[Part], table: str) -> Iterator[Setting]:
    """The settings of one table, in the order of the schema."""
    for name, schema in part.model_json_schema()["properties"].items():
        if "clause" in schema:  # the others are tables
            field = part.model_fields[name]
            yield Setting(table, name, words(schema), toml(field.default), schema["description"], schema["clause"])


def words(schema: dict[str, Any]) -> str:
    """A field's JSON Schema as a few words: `integer, 10 to 1000`."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if options:
        return " or ".join(words(option) for option in options)
    if "const" in schema:
        return f"always `{toml(schema['const'])}`"
    if schema["type"] == "array":
        return f"list of {words(schema['items'])}"
    name = {"email": "mail address", "path": "absolute path", "ipv4": "IPv4 address", "ipv6": "IPv6 address"}.get(
        schema.get("format", ""), schema["type"]
    )
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None:
        return str(name)
    return f"{name}, from {low:_}" if high is None else f"{name}, {low:_} to {high:_}"


def toml(value: object) -> str | None:
    """A default as TOML writes it; None where the field is unset."""
    if value is None:
        return None
    if isinstance(value, tuple):
        return "[" + ", ".join(str(toml(item)) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:_}" if value >= 10_000 else str(value)  # noqa: PLR2004 -- from five digits on they are grouped
    return str(value) if isinstance(value, float) else json.dumps(str(value))


def page() -> str:
    """docs/configuration.md."""
    lines = [
        "# kindelpost.toml",
        "",
        "*Generated from `src/kindelpost/config/service.py` by `make generated`; do not edit.*",
        "",
        "One file configures the service. Every setting has a default; write only those that you change. An unknown or wrong",
        "setting stops the start and says what to do. The clause is the sentence of the good practice that a setting serves.",
    ]
    for table, sentence, settings in tables():
        lines += ["", f"## [{table}]" if table else "## Top", sentence, ""]
        lines += ["| setting | type | default | why | clause |", "|---|---|---|---|---|"]
        for item in settings:
            default = "unset" if item.default is None else f"`{item.default}`"
            lines.append(f"| `{item.name}` | {item.type} | {default} | {item.why} | {item.clause} |")
    lines += [
        "",
        "## Ports",
        "With `listen.port_base = N` a standard port below 1000 becomes N + port, the others N + 100 and on.",
        "",
    ]
    lines += ["| door | port | with port_base 20000 | what |", "|---|---|---|---|"]
    moved = Service.model_validate({"listen": {"port_base": 20000}}).listen
    lines += [f"| `{name}` | {port} | {moved.port(name)} | {what} |" for name, (port, what) in PORTS.items()]
    return "\n".join(lines) + "\n"


def example() -> str:
    """docs/kindelpost.example.toml: every setting with its default, unset ones as a comment."""
    lines = [
        "# An example of kindelpost.toml: every setting with its default. Keep only the lines that you change.",
        "# Generated from src/kindelpost/config/service.py by `make generated`; do not edit.",
    ]
    for table, sentence, settings in tables():
        lines += ["", f"[{table}]  # {sentence}"] if table else []
        for item in settings:
            lines += ["", f"# {item.why} ({item.type}; clause {item.clause})"]
            lines.append(f'# {item.name} = "/path/to/file.pem"' if item.default is None else f"{item.name} = {item.default}")
    return "\n".join(lines) + "\n"
