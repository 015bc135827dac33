"""How people and machines prove who they are. For now: the passwords of mailboxes.

Serves M3 and M4 (as far as they go without the portal). A password is kept only as an Argon2id hash that Dovecot verifies.
Never keeps, logs or journals a password; never decides what its owner may do.
"""
