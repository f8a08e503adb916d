"""A member's file, of any kind, to a table of text."""
