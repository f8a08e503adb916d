"""The member's pipeline, in order: read, columns, clean, check, encode, shuffle, tokens, services; then one folder."""

from __future__ import annotations

import csv
import io
import json
import platform
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoder import problem_list, receipt_page
from encoder import problems as rules
from encoder.cleaning.recipe import CLEANING_VERSION
from encoder.clients import Clients, read_clients
from encoder.consent.leave_out import NOT_ASKED, Consent, LeftOut, leave_out
from encoder.duplicates import Pairs, Same, keep_apart, kept_of_each, near_duplicates
from encoder.errors import ProblemsFound, ServicesNeeded
from encoder.freed_memory import give_back_memory
from encoder.hashing.clk import encode_columns
from encoder.hashing.clkhash_spec import Recipe, read_recipe
from encoder.inputs import Inputs
from encoder.leak_scan import require_no_leak
from encoder.mapping.mapper import Mapper
from encoder.problems import Problem, Problems
from encoder.reading.header import NOTHING_CHOSEN, Choice
from encoder.reading.table import Table
from encoder.receipt import PACKAGES, Summary, receipt
from encoder.secret import Secret, key_check
from encoder.services import ServiceRows, everyone_served, service_rows
from encoder.table import TokenSource, random_tokens, software_version
from schemas import encodings as encodings_file
from schemas import receipt as receipt_file
from schemas import services as services_file
from schemas.agreement import Agreement, Member
from schemas.console import SILENT, Progress
from schemas.encodings import Bits, Encodings, Origin, Tokens, token_texts, write_encodings
from schemas.periods import Level
from schemas.services import Services, write_services
from schemas.whole import whole_folder, write_secretly

LEAVING = (encodings_file.FILE_NAME, services_file.FILE_NAME)
"""The files that leave the member; the receipt lists them."""

PRIVATE = "private"
"""The folder that stays."""

_PART_ROWS = 1 << 14  # counted or written at a time


