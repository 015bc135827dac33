"""T26: what no scanner can see whole is refused, at every door; its whole twin passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.filter.mails import letter
from e2e.filter.milter import Envelope

if TYPE_CHECKING:
    from e2e.filter.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
OUT = Envelope(door="submission", login="alice@a.example", sender="alice@a.example", recipients=("x@remote.example",))
DOORS = {"mx": (Envelope(), "someone@remote.example"), "submission": (OUT, "alice@a.example")}


@pytest.mark.parametrize("door", DOORS)
def test_a_piece_of_a_message_is_refused(stage: Stage, door: str) -> None:
    """message/partial: the reader's program would put together what no scanner has seen whole."""
    envelope, sender = DOORS[door]
    whole = letter(f"From: {sender}")
    piece = whole.replace(b"text/plain; charset=utf-8", b'message/partial; id="a@b"; number=1; total=2')
    assert stage.send(piece, envelope).refused
    assert stage.send(whole, envelope).inbox
