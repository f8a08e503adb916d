"""Members' headers find their fields, by known names or by a mapping file."""

from pathlib import Path

import pytest

from encoder.errors import BadMapping, InputMissing
from encoder.mapping.columns import match_columns
from encoder.mapping.mapping_file import NOTHING_GIVEN, load_columns
from encoder.problems import Problems
from schemas import load_linkage_schema

COOP = Path(__file__).parents[2] / "examples" / "coop"
FIELDS = ["client_id", *load_linkage_schema("person-v1").hashed_fields]
SERVICE_FIELDS = ["client_id", "service", "start", "end"]


def match(headers, wanted, given=None, **options):
    problems = Problems()
    return match_columns(headers, wanted, given or {}, problems, file="a.csv", **options), problems.listed


def header_of(name):
    return (COOP / name).read_text(encoding="utf-8").splitlines()[0].split(",")


@pytest.mark.parametrize("member", ["clinic", "pantry", "school", "shelter", "training"])
def test_every_member_of_the_example_is_mapped_without_a_mapping_file(member):
    headers = header_of(f"{member}_clients.csv")
    assert match(headers, FIELDS) == (dict(zip(FIELDS, headers, strict=True)), [])
    headers = header_of(f"{member}_services.csv")
    assert match(headers, SERVICE_FIELDS) == (dict(zip(SERVICE_FIELDS, headers, strict=True)), [])


def test_case_spaces_and_underscores_do_not_matter():
    assert match(["FIRST  name", "Last_Name"], ["first_name", "last_name"])[1] == []


def test_columns_nobody_asked_for_are_left_alone():
    assert match(["shoe size", "DOB"], ["birth_date"]) == ({"birth_date": "DOB"}, [])


def test_a_missing_field_is_named_with_the_headers_and_the_fix():
    found, (problem,) = match(["DOB"], ["birth_date", "sex"])
    assert found == {"birth_date": "DOB"}
    assert problem.code == "E1201"
    assert "'sex'" in problem.what
    assert "'DOB'" in problem.what
    assert "[columns]" in problem.fix


def test_two_headers_for_one_field_are_unclear():
    _, (problem,) = match(["given", "forename"], ["first_name"])
    assert problem.code == "E1202"


def test_the_field_s_own_name_wins_over_other_known_names():
    assert match(["given", "First Name"], ["first_name"]) == ({"first_name": "First Name"}, [])


def test_one_header_for_two_fields_is_unclear():
    _, problems = match(["dob"], ["birth_date", "date of birth"])
    assert [problem.code for problem in problems] == ["E1202", "E1202"]


def test_a_given_header_wins_and_is_taken_from_the_others():
    given = {"first_name": "forename"}
    assert match(["given", "forename"], ["first_name"], given) == ({"first_name": "forename"}, [])


def test_a_given_header_that_is_not_there_is_missing():
    _, (problem,) = match(["given"], ["first_name"], {"first_name": "name 1"})
    assert problem.code == "E1201"


def test_an_optional_field_may_be_missing():
    assert match(["client_id"], ["client_id", "service"], optional=["service"])[1] == []


def test_a_field_of_no_known_kind_is_found_by_its_own_name():
    assert match(["Shoe Size"], ["shoe_size"]) == ({"shoe_size": "Shoe Size"}, [])


def test_a_mapping_file_gives_columns_dates_and_services(write):
    given = load_columns(
        write(
            "m.toml",
            [
                '[columns]\nsex = "G"',
                '[dates]\nbirth_date = "%d.%m.%Y"',
                '[services]\nstart = "in"\ndate_format = "%Y%m%d"',
            ],
        )
    )
    assert given.columns == {"sex": "G"}
    assert given.dates == {"birth_date": "%d.%m.%Y"}
    assert given.services == {"start": "in"}
    assert given.service_dates == "%Y%m%d"


def test_an_empty_mapping_file_gives_nothing(write):
    assert load_columns(write("m.toml", [""])) == NOTHING_GIVEN


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[colums]", "line 1: unknown table 'colums'"),
        ("columns = 3", "line 1: 'columns' is not a table"),
        ("[columns]\nsex = 1", "line 2: sex is not text"),
        ('[services]\n\nbegin = "a"', "line 3: unknown key 'begin'"),
        ('[dates]\nbirth_date = "%d.%m."', "line 2: birth_date: no date format"),
        ("[columns", "is not TOML"),
    ],
)
def test_a_mapping_file_s_faults_are_named_with_their_line(write, content, said):
    with pytest.raises(BadMapping) as caught:
        load_columns(write("m.toml", [content]))
    assert said in str(caught.value)


def test_a_mapping_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputMissing):
        load_columns(tmp_path / "m.toml")


def test_a_birth_date_s_year_of_two_digits_is_refused(write):
    with pytest.raises(BadMapping, match="century"):
        load_columns(write("m.toml", ['[dates]\nbirth_date = "%d.%m.%y"']))


@pytest.mark.parametrize("table", ["columns", "dates"])
def test_a_field_that_the_schema_does_not_have_is_named(write, table):
    given = load_columns(write("m.toml", [f'[{table}]\nphone = "%d.%m.%Y"']))
    with pytest.raises(BadMapping, match=f"{table}.*phone"):
        given.require_known(["first_name", "birth_date"])


def test_a_given_header_that_is_not_there_is_missed_even_where_the_column_is_optional():
    problems = Problems()
    match_columns(["a", "service"], ["service"], {"service": "Programme"}, problems, file="s.csv", optional=["service"])
    assert problems.counts == {"E1201": 1}
