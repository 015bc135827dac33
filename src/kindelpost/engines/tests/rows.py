"""A table with one row of each kind: a root master, an engine without a network, one of ours in a namespace."""

from __future__ import annotations

from pathlib import Path

from kindelpost.engines.base import Process, Sandbox
from kindelpost.engines.facts import Layout

LAYOUT = Layout(Path("/srv/kp"))

TABLE = (
    Process(
        "redis",
        ("/usr/bin/redis-server", "/srv/kp/etc/redis/redis.conf"),
        "kp-redis",
        sandbox=Sandbox(writes=(Path("/srv/kp/data/redis"), Path("/srv/kp/run/redis")), network=False),
    ),
    Process(
        "rspamd",
        ("/usr/bin/rspamd", "-f", "--var=RUN=50% of $HOME"),
        "kp-rspamd",
        after=("redis",),
        reload=("signal", "HUP"),
        sandbox=Sandbox(relax={"MemoryDenyWriteExecute": ("no", "LuaJIT and hyperscan compile to machine code")}),
    ),
    Process(
        "sts",
        ("/opt/kindelpost/bin/python", "-m", "kindelpost.engines.sts.serve"),
        "kp-sts",
        group="postfix",
        env={"PYTHONPATH": "/srv/kp/code"},
        ours=True,
        netns="kp-12345678",
    ),
    Process(
        "postfix",
        ("/usr/lib/postfix/sbin/master", "-c", "/srv/kp/etc/postfix", "-s"),
        "root",
        after=("rspamd", "sts"),
        reload=("/usr/sbin/postfix", "-c", "/srv/kp/etc/postfix", "reload"),
        stop_signal="QUIT",
        stop_seconds=15,
        binds={"/srv/kp/etc/unbound/resolv.conf": "/etc/resolv.conf"},
        sandbox=Sandbox(
            capabilities=("CAP_NET_BIND_SERVICE", "CAP_SETUID", "CAP_SYS_CHROOT"),
            relax={"NoNewPrivileges": ("no", "postdrop is setgid")},
        ),
    ),
)
