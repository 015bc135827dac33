"""The peer: Postfix, Rspamd, ClamAV and Dovecot as Debian configures them, joined in the way their own guides tell.

Every file of the packages is used as it is; what is said on top is only what joins them (sockets, ports, folders, one domain)
and what makes both stacks do the same work: Maildir, and a Sieve script that puts what was marked into Junk. Durable as Debian
delivers it: Postfix fsyncs its queue files, Dovecot's `mail_fsync` is `optimized`.
"""

from __future__ import annotations

import shutil
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.engines.base import Process, Sandbox
from kindelpost.engines.facts import Layout
from kindelpost.engines.supervise import Supervisor
from kindelpost.engines.unbound.address import RESOLV_CONF
from kindelpost.lib.errors import EngineFault, Refused
from kindelpost.lib.files import chown, make_dir, write_atomic
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kindelpost.bench.stack import Stack

__all__ = ["start", "stop"]

NAME = "Debian's defaults"
# Places after the peer's port base.
MX, NORMAL, CONTROLLER, PROXY = 25, 133, 134, 132
MASTER = Sandbox(
    capabilities=tuple(
        f"CAP_{name}"
        for name in ["NET_BIND_SERVICE", "SETUID", "SETGID", "SYS_CHROOT", "CHOWN", "DAC_OVERRIDE", "KILL", "FOWNER"]
    ),
    relax={"NoNewPrivileges": ("no", "Postfix's setgid programs")},
)
SIEVE = Path(__file__).parent.parent / "engines" / "dovecot" / "templates" / "common" / "before.sieve.j2"

MAIN_CF = """\
queue_directory = {data}/postfix/queue
data_directory = {data}/postfix/state
maillog_file = {log}/mail.log
maillog_file_prefixes = {log}
myhostname = {hostname}
mydestination = localhost
alias_maps =
alias_database =
smtpd_tls_cert_file = {tls}/fullchain.pem
smtpd_tls_key_file = {tls}/key.pem
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = hash:{etc}/postfix/mailboxes
virtual_transport = lmtp:unix:{run}/dovecot/lmtp-postfix
smtpd_milters = inet:127.0.0.1:{proxy}
non_smtpd_milters = inet:127.0.0.1:{proxy}
milter_protocol = 6
milter_mail_macros = i {{mail_addr}} {{client_addr}} {{client_name}} {{auth_authen}}
milter_default_action = tempfail
"""
DOVECOT = """\
!include_try /usr/share/dovecot/protocols.d/*.protocol
{includes}
protocols = lmtp
base_dir = {run}/dovecot
state_dir = {data}/dovecot
log_path = /dev/stderr
ssl = no
mail_location = maildir:~/Maildir
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={data}/mail/%Ld/%Ln allow_all_users=yes
}}
protocol lmtp {{
  mail_plugins = $mail_plugins sieve
  postmaster_address = postmaster@{hostname}
}}
plugin {{
  sieve_before = {etc}/dovecot/before.sieve
}}
service lmtp {{
  unix_listener lmtp-postfix {{
    user = postfix
    mode = 0600
  }}
}}
"""
# https://rspamd.com/doc/modules/antivirus.html; the package's own file holds the same block as a comment.
ANTIVIRUS = """\
clamav {{
  type = "clamav";
  symbol = "CLAM_VIRUS";
  action = "reject";
  servers = "{run}/clamav/clamd.ctl";
}}
"""  # noqa: RUF027 -- filled by format()
WORKERS = {
    "normal": 'bind_socket = "127.0.0.1:{normal}";\n',
    "controller": 'bind_socket = "127.0.0.1:{controller}";\n',
    "proxy": 'bind_socket = "127.0.0.1:{proxy}";\nupstream "local" {{\n  default = yes;\n  hosts = "127.0.0.1:{normal}";\n}}\n',
}
CLAMD = {
    "LocalSocket": "{run}/clamav/clamd.ctl",  # noqa: RUF027 -- filled by format()
    "DatabaseDirectory": "{data}/clamav",
    "LogFile": "{log}/clamav/clamav.log",
    "Foreground": "true",
    "FixStaleSocket": "true",
}


