"""The good practice as data: clauses, controls, the checks that try them, verdicts, and the evidence that verifies alone.

Serves every clause. A check lives in the room of the thing that it tries and registers here; its target comes as a plain
(kind, id, label), so this room knows no client, mailbox or engine. Never: a verdict that nobody tried, a record changed after
it was written, a secret or a message's body in a record.
"""
