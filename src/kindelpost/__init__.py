"""Kindelpost: the secure mail service of the Estonian good practice, as software.

The rooms, floor by floor (imports point down only, `make check` proves it):
cli → sending → engines → tenants → accounts → journal → mail, hands → lib; config stands beside the doors.
"""
