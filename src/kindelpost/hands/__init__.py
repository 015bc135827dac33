"""The few root things that are ours, as an allow-list of verbs. No Django, no shell, no path outside the instance.

Serves M3 (accounts of their own) and the third refusal of the design: what reads from the network never runs as root.
Only `engines` speaks to it. `verbs` are what the command line does in its own process, since it is root itself.
`daemon` serves the control account, which has no rights, by a Unix socket whose peer is checked (SO_PEERCRED):
the verbs of `look`, which run what root remembered before, try a path as another account (`attempt`), or make a
socket in the outside world (`netns`). It never runs a program that its caller names.
"""

from __future__ import annotations

from kindelpost.hands.verbs import Hands

__all__ = ["Hands"]
