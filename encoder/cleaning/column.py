"""A column's distinct cells, cleaned, written as the linkage schema asks, and held to its format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoder.cleaning.recipe import Writer
from encoder.cleaning.steps import EMPTY, PARTIAL, PLACEHOLDER, READ, SAID_MISSING, CleanCell, Cleaner, Fate
from encoder.fields import Kind
from encoder.hashing.clkhash_spec import FieldRecipe

_NOT_KNOWN = frozenset({"8", "9", "99"})
_APPROXIMATE = "2"
_YEAR = 4
_NEW_YEAR = "0101"


@dataclass(frozen=True)
class CleanColumn:
    """A column's distinct cells after cleaning; all three are parallel to the column's distinct texts.

    Attributes:
        texts: what is hashed; "" for an empty cell and for one of which nothing can be used.
        fates: what became of each.
        unfit: bool (d,); it was read, but does not fit the linkage schema's format.
    """

    texts: list[str]
    fates: list[Fate]
    unfit: NDArray[np.bool_]

    def having(self, fate: Fate) -> NDArray[np.bool_]:
        """Which cells have a fate, bool (d,)."""
        return np.fromiter((one is fate for one in self.fates), np.bool_, len(self.fates))

    def telling(self) -> NDArray[np.bool_]:
        """Which cells say something, whether it could be read or not, bool (d,)."""
        return ~(self.having(EMPTY) | self.having(PLACEHOLDER) | self.having(SAID_MISSING))


def clean_column(
    cells: Sequence[str],
    clean: Cleaner,
    write: Writer,
    recipe: FieldRecipe,
    kind: Kind,
    qualities: Sequence[str] | None = None,
) -> CleanColumn:
    """Clean each distinct cell and hold it to the field's format.

    Args:
        cells: the distinct ones.
        clean, write: the field's cleaner, and how the linkage schema's format wants its texts.
        recipe: how the field is hashed, for what its format allows.
        kind: of the field.
        qualities: what HMIS's data quality column says of each cell, where there is such a column.
    """
    cleaned = [clean(cell) for cell in cells]
    if qualities is not None:
        cleaned = [_qualified(one, said, kind) for one, said in zip(cleaned, qualities, strict=True)]
    written = [write(text) if text else "" for text, _ in cleaned]
    unfit = recipe.unfit(written)
    texts = ["" if dropped else text for text, dropped in zip(written, unfit.tolist(), strict=True)]
    return CleanColumn(texts, [fate for _, fate in cleaned], unfit)


def _qualified(cleaned: CleanCell, quality: str, kind: Kind) -> CleanCell:
    """A cell in the light of its data quality code (HMIS data standards): what is not known is missing, whatever is
    written there; of an approximate birth on 1 January the year holds; an approximate SSN has its last four digits."""
    text, fate = cleaned
    if quality in _NOT_KNOWN:
        return "", EMPTY if fate is EMPTY else SAID_MISSING
    if quality == _APPROXIMATE and fate is READ:
        if kind is Kind.DATE and text.endswith(_NEW_YEAR):
            return text[:_YEAR], PARTIAL
        if kind is Kind.SSN:
            return "", PARTIAL
    return cleaned
