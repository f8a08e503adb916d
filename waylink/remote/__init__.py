"""The members' side of the co-op's server: its API as plain functions, one file a noun.

`connection.py` speaks HTTP, `token.py` finds the access token, `problems.py` turns what the server refuses into
errors. What the server says is not believed where it can be computed: digests of agreements, of releases and of link
maps are taken here, and the audit log is proved with `server.domain.audit`. `commands/` is the command line.
"""
