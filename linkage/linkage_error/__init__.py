"""Linkage error: how often links are wrong or missed, without truth, and what that does to the counts."""
