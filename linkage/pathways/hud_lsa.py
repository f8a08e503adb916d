"""The preset `hud-lsa`: the SystemPath of HUD's Longitudinal System Analysis, from the names of project types.

A SystemPath is the *set* of project types that a household used, not an order. Project types are those of HUD's HMIS
data standards, FY2026: numbers, names, and the abbreviations that the LSA uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas.pathways_asked import ALL_OTHER

NO_SUCH_PROJECT = "no such project"

GROUPS = (
    "ES/SH",
    "TH",
    "ES/SH+TH",
    "RRH",
    "ES/SH+RRH",
    "TH+RRH",
    "ES/SH+TH+RRH",
    "PSH",
    "ES/SH+PSH",
    "ES/SH+RRH+PSH",
    "RRH+PSH",
)
"""The first eleven; the twelfth is `all other`."""

_ORDER = ("ES/SH", "TH", "RRH", "PSH")
_STARTS: Mapping[str, str] = {
    "emergency shelter": "ES/SH",
    "safe haven": "ES/SH",
    "transitional housing": "TH",
    "rapid re-housing": "RRH",
    "rapid rehousing": "RRH",
    "permanent supportive housing": "PSH",
}
_EXACT: Mapping[str, str] = {
    "es": "ES/SH", "sh": "ES/SH", "es/sh": "ES/SH", "th": "TH", "rrh": "RRH", "psh": "PSH",
    "0": "ES/SH", "1": "ES/SH", "8": "ES/SH", "2": "TH", "13": "RRH", "3": "PSH",
}  # fmt: skip


def group_of(names: Iterable[str]) -> str:
    """The SystemPath of somebody who used these project types; other types than shelter and housing do not matter."""
    used = {kind for name in names if (kind := _kind(name))}
    text = "+".join(kind for kind in _ORDER if kind in used)
    if not text:
        return NO_SUCH_PROJECT
    return text if text in GROUPS else ALL_OTHER


def _kind(name: str) -> str | None:
    plain = name.strip().casefold().removeprefix("ph - ")
    return _EXACT.get(plain) or next((kind for start, kind in _STARTS.items() if plain.startswith(start)), None)
