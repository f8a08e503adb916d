"""The agreement: what the members approved; nothing may do more. TOML in, canonical JSON inside, SHA-256 its name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, NewType

from schemas.agreement_faults import DAYS, problems_of
from schemas.digest import Digest, canonical_json, sha256_of
from schemas.errors import BadAgreement, FileMissing, MemberNotNamed, SchemasError
from schemas.linkage_schema import LinkageSchema, load_linkage_schema
from schemas.pathways_asked import FOLLOW_UP_DAYS, GAP_DAYS, Group, PathAsked, groups_of, paths_of
from schemas.periods import Level, Unit
from schemas.tables import TABLE_LEVELS
from schemas.toml_lines import parse_toml

Member = NewType("Member", str)
"""A member organisation's name in the agreement."""

DEFAULTS: Mapping[str, Any] = {
    "run": "1",
    "linkage_schema": "person-v1",
    "period": "",
    "threshold": "auto",
    "compare": "auto",
    "recall": 0.99,
    "time_budget": 60,
    "clustering": "average",
    "duplicates_inside_member": "yes",
    "state": "member",
    "window_start": None,
    "window_end": None,
    "as_of": None,
    "gap_days": GAP_DAYS,
    "follow_up_days": FOLLOW_UP_DAYS,
    "preset": "",
    "contains_path": [],
    "groups": {},
    "policy": "cms11",
    "epsilon": 0,  # none: numbers are exact, rounded or hidden
    "minimum_cell": 11,  # CMS cell size suppression policy: counts of 1 to 10 are not published
    "quorum": "all",
    "equity": "no",
    "community": [],
    "opt_out": "",
    "retention": "end-of-run",
    "review_days": None,
}


class Compare(StrEnum):
    """Which pairs of records are compared."""

    AUTO = "auto"
    EXACT = "exact"
    LSH = "lsh"


class Clustering(StrEnum):
    """How candidate pairs become groups."""

    AVERAGE = "average"
    GREEDY = "greedy"


class State(StrEnum):
    """What a pathway's steps are."""

    MEMBER = "member"
    SERVICE = "service"


@dataclass(frozen=True)
class Agreement:
    """What members approved.

    Attributes:
        project, purpose: for people.
        run: this run's label; a new label gives new keys.
        members: their names, in name order.
        linkage_schema: which fields are hashed, and how.
        level: how much of time leaves a member; `unit` is the step of it.
        threshold: the score at and over which records may be one person; None where it is found from the data.
        compare: every pair (exact), most of the near ones (lsh), or exact while that fits the time budget (auto).
        recall: with lsh, the share of the pairs at the threshold that must be found.
        time_budget: minutes; with auto, exact comparison is taken when it is expected to need no more.
        clustering: how candidate pairs become groups.
        duplicates_inside_member: whether a member's list may hold a person twice.
        state: what a pathway's steps are.
        window_start, window_end: days; the window is [start, end). None: everything.
        as_of: nothing is known after this day: services that start later are left out, open ones last until then.
            None: open services last until the window's end or, without a window, stay open.
        gap_days: at level day, days without service that end a stay.
        follow_up_days: for how long people are followed after leaving.
        preset: "" or "hud-lsa", whose groups are HUD's.
        contains_path: the pathways of that table, in name order.
        groups: those of `grouped_pathway`, in name order.
        tables: the tables that may be released.
        policy: how small counts are kept back: hidden (cms11), hidden with those of nobody (uk10), or hidden with the
            shown ones rounded to base 3 (nz-rr3); or all shown, with noise (dp-laplace).
        epsilon: with dp-laplace, how much one release may tell of anybody; else 0.
        minimum_cell: the smallest number of people that is published.
        equity: whether each member is told, as answers turned at random, which of its records are known elsewhere.
        community: seats of people who are served: they vote and review, and deliver no data.
        opt_out: for the public register: how a client gets out of it.
        quorum: how many of the voters must approve.
        retention_days: how long encodings are kept after the run (0: deleted at its end).
        review_days: how long seats have to review a release once it is counted; None: until all have.
        digest: SHA-256 of `canonical`.
        canonical: the canonical JSON; the linkage schema stands in it by its digest.
    """

    project: str
    purpose: str
    run: str
    members: tuple[Member, ...]
    linkage_schema: LinkageSchema
    level: Level
    unit: Unit
    threshold: float | None
    compare: Compare
    recall: float
    time_budget: int
    clustering: Clustering
    duplicates_inside_member: bool
    state: State
    window_start: date | None
    window_end: date | None
    as_of: date | None
    gap_days: int
    follow_up_days: int
    preset: str
    contains_path: tuple[PathAsked, ...]
    groups: tuple[Group, ...]
    tables: tuple[str, ...]
    policy: str
    epsilon: float
    minimum_cell: int
    equity: bool
    community: tuple[str, ...]
    opt_out: str
    quorum: int
    retention_days: int
    review_days: int | None
    digest: Digest
    canonical: bytes

    @property
    def voters(self) -> tuple[str, ...]:
        """Everybody whose approval counts: the members, then the community seats."""
        return (*self.members, *self.community)

    def require_member(self, name: str) -> Member:
        """The name as a member's; MemberNotNamed where the agreement has no such member."""
        if name not in self.members:
            raise MemberNotNamed(
                f"the agreement names no member '{name}'",
                where=self.project,
                fix=f"use one of {', '.join(self.members)}, or have the members approve an agreement that names it",
            )
        return Member(name)


