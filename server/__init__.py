"""Authority: who may do what, when, and the memory of it. Sees `linkage` and `schemas`, never the encoder.

domain/    what is allowed, as data and plain functions: states, permissions, policies, the audit log's mathematics
store/     memory: the database (SQLite or PostgreSQL) and the encrypted blobs
actions/   one verb = one transaction = one audit event
api/       HTTP: text to typed arguments, errors to problems (RFC 9457); `app.py` puts it together
premises/  where a server lives: settings, data folder, keys, logs
worker/    takes runs off the queue and does them
serving/   API and workers, up until a signal comes
cli/       the operator's commands
"""
