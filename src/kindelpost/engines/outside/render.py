"""Configuration of the outside world's name server and sink. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kindelpost.engines.base import File
from kindelpost.engines.outside.hosts import PLAIN, SINK, mta_sts_policies
from kindelpost.engines.outside.namespace import host
from kindelpost.engines.outside.world import ZONES
from kindelpost.engines.templates import render_template

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["render"]


def render(facts: Facts) -> dict[str, File]:
    """nsd.conf and sink.json; nothing where there is no outside world."""
    if facts.outside is None:
        return {}
    nsd = render_template(
        "outside",
        "nsd.conf.j2",
        outside=facts.outside,
        data=facts.layout.data("outside"),
        run=facts.layout.run("outside"),
        zones=ZONES,
    )
    tls = facts.layout.tls("outside")
    secure, plain = host(facts.outside, SINK), host(facts.outside, PLAIN)
    sink = {
        "inbox": str(facts.layout.data("outside") / "inbox"),
        "certificate": str(tls / "fullchain.pem"),
        "key": str(tls / "key.pem"),
        "secure": [secure.v4, secure.v6],
        "plain": [plain.v4, plain.v6],
        "policies": mta_sts_policies(),
    }
    return {"nsd.conf": File(nsd), "sink.json": File(json.dumps(sink, indent=2) + "\n")}
