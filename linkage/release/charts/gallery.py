"""Which table has which picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from linkage.pathways.tables.membership import ALL_MEMBERS
from linkage.pathways.tables.orders import OTHER_PATHWAYS
from linkage.release.charts.alluvial import draw_alluvial
from linkage.release.charts.flow import draw_flow
from linkage.release.charts.heat import draw_overlaps, draw_transitions
from linkage.release.charts.histograms import draw_dwell, draw_lag
from linkage.release.charts.picture import Picture
from linkage.release.charts.ranked import draw_ranked
from linkage.release.charts.scores import draw_scores
from linkage.release.charts.soon import draw_soon
from linkage.release.charts.upset import draw_upset
from linkage.release.table_lines import lines_of
from schemas import Cell, ReleaseTable


@dataclass(frozen=True)
class Scene:
    """What a picture may need beside its own table.

    Attributes:
        tables: all of the release.
        state_is_member: whether a pathway's states are members.
        threshold: the score that the run linked by; None where it is not known.
    """

    tables: Mapping[str, ReleaseTable]
    state_is_member: bool
    threshold: float | None


def draw_pictures(scene: Scene) -> dict[str, Picture]:
    """The pictures of a release, by the name of their table; not every table has one."""
    drawn = {name: _ARTISTS[name](scene) for name in scene.tables if name in _ARTISTS and scene.tables[name].rows}
    return {name: picture for name, picture in drawn.items() if picture is not None}


def totals(scene: Scene) -> dict[str, Cell]:
    """The people of each state, where a released table says them."""
    if "overlap_pairs" in scene.tables:
        lines = lines_of(scene.tables["overlap_pairs"])
        return {line.keys[side]: line.cells[f"people_{side}"] for line in lines for side in ("a", "b")}
    if "unduplicated" in scene.tables and scene.state_is_member:
        lines = lines_of(scene.tables["unduplicated"])
        return {line.keys["member"]: line.cells["people"] for line in lines if line.keys["member"] != ALL_MEMBERS}
    return {}


def _named(name: str, key: str, caption: str) -> Callable[[Scene], Picture]:
    def draw(scene: Scene) -> Picture:
        lines = lines_of(scene.tables[name])
        return draw_ranked(scene.tables[name], [(line.keys[key], line.cells["people"]) for line in lines], caption)

    return draw


_BARS = "Every bar is a number of people. Hatched: not shown."
_ARTISTS: Mapping[str, Callable[[Scene], Picture | None]] = {
    "unduplicated": _named("unduplicated", "member", f"{_BARS} The last one counts everybody once."),
    "set_pathway": lambda scene: draw_upset(scene.tables["set_pathway"], totals(scene)),
    "overlap_pairs": lambda scene: draw_overlaps(scene.tables["overlap_pairs"]),
    "grouped_pathway": _named("grouped_pathway", "group", _BARS),
    "ordered_pathway": lambda scene: draw_alluvial(scene.tables["ordered_pathway"], OTHER_PATHWAYS),
    "sequence_pathway": lambda scene: draw_alluvial(scene.tables["sequence_pathway"], OTHER_PATHWAYS),
    "transition_matrix": lambda scene: draw_transitions(scene.tables["transition_matrix"]),
    "transition_within": lambda scene: draw_soon(scene.tables["transition_within"]),
    "first_touch": _named("first_touch", "state", _BARS),
    "last_touch": _named("last_touch", "state", _BARS),
    "dwell": lambda scene: draw_dwell(scene.tables["dwell"]),
    "lag": lambda scene: draw_lag(scene.tables["lag"]),
    "flow_by_period": lambda scene: draw_flow(scene.tables["flow_by_period"]),
    "link_quality": lambda scene: draw_scores(scene.tables["link_quality"], scene.threshold),
}
