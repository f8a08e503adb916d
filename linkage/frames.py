"""pandas frames for analysts: released tables, and a member's own records joined to the link ids of a run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from linkage.errors import BadInput
from linkage.release.csv_files import columns_of, values_of
from schemas import ReleaseTable, Status
from schemas.errors import BrokenFile, FileMissing
from schemas.table_columns import STATUS, FileColumn, Kind

CLIENT_ID, TOKEN, LINK_ID = "client_id", "token", "link_id"

_TYPES = {Kind.TEXT: "string", Kind.WHOLE: "Int64", Kind.COUNT: "Int64"}


def frame_of(table: ReleaseTable) -> pd.DataFrame:
    """A released table as a frame: the columns and values of its CSV file.

    Keys are `string`, counts `Int64`, other numbers `Float64`, statuses categories; a number that is not there is
    `pd.NA`, never 0.
    """
    columns = columns_of(table)
    rows = list(values_of(table))
    series = {one.name: pd.Series([row[at] for row in rows], dtype=_type(one)) for at, one in enumerate(columns)}
    return pd.DataFrame(series)


def _type(column: FileColumn) -> pd.CategoricalDtype | str:
    if column.part == STATUS:
        return pd.CategoricalDtype([status.value for status in Status])
    return _TYPES.get(column.kind, "Float64")


def join_link_map(frame: pd.DataFrame, link_map: Path | str, tokens: Path | str | None = None) -> pd.DataFrame:
    """A member's records with the link id of each: equal ids are one person, at this member, in this run.

    Args:
        frame: records with a column `client_id` or `token`; every one is kept, in its order, with its index.
        link_map: the member's link map, as `waylink link` or `waylink results` wrote it (columns `link_id`, `token`
            and, where it was asked for, `client_id`).
        tokens: the member's `private/tokens.csv`, needed where the frame has client ids and the link map has not.

    Returns:
        A new frame with a last column `link_id` (`string`; `pd.NA` for records that were not linked at all, such as
        those that came after the encoding).

    Raises:
        BadInput: the frame has neither column, has a `link_id` already, or `tokens` is needed.
        FileMissing, BrokenFile: a file is not there, has other columns, or an id twice.
    """
    if LINK_ID in frame.columns:
        raise BadInput("the frame has a column link_id already", where="join_link_map", fix="drop or rename it")
    linked = _read(Path(link_map), LINK_ID)
    key = next((name for name in (CLIENT_ID, TOKEN) if name in frame.columns), None)
    if key is None:
        raise BadInput("the frame has neither a column client_id nor token", where="join_link_map")
    if key not in linked.columns:
        linked = _with_client_ids(linked, tokens)
    if linked[key].duplicated().any():
        raise BrokenFile(f"has a {key} twice", where=str(link_map))
    ids = frame[key].astype("string").map(linked.set_index(key)[LINK_ID])
    return frame.assign(**{LINK_ID: ids.astype("string")})


def _with_client_ids(linked: pd.DataFrame, tokens: Path | str | None) -> pd.DataFrame:
    if tokens is None:
        raise BadInput(
            "the link map has no client ids",
            where="join_link_map",
            fix="give the member's private/tokens.csv as tokens",
        )
    own = _read(Path(tokens), CLIENT_ID, TOKEN)
    if own[TOKEN].duplicated().any():
        raise BrokenFile("has a token twice", where=str(tokens))
    return linked.merge(own[[CLIENT_ID, TOKEN]], on=TOKEN, how="inner", validate="one_to_one")


def _read(path: Path, *needed: str) -> pd.DataFrame:
    """A CSV file of texts. No error of it repeats what is in a cell."""
    try:
        frame = pd.read_csv(path, dtype="string", keep_default_na=False, encoding="utf-8-sig")
    except OSError:
        raise FileMissing("no such file", where=str(path)) from None
    except (ValueError, pd.errors.ParserError):
        raise BrokenFile("is not a CSV file in UTF-8", where=str(path)) from None
    if missing := [name for name in needed if name not in frame.columns]:
        raise BrokenFile(f"has no column {' and no column '.join(missing)}", where=str(path))
    return frame
