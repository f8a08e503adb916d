"""Lists of words that are kept as one text, because a text is easier to read over and to add to."""

from __future__ import annotations


def words_in(text: str) -> frozenset[str]:
    """The words of "a b c"."""
    return frozenset(text.split())


def pairs_in(text: str) -> dict[str, str]:
    """The pairs of "a=b c=d"."""
    return dict(pair.split("=") for pair in text.split())
