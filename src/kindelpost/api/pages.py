"""Lists come page by page: at most 200 at once, and a cursor to where the next page begins."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, Field

from kindelpost.api.shapes import Plain
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

__all__ = ["Listing", "Page", "page", "page_of"]

Shape = TypeVar("Shape", bound=BaseModel)
Row = TypeVar("Row", bound="Model")
Thing = TypeVar("Thing")
Key = str | int
MOST = 200


class Listing(BaseModel):
    """Which part of a list."""

    limit: int = Field(50, ge=1, le=MOST, description="How many at once.")
    cursor: Plain = Field("", max_length=1000, description="`next` of the page before; none for the first page.")


class Page(BaseModel, Generic[Shape]):
    """A part of a list."""

    items: list[Shape]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


def page(
    rows: QuerySet[Row], listing: Listing, shape: Callable[[Row], Shape], *, by: str, newest_first: bool = False
) -> Page[Shape]:
    """The wanted part of `rows`, in the order of the unique field `by`."""
    rows = rows.order_by(f"-{by}" if newest_first else by)
    if listing.cursor:
        kind: type[Key] = int if by == "pk" else str
        rows = rows.filter(**{f"{by}__{'lt' if newest_first else 'gt'}": _begin(listing.cursor, kind)})
    found = list(rows[: listing.limit + 1])
    more = found[listing.limit :]
    shown = found[: listing.limit]
    return Page(
        items=[shape(row) for row in shown], next=_cursor(attrgetter(by.replace("__", "."))(shown[-1])) if more else None
    )


def page_of(
    things: Iterable[Thing], listing: Listing, shape: Callable[[Thing], Shape], *, by: Callable[[Thing], str]
) -> Page[Shape]:
    """The same of what is no table, in the order of the unique text `by`."""
    begin = str(_begin(listing.cursor, str)) if listing.cursor else ""
    found = sorted((one for one in things if by(one) > begin), key=by)
    shown, more = found[: listing.limit], found[listing.limit :]
    return Page(items=[shape(one) for one in shown], next=_cursor(by(shown[-1])) if more else None)


def _cursor(key: Any) -> str:  # noqa: ANN401 -- text or a number
    return urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _begin(cursor: str, kind: type[Key]) -> Key:
    """Where the page begins. A cursor opens nothing: the rows are the asker's own in any case."""
    try:
        key = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        key = None
    if not isinstance(key, kind) or isinstance(key, bool) or (isinstance(key, str) and not key.isprintable()):
        raise Refused("bad-cursor", "This is not a cursor of this list.", "Send `next` of the page before, as it is.")
    return key
