"""Backups: a folder with the database, the sealed blobs, the log and its key, and a manifest of all of it.

Never in it: `keys/` (`docs/decisions/0009-keys-apart-from-blobs.md`).
"""
