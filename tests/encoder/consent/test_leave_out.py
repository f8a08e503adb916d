"""Who does not consent, whose consent is over and who opted out is not encoded, and nothing of them leaves."""

import csv
import json
from datetime import date

import pytest
from typer.testing import CliRunner

from encoder.cli import app
from encoder.consent.leave_out import Consent
from encoder.encode import encode_clients, write_folder
from encoder.errors import BadMapping, DayNeeded, InputMissing, ProblemsFound
from encoder.mapping.mapper import Mapper
from encoder.mapping.mapping_file import GivenColumns, load_columns
from encoder.secret import new_secret
from tests.encoder.conftest import HEADER, PEOPLE
from tests.encoder.test_encoder_cli import Noted

DAY = date(2025, 3, 31)


@pytest.fixture
def encode(agreement, secret, source, write, services):
    """Encode PEOPLE with more columns, "header" -> six cells."""

    def run(columns, given=None, level="period", rows=PEOPLE, **consent):
        lines = [",".join([HEADER, *columns])]
        lines += [",".join([line, *(cells[row] for cells in columns.values())]) for row, line in enumerate(rows)]
        mapper = Mapper(GivenColumns(consent=given or {}))
        served = None if level == "membership" else services
        return encode_clients(
            write("people.csv", lines), agreement(level), "clinic", secret, services=served, mapper=mapper,
            token_source=source, consent=Consent(**{"day": DAY, **consent}),
        )  # fmt: skip

    return run


def counts(encoded):
    return {reason.value: count for reason, count in encoded.summary.kept_back.records.items()}


def codes(caught):
    return set(caught.value.counts)


def test_only_a_plain_yes_is_encoded(encode):
    made = encode({"Consent": ["Yes", "y", "no", "", "TRUE", "refused"]}, {"given": "Consent"})
    assert made.ids == ["C-0001", "C-0002", "C-0005"]
    assert counts(made) == {"no consent": 3}


def test_a_consent_that_is_neither_is_none_and_is_told(encode):
    made = encode({"Consent": ["yes", "yes", "yes", "yes", "yes", "maybe"]}, {"given": "Consent"})
    assert made.ids[-1] == "C-0005"
    assert made.summary.warnings["E1611"] == 1


def test_a_column_of_other_things_is_no_column_of_consent(encode):
    with pytest.raises(ProblemsFound) as caught:
        encode({"Consent": ["by letter", "on file", "yes", "yes", "yes", "maybe"]}, {"given": "Consent"})
    assert "E1205" in codes(caught)


def test_consent_holds_on_its_last_day_and_not_after(encode):
    until = ["2025-03-30", "2025-03-31", "2026-01-01", "", "2031-12-31", "2020-01-01"]
    made = encode({"expires": until}, {"until": "expires"})
    assert made.ids == ["C-0002", "C-0003", "C-0005"]
    assert counts(made) == {"consent expired": 3}


def test_without_an_end_a_given_consent_holds(encode):
    columns = {"ok": ["yes", "yes", "no", "yes", "yes", "yes"], "expires": ["", "2020-01-01", "", "", "", ""]}
    made = encode(columns, {"given": "ok", "until": "expires"})
    assert made.ids == ["C-0001", "C-0004", "C-0005", "C-0006"]
    assert counts(made) == {"no consent": 1, "consent expired": 1}


def test_an_end_that_cannot_be_read_keeps_the_record_back(encode):
    made = encode({"e": ["31.12.2030"] * 5 + ["31.02.2030"]}, {"until": "e", "date_format": "%d.%m.%Y"})
    assert "C-0006" not in made.ids
    assert made.summary.warnings["E1612"] == 1


def test_an_end_needs_a_day_to_be_compared_with(encode):
    with pytest.raises(DayNeeded, match="--as-of"):
        encode({"e": ["2030-12-31"] * 6}, {"until": "e"}, day=None)


def test_a_column_that_is_named_and_not_there_is_an_error(encode):
    with pytest.raises(ProblemsFound) as caught:
        encode({}, {"given": "Consent"})
    assert codes(caught) == {"E1601"}


@pytest.mark.parametrize("header", ["Consent to share", "ROI", "Release of Information", "Opt-out"])
def test_a_column_that_looks_like_consent_is_not_passed_over_in_silence(encode, header):
    made = encode({header: ["yes"] * 6})
    assert (len(made.ids), made.summary.warnings) == (6, {"E1613": 1})
    assert encode({header: ["no"] * 6}, {"given": ""}).summary.warnings == {}


def test_who_is_on_the_list_by_client_id_is_not_encoded(encode, write):
    made = encode({}, opt_out=write("out.csv", ["Client ID,when", "C-0001,2025", " C-0006 ,2025", "C-0999,2024"]))
    assert made.ids == ["C-0002", "C-0003", "C-0004", "C-0005"]
    assert counts(made) == {"opted out": 2}
    assert made.summary.warnings["E1651"] == 1


