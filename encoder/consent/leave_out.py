"""Clients and services without those who did not consent, whose consent is over, or who opted out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder import problems as rules
from encoder.clients import Clients
from encoder.consent.columns import expired, without_consent
from encoder.consent.opt_out import opted_out
from encoder.errors import DayNeeded
from encoder.hashing.clkhash_spec import Recipe
from encoder.mapping.mapper import Mapper
from encoder.mapping.mapping_file import UNTIL
from encoder.problems import Problems
from encoder.reading.table import Table
from encoder.services import ServiceRows
from schemas.linkage_schema import LinkageSchema


class Reason(StrEnum):
    """Why a record is not encoded; of more than one reason, the first that holds is counted."""

    OPTED_OUT = "opted out"
    NO_CONSENT = "no consent"
    EXPIRED = "consent expired"


@dataclass(frozen=True)
class Consent:
    """What is asked about consent beside the columns that the mapping file names.

    Attributes:
        opt_out: the list of those who opted out.
        day: on which consent has to hold; None where no column of the file says until when it does.
    """

    opt_out: Path | None = None
    day: date | None = None


NOT_ASKED = Consent()


@dataclass(frozen=True)
class LeftOut:
    """How many records and services are not encoded because of it.

    Attributes:
        records: by reason; only those that occur.
        services: of these records' clients.
    """

    records: Mapping[Reason, int] = field(default_factory=dict)
    services: int = 0


ALL_KEPT = LeftOut()


def leave_out(
    table: Table | None,
    people: Clients | None,
    served: ServiceRows | None,
    schema: LinkageSchema,
    recipe: Recipe,
    consent: Consent,
    mapper: Mapper,
    problems: Problems,
) -> tuple[Clients | None, ServiceRows | None, LeftOut]:
    """What is left of clients and services; that nobody is left is a problem.

    Nothing of a client who is left out remains: no record, no service, no name of a service that only they used.

    Raises:
        DayNeeded: a column says until when consent holds, and no day was given to compare with.
        InputMissing: the list of those who opted out cannot be read.
    """
    if table is None or people is None or not people.ids:
        return people, served, LeftOut()  # the fault is noted already
    why = _reasons(table, people, schema, recipe, consent, mapper, problems)
    counts = {reason: int(which.sum()) for reason, which in why.items() if which.any()}
    out = np.logical_or.reduce(list(why.values()))
    if out.all():
        problems.add(rules.NOBODY_LEFT, table.name)
    if served is None or not out.any():
        return people, served, LeftOut(counts)
    left = _services_of(served, ~out)
    return people.only(~out), left, LeftOut(counts, len(served) - len(left))


def _reasons(
    table: Table,
    people: Clients,
    schema: LinkageSchema,
    recipe: Recipe,
    consent: Consent,
    mapper: Mapper,
    problems: Problems,
) -> dict[Reason, NDArray[np.bool_]]:
    """The records of each reason, bool (n,); no record has two."""
    if mapper.given.consent.get(UNTIL) and consent.day is None:
        raise DayNeeded("the mapping file names a column of when consent ends", fix="give the day: --as-of 2025-03-31")
    nobody = np.zeros(len(people.ids), np.bool_)
    listed = opted_out(consent.opt_out, people, schema, recipe, mapper, problems) if consent.opt_out else nobody
    refused = without_consent(table, mapper, problems)
    over = expired(table, consent.day, mapper, problems) if consent.day else nobody
    return {
        Reason.OPTED_OUT: listed,
        Reason.NO_CONSENT: refused & ~listed,
        Reason.EXPIRED: over & ~refused & ~listed,
    }


def _services_of(served: ServiceRows, keep: NDArray[np.bool_]) -> ServiceRows:
    """The services of the records that are kept, bool (n,), which are numbered anew."""
    rows = keep[served.record]
    number = np.cumsum(keep) - 1
    used, service = np.unique(served.service[rows], return_inverse=True)
    timed = rows if served.start.size else rows[:0]
    return replace(
        served,
        record=number[served.record[rows]],
        service=service.astype(np.uint16),
        names=tuple(served.names[name] for name in used.tolist()),
        start=served.start[timed],
        end=served.end[timed],
    )
