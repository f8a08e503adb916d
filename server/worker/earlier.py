"""What earlier releases of a project told. It stays, sealed, until the project is closed: later ones heed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from linkage.disclosure.ledger import PastRelease
from linkage.release.past_release import past_release
from linkage.release.release_files import MANIFEST
from server.actions.desk import Desk
from server.domain.archives import pack, unpack
from server.store.blobs.errors import BlobMissing, KeyGone
from server.store.releases import counted_of, told_blob

LOST = (
    "Earlier releases of this project that the server has no more, because it was restored from a backup: {lost}. What "
    "they showed is no part of the check."
)


@dataclass(frozen=True)
class Earlier:
    """The releases of a project that were counted before.

    Attributes:
        told: what somebody could read: reviewers each of them, readers the published ones; oldest first.
        lost: how many there are whose numbers the server has no more.
    """

    told: tuple[PastRelease, ...]
    lost: int

    def not_checked(self) -> tuple[str, ...]:
        """What a new release's manifest has to say of those that are lost."""
        return (LOST.format(lost=self.lost),) if self.lost else ()


def told_part(files: Mapping[str, bytes]) -> bytes:
    """What a release told, packed: its manifest and the numbers of its tables."""
    numbers = {name: data for name, data in files.items() if name.startswith("tables/") and name.endswith(".csv")}
    return pack(numbers | {MANIFEST: files[MANIFEST]})


def read_earlier(desk: Desk, project_id: str) -> Earlier:
    """Every release of a project whose tables are counted, whatever became of it: who read it has not forgotten.

    Raises:
        BlobBroken, BrokenFile: what is there is not what was sealed.
    """
    with desk.reading() as session:
        counted = [release.id for release in counted_of(session, project_id)]
    told = []
    for release in counted:
        blob = told_blob(release)
        try:
            files = unpack(desk.blobs.read_blob(blob, desk.blobs.key(blob)))
        except (KeyGone, BlobMissing):
            continue
        told.append(past_release(files[MANIFEST], files, f"release {release}"))
    return Earlier(tuple(told), len(counted) - len(told))
