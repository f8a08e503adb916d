"""Cleaning: each distinct value to the one form that all members hash."""
