"""Which records are one person: where to cut the scores, and how pairs become groups."""