def load_agreement(path: Path | str) -> Agreement:
    """Read an agreement and check every key of it.

    Raises:
        FileMissing: there is no such file, or the linkage schema it names is not there.
        BadAgreement: not TOML, unknown keys or wrong values; lists every fault with its line.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError:
        raise FileMissing("no such agreement", where=str(path)) from None
    except UnicodeDecodeError:
        raise BadAgreement(["is not UTF-8 text"], where=str(path)) from None
    return parse_agreement(text, where=str(path), folder=path.parent)


def parse_agreement(
    text: str, *, where: str = "agreement", folder: Path | None = None, schema: LinkageSchema | None = None
) -> Agreement:
    """Turn TOML text into an `Agreement`.

    Args:
        text: the agreement as its members wrote it.
        where: what errors call it.
        folder: where a linkage schema's path starts from.
        schema: the linkage schema, where it is at hand already: then no file is opened, whatever the text names.
    """
    try:
        document, lines = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise BadAgreement([f"is not TOML: {error}"], where=where) from None
    problems = problems_of(document, lines)
    if problems:
        raise BadAgreement(problems, where=where)
    values = {**DEFAULTS, **document}
    try:
        schema = schema or load_linkage_schema(values["linkage_schema"], relative_to=folder)
    except SchemasError as error:
        raise BadAgreement([f"line {lines.get('linkage_schema', 1)}: linkage_schema: {error}"], where=where) from None
    if "xorFolds" in schema.definition["clkConfig"]:
        fault = "linkage_schema: clkhash does not read 'xorFolds'; write 'xor_folds'"
        raise BadAgreement([f"line {lines.get('linkage_schema', 1)}: {fault}"], where=where)
    return _agreement(values, schema)


def _settled(values: Mapping[str, Any], members: Sequence[Member], schema: LinkageSchema) -> dict[str, Any]:
    """What the members agreed on, as it is digested: every key, defaults too.

    All but `review_days`, which is younger: an agreement without it keeps the digest, and so the keys, that it had.
    """
    review = {} if values["review_days"] is None else {"review_days": values["review_days"]}
    return {
        **{key: values[key] for key in ("project", "purpose", "run", "data_level", "period", "clustering", "state")},
        "compare": values["compare"],
        "recall": float(values["recall"]),
        "time_budget": values["time_budget"],
        **{key: values[key].isoformat() if values[key] else None for key in DAYS},
        "members": list(members),
        "linkage_schema": schema.digest,
        "threshold": values["threshold"] if values["threshold"] == "auto" else float(values["threshold"]),
        "duplicates_inside_member": values["duplicates_inside_member"],
        **{key: values[key] for key in ("gap_days", "follow_up_days", "preset")},
        "contains_path": [[list(one.path), one.within_days, one.direct] for one in paths_of(values)],
        "groups": {group.name: list(group.pathways) for group in groups_of(values)},
        "tables": sorted(values["tables"]),
        "policy": values["policy"],
        **({"epsilon": float(values["epsilon"])} if values["epsilon"] else {}),  # agreements without stay as they were
        "minimum_cell": values["minimum_cell"],
        # only where it is asked for: agreements without it keep the digest that they had before there was such a key
        **({"equity": values["equity"]} if values["equity"] != "no" else {}),
        "community": sorted(values["community"]),
        "opt_out": values["opt_out"],
        "quorum": len(members) + len(values["community"]) if values["quorum"] == "all" else values["quorum"],
        "retention_days": 0 if values["retention"] == "end-of-run" else values["retention"],
        **review,
    }


def _agreement(values: Mapping[str, Any], schema: LinkageSchema) -> Agreement:
    members = tuple(sorted(Member(name) for name in values["members"]))
    level = Level(values["data_level"])
    settled = _settled(values, members, schema)
    canonical = canonical_json(settled)
    return Agreement(
        project=values["project"],
        purpose=values["purpose"],
        run=values["run"],
        members=members,
        linkage_schema=schema,
        level=level,
        unit=_unit(level, values["period"]),
        threshold=None if values["threshold"] == "auto" else float(values["threshold"]),
        compare=Compare(values["compare"]),
        recall=float(values["recall"]),
        time_budget=values["time_budget"],
        clustering=Clustering(values["clustering"]),
        duplicates_inside_member=values["duplicates_inside_member"] == "yes",
        state=State(values["state"]),
        window_start=values["window_start"],
        window_end=values["window_end"],
        as_of=values["as_of"],
        gap_days=values["gap_days"],
        follow_up_days=values["follow_up_days"],
        preset=values["preset"],
        contains_path=paths_of(values),
        groups=groups_of(values),
        tables=tuple(table for table in TABLE_LEVELS if table in values["tables"]),
        policy=values["policy"],
        epsilon=float(values["epsilon"]),
        minimum_cell=values["minimum_cell"],
        equity=values["equity"] != "no",
        community=tuple(settled["community"]),
        opt_out=values["opt_out"],
        quorum=settled["quorum"],
        retention_days=settled["retention_days"],
        review_days=values["review_days"],
        digest=sha256_of(canonical),
        canonical=canonical,
    )


def _unit(level: Level, period: str) -> Unit:
    return {Level.MEMBERSHIP: Unit.NONE, Level.DAY: Unit.DAY}.get(level) or Unit(period)
