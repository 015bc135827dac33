"""What only root can see of an instance, as JSON: run by the helper, never with a word of its caller's.

A look changes nothing, reads no network and says no secret; one that needs less than root gives root up first. `scanner` starts
a second Rspamd for some seconds, which asks our own resolver as the first one does.

    python -m kindelpost.engines.looks NAME FOLDER
"""
