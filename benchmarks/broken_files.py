"""What waylink, anonlink-client and MITRE's extractor do with the same broken files.

    python -m benchmarks.broken_files --anonlink BIN/anonlink --extractor FOLDER --extractor-python BIN/python \
        --json benchmarks/results/broken_files.json --table docs/broken-files.md

The files are the project's own fixtures (`tests/encoder/broken`): every CSV file of clients alone. anonlink-client is
run as `anonlink encode` with person-v1's seven features under the files' column names; the extractor (data-owner-tools,
`extract.py --csv`, which cleans a list for anonlink-client) with a map of its fields to the files' columns. Each is
another process, ended after a while. A tool that is not named is not run.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from benchmarks.machine import installed, machine, write_figures
from encoder.secret import new_secret
from schemas.linkage_schema import load_linkage_schema
from tests.encoder.broken.case import Broken, arguments
from tests.encoder.broken.cases import ALL
from tests.encoder.conftest import HEADER, PEOPLE

PATIENCE_SECONDS = 60
SHORTEST_NAME = 6  # letters; a shorter value could be in a message by chance
PLACE = re.compile(r"\b(?:row|line|record)s?\W{1,3}\d|\bcolumns?\W{1,3}[\"'`]", re.IGNORECASE)
SECRET = "9b1e4c7a2f60d853e1947bc06a3d5f82"  # noqa: S105 (for anonlink-client; of made-up people)


class Did(StrEnum):
    """What a tool did with a file."""

    ENCODED = "encoded"
    PLACED = "refused, says where"
    REFUSED = "refused"
    NOTHING = "wrote nothing, status 0"
    BROKE = "traceback"
    HUNG = "did not end"


@dataclass(frozen=True)
class Ending:
    """How a tool's process ended.

    Attributes:
        status: its exit status; None where it was ended from outside.
        said: what it wrote to its two streams.
        records: how many it wrote; None where there is no output.
    """

    status: int | None
    said: str
    records: int | None


@dataclass(frozen=True)
class Outcome:
    """What a tool did with one file.

    Attributes:
        did: of six.
        records: how many it wrote, where it did.
        shows_people: whether a person's value stands in what it said.
    """

    did: Did
    records: int | None
    shows_people: bool


def judge(ending: Ending) -> Outcome:
    """The same rules for every tool."""
    people = {cell for line in PEOPLE for cell in re.split(r"[,\s]", line) if len(cell) >= SHORTEST_NAME}
    shows = any(cell.casefold() in ending.said.casefold() for cell in people - {"Female"})
    did = _did(ending)
    return Outcome(did, ending.records if did is Did.ENCODED else None, shows)


def _did(ending: Ending) -> Did:
    if ending.status is None:
        return Did.HUNG
    if "Traceback (most recent call last)" in ending.said:
        return Did.BROKE
    if ending.status == 0:
        return Did.NOTHING if ending.records is None else Did.ENCODED
    return Did.PLACED if PLACE.search(ending.said) else Did.REFUSED


class Waylink:
    """Ours."""

    name = "waylink"

    def encode(self, case: Broken, folder: Path) -> Ending:
        """One file, by the command."""
        new_secret(folder / "secret")
        command = [sys.executable, "-m", "waylink", *arguments(case, folder)]
        receipt = folder / "out" / "receipt.json"
        return _run(command, folder, lambda: int(json.loads(receipt.read_bytes())["counts"]["records_encoded"]))


class AnonlinkClient:
    """anonlink-client's `encode`."""

    name = "anonlink-client"

    def __init__(self, program: Path) -> None:
        self._program = program

    def encode(self, case: Broken, folder: Path) -> Ending:
        """One file, by its command."""
        case.make(folder / case.file)
        definition = load_linkage_schema("person-v1").definition
        first, *others = HEADER.split(",")
        hashed = [{**feature, "identifier": name} for feature, name in zip(definition["features"], others, strict=True)]
        schema = {**definition, "features": [{"identifier": first, "ignored": True}, *hashed]}
        (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
        command = [str(self._program), "encode", case.file, SECRET, "schema.json", "out.json"]
        return _run(command, folder, lambda: len(json.loads((folder / "out.json").read_bytes())["clks"]))


class Extractor:
    """MITRE's `extract.py`, which cleans a list; another tool encodes what it writes."""

    name = "extractor"

    def __init__(self, folder: Path, python: Path) -> None:
        self._folder, self._python = folder, python

    def encode(self, case: Broken, folder: Path) -> Ending:
        """One file, by its command."""
        case.make(folder / case.file)
        fields = {"record_id": "client_id", "given_name": "first_name", "family_name": "last_name"}
        others = {"DOB": "birth_date", "sex": "sex", "address": "street"}
        nothing = {"phone": "", "zip": ""}  # the files have neither
        settings = {
            "filepath": case.file,
            "initial_id": "1",
            "date_format": "%Y-%m-%d",
            "translation_map": fields | others | {"default_values": nothing},
        }
        (folder / "conf.json").write_text(json.dumps(settings), encoding="utf-8")
        script = str(self._folder / "extract.py")
        command = [str(self._python), script, "--csv", "conf.json", "--output", "out.csv", "--verbose"]
        return _run(command, folder, lambda: (folder / "out.csv").read_text("utf-8").count("\n") - 1)


def compare(tools: Sequence[Any], cases: Sequence[Broken]) -> list[dict[str, Any]]:
    """Each file to each tool, in an empty folder."""

    def one(case: Broken) -> dict[str, Any]:
        row: dict[str, Any] = {"file": case.what, "broken": case.exit != 0, "records": case.records}
        for tool in tools:
            with tempfile.TemporaryDirectory() as name:
                row[tool.name] = asdict(judge(tool.encode(case, Path(name))))
        return row

    with ThreadPoolExecutor(os.cpu_count()) as side_by_side:
        return list(side_by_side.map(one, cases))


def lists_of_clients() -> list[Broken]:
    """The fixtures that every tool could read: one CSV file of clients."""
    return [case for case in ALL if case.file.endswith(".csv") and case.services is None]


def table(figures: Mapping[str, Any]) -> str:
    """The page: counts first, then file by file."""
    files, tools = figures["files"], list(figures["tools"])
    broken, fine = [one for one in files if one["broken"]], [one for one in files if not one["broken"]]
    versions = ", ".join(f"{name} {version}" for name, version in figures["tools"].items())
    page = [
        "# Broken files, beside other tools",
        "",
        "Written by `python -m benchmarks.broken_files`, whose first lines say how each tool is run. The files are the",
        f"CSV files of our own fixtures ({len(files)} of {len(ALL)}; the others are workbooks, HMIS exports and",
        f"lists with services, which the other tools do not take). {versions}.",
        "The extractor is MITRE's (data-owner-tools, by its commit): it cleans a list, and another tool encodes it.",
        "All were made for waylink: they show what a steward would meet, not what the other tools promise.",
        "",
        f"## {len(broken)} files of which nothing should be encoded",
        "",
        *_counts(broken, tools),
        "",
        f"## {len(fine)} files in odd dress that a steward expects to work",
        "",
        "Whether what was encoded is right is not judged here; the same number of records is.",
        "",
        *_counts(fine, tools),
        "",
        "## File by file",
        "",
        "`!` after an outcome: a person's value stands in what the tool said.",
        "",
        _line(["file", "should", *tools]),
        _line(["---"] * (2 + len(tools))),
        *(_line([one["file"], _should(one), *(_cell(one[tool]) for tool in tools)]) for one in files),
    ]
    return "\n".join(page) + "\n"


def _counts(files: Sequence[Mapping[str, Any]], tools: Sequence[str]) -> list[str]:
    rows = [_line(["", *tools]), _line(["---"] * (1 + len(tools)))]
    counts = {tool: Counter(one[tool]["did"] for one in files) for tool in tools}
    rows += [_line([did, *(str(counts[tool][did]) for tool in tools)]) for did in Did]
    people = [str(sum(one[tool]["shows_people"] for one in files)) for tool in tools]
    equal = [str(sum(one[tool]["records"] == one["records"] for one in files)) for tool in tools]
    rows.append(_line(["shows a person's value", *people]))
    return rows if files[0]["broken"] else [*rows, _line(["as many records as expected", *equal])]


def _should(one: Mapping[str, Any]) -> str:
    return "be refused" if one["broken"] else f"give {one['records']}"


def _cell(outcome: Mapping[str, Any]) -> str:
    records = "" if outcome["records"] is None else f" {outcome['records']}"
    return f"{outcome['did']}{records}{'!' if outcome['shows_people'] else ''}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _run(command: list[str], folder: Path, count: Callable[[], int]) -> Ending:
    try:
        done = subprocess.run(  # noqa: S603 (the caller's programs)
            command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Ending(None, "", None)
    said = done.stdout + done.stderr
    try:
        records = count()
    except (OSError, ValueError, KeyError):  # there is none, or not a whole one
        return Ending(done.returncode, said, None)
    return Ending(done.returncode, said, records)


def main() -> None:
    """Run, show, write."""
    made = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    made.add_argument("--anonlink", type=Path, help="anonlink-client's program")
    made.add_argument("--anonlink-version", default="0.1.9")
    made.add_argument("--extractor", type=Path, help="the folder of data-owner-tools")
    made.add_argument("--extractor-python", type=Path, help="a Python with pandas and SQLAlchemy")
    made.add_argument("--extractor-commit", default="004dede")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    made.add_argument("--table", type=Path, metavar="FILE", help="write the page here")
    options = made.parse_args()
    tools: list[Any] = [Waylink()]
    versions = {"waylink": installed("waylink")}
    if options.anonlink:
        tools.append(AnonlinkClient(options.anonlink.absolute()))
        versions["anonlink-client"] = options.anonlink_version
    if options.extractor:
        tools.append(Extractor(options.extractor.absolute(), options.extractor_python.absolute()))
        versions["extractor"] = options.extractor_commit
    figures = {"tools": versions, "files": compare(tools, lists_of_clients())}
    page = table(figures)
    sys.stdout.write(page)
    if options.table:
        options.table.write_text(page, encoding="utf-8")
    if options.json:
        write_figures(machine() | figures, options.json)


if __name__ == "__main__":
    main()
