"""Pathways that an agreement asks for by name: those of `contains_path`, and the groups of `grouped_pathway`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.pathway_text import read_path
from schemas.periods import Level

ALL_OTHER = "all other"
"""The group of whoever is in no other."""

HUD_LSA = "hud-lsa"
"""The preset that groups people by the SystemPath of HUD's Longitudinal System Analysis."""

LOOSE, DIRECT = "loose", "direct"

GAP_DAYS = 7  # HUD's LSA: a spell ends with seven or more days without service
FOLLOW_UP_DAYS = 730  # HUD's LSA follows people for two years

Fault = tuple[str, str]
"""The key that is wrong, and what is wrong with it."""


@dataclass(frozen=True, order=True)
class PathAsked:
    """A pathway that `contains_path` asks for.

    Attributes:
        path: the states' names in order.
        within_days: at most so many days from a state's end to the next one's start; -1: however many.
        direct: whether no third state may begin between one and the next.
    """

    path: tuple[str, ...]
    within_days: int = -1
    direct: bool = False


@dataclass(frozen=True, order=True)
class Group:
    """A group of pathways.

    Attributes:
        name: what it is called.
        pathways: as tables write them, in name order; without `>` a set, whatever its order, with `>` an order.
    """

    name: str
    pathways: tuple[str, ...]


def paths_of(values: Mapping[str, Any]) -> tuple[PathAsked, ...]:
    """The pathways that an agreement's `contains_path` lists, in name order."""
    asked = (
        PathAsked(
            tuple(name for step in read_path(one["path"]) for name in step),
            one.get("within_days", -1),
            one.get("mode", LOOSE) == DIRECT,
        )
        for one in values["contains_path"]
    )
    return tuple(sorted(asked))


def groups_of(values: Mapping[str, Any]) -> tuple[Group, ...]:
    """The groups of an agreement, in name order."""
    return tuple(sorted(Group(name, tuple(sorted(pathways))) for name, pathways in values["groups"].items()))


def pathway_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """What the contract cannot say of these keys: names, levels, and tables that need them."""
    yield from _day_faults(document)
    yield from _follow_up_faults(document)
    yield from _path_faults(document)
    yield from _group_faults(document)
    yield from _preset_faults(document)


def _day_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    if document.get("data_level") != Level.DAY:
        for key in ("gap_days", "follow_up_days"):
            if key in document:
                yield key, f'{key} needs data_level "day"'
    if "as_of" not in document and "window_end" not in document:
        for table in ("transition_within", "dwell", "lag"):
            if table in _list(document.get("tables")):
                yield "tables", f'table "{table}" needs as_of or window_end: until then people are followed'


def _follow_up_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Nobody could be followed for so long: all counts would be 0, and nobody would know why."""
    start, until = document.get("window_start"), document.get("as_of", document.get("window_end"))
    days = document.get("follow_up_days", FOLLOW_UP_DAYS)
    known = type(start) is date and type(until) is date and type(days) is int
    if "transition_within" in _list(document.get("tables")) and known and (until - start).days < days:
        many = max((until - start).days, 1)
        key = "follow_up_days" if "follow_up_days" in document else "tables"
        yield (
            key,
            f'table "transition_within" follows people for {days} days; allowed here: follow_up_days up to {many}',
        )


def _path_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    listed = [one for one in _list(document.get("contains_path")) if isinstance(one, Mapping)]
    if "contains_path" in _list(document.get("tables")) and not listed:
        yield "tables", 'table "contains_path" needs a [[contains_path]] with a path'
    for at, one in enumerate(listed):
        key = f"contains_path[{at}].path"
        path = _steps(one.get("path"))
        if path is None or any(len(step) > 1 for step in path):
            yield key, 'contains_path: path has a wrong value; allowed: names with > between them: "shelter>clinic"'
        else:
            yield from ((key, text) for text in _strangers(path, document))
        if "within_days" in one and document.get("data_level") != Level.DAY:
            yield f"contains_path[{at}].within_days", 'within_days needs data_level "day"'


def _group_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    groups = document.get("groups", {})
    groups = groups if isinstance(groups, Mapping) else {}
    if "grouped_pathway" in _list(document.get("tables")) and not groups and "preset" not in document:
        yield "tables", 'table "grouped_pathway" needs [groups], or a preset'
    if ALL_OTHER in groups:
        yield f"groups.{ALL_OTHER}", f"'{ALL_OTHER}' is the group of everybody else; choose another name"
    seen: dict[object, str] = {}
    for name, pathways in groups.items():
        for text in _list(pathways):
            key, path = f"groups.{name}", _steps(text)
            if path is None:
                yield key, f'groups: {name}: allowed: pathways such as "clinic+shelter" (a set) or "shelter>clinic"'
                continue
            yield from ((key, f"groups: {name}: {fault}") for fault in _strangers(path, document))
            if len(path) > 1 and document.get("data_level") == Level.MEMBERSHIP:
                yield key, f'groups: {name}: a pathway with an order needs data_level "period" or "day"'
            if (other := seen.setdefault(tuple(frozenset(step) for step in path), name)) != name:
                yield key, f"groups: {name}: a pathway is in '{other}' too; everybody is in one group"


def _preset_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    if "preset" not in document:
        return
    if document.get("state") != "service":
        yield "preset", 'preset needs state = "service": services named by project type (ES, SH, TH, RRH, PSH)'
    if "groups" in document:
        yield "groups", "groups are the preset's; leave out one of the two"
    if document.get("gap_days", GAP_DAYS) != GAP_DAYS:
        yield "gap_days", f"gap_days is {GAP_DAYS} with this preset"


def _strangers(path: tuple[tuple[str, ...], ...], document: Mapping[str, Any]) -> Iterator[str]:
    """Names that are no member, where states are members; services' names are known later."""
    members = _list(document.get("members"))
    if document.get("state", "member") == "member":
        for name in sorted({name for step in path for name in step} - set(members)):
            yield f"'{name}' is no member"


def _steps(text: object) -> tuple[tuple[str, ...], ...] | None:
    try:
        return read_path(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
