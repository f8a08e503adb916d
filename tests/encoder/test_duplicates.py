"""People who are twice in one list: found, listed, and merged only where the steward says so."""

import csv
from collections import Counter

import numpy as np
import pytest

from benchmarks.duplicates import measure
from encoder.clients import Clients
from encoder.distinct import distinct
from encoder.duplicates import keep_apart, kept_of_each, merge_very_alike, near_duplicates
from encoder.encode import encode_clients, write_folder
from encoder.errors import NobodyToAsk
from encoder.same_person import Duplicates, same_by
from tests.conftest import EXAMPLE
from tests.encoder.conftest import HEADER, PEOPLE, SERVICES
from tests.encoder.test_encoder_cli import Noted

TWICE = [
    "C-0101,Annelise,,Quillfeather,1941-04-26,Female,7001,driftstone drive",  # as C-0001, without a middle initial
    "C-0102,Anelise,K,Quillfeather,1941-04-26,Female,7001,driftstone drive",  # the first name misspelled
    "C-0103,Bartholomew,,Osterhagen,1999-08-03,Male,3,elm street",  # of the name of C-0002, and somebody else
]


@pytest.fixture
def encode(agreement, secret, source, write):
    def run(same=keep_apart, level="period", people=(*PEOPLE, *TWICE)):
        services = write(
            "s.csv", [*SERVICES, "C-0101,day centre,2024-06-30,2024-07-01", "C-0001,day centre,2024-06-30,"]
        )
        file = write("c.csv", [HEADER, *people])
        return encode_clients(
            file, agreement(level), "clinic", secret, services=services, same=same, token_source=source
        )

    return run


def test_who_is_twice_is_listed_and_who_has_but_the_name_is_not(encode):
    listed = list(encode().pairs.listed(encode().ids))
    assert {frozenset(pair[:2]) for pair in listed} == {
        frozenset(("C-0001", "C-0101")),
        frozenset(("C-0001", "C-0102")),
        frozenset(("C-0101", "C-0102")),
    }
    assert {pair[3] for pair in listed} <= {"alike", "very alike"}


def test_by_themselves_they_are_only_listed(encode):
    made = encode()
    assert (len(made.encodings.bits), made.summary.merged, made.summary.duplicates) == (9, 0, 3)
    assert len({bytes(token) for token in made.tokens}) == 9


def test_merged_they_have_one_record_and_one_token_and_all_their_services(encode):
    made = encode(lambda pairs, _: np.ones(len(pairs), np.bool_))
    token = dict(zip(made.ids, map(bytes, made.tokens), strict=True))
    assert token["C-0001"] == token["C-0101"] == token["C-0102"]
    assert len(set(token.values())) == len(made.encodings.bits) == 7
    assert {bytes(each) for each in made.encodings.tokens} == set(token.values())
    assert Counter(bytes(each) for each in made.services.tokens)[token["C-0001"]] == 4
    assert made.summary.merged == 2


def test_of_those_merged_the_fullest_record_is_encoded(encode):
    bits_of = lambda made: {row.tobytes() for row in made.encodings.bits}  # noqa: E731
    merged = bits_of(encode(lambda pairs, _: np.ones(len(pairs), np.bool_), people=[*TWICE[:1], *PEOPLE, *TWICE[2:]]))
    assert merged == bits_of(encode(people=[*PEOPLE, *TWICE[2:]]))


def test_where_nothing_is_known_of_time_a_merged_person_has_a_service_once(encode):
    made = encode(lambda pairs, _: np.ones(len(pairs), np.bool_), level="membership")
    pairs = Counter(
        (bytes(token), int(name)) for token, name in zip(made.services.tokens, made.services.service, strict=True)
    )
    assert max(pairs.values()) == 1


def test_the_list_stays_and_holds_client_ids_and_no_more_of_anybody(encode, tmp_path):
    receipt = write_folder(encode(), tmp_path / "out")
    with (tmp_path / "out" / "private" / "duplicates.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["client_id", "other_client_id", "score", "how_alike"]
    assert [float(row["score"]) for row in rows] == sorted((float(row["score"]) for row in rows), reverse=True)
    assert receipt["counts"]["pairs_alike"] == len(rows) == 3
    assert "duplicates.csv" not in receipt["files"]


def test_the_steward_is_asked_about_each_pair(encode):
    console = Noted()
    console.answers = ["one person", "two people", "two people"]
    made = encode(same_by(Duplicates.ASK, console))
    assert made.summary.merged == 1
    assert len(console.asked) == 3


def test_asking_needs_somebody(encode):
    assert encode(same_by(Duplicates.MERGE, Noted())).summary.merged == 2
    with pytest.raises(NobodyToAsk, match="--duplicates keep"):
        same_by(Duplicates.ASK, Noted())


def people_of(*rows):
    names = ["first_name", "last_name", "birth_date"]
    columns = [distinct(list(cells)) for cells in zip(*rows, strict=True)]
    return Clients([str(row) for row in range(len(rows))], names, columns, {}, [])


def test_people_of_a_common_name_are_not_all_compared_with_each_other():
    common = people_of(*(("ann", "lee", f"1980{row:04}") for row in range(200)))
    assert len(near_duplicates(common, np.full((200, 4), 255, np.uint8), np.arange(200))) == 0


def test_nothing_known_is_nothing_in_common():
    empty = people_of(("", "", "19800101"), ("", "", "19800101"), ("ann", "", ""), ("ann", "", ""))
    assert len(near_duplicates(empty, np.full((4, 4), 255, np.uint8), np.arange(4))) == 0


def test_persons_are_chains_of_pairs_in_whatever_order_they_come():
    people = people_of(*((f"a{row}", "b", "" if row == 1 else "c") for row in range(6)))
    for pairs in ([[4, 5], [1, 4], [0, 2]], [[1, 4], [0, 2], [4, 5]]):
        assert kept_of_each(people, np.array(pairs)).tolist() == [0, 4, 0, 3, 4, 4]


def test_what_is_listed_of_the_example_is_mostly_right_and_what_is_merged_always():
    rows = {cut: (right, found) for cut, _, right, found in measure(EXAMPLE)}
    assert rows[0.70] >= (0.90, 0.95)
    assert rows[0.80] >= (1.0, 0.90)
    assert merge_very_alike.__doc__
