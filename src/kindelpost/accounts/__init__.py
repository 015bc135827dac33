"""How people and machines prove who they are: four spaces of identity, sign-in, second factors, enrolment, recovery, tokens.

Serves M3 (M3.8: the spaces are apart, nobody signs in through another's door) and M4 (a second factor is mandatory for the
provider's staff and for clients' administrators, and nothing switches it off). Built on django-allauth.
Never keeps, logs or journals a password, a code, a link or a token; never decides what its owner may do with a client's things.
It lies below tenants: a client or an address is a plain id here.
"""
