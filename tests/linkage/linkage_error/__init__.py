"""Linkage error, carried into the counts."""
