"""The door for programs: REST v1 under /api/v1, described by its own OpenAPI document.

Serves M4 (machines come in by a token alone: scope, networks, an end), P6 and T33 (a token reaches its own client's things).
It has no rules of its own: the queries and actions are those of the portal and of the command line, and each write is in the
journal under the token's name. Never: a cookie, a session, a password as a way in, another's thing.
"""
