"""The standards of mail as pure functions: addresses, DKIM keys, the text of DNS records and policies. Knows no Django.

Serves P5 (records and keys), P6 (one spelling of an address) and everything that handles an address.
Never reads the network, a file or the database; never decides who may do what.
"""
