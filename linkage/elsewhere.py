"""Whether each of a member's records is known at another member, as randomised answers: what a member gets to see how
evenly linkage works, where the agreement says `equity = "randomised"`. One file a member, its own records only."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from linkage.clustering.groups import Groups
from linkage.link_map import order_in_file
from schemas.encodings import TOKEN_BYTES, Tokens, token_text
from schemas.errors import BrokenFile, FileMissing

COLUMNS = ("token", "elsewhere")
TURNED = 0.25
"""The chance that an answer is turned into its opposite (Warner, "Randomized Response", JASA 60, 1965). What a member
learns of one client is bounded by it: an answer is at most 3 times as likely when true as when not (local differential
privacy with epsilon ln 3; docs/decisions/0018)."""
_BYTES = 256  # values of a random byte: a quarter of them turn an answer


@dataclass(frozen=True, eq=False, repr=False)
class Elsewhere:
    """A member's records and the randomised answers about them.

    Attributes:
        tokens: uint8 (n, 16).
        answers: bool (n,): whether the record's person is at another member, turned with chance TURNED; equal for
            records of one person.
    """

    tokens: Tokens
    answers: NDArray[np.bool_]


def draw_answers(groups: Groups, random_bytes: Callable[[int], bytes]) -> tuple[NDArray[np.bool_], ...]:
    """For each member bool (its records,): whether each one's person is at another member, answered at random.

    Each person's answer to each member is drawn once, so that a person with two records is not answered twice. It is
    to be kept: drawn again it would tell more.
    """
    members = len(groups.offsets) - 1
    at = np.zeros((members, groups.people), bool)
    for number in range(members):
        at[number, groups.of_member(number)] = True
    drawn = np.frombuffer(random_bytes(at.size), np.uint8).reshape(at.shape)
    answer = (at.sum(axis=0) > 1) ^ (drawn < TURNED * _BYTES)
    return tuple(answer[number, groups.of_member(number)] for number in range(members))


def elsewhere_bytes(own: Elsewhere) -> bytes:
    """`token,elsewhere` as CSV, by token; the answers are 1 and 0."""
    order = order_in_file(own.tokens)
    lines = [f"{token_text(own.tokens[row])},{int(own.answers[row])}\n" for row in order.tolist()]
    return f"{','.join(COLUMNS)}\n{''.join(lines)}".encode()


def read_elsewhere(path: Path) -> Elsewhere:
    """Read `token,elsewhere`.

    Raises:
        FileMissing: there is no such file.
        BrokenFile: it has other columns, a token twice, or a cell that is no token or answer.
    """
    try:
        header, *rows = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
        tokens = [bytes.fromhex(token) for token, _ in rows]
        sound = {len(token) for token in tokens} <= {TOKEN_BYTES} and {answer for _, answer in rows} <= {"0", "1"}
        if tuple(header) != COLUMNS or not sound or len(set(tokens)) < len(tokens):
            raise ValueError
    except FileNotFoundError:
        raise FileMissing("no such file of answers", where=str(path)) from None
    except (ValueError, csv.Error):
        raise BrokenFile("is not what a run says of records elsewhere (token,elsewhere)", where=str(path)) from None
    answers = np.array([answer == "1" for _, answer in rows], bool)
    return Elsewhere(np.frombuffer(b"".join(tokens), np.uint8).reshape(-1, TOKEN_BYTES), answers)
