"""Each code of the catalogue is raised by a file that has the fault, and told without any value."""

import copy
import json
from pathlib import Path

import pytest

from encoder.encode import encode_clients
from encoder.errors import ProblemsFound
from encoder.mapping.mapper import Mapper
from encoder.mapping.mapping_file import GivenColumns
from encoder.problems import MAX_LISTED, RULES, Problems, Severity, error_page
from tests.encoder.broken.cases import ALL
from tests.encoder.conftest import HEADER, PEOPLE, SERVICES

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"


def person(row, field, value):
    """PEOPLE with one cell changed; `row` counts from 0."""
    cells = PEOPLE[row].split(",")
    cells[HEADER.split(",").index(field)] = value
    return [HEADER, *PEOPLE[:row], ",".join(cells), *PEOPLE[row + 1 :]]


def every(field, values):
    place = HEADER.split(",").index(field)
    rows = [line.split(",") for line in PEOPLE]
    return [
        HEADER,
        *(",".join([*row[:place], value, *row[place + 1 :]]) for row, value in zip(rows, values, strict=True)),
    ]


def served(*rows):
    return [*SERVICES, *(["C-0003,day centre,2024-01-01,2024-01-02"] * 6), *rows]


AMBIGUOUS = ["01/02/1941", "03/04/1960", "05/06/1979", "07/08/1988", "09/10/2001", "11/12/1955"]
SWAPPED = [HEADER.replace("birth_date", "?").replace("first_name", "birth_date").replace("?", "first_name"), *PEOPLE]

CLIENT_FAULTS = {
    "E1101": (b"", 0),
    "E1102": ("\n".join([HEADER, *PEOPLE, "C-9,Ольга,K,Кузнецова,1980-01-01,f,1,main st"]).encode("cp1251"), 0),
    "E1103": ("\n".join([HEADER, *PEOPLE, "C-9,Ol\0ga,K,Li,1980-01-01,f,1,main st"]).encode(), 0),
    "E1104": ([HEADER], 0),
    "E1105": ([HEADER + ",", *(line + ",x" for line in PEOPLE)], 1),
    "E1106": ([HEADER + ",sex", *(line + ",x" for line in PEOPLE)], 1),
    "E1107": ([HEADER, *PEOPLE, "C-0007,Gwendolyn"], 8),
    "E1108": ([HEADER, PEOPLE[0], 'C-7,"Gwendolyn'], 3),
    "E1109": (PEOPLE, 1),
    "E1201": ([HEADER.replace("sex", "shoe"), *PEOPLE], 1),
    "E1202": ([HEADER.replace("sex", "Sex") + ",SEX", *(f"{line},F" for line in PEOPLE)], 1),
    "E1203": (person(2, "client_id", " "), 4),
    "E1204": (person(2, "client_id", "C-0001"), 4),
    "E1205": (SWAPPED, 0),
    "E1206": (every("birth_date", AMBIGUOUS), 0),
    "E1301": (person(1, "last_name", "99"), 3),
    "E1302": (every("mi", ["7", *"abcde"]), 2),
    "E1303": (person(3, "birth_date", "1987-02-29"), 5),
    "E1304": (person(5, "sex", "Wyndham"), 7),
    "E1305": (person(5, "house_no", "orchard"), 7),
    "E1306": (person(5, "street", "1955"), 7),
    "E1308": ([HEADER, *PEOPLE, "C-0007,,,,,,,"], 8),
    "E1207": (every("sex", "012102"), 0),
    "E1208": (every("birth_date", [f"{month}/17/6{month}" for month in range(1, 7)]), 0),
    "E1209": (every("birth_date", [f"2{day}251" for day in range(1, 7)]), 0),
    "E1210": (person(2, "client_id", "1.23E+15"), 4),
    "E1309": (person(1, "last_name", "unknown"), 3),
    "E1310": (person(3, "birth_date", "1987"), 5),
    "E1317": (person(3, "first_name", "Dragosl\N{REPLACEMENT CHARACTER}v"), 5),
    "E1318": (
        [HEADER, *(f"D-{row},{names}" for row, names in enumerate(60 * ["Ann,K,Lee,1980-01-31,F,7,old mill lane"]))],
        0,
    ),
}
MORE_FIELDS = "E1311 E1312 E1313 E1314 E1315 E1316"  # see test_a_fault_of_a_further_field_has_its_code
SERVICE_FAULTS = {
    "E1401": (served("C-0099,day centre,2024-01-01,"), 11),
    "E1402": (served("C-0004,day centre,2024-02-02,2024-01-01"), 11),
    "E1403": (served("C-0004,day centre,,2024-01-01"), 11),
    "E1404": (served("C-0004,day centre,2024-01-01,soon"), 11),
    "E1405": (served("C-0004,,2024-01-01,"), 11),
    "E1406": (served(*(f"C-0004,name {i},2024-01-01," for i in range(300))), 0),
    "E1407": (served("C-0004,C-0002,2024-01-01,"), 0),
    "E1408": ([SERVICES[0], *(f"c{row},day centre,2024-01-01," for row in range(3)), SERVICES[1]], 0),
}
ELSEWHERE = {
    "E1251": "test_a_new_column_for_a_field_that_was_not_held_is_told_where_nobody_is_asked",
    "E1307": "test_a_cell_that_does_not_fit_the_schema_s_format_is_emptied",
    # tests/encoder/consent/test_leave_out.py:
    "E1601": "test_a_column_that_is_named_and_not_there_is_an_error",
    "E1602": "test_a_list_that_does_not_say_who_is_meant_stops_the_encoding",
    "E1603": "test_a_list_that_does_not_say_who_is_meant_stops_the_encoding",
    "E1604": "test_nobody_left_is_an_error",
    "E1611": "test_a_consent_that_is_neither_is_none_and_is_told",
    "E1612": "test_an_end_that_cannot_be_read_keeps_the_record_back",
    "E1613": "test_a_column_that_looks_like_consent_is_not_passed_over_in_silence",
    "E1651": "test_who_is_on_the_list_by_client_id_is_not_encoded",
}


