"""The typed service configuration (kindelpost.toml), its generated documentation, and Django's settings.

Serves every clause: each field names the clause it keeps. Never reads a database, never starts anything.
"""
