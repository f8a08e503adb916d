"""Contracts: the shapes and files that cross a border between zones. Imports nothing else of the project."""

from schemas.agreement import Agreement, Clustering, Member, State, load_agreement
from schemas.encodings import Encodings, Origin, read_encodings, write_encodings
from schemas.linkage_schema import LinkageSchema, load_linkage_schema
from schemas.periods import Level, Unit
from schemas.services import Services, read_services, write_services
from schemas.tables import Cell, ReleaseTable, Status

__all__ = [
    "Agreement",
    "Cell",
    "Clustering",
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
    "read_encodings",
    "read_services",
    "write_encodings",
    "write_services",
]
