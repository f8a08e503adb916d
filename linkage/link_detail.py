"""What the linker keeps of a run beside the link maps, for counting: no member gets it, no release shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from schemas.encodings import Tokens
from schemas.errors import BrokenFile
from schemas.tensors import BorderFile, read_border_file, write_border_file

FILE_NAME = "detail.safetensors"
KIND = "waylink-link-detail"
PERSONS = ".persons"  # after a member's name, which holds no dot of its own at its end

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False, repr=False)
class LinkDetail:
    """What a run knows of each record beyond its link id.

    Attributes:
        persons: by member int32 (cuts, records): the person of each record at every other cut (`clustering.recuts`),
            numbered over all members; records in the order of the member's link map.
    """

    persons: Mapping[str, NDArray[np.int32]]

    def persons_of(self, members: Sequence[str]) -> list[NDArray[np.int64]]:
        """For each other cut int64 (records of these members,): whose each record is; none where that is not known."""
        if not members or any(name not in self.persons for name in members):
            return []
        return list(np.concatenate([self.persons[name] for name in members], axis=1).astype(np.int64))

    def in_order(self, orders: Mapping[str, NDArray[np.int64]]) -> LinkDetail:
        """The same with each member's records in another order."""
        return LinkDetail({name: persons[:, orders[name]] for name, persons in self.persons.items()})

    def arrays(self) -> Arrays:
        """It, as arrays by name."""
        return {name + PERSONS: np.ascontiguousarray(persons) for name, persons in self.persons.items()}


NO_DETAIL = LinkDetail({})
"""Of a run that kept none: counts at other cuts are then not tried."""


def detail_from(arrays: Arrays, tokens: Mapping[str, Tokens]) -> LinkDetail:
    """The detail that is in these arrays; others are left alone.

    Args:
        arrays: as `LinkDetail.arrays` gives them, or of a run that kept none.
        tokens: each member's record tokens in its link map.

    Raises:
        ValueError: not one person a record and cut.
    """
    persons = {name.removesuffix(PERSONS): array for name, array in arrays.items() if name.endswith(PERSONS)}
    cuts = {len(array) for array in persons.values()}
    fits = all(array.dtype == np.int32 and array.shape[1:] == (len(tokens[name]),) for name, array in persons.items())
    if len(cuts) > 1 or not fits or (persons and set(persons) != set(tokens)):
        raise ValueError("persons of other records than the link maps'")
    return LinkDetail({name: array.astype(np.int32) for name, array in persons.items()})


def write_detail(detail: LinkDetail, path: Path) -> None:
    """Write it to a file."""
    write_border_file(path, KIND, BorderFile(detail.arrays(), {}))


def read_detail(path: Path, tokens: Mapping[str, Tokens]) -> LinkDetail:
    """Read what `write_detail` wrote, of the link maps with these tokens.

    Raises:
        FileMissing, BrokenFile: it is gone, or not whole, or of other link maps.
    """
    content = read_border_file(path, KIND)
    try:
        return detail_from(content.arrays, tokens)
    except (ValueError, KeyError):
        raise BrokenFile("is not of these link maps", where=str(path), fix="link again") from None
