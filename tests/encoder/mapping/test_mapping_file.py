"""The mapping file is read with its faults named by line, and takes answers without losing what else is in it."""

import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoder.errors import BadMapping, InputMissing
from encoder.mapping.mapping_file import NOTHING_GIVEN, load_columns, save_answers


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


@pytest.mark.parametrize("name", ["full_name", "address", "name_quality", "birth_date_quality"])
def test_columns_that_hold_more_than_a_field_may_be_given(write, name):
    given = load_columns(write("m.toml", [f'[columns]\n{name} = "a"']))
    given.require_known(["first_name", "last_name", "street_name", "birth_date"])


def test_sex_codes_are_given(write):
    assert load_columns(write("m.toml", ['[sex]\n0 = "f"\n"9" = ""'])).sex == {"0": "f", "9": ""}


def test_a_client_id_cannot_be_left_out(write):
    with pytest.raises(BadMapping, match="every record needs a client id"):
        load_columns(write("m.toml", ['[columns]\nclient_id = ""']))


def test_a_sex_is_one_of_three_or_not_known(write):
    with pytest.raises(BadMapping, match="a sex is"):
        load_columns(write("m.toml", ['[sex]\n0 = "female"']))


def test_a_file_of_answers_is_new_with_a_word_on_what_it_is(tmp_path):
    path = tmp_path / "mapping.toml"
    save_answers(path, {("columns", "first_name"): "Given", ("services", "start"): "In", ("sex", "0"): "f"})
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Which of your columns is which field.")
    given = load_columns(path)
    assert (given.columns, given.services, given.sex) == ({"first_name": "Given"}, {"start": "In"}, {"0": "f"})
    assert [entry.name for entry in tmp_path.iterdir()] == ["mapping.toml"]


def test_answers_go_into_a_file_without_touching_what_is_there(tmp_path):
    path = tmp_path / "mapping.toml"
    path.write_text(
        '# mine\n[columns]  # fields\nsex = "G"  # yes\n\n[dates]\nbirth_date = "%Y%m%d"\n', encoding="utf-8"
    )
    save_answers(path, {("columns", "first_name"): "Given", ("services", "start"): "In"})
    text = path.read_text(encoding="utf-8")
    assert "# mine" in text
    assert 'sex = "G"  # yes' in text
    given = load_columns(path)
    assert given.columns == {"first_name": "Given", "sex": "G"}
    assert given.dates == {"birth_date": "%Y%m%d"}
    assert given.services == {"start": "In"}


def test_an_answer_takes_the_place_of_an_earlier_one(tmp_path):
    path = tmp_path / "mapping.toml"
    path.write_text(
        '[services]\nstart = "In"\n[columns]\nstart = "mine"  # kept\n"first_name" = "Given"\n', encoding="utf-8"
    )
    save_answers(
        path, {("columns", "first_name"): "Called", ("services", "start"): "From", ("seen", "columns"): ["a", 'b"']}
    )
    given = load_columns(path)
    assert (given.columns, given.services) == ({"start": "mine", "first_name": "Called"}, {"start": "From"})
    assert given.seen == {"columns": ["a", 'b"']}
    assert "# kept" in path.read_text(encoding="utf-8")


def test_headers_that_were_seen_are_a_list(write):
    with pytest.raises(BadMapping, match="columns is no list of headers"):
        load_columns(write("m.toml", ['[seen]\ncolumns = "a"']))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_any_header_and_any_code_come_back_as_they_were(header):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mapping.toml"
        save_answers(path, {("columns", "first_name"): header, ("sex", header): "f"})
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    assert document == {"columns": {"first_name": header}, "sex": {header: "f"}}
