"""Scoring a run against a truth file: for tests and demos, where someone may hold both the names' ids and the truth."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from linkage.link_map import read_link_map
from linkage.quality import Quality, score_linkage
from schemas.encodings import token_text
from schemas.errors import BrokenFile, FileMissing, UsageFault
from schemas.receipt import FILE_NAME as RECEIPT

Client = tuple[str, str]
"""(member, client id)."""


class UnknownRecords(BrokenFile):
    """Linked records that the truth file does not have."""


def score_run(truth: Path, run: Path, folders: Sequence[Path]) -> Quality:
    """Compare a run with the truth.

    Args:
        truth: CSV with the columns member, client_id, person.
        run: the folder that `waylink link` wrote.
        folders: the members' folders, with `private/tokens.csv`.

    Raises:
        FileMissing, BrokenFile: a file is not there, or not what it has to be.
        UsageFault: the folders are not those of all members of the run.
        UnknownRecords: the run has records that the truth file does not know.
    """
    _require_all_members(run, folders)
    person = {(row["member"], row["client_id"]): row["person"] for row in _rows(truth, "member", "client_id", "person")}
    link_id = {client: found for folder in folders for client, found in _found(run, folder).items()}
    if unknown := link_id.keys() - person.keys():
        raise UnknownRecords(f"{len(unknown)} linked records are not in it", where=str(truth))
    clients = sorted(person)
    found = [link_id.get(client) or f"alone {number}" for number, client in enumerate(clients)]
    return score_linkage(
        _numbered([member for member, _ in clients]),
        _numbered([person[client] for client in clients]),
        _numbered(found),
    )


def told(quality: Quality) -> str:
    """The figures for people."""
    return (
        f"precision {quality.precision:.4f}  recall {quality.recall:.4f}  F1 {quality.f1:.4f}\n"
        f"people: {quality.people_found:,} found, {quality.people_true:,} true; "
        f"set-pathway error {quality.set_pathway_error:.4f}"
    )


def _found(run: Path, folder: Path) -> dict[Client, str]:
    member = _member_of(folder)
    link_map = read_link_map(run / "link_map" / f"{member}.csv")
    link_id = {token_text(t): token_text(i) for t, i in zip(link_map.tokens, link_map.link_ids, strict=True)}
    tokens = _rows(folder / "private" / "tokens.csv", "client_id", "token")
    return {(member, row["client_id"]): link_id[row["token"]] for row in tokens if row["token"] in link_id}


def _require_all_members(run: Path, folders: Sequence[Path]) -> None:
    """A run is scored whole: with a member left out, its people would look like missed links."""
    linked = sorted(file.stem for file in (run / "link_map").glob("*.csv"))
    given = sorted(map(_member_of, folders))
    if not linked:
        raise UsageFault("is not a folder that `waylink link` wrote", where=str(run))
    if linked != given:
        raise UsageFault(f"it linked {', '.join(linked)}; the folders given are of {', '.join(given)}", where=str(run))


def _member_of(folder: Path) -> str:
    try:
        return str(json.loads((folder / RECEIPT).read_text(encoding="utf-8"))["member"])
    except (OSError, ValueError, KeyError):
        raise UsageFault("is not a folder that `waylink encode` wrote", where=str(folder)) from None


def _rows(path: Path, *columns: str) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
    except OSError:
        raise FileMissing("no such file", where=str(path)) from None
    except (UnicodeDecodeError, csv.Error):
        raise BrokenFile("is not a CSV file in UTF-8", where=str(path)) from None
    if missing := set(columns) - set(reader.fieldnames or []):
        raise BrokenFile(f"has no column {', '.join(sorted(missing))}", where=str(path))
    return rows


def _numbered(labels: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.unique(np.array(labels), return_inverse=True)[1].astype(np.int64)