def test_who_is_on_the_list_by_name_and_birth_date_is_not_encoded(encode, write):
    listed = ["First name,Surname,DOB", "ANNELISE ,Quillfeather,04/26/1941", "Euphemia,O Shaughnessy,11/13/2001"]
    made = encode({}, opt_out=write("out.csv", listed))
    assert made.ids == ["C-0002", "C-0003", "C-0004", "C-0006"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["first,last", "Annelise,Quillfeather"], "E1602"),
        (["first,last,dob", "Annelise,Quillfeather,"], "E1603"),
        (["client_id,note", ",Annelise"], "E1603"),
        ([], "E1101"),
    ],
    ids=["no birth dates", "one lacks it", "no id", "empty"],
)
def test_a_list_that_does_not_say_who_is_meant_stops_the_encoding(encode, write, lines, code):
    with pytest.raises(ProblemsFound) as caught:
        encode({}, opt_out=write("out.csv", lines or b""))
    assert codes(caught) == {code}
    assert "Annelise" not in str(caught.value)


def test_a_list_that_is_not_there_stops_the_encoding(encode, tmp_path):
    with pytest.raises(InputMissing, match=r"gone\.csv"):
        encode({}, opt_out=tmp_path / "gone.csv")


def test_nobody_left_is_an_error(encode):
    with pytest.raises(ProblemsFound) as caught:
        encode({"c": ["no"] * 6}, {"given": "c"})
    assert codes(caught) == {"E1604"}


def test_services_of_those_kept_back_do_not_leave_nor_do_their_names(encode):
    made = encode({"c": ["no", *["yes"] * 5]}, {"given": "c"})
    assert made.services.names == ("day centre",)
    assert (len(made.services), made.summary.kept_back.services) == (1, 2)
    (token,) = made.services.tokens
    assert made.ids[[bytes(each) for each in made.tokens].index(bytes(token))] == "C-0002"


def test_at_level_membership_they_are_no_members(encode):
    made = encode({"c": ["no", *["yes"] * 5]}, {"given": "c"}, level="membership")
    assert (len(made.encodings.bits), len(made.services)) == (5, 5)


def test_nothing_of_them_is_in_the_folder(encode, tmp_path):
    made = encode({"c": ["no", *["yes"] * 5]}, {"given": "c"})
    receipt = write_folder(made, tmp_path / "out")
    assert receipt["counts"]["records_kept_back"] == {"no consent": 1}
    assert (receipt["counts"]["rows_read"], receipt["counts"]["records_encoded"]) == (6, 5)
    with (tmp_path / "out" / "private" / "tokens.csv").open(newline="") as file:
        assert [row["client_id"] for row in csv.DictReader(file)] == [f"C-000{number}" for number in range(2, 7)]
    assert b"night beds" not in b"".join(path.read_bytes() for path in (tmp_path / "out").glob("*.*"))


def test_the_records_that_stay_are_hashed_as_ever(encode):
    some = encode({"c": ["no", *["yes"] * 5]}, {"given": "c"})
    whole = encode({})
    left = {row.tobytes() for row in some.encodings.bits}
    assert len(left) == 5
    assert left < {row.tobytes() for row in whole.encodings.bits}


def test_the_mapping_file_keeps_it_for_the_next_quarter(write, tmp_path):
    given = load_columns(write("m.toml", ["[consent]", 'given = "ROI"', 'opt_out = "lists/out.csv"']))
    assert Mapper(given, file=tmp_path / "m.toml").opt_out == tmp_path / "lists" / "out.csv"
    assert Mapper().opt_out is None
    with pytest.raises(BadMapping, match="unknown key 'giver'"):
        load_columns(write("m.toml", ["[consent]", 'giver = "ROI"']))


def test_the_command_reads_the_list_that_the_mapping_file_names(write, agreement, clients, services, tmp_path):
    agreement()
    new_secret(tmp_path / "s")
    write("out.csv", ["client_id", "C-0003"])
    write("mapping.toml", ["[consent]", 'opt_out = "out.csv"'])
    console = Noted()
    who = ("--services", services, "--agreement", tmp_path / "agreement.toml", "--member", "clinic")
    rest = ("--secret", tmp_path / "s", "--as-of", "2025-03-31", "--out", tmp_path / "out")
    CliRunner().invoke(app, [*map(str, ("encode", clients, *who, *rest))], obj=console, catch_exceptions=False)
    text, data = console.said[-1]
    assert "1 records kept back: opted out" in text
    assert json.dumps(data["receipt"]["counts"]["records_kept_back"]) == '{"opted out": 1}'
