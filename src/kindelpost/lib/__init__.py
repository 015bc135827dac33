"""Leaves: atomic files, running a command, clock, errors. Knows no Django and no other room.

Serves every clause; never holds a rule of the practice or of an engine.
"""