@pytest.fixture
def problems_of(agreement, write, secret, services, clients):
    """The problems of a pair of files, with every warning as an error so that they are raised."""

    def find(client_lines=None, service_lines=None, **options):
        first = clients if client_lines is None else write("clients.csv", client_lines)
        second = services if service_lines is None else write("services.csv", service_lines)
        with pytest.raises(ProblemsFound) as caught:
            encode_clients(first, agreement(), "clinic", secret, services=second, **{"strict": True, **options})
        return caught.value

    return find


@pytest.mark.parametrize("code", CLIENT_FAULTS)
def test_a_fault_of_the_clients_file_has_its_code_and_row(code, problems_of):
    lines, row = CLIENT_FAULTS[code]
    found = problems_of(lines)
    assert (code, row) in {(problem.code, problem.row) for problem in found.problems}


@pytest.mark.parametrize("code", SERVICE_FAULTS)
def test_a_fault_of_the_services_file_has_its_code_and_row(code, problems_of):
    lines, row = SERVICE_FAULTS[code]
    found = problems_of(service_lines=lines)
    assert {(problem.code, problem.row, problem.file) for problem in found.problems} == {(code, row, "services.csv")}


FURTHER = {
    "ssn": ("666-12-3456", "xxx-xx-5671"),
    "postcode": ("Chicago",),
    "phone": ("12",),
    "email": ("chicago",),
    "city": ("60614",),
}
SOUND = {"ssn": "212-34-56", "postcode": "606", "phone": "312-855-01", "email": "a@example.org", "city": "Springfield"}


def test_a_fault_of_a_further_field_has_its_code(tmp_path, agreement, write, secret):
    schema = copy.deepcopy(agreement().linkage_schema.definition)
    first = schema["features"][0]
    schema["features"] = [first, *({**copy.deepcopy(first), "identifier": name} for name in FURTHER)]
    (tmp_path / "further.json").write_text(json.dumps(schema), encoding="utf-8")
    rows = [["client_id", "first_name", *FURTHER]]
    bad = [(name, cell) for name, cells in FURTHER.items() for cell in cells]
    for number in range(20):
        sound = {name: cell + f"{number + 10}" * (name not in {"email", "city"}) for name, cell in SOUND.items()}
        row = sound | ({bad[number][0]: bad[number][1]} if number < len(bad) else {})
        rows.append([f"C-{number}", f"Ann{'abcdefghijklmnopqrstu'[number]}", *row.values()])
    file = write("c.csv", [",".join(row) for row in rows])
    made = encode_clients(file, agreement("membership", "further.json"), "clinic", secret)
    assert made.summary.warnings == dict.fromkeys(MORE_FIELDS.split(), 1)
    assert {problem.row for problem in made.problems} == set(range(2, 8))


def test_every_code_has_a_file_that_raises_it():
    broken = {code for case in ALL for code, _, _ in case.finds}
    raised = set(CLIENT_FAULTS) | set(SERVICE_FAULTS) | set(ELSEWHERE) | set(MORE_FIELDS.split()) | broken
    assert {rule.code for rule in RULES} == raised


