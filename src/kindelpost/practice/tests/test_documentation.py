"""The pages tell of every sentence what is kept, what tries it, where it is enforced and tested."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.practice.clauses import clauses, controls
from kindelpost.practice.documentation import pages

if TYPE_CHECKING:
    from kindelpost.practice.tests.conftest import Desk

ROOT = Path(__file__).parents[4]


def test_every_sentence_has_a_page_with_its_controls_and_the_index_leads_to_it() -> None:
    made = pages(ROOT)
    for clause in clauses().values():
        page = made[f"docs/clauses/{clause.id}.md"]
        assert clause.et in page
        assert clause.en in page
        assert f"({clause.id}.md)" in made["docs/clauses/index.md"]
    for control in controls().values():
        for clause_id in control.clauses:
            assert f"### {control.id}" in made[f"docs/clauses/{clause_id}.md"]


def test_a_check_is_told_with_its_facts_and_the_tests_that_name_it(desk: Desk) -> None:
    page = pages(ROOT)["docs/clauses/P3.md"]
    assert "- Check `P3.1` (does, provider, mandatory, holds 3600 s, version 2, in `" in page
    assert "A virus is refused. Expected: refused" in page
    assert "src/kindelpost/practice/tests/test_documentation.py" in page


def test_links_of_the_pages_lead_somewhere() -> None:
    for name, page in pages(ROOT).items():
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page):
            path = (ROOT / name).parent / target
            assert path.exists() or f"docs/clauses/{target}" in pages(ROOT), f"{name}: {target}"
