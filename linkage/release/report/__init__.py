"""The report: one HTML page for people who decide. Self-contained, no script, in plain words.

Built as elements, never as text, so that every name is escaped by construction.
"""
