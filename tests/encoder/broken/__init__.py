"""Broken files, made by code: a table of what each is, how it is made and what has to be said of it.

`reading.py` has those that break before a column is looked at. A file with more of them ends its list in `CASES` and is
named in `ALL` (`tests/encoder/broken/cases.py`); a comparison with other tools can make the same files from the table.
"""
