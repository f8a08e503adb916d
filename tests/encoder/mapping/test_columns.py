"""Members' headers find their fields: by known names, by a mapping file, by values, or by asking."""

from pathlib import Path

import pytest

from encoder.mapping.columns import match_columns, whole_columns
from encoder.mapping.mapper import Mapper
from encoder.mapping.mapping_file import GivenColumns
from encoder.mapping.questions import clear_guess
from encoder.problems import Problems
from encoder.read import read_table
from schemas import load_linkage_schema
from tests.encoder.mapping.tables import VALUES, Steward, table

COOP = Path(__file__).parents[3] / "examples" / "coop"
FIELDS = ["client_id", *load_linkage_schema("person-v1").hashed_fields]
SERVICE_FIELDS = ["client_id", "service", "start", "end"]


def match(columns, wanted, given=None, ask=None, **options):
    problems = Problems()
    mapper = Mapper(GivenColumns(columns=given or {}), **({"ask": ask} if ask else {}))
    return match_columns(table(columns), wanted, mapper, problems, **options), problems.listed


@pytest.mark.parametrize("member", ["clinic", "pantry", "school", "shelter", "training"])
@pytest.mark.parametrize(("kind", "fields"), [("clients", FIELDS), ("services", SERVICE_FIELDS)])
def test_every_member_of_the_example_is_mapped_without_a_mapping_file_or_a_question(member, kind, fields):
    problems = Problems()
    read = read_table(COOP / f"{member}_{kind}.csv", problems)
    steward = Steward()
    found = match_columns(read, fields, Mapper(ask=steward), problems)
    assert found == dict(zip(fields, read.headers, strict=True))
    assert (problems.listed, steward.asked) == ([], [])


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("FIRST  name", "first_name"),
        ("Client's Last Name", "last_name"),
        ("DOB (mm/dd/yyyy)", "birth_date"),
        ("Participant DOB", "birth_date"),
        ("fecha de nacimiento", "birth_date"),
        ("Nachname", "last_name"),
        ("House #", "street_number"),
        ("\ufeffGeschlecht", "sex"),
    ],
)
def test_a_header_is_known_whatever_its_case_signs_and_ornaments(header, field):
    assert match([header], [field]) == ({field: header}, [])


def test_columns_nobody_asked_for_are_left_alone():
    assert match(["shoe size", "DOB"], ["birth_date"]) == ({"birth_date": "DOB"}, [])


def test_a_missing_field_is_named_with_the_headers_and_the_fix():
    found, (problem,) = match(["DOB"], ["birth_date", "sex"])
    assert found == {"birth_date": "DOB"}
    assert problem.code == "E1201"
    assert "'sex'" in problem.what
    assert "'DOB'" in problem.what
    assert "[columns]" in problem.fix


def test_a_missing_field_s_likely_column_is_named():
    _, (problem,) = match({"DOB": "seen", "G.": "sex"}, ["birth_date", "sex"])
    assert "by its values it may be 'G.'" in problem.what


def test_two_headers_for_one_field_are_unclear():
    _, (problem,) = match({"given": "first", "forename": "first"}, ["first_name"])
    assert problem.code == "E1202"
    assert "'given', 'forename'" in problem.what


def test_of_two_headers_the_one_whose_values_fit_is_meant():
    columns = {"Number": "id", "House No": "number", "Client ID": "id"}
    assert match(columns, ["street_number"]) == ({"street_number": "House No"}, [])


def test_the_field_s_own_name_wins_over_other_known_names():
    assert match(["given", "First Name"], ["first_name"]) == ({"first_name": "First Name"}, [])


def test_one_header_for_two_fields_is_unclear():
    _, problems = match(["dob"], ["birth_date", "date of birth"])
    assert [problem.code for problem in problems] == ["E1202", "E1202"]


def test_a_given_header_wins_and_is_taken_from_the_others():
    given = {"first_name": "forename"}
    assert match(["given", "forename"], ["first_name"], given) == ({"first_name": "forename"}, [])


def test_a_given_header_is_found_in_another_case():
    assert match(["FORE NAME"], ["first_name"], {"first_name": "ForeName"}) == ({"first_name": "FORE NAME"}, [])


@pytest.mark.parametrize("optional", [(), ("first_name",)])
def test_a_given_header_that_is_not_there_is_missing_even_where_the_column_is_optional(optional):
    _, (problem,) = match(["given"], ["first_name"], {"first_name": "name 1"}, optional=optional)
    assert problem.code == "E1201"


def test_a_field_that_is_not_held_is_no_problem():
    assert match(["given"], ["first_name", "sex"], {"sex": ""}) == ({"first_name": "given", "sex": ""}, [])


def test_an_optional_field_may_be_missing_and_is_not_asked_for():
    steward = Steward()
    assert match(["client_id"], ["client_id", "service"], ask=steward, optional=["service"])[1] == []
    assert steward.asked == []


