"""What only root can see of an instance, as JSON: run by the helper, never with a word of its caller's.

A look reads no network and says no secret; one that needs less than root gives root up first.
`scanner` starts a second Rspamd for some seconds, which asks our own resolver as the first one does.
`names` alone writes: it keeps the certificates of client domains.

    python -m kindelpost.engines.looks NAME FOLDER
"""
