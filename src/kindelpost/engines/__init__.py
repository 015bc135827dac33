"""The engines that carry the mail, and the one way their configuration is made, tried and applied.

Serves P3, P5, P6, M3 by what it renders. An engine is a folder of one shape: `render.py` (pure: facts in, files out),
`validate.py` (the engine's own checker), `probe.py` (is it answering, does it run what we rendered), `templates/<version>/`.
`checks/` try what runs (`tries`: as a stranger or a user would, on the mailboxes of `canary`);
`looks/` see what root alone can see.
Never: a rule about a client, a database read by an engine, an edit of a file in the machine's /etc.
"""
