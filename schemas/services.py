"""Service records: which record token was served by what, and when, at the agreement's level of time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from schemas.encodings import NO_ORIGIN, TOKEN_BYTES, Origin, Tokens
from schemas.errors import BrokenFile
from schemas.periods import Unit
from schemas.tensors import BorderFile, parse_border_file, read_border_file, require_array, write_border_file

KIND = "waylink-services"
FILE_NAME = "services.safetensors"

OPEN_END = int(np.iinfo(np.int32).max)
"""The `end` of a service that had not ended when the file was made."""

MAX_SERVICES = 1 << 16  # `service` is a uint16


@dataclass(frozen=True, eq=False)
class Services:
    """A member's service records.

    Attributes:
        tokens: uint8 (m, 16); the record that was served (a token of the member's encodings).
        service: uint16 (m,); index into `names`.
        names: the services' names, in order.
        unit: what `start` and `end` count from 1970-01-01; `none` at the data level membership.
        start: int32 (m,) or, at the level membership, empty (0,).
        end: int32 (m,), the last day or period in which the service ran, inclusive; OPEN_END where still open.
        origin: which member and agreement; its key check is left empty.
    """

    tokens: Tokens
    service: NDArray[np.uint16]
    names: tuple[str, ...]
    unit: Unit
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    origin: Origin = NO_ORIGIN

    def __post_init__(self) -> None:
        timed = 0 if self.unit is Unit.NONE else len(self.service)
        if self.tokens.shape != (len(self.service), TOKEN_BYTES) or self.start.shape != (timed,):
            raise BrokenFile("services need one token, service, start and end each")
        if self.end.shape != self.start.shape or bool((self.end < self.start).any()):
            raise BrokenFile("a service ends before it starts")
        if len(self.service) and int(self.service.max()) >= len(self.names):
            raise BrokenFile("a service has no name")

    def __len__(self) -> int:
        return len(self.service)


def write_services(services: Services, path: Path) -> None:
    """Write service records to one safetensors file."""
    arrays: dict[str, NDArray[np.generic]] = {"tokens": services.tokens, "service": services.service}
    if services.unit is not Unit.NONE:
        arrays |= {"start": services.start, "end": services.end}
    metadata = services.origin.as_metadata() | {
        "unit": services.unit.value,
        "names": json.dumps(list(services.names), ensure_ascii=False),
    }
    write_border_file(path, KIND, BorderFile(arrays, metadata))


def read_services(path: Path | str) -> Services:
    """Read service records from a safetensors file, or from a folder that `waylink encode` wrote.

    Raises:
        FileMissing: there is no such file.
        BrokenFile: it is truncated, altered, or not a services file.
    """
    path = Path(path)
    path = path / FILE_NAME if path.is_dir() else path
    return _services_of(read_border_file(path, KIND), str(path))


def parse_services(data: bytes, where: str) -> Services:
    """The service records that the bytes of such a file hold.

    Args:
        data: all bytes of the file.
        where: what to call it in an error.

    Raises:
        BrokenFile: see `read_services`.
    """
    return _services_of(parse_border_file(data, KIND, where), where)


def _services_of(content: BorderFile, where: str) -> Services:
    service = cast(NDArray[np.uint16], require_array(content, "service", np.uint16, (None,), where=where))
    tokens = cast(Tokens, require_array(content, "tokens", np.uint8, (len(service), TOKEN_BYTES), where=where))
    try:
        unit = Unit(content.metadata["unit"])
        names = tuple(str(name) for name in json.loads(content.metadata["names"]))
    except (KeyError, ValueError, TypeError):
        raise BrokenFile("has no unit or names", where=where) from None
    start = end = np.empty(0, np.int32)
    if unit is not Unit.NONE:
        start = cast(NDArray[np.int32], require_array(content, "start", np.int32, service.shape, where=where))
        end = cast(NDArray[np.int32], require_array(content, "end", np.int32, service.shape, where=where))
    return Services(tokens, service, names, unit, start, end, Origin.of_metadata(content.metadata))
