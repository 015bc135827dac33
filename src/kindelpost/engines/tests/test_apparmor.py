from __future__ import annotations

from pathlib import Path

import pytest

from kindelpost.config.service import Service
from kindelpost.engines import apparmor
from kindelpost.engines.clamav import ENGINE as CLAMAV
from kindelpost.engines.facts import Facts, Layout
from kindelpost.engines.redis import ENGINE as REDIS
from kindelpost.engines.supervise import command
from kindelpost.engines.unbound import ENGINE as UNBOUND

FACTS = Facts(Layout(Path("/srv/kp")), Service(), {"clamav": (1, 4), "unbound": (1, 17), "redis": (7, 0)})
PROFILED = {"clamd", "freshclam", "unbound"}  # Debian ships a profile for each (/etc/apparmor.d)


@pytest.mark.parametrize("enabled", ["Y\n", "N\n", None])
def test_what_has_a_profile_of_debians_starts_outside_it_where_profiles_are_enforced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, enabled: str | None
) -> None:
    monkeypatch.setattr(apparmor, "AA_EXEC", tmp_path)  # stands for /usr/bin/aa-exec, which this machine may lack
    monkeypatch.setattr(apparmor, "ENABLED", tmp_path / "enabled")
    if enabled:
        apparmor.ENABLED.write_text(enabled)
    said = (str(tmp_path), "-p", "unconfined", "--")
    seen = set()
    for process in (row for engine in (CLAMAV, UNBOUND, REDIS) for row in engine.processes(FACTS)):
        words = command(process, FACTS.layout)
        program = words.index("--", words.index("/usr/bin/setpriv")) + 1
        assert words[-len(process.argv) :] == process.argv
        if words[program : program + 4] == said:
            seen.add(process.name)
            assert words[program + 4 :] == process.argv
        else:
            assert words[program:] == process.argv
    assert seen == (PROFILED if enabled == "Y\n" else set())


def test_a_machine_without_aa_exec_starts_them_as_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(apparmor, "AA_EXEC", tmp_path / "none")
    monkeypatch.setattr(apparmor, "ENABLED", tmp_path / "enabled")
    apparmor.ENABLED.write_text("Y\n")
    assert not [row for row in CLAMAV.processes(FACTS) if "aa-exec" in " ".join(command(row, FACTS.layout))]
