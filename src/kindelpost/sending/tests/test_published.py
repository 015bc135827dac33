"""What DNS shows is compared with what is to be published; no answer is never taken for a missing record."""

from __future__ import annotations

import dns.exception
import pytest

from kindelpost.mail import records
from kindelpost.sending.published import published

MX, SPF = records.mx("firma.ee", "mx.test"), records.spf("firma.ee", "mx.test")


@pytest.mark.parametrize(
    ("record", "answers", "state"),
    [
        (MX, ["10 mx.test."], "published"),
        (MX, ["10 MX.test."], "published"),
        (MX, ["10 mx.test.", "20 old.test."], "different"),
        (MX, [], "missing"),
        (SPF, [SPF.value, "google-site-verification=x"], "published"),
        (SPF, [SPF.value, "v=spf1 -all"], "different"),
        (SPF, ["google-site-verification=x"], "missing"),
        (records.Record("a", "TLSA", "3 1 1 ab", "", ""), ["3 1 1 cd", "3 1 1 ab"], "published"),
        (records.Record("a", "TXT", "v=DKIM1; p=AbC", "", ""), ["v=DKIM1; p=abc"], "different"),
    ],
)
def test_a_record_is_published_only_when_it_alone_is_there(record: records.Record, answers: list[str], state: str) -> None:
    assert published([record], lambda _name, _kind: answers)[0].state == state


def test_no_answer_is_unknown() -> None:
    def silent(_name: str, _kind: str) -> list[str]:
        raise dns.exception.Timeout

    assert published([MX], silent)[0].state == "unknown"
