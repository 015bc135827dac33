"""Verdicts with icon and word, times with the exact one on hover, a field with its label and errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import template
from django.forms import CheckboxInput, Select
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kindelpost.mail.addresses import shown_domain
from kindelpost.web.events import actor_words, details, event_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.forms import BoundField
    from django.utils.safestring import SafeString

    from kindelpost.journal.models import Entry
    from kindelpost.mail.records import Record

__all__ = ["actor", "ago", "domain", "event", "field", "here", "reason", "size", "space", "told", "tone", "until", "verdict"]

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
    box = isinstance(widget, CheckboxInput)
    style = "form-check-input" if box else "form-select" if isinstance(widget, Select) else "form-control"
    widget.attrs["class"] = style + (" is-invalid" if bound.errors else "")
    described = [f"{bound.auto_id}-help"] * bool(bound.help_text) + [f"{bound.auto_id}-errors"] * bool(bound.errors)
    if described:
        widget.attrs["aria-describedby"] = " ".join(described)
    return {"field": bound, "box": box}


@register.filter
def size(count: int) -> str:
    """Octets in the unit people use (decimal, as mail programs and disks count)."""
    for power, unit in ((12, "TB"), (9, "GB"), (6, "MB"), (3, "kB")):
        if count >= 10**power:
            whole, rest = divmod(count, 10**power)
            return f"{formats.localize(round(count / 10**power, 2) if rest else whole)}\N{NO-BREAK SPACE}{unit}"
    return f"{count}\N{NO-BREAK SPACE}B"


@register.filter
def event(entry: Entry) -> str:
    """What a journal entry says happened."""
    return event_words(entry.name)


@register.filter
def actor(entry: Entry) -> str:
    """Whose side who did it is on."""
    return actor_words(entry.actor_kind)


@register.filter
def told(entry: Entry) -> list[tuple[str, str]]:
    """What else a journal entry tells its reader."""
    return details(entry.data)


@register.filter
def tone(value: str) -> SafeString:
    """A verdict's colour and word alone, for a strip of many."""
    style, icon, word = MARKS.get(value, MARKS["unknown"])
    return format_html('<span class="{}" title="{}" aria-label="{}">{}</span>', style, word, word, icon)


@register.filter
def reason(record: Record) -> str:
    """Why a DNS record is published, in the reader's language."""
    return record.reason_en if get_language() == "en" else record.reason_et


@register.filter
def domain(name: str) -> str:
    """A domain as people read it, with what DNS holds after it where that differs."""
    shown = shown_domain(name)
    return name if shown == name else f"{shown} ({name})"


@register.filter
def until(moment: datetime) -> SafeString:
    """The last day (UTC, as the other doors count) of what ends at `moment`, with the exact time on hover."""
    day = formats.date_format(moment.astimezone(UTC) - timedelta(microseconds=1), "DATE_FORMAT")
    exact = formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, day)


@register.filter
def space(value: str) -> str:
    """Whose people these are."""
    return actor_words(value)
