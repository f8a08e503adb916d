"""The same data in every form gives the same bits, byte for byte; what was assumed of a form is told."""

import datetime

import numpy as np
import pytest

from encoder.encode import encode_clients
from tests.encoder.reading.forms import FORMS

ROWS = [
    ["Client ID", "First Name", "MI", "Last Name", "DOB", "Sex", "House No", "Street", "Notes"],
    [
        "C-0001",
        "Zoë",
        "K",
        "Quillfeather",
        datetime.date(1941, 4, 26),
        "Female",
        7001,
        "driftstone drive",
        "two\nlines",
    ],
    ["C-0002", "Bartholomew", None, "Østerhagen", datetime.date(1960, 12, 31), "Male", 12115, "lavender court", True],
    [
        "C-0003",
        "Chiamaka",
        "C",
        "O'Shaughnessy",
        datetime.date(1979, 7, 6),
        "Female",
        3050,
        'king "george" avenue',
        0.5,
    ],
    ["C-0004", "José, Luis", None, "Wyndham-Pryce", datetime.date(1988, 2, 29), "Male", 44, "old; mill | lane", None],
    ["C-0005", "Euphemia", "J", "Muñoz", datetime.date(2001, 11, 13), "Female", 9, "harbour view", 1234567],
]
ASSUMED = {
    "western.csv": {"E1151": 1},
    "utf16-unmarked.csv": {"E1152": 1},
    "utf16-unmarked-big-endian.csv": {"E1152": 1},
}


@pytest.fixture
def encode(tmp_path, agreement, secret, source):
    def run(name, rows=ROWS, write=None):
        (write or FORMS[name])(tmp_path / name, rows)
        return encode_clients(tmp_path / name, agreement("membership"), "clinic", secret, token_source=source)

    return run


@pytest.fixture
def expected(agreement, secret, write):
    plain = [
        "client_id,first_name,mi,last_name,birth_date,sex,house_no,street",
        "C-0001,Zoë,K,Quillfeather,1941-04-26,Female,7001,driftstone drive",
        "C-0002,Bartholomew,,Østerhagen,1960-12-31,Male,12115,lavender court",
        'C-0003,Chiamaka,C,O\'Shaughnessy,1979-07-06,Female,3050,"king ""george"" avenue"',
        '"C-0004","José, Luis",,Wyndham-Pryce,1988-02-29,Male,44,old; mill | lane',
        "C-0005,Euphemia,J,Muñoz,2001-11-13,Female,9,harbour view",
    ]
    made = encode_clients(write("expected.csv", plain), agreement("membership"), "clinic", secret)
    return in_file_order(made)


def in_file_order(made):
    place = {token.tobytes(): row for row, token in enumerate(made.encodings.tokens)}
    return made.encodings.bits[[place[token.tobytes()] for token in made.tokens]]


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_bits_and_tells_what_was_assumed(encode, expected, name):
    made = encode(name)
    np.testing.assert_array_equal(in_file_order(made), expected)
    assert made.summary.warnings == ASSUMED.get(name, {})
    assert list(made.ids) == [row[0] for row in ROWS[1:]]


@pytest.mark.parametrize("name", FORMS)
def test_every_form_has_excel_s_row_numbers(encode, name):
    rows = [*ROWS[:3], [None] * 9, ["C-0003", "Ann", "C", "Li", "1979-02-31", "Female", 3050, "main", None], *ROWS[4:]]
    made = encode(name, rows)
    dates = [problem.row for problem in made.problems if problem.code == "E1303"]
    assert dates == [5]
