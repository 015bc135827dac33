"""The command line: `kindelpost …`, and the worker's loop.

Serves everybody who runs the service. A door: it translates words into actions and queries, errors into exit codes (0 done,
1 refused, 2 wrong usage, 3 an engine or the system failed), and holds no rule of its own.
"""
