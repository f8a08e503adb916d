"""A run's work as a worker does it: what it has at hand, and what it makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from schemas import Agreement
from schemas.errors import DataFault
from server.actions.desk import Change, Desk, agreement_in
from server.domain.errors import ServerError
from server.domain.uploads import Part, UploadState
from server.store.projects import AgreementRow
from server.store.runs import RunRow
from server.store.uploads import UploadRow, blob_of, withdrawn_tokens
from server.worker.run_progress import RunProgress


class DeliveryGone(ServerError, DataFault):
    """What a run was to compute from is not there any more."""


@dataclass(frozen=True)
class Job:
    """Everything that the work of one run needs.

    Attributes:
        desk: memory, clock and chance.
        run: the run, as it was when it was taken.
        progress: told how far it is; raises `Halted` when the work is to stop.
        seconds: a clock that only goes forward.
        threads: how many may be used (None: all that this process may).
        block_records: most records of a tile's side (None: as many as take seconds).
        got_on: to be called when something was kept that a next attempt need not do again.
    """

    desk: Desk
    run: RunRow
    progress: RunProgress
    seconds: Callable[[], float]
    threads: int | None = None
    block_records: int | None = None
    got_on: Callable[[], None] = lambda: None

    def agreement(self) -> Agreement:
        """The agreement that the run was asked for under."""
        with self.desk.reading() as session:
            row = session.get_one(AgreementRow, (self.run.project_id, self.run.round))
        return agreement_in(row)

    def withdrawn(self) -> dict[str, set[str]]:
        """The tokens (hexadecimal) of the records that each member has taken back by now."""
        with self.desk.reading() as session:
            return withdrawn_tokens(session, self.run.project_id)

    def read_encodings(self, member: str) -> bytes:
        """A member's encodings file, in memory.

        Raises:
            DeliveryGone: the member left, or deleted what it had sent.
        """
        upload = self.run.uploads[member]
        with self.desk.reading() as session:
            row = session.get(UploadRow, upload)
        if row is None or row.state != UploadState.ACCEPTED:
            fault = "its encodings are not there any more"
            raise DeliveryGone(fault, where=member, fix="have it send them again, or link without it")
        name = blob_of(upload, Part.ENCODINGS)
        return self.desk.blobs.read_blob(name, self.desk.blobs.key(name))


@dataclass(frozen=True)
class Outcome:
    """What a run's work came to.

    Attributes:
        result: what members may see: no count of people that is not a band.
        facts: what the server keeps for later.
        keep: writes what else was made, in the transaction in which the run ends well, and only there.
    """

    result: Mapping[str, object]
    facts: Mapping[str, object] | None = None
    keep: Callable[[Change], None] = field(default=lambda _: None)
