"""The main findings of a release as sentences, from shown numbers alone.

A sentence never calls something the largest of all while some are hidden: a hidden number may be large, too. The
sentences are tried in order, and the first few that can be said are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from linkage.pathways.tables.membership import ALL_MEMBERS
from linkage.pathways.tables.orders import OTHER_PATHWAYS
from linkage.release.table_lines import Line, lines_of
from linkage.release.telling import about, listed, tell
from schemas import Cell, ReleaseTable
from schemas.pathway_text import read_path
from schemas.table_columns import Kind

MOST = 3

Tables = Mapping[str, ReleaseTable]


def main_findings(tables: Tables) -> list[str]:
    """At most MOST sentences."""
    found = (sentence for say in _SENTENCES if (sentence := say(tables)))
    return [sentence for sentence, _ in zip(found, range(MOST), strict=False)]


def _lines(tables: Tables, name: str) -> list[Line]:
    return lines_of(tables[name]) if name in tables else []


def _people(cell: Cell) -> str:
    return f"{about(cell)}{tell(cell, Kind.COUNT)} people"


def _largest(lines: Sequence[Line], measure: str) -> tuple[Line, Callable[[str], str]] | None:
    """The line with the largest shown number, and how a sentence about it begins: cautiously where some are hidden."""
    shown = [line for line in lines if line.cells[measure].value is not None]
    if not shown:
        return None
    best = max(shown, key=lambda line: float(line.cells[measure].value or 0))
    if len(shown) < len(lines):
        return best, lambda text: f"Among the numbers that are shown, {text}"
    return best, lambda text: text[0].upper() + text[1:]


def _different_people(tables: Tables) -> str:
    for line in _lines(tables, "unduplicated"):
        people, more = line.cells["people"], line.cells["sum_of_people"]
        if line.keys["member"] == ALL_MEMBERS and people.value is not None:
            sentence = f"{_people(people).capitalize()} were served, each counted once."
            if more.value is not None and more.value > people.value:
                again = line.cells["reduction"]
                part = (
                    f"; {tell(again, Kind.SHARE)} of these are people counted again" if again.value is not None else ""
                )
                sentence += (
                    f" Adding up the members' own numbers would give {about(more)}{tell(more, Kind.COUNT)}{part}."
                )
            return sentence
    return ""


def _several_places(tables: Tables) -> str:
    lines = [(read_path(line.keys["states"])[0], line) for line in _lines(tables, "set_pathway")]
    several = [line for states, line in lines if len(states) > 1]
    shown = [float(line.cells["people"].value or 0) for line in several if line.cells["people"].value is not None]
    if not sum(shown) or (found := _largest(several, "people")) is None:
        return ""
    best, begin = found
    least = "At least " if len(shown) < len(several) else ""
    states, people = read_path(best.keys["states"])[0], best.cells["people"]
    number = f"{least}{sum(shown):,.0f} people were at more than one place."
    frequent = begin(f"the most frequent combination is {listed(list(states))} ({_people(people)}).")
    return f"{number} {frequent}"


def _path_asked_for(tables: Tables) -> str:
    for line in _lines(tables, "contains_path"):
        first, people, share = line.cells["people_first"], line.cells["people"], line.cells["share"]
        if None in (first.value, people.value, share.value):
            continue
        days = f" within {line.keys['within_days']} days" if line.keys["within_days"] else ""
        steps = [listed(list(step)) for step in read_path(line.keys["pathway"])]
        return (
            f"Of the {_people(first)} at {steps[0]}, {about(people)}{tell(people, Kind.COUNT)} "
            f"({tell(share, Kind.SHARE)}) went on to {', then '.join(steps[1:])}{days}."
        )
    return ""


def _way_taken(tables: Tables) -> str:
    name = "ordered_pathway" if "ordered_pathway" in tables else "sequence_pathway"
    lines = [line for line in _lines(tables, name) if line.keys["pathway"] != OTHER_PATHWAYS]
    longer = [line for line in lines if len(read_path(line.keys["pathway"])) > 1]
    if (found := _largest(longer, "people")) is None:
        return ""
    best, begin = found
    way = ", then ".join(listed(list(step)) for step in read_path(best.keys["pathway"]))
    people = _people(best.cells["people"])
    return begin(f"the way through several places that most people took is {way} ({people}).")


def _next_place(tables: Tables) -> str:
    lines = [line for line in _lines(tables, "transition_matrix") if not _is_margin(line)]
    if (found := _largest(lines, "moves")) is None:
        return ""
    best, begin = found
    moves, share = best.cells["moves"], best.cells["row_share"]
    part = f", {tell(share, Kind.SHARE)} of all moves from there" if share.value is not None else ""
    number = f"{about(moves)}{tell(moves, Kind.COUNT)}{part}"
    return begin(f"the most frequent moves are from {best.keys['from']} to {best.keys['to']} ({number}).")


def _is_margin(line: Line) -> bool:
    return any(line.keys[key].startswith("(") for key in ("from", "to"))


def _in_common(tables: Tables) -> str:
    sides: list[tuple[float, Line, str, str]] = []
    for line in _lines(tables, "overlap_pairs"):
        for one, other in (("a", "b"), ("b", "a")):
            share = line.cells[f"share_of_{one}"]
            if share.value is not None:
                sides.append((float(share.value), line, one, other))
    if not sides:
        return ""
    _, line, one, other = max(sides, key=lambda side: side[0])
    part = tell(line.cells[f"share_of_{one}"], Kind.SHARE)
    return f"Of the {_people(line.cells[f'people_{one}'])} at {line.keys[one]}, {part} were at {line.keys[other]} too."


def _half_gone(tables: Tables) -> str:
    lines = [line for line in _lines(tables, "dwell") if line.cells["median"].value is not None]
    found = _largest(lines, "people")
    if found is None:
        return ""
    line = found[0]
    return f"Half of the people at {line.keys['state']} had left after {tell(line.cells['median'], Kind.DAYS)} days."


_SENTENCES: Sequence[Callable[[Tables], str]] = (
    _different_people,
    _several_places,
    _path_asked_for,
    _way_taken,
    _next_place,
    _in_common,
    _half_gone,
)
