"""The launcher on this machine, in a mount namespace where it finds nothing installed by it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from kindelpost.lib.run import Finished, run

ROOT = Path(__file__).parents[2]
LAUNCHER = ROOT / "kindelpost"
HOME = "/opt/kindelpost"  # where the launcher keeps venvs and stamps
EMPTY = f"mkdir -p {HOME} && mount -t tmpfs -o mode=755,size=3g tmpfs {HOME}"
NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups"
BESIDE_SYSTEMD = Path("/run/systemd/system").is_dir()


pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300), pytest.mark.usefixtures("installed")]


@pytest.fixture(scope="module")
def installed() -> None:
    assert run([LAUNCHER, "--help"], timeout=300).code == 0


def launched(setting: str, *, by: str = "", network: bool = True, command: str = f"{LAUNCHER} --version") -> Finished:
    """What the launcher says after the shell commands of `setting`, which change mounts of its namespace alone."""
    namespaces = ["--mount"] if network else ["--mount", "--net"]
    script = f"set -e; {setting}; {by} {command}"
    return run(["unshare", *namespaces, "bash", "-c", script], check=False, timeout=120, env={"PIP_RETRIES": "1"})


def assert_told(said: Finished, what: str, todo: str) -> None:
    assert said.code == 3
    assert what in said.err
    assert "  Why: " in said.err
    assert todo in said.err.partition("  What to do: ")[2]


def test_the_first_run_by_another_user_is_told_to_be_root() -> None:
    said = launched(f"{EMPTY}; mount --bind {ROOT} /srv", by=NOBODY, command="/srv/kindelpost --version")
    assert_told(said, "the first run needs root", "sudo ./kindelpost")


def test_an_unsupported_system_is_named(tmp_path: Path) -> None:
    other = tmp_path / "os-release"
    other.write_text('ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04"\n')
    said = launched(f"{EMPTY}; mount --bind {other} $(readlink -f /etc/os-release)")
    assert_told(said, "this system is not supported", "Debian 13")
    assert "it is Ubuntu 24.04" in said.err


def test_a_full_disk_is_named_with_what_is_needed() -> None:
    said = launched(f"{EMPTY.replace('3g', '100m')}")
    assert_told(said, "the disk is too full", "Free some space")
    assert f"{HOME} has 100 MB free; 2000 MB are needed" in said.err


def test_a_second_installation_at_the_same_time_waits_for_nobody() -> None:
    said = launched(f"{EMPTY}; exec 8>>{HOME}/lock; flock 8")
    assert_told(said, "another installation is running", "Wait until it has ended")


def test_without_a_network_it_is_said_who_could_not_be_reached() -> None:
    said = launched(f"ip link set lo up; {EMPTY}", network=False)
    assert_told(said, "the Python packages could not be installed", "Mend what pip complains of")
    assert "a server could not be reached" in said.err


@pytest.mark.skipif(BESIDE_SYSTEMD, reason="speaks of the init script, which systemd's answer overrides")
def test_an_engine_that_the_machine_runs_itself_is_left_alone(tmp_path: Path) -> None:
    script = tmp_path / "nginx"
    script.write_text("#!/bin/sh\necho nginx is running.\n")
    script.chmod(0o755)
    said = launched(f"{EMPTY}; mount --bind {script} /etc/init.d/nginx")
    assert_told(said, "this machine already runs nginx", "systemctl disable --now nginx")


def test_a_venv_that_was_never_finished_is_made_anew() -> None:
    half = f"for venv in {HOME}/venv-*; do mkdir -p /run/half/${{venv##*/}}/bin; done"
    setting = f"{half}; {EMPTY}; cp -r /run/half/. {HOME}; rm -r /run/half"
    said = launched(f"ip link set lo up; {setting}", network=False)
    assert_told(said, "the Python packages could not be installed", "Mend")  # it tries, and does not use the half one


def test_a_later_run_adds_less_than_sixty_milliseconds() -> None:
    fake = f"stamps=$(ls {HOME}/ready-*); {EMPTY}; mkdir -p {HOME}/fake/bin; ln -s /bin/true {HOME}/fake/bin/python"
    setting = f"{fake}; for stamp in $stamps; do echo {HOME}/fake >$stamp; done"
    runs = 10
    timed = launched(
        setting, command=f"bash -c 'for i in $(seq {runs}); do s=$EPOCHREALTIME; {LAUNCHER}; echo $s $EPOCHREALTIME; done'"
    )
    assert timed.code == 0, timed.err
    pairs = [line.split() for line in timed.out.splitlines()]
    took = sorted(float(end) - float(start) for start, end in pairs)
    print(f"launcher before Python: median {took[runs // 2] * 1000:.0f} ms")
    assert took[runs // 2] < 0.060


def test_a_later_run_needs_no_root() -> None:
    began = time.monotonic()
    said = launched(f"mount --bind {ROOT} /srv", by=NOBODY, command="/srv/kindelpost --help")
    assert (said.code, said.err) == (0, "")
    assert "Usage" in said.out
    assert time.monotonic() - began < 2
