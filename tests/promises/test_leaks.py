"""Promise 1: no name, date, client id or secret is in any file that leaves, any output, any log or any error text."""

from __future__ import annotations

import base64
import csv
import itertools
import re
from pathlib import Path

import pytest

from tests.conftest import EXAMPLE, waylink

AGREEMENT = """\
project = "Sentinels"
purpose = "Prove that nothing leaks"
members = ["north", "south"]
data_level = "period"
period = "quarter"
threshold = 0.8
tables = ["unduplicated", "set_pathway", "overlap_pairs", "ordered_pathway"]
"""

FIRST = ("Zebulonius", "Quirinalda", "Xanthippus", "Wolframina", "Ysoldette", "Öxdörfgar")
LAST = ("Vandersmoot", "O'Krakatoo", "Featherstonehaugh-Qwz", "Blorgensdotter", "Nakamuraskaya")
STREET = ("Gallimaufry Crescent", "Sesquipedalian Row", "Kakistocracy Lane")
NAMES = list(itertools.product(FIRST, LAST))
BORN = [f"19{40 + number % 50}-{1 + number % 12:02d}-17" for number in range(len(NAMES))]
PEOPLE = [
    (f"ID-{number:05d}-SNTL", first, "J", last, BORN[number], "F", "90210", STREET[number % len(STREET)])
    for number, (first, last) in enumerate(NAMES)
]
HEADER = ("client_id", "first_name", "middle_initial", "last_name", "birth_date", "sex", "street_number", "street_name")


def write_csv(path: Path, header, rows) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


class Sentinels:
    """A co-op of two members whose people would be recognised anywhere."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.agreement = root / "agreement.toml"
        self.agreement.write_text(AGREEMENT)
        self.secret = root / "secret.txt"
        self.said = [waylink("secret", "new", self.secret)]
        for member, people in (("north", PEOPLE), ("south", PEOPLE[::2])):
            clients = write_csv(root / f"{member}.csv", HEADER, people)
            services = [(p[0], "beds", "2023-05-17", "2023-06-19") for p in people]
            served = write_csv(root / f"{member}_services.csv", ("client_id", "service", "entry", "exit"), services)
            self.said.append(self.encode(clients, served, member))
        folders = [root / "out" / "north", root / "out" / "south"]
        self.said.append(waylink("link", self.agreement, *folders, "--out", root / "out" / "run"))
        self.said.append(
            waylink("pathways", self.agreement, root / "out" / "run", *folders, "--out", root / "out" / "release")
        )

    def encode(self, clients: Path, services: Path, member: str, *more: str, out: str = ""):
        who = ("--agreement", self.agreement, "--member", member, "--secret", self.secret)
        return waylink(
            "encode", clients, "--services", services, *who, *more, "--out", self.root / "out" / (out or member)
        )

    def leaving(self) -> list[Path]:
        files = [path for path in (self.root / "out").rglob("*") if path.is_file()]
        return [path for path in files if "private" not in path.parts]


@pytest.fixture(scope="module")
def sentinels(tmp_path_factory) -> Sentinels:
    made = Sentinels(tmp_path_factory.mktemp("sentinels"))
    for done in made.said:
        assert done.returncode == 0, done.stderr
    return made


def forms(value: str) -> set[bytes]:
    """A value as it could hide: any case, reversed, base64, hex, without its separators."""
    plain = {value, value.lower(), value.upper(), value[::-1], value.replace("-", "")}
    raw = {text.encode() for text in plain}
    return raw | {base64.b64encode(data).rstrip(b"=") for data in raw} | {data.hex().encode() for data in raw}


def sentinel_values() -> set[str]:
    """Every value of four characters or more that would name somebody, and the days of the services."""
    values = {value for person in PEOPLE for value in person if len(value) >= 4}
    return values | {"2023-05-17", "2023-06-19"}


def found(data: bytes, values: set[str]) -> set[str]:
    return {value for value in values if any(form in data for form in forms(value))}


def test_no_value_of_a_person_is_in_a_file_that_leaves(sentinels):
    files = sentinels.leaving()
    assert {path.name for path in files} >= {
        "encodings.safetensors",
        "services.safetensors",
        "receipt.json",
        "run.json",
    }
    assert {str(path): found(path.read_bytes(), sentinel_values()) for path in files} == {
        str(path): set() for path in files
    }


def test_no_secret_is_in_any_file_or_output(sentinels):
    secret = sentinels.secret.read_text().split()
    parts = {part for line in secret for part in re.split("[:-]", line) if len(part) >= 16} | set(secret)
    raw = {bytes.fromhex(part) for part in parts if len(part) == 64 and set(part) <= set("0123456789abcdef")}
    assert raw, "the secret file holds 256 bits in hex"
    haystacks = [path.read_bytes() for path in (sentinels.root / "out").rglob("*") if path.is_file()]
    haystacks += [(done.stdout + done.stderr).encode() for done in sentinels.said]
    assert not any(needle in hay for hay in haystacks for needle in {part.encode() for part in parts} | raw)


def test_no_value_of_a_person_is_in_what_the_commands_say(sentinels):
    for done in sentinels.said:
        assert found((done.stdout + done.stderr).encode(), sentinel_values()) == set()


def test_the_scan_would_find_a_leak(sentinels):
    assert found((sentinels.root / "out" / "north" / "private" / "tokens.csv").read_bytes(), sentinel_values())


def broken(name: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """A clients' file that is wrong in one way, full of values that must not be repeated."""
    rows = [tuple(person) for person in PEOPLE]
    match name:
        case "twice":
            return HEADER, [*rows, rows[0]]
        case "ragged":
            return HEADER, [*rows[:3], rows[3][:4], *rows[4:]]
        case "dates":
            return HEADER, [(*row[:4], row[1], *row[5:]) for row in rows]
        case "names":
            return HEADER, [(row[0], "90210-77341", *row[2:]) for row in rows]
        case "no id":
            return HEADER, [("", *row[1:]) for row in rows]
        case "no header":
            return rows[0], rows[1:]
        case "no header, names only":
            return (rows[0][1], rows[0][3]), [(row[1], row[3]) for row in rows[1:]]
        case _:
            return HEADER, [(*row[:4], "17.31.1945", *row[5:]) if row is rows[2] else row for row in rows]


