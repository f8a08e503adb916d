"""Each code of the catalogue is raised by a file that has the fault, and told without any value."""

from pathlib import Path

import pytest

from encoder.encode import encode_clients
from encoder.errors import ProblemsFound
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
    "E1202": ([HEADER.replace("sex", "Sex").replace("house_no", "SEX"), *PEOPLE], 1),
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
}
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
ELSEWHERE = {"E1307": "test_a_cell_that_does_not_fit_the_schema_s_format_is_emptied"}


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


def test_every_code_has_a_file_that_raises_it():
    broken = {code for case in ALL for code, _, _ in case.finds}
    assert {rule.code for rule in RULES} == set(CLIENT_FAULTS) | set(SERVICE_FAULTS) | set(ELSEWHERE) | broken


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
    lines[2] = lines[2].replace("1960-12-31", "unknown")
    made = encode_clients(write("c.csv", lines), agreement("membership"), "clinic", secret)
    assert made.summary.warnings == {"E1303": 1}


def test_dates_declared_in_the_mapping_need_no_deciding(agreement, write, secret, services):
    lines = write("c.csv", every("birth_date", AMBIGUOUS))
    given = GivenColumns(dates={"birth_date": "%m/%d/%Y"})
    made = encode_clients(lines, agreement(), "clinic", secret, services=services, given=given)
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
    text = str(ProblemsFound(problems.listed, problems.counts))
    assert "and 80 more" in text
    assert "a.csv, row 2:" in text
