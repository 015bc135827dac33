"""What makes a domain's mail recognisably its own: DKIM keys, DNS records to publish, the MTA-STS policy.

Serves P5 (both signatures, every record with its reason) and P6.6 (the default DNS pack). Private keys lie encrypted in the
database; only Rspamd gets them, by the publisher. Never signs a message itself, never asks a name server.
"""
