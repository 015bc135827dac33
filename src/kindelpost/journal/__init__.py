"""The journal: who did what to whose thing. Audit trail and message bus in one table.

Serves every clause that needs a record (P2, M3, P6). Every event name is in `events.py`; an action's last line is `record(…)`.
A reaction answers entries, happens once (it claims its mark in the transaction in which it works) and is never lost (the
worker sweeps what is still pending). Never: a rule of another room, a change of an entry after it was written.
"""
