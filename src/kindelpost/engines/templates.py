"""Rendering an engine's templates: plain text, an undefined name is an error, never an empty line."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from kindelpost.lib.errors import EngineFault

__all__ = ["render_template"]

HERE = Path(__file__).parent


@cache
def _environment(engine: str) -> Environment:
    loader = FileSystemLoader(HERE / engine / "templates")
    return Environment(  # noqa: S701 -- configuration files, not HTML
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )


def render_template(engine: str, template: str, **context: object) -> str:
    """The text of `engines/<engine>/templates/<template>` (a path such as "2.3/dovecot.conf.j2") with `context` filled in.

    Raises `EngineFault` (`template`): it does not parse, or asks for a name that nobody gives.
    """
    try:
        return _environment(engine).get_template(template).render(**context)
    except TemplateError as broken:
        where = f"{engine}/templates/{template}" + (f" line {line}" if (line := getattr(broken, "lineno", None)) else "")
        raise EngineFault("template", f"{where}: {broken}.", "This copy of the program is not whole.") from broken
