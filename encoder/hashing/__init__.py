"""A member's columns of text -> CLKs, bit-exact with clkhash."""
