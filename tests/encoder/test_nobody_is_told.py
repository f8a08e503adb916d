"""No message, list, receipt or explanation repeats what is in a person's cell, wherever in the files it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encoder.encode import encode_clients, write_folder
from encoder.errors import ProblemsFound
from encoder.explain import clean_clients, explain, overview, told, told_briefly
from encoder.mapping.mapper import Mapper
from encoder.mapping.questions import Question
from encoder.problem_list import csv_of, summary
from encoder.problems import Problems
from encoder.secret import Secret
from schemas.agreement import load_agreement
from schemas.linkage_schema import load_linkage_schema
from tests.encoder.conftest import AGREEMENT, HEADER, PEOPLE, SERVICES

FILES = 400  # some 30 ms each; 1,000 and more were tried, too
WORD, DIGITS = "wvxqzjk", "918273645"
DRESSES = (
    WORD,
    DIGITS,
    f" {WORD.upper()} ",
    f"={WORD}",
    f"{{{WORD}}}",
    f'"{WORD}\n{WORD}"',
    f'"{WORD},{WORD}"',
    f'"{WORD}',
    f"{WORD},{WORD}",
    f"{WORD}\0",
    f"{WORD}@{WORD}.org",
    f"{WORD}-01-31",
    f"31/02/{DIGITS}",
    f"{DIGITS}.0",
    f"1.{DIGITS}E+15",
    f"Total {WORD}",
    f"%s{WORD}%d",
    f"Doe {WORD}",
    f"unknown {WORD}",
    f"{WORD}\N{REPLACEMENT CHARACTER}",
    f"#REF! {WORD}",
    f"xxx-xx-{DIGITS}",
    f"王{WORD}",
    f"{WORD}|{WORD};{WORD}\t{WORD}",
)
ROWS_ABOVE = ("", f"Clients of {WORD}", f"{WORD},{DIGITS},,,", f"{WORD}")
HEADERS = (
    HEADER,
    HEADER.replace("sex", "column 6"),
    HEADER + ",sex,Gender",
    PEOPLE[0].replace("Annelise", WORD),
    HEADER + ",,",
)


@pytest.fixture(scope="module")
def terms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("terms")
    text = AGREEMENT.format(level="period", period='period = "month"', schema="person-v1")
    (folder / "agreement.toml").write_text(text, encoding="utf-8")
    return load_agreement(folder / "agreement.toml"), load_linkage_schema("person-v1"), folder


@st.composite
def spoilt(draw, lines, *, but=()):
    """Lines of cells, of which some hold what must not be told."""
    rows = [line.split(",") for line in lines]
    for _ in range(draw(st.integers(0, 4))):
        row = draw(st.integers(0, len(rows) - 1))
        column = draw(st.sampled_from([place for place in range(len(rows[row]) + 1) if place not in but]))
        rows[row][column : column + 1] = [draw(st.sampled_from(DRESSES))]
    return "\n".join(map(",".join, rows))


@st.composite
def files(draw):
    """The texts of a clients' and of a services' file. Services' names leave in clear: none of theirs is spoilt."""
    above = "".join(f"{draw(st.sampled_from(ROWS_ABOVE))}\n" for _ in range(draw(st.integers(0, 2))))
    clients = f"{above}{draw(st.sampled_from(HEADERS))}\n{draw(spoilt(PEOPLE))}\n{draw(st.sampled_from(ROWS_ABOVE))}"
    return clients, f"{SERVICES[0]}\n{draw(spoilt(SERVICES[1:], but={1}))}\n"


def questioned(asked: list[str]):
    """Nobody who can answer, but who hears the question and its choices."""

    def hear(question: Question) -> None:
        asked.extend([question.text, *(choice.text for choice in question.choices)])

    return hear


def said_of(clients: Path, services: Path, agreement, schema, folder: Path, *, strict: bool) -> str:
    """Everything that is said, listed or sent of the two files, but for the encodings and what stays."""
    said: list[str] = []
    mapper = Mapper(ask=questioned(said), tell=said.append)
    try:
        made = encode_clients(
            clients, agreement, "clinic", Secret(b"\7" * 32), services=services, mapper=mapper, strict=strict
        )
        receipt = write_folder(made, folder / "out")
        said += [json.dumps(receipt), *summary(made.found.groups), csv_of(made.problems).decode()]
    except ProblemsFound as found:
        said += [str(found), json.dumps(found.as_dict()), csv_of(found.problems).decode()]
    cleaned = clean_clients(clients, schema, Problems())
    if cleaned is not None:
        said += [told_briefly(overview(cleaned)), *(told(explain(cleaned, field)) for field in cleaned.fields)]
    return "\n".join(said).casefold()


@settings(max_examples=FILES, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=files(), strict=st.booleans())
def test_no_value_is_told(terms, tmp_path_factory, texts, strict):
    agreement, schema, folder = terms
    clients, services = folder / "clients.csv", folder / "services.csv"
    clients.write_text(texts[0], encoding="utf-8")
    services.write_text(texts[1], encoding="utf-8")
    out = tmp_path_factory.mktemp("made")
    said = said_of(clients, services, agreement, schema, out, strict=strict)
    assert [value for value in (WORD, DIGITS) if value in said] == []


def test_what_is_told_would_be_seen(terms, tmp_path):
    agreement, schema, _ = terms
    clients, services = tmp_path / "clients.csv", tmp_path / "services.csv"
    clients.write_text("\n".join([HEADER, *PEOPLE]), encoding="utf-8")
    services.write_text("\n".join(SERVICES).replace("day centre", WORD), encoding="utf-8")
    assert WORD in said_of(clients, services, agreement, schema, tmp_path, strict=False)
