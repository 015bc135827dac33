"""M3: each account reaches its own and what is declared here, nothing else; seen with the account's own eyes.

A test that only reads modes would believe them; this one becomes each account in turn and tries every file and socket there is.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.members import members
from kindelpost.engines.sockets import root_processes
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from e2e.service import Service
    from kindelpost.engines.base import Process

# What everybody on the machine may read, each with its reason: nothing in it is a secret.
OPEN = {
    ".": "the service's configuration, and what the folder is",
    "code.versions": "our program",
    "tls/ca": "the certificate that clients must trust",
    "tls/front": "the certificate that we show",
    "tls/outside": "the certificate that the outside world shows",
    "etc/postfix": "main.cf and master.cf, which sendmail(1) reads as its caller",
    "etc/dovecot": "the script that files marked mail",
    "etc/unbound": "resolv.conf, which stands in for the machine's",
    "run/nginx": "the number of nginx's master",
    "data/dovecot/state": "Dovecot's own id of this installation",
}
# What each account may read or connect to besides what is open and what is its own.
OWN = {
    "control": {"control", "maps", "run/portal"},
    "mail": {"data/mail", "etc/dovecot", "run/dovecot"},
    "rspamd": {"rspamd", "run/redis", "run/clamav"},
    "clamav": {"clamav", "data/clamd"},
    "freshclam": {"data/clamav"},
    "redis": {"redis"},
    "unbound": {"unbound"},
    "nginx": {"nginx", "run/portal"},
    "srs": {"srs"},
    "sts": {"sts"},
    "outside": {"outside"},
    "postfix": {"postfix", "run/dovecot", "run/rspamd", "run/srs", "run/sts"},
    "dovecot": {"dovecot"},
}
# Of Dovecot's sockets, those that others may open: sign-in and delivery (Postfix), lookups and counters (mail processes).
DOVECOT_SOCKETS = {
    "postfix": {"auth-postfix", "lmtp-postfix", "quota-postfix"},
    "mail": {"anvil", "auth-userdb", "indexer", "stats-writer"},
}
KINDS = ("etc", "maps", "run", "data", "tls")


def area(path: str) -> str:
    """`data/mail` of data/mail/a.example/…, `.` of what lies in the instance's folder itself."""
    parts = path.split("/")
    if path.startswith("data/dovecot/state"):
        return "data/dovecot/state"
    return "." if len(parts) == 1 else "/".join(parts[:2]) if parts[0] in KINDS else parts[0]


def allowed(name: str, path: str) -> bool:
    """Is `path` among what the account `name` owns or is declared to reach?"""
    where = area(path)
    kind, _, engine = where.partition("/")
    return bool({where, engine, kind} & OWN.get(name, set()))


@pytest.mark.parametrize("name", [*ACCOUNTS, "nobody"])
def test_an_account_reads_and_reaches_its_own_alone(service: Service, name: str) -> None:
    """Every file that opens and every socket that takes a connection, for each account against all the others."""
    account = ACCOUNTS.get(name, name) if name != "nobody" else "nobody"
    become_group = "nogroup" if name == "nobody" else account
    become = ["setpriv", f"--reuid={account}", f"--regid={become_group}", "--init-groups"]
    what = ["(", "-type", "f", "-readable", ")", "-o", "(", "-type", "s", "-writable", ")"]
    out = run([*become, "find", ".", *what], check=False, cwd=service.folder, timeout=120).out
    paths = [re.sub(r"etc/\.versions/([a-z]+)-[0-9a-f]{16}", r"etc/\1", line[2:]) for line in out.splitlines()]
    assert paths, "find saw nothing: the test would prove nothing"
    foreign = [path for path in paths if area(path) not in OPEN and not allowed(name, path)]
    assert not foreign, foreign[:20]
    sockets = {
        path.removeprefix("run/dovecot/") for path in paths if path.startswith("run/dovecot/") and name in DOVECOT_SOCKETS
    }
    assert sockets == DOVECOT_SOCKETS.get(name, set())


