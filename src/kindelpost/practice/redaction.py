"""What never goes into a record: the instance's secrets, private keys, password hashes, message bodies."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Redactor", "knows_secrets", "redactor"]

SHORTEST = 6  # a shorter value is no secret, and would blank out ordinary words
LONGEST_TEXT = 2000
DEEPEST = 6
SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\{[A-Z0-9.-]{3,20}\}\$?[^\s\"']{8,}"  # {ARGON2ID}$argon2id$…
    r"|\$(?:argon2\w*|2[aby]|[156]|y)\$[^\s\"']{8,}",
    flags=re.DOTALL,
)
HEADERS = r"(?:From|To|Cc|Subject|Date|Received|Return-Path|Message-ID|MIME-Version|Content-Type|DKIM-Signature|X-Spam)"
BODY = re.compile(rf"(^{HEADERS}:[^\n]*\r?\n(?:[^\n]+\n)*?)\r?\n.+\Z", flags=re.DOTALL | re.IGNORECASE | re.MULTILINE)


def _forms(secret: str) -> Iterable[str]:
    """The secret as it is, in base64 at each of the three alignments (so also inside AUTH PLAIN), hex, %-encoded, escaped."""
    raw = secret.encode()
    yield from {secret, quote(secret, safe=""), raw.hex(), raw.hex().upper(), json.dumps(secret)[1:-1]}
    for shift in range(3):
        # Only the letters that the neighbours on either side cannot change.
        coded = base64.b64encode(b"\0" * shift + raw).decode()
        inner = coded[(0, 2, 3)[shift] : len(coded) - (0, 3, 2)[(len(raw) + shift) % 3]].rstrip("=")
        yield from {inner, inner.replace("+", "-").replace("/", "_")}


class Redactor:
    """Cuts the given secret values, and whatever has the shape of a secret or a message's body, out of texts."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret) if len(form) >= SHORTEST}
        longest_first = sorted(forms, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def text(self, text: str) -> str:
        """The text without secrets, bodies and what steers a terminal, and never longer than 2000 characters."""
        if self._secrets is not None:
            text = self._secrets.sub("[secret]", text)
        text = BODY.sub(r"\1[body left out]", SHAPES.sub("[secret]", text))
        text = text.encode("utf-8", "replace").decode()
        text = "".join(
            one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in text.replace("\r\n", "\n")
        )
        return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"

    def value(self, value: Any, depth: int = 0) -> Any:  # noqa: ANN401 -- JSON has no narrower type
        """The same for JSON, keys too; what is no JSON is named by its type alone, numbers with fractions become text."""
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, str | float):
            return self.text(str(value))
        if isinstance(value, dict) and depth < DEEPEST:
            return {self.text(str(key)): self.value(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple) and depth < DEEPEST:
            return [self.value(item, depth + 1) for item in value]
        return f"[{type(value).__name__} left out]"

    def mapping(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """The same for a JSON object."""
        return {self.text(str(key)): self.value(item) for key, item in value.items()}


_sources: list[Callable[[], Iterable[str]]] = []


def knows_secrets(source: Callable[[], Iterable[str]]) -> Callable[[], Iterable[str]]:
    """Register a function that yields secret values (a decorator); it is asked whenever a record is written."""
    _sources.append(source)
    return source


def redactor() -> Redactor:
    """For every secret that some room knows now."""
    return Redactor(secret for source in _sources for secret in source())