def test_codes_are_in_order_and_used_once():
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))


def test_the_page_of_codes_is_the_catalogue():
    assert PAGE.read_text(encoding="utf-8") == error_page()


@pytest.mark.parametrize("code", ["E1204", "E1301", "E1303", "E1304", "E1305", "E1306"])
def test_no_problem_repeats_a_value(code, problems_of):
    found = problems_of(CLIENT_FAULTS[code][0])
    told = (str(found) + str(found.as_dict())).casefold()
    values = {cell.casefold() for line in PEOPLE for cell in line.split(",") if len(cell) > 3}
    assert [value for value in values if value in told] == []


def test_all_problems_of_both_files_are_told_at_once(problems_of):
    lines = person(4, "client_id", "")
    lines[1] = lines[1].replace("1941-04-26", "1941-04-31")
    found = problems_of(lines, served("C-0001,day centre,2024-02-02,2024-01-01"))
    assert [problem.code for problem in found.problems] == ["E1303", "E1203", "E1402"]
    assert found.counts == {"E1303": 1, "E1203": 1, "E1402": 1}


def test_names_in_a_date_column_make_the_column_an_error(problems_of):
    found = problems_of(SWAPPED, strict=False)
    assert {(problem.code, problem.column) for problem in found.problems} == {
        ("E1205", "birth_date"),
        ("E1205", "first_name"),
    }


def test_names_in_a_number_column_make_the_column_an_error(problems_of):
    names = [line.split(",")[3] for line in PEOPLE]
    found = problems_of(every("house_no", names), strict=False)
    assert [(problem.code, problem.column) for problem in found.problems] == [("E1205", "house_no")]


def test_a_fifth_of_a_column_is_not_yet_an_error(agreement, write, secret):
    lines = [HEADER, *PEOPLE[:5]]
    lines[2] = lines[2].replace("1960-12-31", "christmas")
    made = encode_clients(write("c.csv", lines), agreement("membership"), "clinic", secret)
    assert made.summary.warnings == {"E1303": 1}


def test_dates_declared_in_the_mapping_need_no_deciding(agreement, write, secret, services):
    lines = write("c.csv", every("birth_date", AMBIGUOUS))
    given = GivenColumns(dates={"birth_date": "%m/%d/%Y"})
    made = encode_clients(lines, agreement(), "clinic", secret, services=services, mapper=Mapper(given))
    assert made.summary.warnings == {}


def test_services_with_unreadable_dates_only_are_an_error(problems_of):
    lines = [SERVICES[0], "C-0001,beds,soon,", "C-0002,beds,later,"]
    found = problems_of(service_lines=lines, strict=False)
    assert [(problem.code, problem.column) for problem in found.problems] == [("E1205", "entry")]


def test_services_with_ambiguous_dates_are_an_error(problems_of):
    lines = [SERVICES[0], "C-0001,beds,01/02/2024,03/04/2024"]
    assert [problem.code for problem in problems_of(service_lines=lines, strict=False).problems] == ["E1206"]


def test_a_thousand_problems_are_listed_and_all_are_counted():
    problems = Problems()
    problems.add(RULES[-2], "a.csv", rows=range(2, 2_002))
    problems.add(RULES[0], "a.csv")
    assert len(problems.listed) == MAX_LISTED
    assert problems.listed[0].severity is Severity.ERROR
    assert sum(problems.counts.values()) == 2_001


def test_an_error_shows_the_first_problems_and_counts_the_rest():
    problems = Problems(strict=True)
    problems.add(RULES[-2], "a.csv", rows=range(2, 102))
    text = str(ProblemsFound(problems))
    assert "100 x: a.csv, rows 2, 3, 4, 5, 6, ...:" in text
    assert len(text.splitlines()) == len(["head", "what", "fix", "page", "fix"])


def test_problems_of_one_kind_in_one_column_are_one_group_with_the_first_rows():
    problems = Problems()
    problems.add(RULES[-2], "a.csv", rows=[9, 4], column="a")
    problems.add(RULES[-2], "a.csv", rows=[2], column="a")
    problems.add(RULES[-2], "b.csv", column="a")
    assert [(group.file, group.count, group.rows) for group in problems.groups] == [
        ("a.csv", 3, (2, 4, 9)),
        ("b.csv", 1, ()),
    ]


def test_of_many_groups_a_screenful_is_shown_and_the_rest_is_counted():
    problems = Problems()
    for number in range(30):
        problems.add(RULES[0], "a.csv", column=f"c{number}")
    assert "and 10 more kinds of problems" in str(ProblemsFound(problems))
