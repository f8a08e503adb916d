"""Contracts: the shapes and files that cross a border between zones. Imports nothing else of the project.

The names below are what others build on; they are loaded when first used (`schemas/lazily.py`).
"""

from typing import TYPE_CHECKING

from schemas.lazily import lazy_names

if TYPE_CHECKING:
    from schemas.agreement import Agreement, Clustering, Compare, Member, State, load_agreement
    from schemas.encodings import Encodings, Origin, parse_encodings, read_encodings, write_encodings
    from schemas.linkage_schema import LinkageSchema, load_linkage_schema
    from schemas.periods import Level, Unit
    from schemas.services import Services, parse_services, read_services, write_services
    from schemas.tables import Cell, ReleaseTable, Status

__all__ = [
    "Agreement",
    "Cell",
    "Clustering",
    "Compare",
    "Encodings",
    "Level",
    "LinkageSchema",
    "Member",
    "Origin",
    "ReleaseTable",
    "Services",
    "State",
    "Status",
    "Unit",
    "load_agreement",
    "load_linkage_schema",
    "parse_encodings",
    "parse_services",
    "read_encodings",
    "read_services",
    "write_encodings",
    "write_services",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Agreement": "schemas.agreement",
        "Cell": "schemas.tables",
        "Clustering": "schemas.agreement",
        "Compare": "schemas.agreement",
        "Encodings": "schemas.encodings",
        "Level": "schemas.periods",
        "LinkageSchema": "schemas.linkage_schema",
        "Member": "schemas.agreement",
        "Origin": "schemas.encodings",
        "ReleaseTable": "schemas.tables",
        "Services": "schemas.services",
        "State": "schemas.agreement",
        "Status": "schemas.tables",
        "Unit": "schemas.periods",
        "load_agreement": "schemas.agreement",
        "load_linkage_schema": "schemas.linkage_schema",
        "parse_encodings": "schemas.encodings",
        "parse_services": "schemas.services",
        "read_encodings": "schemas.encodings",
        "read_services": "schemas.services",
        "write_encodings": "schemas.encodings",
        "write_services": "schemas.services",
    },
)
