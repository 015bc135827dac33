"""What only root can see of an instance, as JSON: run by the helper, never with a word of its caller's.

A look changes nothing, reads no network and says no secret. `python -m kindelpost.engines.looks NAME FOLDER`.
"""
