"""T26: the harmless EICAR behind broken MIME (noxxi/mime-is-broken), by how valid the message is: 3 valid … 0 very broken."""

from __future__ import annotations

import re
import tarfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.filter.mails import EICAR, attached
from e2e.filter.milter import Envelope

if TYPE_CHECKING:
    from e2e.filter.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "hostile" / "mime-broken-content.tar.xz"
# What was caught of how many when this was written; no change may catch less. What is valid is caught whole.
CAUGHT = {"3": (1, 1), "2": (11, 11), "1": (40, 42), "0": (151, 187)}


def test_a_virus_behind_broken_mime_is_caught(stage: Stage) -> None:
    if not CORPUS.exists():
        pytest.skip(f"{CORPUS.name} is not beside this checkout")
    with tarfile.open(CORPUS) as archive:
        files = {Path(one.name).name: archive.extractfile(one) for one in archive if one.isfile()}
        content = {name: file.read() for name, file in files.items() if file}
    caught: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for line in content.pop("index.tsv").decode().splitlines():
        name, validity, _trick = line.split("\t")
        verdict = stage.send(re.sub(rb"\r?\n", b"\r\n", content[name]), Envelope())
        assert not verdict.deferred, verdict
        seen[validity] += 1
        caught[validity] += "virus found" in verdict.reply
    print({validity: f"{caught[validity]} of {seen[validity]}" for validity in sorted(seen)})
    assert {validity: seen[validity] for validity in CAUGHT} == {validity: of for validity, (_, of) in CAUGHT.items()}
    assert all(caught[validity] >= least for validity, (least, _) in CAUGHT.items()), caught


def test_without_a_resolver_a_virus_is_refused_and_a_claim_is_not_believed(stage: Stage) -> None:
    """Degraded, never open: what needs DNS waits, what does not is judged as ever."""
    stage.stop("world")
    try:
        assert "virus found" in stage.send(attached(EICAR)).reply
        forged = stage.send(attached(b"clean", sender="alice@a.example"), Envelope(sender="x@nowhere.example"))
        assert forged.deferred or forged.refused, forged
    finally:
        stage.resume_world()
