"""The figures as data for a machine and as tables for a person."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kindelpost.bench.load import CONNECTIONS, PER_CONNECTION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kindelpost.bench.inbound import Measured

__all__ = ["as_data", "as_text", "machine"]

RATES = ("accepted", "stored", "cpu_ms", "sender_cpu_ms")


def machine() -> dict[str, Any]:
    """What it was measured on, in general words."""
    memory = int(Path("/proc/meminfo").read_text(encoding="ascii").split()[1]) // 2**20
    return {"cores": os.cpu_count(), "memory_gib": memory, "load_before": round(os.getloadavg()[0], 2)}


def as_data(
    where: Mapping[str, Any],
    disk: Mapping[str, float],
    inbound: Sequence[Measured],
    verdicts: Mapping[str, Mapping[str, str]],
    notes: Sequence[str],
) -> dict[str, Any]:
    """The whole report. Rates are a second, `cpu_ms` a message; each is [minimum, median, maximum] over the runs."""
    rows = [
        {"stack": each.stack, "size": each.size, "messages": each.messages, "runs": len(each.turns)}
        | {what: [round(value, 2) for value in each.spread(what)] for what in RATES}
        for each in inbound
    ]
    return {
        "machine": dict(where),
        "disk": {name: round(rate) for name, rate in disk.items()},
        "load": {"connections": CONNECTIONS, "messages_per_connection": PER_CONNECTION},
        "inbound": rows,
        "ratios": _ratios(rows),
        "verdicts": {name: dict(found) for name, found in verdicts.items()},
        "notes": list(notes),
    }


def _ratios(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The first stack against each other one, by medians: messages stored a second, and processor time a message."""
    first = rows[0]["stack"] if rows else ""
    own = {row["size"]: row for row in rows if row["stack"] == first}
    return [
        {
            "of": first,
            "to": row["stack"],
            "size": row["size"],
            "stored": round(own[row["size"]]["stored"][1] / row["stored"][1], 2),
            "cpu_ms": round(own[row["size"]]["cpu_ms"][1] / max(row["cpu_ms"][1], 0.01), 2),
        }
        for row in rows
        if row["stack"] != first
    ]


def as_text(data: Mapping[str, Any]) -> str:
    """The report for a person."""
    where = data["machine"]
    lines = [
        f"This machine: {where['cores']} cores, {where['memory_gib']} GiB, load {where['load_before']} before the start",
        "",
    ]
    lines += ["1  Disk truth", *(f"   {name:26}{rate:>8} a second" for name, rate in data["disk"].items()), ""]
    load = data["load"]
    said = f"{load['connections']} connections, {load['messages_per_connection']} messages in each"
    lines += [f"3  Full inbound: TLS, filter, virus scan, delivery, Sieve ({said})", "   minimum / median / maximum", ""]
    lines += [f"   {'':22}{'size':>6}{'stored a second':>24}{'CPU ms a message':>24}"]
    for row in data["inbound"]:
        lines += [f"   {row['stack']:22}{row['size']:>6}{_spread(row['stored']):>24}{_spread(row['cpu_ms']):>24}"]
    lines += ["", *(_ratio(row) for row in data["ratios"]), ""]
    stacks = list(dict.fromkeys(row["stack"] for row in data["inbound"]))
    lines += [f"   {'What became of':28}" + "".join(f"{stack:>24}" for stack in stacks)]
    lines += [f"   {name:28}" + "".join(f"{found[stack]:>24}" for stack in stacks) for name, found in data["verdicts"].items()]
    return "\n".join([*lines, *(f"! {note}" for note in data["notes"])])


def _ratio(row: Mapping[str, Any]) -> str:
    times = f"stored {row['stored']:.2f} times as fast, with {row['cpu_ms']:.2f} times the CPU"
    return f"   {row['of']} to {row['to']}, {row['size']}: {times}"


def _spread(values: Sequence[float]) -> str:
    return " / ".join(f"{value:.1f}" for value in values)
