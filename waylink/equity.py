"""`waylink equity`: at the member's, link rates by an attribute that it holds. Nothing is sent anywhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from encoder.fields import known_field, letters_of
from encoder.problem_list import summary
from encoder.problems import Problems
from encoder.read import read_table
from linkage.elsewhere import read_elsewhere
from linkage.equity import Rate, rate_by, shareable
from linkage.errors import BadInput, WrongAgreement
from linkage.release.csv_files import defused
from schemas import Agreement, Status
from schemas.agreement import load_agreement
from schemas.digest import sha256_of_file
from schemas.encodings import token_text
from schemas.errors import BrokenFile
from schemas.receipt import read_receipt
from schemas.tables import SHOWN_TO_PEOPLE
from waylink.remote.link_maps import own_tokens

CLIENT_ID = "client_id"
EMPTY = "(empty)"
COLUMNS = ("attribute", "value", "records", "rate", "rate_low", "rate_high", "status")
_DIGITS = 3  # of a rate: a thousandth


@dataclass(frozen=True)
class Equity:
    """Link rates by an attribute.

    Attributes:
        attribute: the column's header.
        own: every rate, for the member alone.
        shared: what passes disclosure control.
        not_listed: records that were linked and are not in the list of clients; they are not counted.
    """

    attribute: str
    own: Sequence[Rate]
    shared: Sequence[Rate]
    not_listed: int


def measure_equity(agreement: Path, folder: Path, answers: Path, clients: Path, by: str, id_: str = "") -> Equity:
    """Link rates by an attribute of a member's own clients.

    (1) the folder is of this agreement; (2) the client list has the columns; (3) each answer is about a record of the
    folder; (4) rates; (5) what of them may leave.

    Args:
        agreement: the file that the members approved.
        folder: what `waylink encode` wrote, with `private/tokens.csv`.
        answers: what the run says of this member's records (`token,elsewhere`).
        clients: the list that was encoded, of any kind that `encode` reads.
        by: the header of the attribute.
        id_: the header of the client ids; "": found by its name.

    Raises:
        FileMissing, BrokenFile, InputMissing: a file.
        WrongAgreement: the folder was encoded under another agreement, or it does not ask for equity.
        BadInput: a column is not there, answers of other records, or no attribute.
        ReleaseRefused: there are too few records to show anything safely.
    """
    agreed = load_agreement(agreement)
    _require_of(agreed, folder)  # (1)
    header, values = _values_of(clients, by, id_)  # (2)
    found = read_elsewhere(answers)
    client_of = {token: client for client, token in own_tokens(folder).items()}
    texts = [token_text(token) for token in found.tokens]
    if strange := sum(text not in client_of for text in texts):  # (3)
        raise BadInput(
            f"{strange:,} of its {len(texts):,} records are not in the folder",
            where=str(answers),
            fix="name the folder whose encodings were linked in this run",
        )
    listed = [row for row, text in enumerate(texts) if client_of[text] in values]
    if not listed:
        raise BadInput("has none of the linked clients", where=str(clients), fix="give the list that was encoded")
    own = rate_by([values[client_of[texts[row]]] for row in listed], found.answers[listed])  # (4)
    key = bytes.fromhex(sha256_of_file(answers))
    return Equity(header, own, shareable(own, agreed, key), len(texts) - len(listed))  # (5)


def csv_of(equity: Equity) -> bytes:
    """What may be shared, as CSV: hidden rows have no numbers."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in equity.shared:
        cells = _row(one) | {"value": defused(one.value)}
        writer.writerow([defused(equity.attribute), *("" if x is None else x for x in cells.values())])
    return text.getvalue().encode("utf-8")


def as_dict(equity: Equity) -> dict[str, object]:
    """What may be shared, as JSON values."""
    return {"attribute": equity.attribute, "rows": [_row(one) for one in equity.shared]}


def _row(one: Rate) -> dict[str, object]:
    """The columns of COLUMNS but the first, by name."""
    numbers = (one.records.value, *map(rounded, (one.rate, one.low, one.high)))
    return dict(zip(COLUMNS[1:], (one.value, *numbers, one.records.status.value), strict=True))


def rounded(number: float | None) -> float | None:
    """A rate to a thousandth, as files say it."""
    return None if number is None else round(number, _DIGITS)


def told(equity: Equity) -> str:
    """All rates, for the member's own eyes."""
    width = max(len(equity.attribute), *(len(one.value) for one in equity.own))
    lines = [f"{equity.attribute:<{width}}  {'records':>8}  {'elsewhere':>9}  {'95 % interval':>15}  shared"]
    for one, out in zip(equity.own, equity.shared, strict=True):
        interval = f"{one.low:.1%} - {one.high:.1%}"
        mark = "yes" if out.records.status in (Status.OK, Status.ROUNDED) else SHOWN_TO_PEOPLE[Status.SUPPRESSED]
        lines.append(f"{one.value:<{width}}  {one.records.value:>8,}  {one.rate:>9.1%}  {interval:>15}  {mark}")
    lines.append("estimated from answers of which one in four was turned at random; intervals allow for that")
    if equity.not_listed:
        lines.append(f"{equity.not_listed:,} linked records are not in this list and are not counted")
    return "\n".join(lines)


def _require_of(agreement: Agreement, folder: Path) -> None:
    if not agreement.equity:
        raise WrongAgreement(
            'does not say equity = "randomised": no run tells members anything of records elsewhere',
            where=agreement.project,
            fix="have the members approve an agreement that does",
        )
    if read_receipt(folder)["agreement"]["sha256"] != agreement.digest:
        raise WrongAgreement("was encoded under another agreement", where=str(folder))


def _values_of(clients: Path, by: str, id_: str) -> tuple[str, dict[str, str]]:
    """The attribute's header and, by client id, its value."""
    problems = Problems()
    table = read_table(clients, problems)
    if table is None or problems.errors:
        raise BrokenFile("\n  ".join(["cannot be read:", *summary(problems.groups)]), where=str(clients))
    ids = _header(table.headers, id_) if id_ else next((h for h in table.headers if known_field(h) == CLIENT_ID), "")
    header = _header(table.headers, by)
    for option, name in (("--id", ids), ("--by", header)):
        if not name:
            raise BadInput(f"the list of clients has no such column ({option})", where=str(clients))
    if ids == header:
        raise BadInput("client ids are no attribute", where="--by", fix="name a column that groups clients")
    pairs = zip(table.column(ids).values(), table.column(header).values(), strict=True)
    return header, {client.strip(): value.strip() or EMPTY for client, value in pairs}


def _header(headers: Sequence[str], wanted: str) -> str:
    return next((one for one in headers if letters_of(one) == letters_of(wanted)), "")
