"""The few root things that are ours, as an allow-list of verbs. No Django, no shell, no path outside the instance.

Serves M3 (accounts of their own) and the third refusal of the design: what reads from the network never runs as root.
Only `engines` speaks to it. The command line calls `Hands.call` in its own process, since it is root itself; a caller without
rights will be served by a Unix socket whose peer is checked (SO_PEERCRED) and whose message is the verb and its arguments as
JSON: that is why `call` takes plain words and returns plain data. It never runs a program that its caller names.
"""

from __future__ import annotations

from kindelpost.hands.verbs import Hands

__all__ = ["Hands"]
