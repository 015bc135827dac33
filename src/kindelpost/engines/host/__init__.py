"""The machine under the engines: is it fit to stand on, whose certificates, which copy of our code.

Serves M3 (keys readable by their holder alone), P5 (the certificate carries the EHLO name), U1 (what runs is installed).
Never changes anything outside the instance's folder except the service accounts, which `hands` makes.
"""
