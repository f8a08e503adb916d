"""`waylink serve`: the API on an address, and the workers beside it."""
