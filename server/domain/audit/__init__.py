"""The audit log's mathematics: a chain of events, a Merkle tree over it, signed heads, and the offline verifier.

An auditor reads `verify.py`, which is the proof; `events.py` and `chain.py` say what an event is, `merkle.py` and
`proofs.py` are RFC 6962's tree, `heads.py` what the server signs, `export.py` the file. Nothing here asks a clock or
remembers anything: times and keys are arguments, the caller keeps events, frontier and heads.
"""