def test_a_field_of_no_known_kind_is_found_by_its_own_name():
    assert match(["Shoe Size"], ["shoe_size"]) == ({"shoe_size": "Shoe Size"}, [])


MESS = {"Case": "id", "Rufname": "first", "Surname": "last", "When": "born", "G.": "sex", "Shoes": "note"}
WANTED = ["client_id", "first_name", "last_name", "birth_date", "sex"]


def test_only_what_is_unsure_is_asked_and_the_likeliest_comes_first():
    steward = Steward("Case", "Rufname", "When", "G.")
    found, problems = match(MESS, WANTED, ask=steward)
    assert problems == []
    assert found == dict(zip(WANTED, MESS, strict=False))
    assert ["'last_name'" in question.text for question in steward.asked] == [False] * 4
    firsts = [question.choices[0].text.split("   ")[0] for question in steward.asked]
    assert (firsts[0], firsts[2], firsts[3]) == ("Case", "When", "G.")


def test_a_question_shows_shapes_and_never_a_value():
    steward = Steward("Case", "Rufname", "When", "G.")
    match(MESS, WANTED, ask=steward)
    said = " ".join(part for question in steward.asked for part in (question.text, *(c.text for c in question.choices)))
    values = {value for column in MESS.values() for value in VALUES[column] if len(value) > 3}
    assert [value for value in values if value.lower() in said.lower()] == []
    assert "9999-99-99" in said


def test_values_are_there_for_the_steward_who_asks_for_them():
    steward = Steward("Case", "Rufname", "When", "G.")
    match(MESS, WANTED, ask=steward)
    assert list(steward.asked[0].choices[0].values()) == VALUES["id"][:5]


def test_a_field_that_the_steward_does_not_hold_is_left_empty():
    found, problems = match({"ID": "id", "x": "note"}, ["client_id", "sex"], ask=Steward("do not hold"))
    assert (found, problems) == ({"client_id": "ID", "sex": ""}, [])


def test_nobody_is_without_a_client_id():
    steward = Steward("x")
    match({"DOB": "born", "x": "id"}, ["client_id", "birth_date"], ask=steward)
    assert not any("do not hold" in choice.text for choice in steward.asked[0].choices)


def test_a_clear_guess_is_taken_where_that_was_allowed():
    columns = {"ID": "id", "When": "born", "G.": "sex"}
    found, problems = match(columns, ["client_id", "birth_date", "sex"], ask=clear_guess)
    assert (found, problems) == ({"client_id": "ID", "birth_date": "When", "sex": "G."}, [])


def test_a_misspelt_header_is_a_clear_guess():
    found, problems = match({"ID": "id", "Frist Name": "first", "Note": "note"}, ["first_name"], ask=clear_guess)
    assert (found, problems) == ({"first_name": "Frist Name"}, [])


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        ({"ID": "id", "When": "born", "Seen": "seen"}, "birth_date"),
        ({"ID": "id", "A": "first", "B": "last"}, "first_name"),
        ({"ID": "id", "given": "first", "forename": "first"}, "first_name"),
    ],
)
def test_a_guess_that_is_not_clear_is_not_taken(columns, wanted):
    found, (problem,) = match(columns, [wanted], ask=clear_guess)
    assert found == {}
    assert problem.code in {"E1201", "E1202"}


def test_a_first_row_that_may_be_a_person_is_not_shown_and_asked_about_first():
    steward = Steward("no, a record")
    columns = {"C-77": "id", "Wilhelmina": "first", "Osterhagen": "last"}
    _, problems = match(columns, ["client_id", "first_name"], ask=steward)
    said = steward.asked[0].text + " ".join(problem.what for problem in problems)
    assert "Wilhelmina" not in said
    assert "Aaaa" in steward.asked[0].text
    assert {problem.code for problem in problems} == {"E1201"}


def test_headers_that_nobody_knows_are_asked_for_once_the_steward_says_they_are_headers():
    steward = Steward("yes", "CL_KEY", "CL_NM_F")
    columns = {"CL_KEY": "id", "CL_NM_F": "first"}
    assert match(columns, ["client_id", "first_name"], ask=steward)[1] == []


@pytest.mark.parametrize(
    ("headers", "parts"),
    [
        (["Name", "DOB"], dict.fromkeys(["first_name", "middle_initial", "last_name"], "full_name")),
        (["Name", "First", "Last"], {"middle_initial": "full_name"}),
        (["Address"], dict.fromkeys(["street_number", "street_name"], "address")),
        (["SSN"], {"ssn_last4": "ssn"}),
        (["SSN", "Last 4 of SSN"], {}),
    ],
)
def test_a_field_may_be_part_of_another_column(headers, parts):
    fields = ["first_name", "middle_initial", "last_name", "street_number", "street_name", "ssn_last4"]
    assert whole_columns(headers, fields, {}) == parts
