"""Authority: who may do what, when, and the memory of it. Empty in 0.1.0, where linking runs on files.

The zone's import rules are checked from the start (`tests/architecture`): it may see `linkage` and `schemas`, never the
encoder.
"""
