"""Facts in, Rspamd's own configuration folder out (LOCAL_CONFDIR): one set of templates for 3.4 and 3.12, and our Lua."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.engines.base import File
from kindelpost.engines.clamav.render import socket as clamd_socket
from kindelpost.engines.images.render import socket as images_socket
from kindelpost.engines.redis.render import SECRET as REDIS_SECRET
from kindelpost.engines.redis.render import user as redis_user
from kindelpost.engines.templates import render_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kindelpost.engines.facts import Facts

__all__ = ["CONTROLLER_SECRET", "render"]

CONTROLLER_SECRET = "rspamd-controller"  # noqa: S105 -- the secret's name, not its value
HERE = Path(__file__).parent

LOCAL = ("actions", "redis", "dkim", "dkim_signing", "arc", "classifier-bayes", "spf", "dmarc", "multimap", "groups")
OVERRIDE = ("milter_headers", "ratelimit", "whitelist", "phishing", "mime_types", "mid", "rbl")
# Modules that are off, with the reason; some exist in one release only.
OFF = {
    "antivirus": "clamd is asked by kindelpost/virus.lua, which never passes what was not scanned",
    "asn": "asks asn.rspamd.com about every sender",
    "bayes_expiry": "needs to walk all keys of the state server, which Rspamd's user may not",
    "contextal": "sends mail to another service",
    "fuzzy_check": "sends hashes of mail to fuzzy1.rspamd.com",
    "gpt": "sends mail to another service",
    "greylist": "delays honest mail for hours; today's spammers come again",
    "history_redis": "subjects and addresses of mail do not belong into the state server (P2)",
    "known_senders": "reads a list from maps.rspamd.com, and keeps who writes to whom",
    "neural": "learns by itself from what it saw; and keeps its nets under keys of its own",
    "rspamd_update": "rules come with the package, not from the network",
    "url_redirector": "would fetch links that are found in mail",
}
# Always (o): signed once more than present, so that none can be added (T13). (x): when present.
SIGN_HEADERS = (
    "(o)from:(o)sender:(o)reply-to:(o)subject:(o)date:(o)message-id:(o)to:(o)cc:"
    "(o)mime-version:(o)content-type:(x)content-transfer-encoding:"
    "resent-to:resent-cc:resent-from:resent-sender:resent-message-id:(x)in-reply-to:(x)references:"
    "list-id:list-help:list-owner:list-unsubscribe:list-unsubscribe-post:list-subscribe:list-post"
)


def _context(facts: Facts, cores: int) -> dict[str, object]:
    layout, service = facts.layout, facts.service
    junk, reject = service.filtering.junk_score, service.filtering.reject_score
    new = facts.version("rspamd") >= (3, 7)
    user = redis_user(facts)
    return {
        "new": new,
        "cores": cores,
        "etc": layout.etc("rspamd"),
        "run": layout.run("rspamd"),
        "data": layout.data("rspamd"),
        "maps": layout.maps("rspamd"),
        "hostname": service.hostname,
        "resolver": facts.port("resolver"),
        "clamd": clamd_socket(facts),
        "images": images_socket(facts),
        "controller": facts.secrets[CONTROLLER_SECRET],
        "socket": layout.run("redis") / "redis.sock",
        "username": "" if user == "default" else user,
        "password": facts.secrets[REDIS_SECRET],
        "reject": reject,
        "junk": junk,
        "phishing": round(junk + (reject - junk) / 3, 2),  # Junk even if some good is said of it, no refusal if some bad is
        "per_hour": service.limits.messages_per_hour,
        "sign_headers": SIGN_HEADERS,
        "url_tld": "/usr/share/publicsuffix/effective_tld_names.dat" if new else "${SHAREDIR}/effective_tld_names.dat",
    }


def render(facts: Facts, cores: int | None = None) -> Mapping[str, File]:
    """The rendered files; `cores` (default: this machine's) is the number of scanning processes."""
    context = _context(facts, cores or os.cpu_count() or 1)

    def filled(template: str, **more: object) -> File:
        return File(render_template("rspamd", f"common/{template}.j2", **context, **more))

    files = {"rspamd.conf": filled("rspamd.conf")}
    files |= {f"kindelpost/{name}.lua": filled(f"{name}.lua") for name in ("facts", "rules")}
    files["override.d/options.inc"] = filled("options.inc")
    files |= {f"local.d/{name}.conf": filled(f"{name}.conf") for name in LOCAL}
    files |= {f"override.d/{name}.conf": filled(f"{name}.conf") for name in OVERRIDE}
    files |= {f"override.d/{name}.conf": filled("off.conf", why=why) for name, why in OFF.items()}
    own = (*sorted((HERE / "lua").glob("*.lua")), *sorted((HERE / "data").glob("*.inc")))
    files |= {f"kindelpost/{path.name}": File(path.read_text()) for path in own}
    return files
