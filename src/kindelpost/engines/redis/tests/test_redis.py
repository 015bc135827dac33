from __future__ import annotations

from pathlib import Path

import pytest

from kindelpost.config.service import Service
from kindelpost.engines.facts import Facts, Layout
from kindelpost.engines.redis import ENGINE
from kindelpost.engines.redis.render import render, user

GOLDEN = Path(__file__).parent / "golden"
RELEASES: dict[str, dict[str, tuple[int, ...]]] = {
    "12": {"redis": (7, 0, 15), "rspamd": (3, 4)},
    "13": {"redis": (8, 1, 1), "rspamd": (3, 12, 1)},
}


def facts(release: str) -> Facts:
    return Facts(Layout(Path("/srv/kp")), Service(), RELEASES[release], {"redis-rspamd": "made-up-secret"})


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", ["redis.conf", "users.acl"])
def test_the_rendered_files_are_the_recorded_ones(release: str, name: str) -> None:
    assert render(facts(release))[name].text == (GOLDEN / release / name).read_text()


@pytest.mark.parametrize("release", RELEASES)
def test_the_password_is_written_as_its_hash_only(release: str) -> None:
    assert not any("made-up-secret" in file.text for file in render(facts(release)).values())


def test_only_the_release_that_knows_no_names_logs_in_as_default() -> None:
    assert user(facts("12")) == "default"
    assert user(facts("13")) == "rspamd"
    assert "user default off" in render(facts("13"))["users.acl"].text


def test_there_is_no_tcp_port() -> None:
    assert "\nport 0\n" in render(facts("13"))["redis.conf"].text
    assert ENGINE.listeners(facts("13")) == ()


def test_the_socket_folder_is_shared_with_rspamd_alone() -> None:
    places = {place.path.name: (place.owner, place.group, place.mode) for place in ENGINE.directories(facts("13"))[1:]}
    assert places == {"redis": ("kp-redis", "kp-rspamd", 0o2750)}
