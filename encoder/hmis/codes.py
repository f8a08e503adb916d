"""The codes of HMIS that waylink reads (HMIS data standards FY2024 and FY2026; HMIS CSV Format Specifications)."""

from __future__ import annotations

from collections.abc import Mapping

NOT_HASHED = "1"
"""`HashStatus` of names that are plain: 2, 3 and 4 are hashes, of which nothing can be linked."""

YES = "1"

PROJECT_TYPES: Mapping[str, str] = {
    "0": "emergency shelter",
    "1": "emergency shelter",
    "2": "transitional housing",
    "3": "permanent supportive housing",
    "4": "street outreach",
    "6": "services only",
    "7": "other",
    "8": "safe haven",
    "9": "permanent housing",
    "10": "permanent housing",
    "11": "day shelter",
    "12": "homelessness prevention",
    "13": "rapid re-housing",
    "14": "coordinated entry",
}
"""`ProjectType` -> the service's name. Two ways to run a shelter (entry/exit, night by night) are one service, and so
are permanent housing with services and without."""

SEXES: Mapping[str, str] = {"0": "female", "1": "male", "8": "", "9": "", "99": ""}
"""`Sex` of FY2026. ISO 5218 has other codes, so the words go on."""

GENDERS: Mapping[str, str] = {
    "Woman": "female",
    "Female": "female",
    "Man": "male",
    "Male": "male",
    "NonBinary": "other",
    "NoSingleGender": "other",
    "CulturallySpecific": "other",
    "DifferentIdentity": "other",
    "Questioning": "other",
}
"""The columns of FY2022 and FY2024, each 0 or 1; more than one may be 1. `Transgender` does not say which."""
