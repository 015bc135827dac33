"""Lists come in pages, each thing once; a program that asks too often is told when to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from kindelpost.api import limits
from kindelpost.tenants.models import Address, Mailbox

if TYPE_CHECKING:
    from time_machine import Traveller

    from kindelpost.api.tests.conftest import Program

COUNT = 23


@pytest.fixture
def many(program: Program) -> Program:
    rows = [Address(domain=program.world.domain, text=f"k{number:03}@alfa.test") for number in range(COUNT)]
    Mailbox.objects.bulk_create(
        Mailbox(address=row, home=row.text, quota_bytes=10**9, password="{PLAIN}") for row in Address.objects.bulk_create(rows)
    )
    return program


def _walk(program: Program, path: str, limit: int) -> list[Any]:
    found, cursor = [], ""
    for _turn in range(50):
        page = program.ask("alfa", "GET", f"{path}?limit={limit}&cursor={cursor}").json
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = page["next"]
    raise AssertionError("it never ends")


@pytest.mark.parametrize("limit", [1, 5, 24, 25, 200])
def test_every_mailbox_comes_once_in_order(many: Program, limit: int) -> None:
    addresses = [one["address"] for one in _walk(many, "mailboxes", limit)]
    assert addresses == sorted(set(addresses))
    assert len(addresses) == COUNT + 2


@pytest.mark.parametrize("path", ["journal", "clauses", "checks", "send-as", "aliases", "domains", "clients"])
def test_a_page_at_a_time_is_the_whole_list(many: Program, path: str) -> None:
    assert _walk(many, path, 2) == many.ask("alfa", "GET", f"{path}?limit=200").json["items"]


def test_what_was_removed_between_two_pages_shifts_nothing(many: Program) -> None:
    first = many.ask("alfa", "GET", "mailboxes?limit=5").json
    many.ask("alfa", "DELETE", f"mailboxes/{first['items'][4]['address']}")
    second = many.ask("alfa", "GET", f"mailboxes?limit=5&cursor={first['next']}").json
    assert second["items"][0]["address"] == "k004@alfa.test"


@pytest.mark.parametrize("cursor", ["x", "MQ", "bnVsbA", "e30", "dHJ1ZQ", "ImFcdTAwMDAi", "%C3%A4", "-", "WzFd"])
@pytest.mark.parametrize("path", ["journal", "mailboxes", "checks"])
def test_a_cursor_that_is_none(program: Program, path: str, cursor: str) -> None:
    answer = program.ask("alfa", "GET", f"{path}?cursor={cursor}")
    assert answer.status in {200, 422}
    assert answer.status == 422 or (path, cursor) == ("journal", "MQ"), "the number 1"


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x"])
def test_no_more_than_200_at_once(program: Program, limit: str) -> None:
    assert program.ask("alfa", "GET", f"mailboxes?limit={limit}").status == 422


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("mailboxes?search=K00", 10),
        ("mailboxes?domain=alfa.test&search=mari", 1),
        ("mailboxes?state=ready", 0),
        ("mailboxes?search=%25", 0),
        ("domains?search=ALFA", 1),
        ("clients?search=Alf", 1),
        ("journal?event=mailbox.created", 2),
        ("journal?search=juku", 1),
        ("journal?since=2026-11-25T00:00:00Z", 0),
        ("checks?clause=P6", 1),
        ("clauses?verdict=pass", 0),
    ],
)
def test_lists_are_searched(many: Program, path: str, count: int) -> None:
    assert len(many.ask("alfa", "GET", path).json["items"]) == count


def test_a_filter_that_is_spelled_wrong_is_told(program: Program) -> None:
    answer = program.ask("alfa", "GET", "mailboxes?serch=mari")
    assert (answer.status, answer.json["code"]) == (422, "bad-request")
    assert "search" in answer.json["hint"]


def test_a_token_is_told_what_is_left_and_when_it_may_go_on(
    program: Program, clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LIMIT", 3)
    left = [program.ask("alfa", "GET", "clients").headers["RateLimit"] for _ in range(3)]
    assert left == ['"token";r=2;t=60', '"token";r=1;t=60', '"token";r=0;t=60']
    over = program.ask("alfa", "POST", "mailboxes", {"address": "uus@alfa.test"})
    assert (over.status, over.json["code"], over.headers["Retry-After"]) == (429, "too-many-requests", "60")
    assert over.headers["RateLimit-Policy"] == '"token";q=3;w=60'
    assert program.ask("beta", "GET", "clients").status == 200, "each token by itself"
    clock.shift(60)
    assert program.ask("alfa", "GET", "clients").status == 200


@pytest.mark.parametrize(
    ("since", "status"),
    [("0165-07-11T07:58:44-19:49", 200), ("2026-01-01T00:00:00+23:59", 200), ("9999-12-31T23:59:59-01:00", 422)],
)
def test_a_moment_of_any_offset_is_taken_as_the_same_in_utc(program: Program, since: str, status: int) -> None:
    """PostgreSQL takes no offset beyond 16 hours."""
    assert program.ask("alfa", "GET", f"journal?since={quote(since)}").status == status
