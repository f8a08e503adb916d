"""Mapping: the member's columns to the linkage schema's fields."""
