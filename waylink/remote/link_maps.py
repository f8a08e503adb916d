"""At the member's: record tokens and its own client ids, put together from the folder that stays there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from schemas.errors import BrokenFile, FileMissing
from waylink.remote.errors import BadLinkMap, UnknownRecords

OWN_TOKENS = Path("private") / "tokens.csv"
_COLUMNS = ("token", "link_id")


def own_tokens(folder: Path) -> dict[str, str]:
    """Client id -> record token, as `waylink encode` noted them in a folder.

    Raises:
        FileMissing, BrokenFile: `private/tokens.csv` of it.
    """
    path = folder / OWN_TOKENS
    rows = list(_rows(path))
    if not rows or rows[0] != ["client_id", "token"] or any(len(row) != len(_COLUMNS) for row in rows):
        raise BrokenFile("is not the list of tokens that `waylink encode` wrote", where=str(path))
    return dict(rows[1:])


def write_results(link_map: bytes, tokens: Mapping[str, str] | None, file: BinaryIO) -> int:
    """Write a link map and, where client ids are given (by client id), those as its first column.

    Returns:
        The number of records.

    Raises:
        BadLinkMap: it is no link map, or has records that the folder does not know.
    """
    records = _records(link_map)
    if tokens is None:
        file.write(link_map)
        return len(records)
    client = {token: name for name, token in tokens.items()}
    if strange := sum(token not in client for token, _ in records):
        raise BadLinkMap(
            f"{strange:,} of its {len(records):,} records are not in this folder",
            where=str(OWN_TOKENS),
            fix="name the folder whose encodings were sent for this run",
        )
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("client_id", *_COLUMNS))
    writer.writerows(sorted((client[token], token, link_id) for token, link_id in records))
    text.detach()
    return len(records)


def tokens_listed(path: Path) -> list[str]:
    """The record tokens in a file: one a line, or the column `token` of a CSV file.

    Raises:
        FileMissing, BrokenFile: the file; says in which line a word is no token, never the word.
    """
    found = _column(path, "token")
    if wrong := [line for line, word in found.items() if not _is_token(word)]:
        raise BrokenFile(f"holds words that are no record tokens, in {_lines(wrong)}", where=str(path))
    return list(dict.fromkeys(found.values()))


def tokens_of_clients(path: Path, folder: Path) -> list[str]:
    """The record tokens of the clients in a file: one client id a line, or the column `client_id` of a CSV file.

    The ids are looked up in `private/tokens.csv` of the folder, and stay here.

    Raises:
        FileMissing, BrokenFile: a file.
        UnknownRecords: the folder does not know a client; says in which line it stands.
    """
    known, found = own_tokens(folder), _column(path, "client_id")
    if unknown := [line for line, client in found.items() if client not in known]:
        raise UnknownRecords(
            f"{len(unknown):,} of the {len(found):,} clients are not in the folder: {_lines(unknown)}",
            where=str(path),
            fix="correct the list, or name the folder that they were encoded in; nothing was withdrawn",
        )
    return list(dict.fromkeys(known[client] for client in found.values()))


def _records(link_map: bytes) -> list[tuple[str, str]]:
    try:
        header, *rows = csv.reader(io.StringIO(link_map.decode("utf-8"), newline=""))
        records = [(token, link_id) for token, link_id in rows]
    except (ValueError, csv.Error):
        raise BadLinkMap("is not a link map (token,link_id)", where="the server's answer") from None
    if tuple(header) != _COLUMNS or not all(_is_token(word) for record in records for word in record):
        raise BadLinkMap("is not a link map (token,link_id)", where="the server's answer")
    return records


def _column(path: Path, name: str) -> dict[int, str]:
    """Line (from 1) -> word: the named column or, without a header of that name, the only one."""
    rows = list(_rows(path))
    header = [word.strip() for word in rows[0]] if rows else []
    at = header.index(name) if name in header else 0
    first = 1 if name in header else 0
    if first == 0 and any(len(row) > 1 for row in rows):
        raise BrokenFile(f"has several columns, and none is called {name}", where=str(path))
    found = {line: row[at].strip() for line, row in enumerate(rows[first:], first + 1) if len(row) > at}
    found = {line: word for line, word in found.items() if word}
    if not found:
        raise BrokenFile(f"holds no {name}", where=str(path), fix="write one a line")
    return found


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            yield from csv.reader(file)
    except OSError:
        raise FileMissing("no such file", where=str(path)) from None
    except (UnicodeDecodeError, csv.Error):
        raise BrokenFile("is not a CSV file in UTF-8", where=str(path)) from None


def _is_token(word: str) -> bool:
    return len(word) == 32 and all(sign in "0123456789abcdef" for sign in word)


def _lines(lines: list[int]) -> str:
    shown = ", ".join(map(str, lines[:10]))
    return f"line {shown}" + (f" and {len(lines) - 10} more" if len(lines) > 10 else "")