def start(ours: Stack, root: Path, port_base: int) -> Stack:
    """Set it up in `root` with the mailboxes and the resolver of `ours`, start it, wait until it takes mail."""
    if ours.facts.version("dovecot") >= (2, 4):
        raise Refused("bench-peer", "The peer is written for Debian 12's Dovecot 2.3.", "Leave the peer out: --peers none.")
    layout = Layout(root)
    words = {
        **{name: str(root / name) for name in ("etc", "run", "data", "log")},
        "hostname": ours.facts.service.hostname,
        "domains": ", ".join(sorted({address.partition("@")[2] for address in ours.maildirs})),
        "tls": str(ours.layout.tls("front")),
        **{name: str(port_base + place) for name, place in (("normal", NORMAL), ("controller", CONTROLLER), ("proxy", PROXY))},
    }
    _folders(root)
    _postfix(root / "etc" / "postfix", port_base + MX, words, ours)
    _dovecot(root / "etc" / "dovecot", words)
    _rspamd(root / "etc" / "rspamd", words)
    _clamav(root, words, ours)
    Supervisor(layout).start(_table(root, str(ours.layout.etc("unbound") / RESOLV_CONF)))
    homes = {address: _maildir(root, address) for address in ours.maildirs}
    peer = replace(
        ours, name=NAME, port=port_base + MX, layout=layout, maildirs=homes, shared=((ours.layout, "unbound"),), notes=()
    )
    _await(peer, port_base)
    return peer


def stop(root: Path) -> None:
    """Stop every process of it and remove its folder."""
    if root.exists():
        Supervisor(Layout(root)).stop()
        shutil.rmtree(root)


def _maildir(root: Path, address: str) -> Path:
    local, _, domain = address.partition("@")
    return root / "data" / "mail" / domain / local / "Maildir"


def _folders(root: Path) -> None:
    make_dir(root)
    for place, owner in (
        *((place, "root") for place in ("etc", "etc/postfix", "etc/dovecot", "data", "data/postfix", "data/postfix/queue")),
        *((place, "root") for place in ("run", "run/dovecot", "data/dovecot", "log")),
        *((place, "_rspamd") for place in ("etc/rspamd", "run/rspamd", "data/rspamd", "log/rspamd")),
        *((place, "clamav") for place in ("run/clamav", "data/clamav", "log/clamav")),
        ("data/postfix/state", "postfix"),
        ("data/mail", "mail"),
    ):
        make_dir(root / place, owner=owner)
    make_dir(root / "run" / "supervisor", mode=0o700)


def _postfix(etc: Path, port: int, words: Mapping[str, str], ours: Stack) -> None:
    stock = Path("/usr/share/postfix")
    own = MAIN_CF.format(**words)
    said = {line.partition("=")[0].strip() for line in own.splitlines()}
    lines = ("".join((stock / name).read_text(encoding="utf-8") for name in ("main.cf.debian", "main.cf.tls"))).splitlines()
    kept = [line for line in lines if line.partition("=")[0].strip() not in said]
    write_atomic(etc / "main.cf", "\n".join([*kept, own]), mode=0o644)
    rows = [_service(line, port) for line in (stock / "master.cf.dist").read_text(encoding="utf-8").splitlines()]
    write_atomic(etc / "master.cf", "\n".join(rows) + "\n", mode=0o644)
    for name in ("dynamicmaps.cf", "dynamicmaps.cf.d", "postfix-files", "postfix-files.d"):
        (etc / name).symlink_to(Path("/etc/postfix") / name)
    write_atomic(etc / "mailboxes", "".join(f"{address} OK\n" for address in ours.maildirs), mode=0o644)
    run(["postmap", "-c", etc, f"hash:{etc}/mailboxes"])
    run(["postfix", "-c", etc, "check"])


