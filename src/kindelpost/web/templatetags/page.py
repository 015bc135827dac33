"""Verdicts with icon and word, times with the exact one on hover, a field with its label and errors."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.forms import BoundField
    from django.utils.safestring import SafeString

__all__ = ["ago", "field", "here", "verdict"]

register = template.Library()
MARKS = {  # class, icon, word: colour is never alone
    "pass": ("kp-pass", "✓", gettext_lazy("in order")),
    "warn": ("kp-warn", "!", gettext_lazy("attention")),
    "fail": ("kp-fail", "✕", gettext_lazy("fails")),
    "unknown": ("kp-unknown", "?", gettext_lazy("unknown")),
    "not-applicable": ("kp-none", "\N{EN DASH}", gettext_lazy("does not apply")),
}


@register.filter
def verdict(value: str) -> SafeString:
    """A verdict as icon and word."""
    style, icon, word = MARKS.get(value, MARKS["unknown"])
    return format_html('<span class="kp-verdict {}"><span aria-hidden="true">{}</span> {}</span>', style, icon, word)


@register.filter
def ago(at: datetime | str | None) -> SafeString | str:
    """How long ago, with the exact time on hover."""
    if not at:
        return _("never")
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    exact = formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    recent = timezone.now() - moment < timedelta(minutes=1)
    said = _("just now") if recent else _("%(time)s ago") % {"time": timesince(moment, depth=1)}
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, said)


@register.filter
def here(said: Mapping[str, Any] | object) -> str:
    """Of something said in both languages (`et`, `en`), the reader's."""
    language = "en" if get_language() == "en" else "et"
    return str(said[language] if isinstance(said, dict) else getattr(said, language))


@register.inclusion_tag("web/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A form's field with its label, its help and its errors."""
    widget = bound.field.widget
    widget.attrs["class"] = "form-control" + (" is-invalid" if bound.errors else "")
    if bound.errors:
        widget.attrs["aria-describedby"] = f"{bound.auto_id}-errors"
    return {"field": bound}
