"""Who is served: clients, their domains, mailboxes, aliases, and who may send as whom.

Serves P6 (an address belongs to one mailbox or alias; a right to send is explicit, has a reason and an end, and stays inside
one client), P4 (every mailbox has a quota) and T39 (nobody takes a domain below another client's). `queries` is the only way to
reach a thing: a stranger gets not-found. `actions` is the only way to change one. Never speaks to an engine.
"""
