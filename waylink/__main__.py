"""`python -m waylink`."""

from waylink.cli import main

main()
