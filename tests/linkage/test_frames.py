"""A member's own records get the link ids of a run: every record kept, nothing guessed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from linkage.errors import BadInput
from linkage.frames import join_link_map
from schemas.errors import BrokenFile, FileMissing

LINK_MAP = "token,link_id\naa,p1\nbb,p2\ncc,p1\n"
TOKENS = "client_id,token\n007,aa\nC 2,bb\nC3,cc\n"


@pytest.fixture
def link_map(tmp_path: Path) -> Path:
    path = tmp_path / "link_map.csv"
    path.write_text(LINK_MAP)
    return path


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    path = tmp_path / "tokens.csv"
    path.write_text(TOKENS)
    return path


def test_records_with_client_ids_are_joined_by_the_member_s_own_tokens(link_map: Path, tokens: Path) -> None:
    frame = pd.DataFrame({"client_id": ["C3", "007", "new", "C3"], "visits": [1, 2, 3, 4]}, index=[9, 8, 7, 6])
    joined = join_link_map(frame, link_map, tokens)
    assert joined["link_id"].tolist()[:2] == ["p1", "p1"]
    assert pd.isna(joined.loc[7, "link_id"])
    assert joined.drop(columns="link_id").equals(frame)
    assert joined["link_id"].dtype == "string"
    assert "link_id" not in frame


def test_records_with_tokens_need_no_other_file(link_map: Path) -> None:
    assert join_link_map(pd.DataFrame({"token": ["bb", "zz"]}), link_map)["link_id"].tolist()[0] == "p2"


def test_a_link_map_with_client_ids_needs_no_tokens(tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text("client_id,token,link_id\n007,aa,p1\n")
    assert join_link_map(pd.DataFrame({"client_id": ["007"]}), tmp_path / "map.csv")["link_id"].tolist() == ["p1"]


def test_an_id_is_text_and_keeps_its_zeros(link_map: Path, tokens: Path) -> None:
    joined = join_link_map(pd.DataFrame({"client_id": [7]}), link_map, tokens)
    assert joined["link_id"].isna().all()


@pytest.mark.parametrize(
    ("frame", "match"),
    [({"client_id": ["C3"]}, r"private/tokens\.csv"), ({"name": ["x"]}, "neither"), ({"link_id": ["x"]}, "already")],
)
def test_what_cannot_be_joined_says_why(link_map: Path, frame: dict[str, list[str]], match: str) -> None:
    with pytest.raises(BadInput, match=match):
        join_link_map(pd.DataFrame(frame), link_map)


@pytest.mark.parametrize("text", ["token,person\naa,p1\n", "token,link_id\naa,p1\naa,p2\n", "", "\xff"])
def test_a_broken_link_map_is_refused_without_its_values(tmp_path: Path, text: str) -> None:
    (tmp_path / "map.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(BrokenFile) as error:
        join_link_map(pd.DataFrame({"token": ["aa"]}), tmp_path / "map.csv")
    assert "p2" not in str(error.value)


def test_a_token_of_two_clients_is_refused(link_map: Path, tmp_path: Path) -> None:
    (tmp_path / "tokens.csv").write_text("client_id,token\n1,aa\n2,aa\n")
    with pytest.raises(BrokenFile, match="token twice"):
        join_link_map(pd.DataFrame({"client_id": ["1"]}), link_map, tmp_path / "tokens.csv")


def test_a_file_that_is_not_there_is_named(link_map: Path, tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match=r"none\.csv"):
        join_link_map(pd.DataFrame({"client_id": ["1"]}), link_map, tmp_path / "none.csv")