@pytest.mark.parametrize(
    "name", ["twice", "ragged", "dates", "names", "no id", "no header", "no header, names only", "one bad date"]
)
@pytest.mark.parametrize("json", [(), ("--json",)], ids=["text", "json"])
def test_no_error_repeats_a_value(sentinels, tmp_path, name, json):
    header, rows = broken(name)
    clients = write_csv(tmp_path / "clients.csv", header, rows)
    services = sentinels.root / "north_services.csv"
    done = sentinels.encode(clients, services, "north", "--strict", *json, out=f"{name}{len(json)}")
    assert done.returncode == 3, done.stderr
    assert found((done.stdout + done.stderr).encode(), sentinel_values() | {"17.31.1945", "90210-77341"}) == set()


def test_a_wrong_secret_file_is_not_repeated(sentinels, tmp_path):
    (tmp_path / "secret.txt").write_text("correct horse battery staple SENTINELWORD\n")
    who = ("--agreement", sentinels.agreement, "--member", "north", "--secret", tmp_path / "secret.txt")
    files = (sentinels.root / "north.csv", "--services", sentinels.root / "north_services.csv")
    done = waylink("encode", *files, *who, "--out", tmp_path / "out")
    assert done.returncode == 3
    assert "SENTINELWORD" not in done.stdout + done.stderr


def test_rows_leave_in_another_order_than_they_came(encoded_coop):
    with (EXAMPLE / "clinic_clients.csv").open(newline="", encoding="utf-8") as file:
        came = [row["client_id"] for row in csv.DictReader(file)]
    with (encoded_coop.member("clinic") / "private" / "tokens.csv").open(newline="") as file:
        token = {row["client_id"]: row["token"] for row in csv.DictReader(file)}
    from schemas import read_encodings
    from schemas.encodings import token_text

    left = [token_text(t) for t in read_encodings(encoded_coop.member("clinic")).tokens]
    place = {t: number for number, t in enumerate(left)}
    moved = [place[token[client]] - number for number, client in enumerate(came)]
    assert sorted(place) == sorted(token.values())
    assert sum(step == 0 for step in moved) < 20
