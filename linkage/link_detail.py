"""What the linker keeps of a run beside the link maps, for counting: no member gets it, no release shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from linkage.clustering.score_bands import HUNDREDTHS
from linkage.pathways.link_facts import LinkFacts
from schemas.encodings import Tokens
from schemas.errors import BrokenFile
from schemas.tensors import BorderFile, read_border_file, write_border_file

FILE_NAME = "detail.safetensors"
KIND = "waylink-link-detail"
PERSONS, BITS = ".persons", ".bits"  # after a member's name
SCORES = "scores"  # no member's array: theirs have a dot

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False, repr=False)
class LinkDetail:
    """What a run knows beyond the link ids. Records are in the order of each member's link map.

    Attributes:
        persons: by member int32 (cuts, records): the person of each record at every other cut (`clustering.recuts`),
            numbered over all members.
        bits: by member int32 (records,): how many bits of each record's CLK are set.
        scores: int64 (3, bands): `clustering.score_bands`: where each band begins, pairs, people; (3, 0) where unknown.
    """

    persons: Mapping[str, NDArray[np.int32]]
    bits: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)
    scores: NDArray[np.int64] = field(default_factory=lambda: np.empty((3, 0), np.int64))

    def persons_of(self, members: Sequence[str]) -> list[NDArray[np.int64]]:
        """For each other cut int64 (records of these members,): whose each record is; none where that is not known."""
        if not members or any(name not in self.persons for name in members):
            return []
        return list(np.concatenate([self.persons[name] for name in members], axis=1).astype(np.int64))

    def facts_of(self, members: Sequence[str]) -> LinkFacts:
        """What is known of these members' records and, where they are all that were linked, of pairs of records."""
        known = members and all(name in self.bits for name in members)
        bits = np.concatenate([self.bits[name] for name in members] if known else [np.empty(0, np.int32)])
        low, pairs, people = self.scores if set(members) == set(self.bits) else self.scores[:, :0]
        bands = tuple(f"{at / 100:.2f}-{(at + HUNDREDTHS) / 100:.2f}" for at in low.tolist())
        return LinkFacts(bits.astype(np.int64), bands, pairs, people)

    def without_scores(self) -> LinkDetail:
        """The same, knowing nothing of pairs: they were of records some of which count no more."""
        return replace(self, scores=self.scores[:, :0])

    def in_order(self, orders: Mapping[str, NDArray[np.int64]]) -> LinkDetail:
        """The same with each member's records in another order."""
        persons = {name: array[:, orders[name]] for name, array in self.persons.items()}
        return replace(self, persons=persons, bits={name: array[orders[name]] for name, array in self.bits.items()})

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """It, as arrays by name; none where nothing is known."""
        found: dict[str, NDArray[np.generic]] = {SCORES: self.scores} if self.bits else {}
        for suffix, arrays in ((PERSONS, self.persons), (BITS, self.bits)):
            found |= {name + suffix: np.ascontiguousarray(array) for name, array in arrays.items()}
        return found


NO_DETAIL = LinkDetail({})
"""Of a run that kept none: counts at other cuts are then not tried."""


def detail_from(arrays: Arrays, tokens: Mapping[str, Tokens]) -> LinkDetail:
    """The detail that is in these arrays; others are left alone.

    Args:
        arrays: as `LinkDetail.arrays` gives them, or of a run that kept none.
        tokens: each member's record tokens in its link map.

    Raises:
        ValueError: not what is known of just these records.
    """
    persons, bits = ({name.removesuffix(end): arrays[name] for name in arrays if name.endswith(end)} for end in _ENDS)
    scores = arrays.get(SCORES, np.empty((3, 0), np.int64))
    sizes = {name: len(one) for name, one in tokens.items()}
    cuts = {len(array) for array in persons.values()}
    shapes: list[tuple[NDArray[np.generic], type[np.generic], tuple[int | None, ...]]]
    shapes = [(array, np.int32, (*cuts, sizes.get(name))) for name, array in persons.items()]
    shapes += [(array, np.int32, (sizes.get(name),)) for name, array in bits.items()]
    shapes.append((scores, np.int64, (3, scores.size // 3)))
    if any(array.dtype != np.dtype(dtype) or array.shape != shape for array, dtype, shape in shapes):
        raise ValueError("arrays of other types or sizes")
    if any(some and set(some) != set(sizes) for some in (persons, bits)):
        raise ValueError("not the same is known of all members")
    return LinkDetail(
        {name: array.astype(np.int32) for name, array in persons.items()},
        {name: array.astype(np.int32) for name, array in bits.items()},
        scores.astype(np.int64),
    )


_ENDS = (PERSONS, BITS)


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
    except ValueError:
        raise BrokenFile("is not of these link maps", where=str(path), fix="link again") from None
