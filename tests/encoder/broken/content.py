"""Files that can be read, and of which a cell, a column or a row is not what it should be; services among them."""

from __future__ import annotations

from tests.encoder.broken.case import GOOD, Broken, Make, fails, lines, works
from tests.encoder.conftest import HEADER, PEOPLE, SERVICES

NAMES = HEADER.split(",")
LONG = 20_000
LATE = 15_004
LETTERS = "abcdefghij"
MANY = [
    f"C-{row:05},{LETTERS[row % 10]}nn{LETTERS[row // 10 % 10]},,Lin{LETTERS[row // 7 % 10]},"
    f"{1930 + row % 70}-0{row % 9 + 1}-{10 + row % 19},F,{row % 97 + 1},elm"
    for row in range(LONG)
]
A_STAY = "C-0004,day centre,2024-01-05,2024-02-02"


def but(row: int, column: str, cell: str, file: tuple[str, ...] = GOOD) -> Make:
    """A good file with another cell in a row, as Excel counts it."""
    cells = file[row - 1].split(",")
    cells[NAMES.index(column)] = cell
    return lines(*file[: row - 1], ",".join(cells), *file[row:])


def every(column: str, cells: list[str]) -> Make:
    """A good file with a column of other cells."""
    rows = [line.split(",") for line in PEOPLE]
    for row, cell in zip(rows, cells, strict=True):
        row[NAMES.index(column)] = cell
    return lines(HEADER, *map(",".join, rows))


def served(*more: str, header: str = SERVICES[0]) -> Make:
    """The services' file, with further rows from row 9 on."""
    return lines(header, *SERVICES[1:], *[A_STAY] * 4, *more)


def visits(what: str, make: Make, *finds: tuple[str, int, str], works: bool = True) -> Broken:
    """Sound clients with a file of services that are not, under an agreement that uses their dates."""
    return Broken(what, "clients.csv", lines(*GOOD), finds, 0 if works else 3, services=make, level="period")


CASES = (
    works(
        "one bad date in 20,000 rows",
        "clients.csv",
        but(LATE, "birth_date", "1987-02-29", (HEADER, *MANY)),
        ("E1303", LATE, "birth_date"),
        records=LONG,
    ),
    fails(
        "one client id twice in 20,000 rows",
        "clients.csv",
        but(LATE, "client_id", "C-00007", (HEADER, *MANY)),
        ("E1204", LATE, "client_id"),
    ),
    works("a date without its day", "clients.csv", but(4, "birth_date", "1979-07"), ("E1310", 4, "birth_date")),
    works("a date that means not known", "clients.csv", but(4, "birth_date", "1900-01-01"), ("E1309", 4, "birth_date")),
    fails(
        "dates of which none says which part is the month",
        "clients.csv",
        every("birth_date", [f"0{day}/03/1980" for day in range(1, 7)]),
        ("E1206", 0, "birth_date"),
    ),
    fails(
        "years of two digits",
        "clients.csv",
        every("birth_date", [f"{day}/17/61" for day in range(1, 7)]),
        ("E1208", 0, "birth_date"),
    ),
    fails(
        "two columns swapped",
        "clients.csv",
        lines(
            HEADER.replace("birth_date", "@").replace("first_name", "birth_date").replace("@", "first_name"), *PEOPLE
        ),
        ("E1205", 0, "birth_date"),
        ("E1205", 0, "first_name"),
    ),
    works("a name of signs alone", "clients.csv", but(3, "last_name", "1955"), ("E1301", 3, "last_name")),
    works("a name that says unknown", "clients.csv", but(3, "last_name", "UNKNOWN"), ("E1309", 3, "last_name")),
    works("nothing for a name", "clients.csv", but(3, "first_name", "N/A"), ("E1309", 3, "first_name")),
    works(
        "letters lost on the way",
        "clients.csv",
        but(3, "last_name", "Osterh\N{REPLACEMENT CHARACTER}gen"),
        ("E1317", 3, "last_name"),
    ),
    works("a sex that is none", "clients.csv", but(3, "sex", "blue"), ("E1304", 3, "sex")),
    works("a house number of letters", "clients.csv", but(3, "house_no", "orchard"), ("E1305", 3, "house_no")),
    works("a record of nothing but its id", "clients.csv", lines(*GOOD, "C-0007,,,,,,,"), ("E1308", 8, ""), records=7),
    fails(
        "a client id that a spreadsheet rounded",
        "clients.csv",
        but(3, "client_id", "1.23E+15"),
        ("E1210", 3, "client_id"),
    ),
    fails("a column that is not there", "clients.csv", lines(HEADER.replace("sex", "shoe"), *PEOPLE), ("E1201", 1, "")),
    fails(
        "a column that is there twice",
        "clients.csv",
        lines(HEADER.replace("sex", "Gender") + ",Sex at birth", *(f"{line},F" for line in PEOPLE)),
        ("E1202", 1, ""),
    ),
    fails(
        "columns that nobody knows",
        "clients.csv",
        lines(",".join(f"v{number}" for number in range(8)), *PEOPLE),
        *[("E1201", 1, "")] * 8,
    ),
    visits(
        "a service that ends before it starts", served("C-0004,day centre,2024-02-02,2024-01-01"), ("E1402", 9, "exit")
    ),
    visits("a service of nobody in the list", served("C-0099,day centre,2024-02-02,"), ("E1401", 9, "client_id")),
    visits("a service without a start", served("C-0004,day centre,,2024-02-02"), ("E1403", 9, "entry")),
    visits("a service that ends some day", served("C-0004,day centre,2024-02-02,soon"), ("E1404", 9, "exit")),
    visits("a service without a name", served("C-0004,,2024-02-02,"), ("E1405", 9, "service")),
    visits(
        "services of another list's clients",
        lines(SERVICES[0], *(f"X-{row},day centre,2024-01-01," for row in range(4)), SERVICES[1]),
        ("E1408", 0, "client_id"),
        works=False,
    ),
    visits(
        "services named by people",
        served("C-0004,Annelise Quillfeather,2024-02-02,", *[A_STAY] * 3),
        ("E1407", 0, ""),
        works=False,
    ),
    visits(
        "services without a column of starts",
        served(header=SERVICES[0].replace("entry", "shoe")),
        ("E1201", 1, ""),
        works=False,
    ),
    visits("a service still open", served("C-0004,day centre,2024-02-02,")),
)
