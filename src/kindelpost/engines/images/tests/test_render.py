"""How the scanner of images is started."""

from __future__ import annotations

from pathlib import Path

from kindelpost.config.service import Service
from kindelpost.engines.facts import Facts, Layout
from kindelpost.engines.images import ENGINE
from kindelpost.engines.images.render import socket

FACTS = Facts(Layout(Path("/srv/kindelpost")), Service())


def test_it_has_no_network_and_no_secret() -> None:
    (process,) = ENGINE.processes(FACTS)
    assert process.account == "kp-images"
    assert not process.sandbox.network
    assert ENGINE.secrets == ()


def test_the_socket_is_shared_with_rspamd_alone() -> None:
    (folder,) = ENGINE.directories(FACTS)
    assert socket(FACTS).parent == folder.path
    assert (folder.owner, folder.group, folder.mode) == ("kp-images", "kp-rspamd", 0o2750)
