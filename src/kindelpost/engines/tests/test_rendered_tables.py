"""The table of processes as supervisord.conf and as systemd units, word for word."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kindelpost.engines import keeper
from kindelpost.engines.supervise import command, render_supervisor
from kindelpost.engines.tests.rows import LAYOUT, TABLE
from kindelpost.engines.units import render_units
from kindelpost.lib.errors import EngineFault

GOLDEN = Path(__file__).parent / "golden"


def neutral(text: str) -> str:
    """Without the paths of this machine's interpreter and checkout."""
    return text.replace(sys.executable, "/python").replace(keeper.__file__, "/srv/kp/code/kindelpost/engines/keeper.py")


def same_as_golden(name: str, text: str) -> None:
    assert text == (GOLDEN / name).read_text(encoding="utf-8"), f"{GOLDEN / name} tells another story"


def test_the_supervisors_configuration() -> None:
    same_as_golden("supervisord.conf", neutral(render_supervisor(TABLE, LAYOUT)))


@pytest.mark.parametrize("name", sorted(render_units(TABLE)))
def test_the_units(name: str) -> None:
    same_as_golden(name, render_units(TABLE)[name])


def test_the_supervisor_is_reached_by_a_unix_socket_alone() -> None:
    text = render_supervisor(TABLE, LAYOUT)
    assert "inet_http_server" not in text
    assert "chmod = 0700" in text


def test_only_a_declared_capability_survives() -> None:
    redis, *_, postfix = (command(row, LAYOUT) for row in TABLE)
    assert "--bounding-set=-all" in redis
    assert "--no-new-privs" in redis
    assert "--bounding-set=-all,+net_bind_service,+setuid,+sys_chroot" in postfix
    assert "--no-new-privs" not in postfix  # its row says why


@pytest.mark.parametrize("word", ["a ;b", "a #b", "a\nb", 'a"b'])
def test_a_word_that_supervisord_would_read_otherwise_is_refused(word: str) -> None:
    with pytest.raises(EngineFault, match="cannot be given"):
        render_supervisor([replace(TABLE[0], argv=("/bin/true", word))], LAYOUT)
