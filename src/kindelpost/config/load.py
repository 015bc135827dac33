"""Reading kindelpost.toml: either a whole, valid configuration or every problem at once, each with an id and what to do."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from kindelpost.config.service import Part, Service
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic_core import ErrorDetails

__all__ = ["Problem", "load", "parse"]


@dataclass(frozen=True)
class Problem:
    """One thing wrong: a stable id, where (`filtering.junk_score`, or the file), what is wrong, what to do."""

    id: str
    where: str
    wrong: str
    hint: str

    def __str__(self) -> str:
        """One line for the operator."""
        return f"[{self.id}] {self.where}: {self.wrong}. {self.hint}"


def load(path: Path) -> Service:
    """The configuration in the file at `path`.

    Raises `Refused` with code `config` and data `problems` (a list of `Problem`); nothing is guessed and nothing is skipped.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as missing:
        problem = Problem("config-missing", str(path), "there is no such file", "Copy docs/kindelpost.example.toml.")
        raise refused(path, [problem]) from missing
    except (OSError, UnicodeDecodeError) as broken:
        raise refused(
            path, [Problem("config-unreadable", str(path), str(broken), "Make it a readable UTF-8 file.")]
        ) from broken
    return parse(text, path)


def parse(text: str, path: Path) -> Service:
    """The configuration in `text`; `path` is named in errors, which are those of `load`."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        problem = Problem(
            "config-syntax", str(path), str(broken), "Mend the line; the form is TOML 1.0, see docs/configuration.md."
        )
        raise refused(path, [problem]) from broken
    try:
        # Strict, so that "25" is no number and true is no 1; JSON's strictness still reads addresses and paths from text.
        return Service.model_validate_json(json.dumps(raw, default=str), strict=True)
    except ValidationError as invalid:
        raise refused(path, [explain(error) for error in invalid.errors()]) from invalid


def refused(path: Path, problems: list[Problem]) -> Refused:
    """One error that tells all problems."""
    lines = "\n".join(f"  {problem}" for problem in problems)
    return Refused("config", f"The configuration {path} cannot be used:\n{lines}", problems=problems)


# pydantic's error type → our id and what to do; ids of service.py's own checks carry their hint with them
TYPES = {
    "greater_than_equal": ("config-range", "Use a value within the range in docs/configuration.md."),
    "less_than_equal": ("config-range", "Use a value within the range in docs/configuration.md."),
    "literal_error": ("config-fixed", "This protection cannot be switched off: remove the line."),
    "string_pattern_mismatch": ("config-form", "See the form of this field in docs/configuration.md."),
    "too_short": ("config-empty", "Give at least one."),
    "string_too_short": ("config-empty", "Write a text, or remove the line."),
}


def explain(error: ErrorDetails) -> Problem:
    """What pydantic found, in our words."""
    keys = [str(key) for key in error["loc"]]
    where = ".".join(keys) or "kindelpost.toml"
    context: dict[str, Any] = error.get("ctx") or {}
    if error["type"] == "extra_forbidden":
        return Problem("config-unknown-key", where, "there is no such setting", suggestion(keys))
    if "hint" in context:
        return Problem(error["type"], where, error["msg"], context["hint"])
    identity, hint = TYPES.get(error["type"], ("config-type", "See the type of this field in docs/configuration.md."))
    said = error["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return Problem(identity, where, said[:1].lower() + said[1:], hint)


def suggestion(keys: list[str]) -> str:
    """Did you mean: the nearest setting by its whole path, or by its last word in any table."""
    known = list(paths(Service))
    near = get_close_matches(".".join(keys), known, n=1, cutoff=0.75)
    near = near or [path for path in known if path.rpartition(".")[2] == keys[-1]]
    near = near or [path for path in known if get_close_matches(keys[-1], [path.rpartition(".")[2]], cutoff=0.75)]
    if near:
        return f"Did you mean {near[0]}?"
    return "Remove it; every setting is listed in docs/configuration.md."


def paths(part: type[Part], prefix: str = "") -> Iterator[str]:
    """Every table's and setting's dotted path, in the order of the schema."""
    for name, field in part.model_fields.items():
        yield prefix + name
        if isinstance(field.annotation, type) and issubclass(field.annotation, Part):
            yield from paths(field.annotation, f"{prefix}{name}.")