@dataclass(frozen=True, eq=False)
class Encoded:
    """What is to be written for one member.

    Attributes:
        encodings, services: what leaves, in random order.
        ids, tokens: client id and record token, by row of the clients' file; they stay.
        pairs: the records that may be one person; they stay.
        values: distinct cells of the hashed columns, as they stand and cleaned; sought in what leaves, and not written.
        found: what was found in the files; it stays.
        agreement, summary: for the receipt.
    """

    encodings: Encodings
    services: Services
    ids: Sequence[str]
    tokens: Tokens
    pairs: Pairs
    values: Sequence[Sequence[str]]
    found: Problems
    agreement: Agreement
    summary: Summary

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems that are listed: warnings and notes."""
        return self.found.listed


def encode_clients(
    clients: Path,
    agreement: Agreement,
    member: str,
    secret: Secret,
    *,
    services: Path | None = None,
    mapper: Mapper | None = None,
    of_clients: Choice = NOTHING_CHOSEN,
    of_services: Choice = NOTHING_CHOSEN,
    consent: Consent = NOT_ASKED,
    same: Same = keep_apart,
    strict: bool = False,
    token_source: TokenSource = secrets.token_bytes,
    progress: Progress = SILENT,
) -> Encoded:
    """Encode one member's clients and services under an agreement.

    Args:
        clients: a CSV file, a workbook, or an HMIS export (folder or zip archive), which has the services, too.
        services: a CSV file or a workbook.
        agreement, member: what is allowed, and whose data these are.
        secret: the members'.
        mapper: what a mapping file says of the columns, and who is asked what it does not say.
        of_clients, of_services: the files' sheets and header rows, where they are not to be found.
        consent: who opted out, and the day on which consent has to hold.
        same: says which records of the list are one person; one of them is encoded.
        strict: whether every warning is an error.
        token_source: gives random bytes, for the record tokens and the order of the rows.
        progress: told of bytes read and records encoded.

    Raises:
        MemberNotNamed: the agreement does not name the member.
        DayNeeded: consent ends on days, and none was given to compare with.
        ServicesNeeded: the agreement's level needs services.
        InputMissing: a file cannot be read.
        UnusableSchema: clkhash could not encode with the agreement's linkage schema.
        ProblemsFound: the files have faults; it lists them all.
    """
    # (1) the agreement allows it, and all that it needs is there
    name = agreement.require_member(member)
    mapper = mapper or Mapper()
    given = mapper.given
    inputs = Inputs(clients, services, of_clients.told_of(given.columns), of_services.told_of(given.services))
    _require_services(inputs, agreement)
    schema = agreement.linkage_schema
    given.require_known(schema.hashed_fields)
    recipe = read_recipe(schema.bound_to(agreement.digest), secret.reveal())
    # (2) every fault of both files is found in one pass, and any error ends it here
    problems = Problems(strict=strict)
    tables = inputs.read(schema.hashed_fields, problems, progress)
    people = read_clients(tables[0], schema, recipe, mapper, problems) if tables[0] is not None else None
    served = _served(tables[1], people, agreement, name, mapper, problems, given_any=inputs.have_services)
    people, served, kept_back = leave_out(tables[0], people, served, schema, recipe, consent, mapper, problems)
    mapper.save()
    if problems.errors or people is None or served is None:
        raise ProblemsFound(problems)
    values = [*people.texts(), *_cells(tables[0], people)]
    del tables  # what was read takes as much memory as what leaves, and is needed no more
    give_back_memory()
    # (3) random tokens and a random order: neither says where in the file a record was
    tokens = random_tokens(len(people.ids), token_source)
    order = _random_order(len(people.ids), token_source)
    place = _inverse(order)
    # (4) bits, in that order; every value was held to its format in (2)
    bits = _bits(people, recipe, place, progress)
    # (5) who is twice in the list: of records that are one person one is left, and all have its token
    pairs = near_duplicates(people, bits, place)
    kept = kept_of_each(people, pairs.rows[same(pairs, people.ids)])
    people = replace(people, columns=[])  # hashed, and needed no more
    give_back_memory()
    tokens, served = tokens[kept], served.of_persons(kept)
    order, bits = _without_merged(kept, order, bits)
    # (6) what leaves
    origin = _origin(agreement, name, secret)
    visits = _services(served, tokens, agreement, origin, _random_order(len(served), token_source))
    summary = _summary(people, visits, served.left_out, kept_back, problems, bits, pairs)
    del served, place
    encodings = Encodings(bits, tokens[order], origin)
    return Encoded(encodings, visits, people.ids, tokens, pairs, values, problems, agreement, summary)


def write_folder(encoded: Encoded, target: Path) -> dict[str, Any]:
    """Write what leaves, the receipt and, under `private/`, what stays: all or nothing.

    Returns:
        The receipt.

    Raises:
        OutputExists: the folder is already there and not empty.
    """
    with whole_folder(target) as draft:
        write_encodings(encoded.encodings, draft / encodings_file.FILE_NAME)
        write_services(encoded.services, draft / services_file.FILE_NAME)
        private = draft / PRIVATE
        private.mkdir(mode=0o700)
        pairs = zip(encoded.ids, token_texts(encoded.tokens), strict=True)
        write_secretly(private / "tokens.csv", _csv(("client_id", "token"), pairs))
        alike = ("client_id", "other_client_id", "score", "how_alike")
        write_secretly(private / "duplicates.csv", _csv(alike, encoded.pairs.listed(encoded.ids)))
        write_secretly(private / problem_list.FILE_NAME, problem_list.csv_of(encoded.problems))
        written = receipt(draft, LEAVING, encoded.agreement, encoded.encodings.origin, encoded.summary)
        text = json.dumps(written, indent=2, ensure_ascii=False)
        (draft / receipt_file.FILE_NAME).write_text(f"{text}\n", encoding="utf-8")
        page = receipt_page.receipt_page(written)
        receipt_page.require_only_the_receipt(page, written)
        (draft / receipt_page.FILE_NAME).write_text(page, encoding="utf-8")
        give_back_memory()
        leaving = [draft / name for name in (*LEAVING, receipt_file.FILE_NAME)]
        require_no_leak(leaving, [encoded.ids, *encoded.values], _named(encoded))
    return written


def _cells(table: Table | None, people: Clients) -> list[list[str]]:
    """The distinct cells, as they stand, of the columns that are hashed."""
    return [table.column(header).texts for header in people.hashed.values()] if table is not None else []


def _named(encoded: Encoded) -> set[str]:
    """What is meant to leave in clear: services, the columns' headers, the agreement's words, versions of software."""
    agreement, summary, origin = encoded.agreement, encoded.summary, encoded.encodings.origin
    words = {agreement.project, agreement.run, origin.member, agreement.level.value, agreement.linkage_schema.name}
    software = {platform.python_version(), *map(software_version, PACKAGES), origin.cleaning_version}
    kinds = {agreement.unit.value, encodings_file.KIND, services_file.KIND}
    return words | software | kinds | {*summary.service_names, *summary.hashed.values(), *summary.stays}


def _require_services(inputs: Inputs, agreement: Agreement) -> None:
    if not inputs.have_services and agreement.level is not Level.MEMBERSHIP:
        raise ServicesNeeded(
            f"the agreement's data level is '{agreement.level}', which needs the services' dates",
            where=agreement.project,
            fix="name the services' file: --services SERVICES.csv",
        )


def _served(
    table: Table | None,
    people: Clients | None,
    agreement: Agreement,
    member: Member,
    mapper: Mapper,
    problems: Problems,
    *,
    given_any: bool,
) -> ServiceRows | None:
    if not given_any:
        return everyone_served(len(people.ids), member) if people is not None else None
    if table is None or people is None or not people.ids:
        return None  # the fault is noted already
    whole = not problems.errors  # else some clients may have been refused, and their services are no fault
    rows = service_rows(table, people.ids, agreement.unit, member, mapper, problems, all_clients=whole)
    if rows is not None and people.any_named_by(rows.names):
        problems.add(rules.PEOPLE_AS_NAMES, table.name)
    return rows


def _bits(people: Clients, recipe: Recipe, to: NDArray[np.int64], progress: Progress) -> Bits:
    """The CLKs, that of record i in row to[i]: each is written where it belongs, no second list is ever made."""
    with progress.stage("encoding", len(people.ids)) as advance:
        bits = encode_columns(people.columns, recipe, to=to, validate=False, advance=advance)
    give_back_memory()
    return bits


def _without_merged(kept: NDArray[np.int64], order: NDArray[np.int64], bits: Bits) -> tuple[NDArray[np.int64], Bits]:
    """The order and the CLKs of the records that are encoded for their persons; nothing is copied where all are."""
    left = kept[order] == order
    return (order, bits) if left.all() else (order[left], bits[left])


def _origin(agreement: Agreement, member: Member, secret: Secret) -> Origin:
    schema = agreement.linkage_schema.digest
    return Origin(
        member=member,
        agreement_digest=agreement.digest,
        schema_digest=schema,
        key_check=key_check(secret, agreement.digest, schema, CLEANING_VERSION),
        cleaning_version=CLEANING_VERSION,
        encoder_version=software_version("waylink"),
    )


def _services(
    rows: ServiceRows, tokens: Tokens, agreement: Agreement, origin: Origin, order: NDArray[np.int64]
) -> Services:
    timed = order if rows.start.size else order[:0]
    return Services(
        tokens=tokens[rows.record[order]],
        service=rows.service[order],
        names=rows.names,
        unit=agreement.unit,
        start=rows.start[timed],
        end=rows.end[timed],
        origin=replace(origin, key_check=""),
    )


def _inverse(order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where in that order each row is."""
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return place


