"""Lists: search, sort, page and export; the address bar holds the view, so that it can be sent to a colleague."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import get_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import tzinfo

    from django.core.paginator import Page
    from django.db.models import QuerySet
    from django.http import HttpRequest

__all__ = ["Column", "Listed", "Table"]

PAGE = 50
LONGEST_SEARCH = 200
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet runs a cell that begins so (CWE-1236)


@dataclass(frozen=True)
class Column:
    """A column: its heading, the field by which it sorts (none: it does not), and what an export holds of a row."""

    key: str
    label: Any  # a lazy string
    cell: Callable[[Any], object]
    by: str = ""


@dataclass(frozen=True)
class Table:
    """What a list is made of: its columns, the fields in which it searches, the file name of its export."""

    name: str
    columns: Sequence[Column]
    search: Sequence[str]
    filters: Mapping[str, str] = field(default_factory=dict)  # word in the address → field


@dataclass(frozen=True)
class Head:
    """A column's heading as shown: where a click leads, and how the list is sorted by it now."""

    label: str
    link: str
    sorted: str  # ascending, descending, or nothing


class Listed:
    """`rows` as the request asks to see them. What is asked wrongly is not asked."""

    def __init__(self, request: HttpRequest, rows: QuerySet[Any], table: Table) -> None:
        self.asked = request.GET
        self.table = table
        self.q = self.asked.get("q", "").strip()[:LONGEST_SEARCH].replace("\0", "")
        self.filtered = {word: self.asked[word] for word in table.filters if self.asked.get(word)}
        self.rows = self._sorted(self._found(rows))

    def _found(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        wanted = Q()
        for one in self.table.search if self.q else ():
            wanted |= Q(**{f"{one}__icontains": self.q})
        chosen = {self.table.filters[word]: value.replace("\0", "") for word, value in self.filtered.items()}
        return rows.filter(wanted, **chosen)

    @cached_property
    def sort(self) -> str:
        """The key of the column, with - before it for descending; empty for the list's own order."""
        asked = self.asked.get("sort", "")
        return asked if any(one.by and one.key == asked.removeprefix("-") for one in self.table.columns) else ""

    def _sorted(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if not self.sort:
            return rows
        by = next(one.by for one in self.table.columns if one.key == self.sort.removeprefix("-"))
        return rows.order_by(f"-{by}" if self.sort.startswith("-") else by, "pk")

    def link(self, **changed: object) -> str:
        """This view with something changed; nothing else is carried along but what the list knows."""
        kept = self.asked.copy()
        for key in set(kept) - {"q", "sort", *self.table.filters}:
            del kept[key]
        for key, value in changed.items():
            kept[key] = str(value)
        return f"?{kept.urlencode()}"

    @cached_property
    def page(self) -> Page[Any]:
        """The page that is asked for; the nearest there is."""
        return Paginator(self.rows, PAGE).get_page(self.asked.get("page"))

    def heads(self) -> Iterator[Head]:
        """The headings."""
        for one in self.table.columns:
            up, down = self.sort == one.key, self.sort == f"-{one.key}"
            link = self.link(sort=f"-{one.key}" if up else one.key) if one.by else ""
            yield Head(str(one.label), link, "ascending" if up else "descending" if down else "")

    @property
    def before(self) -> str:
        """The page before this one."""
        return self.link(page=self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def after(self) -> str:
        """The page after this one."""
        return self.link(page=self.page.next_page_number()) if self.page.has_next() else ""

    @property
    def export(self) -> str:
        """Everything that the search finds, as a file."""
        return self.link(format="csv")

    @property
    def wants_file(self) -> bool:
        """Is the export asked for?"""
        return self.asked.get("format") == "csv"

    def file(self) -> StreamingHttpResponse:
        """The export, row by row: CSV, UTF-8 with the mark that spreadsheets look for, times in UTC."""
        heads = [str(one.label) for one in self.table.columns]  # in the reader's language, while it is known
        reader = (get_language(), timezone.get_current_timezone())  # rows are sent when the page's own are gone
        response = StreamingHttpResponse(self._lines(heads, *reader), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{self.table.name}.csv"'
        return response

    def _lines(self, heads: Sequence[str], language: str | None, zone: tzinfo) -> Iterator[str]:
        writer = csv.writer(_Echo())
        yield "\ufeff" + writer.writerow(heads)
        for row in self.rows.iterator(chunk_size=1000):
            with translation.override(language), timezone.override(zone):
                cells = [_cell(one.cell(row)) for one in self.table.columns]
            yield writer.writerow(cells)


class _Echo:
    def write(self, line: str) -> str:
        return line


def _cell(value: object) -> str:
    text = value.isoformat() if isinstance(value, datetime) else str("" if value is None else value)
    return f"'{text}" if text.startswith(FORMULA) else text
