"""Where in a TOML file a key stands: tomllib gives the values but not the lines that errors must name."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from typing import Any

_HEADER = re.compile(r"^\s*(\[+)\s*([^\]]+?)\s*\]+")
_KEY = re.compile(r"""^\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*=""")


def parse_toml(text: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The document, and for each key (dotted with its table's name) its line, counted from 1.

    The tables of an array are `name[0]`, `name[1]`; the first one's line is that of `name`, too.

    Raises:
        tomllib.TOMLDecodeError: the text is not TOML (its message has line and column).
    """
    document = tomllib.loads(text)
    lines: dict[str, int] = {}
    table, arrays = "", Counter[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[2].strip("\"'")
            lines.setdefault(table, number)
            if header[1] == "[[":
                arrays[table] += 1
                table = f"{table}[{arrays[table] - 1}]"
                lines[table] = number
        elif key := _KEY.match(line):
            name = key[1].strip("\"'")
            lines.setdefault(f"{table}.{name}" if table else name, number)
    return document, lines
