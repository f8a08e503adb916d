"""How pathways are written: `clinic+shelter` is a set (or a step), `shelter>clinic+training` has an order."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

STEP, WITH = ">", "+"  # `shelter>clinic+training`: shelter first, then clinic and training in the same period
CUT = "…"  # `a>b>c>d>e>…`: more steps came
_MARKS = frozenset('>+"\r\n')  # in a name they could be read as something else
_TOKEN = re.compile(r'"(?:[^"]|"")*"|[^>+]+|[>+]')


def write_set(names: Iterable[str]) -> str:
    """A set of states as the tables write it: `clinic+shelter`; names that hold such a mark are quoted."""
    return WITH.join(f'"{name.replace(chr(34), chr(34) * 2)}"' if set(name) & _MARKS else name for name in names)


def read_set(text: str) -> list[str]:
    """The states of a set that `write_set` wrote."""
    return next(csv.reader(io.StringIO(text, newline=""), delimiter=WITH), [])


def write_path(steps: Iterable[Sequence[str]]) -> str:
    """Steps in their order, each of one or more states: `shelter>clinic+training`."""
    return STEP.join(write_set(step) for step in steps)


def read_path(text: str) -> tuple[tuple[str, ...], ...]:
    """The steps of a pathway that `write_path` wrote.

    Raises:
        ValueError: a step or a name is missing.
    """
    steps: list[list[str]] = [[]]
    expected = True  # whether a name comes next
    for token in _TOKEN.findall(text):
        if expected == (token in (STEP, WITH)):
            raise ValueError("a pathway is names with > or + between them")
        expected = not expected
        if token == STEP:
            steps.append([])
        elif token != WITH:
            steps[-1].append(token[1:-1].replace('""', '"') if token[0] == '"' else token)
    if expected:
        raise ValueError("a pathway ends with a name")
    return tuple(tuple(step) for step in steps)


def size_of(text: str) -> tuple[int, str]:
    """Sorts pathways: those of fewer states first, then by name. Tells nothing of the counts."""
    return sum(len(step) for step in read_path(text)), text