def test_what_everybody_may_read_holds_no_secret(service: Service) -> None:
    """M3.2: a secret is in the files of its two parties and nowhere else; no two are alike."""
    secrets = {path.name: path.read_text() for path in service.facts.layout.secrets.iterdir()}
    assert len(secrets) > 3
    assert len(set(secrets.values())) == len(secrets)
    readable = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "find", ".", "-type", "f", "-readable"]
    for line in run(readable, check=False, cwd=service.folder).out.splitlines():
        content = (service.folder / line).read_bytes()
        assert not [name for name, value in secrets.items() if value.encode() in content], line
        assert b"PRIVATE KEY-----\n" not in content or line.startswith("./code"), line


def test_no_secret_is_in_a_command_line_or_an_environment(service: Service) -> None:
    """What ps(1) shows to everybody."""
    secrets = [path.read_bytes() for path in service.facts.layout.secrets.iterdir()]
    for pid in members(service.facts.layout):
        for name in ("cmdline", "environ"):
            content = Path(f"/proc/{pid}/{name}").read_bytes()
            assert not [one for one in secrets if one in content], f"{pid} {name}"


@pytest.mark.parametrize("name", [*ACCOUNTS, "nobody"])
def test_no_account_writes_code_configuration_or_anothers_data(service: Service, name: str) -> None:
    account = ACCOUNTS.get(name, name)
    group = "nogroup" if name == "nobody" else account
    become = ["setpriv", f"--reuid={account}", f"--regid={group}", "--init-groups"]
    what = ["!", "-type", "l", "!", "-type", "s", "-writable", "!", "-user", account]
    assert not run([*become, "find", ".", *what], check=False, cwd=service.folder).out
    own = run(
        [*become, "find", "etc", "code.versions", "secrets", "tls", "-writable", "!", "-type", "l"],
        check=False,
        cwd=service.folder,
    )
    assert not own.out


def test_the_logs_are_the_operators_alone(service: Service) -> None:
    """P2: they say who wrote to whom, for all clients."""
    layout = service.facts.layout
    assert layout.log.stat().st_mode & 0o077 == 0
    assert "from=<" in (layout.log / "mail.log").read_text()


def status(pid: int) -> dict[str, str]:
    """/proc/<pid>/status."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:  # noqa: PTH123 -- a file of the kernel's
        return {name: value.strip() for name, _, value in (line.partition(":") for line in file)}


def capability_names(mask: str) -> set[str]:
    """The names of a capability mask."""
    said = run(["capsh", f"--decode={mask}"]).out.strip().partition("=")[2]
    return {name.upper() for name in said.split(",") if name}


def record(folder: Path, row: Process) -> int:
    """The pid of a row's own program."""
    return int((folder / "run" / "supervisor" / f"{row.name}.pid").read_text().split()[0])


def test_every_process_runs_as_declared(service: Service) -> None:
    """M3.1, M2: real and effective account, group, capabilities and no_new_privs, of what runs."""
    for row in service.instance.table:
        found = status(record(service.folder, row))
        user = run(["id", "-u", row.account]).out.strip()
        assert found["Uid"].split() == [user] * 4, row.name
        assert found["Gid"].split() == [run(["id", "-g", row.group or row.account]).out.strip()] * 4, row.name
        for mask in ("CapBnd", "CapPrm", "CapEff"):
            assert capability_names(found[mask]) <= set(row.sandbox.capabilities), f"{row.name} {mask}"
        assert found["NoNewPrivs"] == ("0" if "NoNewPrivileges" in row.sandbox.relax else "1"), row.name


MASTERS = {"master", "nginx", "dovecot", "log", "config", "python", "supervisord"}


def test_nothing_that_runs_as_root_talks_to_the_network(service: Service) -> None:
    """Masters bind and hand over; a connection in a root process would be a finding. Sampled while mail is read and sent."""
    with service.mx() as client, service.imap(service.mailbox()) as reader:
        client.noop()
        reader.noop()
        for pid, (row, command, _sockets) in root_processes(service.facts.layout).items():
            assert any(command.startswith(name) for name in MASTERS), f"{row}: {command}"
            inodes = {os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd")}  # noqa: PTH115 -- "socket:[1]" is no path
            talking = run(["ss", "-Htunpae", "state", "established"]).out
            held = [line for line in talking.splitlines() if f"pid={pid}," in line and "127.0.0.1" not in line]
            assert not held, f"{row}: {command}: {held} {len(inodes)}"
