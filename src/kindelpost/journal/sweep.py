"""Answering what is pending: in order, each reaction once, a failed one again later."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from kindelpost.journal.models import Entry, Mark
from kindelpost.journal.registry import reactions_to
from kindelpost.lib.clock import now

if TYPE_CHECKING:
    from kindelpost.journal.registry import Reaction

__all__ = ["sweep"]

log = logging.getLogger(__name__)
BATCH = 200
RETRY_SECONDS = (0.2, 1, 5, 15, 60, 300)  # the last one repeats until it works: an entry is never given up


def sweep() -> int:
    """Answer the oldest pending entries; returns how many reactions were done. A failing one does not hold up the others."""
    waiting = Mark.objects.filter(entry=OuterRef("pk"), done_at=None, retry_at__gt=now())
    due = Entry.objects.filter(~Exists(waiting), pending=True).order_by("id")[:BATCH]
    return sum(_answer(entry) for entry in due)


def _answer(entry: Entry) -> int:
    marks = {mark.reaction: mark for mark in entry.marks.all()}
    done = 0
    for reaction in reactions_to(entry.name):
        mark = marks.get(reaction.name) or Mark.objects.get_or_create(entry=entry, reaction=reaction.name)[0]
        if mark.done_at is not None:
            continue
        if not _react(entry, reaction, mark):
            return done  # the reactions to one entry build on each other
        done += 1
    Entry.objects.filter(pk=entry.pk).update(pending=False)
    return done


def _react(entry: Entry, reaction: Reaction, mark: Mark) -> bool:
    """Claim the mark and answer in one transaction: a crash gives the claim back, a second worker finds it taken."""
    try:
        with transaction.atomic():
            if Mark.objects.filter(pk=mark.pk, done_at=None).update(done_at=now(), error=""):
                reaction.answer(entry)
    except Exception as failure:
        wait = RETRY_SECONDS[min(mark.attempts, len(RETRY_SECONDS) - 1)]
        log.exception("%s failed for entry %s; again in %s s", reaction.name, entry, wait)
        Mark.objects.filter(pk=mark.pk).update(
            attempts=F("attempts") + 1, retry_at=now() + timedelta(seconds=wait), error=str(failure)[:2000]
        )
        return False
    return True