def _service(line: str, port: int) -> str:
    """A row of master.cf with our port; without chroot, which would need copies of the machine's files."""
    fields = line.split()
    if len(fields) < 8 or line[0] in "# \t":  # noqa: PLR2004 -- master(5): a service has eight fields
        return line
    if fields[:2] == ["smtp", "inet"]:
        fields[0] = str(port)
    fields[4] = "n"
    return " ".join(fields)


def _dovecot(etc: Path, words: Mapping[str, str]) -> None:
    stock = sorted(Path("/etc/dovecot/conf.d").glob("*.conf"))
    # not sign-in by the machine's accounts, not the machine's certificate: mailboxes are virtual, and nobody reads here
    includes = "\n".join(f"!include {path}" for path in stock if path.name not in {"10-auth.conf", "10-ssl.conf"})
    write_atomic(etc / "dovecot.conf", DOVECOT.format(includes=includes, **words), mode=0o644)
    shutil.copyfile(SIEVE, etc / "before.sieve")
    run(["sievec", "-c", etc / "dovecot.conf", etc / "before.sieve"])
    for path in etc.glob("before.*"):
        path.chmod(0o644)


def _rspamd(etc: Path, words: Mapping[str, str]) -> None:
    for folder in ("local.d", "override.d"):
        make_dir(etc / folder)
    write_atomic(etc / "local.d" / "antivirus.conf", ANTIVIRUS.format(**words), mode=0o644)
    for name, text in WORKERS.items():
        write_atomic(etc / "override.d" / f"worker-{name}.inc", text.format(**words), mode=0o644)


def _clamav(root: Path, words: Mapping[str, str], ours: Stack) -> None:
    """Debian's clamd.conf with its places moved; the same signatures as ours."""
    lines = [
        line
        for line in Path("/etc/clamav/clamd.conf").read_text(encoding="utf-8").splitlines()
        if line.split(" ")[0] not in CLAMD
    ]
    lines += [f"{name} {value.format(**words)}" for name, value in CLAMD.items()]
    write_atomic(root / "etc" / "clamd.conf", "\n".join(lines) + "\n", mode=0o644)
    for path in ours.layout.data("clamav").glob("*.[ncdh][dvlb][dbu]*"):
        chown(Path(shutil.copy(path, root / "data" / "clamav")), "clamav", "clamav")


def _table(root: Path, resolv_conf: str) -> tuple[Process, ...]:
    binds = {resolv_conf: "/etc/resolv.conf"}  # both stacks ask the same resolver
    etc = root / "etc"
    places = {
        "LOCAL_CONFDIR": etc / "rspamd",
        "DBDIR": root / "data/rspamd",
        "RUNDIR": root / "run/rspamd",
        "LOGDIR": root / "log/rspamd",
    }
    rspamd = (
        "/usr/bin/rspamd",
        "--no-fork",
        "--config=/etc/rspamd/rspamd.conf",
        *(f"--var={k}={v}" for k, v in places.items()),
    )
    return (
        Process("clamd", ("/usr/sbin/clamd", f"--config-file={etc}/clamd.conf"), "clamav", umask="022"),
        Process("rspamd", rspamd, "_rspamd", binds=binds, after=("clamd",)),
        Process("dovecot", ("/usr/sbin/dovecot", "-F", "-c", f"{etc}/dovecot/dovecot.conf"), "root", sandbox=MASTER),
        Process("postfix", ("/usr/lib/postfix/sbin/master", "-c", f"{etc}/postfix", "-s"), "root", binds=binds, sandbox=MASTER),
    )


def _await(peer: Stack, port_base: int) -> None:
    """Until every door of it is open."""
    end = time.monotonic() + 60
    sockets = (peer.layout.run("clamav") / "clamd.ctl", peer.layout.run("dovecot") / "lmtp-postfix")
    while time.monotonic() < end:
        try:
            for port in (MX, NORMAL, PROXY):
                socket.create_connection(("127.0.0.1", port_base + port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
            continue
        if all(path.exists() for path in sockets):
            return
    raise EngineFault("bench-peer", f"{NAME}: it did not start within 60 s.", f"See {peer.layout.log}.")