def _random_order(rows: int, token_source: TokenSource) -> NDArray[np.int64]:
    """A random order of so many rows: that of 64 random bits each."""
    return np.argsort(np.frombuffer(token_source(rows * 8), np.uint64), kind="stable")


def _summary(
    people: Clients, visits: Services, left_out: int, kept_back: LeftOut, problems: Problems, bits: Bits, pairs: Pairs
) -> Summary:
    return Summary(
        rows_read=len(people.ids) + sum(kept_back.records.values()),
        records=len(bits),
        services=len(visits),
        services_left_out=left_out,
        kept_back=kept_back,
        duplicates=len(pairs),
        merged=len(people.ids) - len(bits),
        service_names=visits.names,
        warnings=problems.counts,
        hashed=people.hashed,
        stays=people.stays,
        fill=_fill(bits),
    )


def _fill(bits: Bits) -> float:
    """The share of bits set, counted a few records at a time: counts of all bytes would be another list as long."""
    parts = (bits[start : start + _PART_ROWS] for start in range(0, len(bits), _PART_ROWS))
    return sum(int(np.bitwise_count(part).sum(dtype=np.int64)) for part in parts) / (bits.size * 8)


def _csv(header: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """The rows as CSV, a part at a time."""
    all_rows: Iterator[Iterable[object]] = chain([header], rows)
    while part := list(islice(all_rows, _PART_ROWS)):
        text = io.StringIO(newline="")
        csv.writer(text).writerows(part)
        yield text.getvalue().encode("utf-8")
