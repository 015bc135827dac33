"""`python -m kindelpost` is the command line."""

from kindelpost.cli.main import main

main()
